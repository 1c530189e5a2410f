import t from 'tap'
import { MAX_HEAD_BYTES, presentedKey, readRequestHead, targetUrl, type RequestHead } from '../../../server/sinks/request-head.ts'
import { chunkLengths, cut, garbage, runs } from '../../support/chunks.ts'
import { fc } from '../../support/seed.ts'

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

function headOf(text: string): RequestHead {
  const result = readRequestHead(latin1(text))
  if (result.kind !== 'head') throw new Error(`${JSON.stringify(text)} was read as ${JSON.stringify(result)}`)
  return result.head
}

function refusal(text: string): number | string {
  const result = readRequestHead(latin1(text))
  return result.kind === 'bad' ? result.status : result.kind
}

/** What a server does: looks at all that has come so far each time more comes. */
function readInChunks(chunks: readonly Buffer[]): { result: ReturnType<typeof readRequestHead>; readBytes: number } {
  let received = Buffer.alloc(0)
  for (const chunk of chunks) {
    received = Buffer.concat([received, chunk])
    const result = readRequestHead(received)
    if (result.kind !== 'incomplete') return { result, readBytes: received.length }
  }
  return { result: { kind: 'incomplete' }, readBytes: received.length }
}

/** Maps and queries as plain values, for comparing. */
function plain(result: ReturnType<typeof readRequestHead>): unknown {
  if (result.kind !== 'head') return result
  const { headers, query, ...rest } = result.head
  return { ...rest, headers: [...headers], query: [...query] }
}

t.test('a request head', async (t) => {
  const head = headOf('GET /listen/c%C3%B4%20m.mp3?key=a%2Fb&key=c&burstMs=0 HTTP/1.1\r\nHost: loa\r\nIcy-MetaData:1\r\nX-A:  b \r\nx-a: c\r\n\r\nrest')
  t.equal(head.method, 'GET')
  t.equal(head.path, '/listen/cô m.mp3')
  t.equal(head.query.get('key'), 'a/b')
  t.equal(head.query.get('burstMs'), '0')
  t.equal(head.protocol, 'HTTP/1.1')
  t.equal(head.headers.get('icy-metadata'), '1')
  t.equal(head.headers.get('x-a'), 'c', 'the last of equal names wins')
  t.equal(head.headBytes, latin1('GET /listen/c%C3%B4%20m.mp3?key=a%2Fb&key=c&burstMs=0 HTTP/1.1\r\nHost: loa\r\nIcy-MetaData:1\r\nX-A:  b \r\nx-a: c\r\n\r\n').length)
  t.equal(headOf('SOURCE /studio ICE/1.0\r\n\r\n').protocol, 'ICE/1.0')
  t.equal(headOf('GET / HTTP/1.0\r\n\r\n').headers.size, 0)
})

