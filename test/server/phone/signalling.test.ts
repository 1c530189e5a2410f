import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { agree, readDescription, writeAnswer } from '../../../server/phone/media/description.ts'
import { phoneSettings } from '../../../server/phone/configured-line.ts'
import { DEFAULT_PHONE_SETTINGS, type PhoneAccount } from '../../../server/phone/phone-settings.ts'
import { AcceptAgain } from '../../../server/phone/sip/accept-again.ts'
import { Admission } from '../../../server/phone/sip/admission.ts'
import { answerChallenge, CallerProof, chooseChallenge } from '../../../server/phone/sip/digest.ts'
import { readMessage, writeResponse, type SipResponse } from '../../../server/phone/sip/message.ts'
import { Registration } from '../../../server/phone/sip/registration.ts'
import { giveUpMs, refreshMs, sessionHeaders, sessionTerms } from '../../../server/phone/sip/session-timer.ts'
import { readSipUri, resolveHops } from '../../../server/phone/sip/sip-uri.ts'
import { SipStack, type OutgoingRequest } from '../../../server/phone/sip/stack.ts'
import { StreamFramer } from '../../../server/phone/sip/stream-framer.ts'
import { Transports, type Flow } from '../../../server/phone/sip/transports.ts'
import { pino } from 'pino'
import { fc } from '../../support/seed.ts'

