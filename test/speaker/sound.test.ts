import t from 'tap'
import { createEncoder, parseFormat } from '../../codec/index.ts'
import type { AloneSource, Gate } from '../../speaker/ports.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { lagOf } from '../support/speaker-process.ts'
import { lan, seeded, VirtualStation, virtualSpeaker, type VirtualSpeaker, type VirtualSpeakerOptions, wavyNoise } from '../support/virtual-station.ts'
import { FrameBuffer } from '../../speaker/play-out/frame-buffer.ts'
import { AUDIO_FLAG } from '../../speaker/client/audio-message.ts'

const programme = wavyNoise(40, 5)

interface Heard extends VirtualSpeaker {
  readonly clock: FakeClock
  readonly station: VirtualStation
  /** What has left, silence of the card's own too. */
  readonly pcm: Float32Array
  samples: number
  /** The programme's sample 0 stands here on the house clock. */
  readonly from: number
}

/** An agent that really decodes, and what it gives to its card. */
function listen(options: Partial<VirtualSpeakerOptions> = {}): Heard {
  const clock = new FakeClock()
  const encoder = createEncoder(parseFormat('opus-64'))
  let firstFrame = -1
  const packets: Buffer[] = []
  const packet = (frameIndex: number): Buffer => {
    if (firstFrame < 0) firstFrame = frameIndex
    while (packets.length <= frameIndex - firstFrame) packets.push(encoder.encode(programme.slice(packets.length * 960, (packets.length + 1) * 960)))
    return packets[frameIndex - firstFrame]!
  }
  const station = new VirtualStation(clock, { packet, presentationDelayMs: 300 })
  const pcm = new Float32Array(programme.length)
  const heard = { samples: 0 }
  const sink = (block: Float32Array): void => {
    pcm.set(block, heard.samples)
    heard.samples += block.length
  }
  const speaker = virtualSpeaker(station, { net: lan(seeded(2)), decode: true, ...options, card: { ...options.card, sink } })
  speaker.agent.start()
  return { ...speaker, clock, station, pcm, get samples() { return heard.samples }, set samples(value) { heard.samples = value }, get from() { return firstFrame * 960 } }
}

/** How much later than it should the sound itself left at the present, in samples, and how alike it is. */
function soundLag(heard: Heard): { lag: number; correlation: number } {
  const { card, clock, station, pcm, from } = heard
  card.position()
  const nowMs = clock.monotonicMs()
  const sample = Math.floor(card.sampleAt(nowMs)) + card.silentSamples
  // 200 ms ago, so that a whole window has left.
  const window = 4800
  const reference = (station.houseMs(nowMs) - station.presentationDelayMs) * 48 - from - 9600
  return lagOf(pcm, sample - 9600, programme, Math.round(reference), window, 480)
}

t.test('each sample of the programme leaves at its presentation time: codec, limiter and filters are accounted for', (t) => {
  for (const [ppm, clockPpm] of [[0, 0], [150, -100], [-120, 80]] as const) {
    const heard = listen({ card: { ppm }, clockPpm })
    heard.clock.advance(8000)
    const { lag, correlation } = soundLag(heard)
    t.ok(Math.abs(lag) < 5, `${lag.toFixed(2)} samples with a card off by ${String(ppm)} ppm`)
    t.ok(correlation > 0.95, `it sounds as it did: ${correlation.toFixed(3)}`)
  }
  t.end()
})

/** Level of what left in the last `ms`, dBFS. */
function levelDb({ pcm, samples }: Heard, ms = 100): number {
  const from = samples - ms * 48
  let sum = 0
  for (let i = from; i < samples; i++) sum += pcm[i]! ** 2
  return 10 * Math.log10(sum / (samples - from) + 1e-12)
}

