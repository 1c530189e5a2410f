import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import t from 'tap'
import { aLawOf, Interpolator, muLawOf, sampleOfALaw, sampleOfMuLaw } from '../../../codec/index.ts'
import { receiverReport, rtpPacket } from '../../../codec/rtp/index.ts'
import { CallMedia } from '../../../server/phone/media/call-media.ts'
import { Latch } from '../../../server/phone/media/latch.ts'
import { MediaClock } from '../../../server/phone/media/media-clock.ts'
import { packetIndex, sessionKey, SrtpContext } from '../../../server/phone/media/srtp.ts'
import { keyOfInfo, TelephoneEvents } from '../../../server/phone/media/telephone-events.ts'
import { ToneKeys } from '../../../server/phone/media/tone-keys.ts'
import { createVoiceDecoder, createVoiceEncoder } from '../../../server/phone/media/voice-codec.ts'
import { VoiceReceiver } from '../../../server/phone/media/voice-receiver.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { seededRandom } from '../../support/link-emulator-random.ts'
import { fc } from '../../support/seed.ts'
import { speech } from '../../support/sound.ts'
import { rmsDb } from '../../support/spectrum.ts'
import { shortToneRatioDb } from '../../support/tone-ratio.ts'

const tone = (hz: number, samples: number, rateHz = 48_000, level = 0.3): Float32Array => Float32Array.from({ length: samples }, (_, index) => level * Math.sin((2 * Math.PI * hz * index) / rateHz))

t.test('A-law is what ffmpeg makes of the same samples, both ways', (t) => {
  const samples = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768)
  const run = (args: readonly string[], input: Buffer): Buffer => spawnSync('ffmpeg', ['-v', 'error', ...args, 'pipe:1'], { input, maxBuffer: 1 << 24 }).stdout
  const codes = run(['-f', 's16le', '-ar', '8000', '-ac', '1', '-i', 'pipe:0', '-f', 'alaw'], Buffer.from(samples.buffer))
  // Negative samples are counted in one's complement, so at edges of steps the code beside is taken.
  const far = [...samples].filter((sample, index) => Math.abs(sampleOfALaw(aLawOf(sample)) - sample) > Math.abs(sampleOfALaw(codes[index]!) - sample))
  t.equal(codes.length, 65_536)
  t.ok(far.length < 656, `${String(far.length)} of 65 536 samples are farther off than ffmpeg's: ${far.slice(0, 5).join(' ')}`)
  const decoded = run(['-f', 'alaw', '-ar', '8000', '-ac', '1', '-i', 'pipe:0', '-f', 's16le'], Buffer.from(Array.from({ length: 256 }, (_, code) => code)))
  t.same(Array.from({ length: 256 }, (_, code) => sampleOfALaw(code)), Array.from({ length: 256 }, (_, code) => decoded.readInt16LE(code * 2)))
  t.same(Array.from({ length: 256 }, (_, code) => aLawOf(sampleOfALaw(code))), Array.from({ length: 256 }, (_, code) => code), 'each code stands for itself')
  t.end()
})

t.test('8 to 48 kHz: a tone stays, nothing is added', (t) => {
  const up = (hz: number): Float32Array => {
    const interpolator = new Interpolator(6, 0.48, 120)
    return interpolator.process(tone(hz, 8000, 8000)).subarray(4800)
  }
  for (const hz of [300, 1000, 2500, 3300]) {
    const pcm = up(hz)
    t.ok(shortToneRatioDb(pcm, hz) > 55, `${String(hz)} Hz: ${shortToneRatioDb(pcm, hz).toFixed(1)} dB over all else`)
    t.ok(Math.abs(rmsDb(pcm) - 20 * Math.log10(0.3 / Math.SQRT2)) < 0.2, `${String(hz)} Hz keeps its level`)
  }
  t.equal(new Interpolator(6, 0.48, 120).process(new Float32Array(160)).length, 960)
  t.end()
})

