import t from 'tap'
import { ElasticBuffer } from '../../../rooms/elastic-buffer.ts'
import { RtpMedia } from '../../../server/sources/rtp-media.ts'
import { SoundMonitor } from '../../../server/sources/sound-monitor.ts'
import { VOICE_BUFFER } from '../../../server/webrtc/whip-session.ts'
import { seededRandom } from '../../support/link-emulator-random.ts'
import { dtxPackets } from '../../support/lossy-opus.ts'
import { fc } from '../../support/seed.ts'
import { speech } from '../../support/sound.ts'
import { rmsDb } from '../../support/spectrum.ts'

const BLOCK = 960
const HOLD_MS = 100
/** A ramp of 200 ms: each sample says where in it it was. */
const RAMP = 10 * BLOCK
const STEP = 0.5 / RAMP

interface Sent {
  readonly payload: Buffer
  readonly at: number
  readonly marker: boolean
}

/** So many packets with sound, so many without, and so on. */
const rampPackets = (turns: readonly (readonly [spurt: number, pause: number])[]): Sent[] => {
  const packets: Sent[] = []
  let at = 0
  for (const [spurt, pause] of turns) {
    for (let index = 0; index < spurt; index += 1, at += BLOCK) {
      const payload = Buffer.alloc(2 * BLOCK)
      for (let i = 0; i < BLOCK; i += 1) payload.writeInt16BE(Math.round(32_767 * (0.25 + STEP * ((at + i) % RAMP))), 2 * i)
      packets.push({ payload, at, marker: index === 0 && at > 0 })
    }
    at += pause * BLOCK
  }
  return packets
}

interface Heard {
  readonly buffer: ElasticBuffer
  readonly pcm: Float32Array
  /** Blocks that were given whole, one a read. */
  readonly whole: readonly boolean[]
  readonly mostTargetMs: number
  readonly lost: number
}

/** @param delayMs how long the packet of this number is on its way; undefined: it is lost */
async function hear(packets: readonly Sent[], delayMs: (index: number) => number | undefined, { opus = false, afterMs = 200, marks = true } = {}): Promise<Heard> {
  const buffer = new ElasticBuffer(VOICE_BUFFER)
  let nowMs = 0
  const events = { onPcm: (pcm: Float32Array): void => { buffer.write(pcm, nowMs) }, onPause: (samples: number): void => { buffer.pause(samples, nowMs) }, onSpeechEnd: (): void => { buffer.expectPause() } }
  const media = opus ? RtpMedia.opus(HOLD_MS, events) : await RtpMedia.open({ group: null, port: 1, payloadType: 97, codec: 'l16', sampleRateHz: 48_000, channels: 1 }, HOLD_MS, events)
  const arrivals = packets.flatMap(({ at, payload, marker }, index) => {
    const ms = delayMs(index)
    return ms === undefined ? [] : [{ atMs: at / 48 + ms, packet: { payloadType: 97, marker: marks && marker, sequence: (65_000 + index) % 65_536, timestamp: (4_294_900_000 + at) % 2 ** 32, ssrc: 1, payload } }]
  }).sort((a, b) => a.atMs - b.atMs)
  const endMs = arrivals.at(-1)!.atMs + afterMs
  const pcm = new Float32Array(Math.ceil(endMs / 20) * BLOCK)
  const whole: boolean[] = []
  let next = 0
  let mostTargetMs = 0
  for (let readMs = 0; whole.length * BLOCK < pcm.length; readMs += 20) {
    for (; next < arrivals.length && arrivals[next]!.atMs <= readMs; next += 1) {
      nowMs = arrivals[next]!.atMs
      media.push(arrivals[next]!.packet, nowMs)
    }
    nowMs = readMs
    media.expire(nowMs)
    const block = pcm.subarray(whole.length * BLOCK, (whole.length + 1) * BLOCK)
    const filled = buffer.read(block, readMs)
    block.fill(0, filled)
    whole.push(filled === BLOCK)
    mostTargetMs = Math.max(mostTargetMs, buffer.targetMs)
  }
  media.close()
  return { buffer, pcm, whole, mostTargetMs, lost: media.lostTotal }
}