t.test('volume follows its curve; an emergency pierces mute and volume, and everything is as it was afterwards', async (t) => {
  const heard = listen()
  const { clock, station, agent } = heard
  clock.advance(3000)
  const full = levelDb(heard, 500)
  station.say({ type: 'command', commandId: 'c1', command: 'volume', percent: 50 })
  await clock.advanceAsync(1000)
  t.ok(Math.abs(levelDb(heard, 500) - (full - 12)) < 1.5, '50 % is −12 dB')
  station.say({ type: 'command', commandId: 'c2', command: 'mute', arguments: { muted: true } })
  await clock.advanceAsync(1000)
  t.ok(levelDb(heard) < -90, 'mute')
  const from = Math.floor(station.houseMs() / 20)
  station.flags = (frame) => (frame >= from && frame < from + 50 ? 4 : 0)
  await clock.advanceAsync(900)
  t.ok(Math.abs(levelDb(heard, 300) - (full - 3.9)) < 1.5, 'the emergency is heard at 80 %')
  t.match(agent.status(), { volumePercent: 50, muted: true }, 'which changes nothing that was set')
  await clock.advanceAsync(1500)
  t.ok(levelDb(heard) < -90, 'muted again')
  station.say({ type: 'command', commandId: 'c3', command: 'identify', durationMs: 600 })
  await clock.advanceAsync(250)
  t.ok(levelDb(heard) > -30, 'the beep is heard all the same')
  await clock.advanceAsync(1000)
  t.ok(levelDb(heard) < -90)
  station.say({ type: 'command', commandId: 'c4', command: 'volume', percent: 101 })
  station.say({ type: 'command', commandId: 'c5', command: 'sh -c reboot' })
  station.say({ type: 'command', commandId: 'c6', command: 'reboot' })
  await clock.advanceAsync(300)
  t.same(station.received.filter(({ type }) => type === 'ack').map(({ commandId, result }) => [commandId, result]),
    [['c1', 'done'], ['c2', 'done'], ['c3', 'done'], ['c4', 'refused'], ['c5', 'refused'], ['c6', 'refused']])
  t.end()
})

t.test('by the hours of its unit it is quieter, live and alone, from the very frame; an emergency is as loud as ever', (t) => {
  let quietFrom = Infinity
  const alone: AloneSource = {
    read(block, place) {
      for (let i = 0; i < block.length; i++) block[i] = 0.25 * Math.sin(((place + i) % 48_000) * ((2 * Math.PI * 500) / 48_000))
      return { playing: 'cached', orderId: 'o9' }
    },
    volumePercentAt: (place) => (place >= quietFrom ? 50 : 100),
    onAir: () => undefined,
    connected: () => undefined,
  }
  const heard = listen({ alone })
  const { clock, station, agent } = heard
  clock.advance(3000)
  const full = levelDb(heard, 500)
  t.match(agent.status(), { volumePercent: 100, hoursPercent: 100 })
  quietFrom = Math.round((station.houseMs() - station.presentationDelayMs) * 48) + 48_000
  clock.advance(800)
  t.ok(Math.abs(levelDb(heard, 400) - full) < 1.5, 'not before its time')
  clock.advance(900)
  t.ok(Math.abs(levelDb(heard, 400) - (full - 12)) < 1.5, '50 % is −12 dB')
  t.match(agent.status(), { volumePercent: 100, hoursPercent: 50 }, 'what was set for the device stays as it is')
  const from = Math.floor(station.houseMs() / 20)
  station.flags = (frame) => (frame >= from && frame < from + 50 ? 4 : 0)
  clock.advance(900)
  t.ok(Math.abs(levelDb(heard, 300) - full) < 1.5, 'the emergency')
  clock.advance(1200)
  t.ok(Math.abs(levelDb(heard, 300) - (full - 12)) < 1.5, 'quiet again')
  station.down = true
  clock.advance(1500)
  t.equal(agent.playOut.departures.leaving?.playing, 'cached')
  t.ok(Math.abs(levelDb(heard, 300) - (10 * Math.log10(0.25 ** 2 / 2) - 12)) < 1.5, 'and without a network')
  t.end()
})

t.test('what the gate does not let through is not heard, and its stage is never claimed', (t) => {
  let isGood = false
  const gate: Gate = { verifies: true, take: () => Promise.resolve(null), maySound: (orderId) => orderId === 'o1' && isGood, refusals: {} }
  const heard = listen({ gate })
  heard.clock.advance(3000)
  t.ok(levelDb(heard, 1000) < -90)
  t.match(heard.agent.status(), { stage: 'received', playing: 'silence' })
  t.ok(heard.agent.status().unverifiedFrames > 50)
  isGood = true
  heard.clock.advance(2000)
  t.ok(levelDb(heard) > -40)
  t.match(heard.agent.status(), { stage: 'played', playing: 'live' })
  isGood = false
  heard.clock.advance(200)
  t.ok(levelDb(heard, 50) < -90, 'an order that is over is silent at once')
  t.end()
})

