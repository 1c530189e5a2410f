import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, createServer } from 'node:tls'
import t from 'tap'
import { StreamFramer } from '../../../server/phone/sip/stream-framer.ts'
import { offerText, openTestLine, requestText, tagOf } from '../../support/phone-line.ts'
import { makeCertificate } from '../../support/tls-front.ts'
import { waitUntil } from '../../support/wait-until.ts'

t.setTimeout(30_000)

const folder = mkdtempSync(path.join(tmpdir(), 'loa-sip-tls-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
const certificate = makeCertificate(folder, 'pbx')
const pem = certificate.cert.toString()

/** Messages that come on a connection. */
function read(socket: Socket): string[] {
  const framer = new StreamFramer()
  const received: string[] = []
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => { received.push(...framer.push(chunk).messages.map(String)) })
  return received
}

/** A phone's words, on a connection instead of a socket. */
const said = (method: string, words: Parameters<typeof requestText>[2]): string => requestText({ port: 5061 } as never, method, words).replace('SIP/2.0/UDP', 'SIP/2.0/TLS')

async function call(t: { match(found: string, wanted: RegExp): unknown }, socket: Socket, received: string[], callId: string): Promise<void> {
  socket.write(said('INVITE', { callId, sdp: offerText(9) }))
  const ok = await waitUntil('it is answered', () => received.find((text) => /^SIP\/2\.0 200/.test(text) && text.includes(callId)))
  t.match(ok, /Contact: <sip:loa@127\.0\.0\.1:\d+;transport=tls>/)
  socket.write(said('ACK', { callId, toTag: tagOf(ok), branch: `z9hG4bKa${callId}` }) + said('BYE', { callId, seq: 2, toTag: tagOf(ok) }))
  await waitUntil('BYE is answered', () => received.find((text) => /^SIP\/2\.0 200.*CSeq: 2 BYE/s.test(text)))
}

t.test('a phone calls by TLS; a stranger\'s connection is closed unread', async (t) => {
  const { line, calls } = await openTestLine(t, { tls: { port: 0, certificate: pem, key: certificate.key.toString() } })
  const socket = connect({ port: line.tlsPort!, host: '127.0.0.1', ca: pem })
  t.teardown(() => { socket.destroy() })
  await call(t, socket, read(socket), 'tls')
  t.equal(calls[0]!.ended, 'the caller hung up')

  const closed = await openTestLine(t, { allowedPeers: ['192.0.2.1'] })
  const stranger = connectTcp(closed.line.port, '127.0.0.1')
  stranger.on('error', () => undefined)
  await new Promise<void>((resolve) => { stranger.once('close', () => { resolve() }) })
  const garbler = connectTcp(line.port, '127.0.0.1')
  garbler.on('error', () => undefined)
  garbler.write('OPTIONS sip:x SIP/2.0\r\nContent-Length: -5\r\n\r\n')
  await new Promise<void>((resolve) => { garbler.once('close', () => { resolve() }) })
})

t.test('an account by TLS: calls come on its connection; a certificate of nobody is not trusted', async (t) => {
  const sockets: Socket[] = []
  const requests: string[] = []
  const pbx = createServer({ key: certificate.key, cert: certificate.cert }, (socket) => {
    sockets.push(socket)
    const framer = new StreamFramer()
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      for (const message of framer.push(chunk).messages.map(String)) {
        requests.push(message)
        if (message.startsWith('REGISTER')) socket.write(`SIP/2.0 200 OK\r\n${message.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID|CSeq|Contact|Expires):/i.test(line)).join('\r\n')}\r\nContent-Length: 0\r\n\r\n`)
      }
    })
  })
  pbx.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => { pbx.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    pbx.close()
  })
  const { port } = pbx.address() as AddressInfo
  const accounts = [{ uri: 'sip:tram@127.0.0.1', registrar: `sip:127.0.0.1:${String(port)};transport=tls`, outboundProxy: null, credentials: { user: 'tram', password: 'x' }, expiresS: 300 }]
  const trusting = await openTestLine(t, { accounts, allowedPeers: [], trustedCertificates: pem })
  await waitUntil('it is registered', () => trusting.line.report().accounts[0]!.state === 'registered')
  t.match(requests[0], /^REGISTER sip:127\.0\.0\.1:\d+ SIP\/2\.0\r\nVia: SIP\/2\.0\/TLS 127\.0\.0\.1/)
  await call(t, sockets[0]!, requests, 'in')
  sockets[0]!.destroy()
  await waitUntil('the account is down', () => trusting.line.report().accounts[0]!.state === 'unreachable')
  await waitUntil('and comes back by itself', () => trusting.line.report().accounts[0]!.state === 'registered')

  const doubting = await openTestLine(t, { accounts, allowedPeers: [] })
  await waitUntil('it is refused', () => doubting.line.report().accounts[0]!.state === 'unreachable')
  t.match(doubting.line.report().accounts[0], { reason: /self.signed/ })
})
