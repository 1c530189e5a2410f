import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { checkedAddresses, type AddressCheck } from '../../../server/sources/address-check.ts'
import { openEgressProxy } from '../../../server/sources/egress-proxy.ts'
import { openHttpStream, type HttpStream } from '../../../server/sources/http-stream.ts'
import { redactUrls } from '../../../server/sources/source-error.ts'
import { quickPcm } from '../../support/live-sound.ts'
import { assertNoHole, isBridged, relay, relayEngine, Station, waitForTone } from '../../support/station.ts'
import { shortToneRatioDb } from '../../support/tone-ratio.ts'
import { waitUntil } from '../../support/wait-until.ts'

// Real decoders and real time: on a machine with much else to do they take their time.
t.setTimeout(200_000)
t.jobs = 2

t.test('a source that leads inside is refused: literals, names, redirects, playlists', { buffered: true }, async (t) => {
  const inside = await Station.start(t, 700)
  const engine = await relayEngine(t, [relay([inside.url(), inside.url().replace('127.0.0.1', 'localhost'), inside.url().replace('127.0.0.1', '[::ffff:127.0.0.1]'), inside.url().replace('127.0.0.1', '2130706433'), 'rtsp://127.0.0.1:9/x', 'udp://239.1.1.1:5000', 'file:///etc/passwd'])], { LOA_ALLOW_PRIVATE_SOURCES: 'false' })
  await waitUntil('the relay is down', () => engine.status('radio')?.state === 'down', 30_000)
  // The state and the log come on different ways.
  await waitUntil('the last of them is in the log', () => engine.log().includes('file: is not a way to relay'), 30_000)
  t.equal(inside.requests.length, 0, 'nobody came')
  t.equal(engine.log().match(/private address/g)?.length ?? 0, 6)
})

t.test('user, password and query are used and are in no log', { buffered: true }, async (t) => {
  const station = await Station.start(t, 700)
  const engine = await relayEngine(t, [relay([station.url('/stream?token=geheimnis', 'hans:passw0rd@'), station.url('/second?token=geheimnis', 'hans:passw0rd@')])])
  await waitForTone(engine, 700)
  t.equal(station.requests[0]!.headers.authorization, `Basic ${Buffer.from('hans:passw0rd').toString('base64')}`)
  t.equal(station.requests[0]!.url, '/stream?token=geheimnis')
  station.mode = 'refuse'
  await waitUntil('the relay is down', () => engine.status('radio')?.state === 'down', 30_000)
  await waitUntil('the reason is in the log', () => engine.log().includes('404'), 30_000)
  for (const secret of ['hans', 'passw0rd', 'geheimnis']) {
    t.notMatch(engine.log(), secret)
    t.notMatch(JSON.stringify(engine.statuses), secret)
  }
})