t.test('voice through each codec and back', (t) => {
  for (const [name, least] of [['pcma', 33], ['pcmu', 33], ['opus', 20]] as const) {
    const encoder = createVoiceEncoder(name)
    const decoder = createVoiceDecoder(name)
    const said = tone(1000, 48_000)
    const pcm = new Float32Array(48_000)
    for (let at = 0; at < pcm.length; at += 960) {
      const packet = encoder.encode(said.subarray(at, at + 960))
      t.equal(decoder.ticksOf(packet), name === 'opus' ? 960 : 160)
      pcm.set(decoder.decode(packet), at)
    }
    const ratioDb = shortToneRatioDb(pcm.subarray(9600), 1000)
    t.ok(ratioDb > least, `${name}: ${ratioDb.toFixed(1)} dB`)
    t.ok(rmsDb(decoder.decode(encoder.silence)) < 0)
    encoder.close()
    decoder.close()
  }
  t.end()
})

t.test('packets lost are concealed: nearer to the voice than silence, never louder', (t) => {
  const voice = speech()
  for (const name of ['pcma', 'opus'] as const) {
    const encoder = createVoiceEncoder(name)
    const blocks: Float32Array[] = []
    const whole: Float32Array[] = []
    const receiver = new VoiceReceiver(name, (pcm) => { blocks.push(pcm) })
    const complete = new VoiceReceiver(name, (pcm) => { whole.push(pcm) })
    const ticks = name === 'opus' ? 960 : 160
    for (let index = 0; index < 250; index += 1) {
      const payload = encoder.encode(voice.subarray(index * 960, (index + 1) * 960))
      const header = { payloadType: 8, marker: false, sequence: (65_500 + index) % 65_536, timestamp: index * ticks, ssrc: 7 }
      complete.push(header, payload, true, index * 20)
      if (index % 10 !== 5) receiver.push(header, payload, true, index * 20)
      receiver.tick(index * 20)
    }
    receiver.tick(10_000)
    t.equal(receiver.lostTotal, 25, name)
    t.equal(blocks.length, 250, 'gaps are filled')
    const error = (of: (block: number) => Float32Array): number => [...whole.keys()].filter((block) => block % 10 === 5).reduce((sum, block) => sum + whole[block]!.reduce((all, sample, index) => all + (sample - of(block)[index]!) ** 2, 0), 0)
    t.ok(error((block) => blocks[block]!) < error(() => new Float32Array(960)), `${name}: nearer than silence`)
    t.ok(blocks.every((block, index) => rmsDb(block) < Math.max(-30, rmsDb(whole[index]!), rmsDb(whole[Math.max(0, index - 1)]!)) + 6), `${name}: not louder`)
    t.match(receiver.figures(), { expected: 250, received: 225 })
  }
  t.end()
})

t.test('the wait for a lost packet follows the jitter', (t) => {
  const even = new VoiceReceiver('pcmu', () => undefined)
  const rough = new VoiceReceiver('pcmu', () => undefined)
  for (let index = 0; index < 200; index += 1) {
    const header = { payloadType: 0, marker: false, sequence: index, timestamp: index * 160, ssrc: 1 }
    even.push(header, Buffer.alloc(160), true, index * 20)
    rough.push(header, Buffer.alloc(160), true, index * 20 + (index % 2) * 15)
  }
  t.equal(even.holdMs, 20)
  t.ok(rough.holdMs > 60 && rough.holdMs <= 120, `${rough.holdMs.toFixed(0)} ms at a jitter of 15`)
  t.end()
})