/** By how many samples what is heard is later than it was said, wherever the ramp can be read, and where that is. */
function delays(pcm: Float32Array): { readonly at: number; readonly samples: number }[] {
  const found: { at: number; samples: number }[] = []
  for (let at = 40; at < pcm.length - 40; at += 97) {
    const x = pcm[at]!
    if (x < 0.3 || x > 0.7 || [-40, 40].some((off) => Math.abs(pcm[at + off]! - x - off * STEP) > 1e-4)) continue
    found.push({ at, samples: (((at - (x - 0.25) / STEP) % RAMP) + RAMP) % RAMP })
  }
  return found
}

const turnsOf = (mostPause: number): fc.Arbitrary<[number, number][]> => fc.array(fc.tuple(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 1, max: mostPause })), { minLength: 2, maxLength: 10 })

t.test('whatever a sender leaves out, nothing is missing, nothing comes later, and each word is heard at its place', async (t) => {
  let measured = 0
  await fc.assert(fc.asyncProperty(turnsOf(60), fc.integer(), fc.double({ min: 0, max: 3, noNaN: true }), fc.double({ min: 0, max: 20, noNaN: true }), fc.boolean(), async (turns, seed, jitterMs, phaseMs, marks) => {
    const random = seededRandom(seed)
    const { buffer, pcm, mostTargetMs, lost } = await hear(rampPackets(turns), () => phaseMs + jitterMs * random(), { marks })
    const late = delays(pcm)
    measured += late.length
    const steady = late.every(({ at, samples }, index) => {
      const before = late[index - 1]
      if (before === undefined) return true
      const apart = Math.abs(samples - before.samples)
      return Math.min(apart, RAMP - apart) < 3 + (at - before.at) * 300e-6
    })
    return steady && late.length > 0 && buffer.starvedTotal === 0 && mostTargetMs <= VOICE_BUFFER.targetMs && lost === 0
  }), { numRuns: 12 })
  t.ok(measured > 1000)
})

t.test('a sender that is known to leave out silence sounds while it does, one that breaks off in a word does not', async (t) => {
  const quiet = (packets: readonly Sent[]): Sent[] => packets.map((packet) => {
    const isLast = !packets.some(({ at }) => at === packet.at + BLOCK)
    return isLast ? { ...packet, payload: Buffer.alloc(2 * BLOCK) } : packet
  })
  const known = await hear(quiet(rampPackets([[20, 20], [20, 20], [1, 20], [1, 20], [20, 0]])), () => 7, { afterMs: 2000 })
  const first = known.whole.indexOf(false, 5)
  const back = known.whole.indexOf(true, first)
  const gone = known.whole.indexOf(false, back)
  t.ok(first >= 20 && first <= 24 && back <= 44, `the first pause is not known for one: nothing from block ${String(first)} to ${String(back)}`)
  t.ok(gone >= 142 + 24 && gone <= 142 + 29 && !known.whole.includes(true, gone), `then it sounds until half a second after its last word: ${String(gone - 142)} blocks`)
  const broken = await hear([...quiet(rampPackets([[20, 20], [20, 20]])), ...rampPackets([[100, 0]]).slice(80)], () => 7, { afterMs: 1000 })
  t.ok(broken.whole.lastIndexOf(true) <= 102, 'within a block or two')
})

t.test('loss, jitter and pauses together: the delay grows by what the network does, not by what nobody says', async (t) => {
  await fc.assert(fc.asyncProperty(turnsOf(100), fc.integer(), fc.constantFrom(0, 5, 30, 60), fc.constantFrom(0, 0.02, 0.1), fc.boolean(), async (turns, seed, jitterMs, loss, marks) => {
    const packets = rampPackets(turns)
    const random = seededRandom(seed)
    const delayMs = packets.map((_, index) => (index > 0 && index < packets.length - 1 && random() < loss ? undefined : jitterMs * random()))
    const { mostTargetMs, lost, buffer } = await hear(packets, (index) => delayMs[index], { marks })
    const isLost = (index: number): boolean => index < packets.length && delayMs[index] === undefined
    const inRow = packets.reduce((most, _, index) => { let row = 0; while (isLost(index + row)) row += 1; return Math.max(most, row) }, 0)
    const worstMs = jitterMs + (inRow > 0 ? HOLD_MS + 20 * (inRow + 1) : 0)
    const isWholly = inRow > 0 || jitterMs > 5 || buffer.starvedTotal === 0
    return isWholly && lost === delayMs.filter((ms) => ms === undefined).length && mostTargetMs <= 60 + 1.5 * (worstMs + 20)
  }), { numRuns: 25 })
  t.pass()
})

