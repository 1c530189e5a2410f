import type { PlayLogRecord, PlayLogStore } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import type { FanOutPeer } from '../link/control-server.ts'
import type { SpeakerLog } from '../link/messages.ts'

/** Logs are written together: ten thousand devices that come back at once wait for the disk some times, not ten thousand. */
const SETTLE_MS = 50
/** Past this they are written at once: some ten ms of work. */
const MOST_WAITING = 1000
/** Devices send again what was not acknowledged, so more than this may be let go. */
const MOST_KEPT = 50_000

const SAMPLES_PER_US = 0.048

interface Waiting {
  readonly peer: FanOutPeer
  readonly log: SpeakerLog
}

/** Takes the play logs of devices into the store, and acknowledges them when they are on the disk; what cannot be kept is not acknowledged. */
export class PlayLogDesk {
  readonly #store: Pick<PlayLogStore, 'take'>
  readonly #clock: Clock
  readonly #wallMs: () => number
  readonly #wallMsAt: (samples: number) => number
  readonly #deviceOf: (clusterId: string) => string | null
  readonly #onError: (error: unknown) => void
  #waiting: Waiting[] = []
  #waitingEntries = 0
  #timer: TimerHandle | null = null
  takenTotal = 0
  repeatedTotal = 0

  constructor(ports: { store: Pick<PlayLogStore, 'take'>; clock: Clock; wallMs: () => number; wallMsAt: (samples: number) => number; deviceOf: (clusterId: string) => string | null; onError: (error: unknown) => void }) {
    this.#store = ports.store
    this.#clock = ports.clock
    this.#wallMs = ports.wallMs
    this.#wallMsAt = ports.wallMsAt
    this.#deviceOf = ports.deviceOf
    this.#onError = ports.onError
  }

  take(peer: FanOutPeer, log: SpeakerLog): void {
    if (log.entries.length === 0 || this.#waitingEntries + log.entries.length > MOST_KEPT) return
    this.#waiting.push({ peer, log })
    this.#waitingEntries += log.entries.length
    if (this.#waitingEntries >= MOST_WAITING) this.flush()
    else this.#timer ??= this.#clock.setTimer(SETTLE_MS, () => {
      this.flush()
    })
  }

  /** Writes what waits, and acknowledges it. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = null
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    this.#waitingEntries = 0
    const receivedAtMs = this.#wallMs()
    const records = waiting.flatMap(({ log }) => this.#records(log, receivedAtMs))
    try {
      const taken = this.#store.take(records).length
      this.takenTotal += taken
      this.repeatedTotal += records.length - taken
    } catch (error) {
      this.#onError(error)
      return
    }
    const byPeer = Map.groupBy(waiting, ({ peer }) => peer)
    for (const [peer, logs] of byPeer) {
      peer.send({ type: 'speaker-messages', items: logs.map(({ log }) => ({ clusterId: log.clusterId, text: JSON.stringify({ type: 'log-ack', logId: log.logId, number: log.entries.at(-1)!.number }) })) })
    }
  }

  #records({ clusterId, logId, entries }: SpeakerLog, receivedAtMs: number): PlayLogRecord[] {
    const deviceId = this.#deviceOf(clusterId)
    return entries.map((entry) => ({
      clusterId,
      deviceId,
      logId,
      number: entry.number,
      orderId: entry.orderId,
      playing: entry.playing,
      audible: entry.audible,
      verified: entry.verified,
      heard: entry.heard,
      fromSamples: entry.fromSamples,
      untilSamples: entry.untilSamples,
      missingSamples: entry.missingSamples,
      heardAtMs: Math.round(this.#wallMsAt(entry.heardAtHouseUs * SAMPLES_PER_US)),
      end: entry.end,
      receivedAtMs,
    }))
  }
}
