import type { Broadcast, BroadcastEvent, ControlClock, OnAir, SpeakerInfo } from '../ports.ts'
import type { Store } from '../store-port.ts'
import type { ClusterFact, EmergencyFact, Facts, SourceFact } from './conditions.ts'
import type { PhoneDesk } from '../phone/phone-desk.ts'
import { RESTART_WINDOW_MS, WRONG_KEYS_WINDOW_MS } from './conditions.ts'
import type { Observer } from './alarm-desk.ts'
import type { HealthPort } from './health-port.ts'
import type { Outbox } from './outbox.ts'

/** What is known of a cluster by whoever watches all of them. */
export interface WatchedCluster {
  readonly clusterId: string
  readonly unitId: string
  readonly state: string
  /** Since when it has been in this state. */
  readonly sinceMs: number
  readonly conditions: readonly { readonly code: string; readonly value: number | string | null }[]
}

/** Watches all clusters (monitoring/state-board.ts). */
export interface ClusterWatch {
  reports(filter: Record<never, never>): Iterable<WatchedCluster>
  /** @param unitId with everything below it */
  counts(unitId: string): { readonly total: number; readonly byState: Readonly<Record<string, number>> }
}

export interface ObserverPorts {
  readonly store: Pick<Store, 'clusters' | 'sources' | 'sourceAttempts' | 'orders' | 'notifications'>
  readonly broadcast: Broadcast
  readonly watch: ClusterWatch
  readonly health: HealthPort
  readonly outbox: Pick<Outbox, 'certificateEnd'>
  /** Left out: there is no telephone here. */
  readonly phone?: Pick<PhoneDesk, 'facts'>
  readonly clock: ControlClock
}

type Problem = ClusterFact['problems'][number]

const GONE_ROLES: Readonly<Record<string, string>> = { LOA_FAULT_ENGINE_GONE: 'engine', LOA_FAULT_FAN_OUT_GONE: 'fan-out', LOA_FAULT_RECORDER_GONE: 'recorder', LOA_FAULT_PHONE_GONE: 'phone' }
/** More would say nothing new. */
const MOST_KEPT = 100
/** What of the equipment makes an alarm; an amplifier that is off while nothing plays is how it should be. */
const EQUIPMENT: Readonly<Record<string, readonly [string, string]>> = { hot: ['too hot', 'quá nóng'], 'storage-fault': ['cannot keep what it should', 'không lưu trữ được'], 'wrong-clock': ['its clock is wrong', 'sai đồng hồ'] }

/** Gathers what alarms follow from: what clusters, sources and processes say, and what is measured of the server. */
export class FactsObserver implements Observer {
  readonly #ports: ObserverPorts
  readonly #unsubscribe: () => void
  readonly #onAir = new Map<string, OnAir>()
  readonly #restarts = new Map<string, number[]>()
  readonly #clockSteps: { readonly atMs: number; readonly message: string }[] = []
  /** Of emergencies that are on the air, the clusters that have proved it: a device that is lost later has played it all the same. */
  readonly #proved = new Map<string, Set<string>>()

  /** By the report it follows from: the board makes another one when anything changes. */
  readonly #facts = new WeakMap<WatchedCluster, ClusterFact>()