t.test('a caller who sends nothing while he says nothing is silent in time; one who is cut off is not', (t) => {
  const [voiced, quiet] = [new Map<string, Buffer>(), new Map<string, Buffer>()]
  for (const codec of ['pcma', 'opus'] as const) {
    const encoder = createVoiceEncoder(codec)
    for (let index = 0; index < 30; index += 1) (index < 15 ? voiced : quiet).set(codec, Buffer.from(encoder.encode(index < 15 ? tone(500, 960) : new Float32Array(960))))
    encoder.close()
  }
  fc.assert(fc.property(
    fc.constantFrom('pcma', 'opus'), fc.constantFrom('comfort noise', 'nothing', 'nothing'), fc.integer(), fc.integer({ min: 0, max: 19 }),
    fc.array(fc.tuple(fc.integer({ min: 12, max: 60 }), fc.integer({ min: 3, max: 120 })), { minLength: 2, maxLength: 6 }),
    (codec, sign, seed, phaseMs, turns) => {
      const random = seededRandom(seed)
      const ticks = codec === 'opus' ? 960 : 160
      let blocks = 0
      const receiver = new VoiceReceiver(codec, () => { blocks += 1 })
      let [sequence, place, at] = [65_500, 0, 0]
      const arrivals: { readonly atMs: number; readonly payload: Buffer; readonly hasSound: boolean; readonly sequence: number; readonly place: number }[] = []
      const send = (payload: Buffer, hasSound: boolean): void => { arrivals.push({ atMs: place * 20 + 4 * random(), payload, hasSound, sequence: sequence++ % 65_536, place }) }
      for (const [spurt, pause] of turns) {
        for (let index = 0; index < spurt; index += 1, place += 1) send((index < spurt - 10 ? voiced : quiet).get(codec)!, true)
        if (sign === 'comfort noise' && codec === 'pcma') send(Buffer.of(60), false)
        place += pause
      }
      send(quiet.get(codec)!, true)
      // How much sound there is, against how much the caller's clock says, at each tick.
      let least = Infinity
      let most = -Infinity
      for (let nowMs = phaseMs; nowMs < place * 20; nowMs += 20) {
        for (; at < arrivals.length && arrivals[at]!.atMs <= nowMs; at += 1) {
          const one = arrivals[at]!
          receiver.push({ payloadType: 8, marker: false, sequence: one.sequence, timestamp: one.place * ticks, ssrc: 7 }, one.payload, one.hasSound, one.atMs)
        }
        receiver.tick(nowMs)
        least = Math.min(least, blocks - nowMs / 20)
        most = Math.max(most, blocks - nowMs / 20)
      }
      receiver.close()
      // The first pause is known for one only after the wait for what is lost: 60 ms, before jitter has been measured.
      return receiver.lostTotal === 0 && least > -4.5 && most < 3
    },
  ), { numRuns: 20 })
  let blocks = 0
  const cut = new VoiceReceiver('pcma', () => { blocks += 1 })
  for (let index = 0; index < 50; index += 1) cut.push({ payloadType: 8, marker: false, sequence: index, timestamp: index * 160, ssrc: 7 }, voiced.get('pcma')!, true, index * 20)
  for (let nowMs = 1000; nowMs < 3000; nowMs += 20) cut.tick(nowMs)
  t.equal(blocks, 50, 'in a word the line is dead, not the caller silent')
  cut.push({ payloadType: 13, marker: false, sequence: 50, timestamp: 8000, ssrc: 7 }, Buffer.of(60), false, 3000)
  for (let nowMs = 3000; nowMs < 3100; nowMs += 20) cut.tick(nowMs, true)
  t.equal(blocks, 50, 'nor on hold')
  cut.tick(3100)
  t.ok(blocks > 50)
  t.end()
})

