import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from './problem.ts'

/**
 * Answers for paths and methods without a route: 405 with `Allow` when the path exists under other methods, else 404. Fastify's router only
 * says that nothing fits, so the paths are remembered as they are registered.
 */
export function installNotFound(app: FastifyInstance): (request: FastifyRequest) => ApiError {
  const paths = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const path = paths.get(url) ?? { pattern: new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`), methods: new Set<string>() }
    for (const name of [method].flat()) path.methods.add(name)
    paths.set(url, path)
  })
  return ({ url, method }) => {
    const [path = ''] = url.split('?', 1)
    const methods = [...paths.values()].filter(({ pattern }) => pattern.test(path)).flatMap((found) => [...found.methods])
    if (methods.length === 0) return new ApiError('LOA_ERR_NO_ROUTE', `there is nothing at ${method} ${path}`, `không có gì tại ${method} ${path}`)
    const allow = [...new Set(methods)].sort().join(', ')
    return new ApiError('LOA_ERR_METHOD', `${method} is not allowed here; use ${allow}`, `không dùng được ${method} ở đây; hãy dùng ${allow}`, { headers: { Allow: allow } })
  }
}