t.test('of a sender that pauses, too, one stall teaches by how much it was late', async (t) => {
  const packets = rampPackets(Array.from({ length: 14 }, () => [60, 15]))
  for (const ms of [100, 250, 400]) {
    const inStall = (atMs: number): number => (atMs > 4000 && [...Array(5).keys()].map((k) => atMs - 4500 - 3000 * k).find((since) => since >= 0 && since < ms)) || 0
    const { buffer, mostTargetMs } = await hear(packets, (index) => {
      const since = inStall(packets[index]!.at / 48)
      return 5 + (since > 0 ? ms - since : 0)
    })
    t.ok(buffer.starvedTotal <= 2 && mostTargetMs >= ms - 60, `five stalls of ${String(ms)} ms: dry ${String(buffer.starvedTotal)} times, ${mostTargetMs.toFixed(0)} ms are thought to be needed`)
  }
})

t.test('a word that comes late after a pause teaches by how much, and of the pause nothing', async (t) => {
  const packets = rampPackets(Array.from({ length: 6 }, () => [60, 20]))
  const fromMs = 3 * 80 * 20
  const { buffer, mostTargetMs } = await hear(packets, (index) => 5 + Math.max(0, packets[index]!.at / 48 >= fromMs ? 150 - (packets[index]!.at / 48 - fromMs) : 0))
  t.ok(buffer.starvedTotal === 1 && mostTargetMs > 120 && mostTargetMs < 200, `dry ${String(buffer.starvedTotal)} times, ${mostTargetMs.toFixed(0)} ms`)
})

t.test('a sender\'s clock that jumps is no pause', async (t) => {
  const packets = rampPackets([[200, 0]]).map((packet, index) => (index < 100 ? packet : { ...packet, at: packet.at + 600 * 48_000 }))
  const { buffer, mostTargetMs, whole } = await hear(packets, (index) => (index < 100 ? 5 : 5 - 600_000))
  t.ok(buffer.starvedTotal === 0 && mostTargetMs <= VOICE_BUFFER.targetMs && whole.slice(5, 195).every(Boolean), `dry ${String(buffer.starvedTotal)} times, ${mostTargetMs.toFixed(0)} ms`)
})

t.test('what libopus leaves out of speech with pauses, by GStreamer', async (t) => {
  const said = speech()
  const random = seededRandom(3)
  const pcm = new Float32Array(10 * 48_000).map((_, at) => {
    return (said[at] ?? 0) + 0.0016 * (random() - 0.5)
  })
  const packets = dtxPackets(pcm)
  const longest = packets.reduce((most, { at }, index) => Math.max(most, at - (packets[index - 1]?.at ?? 0)), 0) / 48
  t.ok(packets.length < 450 && longest >= 400, `${String(packets.length)} of 500 packets, pauses of up to ${String(longest)} ms`)
  const heard = await hear(packets, () => 7, { opus: true })
  t.same([heard.buffer.starvedTotal, heard.lost], [0, 0])
  t.ok(heard.mostTargetMs <= VOICE_BUFFER.targetMs, `${heard.mostTargetMs.toFixed(0)} ms`)
  const inPause = heard.pcm.subarray(8 * 48_000, 9.9 * 48_000)
  t.ok(rmsDb(inPause) < rmsDb(pcm.subarray(8 * 48_000, 9.9 * 48_000)) + 3, `nothing is made up: ${rmsDb(inPause).toFixed(0)} dBFS in a pause`)
  const step = inPause.reduce((most, x, i) => Math.max(most, Math.abs(x - inPause[Math.max(0, i - 1)]!)), 0)
  t.ok(step < 0.004, `no click: ${step.toFixed(5)}`)
  const monitor = new SoundMonitor({ silenceMs: 5000, noiseFloorMs: 90_000, brokenMs: 5000, stuckMs: 30_000 })
  for (let at = 0; at < heard.pcm.length; at += BLOCK) monitor.push(heard.pcm.subarray(at, at + BLOCK))
  t.equal(monitor.fault, null)
})