t.test('SRTP is what RFC 3711 prescribes', (t) => {
  // Appendix B.3: key derivation.
  const master = Buffer.from('E1F97A0D3E018BE0D64FA32C06DE4139', 'hex')
  const salt = Buffer.from('0EC675AD498AFEEBB6960B3AABE6', 'hex')
  t.equal(sessionKey(master, salt, 0, 16).toString('hex').toUpperCase(), 'C61E7A93744F39EE10734AFE3FF7A087')
  t.equal(sessionKey(master, salt, 2, 14).toString('hex').toUpperCase(), '30CBBC08863D8C85D49DB34A9AE1')
  t.equal(sessionKey(master, salt, 1, 94).toString('hex').toUpperCase(), 'CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2')
  const key = Buffer.concat([master, salt])
  for (const suite of ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const) {
    const outgoing = new SrtpContext(suite, key)
    const incoming = new SrtpContext(suite, key)
    const packets = Array.from({ length: 200 }, (_, index) => rtpPacket({ payloadType: 8, marker: false, sequence: 65_450 + index, timestamp: index * 160, ssrc: 0xdeadbeef }, Buffer.alloc(160, index)))
    const secret = packets.map((packet) => outgoing.protect(packet))
    t.equal(secret[0]!.length, packets[0]!.length + (suite.endsWith('80') ? 10 : 4))
    t.notOk(secret[0]!.includes(Buffer.alloc(16, 0)), 'the sound cannot be read')
    // Out of order over the turn of the numbers; some lost.
    const order = secret.map((_, index) => index).filter((index) => index % 7 !== 3)
    for (let at = 1; at < order.length; at += 2) [order[at - 1], order[at]] = [order[at]!, order[at - 1]!]
    for (const index of order) t.same(incoming.unprotect(secret[index]!), packets[index])
    t.equal(incoming.unprotect(secret[198]!), undefined, 'the same once more')
    const changed = Buffer.from(secret[198]!)
    changed[20] = changed[20]! ^ 1
    t.equal(new SrtpContext(suite, key).unprotect(changed), undefined, 'changed on its way')
    const control = Buffer.alloc(28, 3)
    control[0] = 0x80
    t.same(incoming.unprotectControl(outgoing.protectControl(control)), control)
    t.same(incoming.unprotectControl(outgoing.protectControl(control)), control, 'numbers go on')
  }
  t.same([packetIndex(-1, 5), packetIndex(65_530, 3), packetIndex(65_539, 65_530), packetIndex(10, 20), packetIndex(0x2_8002, 1)], [5, 65_539, 65_530, 20, 0x3_0001])
  t.end()
})

t.test('SRTP throws at nothing', (t) => {
  const context = new SrtpContext('AES_CM_128_HMAC_SHA1_80', Buffer.alloc(30, 1))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    t.equal(context.unprotect(Buffer.from(bytes)), undefined)
    t.equal(context.unprotectControl(Buffer.from(bytes)), undefined)
  }))
  t.end()
})

interface Sent { readonly timestamp: number; readonly marker: boolean; readonly payload: Buffer }

/** A press as a phone sends it: every 20 ms, the end three times. */
function press(event: number, timestamp: number, packets: number): Sent[] {
  const body = (duration: number, end: boolean): Buffer => Buffer.from([event, (end ? 0x80 : 0) | 10, duration >> 8, duration & 255])
  const going = Array.from({ length: packets }, (_, index) => ({ timestamp, marker: index === 0, payload: body((index + 1) * 160, false) }))
  const end = { timestamp, marker: false, payload: body((packets + 1) * 160, true) }
  return [...going, end, end, end]
}

t.test('each press is told once, whatever is lost, repeated or late', (t) => {
  const presses = fc.array(fc.record({ event: fc.integer({ min: 0, max: 11 }), packets: fc.integer({ min: 1, max: 30 }), lost: fc.array(fc.boolean(), { minLength: 33, maxLength: 33 }), again: fc.nat(32), late: fc.boolean() }), { maxLength: 12 })
  fc.assert(fc.property(presses, fc.nat(0xffff_ffff), (all, start) => {
    const told: string[] = []
    const events = new TelephoneEvents((key) => { told.push(key) })
    const expected: string[] = []
    let timestamp = start
    let held: Sent | null = null
    for (const { event, packets, lost, again, late } of all) {
      const sent = press(event, timestamp, packets)
      const kept = sent.filter((_, index) => lost[index] !== true)
      if (kept.length > 0) expected.push('0123456789*#'[event]!)
      const order = [...kept, ...(kept.length === 0 ? [] : [kept[again % kept.length]!])]
      for (const one of order) events.push(one.timestamp, one.marker, one.payload)
      if (held !== null) events.push(held.timestamp, held.marker, held.payload)
      held = late && kept.length > 0 ? kept.at(-1)! : null
      // At least as long as it lasted, and a pause.
      timestamp = (timestamp + (packets + 1) * 160 + 320) % 0x1_0000_0000
    }
    t.same(told, expected)
  }))
  t.end()
})