const fields = (entries: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> => new Map(Object.entries(entries).map(([name, value]) => [name, [value]]))

t.test('digest as the RFCs have it', (t) => {
  // RFC 7616, 3.9.1.
  const common = 'realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
  const credentials = { user: 'Mufasa', password: 'Circle of Life' }
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ'
  const sha = chooseChallenge([`Digest ${common}, algorithm=MD5`, `Digest ${common}, algorithm=SHA-256`])!
  t.equal(sha.algorithm, 'SHA-256', 'the stronger is chosen')
  t.match(answerChallenge(sha, credentials, 'GET', '/dir/index.html', 1, cnonce), /response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1".*nc=00000001/)
  const md5 = chooseChallenge([`Digest ${common}, algorithm=MD5`])!
  t.match(answerChallenge(md5, credentials, 'GET', '/dir/index.html', 1, cnonce), /response="8ca523f5e9506fed4657c9700eebdbec"/)
  // RFC 2617's, with its own cnonce; and without qop, as old providers.
  t.equal(chooseChallenge(['Basic realm="x"', 'Digest realm="x", nonce="n", algorithm=SHA-512-256']), null)
  t.match(chooseChallenge(['Digest realm="a", nonce="1", algorithm=MD5, Digest realm="a", nonce="2", algorithm=SHA-256']), { nonce: '2' }, 'two in one line')
  t.notMatch(answerChallenge(chooseChallenge(['Digest realm="x",nonce="n"'])!, credentials, 'REGISTER', 'sip:x', 1), /nc=|qop=/)
  t.end()
})

t.test('a caller proves itself once with each nonce and count', (t) => {
  const proof = new CallerProof('loa', [{ user: 'ubnd', password: 'bí mật' }])
  const challenge = (nowMs: number) => chooseChallenge(proof.challenges(nowMs, false))!
  const say = (nowMs: number, password = 'bí mật', count = 1, user = 'ubnd') => answerChallenge(challenge(nowMs), { user, password }, 'INVITE', 'sip:100@loa', count)
  const right = say(1000)
  t.equal(proof.check([right], 'INVITE', 1500), 'proved')
  t.equal(proof.check([right], 'INVITE', 1600), 'stale', 'not a second time')
  t.equal(proof.check([say(1000, 'bí mật', 2)], 'INVITE', 1600), 'proved')
  t.equal(proof.check([say(1000, 'bí mật', 3)], 'INVITE', 70_000), 'stale', 'too old')
  t.equal(proof.check([say(1000, 'sai', 4)], 'INVITE', 1600), 'wrong')
  t.equal(proof.check([say(1000, 'bí mật', 5, 'ai đó')], 'INVITE', 1600), 'wrong')
  t.equal(proof.check([say(1000, 'bí mật', 6)], 'BYE', 1600), 'wrong', 'for another method')
  t.equal(proof.check([], 'INVITE', 1600), 'none')
  t.equal(proof.check([say(1000).replace(/nonce="[^"]+"/, 'nonce="abc"')], 'INVITE', 1600), 'wrong')
  t.equal(new CallerProof('loa', [{ user: 'ubnd', password: 'bí mật' }]).check([say(1000, 'bí mật', 9)], 'INVITE', 1600), 'stale', 'a nonce that is not ours')
  t.end()
})

t.test('session timers', (t) => {
  t.same(sessionTerms(fields({}), 1800), { intervalS: 1800, refresher: 'us', peerKnows: false }, 'who does not know them is asked by us')
  t.same(sessionTerms(fields({ supported: 'timer, 100rel', 'session-expires': '600' }), 1800), { intervalS: 600, refresher: 'them', peerKnows: true })
  t.same(sessionTerms(fields({ supported: 'timer', 'session-expires': '600;refresher=uas' }), 300), { intervalS: 300, refresher: 'us', peerKnows: true }, 'ours is shorter')
  t.same(sessionTerms(fields({ supported: 'timer', 'session-expires': '600', 'min-se': '500' }), 300), { intervalS: 500, refresher: 'them', peerKnows: true })
  t.equal(sessionTerms(fields({ supported: 'timer', 'session-expires': '60' }), 1800), 'too-small')
  t.match(sessionTerms(fields({ 'session-expires': '60' }), 1800), { intervalS: 90 }, 'who could not take a 422 is given the least')
  const terms = { intervalS: 600, refresher: 'them', peerKnows: true } as const
  t.same(sessionHeaders(terms), { 'session-expires': '600;refresher=uac', require: 'timer' })
  t.same([refreshMs(terms), giveUpMs(terms), giveUpMs({ ...terms, intervalS: 90 })], [300_000, 568_000, 60_000])
  t.end()
})

t.test('a 2xx is sent again until it is acknowledged, or for 32 s', (t) => {
  const clock = new FakeClock()
  const sent: number[] = []
  const startMs = clock.monotonicMs()
  let gaveUp = 0
  new AcceptAgain(clock, 1, () => { sent.push(clock.monotonicMs() - startMs) }, () => { gaveUp += 1 })
  clock.advance(60_000)
  t.same(sent, [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
  t.equal(gaveUp, 1)
  t.equal(clock.pendingTimers, 0)
  const other = new AcceptAgain(clock, 2, () => undefined, () => t.fail('it was acknowledged'))
  clock.advance(2000)
  other.stop()
  clock.advance(60_000)
  t.equal(clock.pendingTimers, 0)
  t.end()
})

t.test('an account: registered, refreshed, refused, unreachable, and goodbye', async (t) => {
  const clock = new FakeClock()
  const flow: Flow = { protocol: 'UDP', address: '192.0.2.1', port: 5060, open: true, send: () => undefined, onClose: () => undefined }
  const requests: { readonly atS: number; readonly request: OutgoingRequest }[] = []
  const startMs = clock.monotonicMs()
  let answer: (request: OutgoingRequest) => Partial<SipResponse> | null = () => null
  const account: PhoneAccount = { uri: 'sip:tram@nhamang.vn', registrar: null, outboundProxy: null, credentials: { user: 'tram', password: 'x' }, expiresS: 3600 }
  const registration = new Registration({
    account, clock, logger: pino({ level: 'silent' }), addressIsSet: false,
    link: {
      resolve: async () => [{ protocol: 'UDP', address: '192.0.2.1', port: 5060, name: 'nhamang.vn' }],
      open: async () => flow,
      ownAddress: async () => ({ address: '10.0.0.2', port: 5060 }),
      request: async (request) => {
        requests.push({ atS: (clock.monotonicMs() - startMs) / 1000, request })
        const partial = answer(request)
        return partial === null ? null : { kind: 'response', status: 200, reason: '', fields: new Map(), callId: '', seq: 1, method: 'REGISTER', branch: '', seenAs: { address: null, port: null }, toTag: null, contact: null, body: '', parsed: { headers: {} }, ...partial }
      },
    },
  })
  registration.start()
  await clock.advanceAsync(0)
  t.match(registration.report(), { state: 'unreachable', reason: 'no answer' })
  await clock.advanceAsync(600_000)
  const waits = requests.map(({ atS }, index) => atS - (requests[index - 1]?.atS ?? 0)).slice(1)
  t.ok(waits.every((wait, index) => wait >= 0.8 * Math.min(120, 2 ** (index + 1)) - 0.01 && wait <= 1.2 * Math.min(120, 2 ** (index + 1)) + 0.01), `growing waits: ${waits.map((wait) => wait.toFixed(1)).join(' ')}`)

  // Behind NAT: it goes by the address that the registrar sees.
  answer = () => ({ seenAs: { address: '203.0.113.7', port: 61_000 }, fields: fields({ contact: '<sip:tram@203.0.113.7:61000>;expires=300' }) })
  await clock.advanceAsync(150_000)
  t.equal(registration.report().state, 'registered')
  t.ok(registration.isAt('192.0.2.1'))
  t.notOk(registration.isAt('192.0.2.9'))
  t.equal(requests.at(-1)!.request.headers['contact'], '<sip:tram@203.0.113.7:61000>')
  const count = requests.length
  await clock.advanceAsync(241_000)
  t.equal(requests.length, count + 1, 'refreshed at four fifths of what was granted')
  t.ok(requests.every(({ request }, index) => index === 0 || request.seq > requests[index - 1]!.request.seq))

  answer = () => ({ status: 423, fields: fields({ 'min-expires': '7200' }) })
  requests.length = 0
  await clock.advanceAsync(241_000)
  t.same(requests.slice(0, 2).map(({ request }) => request.headers['expires']), ['3600', '7200'], '423: as long as it wants, once')

  answer = () => ({ status: 403, reason: 'Forbidden' })
  await clock.advanceAsync(200_000)
  t.match(registration.report(), { state: 'refused', reason: '403 Forbidden' })
  requests.length = 0
  await clock.advanceAsync(3_600_000)
  t.ok(requests.length < 8, `${String(requests.length)} tries in an hour with a password that is refused`)

  answer = () => ({})
  await clock.advanceAsync(2_400_000)
  t.equal(registration.report().state, 'registered')
  requests.length = 0
  await registration.close()
  t.same(requests.map(({ request }) => request.headers['expires']), ['0'])
  t.throws(() => new Registration({ account: { ...account, uri: 'tram' }, clock, logger: pino({ level: 'silent' }), addressIsSet: true, link: undefined as never }), RangeError)
})

t.test('addresses', async (t) => {
  t.same(readSipUri('sip:100@[2001:db8::1]:5070;transport=TCP'), { user: '100', host: '2001:db8::1', port: 5070, protocol: 'TCP' })
  t.same(readSipUri('sips:pbx.xa.vn'), { user: '', host: 'pbx.xa.vn', port: null, protocol: 'TLS' })
  t.same([readSipUri('sip:a@b:99999'), readSipUri('http://x'), readSipUri('sip:a@b;transport=sctp'), readSipUri('sip: a')], [null, null, null, null])
  t.same(await resolveHops(readSipUri('sip:192.0.2.1;transport=tls')!), [{ protocol: 'TLS', address: '192.0.2.1', port: 5061, name: '192.0.2.1' }])
  t.ok((await resolveHops(readSipUri('sip:localhost:5999')!)).some(({ port }) => port === 5999), 'names of the machine count')
})

t.test('each address has its measure, and calls in progress one of their own', (t) => {
  const admission = new Admission({ messagesPerSecond: 100, refusalsPerSecond: 5 }, 0)
  const bytes = (callId: string): Buffer => Buffer.from(`INVITE sip:x SIP/2.0\r\nVia: y\r\ni: ${callId}\r\n\r\n`)
  admission.openCall('going', 0)
  let flood = 0
  let call = 0
  let beside = 0
  for (let ms = 0; ms < 10_000; ms += 1) {
    if (admission.admit(bytes(`f${String(ms)}`), '10.0.0.1', 'peer', ms)) flood += 1
    if (ms % 200 === 0 && admission.admit(bytes('going'), '10.0.0.1', 'peer', ms)) call += 1
    if (ms % 20 === 0 && admission.admit(bytes('other'), '10.0.0.2', 'trunk', ms)) beside += 1
  }
  t.ok(flood <= 1200 && flood >= 1100, `${String(flood)} of 10 000 in 10 s`)
  t.equal(call, 50, 'all of the call')
  t.equal(beside, 500, 'all of another address')
  let strangers = 0
  for (let ms = 10_000; ms < 20_000; ms += 1) if (admission.admit(bytes('s'), `203.0.113.${String(ms % 250)}`, 'stranger', ms)) strangers += 1
  t.ok(strangers <= 56, `${String(strangers)} refusals in 10 s`)
  t.equal(new Admission({ messagesPerSecond: 1, refusalsPerSecond: 0 }, 0).admit(bytes('s'), '192.0.2.1', 'stranger', 0), false, 'or none')
  t.end()
})

const MESSAGE = (body: string): string => `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nTo: <sip:a@b>\r\nFrom: <sip:c@d>;tag=1\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nl: ${String(body.length)}\r\n\r\n${body}`

t.test('a stream is cut into the same messages however it comes', (t) => {
  fc.assert(fc.property(fc.array(fc.string({ maxLength: 30 }).map((text) => text.replace(/[^\x20-\x7e]/g, '')), { minLength: 1, maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40 }), (bodies, cuts) => {
    const bytes = Buffer.from(bodies.map(MESSAGE).join('\r\n\r\n'))
    const framer = new StreamFramer()
    const got: string[] = []
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const size = cuts[turn % cuts.length]!
      got.push(...framer.push(bytes.subarray(at, at + size)).messages.map(String))
      at += size
    }
    t.same(got, bodies.map(MESSAGE))
  }))
  for (const bad of ['OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n', 'X\r\nContent-Length: -1\r\n\r\n', 'X\r\nContent-Length: 1\r\nl: 2\r\n\r\n', 'X\r\nContent-Length: 99999999\r\n\r\n', 'a'.repeat(9000)]) {
    t.throws(() => new StreamFramer().push(Buffer.from(bad)), { message: /head of a message|Content-Length/ }, bad.slice(0, 40))
  }
  t.equal(new StreamFramer().push(Buffer.from('\r\n\r\n')).pings, 1)
  t.end()
})

t.test('no text breaks the reader, and what is broken takes no time', (t) => {
  const good = MESSAGE('x')
  fc.assert(fc.property(fc.array(fc.record({ at: fc.nat(good.length), length: fc.nat(20), with: fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('\r\n', ' '.repeat(500), '"', '<', '>', ';', ',', '%00', 'a '.repeat(300), '\u0000', ';a=b'.repeat(100))) }), { maxLength: 6 }), (edits) => {
    let text = good
    for (const { at, length, with: put } of edits) text = text.slice(0, at) + put + text.slice(at + length)
    const began = performance.now()
    t.ok(['request', 'response', 'wrong', 'junk'].includes(readMessage(Buffer.from(text, 'latin1')).kind))
    t.ok(performance.now() - began < 250)
  }))
  // What the package's expressions would go back over for long.
  for (const hard of [`To: ${'a '.repeat(4000)}`, `To: ${' '.repeat(8000)}x`, `To: "${'\\a'.repeat(3000)}`, `Contact: ${'<'.repeat(4000)}`, `Via: SIP/2.0/UDP ${'x '.repeat(3000)}`, `To: ${';a'.repeat(3000)}`]) {
    const began = performance.now()
    readMessage(Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\n${hard}\r\nVia: SIP/2.0/UDP h;branch=z\r\nFrom: <sip:c@d>;tag=1\r\nTo: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n`))
    t.ok(performance.now() - began < 250, hard.slice(0, 20))
  }
  // And ours, in the answer to what is wrong: twenty, so that it counts.
  const began = performance.now()
  for (let count = 0; count < 20; count += 1) {
    const read = readMessage(Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z\r\nFrom: <sip:c@d>;tag=1\r\nTo: ${'<'.repeat(7900)}\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n`))
    if (read.kind === 'wrong') writeResponse(read, { status: 400, reason: 'Bad', tag: 't', from: { address: '192.0.2.1', port: 5060 }, headers: {}, body: '' })
    else t.fail(read.kind)
  }
  t.ok(performance.now() - began < 250, 'a row of brackets')
  t.end()
})

t.test('a datagram from port 0, as only a forger sends it, brings nobody down', async (t) => {
  const transports = await Transports.open({ address: '127.0.0.1', port: 0, tls: null, trustedCertificates: null, mayConnect: () => false, onMessage: () => undefined })
  t.teardown(() => transports.close())
  const flow = transports.udpFlow('127.0.0.1', 0)
  t.doesNotThrow(() => { flow.send(Buffer.from('SIP/2.0 403 Forbidden')) })
})

t.test('what cannot be answered to a stranger brings nobody down', (t) => {
  let refused = 0
  const stack = new SipStack(new FakeClock(), pino({ level: 'silent' }), { onRequest: () => undefined, onAck: () => undefined, onRefused: () => { refused += 1 } })
  const broken: Flow = { protocol: 'UDP', address: '192.0.2.1', port: 5060, open: true, send: () => { throw new Error('no way there') }, onClose: () => undefined }
  stack.refuse(Buffer.from(MESSAGE('x'), 'latin1'), broken, 403, 'Forbidden')
  t.equal(refused, 1)
  stack.close()
  t.end()
})

const OFFER = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', 'm=audio 4000 RTP/AVP 0 8 96 101', 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:101 telephone-event/8000', 'a=sendrecv', '']
const LOCAL = { sessionId: 1, version: 1, address: '198.51.100.1', port: 20_000, keyAndSalt: Buffer.alloc(30, 7) }
const WANTED = DEFAULT_PHONE_SETTINGS.codecs

t.test('descriptions: what is agreed, what is answered', (t) => {
  const offer = (...edit: readonly (readonly [RegExp, string])[]): string => edit.reduce((text, [what, put]) => text.replace(what, put), OFFER.join('\r\n'))
  const read = readDescription(offer())!
  const agreed = agree(read, WANTED)!
  t.match(agreed, { codec: 'opus', payloadType: 96, eventPayloadType: 101, remote: { address: '192.0.2.1', port: 4000 }, held: false, crypto: null })
  t.match(agree(read, ['pcma', 'pcmu']), { codec: 'pcma', payloadType: 8 })
  t.equal(agree(readDescription(offer([/0 8 96/, '0 8']))!, ['opus']), null)
  const answer = writeAnswer(LOCAL, read, agreed)
  t.match(answer, /^v=0\r\n.*m=audio 20000 RTP\/AVP 96 101\r\n.*a=sendrecv\r\n$/s)
  t.notMatch(answer, /crypto/)
  t.match(agree(readDescription(answer)!, WANTED), { codec: 'opus', payloadType: 96, eventPayloadType: 101 }, 'what we write we can read')
  for (const [direction, held, back] of [['sendonly', true, 'recvonly'], ['inactive', true, 'inactive'], ['recvonly', false, 'sendonly']] as const) {
    const other = readDescription(offer([/sendrecv/, direction]))!
    t.equal(agree(other, WANTED)!.held, held)
    t.match(writeAnswer(LOCAL, other, agree(other, WANTED)!), new RegExp(`a=${back}`))
  }
  t.match(agree(readDescription(offer([/c=IN IP4 \S+/, 'c=IN IP4 0.0.0.0']))!, WANTED), { held: true, remote: null })
  t.equal(readDescription(offer([/c=IN IP4 \S+/, 'c=IN IP4 224.1.1.1'])), null, 'no multicast: we are nobody\'s amplifier')
  t.equal(readDescription(offer([/m=audio 4000/, 'm=audio 0'])), null)
  t.equal(readDescription(offer([/m=audio/, 'm=image'])), null)
  const key = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj'
  const secure = offer([/RTP\/AVP/, 'RTP/SAVP'], [/a=sendrecv/, `a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:${key}\r\na=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:${key}|1:4\r\na=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:${key}|2^20`])
  const secured = agree(readDescription(secure)!, WANTED)!
  t.match(secured.crypto, { tag: 3, suite: 'AES_CM_128_HMAC_SHA1_32' }, 'what we cannot do is passed over')
  t.match(writeAnswer(LOCAL, readDescription(secure)!, secured), /m=audio 20000 RTP\/SAVP .*a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:/s)
  t.equal(readDescription(offer([/RTP\/AVP/, 'RTP/SAVP'])), null, 'encryption without a key')
  const two = readDescription(`${offer([/m=audio/, 'm=video'])}m=audio 5000 RTP/AVP 8\r\n`)!
  t.match(writeAnswer(LOCAL, two, agree(two, WANTED)!), /m=video 0 RTP\/AVP 0 8 96 101\r\nm=audio 20000 RTP\/AVP 8\r\n/, 'a line for each line')
  t.end()
})

t.test('no description breaks its reader', (t) => {
  const lines = fc.constantFrom(...OFFER, 'm=audio 1 RTP/AVP', 'm=audio 99999 RTP/AVP 300 -1 x', 'a=crypto:x y z', 'a=rtpmap:0 /', 'c=IN IP6 ::1', 'a=rtcp:x', 'm=', 'a=fmtp:96 __proto__=1', 'a=ssrc:1 cname:__proto__')
  fc.assert(fc.property(fc.array(fc.oneof(lines, fc.string())), (all) => {
    const read = readDescription(['v=0', ...all].join('\r\n'))
    if (read === null) return
    const agreed = agree(read, WANTED)
    if (agreed !== null) t.ok(readDescription(writeAnswer(LOCAL, read, agreed)) !== null, 'and what is agreed can be answered')
  }))
  t.end()
})


t.test('a slip in the file of accounts tells no password', (t) => {
  const file = join(t.testdir({ 'accounts.json': '{ "accounts": [{ "uri": "sip:a@b", "user": "a", "password": sesame }] }' }), 'accounts.json')
  chmodSync(file, 0o600)
  const config = { sipListen: '5060', sipTlsPort: 0, sipCertificateFile: '', sipKeyFile: '', sipTrustedFile: '', sipPublicAddress: '', sipAllowedPeers: '', sipStrangers: 'ignore' as never, sipRtpPorts: '20000-20199', sipMaxCalls: 50 }
  t.throws(() => phoneSettings({ ...config, sipAccountsFile: file }), { message: /accounts\.json is no JSON$/ })
  t.end()
})
