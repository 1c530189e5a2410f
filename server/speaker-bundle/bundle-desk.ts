import { createHash } from 'node:crypto'
import type { Store } from '../../control/ports.ts'
import type { PlanChange } from '../../rooms/arbiter/arbiter.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { msToSamples, samplesToMs } from '../../rooms/grid.ts'
import { houseMsAt } from '../../rooms/house-clock.ts'
import type { Plan } from '../../rooms/plan.ts'
import { houseTimeText } from '../signing/signer.ts'
import { bundleContent, clipFileName, toneFileName, type BundleContent } from './bundle-body.ts'
import type { SpeakerFile } from './speaker-files.ts'

/** A bundle reaches so far. */
const AHEAD_MS = 48 * 3_600_000
/** Long enough that many orders given together make one bundle. */
const SETTLE_MS = 1000
/** Looked at again so often without a reason; what has come within reach since is added. */
const REFRESH_MS = 600_000
/** Sent again although nothing has changed, so that a device always has most of the 48 h. */
const RENEW_MS = 6 * 3_600_000
/** A sound that cannot be made is tried so often, then its stretches stay without it until control starts again. */
const MOST_FAILURES = 3

const ATTENTION = 'attention'

/** What is made of sounds; see SpeakerFiles. */
export interface SoundFiles {
  known(name: string): SpeakerFile | undefined
  failures(name: string): number
  ofWav(name: string, path: string, durationSamples: number): Promise<SpeakerFile>
  ofPcm(name: string, pcm: Float32Array): Promise<SpeakerFile>
}

export interface BundleMessage {
  readonly clusterId: string
  /** House time as ms since 1970. */
  readonly expiresAtMs: number
  readonly fields: Readonly<Record<string, unknown>>
}

export interface BundleDeskPorts {
  readonly clock: Clock
  readonly store: Pick<Store, 'clips' | 'orders'>
  readonly files: SoundFiles
  /** At which part of its volume a cluster plays when; null: always at full. */
  readonly volumeOf: (clusterId: string) => object | null
  readonly planAhead: (clusterIds: Iterable<string>, horizonSamples: number) => readonly PlanChange[]
  readonly nowSamples: () => number
  /** Clusters whose enrolled device is connected: a bundle is signed, so only they can keep one. */
  readonly onlineDevices: () => Iterable<string>
  readonly send: (messages: readonly BundleMessage[]) => void
  /** Mono at 48 kHz. */
  readonly attentionTone: () => Promise<Float32Array>
  readonly fillerClipIds: readonly string[]
  readonly onError: (error: unknown) => void
}

interface Sent {
  readonly key: string
  readonly horizonSamples: number
  readonly halfMs: number
  readonly atMs: number
}

/**
 * Sees to it that every connected device has a bundle of the coming 48 h: made of what the arbiter plans, so that a cluster alone does what it
 * would have been told to do; sent when it connects, when the plan or a sound in it has changed, and again after some hours.
 */
export class BundleDesk {
  readonly #ports: BundleDeskPorts
  readonly #sent = new Map<string, Sent>()
  #timer: TimerHandle | null = null
  #lookedMs: number
  #closed = false
  sentTotal = 0

  constructor(ports: BundleDeskPorts) {
    this.#ports = ports
    this.#lookedMs = ports.clock.monotonicMs()
  }

