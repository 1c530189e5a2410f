import { deriveSeed, seededRandom, type Random } from './link-emulator-random.ts'

/*
 * What a network does to packets, on virtual time: when a piece of data that enters a link at one instant leaves it. No sockets and
 * no clocks; link-emulator-relay.ts is the thin edge that does it to real connections. For machines whose kernel has no netem.
 */

/** One direction of a link. */
export interface DirectionProfile {
  /** The least a packet takes; a link draws its own from this range. */
  readonly delayMs: readonly [least: number, most: number]
  /** What comes on top for each packet: exponential with this scale, cut off at `jitterMaxMs`. */
  readonly jitterScaleMs: number
  readonly jitterMaxMs: number
  /** Share of packets lost in the long run, 0 to 1. */
  readonly lossShare: number
  /** Mean number of packets lost in a row. */
  readonly lossBurstPackets: number
  /** Bits a second; 0: no limit. */
  readonly rateBps: number
  /** Datagrams that would wait longer than this for their turn are dropped. */
  readonly queueMs: number
}

export interface LinkProfile {
  readonly name: string
  /** From the device to the server. */
  readonly up: DirectionProfile
  /** From the server to the device. */
  readonly down: DirectionProfile
  /** Times when nothing passes either way; null: only those that are asked for by `cut()`. */
  readonly cuts: { readonly everyMs: number; readonly lengthMs: readonly [number, number] } | null
  /** Both directions draw the same least delay. */
  readonly symmetric: boolean
}

const clean = { lossShare: 0, lossBurstPackets: 1, rateBps: 0, queueMs: 500 }
const LAN: DirectionProfile = { ...clean, delayMs: [0.2, 0.4], jitterScaleMs: 0.07, jitterMaxMs: 0.2 }
const MOBILE: DirectionProfile = { ...clean, delayMs: [20, 40], jitterScaleMs: 8, jitterMaxMs: 35 }
const lossy = { lossShare: 0.02, lossBurstPackets: 3 }

/** Round trips: `lan` 0.4 to 1.2 ms, `4g` and `bad` 40 to 150 ms. `4g-asymmetric` adds 10 to 30 ms and more jitter on the way up. */
export const PROFILES = {
  none: { name: 'none', up: { ...clean, delayMs: [0, 0], jitterScaleMs: 0, jitterMaxMs: 0 }, down: { ...clean, delayMs: [0, 0], jitterScaleMs: 0, jitterMaxMs: 0 }, cuts: null, symmetric: true },
  lan: { name: 'lan', up: LAN, down: LAN, cuts: null, symmetric: true },
  '4g': { name: '4g', up: MOBILE, down: MOBILE, cuts: null, symmetric: true },
  '4g-asymmetric': { name: '4g-asymmetric', up: { ...MOBILE, delayMs: [35, 65], jitterScaleMs: 16, jitterMaxMs: 60 }, down: MOBILE, cuts: null, symmetric: false },
  bad: { name: 'bad', up: { ...MOBILE, ...lossy }, down: { ...MOBILE, ...lossy }, cuts: { everyMs: 60_000, lengthMs: [1000, 5000] }, symmetric: true },
} as const satisfies Record<string, LinkProfile>

export type ProfileName = keyof typeof PROFILES

/** Bytes of one TCP segment on an Ethernet path. */
const SEGMENT_BYTES = 1460
/** Linux: RTO_MIN, and the first wait of a connection attempt (RFC 6298, 2.1). */
const RTO_MIN_MS = 200
const SYN_RTO_MS = 1000
const RTO_MAX_MS = 60_000

/** Times when nothing passes. */
export class LinkCuts {
  readonly #plan: LinkProfile['cuts']
  readonly #random: Random
  readonly #cuts: { fromMs: number; untilMs: number }[] = []
  /** The random cuts are drawn up to here. */
  #drawnMs: number | undefined

  constructor(plan: LinkProfile['cuts'], random: Random) {
    this.#plan = plan
    this.#random = random
  }

  /** Cuts the link for a time; cuts may overlap. */
  add(fromMs: number, untilMs: number): void {
    this.#cuts.push({ fromMs, untilMs })
  }

  /** Random cuts count from the first instant that is asked for. */
  isCut(atMs: number): boolean {
    this.#draw(atMs)
    return this.#cuts.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs)
  }

  #draw(atMs: number): void {
    if (this.#plan === null) return
    const { everyMs, lengthMs: [least, most] } = this.#plan
    let drawnMs = this.#drawnMs ?? atMs
    while (drawnMs <= atMs) {
      const fromMs = drawnMs - Math.log(1 - this.#random()) * everyMs
      const untilMs = fromMs + least + this.#random() * (most - least)
      this.#cuts.push({ fromMs, untilMs })
      drawnMs = untilMs
    }
    this.#drawnMs = drawnMs
  }
}

/** Counts of one direction since it was made. */
export interface DirectionCounts {
  packets: number
  /** Datagrams that never arrive. */
  lost: number
  /** Stream data that had to wait for a retransmission. */
  stalls: number
}

/** One direction of one link: a datagram may be lost or overtaken, a stream keeps its order and stalls instead. */
export class LinkDirection {
  readonly delayMs: number
  readonly counts: DirectionCounts = { packets: 0, lost: 0, stalls: 0 }
  readonly #profile: DirectionProfile
  readonly #cuts: LinkCuts
  readonly #random: Random
  readonly #rtoMs: number
  #inLossBurst = false
  #lineFreeMs = -Infinity