t.test('a frame is judged by the house sample at which it begins, though the decoder gives its sound later', (t) => {
  const asked = new Set<number>()
  const gate: Gate = { verifies: true, take: () => Promise.resolve(null), maySound: (_orderId, place) => asked.add(place).size > 0, refusals: {} }
  const heard = listen({ gate })
  heard.clock.advance(3000)
  t.ok(asked.size > 100)
  t.same([...asked].filter((place) => place % 960 !== 0), [], 'frame edges alone')
  t.end()
})

t.test('without a network another source sounds within a second, at the right place, and gives way in step', (t) => {
  const asked: { place: number; missingMs: number }[] = []
  const alone: AloneSource = {
    read(block, place, missingMs) {
      asked.push({ place, missingMs })
      for (let i = 0; i < block.length; i++) block[i] = 0.2 * Math.sin(((place + i) % 48_000) * ((2 * Math.PI * 500) / 48_000))
      return { playing: 'cached', orderId: 'o9' }
    },
    onAir: () => undefined,
    connected: () => undefined,
  }
  const heard = listen({ alone })
  const { clock, station, agent } = heard
  clock.advance(4000)
  asked.length = 0
  station.down = true
  clock.advance(1200)
  t.equal(agent.playOut.departures.leaving?.playing, 'cached')
  const tone = Float32Array.from({ length: 48_000 * 2 }, (_, i) => Math.sin((i % 48_000) * ((2 * Math.PI * 500) / 48_000)))
  const place = agent.placeOf(heard.card.sampleAt(clock.monotonicMs())) - station.presentationDelayMs * 48
  const { correlation, lag } = lagOf(heard.pcm, Math.floor(heard.card.sampleAt(clock.monotonicMs())) + heard.card.silentSamples - 2400, tone, 48_000 + (Math.round(place) - 2400) % 48_000, 1900, 40)
  t.ok(correlation > 0.99 && Math.abs(lag) <= 2, `each sample at its house place: ${lag.toFixed(2)}`)
  t.ok(asked.every(({ missingMs }, i) => i === 0 || missingMs >= asked[i - 1]!.missingMs), 'it is told how long nothing came')
  clock.advance(5000)
  station.down = false
  clock.advance(2500)
  t.equal(agent.playOut.departures.leaving?.playing, 'live')
  t.ok(Math.abs(soundLag(heard).lag) < 5, 'in step')
  t.ok(biggestStep(heard) < 0.2, `no click: ${biggestStep(heard).toFixed(3)}`)
  t.end()
})

/** Largest step from one sample to the next. */
function biggestStep({ pcm, samples }: Heard): number {
  let biggest = 0
  for (let i = 1; i < samples; i++) biggest = Math.max(biggest, Math.abs(pcm[i]! - pcm[i - 1]!))
  return biggest
}

t.test('a correction is a short fade, not a click, and the sound goes on at its place', (t) => {
  const heard = listen()
  heard.clock.advance(7000)
  const before = heard.agent.playOut.hardCorrectionsTotal
  heard.agent.playOut.offsetMs = 100
  heard.clock.advance(3000)
  t.equal(heard.agent.playOut.hardCorrectionsTotal, before + 1)
  t.ok(Math.abs(heard.lateMs() - 100) < 0.2)
  t.ok(biggestStep(heard) < 0.2)
  t.end()
})

t.test('silence for want of sound is passed over, so that what is at hand is heard, but for the end of another order', (t) => {
  const frames = new FrameBuffer()
  const take = (sequence: number, orderId: string | null, flags = 0): boolean =>
    frames.add({ heardAt: sequence * 960, samples: 960, housePlace: sequence * 960, judgedAt: sequence * 960, sequence, flags, orderId, data: Buffer.of(0) }, -Infinity)
  t.same([take(1, 'a'), take(2, 'a', AUDIO_FLAG.MISSING), take(3, 'a')], [true, false, true])
  t.same([take(4, 'b', AUDIO_FLAG.MISSING), take(5, 'b', AUDIO_FLAG.MISSING), take(6, 'b')], [true, false, true])
  t.equal(frames.lostFrames, 0)
  t.end()
})
