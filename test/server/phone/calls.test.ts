import { createSocket } from 'node:dgram'
import t from 'tap'
import { parseRtpPacket, receiverReport, rtpPacket } from '../../../codec/rtp/index.ts'
import { aLawOf } from '../../../codec/index.ts'
import { answerChallenge, chooseChallenge } from '../../../server/phone/sip/digest.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { offerText, openTestLine, requestText, tagOf, TextPhone, type TestLine, type Words } from '../../support/phone-line.ts'
import { rmsDb } from '../../support/spectrum.ts'
import { shortToneRatioDb } from '../../support/tone-ratio.ts'
import { waitUntil } from '../../support/wait-until.ts'

t.setTimeout(60_000)

type Owner = Parameters<typeof openTestLine>[0]

/** The sound side of a phone. */
async function openEar(t: Owner) {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve) })
  t.teardown(() => { socket.close() })
  const heard: { readonly packet: NonNullable<ReturnType<typeof parseRtpPacket>>; readonly atMs: number }[] = []
  socket.on('message', (bytes) => {
    const packet = parseRtpPacket(bytes)
    if (packet !== undefined) heard.push({ packet, atMs: performance.now() })
  })
  return { socket, heard, port: socket.address().port, say: (bytes: Buffer, port: number): void => { socket.send(bytes, port, '127.0.0.1') } }
}

/** A call up to its ACK. */
async function dial(t: Owner, line: TestLine, phone: TextPhone, words: Words) {
  const from = phone.received.length
  phone.send(requestText(phone, 'INVITE', words))
  const ok = await phone.expect(/^SIP\/2\.0 200.*CSeq: 1 INVITE/s, from)
  phone.send(requestText(phone, 'ACK', { ...words, toTag: tagOf(ok), branch: `z9hG4bKack${words.callId}` }))
  const heard = await waitUntil('the call is up', () => line.calls.find(({ answered }) => answered === ''))
  void t
  return { heard, toTag: tagOf(ok), ok, rtpPort: Number(/m=audio (\d+)/.exec(ok)?.[1]) }
}

const ALAW_TONE = (index: number): Buffer => Buffer.from(Array.from({ length: 160 }, (_, at) => aLawOf(Math.round(8000 * Math.sin((2 * Math.PI * 500 * (index * 160 + at)) / 8000)))))

t.test('keys by events, sound in order, INFO beside events, reports', async (t) => {
  const test = await openTestLine(t)
  const phone = await TextPhone.open(t, test.line.port)
  const ear = await openEar(t)
  const { heard, rtpPort, toTag, ok } = await dial(t, test, phone, { callId: 'keys', sdp: offerText(ear.port) })
  t.match(ok, /Via: SIP\/2\.0\/UDP 127\.0\.0\.1:\d+;branch=z9hG4bKkeysINVITE1;rport=\d+;received=127\.0\.0\.1\r\n/)
  t.match(ok, /a=rtpmap:8 PCMA\/8000\r\na=rtpmap:101 telephone-event\/8000/)
  let sequence = 100
  const say = (payloadType: number, timestamp: number, payload: Buffer, marker = false): void => { ear.say(rtpPacket({ payloadType, marker, sequence: sequence++, timestamp, ssrc: 5 }, payload), rtpPort) }
  for (let index = 0; index < 50; index += 1) say(8, index * 160, ALAW_TONE(index), index === 0)
  // 1, 2, 2 and #; each 5 packets and three ends, some lost.
  let at = 50 * 160
  for (const [press, event] of [1, 2, 2, 11].entries()) {
    for (let part = 0; part < 8; part += 1) {
      const duration = Math.min(part + 1, 6) * 160
      if (part % 4 === press % 4) sequence += 1
      else say(101, at, Buffer.from([event, part >= 5 ? 0x8a : 10, duration >> 8, duration & 255]), part === 0)
    }
    at += 1600
  }
  for (let index = 0; index < 10; index += 1) say(8, at + index * 160, ALAW_TONE(index))
  await waitUntil('all keys', () => heard.digits.length >= 4)
  phone.send(requestText(phone, 'INFO', { callId: 'keys', seq: 2, toTag, headers: ['Content-Type: application/dtmf-relay'] }).replace('Content-Length: 0\r\n\r\n', 'Content-Length: 8\r\n\r\nSignal=9'))
  await phone.expect(/^SIP\/2\.0 200.*CSeq: 2 INFO/s)
  t.same(heard.digits, ['1', '2', '2', '#'], 'INFO tells nothing to one who has events')
  await waitUntil('the sound behind the keys', () => heard.blocks.length >= 90)
  t.ok(shortToneRatioDb(heard.sound.subarray(4800, 43_200), 500) > 30)
  t.ok(rmsDb(heard.sound.subarray(53_000, 80_000)) < -40, 'no sound was lost at the keys: they are pauses')
  await waitUntil('comfort silence', () => ear.heard.length > 10)
  t.ok(ear.heard.every(({ packet }) => packet.payloadType === 8 && packet.payload.length === 160))
  const numbers = ear.heard.map(({ packet }) => packet.sequence)
  t.ok(numbers.every((number, index) => index === 0 || number === (numbers[index - 1]! + 1) % 65_536))
  const stray = await openEar(t)
  stray.say(rtpPacket({ payloadType: 8, marker: false, sequence: 1, timestamp: 0, ssrc: 99 }, ALAW_TONE(0)), rtpPort)
  for (const garbage of [Buffer.alloc(0), Buffer.alloc(11, 0x80), Buffer.alloc(1400, 0xff), Buffer.from([0x9f, 8]), receiverReport(1, [], 'x').subarray(0, 9)]) {
    stray.say(garbage, rtpPort)
    stray.say(garbage, rtpPort + 1)
  }
  phone.send(requestText(phone, 'BYE', { callId: 'keys', seq: 3, toTag }))
  await phone.expect(/^SIP\/2\.0 200.*CSeq: 3 BYE/s)
  t.match(heard, { ended: 'the caller hung up', endedTimes: 1 })
  t.equal(stray.heard.length, 0, 'a stranger on the port gets nothing')
})