t.test('what is refused, and as what', async (t) => {
  for (const [text, status] of [
    ['get / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\n', 'incomplete'],
    ['GET', 'incomplete'],
    ['', 'incomplete'],
    ['\r\n', 400],
    ['\x16\x03\x01', 400],
    ['GET  / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.1 \r\n\r\n', 400],
    ['GET /a b HTTP/1.1\r\n\r\n', 400],
    ['GET http://loa/ HTTP/1.1\r\n\r\n', 400],
    ['OPTIONS * HTTP/1.1\r\n\r\n', 400],
    ['GET /\r\n\r\n', 400],
    ['G(T / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/2.0\r\n\r\n', 505],
    ['GET / http/1.1\r\n\r\n', 505],
    ['GET /%E0%A4%A HTTP/1.1\r\n\r\n', 400],
    ['GET /%FF HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nno colon\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\n: no name\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nname : v\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nA: b\nUpgrade: websocket\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nA: b\rc\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nA: \0\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(100)}\r\n`, 'head'],
    [`GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(101)}\r\n`, 431],
    [`GET /${'a'.repeat(MAX_HEAD_BYTES)} HTTP/1.1\r\n\r\n`, 431],
    [`GET /${'a'.repeat(MAX_HEAD_BYTES)}`, 431],
  ] as const) {
    t.equal(refusal(text), status, JSON.stringify(text.slice(0, 60)))
  }
})

t.test('the key, wherever it stands', async (t) => {
  const key = (target: string, fields = ''): string | null => presentedKey(headOf(`GET ${target} HTTP/1.1\r\n${fields}\r\n`))
  const basic = (text: string): string => `Authorization: Basic ${Buffer.from(text).toString('base64')}\r\n`
  t.equal(key('/'), null)
  t.equal(key('/?key=a'), 'a')
  t.equal(key('/?key='), '')
  t.equal(key('/', 'X-Loa-Key: b\r\n'), 'b')
  t.equal(key('/', 'Authorization: Bearer c\r\n'), 'c')
  t.equal(key('/', 'authorization: bEARER c\r\n'), 'c')
  t.equal(key('/', basic('source:d:e')), 'd:e', 'a password may hold a colon')
  t.equal(key('/', basic('no colon')), null)
  t.equal(key('/', 'Authorization: Basic\r\n'), null)
  t.equal(key('/', 'Authorization: Digest c\r\n'), null)
  t.equal(key('/', 'Authorization:\r\n'), null)
})

t.test('targets as URLs', async (t) => {
  t.equal(targetUrl('/admin/metadata?mount=/a')?.pathname, '/admin/metadata')
  t.equal(targetUrl('/admin/metadata?mount=/a')?.searchParams.get('mount'), '/a')
  t.equal(targetUrl('//')?.pathname, '//')
  t.equal(targetUrl('//[')?.pathname, '//[')
  for (const target of [undefined, '', '*', 'http://a/b', 'x']) t.equal(targetUrl(target), null)
  fc.assert(fc.property(fc.string(), (text) => {
    targetUrl(text)
    targetUrl(`/${text}`)
  }), runs(2000))
})

const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,12}$/)
const fieldValue = fc.stringMatching(/^[\x20-\x7e\x80-\xff\t]{0,40}$/)
const request = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'PUT', 'SOURCE', 'POST'),
  path: fc.webPath().map((path) => `/${path.replace(/^\//, '')}`).filter((path) => !/[?\s]/.test(path)),
  fields: fc.array(fc.tuple(token, fieldValue), { maxLength: 20 }),
  rest: garbage,
})

t.test('any request is read the same in any chunks, and no further than its blank line', async () => {
  fc.assert(fc.property(request, chunkLengths, ({ method, path, fields, rest }, lengths) => {
    const head = latin1(`${method} ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
    const whole = readRequestHead(Buffer.concat([head, rest]))
    const { result } = readInChunks(cut(Buffer.concat([head, rest]), lengths))
    if (JSON.stringify(plain(result)) !== JSON.stringify(plain(whole))) throw new Error(`${JSON.stringify(plain(result))} is not ${JSON.stringify(plain(whole))}`)
    if (whole.kind === 'incomplete') throw new Error('a whole head was not recognised')
    if (whole.kind === 'head') {
      if (whole.head.headBytes !== head.length) throw new Error(`${String(whole.head.headBytes)} bytes of ${String(head.length)}`)
      for (const [name, value] of fields) if (!whole.head.headers.has(name.toLowerCase())) throw new Error(`${name}: ${value} is lost`)
    }
  }), runs(500))
})

t.test('whatever comes, it never throws, and decides within the bound', async () => {
  const start = fc.constantFrom('', 'GET ', 'GET / HTTP/1.1\r\n', 'SOURCE /a ICE/1.0\r\nA:', 'GET /% HTTP/1.1\r\n')
  fc.assert(fc.property(start, fc.array(fc.oneof(garbage, fc.constant(latin1('\r\n')), fc.constant(latin1('\r\n\r\n')), fc.constant(latin1('A: b\r\n'))), { maxLength: 20 }), chunkLengths, (first, pieces, lengths) => {
    const bytes = Buffer.concat([latin1(first), ...pieces])
    const { result, readBytes } = readInChunks(cut(bytes, lengths))
    if (result.kind === 'incomplete' && readBytes > MAX_HEAD_BYTES + 4) throw new Error(`still undecided after ${String(readBytes)} bytes`)
    if (result.kind === 'head') presentedKey(result.head)
  }), runs(1000))
})