t.test('presses as some phones send them', (t) => {
  const told: string[] = []
  const events = new TelephoneEvents((key) => { told.push(key) })
  const say = (timestamp: number, duration: number, end = false, marker = false, event = 5): void => { events.push(timestamp, marker, Buffer.from([event, end ? 0x8a : 10, duration >> 8, duration & 255])) }
  // In segments, since the field ends at 65 535 (RFC 4733, 2.5.1.3).
  say(0, 160, false, true)
  say(0, 0xffff)
  say(0xffff, 160)
  say(0xffff, 320, true)
  t.same(told.splice(0), ['5'])
  // A timestamp that runs along.
  for (let at = 0; at < 5; at += 1) say(200_000 + at * 160, (at + 1) * 160, at === 4, at === 0)
  t.same(told.splice(0), ['5'])
  events.push(1, true, Buffer.from([12, 0, 0, 160]))
  events.push(2, true, Buffer.from([1]))
  t.same(told, [], 'A to D are no keys of a dialogue')
  t.same([keyOfInfo('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n'), keyOfInfo('application/dtmf', '#'), keyOfInfo('application/dtmf-relay', 'Signal= 11'), keyOfInfo('text/plain', '1'), keyOfInfo('application/dtmf', '12')], ['5', '#', '#', undefined, undefined])
  t.end()
})

const ROWS = [697, 770, 852, 941]
const COLUMNS = [1209, 1336, 1477]
const PAD = ['123', '456', '789', '*0#']

t.test('keys as tones, and none in speech', (t) => {
  const told: string[] = []
  const tones = new ToneKeys((key) => { told.push(key) })
  const sound = (samples: number, ...hz: number[]): void => {
    const pcm = new Float32Array(samples)
    for (const one of hz) tone(one, samples, 48_000, 0.15).forEach((sample, index) => { pcm[index] = pcm[index]! + sample })
    for (let at = 0; at < samples; at += 960) tones.push(pcm.subarray(at, at + 960))
  }
  for (const [row, rowHz] of ROWS.entries()) for (const columnHz of COLUMNS) {
    void row
    sound(2880, rowHz, columnHz)
    sound(2880)
  }
  t.same(told.splice(0), PAD.join('').split(''))
  sound(48_000, 770, 1336)
  sound(960)
  t.same(told.splice(0), ['5'], 'a long press')
  sound(960, 770)
  sound(4800, 770)
  sound(4800, 1000, 2000)
  t.same(told, [], 'one tone is no key')
  const voice = speech()
  for (let at = 0; at + 960 <= voice.length; at += 960) tones.push(voice.subarray(at, at + 960))
  t.same(told, [], 'seven seconds of speech')
  t.end()
})