  /** Call it when it is known what is on the air. */
  constructor(ports: ObserverPorts) {
    this.#ports = ports
    for (const { id } of ports.store.clusters.all()) this.#noteOnAir([id], ports.broadcast.onAir(id))
    this.#unsubscribe = ports.broadcast.subscribe((event) => {
      this.#hear(event)
    })
  }

  close(): void {
    this.#unsubscribe()
  }

  observe(): Facts {
    const { clock, health } = this.#ports
    const nowMs = clock.wallMs()
    return {
      nowMs,
      clusters: this.#clusters(),
      sources: this.#sources(),
      emergencies: this.#emergencies(),
      restarts: [...this.#restarts].map(([role, atMs]) => ({ role, atMs })),
      wrongKeys: this.#wrongKeys(nowMs),
      clockSteps: this.#clockSteps,
      channels: this.#channels(),
      health: health.health(),
      recorder: this.#ports.broadcast.recorder.status,
      phone: this.#ports.phone?.facts() ?? null,
    }
  }

  clustersWithin(unitId: string): number {
    const { total, byState } = this.#ports.watch.counts(unitId)
    return total - (byState['out-of-use'] ?? 0) - (byState['never-seen'] ?? 0)
  }

  #clusters(): ClusterFact[] {
    const facts: ClusterFact[] = []
    for (const report of this.#ports.watch.reports({})) {
      let fact = this.#facts.get(report)
      if (fact === undefined) this.#facts.set(report, fact = { id: report.clusterId, unitId: report.unitId, problems: problemsOf(report) })
      if (fact.problems.length > 0) facts.push(fact)
    }
    return facts
  }

  /** Only those that something on the air needs: nobody misses the others. */
  #sources(): SourceFact[] {
    const { store, broadcast } = this.#ports
    const needed = new Set<string>()
    for (const { sourceId } of this.#onAir.values()) if (sourceId !== null) needed.add(sourceId)
    return [...needed].flatMap((id): SourceFact[] => {
      const status = broadcast.sourceStatus(id)
      const source = store.sources.get(id)
      return status === null || source === undefined ? [] : [{ name: source.name, unitId: source.unitId, status }]
    })
  }

  #wrongKeys(nowMs: number): Facts['wrongKeys'] {
    const { store } = this.#ports
    return store.sourceAttempts.wrongKeysSince(nowMs - WRONG_KEYS_WINDOW_MS).flatMap(({ sourceId, count }) => {
      const source = store.sources.get(sourceId)
      return source === undefined ? [] : [{ sourceId, name: source.name, unitId: source.unitId, count }]
    })
  }

  #emergencies(): EmergencyFact[] {
    const { store, broadcast } = this.#ports
    const clusters = Map.groupBy([...this.#onAir].filter(([, onAir]) => onAir.class === 'emergency'), ([, { orderId }]) => orderId)
    for (const orderId of this.#proved.keys()) if (!clusters.has(orderId)) this.#proved.delete(orderId)
    return [...clusters].map(([orderId, on]) => {
      const proved = this.#proved.get(orderId) ?? new Set<string>()
      this.#proved.set(orderId, proved)
      let meant = 0
      for (const [clusterId] of on) {
        if (provesOrder(broadcast.speaker(clusterId), orderId)) proved.add(clusterId)
        const protocols = broadcast.connections(clusterId).map(({ protocol }) => protocol)
        // Who only listens by HTTP has no way to prove anything.
        if (proved.has(clusterId) || protocols.length === 0 || protocols.includes('native')) meant += 1
      }
      const [, first] = on[0]!
      const startedAtMs = Math.min(...on.map(([, { sinceMs }]) => sinceMs))
      return { orderId, title: first.title, unitId: store.orders.get(orderId)?.issuerUnitId ?? '', startedAtMs, meant, proved: proved.size }
    }).filter(({ unitId }) => unitId !== '')
  }

  #channels(): Facts['channels'] {
    const { store: { notifications }, outbox } = this.#ports
    const waiting = new Map(notifications.queues().map(({ channelId, oldestMs }) => [channelId, oldestMs]))
    return notifications.channels().filter(({ enabled }) => enabled).map(({ id, name, unitId }) => ({ id, name, unitId, oldestPendingMs: waiting.get(id) ?? null, certificateEndsAtMs: outbox.certificateEnd(id) }))
  }

  #hear(event: BroadcastEvent): void {
    if (event.type === 'on-air') this.#noteOnAir(event.clusterIds, event.onAir)
    if (event.type !== 'fault') return
    const nowMs = this.#ports.clock.wallMs()
    const role = GONE_ROLES[event.code]
    if (role !== undefined) this.#restarts.set(role, [...(this.#restarts.get(role) ?? []).filter((atMs) => nowMs - atMs < RESTART_WINDOW_MS), nowMs].slice(-MOST_KEPT))
    if (event.code !== 'LOA_FAULT_WALL_CLOCK_STEP') return
    this.#clockSteps.push({ atMs: nowMs, message: event.message })
    if (this.#clockSteps.length > MOST_KEPT) this.#clockSteps.shift()
  }

  #noteOnAir(clusterIds: readonly string[], onAir: OnAir | null): void {
    for (const id of clusterIds) {
      if (onAir === null) this.#onAir.delete(id)
      else this.#onAir.set(id, onAir)
    }
  }
}

const provesOrder = (speaker: SpeakerInfo | null, orderId: string): boolean => speaker !== null && speaker.orderId === orderId && (speaker.stage === 'played' || speaker.stage === 'heard')

/** What is to be said of a cluster; nothing of one that is out of use. */
function problemsOf({ state, sinceMs, conditions }: WatchedCluster): Problem[] {
  if (state === 'out-of-use' || state === 'never-seen') return []
  const found: Problem[] = []
  if (state === 'lost') found.push({ rule: 'cluster-lost', sinceMs, detail: 'no connection', detailVi: 'mất kết nối' })
  // The server itself has just come back: what was lost may still be, or be about to connect.
  if (state === 'unknown') found.push({ rule: 'cluster-lost', isUnsure: true, detail: 'no connection', detailVi: 'mất kết nối' })
  if (state === 'silent') found.push({ rule: 'cluster-silent', sinceMs, detail: 'on the air, but no sound leaves it', detailVi: 'đang trong giờ phát nhưng không có tiếng' })
  for (const { code, value } of conditions) {
    if (code === 'out-of-step') found.push({ rule: 'cluster-out-of-step', detail: `${figure(value)} ms off`, detailVi: `lệch ${figure(value)} ms` })
    if (code === 'off-mains') found.push({ rule: 'cluster-power', detail: `runs on ${figure(value)}`, detailVi: `đang dùng ${figure(value)}` })
  }
  const faulty = conditions.filter(({ code }) => code in EQUIPMENT)
  if (faulty.length > 0) {
    const words = (language: 0 | 1): string => faulty.map(({ code, value }) => `${EQUIPMENT[code]![language]} (${figure(value)})`).join('; ')
    found.push({ rule: 'cluster-equipment', detail: words(0), detailVi: words(1) })
  }
  return found
}

const figure = (value: number | string | null): string => (typeof value === 'number' ? String(Math.round(value * 10) / 10) : (value ?? ''))
