import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createFetcher, type FetchErrorCode } from '../../../server/cap/http-fetcher.ts'
import { addressCheck } from '../../../server/sources/address-check.ts'

/** A server on the loopback that counts who comes. */
async function serve(t: Test, answer: RequestListener): Promise<{ readonly url: string; readonly hits: () => number; readonly server: Server }> {
  let count = 0
  const server = createServer((request, response) => {
    count += 1
    void answer(request, response)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, hits: () => count, server }
}

const local = createFetcher(addressCheck(true))
const open = { mostBytes: 1000, timeoutMs: 10_000 }

t.test('documents are fetched, and asked for again only when they have changed', async (t) => {
  const seen: unknown[] = []
  const { url } = await serve(t, ({ headers, url: path }, response) => {
    seen.push([path, headers['if-none-match'] ?? null, headers['if-modified-since'] ?? null, headers['accept-encoding'], headers.authorization ?? null])
    if (path === '/there') return response.writeHead(302, { location: '/here' }).end()
    if (headers['if-none-match'] === '"1"') return response.writeHead(304).end()
    return response.writeHead(200, { 'content-type': 'text/xml', etag: '"1"', 'last-modified': 'Thu, 18 Jun 2026 03:00:00 GMT' }).end('<a/>')
  })
  const first = await local.fetch({ url: `${url.replace('//', '//u:p@')}/there`, ...open })
  t.match({ ...first, body: Buffer.from(first.body).toString() }, { status: 200, body: '<a/>', contentType: 'text/xml', etag: '"1"' })
  t.match(await local.fetch({ url: `${url}/here`, ...open, etag: first.etag, lastModified: first.lastModified }), { status: 304 })
  t.same(seen, [['/there', null, null, 'identity', 'Basic dTpw'], ['/here', null, null, 'identity', 'Basic dTpw'], ['/here', '"1"', 'Thu, 18 Jun 2026 03:00:00 GMT', 'identity', null]])
})

t.test('nothing is fetched from inside, whatever names and redirects say', async (t) => {
  const inside = await serve(t, (_request, response) => { response.end('secret') })
  const strict = createFetcher(addressCheck(false))
  const port = new URL(inside.url).port
  for (const host of ['127.0.0.1', 'localhost', '127.1', '0x7f000001', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '10.0.0.1']) {
    await t.rejects(strict.fetch({ url: `http://${host}:${port}/`, ...open }), { code: 'FETCH_ERR_ADDRESS' }, host)
  }
  // Its first address is allowed, as that of a public server would be; where it leads to is not.
  let looks = 0
  const firstOnly = createFetcher((host) => addressCheck(looks++ === 0)(host))
  const outside = await serve(t, (_request, response) => { response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end() })
  await t.rejects(firstOnly.fetch({ url: outside.url, ...open }), { code: 'FETCH_ERR_ADDRESS' })
  t.equal(inside.hits(), 0)
})

t.test('what is too large, too slow, or not what was asked for is given up', async (t) => {
  const { url } = await serve(t, ({ url: path }, response) => {
    if (path === '/announced') response.writeHead(200, { 'content-length': '1001' }).end('x'.repeat(1001))
    else if (path === '/endless') {
      const more = (): void => { if (response.write('x'.repeat(400))) setImmediate(more) }
      response.writeHead(200)
      more()
    } else if (path === '/stuck') response.writeHead(200).write('x')
    else if (path === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')
    else if (path === '/circle') response.writeHead(302, { location: '/circle' }).end()
    else if (path === '/scheme') response.writeHead(302, { location: 'file:///etc/passwd' }).end()
    else if (path !== '/silent') response.writeHead(404).end()
  })
  const fails = async (path: string, code: FetchErrorCode, timeoutMs = 10_000): Promise<void> => { await t.rejects(local.fetch({ url: url + path, mostBytes: 1000, timeoutMs }), { code }, path) }
  await fails('/announced', 'FETCH_ERR_SIZE')
  await fails('/endless', 'FETCH_ERR_SIZE')
  await fails('/stuck', 'FETCH_ERR_TIMEOUT', 150)
  await fails('/silent', 'FETCH_ERR_TIMEOUT', 150)
  await fails('/packed', 'FETCH_ERR_FAILED')
  await fails('/circle', 'FETCH_ERR_REDIRECT')
  await fails('/scheme', 'FETCH_ERR_SCHEME')
  await fails('/gone', 'FETCH_ERR_STATUS')
  await t.rejects(local.fetch({ url: 'ftp://a.example/', ...open }), { code: 'FETCH_ERR_SCHEME' })
  const told = await local.fetch({ url: 'http://user:secret@127.0.0.1:1/?key=hidden', ...open }).then(() => '', (error: unknown) => (error as Error).message)
  t.match(told, /127\.0\.0\.1/)
  t.notMatch(told, /secret|hidden/)
})
