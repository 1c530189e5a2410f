import { done, type LoaClient, type Schemas } from '../../control/client/index.ts'
import type { VirtualCluster } from './virtual-cluster.ts'

type Status = Schemas['Status']

/** What one look at the server and at the virtual clusters shows; rates are of the time since the look before. */
export interface Counters {
  readonly title: string
  readonly listeners: number
  readonly hearing: number
  readonly framesPerSecond: number
  readonly kilobitsPerSecond: number
  /** Upper bound of the histogram's bucket that holds the 99th percentile; null when nothing was written. */
  readonly latenessP99Ms: number | null
  readonly gapFrames: number
  /** Per cent of one core, by role. */
  readonly cpuPercent: Readonly<Record<string, number>>
  readonly memoryMib: number
  readonly lastCut: Status['lastCut']
}

interface Look {
  readonly atMs: number
  readonly status: Status
  readonly lateness: ReadonlyMap<number, number>
  readonly heardBytes: readonly number[]
}

/** Turns the API's running totals into rates. */
export class CounterReader {
  readonly #loa: LoaClient
  readonly #clusters: readonly VirtualCluster[]
  readonly #clusterId: string
  #before: Look | null = null

  constructor(loa: LoaClient, clusters: readonly VirtualCluster[], clusterId: string) {
    this.#loa = loa
    this.#clusters = clusters
    this.#clusterId = clusterId
  }

  async read(): Promise<Counters> {
    const [status, metrics, { onAir }] = await Promise.all([
      this.#loa.GET('/v1/status').then(done),
      this.#loa.GET('/metrics', { parseAs: 'text' }).then(done),
      this.#loa.GET('/v1/clusters/{id}/on-air', { params: { path: { id: this.#clusterId } } }).then(done),
    ])
    const now: Look = { atMs: performance.now(), status, lateness: readLateness(metrics), heardBytes: this.#clusters.map(({ bytes }) => bytes) }
    const before = this.#before ?? now
    this.#before = now
    const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1000)
    const heard = now.heardBytes.map((bytes, index) => bytes - before.heardBytes[index]!)
    const cpuPercent: Record<string, number> = {}
    for (const [role, cpuMs] of cpuByRole(status)) cpuPercent[role] = Math.max(0, cpuMs - (cpuByRole(before.status).get(role) ?? cpuMs)) / (seconds * 10)
    return {
      title: onAir?.title ?? '',
      listeners: status.connections.total,
      hearing: heard.filter((bytes) => bytes > 0).length,
      framesPerSecond: (status.framesTotal - before.status.framesTotal) / seconds,
      kilobitsPerSecond: (heard.reduce((sum, bytes) => sum + bytes, 0) * 8) / 1000 / seconds,
      latenessP99Ms: percentile(now.lateness, before.lateness, 0.99),
      gapFrames: status.gapFramesTotal,
      cpuPercent,
      memoryMib: status.processes.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / 1024 / 1024,
      lastCut: status.lastCut,
    }
  }
}

function cpuByRole(status: Status): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { role, cpuMsTotal } of status.processes) sums.set(role, (sums.get(role) ?? 0) + cpuMsTotal)
  return sums
}

/** Cumulative counts of the listeners' histogram, by upper bound in ms. */
function readLateness(metrics: string): Map<number, number> {
  const buckets = new Map<number, number>()
  for (const [, bound, count] of metrics.matchAll(/^loa_listener_lateness_seconds_bucket\{le="([^"]+)"\} (\d+)/gm)) {
    buckets.set(bound === '+Inf' ? Infinity : Number(bound) * 1000, Number(count))
  }
  return buckets
}

function percentile(now: ReadonlyMap<number, number>, before: ReadonlyMap<number, number>, share: number): number | null {
  const counts = [...now].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)] as const)
  const total = counts.at(-1)?.[1] ?? 0
  return total <= 0 ? null : (counts.find(([, count]) => count >= total * share)?.[0] ?? null)
}