t.test('who gets the call', (t) => {
  const told = { address: '10.0.0.5', port: 4000 }
  const nat = { address: '203.0.113.9', port: 5555 }
  const thief = { address: '198.51.100.1', port: 6666 }
  let latch = new Latch(told, '203.0.113.9', 0)
  t.same(latch.target, told)
  t.notOk(latch.take(thief, 1, 1, 10, false), 'a stranger is not believed')
  t.ok(latch.take(nat, 2, 1, 20, false), 'whoever the signalling comes from is')
  t.same(latch.target, nat)
  for (let sequence = 2; sequence < 30; sequence += 1) {
    t.notOk(latch.take(thief, 2, sequence, 20 + sequence * 20, false), 'nor later, not even with the right numbers')
    t.ok(latch.take(nat, 2, sequence, 20 + sequence * 20, false))
  }
  t.ok(latch.take({ ...nat, port: 7777 }, 2, 31, 2000, false), 'a NAT that forgot its binding')
  t.notOk(latch.take(thief, 9, 32, 4000, false))
  latch.describe({ address: '10.0.0.6', port: 4002 })
  t.ok(latch.take({ address: '10.0.0.6', port: 4002 }, 5, 1, 4010, false), 'a new description names it')

  latch = new Latch(told, '192.0.2.1', 0)
  for (let sequence = 1; sequence < 10; sequence += 1) t.notOk(latch.take(thief, 3, sequence, 100 + sequence, false), 'the described one has the first word')
  t.same([1, 2, 3, 4, 5].map((sequence) => latch.take(nat, 4, sequence, 1500 + sequence, false)), [false, false, false, false, true], 'then one behind an unknown NAT, by a run')
  t.ok(new Latch(told, '192.0.2.1', 0).take(nat, 1, 1, 0, true), 'who has the key is the caller')
  t.end()
})

t.test('µ-law and A-law agree on how loud a sound is', (t) => {
  fc.assert(fc.property(fc.integer({ min: -32_000, max: 32_000 }), (sample) => {
    const near = Math.max(64, Math.abs(sample) / 16)
    t.ok(Math.abs(sampleOfALaw(aLawOf(sample)) - sample) <= near)
    t.ok(Math.abs(sampleOfMuLaw(muLawOf(sample)) - sample) <= near)
  }))
  t.end()
})

t.test('reports that anybody can write keep no call alive; media do, and reports that a key proves', (t) => {
  const from = { address: '192.0.2.7', port: 4000, family: 'IPv4', size: 0 } as const
  const remoteKey = Buffer.alloc(30, 7)
  for (const crypto of [null, { tag: 1, suite: 'AES_CM_128_HMAC_SHA1_80', remoteKey }] as const) {
    const clock = new FakeClock()
    const [rtp, rtcp] = [createSocket('udp4'), createSocket('udp4')]
    let isSilent = false
    const media = new CallMedia(
      { codec: 'pcma', payloadType: 8, eventPayloadType: null, remote: from, remoteRtcpPort: 4001, rtcpMux: false, sends: false, receives: true, held: false, crypto },
      { sockets: { port: 0, rtp, rtcp, close: () => { rtp.close(); rtcp.close() } }, clock, ticks: new MediaClock(clock), signallingAddress: from.address, timeoutMs: 20_000, events: { onSound: () => undefined, onKey: () => undefined, onSilentWire: () => { isSilent = true } } },
    )
    const sender = crypto === null ? null : new SrtpContext(crypto.suite, remoteKey)
    const pass = (seconds: number, send: (second: number) => void): void => {
      for (let second = 0; second < seconds; second += 1) {
        send(second)
        clock.advance(1000)
      }
    }
    pass(30, (second) => {
      const packet = rtpPacket({ payloadType: 8, marker: false, sequence: second, timestamp: second * 8000, ssrc: 7 }, Buffer.alloc(160, 0xd5))
      rtp.emit('message', sender?.protect(packet) ?? packet, from)
    })
    t.equal(isSilent, false, 'media')
    if (sender !== null) pass(30, () => { rtcp.emit('message', sender.protectControl(receiverReport(7, [], 'x')), from) })
    t.equal(isSilent, false, 'authentic reports')
    pass(30, () => { rtcp.emit('message', receiverReport(7, [], 'x'), from) })
    t.equal(isSilent, true, 'forged reports')
    isSilent = false
    media.close()
  }
  t.end()
})