t.test('keys by INFO, and as tones where no events are offered', async (t) => {
  const test = await openTestLine(t)
  const phone = await TextPhone.open(t, test.line.port)
  const ear = await openEar(t)
  const { heard, rtpPort, toTag } = await dial(t, test, phone, { callId: 'info', sdp: offerText(ear.port, 'm=audio PORT RTP/AVP 8\r\n') })
  for (let index = 0; index < 20; index += 1) {
    const tones = Buffer.from(Array.from({ length: 160 }, (_, at) => {
      const time = (index * 160 + at) / 8000
      return aLawOf(index < 8 ? Math.round(4000 * (Math.sin(2 * Math.PI * 852 * time) + Math.sin(2 * Math.PI * 1477 * time))) : 0)
    }))
    ear.say(rtpPacket({ payloadType: 8, marker: false, sequence: index, timestamp: index * 160, ssrc: 5 }, tones), rtpPort)
  }
  await waitUntil('a key', () => heard.digits.length > 0)
  t.same(heard.digits, ['9'])
  const info = requestText(phone, 'INFO', { callId: 'other', seq: 2, toTag, headers: ['Content-Type: application/dtmf'] })
  phone.send(info)
  await phone.expect(/^SIP\/2\.0 481/)
  const second = await openTestLine(t)
  const other = await TextPhone.open(t, second.line.port)
  const call = await dial(t, second, other, { callId: 'info2', sdp: offerText(ear.port, 'm=audio PORT RTP/AVP 0\r\n') })
  other.send(requestText(other, 'INFO', { callId: 'info2', seq: 2, toTag: call.toTag, headers: ['Content-Type: application/dtmf-relay'] }).replace('Content-Length: 0\r\n\r\n', 'Content-Length: 24\r\n\r\nSignal=*\r\nDuration=160\r\n'))
  await waitUntil('the key', () => call.heard.digits.length > 0)
  t.same(call.heard.digits, ['*'])
})

