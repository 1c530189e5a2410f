import { Agent, type AgentOptions } from '../../speaker/agent.ts'
import { HOUSE_EPOCH_WALL_MS } from '../../speaker/clock/house-time.ts'
import { keyIdentity } from '../../speaker/key-identity.ts'
import { VirtualCard, type VirtualCardOptions } from '../../speaker/outputs/virtual-card.ts'
import type { Connect, LinkEvents, LocalClock } from '../../speaker/ports.ts'
import type { FakeClock } from './fake-clock.ts'

const FRAME = 960
const CODEC_DELAY = 312

/** A device's own clock: off by `ppm` against true time, from an origin of its own. */
export function crystal(clock: FakeClock, ppm: number, originMs = 0): LocalClock {
  const scale = 1 + ppm / 1e6
  return { monotonicMs: () => originMs + clock.monotonicMs() * scale, setTimer: (delayMs, fire) => clock.setTimer(delayMs / scale, fire) }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Noise below some kHz, 48 kHz: every moment of it is different from every other, and Opus keeps its wave. */
export function wavyNoise(seconds: number, seed: number): Float32Array {
  const random = seeded(seed)
  const pcm = new Float32Array(seconds * 48_000)
  let a = 0
  let b = 0
  for (let i = 0; i < pcm.length; i++) {
    a += 0.15 * (random() - 0.5 - a)
    b += 0.15 * (a - b)
    pcm[i] = 2 * b
  }
  return pcm
}

export interface StationOptions {
  readonly presentationDelayMs?: number
  readonly flushMs?: number
  /** A packet for the frame with this index; default one byte, for agents that do not decode. */
  readonly packet?: (frameIndex: number) => Buffer
}

export interface Net {
  /** Delay of each message, ms. Order is kept, as TCP keeps it. */
  readonly up: () => number
  readonly down: () => number
}

interface Session {
  readonly events: LinkEvents
  readonly net: Net
  nextFrame: number
  upAtMs: number
  downAtMs: number
  open: boolean
}

/** The server's side of the native protocol in virtual time, with a network in between. House time is true time. */
export class VirtualStation {
  readonly clock: FakeClock
  presentationDelayMs: number
  /** Moves the house clock, as a server that began anew on another machine. */
  houseShiftMs = 0
  flags: (frameIndex: number) => number = () => 0
  /** Frames that are never sent. */
  skips: (frameIndex: number) => boolean = () => false
  down = false
  readonly received: Record<string, unknown>[] = []
  readonly #flushMs: number
  readonly #packet: (frameIndex: number) => Buffer
  readonly #sessions: Session[] = []
  readonly #originMs: number

  constructor(clock: FakeClock, options: StationOptions = {}) {
    this.clock = clock
    this.#originMs = clock.wallMs() - HOUSE_EPOCH_WALL_MS - clock.monotonicMs()
    this.presentationDelayMs = options.presentationDelayMs ?? 800
    this.#flushMs = options.flushMs ?? 100
    this.#packet = options.packet ?? (() => Buffer.of(0xf8))
    this.#flush()
  }

  houseMs(trueMs = this.clock.monotonicMs()): number {
    return this.#originMs + trueMs + this.houseShiftMs
  }

  connect(net: Net): Connect {
    return (events) => {
      const session: Session = { events, net, nextFrame: -1, upAtMs: 0, downAtMs: 0, open: true }
      const isUp = !this.down
      const end = (code: number): void => {
        if (!session.open) return
        session.open = false
        this.clock.setTimer(0, () => { events.closed(code, '') })
      }
      if (isUp) this.clock.setTimer(net.up() + net.down(), () => { if (session.open && !this.down) events.open() })
      return {
        sendText: (text) => {
          this.#travel(session, 'upAtMs', net.up, () => { this.#read(session, JSON.parse(text) as Record<string, unknown>) })
        },
        close: end,
        destroy: () => { end(1006) },
      }
    }
  }

  /** A message to every speaker. */
  say(message: object): void {
    for (const session of this.#sessions) this.#say(session, message)
  }

  /** Ends every connection with this code. */
  end(code: number, reason = ''): void {
    for (const session of this.#sessions.splice(0)) {
      if (!session.open) continue
      session.open = false
      session.events.closed(code, reason)
    }
  }

  #say(session: Session, message: object): void {
    const text = JSON.stringify(message)
    this.#travel(session, 'downAtMs', session.net.down, () => { session.events.text(text) })
  }

  #travel(session: Session, way: 'upAtMs' | 'downAtMs', delay: () => number, arrive: () => void): void {
    if (this.down) return
    const nowMs = this.clock.monotonicMs()
    session[way] = Math.max(session[way], nowMs + delay())
    this.clock.setTimer(session[way] - nowMs, () => {
      if (session.open && !this.down) arrive()
    })
  }

  #read(session: Session, message: Record<string, unknown>): void {
    if (message['type'] === 'clock') {
      const us = Math.round(this.houseMs() * 1000)
      this.#say(session, { type: 'clock', t1: message['t1'], t2: us, t3: us })
      return
    }
    this.received.push(message)
    if (message['type'] !== 'hello') return
    this.#say(session, { type: 'welcome', protocol: 1, format: 'opus-32', codec: 'opus', sampleRateHz: 48_000, frameSamples: FRAME, codecDelaySamples: CODEC_DELAY, presentationDelayMs: this.presentationDelayMs, houseUs: Math.round(this.houseMs() * 1000) })
    this.#say(session, { type: 'on-air', orderId: 'o1', class: 'normal', title: 'x', fromSamples: 0, untilSamples: 9e15 })
    session.nextFrame = Math.floor((this.houseMs() - 60 - Number(message['burstMs'] ?? 0)) / 20)
    this.#sessions.push(session)
  }

  #flush(): void {
    this.clock.setTimer(this.#flushMs, () => {
      // A frame is there 40 ms after its last sample.
      const due = Math.floor((this.houseMs() - 60) / 20)
      for (const session of this.#sessions) {
        // What is written at once travels together.
        const delayMs = session.net.down()
        while (session.nextFrame <= due) {
          const frame = session.nextFrame++
          if (this.skips(frame)) continue
          const bytes = this.#message(frame)
          this.#travel(session, 'downAtMs', () => delayMs, () => { session.events.binary(bytes) })
        }
      }
      this.#flush()
    })
  }

  #message(frameIndex: number): Buffer {
    const packet = this.#packet(frameIndex)
    const bytes = Buffer.alloc(24 + packet.length)
    bytes[0] = 1
    bytes[1] = this.flags(frameIndex)
    bytes.writeUInt16BE(FRAME, 2)
    bytes.writeUInt32BE(frameIndex % 2 ** 32, 4)
    bytes.writeBigUInt64BE(BigInt(frameIndex * FRAME), 8)
    bytes.writeBigUInt64BE(BigInt(Math.round((frameIndex * FRAME) / 0.048) + this.presentationDelayMs * 1000), 16)
    packet.copy(bytes, 24)
    return bytes
  }
}