  /** Orders, plans or sounds have changed, or a device has come. */
  changed(): void {
    if (this.#closed) return
    this.#timer ??= this.#ports.clock.setTimer(SETTLE_MS, () => {
      this.#timer = null
      this.#look()
    })
  }

  /** A device has connected, or asks again: whatever it had, it gets the whole. */
  wants(clusterId: string): void {
    this.#sent.delete(clusterId)
    this.changed()
  }

  /** To be called about once a second. */
  refresh(): void {
    if (this.#ports.clock.monotonicMs() - this.#lookedMs >= REFRESH_MS) this.changed()
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#timer = null
  }

  #look(): void {
    const { clock, nowSamples, planAhead, volumeOf, onlineDevices, send } = this.#ports
    const nowMs = clock.monotonicMs()
    this.#lookedMs = nowMs
    const now = nowSamples()
    const horizonSamples = now + msToSamples(AHEAD_MS)
    const online = new Set(onlineDevices())
    for (const id of this.#sent.keys()) if (!online.has(id)) this.#sent.delete(id)
    const messages: BundleMessage[] = []
    for (const { clusters, plan } of planAhead(online, horizonSamples)) {
      const { cutSamples, ...sounds } = this.#content(plan)
      const reachSamples = Math.min(horizonSamples, cutSamples)
      for (const [volume, ids] of Map.groupBy(clusters, (id) => JSON.stringify(volumeOf(id)))) {
        const content: Sendable = volume === 'null' ? sounds : { ...sounds, volume: JSON.parse(volume) as object }
        const keys = new Map<number, string>()
        const due = ids.filter((id) => {
          const sent = this.#sent.get(id)
          // A bundle that did not hold all is renewed when half of what it holds is over.
          if (sent === undefined || nowMs - sent.atMs >= Math.min(RENEW_MS, sent.halfMs)) return true
          // Compared is what both reach; what has come within reach since goes out with the next one that is due.
          let key = keys.get(sent.horizonSamples)
          if (key === undefined) keys.set(sent.horizonSamples, (key = keyOf(content, sent.horizonSamples)))
          return key !== keyFrom(sent.key, now)
        })
        if (due.length === 0) continue
        const fields = { ...header(content, now, reachSamples), ...content }
        const sent: Sent = { key: keyOf(content, reachSamples), horizonSamples: reachSamples, halfMs: samplesToMs(reachSamples - now) / 2, atMs: nowMs }
        for (const clusterId of due) {
          this.#sent.set(clusterId, sent)
          messages.push({ clusterId, expiresAtMs: houseMsAt(reachSamples), fields })
        }
      }
    }
    if (messages.length === 0) return
    this.sentTotal += messages.length
    send(messages)
  }

  #content(plan: Plan): BundleContent {
    const { store, files, fillerClipIds } = this.#ports
    return bundleContent(plan, {
      orderOf: (id) => store.orders.get(id),
      fileOf: (name) => {
        const file = files.known(name)
        if (file === undefined && files.failures(name) < MOST_FAILURES) this.#make(name)
        return file
      },
      fillerClipIds,
      clipSamples: (id) => store.clips.get(id)?.durationSamples ?? 0,
    })
  }

  readonly #making = new Set<string>()

  #make(name: string): void {
    if (this.#making.has(name)) return
    this.#making.add(name)
    this.#makeFile(name).then(
      (file) => {
        this.#making.delete(name)
        if (file !== null) this.changed()
      },
      (error: unknown) => {
        this.#making.delete(name)
        this.#ports.onError(error)
        this.changed()
      },
    )
  }

  async #makeFile(name: string): Promise<SpeakerFile | null> {
    const { store, files, attentionTone } = this.#ports
    if (name === toneFileName(ATTENTION)) return files.ofPcm(name, await attentionTone())
    const clip = store.clips.get(name.slice(clipFileName('').length))
    return clip === undefined ? null : files.ofWav(name, clip.path, clip.durationSamples)
  }
}

type Sendable = Omit<BundleContent, 'cutSamples'> & { readonly volume?: object }

function header(content: Sendable, fromSamples: number, horizonSamples: number): Readonly<Record<string, unknown>> {
  return {
    bundleId: createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22),
    validFrom: houseTimeText(houseMsAt(fromSamples)),
    validUntil: houseTimeText(houseMsAt(horizonSamples)),
  }
}

/** One line for each item that begins before the horizon; its beginning is left out, for of what goes on it only moves into the past. */
function keyOf({ items, fillers, volume }: Sendable, horizonSamples: number): string {
  const lines = items.filter(({ fromSamples }) => fromSamples < horizonSamples).map((item) => `${String(item.untilSamples)} ${item.orderId} ${item.class} ${String(item.anchorSamples)} ${item.clips.join(' ')} ${item.resume} ${item.title}`)
  return [`${fillers.join(' ')} ${JSON.stringify(volume ?? null)}`, ...lines].join('\n')
}

/** The same without what is over. */
function keyFrom(key: string, nowSamples: number): string {
  const [always, ...lines] = key.split('\n')
  return [always, ...lines.filter((line) => Number(line.slice(0, line.indexOf(' '))) > nowSamples)].join('\n')
}