t.test('an INVITE without a description: ours is the offer, the ACK brings the answer', async (t) => {
  const test = await openTestLine(t)
  const phone = await TextPhone.open(t, test.line.port)
  const ear = await openEar(t)
  for (const [callId, sdp, end] of [['late', offerText(ear.port, 'm=audio PORT RTP/AVP 0\r\n'), null], ['none', offerText(ear.port, 'm=audio PORT RTP/AVP 18\r\n'), 'no codec is shared']] as const) {
    const from = phone.received.length
    phone.send(requestText(phone, 'INVITE', { callId }))
    const ok = await phone.expect(/^SIP\/2\.0 200/, from)
    t.match(ok, /m=audio \d+ RTP\/AVP 96 8 0 101\r\n/)
    phone.send(requestText(phone, 'ACK', { callId, toTag: tagOf(ok), branch: `z9hG4bKack${callId}`, sdp }))
    const heard = await waitUntil('it is up or has ended', () => test.calls.find(({ call, answered, ended }) => call.remoteAddress !== '' && test.calls.indexOf(test.calls.at(-1)!) === test.calls.findIndex((one) => one.call === call) && (answered !== null || ended !== null)))
    t.equal(heard.ended, end)
    if (end === null) await waitUntil('sound', () => ear.heard.length > 3)
    else {
      const bye = await phone.expect(/^BYE/, from)
      t.match(bye, /^BYE sip:thon@127\.0\.0\.1:\d+ SIP\/2\.0\r\n/)
      phone.send(`SIP/2.0 200 OK\r\n${bye.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/i.test(line)).join('\r\n')}\r\nContent-Length: 0\r\n\r\n`)
    }
  }
  await waitUntil('one call is left', () => test.line.report().calls === 1)
})

t.test('time: never acknowledged, no sound, no sign of life', async (t) => {
  const clock = new FakeClock()
  const test = await openTestLine(t, { mediaTimeoutMs: 20_000 }, { clock })
  const phone = await TextPhone.open(t, test.line.port)
  const answer = (request: string, status = '200 OK'): void => { phone.send(`SIP/2.0 ${status}\r\n${request.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/i.test(line)).join('\r\n')}\r\nContent-Length: 0\r\n\r\n`) }
  phone.send(requestText(phone, 'INVITE', { callId: 'never', sdp: offerText(9) }))
  await phone.expect(/^SIP\/2\.0 200/)
  // Sound comes, so that only the ACK is missing; the answer is sent again meanwhile.
  clock.advance(15_000)
  t.ok(await waitUntil('it is sent again', () => phone.received.filter((text) => text.startsWith('SIP/2.0 200')).length >= 6))
  t.equal(test.line.report().calls, 1)
  clock.advance(17_100)
  t.match(test.calls[0], { endedTimes: 1 })
  const bye = await phone.expect(/^BYE/)
  answer(bye)
  t.match(test.calls[0]!.answered, /Error/)

  const quiet = await dial(t, test, phone, { callId: 'quiet', sdp: offerText(9) })
  clock.advance(19_000)
  t.equal(quiet.heard.ended, null)
  clock.advance(1100)
  t.equal(quiet.heard.ended, 'no sound came any more')
  answer(await phone.expect(/^BYE.*Call-ID: quiet/s))

  const held = await (async () => {
    const from = phone.received.length
    phone.send(requestText(phone, 'INVITE', { callId: 'held', headers: ['Allow: INVITE, ACK, BYE, UPDATE', 'Supported: timer', 'Session-Expires: 200;refresher=uas'], sdp: `${offerText(9)}a=sendonly\r\n` }))
    const ok = await phone.expect(/^SIP\/2\.0 200/, from)
    t.match(ok, /Session-Expires: 200;refresher=uas/i)
    phone.send(requestText(phone, 'ACK', { callId: 'held', toTag: tagOf(ok), branch: 'z9hG4bKackheld' }))
    return waitUntil('it is up', () => test.calls.find((one) => one.answered === '' && one.ended === null))
  })()
  t.same(held.holds, [true])
  await clock.advanceAsync(99_000)
  t.equal(held.ended, null, 'held calls need no sound')
  await clock.advanceAsync(1100)
  const update = await phone.expect(/^UPDATE/)
  t.match(update, /Session-Expires: 200;refresher=uac/i)
  answer(update)
  await new Promise((resolve) => { setTimeout(resolve, 100) })
  await clock.advanceAsync(100_000)
  const again = await waitUntil('asked again', () => phone.received.filter((text) => text.startsWith('UPDATE'))[1])
  answer(again, '481 Gone')
  await waitUntil('it ends', () => held.ended)
  t.equal(held.ended, 'the caller gave no sign of life')
  answer(await phone.expect(/^BYE.*Call-ID: held/s))
  await waitUntil('nothing is left', () => test.line.report().calls === 0)
})