  constructor(profile: DirectionProfile, delayMs: number, rtoMs: number, cuts: LinkCuts, random: Random) {
    this.#profile = profile
    this.delayMs = delayMs
    this.#rtoMs = rtoMs
    this.#cuts = cuts
    this.#random = random
  }

  /** @returns when a datagram that enters now comes out, ms on the same axis; undefined: never. */
  datagram(nowMs: number, bytes: number): number | undefined {
    this.counts.packets += 1
    const waitMs = Math.max(0, this.#lineFreeMs - nowMs)
    const lost = this.#isLost(nowMs) || (this.#profile.rateBps > 0 && waitMs > this.#profile.queueMs)
    if (lost) {
      this.counts.lost += 1
      return undefined
    }
    return this.#serialised(nowMs, bytes) + this.#delayMs()
  }

  /** A stream through this direction, such as one TCP connection; each has its own order and its own stalls. */
  stream(): LinkStream {
    let lastMs = -Infinity
    let stalledUntilMs = -Infinity
    return {
      segment: (nowMs, bytes) => {
        let leavesMs = this.#serialised(nowMs, bytes)
        let lost = false
        for (let left = bytes; left > 0; left -= SEGMENT_BYTES) {
          this.counts.packets += 1
          lost = this.#isLost(nowMs) || lost
        }
        // Behind data that is already waiting for its retransmission nothing is timed anew: it comes with it.
        if (lost && nowMs >= stalledUntilMs) {
          this.counts.stalls += 1
          stalledUntilMs = this.#retransmitted(nowMs, this.#rtoMs)
          leavesMs = Math.max(leavesMs, stalledUntilMs)
        }
        lastMs = Math.max(lastMs, leavesMs + this.#delayMs(), nowMs < stalledUntilMs ? stalledUntilMs : -Infinity)
        return lastMs
      },
    }
  }

  /** @returns when the first packet of a connection that is opened now comes out; it is sent again after 1, 3, 7... s. */
  opening(nowMs: number): number {
    this.counts.packets += 1
    return (this.#isLost(nowMs) ? this.#retransmitted(nowMs, SYN_RTO_MS) : nowMs) + this.#delayMs()
  }

  /** The first attempt that passes, each waiting twice as long as the one before (RFC 6298, 5.5). */
  #retransmitted(nowMs: number, firstWaitMs: number): number {
    let atMs = nowMs
    let waitMs = firstWaitMs
    do {
      atMs += waitMs
      waitMs = Math.min(RTO_MAX_MS, waitMs * 2)
    } while (this.#isLost(atMs))
    return atMs
  }

  /** Gilbert's model: all is lost in a burst, nothing outside. */
  #isLost(atMs: number): boolean {
    const { lossShare, lossBurstPackets } = this.#profile
    if (lossShare > 0) {
      const endsBurst = 1 / lossBurstPackets
      const beginsBurst = (lossShare * endsBurst) / (1 - lossShare)
      this.#inLossBurst = this.#inLossBurst ? this.#random() >= endsBurst : this.#random() < beginsBurst
    }
    return this.#inLossBurst || this.#cuts.isCut(atMs)
  }

  /** When the last bit has left the sender. */
  #serialised(nowMs: number, bytes: number): number {
    const { rateBps } = this.#profile
    if (rateBps === 0) return nowMs
    this.#lineFreeMs = Math.max(this.#lineFreeMs, nowMs) + (bytes * 8000) / rateBps
    return this.#lineFreeMs
  }

  #delayMs(): number {
    const { jitterScaleMs, jitterMaxMs } = this.#profile
    if (jitterMaxMs === 0) return this.delayMs
    const share = 1 - Math.exp(-jitterMaxMs / jitterScaleMs)
    return this.delayMs - Math.log(1 - this.#random() * share) * jitterScaleMs
  }
}

export interface LinkStream {
  /** @returns when stream data that enters now comes out, ms on the same axis, never before what entered earlier. */
  segment(nowMs: number, bytes: number): number
}

/** A link between one device and the server. Same profile and seed, same questions: same answers. */
export class LinkModel {
  readonly profile: LinkProfile
  readonly up: LinkDirection
  readonly down: LinkDirection
  readonly cuts: LinkCuts

  constructor(profile: LinkProfile, seed: number) {
    this.profile = profile
    const draws = seededRandom(deriveSeed(seed, 0))
    const drawn = ({ delayMs: [least, most] }: DirectionProfile, at: number): number => least + at * (most - least)
    const upAt = draws()
    const downAt = profile.symmetric ? upAt : draws()
    const [upMs, downMs] = [drawn(profile.up, upAt), drawn(profile.down, downAt)]
    const rtoMs = RTO_MIN_MS + upMs + downMs + profile.up.jitterScaleMs + profile.down.jitterScaleMs
    this.cuts = new LinkCuts(profile.cuts, seededRandom(deriveSeed(seed, 3)))
    this.up = new LinkDirection(profile.up, upMs, rtoMs, this.cuts, seededRandom(deriveSeed(seed, 1)))
    this.down = new LinkDirection(profile.down, downMs, rtoMs, this.cuts, seededRandom(deriveSeed(seed, 2)))
  }
}
