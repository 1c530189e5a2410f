import type { ProcessInfo, StatusInfo } from '../../control/ports.ts'
import type { EnginePeer, FanOutPeer, RecorderPeer } from '../link/control-server.ts'
import { LATENESS_BOUNDS_MS, type EngineStats, type FanOutStats } from '../link/messages.ts'
import type { RecorderStats } from '../link/recorder-messages.ts'

interface Entry<Stats> {
  readonly peer: EnginePeer | FanOutPeer | RecorderPeer
  stats: Stats | null
}

/** The last figures of each connected process, and their sums. */
export class ProcessBoard {
  readonly engines = new Map<number, Entry<EngineStats>>()
  readonly fanOuts = new Map<number, Entry<FanOutStats>>()
  readonly #recorders = new Map<number, Entry<RecorderStats>>()

  addEngine(peer: EnginePeer): void {
    this.engines.set(peer.hello.index, { peer, stats: null })
  }

  addFanOut(peer: FanOutPeer): void {
    this.fanOuts.set(peer.hello.index, { peer, stats: null })
  }

  addRecorder(peer: RecorderPeer): void {
    this.#recorders.set(peer.hello.index, { peer, stats: null })
  }

  /** A process that has come back already stays. */
  remove(peer: EnginePeer | FanOutPeer | RecorderPeer): void {
    const board = { engine: this.engines, 'fan-out': this.fanOuts, recorder: this.#recorders, phone: undefined }[peer.hello.role]
    if (board?.get(peer.hello.index)?.peer === peer) board.delete(peer.hello.index)
  }

  engineStats(peer: EnginePeer, stats: EngineStats): void {
    const entry = this.engines.get(peer.hello.index)
    if (entry?.peer === peer) entry.stats = stats
  }

  fanOutStats(peer: FanOutPeer, stats: FanOutStats): void {
    const entry = this.fanOuts.get(peer.hello.index)
    if (entry?.peer === peer) entry.stats = stats
  }

  recorderStats(peer: RecorderPeer, stats: RecorderStats): void {
    const entry = this.#recorders.get(peer.hello.index)
    if (entry?.peer === peer) entry.stats = stats
  }

  processes(): ProcessInfo[] {
    const own = process.cpuUsage()
    const infos: ProcessInfo[] = [{ role: 'control', index: 0, pid: process.pid, connected: true, cpuMsTotal: (own.user + own.system) / 1000, rssBytes: process.memoryUsage.rss() }]
    for (const [role, board] of [['engine', this.engines], ['fan-out', this.fanOuts], ['recorder', this.#recorders]] as const) {
      for (const { peer, stats } of board.values()) {
        const { index, pid } = peer.hello
        infos.push({ role, index, pid, connected: true, cpuMsTotal: stats?.cpuMsTotal ?? 0, rssBytes: stats?.rssBytes ?? 0 })
      }
    }
    return infos
  }

  /** What all processes together say at /v1/status. */
  totals(): Omit<StatusInfo, 'clustersOnline' | 'connections' | 'connectionsByFormat' | 'lastCut'> {
    return {
      processes: this.processes(),
      programmes: this.sumEngines(({ programmes }) => programmes),
      encoders: this.sumEngines(({ encoders }) => encoders),
      framesTotal: this.sumFanOuts(({ framesTotal }) => framesTotal),
      bytesTotal: this.sumFanOuts(({ bytesTotal }) => bytesTotal),
      latenessMaxMs: this.latenessMaxMs(),
      gapFramesTotal: this.sumFanOuts(({ gapFramesTotal }) => gapFramesTotal),
      skipsTotal: this.sumFanOuts(({ skipsTotal }) => skipsTotal),
      frozenTotal: this.sumFanOuts(({ cutsFrozenTotal }) => cutsFrozenTotal),
      replacedTotal: this.sumFanOuts(({ replacedTotal }) => replacedTotal),
      refusedTotal: this.sumFanOuts(({ refusedTotal }) => refusedTotal),
    }
  }

  sumEngines(pick: (stats: EngineStats) => number): number {
    return sum(this.engines, pick)
  }

  sumFanOuts(pick: (stats: FanOutStats) => number): number {
    return sum(this.fanOuts, pick)
  }

  /** Cumulative counts of lateness at the fan-outs, summed; bounds are LATENESS_BOUNDS_MS and +Inf. */
  fanOutLateness(): number[] {
    return sumBuckets([...this.fanOuts.values()].map(({ stats }) => stats?.latenessBuckets))
  }

  engineLateness(): number[] {
    return sumBuckets([...this.engines.values()].map(({ stats }) => stats?.latenessBuckets))
  }

  latenessMaxMs(): number {
    return Math.max(0, ...[...this.fanOuts.values()].map(({ stats }) => stats?.latenessMaxMs ?? 0))
  }

  monitoredRooms(): string[] {
    return [...new Set([...this.fanOuts.values()].flatMap(({ stats }) => stats?.monitoredRooms ?? []))]
  }
}

function sum<Stats>(board: Map<number, Entry<Stats>>, pick: (stats: Stats) => number): number {
  let total = 0
  for (const { stats } of board.values()) if (stats !== null) total += pick(stats)
  return total
}

function sumBuckets(all: readonly (readonly number[] | undefined)[]): number[] {
  return Array.from({ length: LATENESS_BOUNDS_MS.length + 1 }, (_, bucket) => all.reduce((total, buckets) => total + (buckets?.[bucket] ?? 0), 0))
}
