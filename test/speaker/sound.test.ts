import t from 'tap'
import { createEncoder, parseFormat } from '../../codec/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { lagOf } from '../support/speaker-process.ts'
import { lan, seeded, VirtualStation, virtualSpeaker, type VirtualSpeaker, type VirtualSpeakerOptions } from '../support/virtual-station.ts'

const NOISE_SAMPLES = 48_000 * 40

/** Noise below some kHz, different at every moment. */
function noise(): Float32Array {
  const random = seeded(5)
  const pcm = new Float32Array(NOISE_SAMPLES)
  let a = 0
  let b = 0
  for (let i = 0; i < pcm.length; i++) {
    a += 0.15 * (random() - 0.5 - a)
    b += 0.15 * (a - b)
    pcm[i] = 2 * b
  }
  return pcm
}

const programme = noise()

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
  const pcm = new Float32Array(NOISE_SAMPLES)
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
