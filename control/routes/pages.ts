import { Type } from 'typebox'
import { PUBLIC } from '../access.ts'
import type { ControlApp } from '../context.ts'
import { ApiError, PROBLEMS, type ProblemCode } from '../problem.ts'

const HTML = 'text/html; charset=utf-8'

const page = (title: string, body: string): string => `<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b}code{background:#f2f2f2;padding:.1em .3em}</style>
${body}
</html>
`

/**
 * Pages for people: what this is, and what a problem means. They hold no input, so nothing needs escaping but our own words.
 * @param version for the first page; null where the console is that
 */
export function pageRoutes(app: ControlApp, version: string | null): void {
  if (version !== null) app.get('/', { config: { access: PUBLIC }, schema: { hide: true } }, (_request, reply) => reply.type(HTML).send(page('Loa', `<h1>Loa</h1>
<p lang="vi">Máy chủ phát thanh thời gian thực cho các cụm loa truyền thanh.</p>
<p lang="en">A real-time broadcast server for public-address speakers, version ${version}.</p>
<ul>
<li><a href="/docs/">API</a> (<a href="/openapi.json">OpenAPI 3.1</a>)</li>
<li><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a></li>
</ul>`)))

  app.get('/problems/:code', {
    config: { access: PUBLIC },
    schema: { hide: true, params: Type.Object({ code: Type.String() }) },
  }, (request, reply) => {
    const { code } = request.params
    if (!Object.hasOwn(PROBLEMS, code)) throw new ApiError('LOA_ERR_NO_ROUTE', 'there is no problem of this code', 'không có mã lỗi này')
    const { status, title, titleVi, help, helpVi } = PROBLEMS[code as ProblemCode]
    if (!(request.headers.accept ?? '').includes('text/html')) return reply.send({ code, status, title, titleVi, help, helpVi })
    return reply.type(HTML).send(page(code, `<h1><code>${code}</code> (HTTP ${String(status)})</h1>
<h2 lang="vi">${titleVi}</h2><p lang="vi">${helpVi}</p>
<h2 lang="en">${title}</h2><p lang="en">${help}</p>`))
  })
}
