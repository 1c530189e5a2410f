import type { ClusterRecord, ConnectionInfo, OnAir, SpeakerInfo } from '../ports.ts'
import { afterStatus, NEVER_SEEN, workingState, type ClusterPast, type Condition, type ConditionCode, type StateBounds, type Working, type WorkingState } from './cluster-state.ts'
import { StateTally, type Counted, type StateCounts, type TallyTechnology } from './state-tally.ts'

/** A cluster as the board sees it. */
export type BoardCluster = Pick<ClusterRecord, 'id' | 'unitId' | 'enabled' | 'state'> & {
  readonly technology: TallyTechnology
  /** Grows with the age of clusters: lists are cut by it. */
  readonly number: number
}

/** What was known of a cluster before this board was. */
export interface Before {
  readonly wasSeen: boolean
  /** When it was last online; null: never, or it is. */
  readonly leftAtMs: number | null
}

export interface ClusterReport extends Counted {
  readonly clusterId: string
  readonly number: number
  readonly unitId: string
  readonly conditions: readonly Condition[]
  /** Since when it has been in this state. */
  readonly sinceMs: number
  /** When it was last online; null: it is, or never was. */
  readonly leftAtMs: number | null
}

/** A cluster is in another state, has another condition, or has come online or on air; null: it was not there, or is no more. */
export interface StateChange {
  readonly clusterId: string
  readonly atMs: number
  readonly before: ClusterReport | null
  readonly after: ClusterReport | null
}

export interface ReportFilter {
  /** The unit and everything below it. */
  readonly unit?: string
  /** Only what lies in these units and below them; null: everything. */
  readonly within?: readonly string[] | null
  readonly state?: WorkingState
  readonly condition?: ConditionCode
  readonly technology?: TallyTechnology
}

interface Entry {
  cluster: BoardCluster
  /** Its unit and all above. */
  units: readonly string[]
  connections: readonly ConnectionInfo[]
  rtpReceivers: number
  speaker: SpeakerInfo | null
  onAir: OnAir | null
  past: ClusterPast
  leftAtMs: number | null
  untilMs: number
  report: ClusterReport
}

const NOBODY: readonly ConnectionInfo[] = []

/**
 * How every cluster works, kept up with each thing that happens, so that counts and lists are there when somebody asks. It knows no clock and
 * asks nobody: each call says what happened and when.
 */
export class StateBoard {
  readonly #bounds: StateBounds
  readonly #entries = new Map<string, Entry>()
  readonly #tally = new StateTally()
  readonly #changes = new Map<string, StateChange>()
  #excusedUntilMs: number

  /** @param excusedUntilMs until then it says nothing of a cluster that it is not connected: the server has just started */
  constructor(bounds: StateBounds, excusedUntilMs: number) {
    this.#bounds = bounds
    this.#excusedUntilMs = excusedUntilMs
  }