t.test('a caller that gives the signs of life itself, and stops', async (t) => {
  const clock = new FakeClock()
  const test = await openTestLine(t, { mediaTimeoutMs: 1e9 }, { clock })
  const phone = await TextPhone.open(t, test.line.port)
  const words = { callId: 'life', headers: ['Supported: timer', 'Session-Expires: 120;refresher=uac'], sdp: offerText(9) }
  const { heard, toTag, ok } = await dial(t, test, phone, words)
  t.match(ok, /Require: timer/i)
  for (const seq of [2, 3]) {
    clock.advance(80_000)
    t.equal(heard.ended, null)
    phone.send(requestText(phone, 'UPDATE', { callId: 'life', seq, toTag, headers: words.headers }))
    await phone.expect(new RegExp(`^SIP/2\\.0 200.*CSeq: ${String(seq)} UPDATE`, 's'))
  }
  clock.advance(87_000)
  t.equal(heard.ended, null)
  clock.advance(2000)
  t.equal(heard.ended, 'the caller gave no sign of life')
  phone.send(requestText(phone, 'INVITE', { callId: 'short', headers: ['Supported: timer', 'Session-Expires: 60'], sdp: offerText(9) }))
  t.match(await phone.expect(/^SIP\/2\.0 422/), /Min-SE: 90/i)
})

t.test('who may call: busy, unwanted, strangers, proof', async (t) => {
  const full = await openTestLine(t, { maxCalls: 1 })
  const phone = await TextPhone.open(t, full.line.port)
  await dial(t, full, phone, { callId: 'first', sdp: offerText(9) })
  phone.send(requestText(phone, 'INVITE', { callId: 'second', sdp: offerText(9) }))
  await phone.expect(/^SIP\/2\.0 486/)
  t.equal(full.line.report().refusedTotal, 1)

  const unwanted = await openTestLine(t, {}, { onCall: () => false })
  const caller = await TextPhone.open(t, unwanted.line.port)
  caller.send(requestText(caller, 'INVITE', { callId: 'x', sdp: offerText(9) }))
  await caller.expect(/^SIP\/2\.0 486/)

  const closed = await openTestLine(t, { allowedPeers: ['192.0.2.0/24'], strangers: 'refuse' })
  const stranger = await TextPhone.open(t, closed.line.port)
  stranger.send(requestText(stranger, 'INVITE', { callId: 'x', sdp: offerText(9) }))
  await stranger.expect(/^SIP\/2\.0 403/)
  for (let index = 0; index < 200; index += 1) stranger.send(requestText(stranger, 'OPTIONS', { callId: `s${String(index)}` }))
  await waitUntil('all have come', () => closed.line.report().refusedTotal >= 190)
  t.ok(stranger.received.length < 15, `${String(stranger.received.length)} answers to 200 questions of a stranger`)

  const silent = await openTestLine(t, { allowedPeers: [] })
  const unheard = await TextPhone.open(t, silent.line.port)
  unheard.send(requestText(unheard, 'INVITE', { callId: 'x', sdp: offerText(9) }))
  await waitUntil('it was counted', () => silent.line.report().refusedTotal === 1)
  t.equal(unheard.received.length, 0)
  t.equal(silent.calls.length, 0)

  const guarded = await openTestLine(t, { callers: [{ user: 'ubnd', password: 'mat-khau' }] })
  const proven = await TextPhone.open(t, guarded.line.port)
  proven.send(requestText(proven, 'INVITE', { callId: 'p', sdp: offerText(9) }))
  const asked = await proven.expect(/^SIP\/2\.0 401/)
  const challenges = [...asked.matchAll(/^WWW-Authenticate: (.*)\r$/gim)].map((match) => match[1]!)
  t.equal(challenges.length, 2)
  for (const [seq, password, expected] of [[2, 'sai', /^SIP\/2\.0 401.*CSeq: 2 /s], [3, 'mat-khau', /^SIP\/2\.0 200.*CSeq: 3 /s]] as const) {
    const proof = answerChallenge(chooseChallenge(challenges)!, { user: 'ubnd', password }, 'INVITE', 'sip:100@127.0.0.1', 1)
    proven.send(requestText(proven, 'INVITE', { callId: 'p', seq, headers: [`Authorization: ${proof}`], sdp: offerText(9) }))
    await proven.expect(expected)
  }
  await t.rejects(openTestLine(t, { allowedPeers: ['loa.vn'] }), RangeError)
})