export interface VirtualSpeakerOptions extends Partial<AgentOptions> {
  readonly seed?: number
  /** The device's clock against true time. */
  readonly clockPpm?: number
  readonly card?: Partial<VirtualCardOptions>
  readonly net: Net
}

export interface VirtualSpeaker {
  readonly agent: Agent
  readonly card: VirtualCard
  /** How much later than it should sound is leaving now, in true time, ms; NaN when none is. */
  readonly lateMs: () => number
}

export function virtualSpeaker(station: VirtualStation, { seed = 1, clockPpm = 0, card: cardOptions = {}, net, ...options }: VirtualSpeakerOptions): VirtualSpeaker {
  const { clock } = station
  const local = crystal(clock, clockPpm, 1e6 * seed)
  const card = new VirtualCard({ trueMs: () => clock.monotonicMs(), local, ...cardOptions })
  const agent = new Agent({ clock: local, connect: station.connect(net), identity: keyIdentity('c1', 'k'), output: card, decode: false, random: seeded(seed), ...options })
  return {
    agent,
    card,
    lateMs: () => {
      card.position()
      const place = agent.placeOf(card.sampleAt(clock.monotonicMs()))
      return station.houseMs() - place / 48
    },
  }
}

/** A wired network: 0.2 ms each way, and a server whose turns of up to 4 ms delay what comes in. */
export function lan(random: () => number): Net {
  return { up: () => 0.1 + 0.05 * random() + (random() < 0.5 ? 4 * random() : 0), down: () => 0.1 + 0.05 * random() }
}

/** 40 to 150 ms of round trip, both ways alike. */
export function mobile(random: () => number): Net {
  const way = (): number => 20 + 55 * random() ** 2
  return { up: way, down: way }
}

/** The p-th percentile of absolute values. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.map(Math.abs).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))]!
}