  ids(): readonly string[] {
    return [...this.#entries.keys()]
  }

  report(clusterId: string): ClusterReport | undefined {
    return this.#entries.get(clusterId)?.report
  }

  /** @param unitId with everything below it; null: all */
  counts(unitId: string | null): StateCounts {
    return this.#tally.of(unitId)
  }

  /** Clusters that fit, in the order in which they were placed. */
  *reports({ unit, within = null, state, condition, technology }: ReportFilter): Generator<ClusterReport> {
    for (const entry of this.#entries.values()) {
      const { report } = entry
      if (state !== undefined && report.state !== state) continue
      if (technology !== undefined && report.technology !== technology) continue
      if (condition !== undefined && !report.conditions.some(({ code }) => code === condition)) continue
      if (unit !== undefined && !entry.units.includes(unit)) continue
      if (within === null || entry.units.some((id) => within.includes(id))) yield report
    }
  }

  /** What has changed since this was last asked, each cluster once. */
  takeChanges(): readonly StateChange[] {
    const changes = [...this.#changes.values()]
    this.#changes.clear()
    return changes
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** A cluster is new, or was changed or moved. */
  place(cluster: BoardCluster, units: readonly string[], before: Before, nowMs: number): void {
    const entry = this.#entries.get(cluster.id)
    if (entry === undefined) {
      this.#add(cluster, units, before, nowMs)
      return
    }
    this.#tally.subtract(entry.units, entry.report)
    entry.cluster = cluster
    entry.units = units
    this.#judge(entry, nowMs)
    this.#tally.add(units, entry.report)
  }

  remove(clusterId: string, nowMs: number): void {
    const entry = this.#entries.get(clusterId)
    if (entry === undefined) return
    this.#entries.delete(clusterId)
    this.#tally.subtract(entry.units, entry.report)
    this.#note(entry.report, null, clusterId, nowMs)
  }

  /**
   * All connections of a cluster, after some came or went.
   * @param excusedUntilMs when none is left through no fault of the cluster: until when it has time to come back
   */
  connected(clusterId: string, connections: readonly ConnectionInfo[], nowMs: number, excusedUntilMs = 0): void {
    this.#update(clusterId, nowMs, (entry) => {
      // Of what a device said over a connection that has ended nothing is known any more.
      if (!connections.some(({ protocol }) => protocol === 'native')) {
        entry.speaker = null
        entry.past = { ...entry.past, quietSinceMs: null, beyondSinceMs: null }
      }
      entry.connections = connections
      if (connections.length === 0) entry.past = { ...entry.past, excusedUntilMs: Math.max(entry.past.excusedUntilMs, excusedUntilMs) }
    })
  }

  rtpReceivers(clusterId: string, receivers: number, nowMs: number): void {
    this.#update(clusterId, nowMs, (entry) => {
      entry.rtpReceivers = receivers
    })
  }

  said(speaker: SpeakerInfo, nowMs: number): void {
    this.#update(speaker.clusterId, nowMs, (entry) => {
      if (!entry.connections.some(({ protocol }) => protocol === 'native')) return
      entry.speaker = speaker
      entry.past = afterStatus(entry.past, speaker, this.#bounds)
    })
  }

  onAir(clusterIds: readonly string[], onAir: OnAir | null, nowMs: number): void {
    for (const id of clusterIds) {
      this.#update(id, nowMs, (entry) => {
        entry.onAir = onAir
      })
    }
  }

  /** Time has passed. To be called a few times a second. */
  tick(nowMs: number): void {
    for (const entry of this.#entries.values()) if (entry.untilMs <= nowMs) this.#rejudge(entry, nowMs)
  }

  // ── Judging ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #add(cluster: BoardCluster, units: readonly string[], { wasSeen, leftAtMs }: Before, nowMs: number): void {
    const past = { ...NEVER_SEEN, wasSeen, excusedUntilMs: this.#excusedUntilMs }
    const parts = { cluster, units, connections: NOBODY, rtpReceivers: 0, speaker: null, onAir: null, past, leftAtMs }
    const working = workingState(parts, this.#bounds, nowMs)
    const report = reportOf(parts, working, working.state === 'lost' ? (leftAtMs ?? nowMs) : nowMs)
    this.#entries.set(cluster.id, { ...parts, untilMs: working.untilMs, report })
    this.#tally.add(units, report)
    this.#note(null, report, cluster.id, nowMs)
  }

  #update(clusterId: string, nowMs: number, change: (entry: Entry) => void): void {
    const entry = this.#entries.get(clusterId)
    if (entry === undefined) return
    change(entry)
    this.#rejudge(entry, nowMs)
  }

  #rejudge(entry: Entry, nowMs: number): void {
    const before = entry.report
    this.#judge(entry, nowMs)
    if (entry.report === before) return
    this.#tally.subtract(entry.units, before)
    this.#tally.add(entry.units, entry.report)
  }

  #judge(entry: Entry, nowMs: number): void {
    const before = entry.report
    const working = workingState(entry, this.#bounds, nowMs)
    entry.untilMs = working.untilMs
    if (working.online) {
      entry.past = entry.past.wasSeen ? entry.past : { ...entry.past, wasSeen: true }
      entry.leftAtMs = null
    } else if (before.online) entry.leftAtMs = nowMs
    const report = reportOf(entry, working, sinceOf(entry, before, working.state, nowMs))
    if (isSame(before, report)) {
      if (working.conditions.length > 0 || before.unitId !== report.unitId || before.technology !== report.technology) entry.report = report
      return
    }
    entry.report = report
    this.#note(before, report, report.clusterId, nowMs)
  }

  #note(before: ClusterReport | null, after: ClusterReport | null, clusterId: string, atMs: number): void {
    const known = this.#changes.get(clusterId)
    const first = known === undefined ? before : known.before
    if (first === after || (first !== null && after !== null && isSame(first, after) && first.sinceMs === after.sinceMs)) this.#changes.delete(clusterId)
    else this.#changes.set(clusterId, { clusterId, atMs, before: first, after })
  }
}

/** Once the excuse has passed, it has been lost since it left. */
function sinceOf({ leftAtMs }: Entry, before: ClusterReport, state: WorkingState, nowMs: number): number {
  if (state === before.state) return before.sinceMs
  return state === 'lost' ? (leftAtMs ?? nowMs) : nowMs
}

const reportOf = ({ cluster, onAir, leftAtMs }: Pick<Entry, 'cluster' | 'onAir' | 'leftAtMs'>, { state, conditions, online }: Working, sinceMs: number): ClusterReport =>
  ({ clusterId: cluster.id, number: cluster.number, unitId: cluster.unitId, technology: cluster.technology, state, conditions, online, isOnAir: onAir !== null, sinceMs, leftAtMs })

/** Whether nobody needs to be told: what was measured may differ. */
const isSame = (a: ClusterReport, b: ClusterReport): boolean =>
  a.state === b.state && a.online === b.online && a.isOnAir === b.isOnAir && a.conditions.length === b.conditions.length && a.conditions.every(({ code }, index) => code === b.conditions[index]!.code)