/** HLS as stations publish it: a master playlist, a live playlist of three segments, a new one every two seconds. */
async function hlsStation(t: Test, kind: 'ts' | 'aac'): Promise<{ url: string; requests: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'loa-hls-'))
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'aevalsrc=0.5*sin(2*PI*700*t):s=44100:d=60', '-c:a', 'aac', '-b:a', '64k', '-f', 'segment', '-segment_time', '2', '-segment_format', kind === 'ts' ? 'mpegts' : 'adts', join(folder, `s%d.${kind}`)])
  const requests: string[] = []
  const startMs = performance.now()
  const server = createServer((request, response) => {
    requests.push(request.url!)
    if (request.url === '/live.m3u8') {
      response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2"\nmedia.m3u8\n')
    } else if (request.url === '/media.m3u8') {
      const first = Math.floor((performance.now() - startMs) / 2000)
      const segments = [0, 1, 2, 3].map((i) => `#EXTINF:2.0,\ns${String(first + i)}.${kind}\n`).join('')
      response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end(`#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${String(first)}\n${segments}`)
    } else {
      response.writeHead(200, { 'content-type': kind === 'ts' ? 'video/mp2t' : 'audio/aac' }).end(readFileSync(join(folder, request.url!.slice(1))))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  })
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/live.m3u8`, requests }
}

for (const kind of ['ts', 'aac'] as const) {
  t.test(`HLS of .${kind} segments is relayed without a gap from segment to segment`, { buffered: true }, async (t) => {
    const station = await hlsStation(t, kind)
    const engine = await relayEngine(t, [relay([station.url])])
    await waitForTone(engine, 700, 20_000)
    const from = engine.frames.length
    await waitUntil('five seconds more', () => engine.frames.length > from + 250, 30_000)
    t.notOk(engine.frames.slice(from).some(isBridged), 'never silent')
    assertNoHole(t, engine)
    const pieces = Array.from({ length: 5 }, (_, i) => shortToneRatioDb(quickPcm(engine.frames.slice(from + i * 50, from + i * 50 + 50)), 700))
    t.ok(pieces.every((ratio) => ratio > 20), `clean throughout: ${pieces.map((ratio) => ratio.toFixed(0)).join(', ')} dB`)
    t.ok(station.requests.filter((url) => url.endsWith(`.${kind}`)).length >= 3)
  })
}

/** Stands for the DNS: this name may be reached, on the loopback; for every other the real check speaks. */
const onlyStation: AddressCheck = (hostname) => (hostname === 'station.test' ? Promise.resolve([{ address: '127.0.0.1', family: 4 }]) : checkedAddresses(hostname, false))

async function serve(t: Test, handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

t.test('redirects and plain playlists are followed, but not inside, and credentials stay with their host', { buffered: true }, async (t) => {
  const seen: string[] = []
  const port = await serve(t, (request, response) => {
    seen.push(`${request.url!} ${request.headers.authorization ?? '-'}`)
    const own = `http://station.test:${String(port)}`
    switch (request.url) {
      case '/inside': return void response.writeHead(302, { location: `http://127.0.0.1:${String(port)}/stream` }).end()
      case '/metadata': return void response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end()
      case '/file': return void response.writeHead(302, { location: 'file:///etc/passwd' }).end()
      case '/loop': return void response.writeHead(302, { location: '/loop' }).end()
      case '/moved': return void response.writeHead(301, { location: '/list.m3u' }).end()
      case '/list.m3u': return void response.writeHead(200, { 'content-type': 'audio/x-mpegurl' }).end(`#EXTM3U\n#EXTINF:-1,Đài\n${own}/list.pls\n`)
      case '/list.pls': return void response.writeHead(200, { 'content-type': 'audio/x-scpls' }).end(`[playlist]\nNumberOfEntries=1\nFile1=${own}/stream\n`)
      case '/inside.m3u': return void response.writeHead(200, { 'content-type': 'audio/x-mpegurl' }).end('http://10.0.0.1/stream\n')
      case '/stream': return void response.writeHead(200, { 'content-type': 'audio/mpeg', 'icy-metaint': '8' }).end(Buffer.concat([Buffer.from('12345678'), Buffer.of(2), Buffer.from("StreamTitle='It's Đài';\0\0\0\0\0\0\0\0\0\0", 'utf8').subarray(0, 32), Buffer.from('abcdefgh'), Buffer.of(0), Buffer.from('x')]))
      default: return void response.writeHead(500).end()
    }
  })
  const titles: string[] = []
  const open = (path: string): Promise<HttpStream> =>
    openHttpStream(new URL(`http://u:p@station.test:${String(port)}${path}`), { addresses: onlyStation, timeoutMs: 2000, signal: new AbortController().signal, onTitle: (title) => titles.push(title) })

  for (const path of ['/inside', '/metadata', '/inside.m3u']) await t.rejects(open(path), { code: 'SOURCE_ERR_PRIVATE_ADDRESS' }, path)
  await t.rejects(open('/file'), { code: 'SOURCE_ERR_SCHEME' })
  await t.rejects(open('/loop'), { code: 'SOURCE_ERR_HTTP', message: /redirects more than/ })
  await t.rejects(open('/nothing'), { code: 'SOURCE_ERR_HTTP', message: /answers 500/ })
  t.notOk(seen.some((line) => line.startsWith('/stream')))

  const stream = await open('/moved')
  if (stream.kind !== 'sound') throw new Error(stream.kind)
  const body = Buffer.concat(await stream.body.toArray() as Buffer[])
  t.equal(body.toString(), '12345678abcdefghx', 'the metadata is taken out of the sound')
  t.same(titles, ["It's Đài"])
  t.ok(seen.at(-1)!.endsWith(Buffer.from('u:p').toString('base64')), 'the same host is told who asks')
})

t.test('the way out for playlists reaches checked addresses only, and only with its password', { buffered: true }, async (t) => {
  const port = await serve(t, (_request, response) => { response.end('sound') })
  const proxy = await openEgressProxy(onlyStation)
  t.teardown(() => proxy.close())
  const via = new URL(proxy.environment['http_proxy']!)
  const authorization = `Basic ${Buffer.from(`${via.username}:${via.password}`).toString('base64')}`
  const ask = (url: string, headers: Record<string, string>): Promise<number> => new Promise((resolve, reject) => {
    get({ host: via.hostname, port: via.port, path: url, headers }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    }).on('error', reject)
  })
  t.equal(await ask(`http://station.test:${String(port)}/`, {}), 407)
  t.equal(await ask(`http://station.test:${String(port)}/`, { 'proxy-authorization': 'Basic eDp5' }), 407)
  t.equal(await ask(`http://station.test:${String(port)}/`, { 'proxy-authorization': authorization }), 200)
  for (const url of [`http://127.0.0.1:${String(port)}/`, 'http://169.254.169.254/', 'http://[::1]/', 'http://2130706433/', 'file:///etc/passwd']) {
    t.equal(await ask(url, { 'proxy-authorization': authorization }), 403, url)
  }
  const tunnel = (authority: string): Promise<string> => new Promise((resolve, reject) => {
    const socket = connect(Number(via.port), via.hostname)
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: ${authorization}\r\n\r\n`)
    socket.once('data', (data) => {
      resolve(data.toString().slice(9, 12))
      socket.destroy()
    })
    socket.on('error', reject)
  })
  t.equal(await tunnel(`station.test:${String(port)}`), '200')
  t.equal(await tunnel(`127.0.0.1:${String(port)}`), '403')
})

t.test('no URL in a text keeps its user, password or query', { buffered: true }, (t) => {
  for (const [text, expected] of [
    ['http://u:p@host/a?b=c 404', 'http://host/a 404'],
    ['rtsp://user:pa@ss@10.0.0.1:554/x failed', 'rtsp://10.0.0.1:554/x failed'],
    ["'srt://h:1?passphrase=s3' and https://x/y#z", "'srt://h:1' and https://x/y"],
    ['no URL here: a@b?c', 'no URL here: a@b?c'],
  ] as const) t.equal(redactUrls(text), expected)
  t.end()
})