t.test('we hang up: before the answer, before the ACK, after it; only once', async (t) => {
  const test = await openTestLine(t, {}, { onCall: () => true })
  const phone = await TextPhone.open(t, test.line.port)
  phone.send(requestText(phone, 'INVITE', { callId: 'a', sdp: offerText(9) }))
  await phone.expect(/^SIP\/2\.0 180/)
  test.calls[0]!.call.hangUp()
  test.calls[0]!.call.hangUp()
  await phone.expect(/^SIP\/2\.0 603/)
  phone.send(requestText(phone, 'ACK', { callId: 'a', branch: 'z9hG4bKaINVITE1' }))
  t.match(test.calls[0], { ended: 'hung up by us', endedTimes: 1 })

  phone.send(requestText(phone, 'INVITE', { callId: 'b', sdp: offerText(9) }))
  const second = await test.call(1)
  const answering = second.call.answer()
  const ok = await phone.expect(/^SIP\/2\.0 200.*Call-ID: b/s)
  second.call.hangUp()
  await t.rejects(answering, { code: 'PHONE_ERR_GONE' })
  t.notOk(phone.received.some((text) => text.startsWith('BYE')), 'BYE waits for the ACK')
  phone.send(requestText(phone, 'ACK', { callId: 'b', toTag: tagOf(ok), branch: 'z9hG4bKackb' }))
  await phone.expect(/^BYE.*Call-ID: b/s)
  t.equal(await second.call.play(new Float32Array(960)), false)
  t.equal(second.endedTimes, 1)
})

t.test('nobody answers; all over IPv6', async (t) => {
  const clock = new FakeClock()
  const test = await openTestLine(t, {}, { clock, onCall: () => true })
  const phone = await TextPhone.open(t, test.line.port)
  phone.send(requestText(phone, 'INVITE', { callId: 'ring', sdp: offerText(9) }))
  await phone.expect(/^SIP\/2\.0 180/)
  clock.advance(179_000)
  t.equal(test.calls[0]!.ended, null)
  clock.advance(1100)
  await phone.expect(/^SIP\/2\.0 480/)
  t.match(test.calls[0], { ended: 'nobody answered', endedTimes: 1 })

  const six = await openTestLine(t, { listen: { address: '::1', port: 0 }, allowedPeers: ['::1/128'] })
  const socket = createSocket('udp6')
  t.teardown(() => { socket.close() })
  const texts: string[] = []
  const packets: Buffer[] = []
  socket.on('message', (bytes) => { if (bytes[0] === 0x80) packets.push(bytes); else texts.push(bytes.toString()) })
  await new Promise<void>((resolve) => { socket.bind(0, '::1', resolve) })
  const { port } = socket.address()
  const say = (method: string, words: Words): void => { socket.send(requestText({ port } as TextPhone, method, words).replaceAll('127.0.0.1', '[::1]').replaceAll('IN IP4 [::1]', 'IN IP6 ::1').replace(/(?<=Content-Length: )\d+/, (length) => String(length === '0' ? 0 : words.sdp!.replaceAll('IP4 127.0.0.1', 'IP6 ::1').length)), six.line.port, '::1') }
  say('INVITE', { callId: 'six', sdp: offerText(port) })
  const ok = await waitUntil('it is answered', () => texts.find((text) => text.startsWith('SIP/2.0 200')))
  t.match(ok, /Via: SIP\/2\.0\/UDP \[::1\]:\d+;branch=\S+;rport=\d+;received=::1\r\n.*Contact: <sip:loa@\[::1\]:\d+>.*c=IN IP6 ::1/s)
  say('ACK', { callId: 'six', toTag: tagOf(ok), branch: 'z9hG4bKacksix' })
  await waitUntil('sound comes', () => packets.length > 3)
  six.calls[0]!.call.hangUp()
  await waitUntil('BYE comes', () => texts.find((text) => /^BYE sip:thon@\[::1\]/.test(text)))
})
