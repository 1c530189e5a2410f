import { randomUUID } from 'node:crypto'
import type { AudioFormat } from '../../codec/index.ts'
import type { Clock } from '../../rooms/clock.ts'
import type { FanOut, JoinRequest } from '../../rooms/fan-out.ts'
import type { Listener } from '../../rooms/listener.ts'
import { sourceRoom } from '../../rooms/plan.ts'
import type { MonitorHears, MonitorInfo } from '../link/monitor-messages.ts'
import { frameWire } from '../rtp/frame-wire.ts'
import type { RtcHost } from './rtc-host.ts'
import type { SoundOffer } from './sdp-offer.ts'
import { WhepFeed } from './whep-feed.ts'
import { WhepSession } from './whep-session.ts'

/** A packet goes out as soon as its frame is there. */
const FLUSH_MS = 20

interface Hosted {
  readonly session: WhepSession
  readonly info: MonitorInfo
}

interface OpenFeed {
  readonly feed: WhepFeed
  readonly listener: Listener
  users: number
}

export interface WhepHostPorts {
  readonly fanOut: FanOut
  readonly clock: Clock
  readonly rtc: RtcHost
  /** Of Opus: the one that most others hear, so that nothing is encoded for a monitor alone. */
  readonly format: AudioFormat
  /** Somebody has come; rooms may have to be woken. */
  readonly onOpened: () => void
  readonly onEnded: (monitor: MonitorInfo, reason: string) => void
}

/** Those who hear by WHEP in this process. Knows nothing of rights. */
export class WhepHost {
  readonly #ports: WhepHostPorts
  readonly #sessions = new Map<string, Hosted>()
  readonly #feeds = new Map<string, OpenFeed>()

  constructor(ports: WhepHostPorts) {
    this.#ports = ports
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Everybody who is here. */
  infos(): MonitorInfo[] {
    return [...this.#sessions.values()].map(({ info }) => info)
  }

  /** The session, for who came with this token. */
  session(monitorId: string, tokenHash: string): WhepSession | undefined {
    const hosted = this.#sessions.get(monitorId)
    return hosted?.info.tokenHash === tokenHash ? hosted.session : undefined
  }

  /** @throws RtcUnavailableError, or what mediasoup throws at an offer that it cannot take */
  async open(offer: SoundOffer, info: MonitorInfo): Promise<WhepSession> {
    const seat = await this.#ports.rtc.seat()
    const { feed, leave } = this.#enter(info.hears)
    try {
      const session = await WhepSession.open({
        id: info.monitorId, offer, seat, feed, clock: this.#ports.clock,
        onEnd: (reason) => {
          this.#sessions.delete(info.monitorId)
          leave()
          this.#ports.onEnded(info, reason)
        },
      })
      this.#sessions.set(info.monitorId, { session, info })
      this.#ports.onOpened()
      return session
    } catch (error) {
      leave()
      throw error
    }
  }

  end(monitorId: string, reason: string): void {
    this.#sessions.get(monitorId)?.session.end(reason)
  }

  /** Idempotent. */
  close(): void {
    for (const { session } of [...this.#sessions.values()]) session.end('the server shuts down')
  }

  /** Takes part in the feed of what is heard, until `leave`. */
  #enter(hears: MonitorHears): { readonly feed: WhepFeed; readonly leave: () => void } {
    const key = 'clusterId' in hears ? `cluster/${hears.clusterId}` : `source/${hears.sourceId}`
    const entry = this.#feeds.get(key) ?? this.#openFeed(key, hears)
    entry.users += 1
    const leave = (): void => {
      entry.users -= 1
      if (entry.users > 0) return
      this.#feeds.delete(key)
      this.#ports.fanOut.leave(entry.listener)
    }
    return { feed: entry.feed, leave }
  }

  #openFeed(key: string, hears: MonitorHears): OpenFeed {
    const { fanOut, format } = this.#ports
    const heard: JoinRequest['hears'] = 'clusterId' in hears ? { followsClusterId: hears.clusterId } : { room: sourceRoom(hears.sourceId), title: 'Loa' }
    const feed = new WhepFeed(format.frameSamples)
    const entry: OpenFeed = { feed, listener: fanOut.join({ sink: feed, hears: heard, format, wire: frameWire, flushMs: FLUSH_MS, burstMs: 0 }), users: 0 }
    this.#feeds.set(key, entry)
    return entry
  }
}

/** Says which process hosts it, so that any of them can send who asks for it there. */
export const newMonitorId = (fanOut: number): string => `${String(fanOut)}-${randomUUID()}`

/** @returns the fan-out that hosts it, or null for what is no id of a monitor */
export function hostOf(monitorId: string): number | null {
  const index = /^(\d{1,3})-[\da-f-]{36}$/.exec(monitorId)?.[1]
  return index === undefined ? null : Number(index)
}
