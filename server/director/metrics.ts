import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { SourceStatusInfo } from '../../control/ports.ts'
import { LATENESS_BOUNDS_MS } from '../link/messages.ts'
import type { PresenceBoard } from './presence-board.ts'
import type { ProcessBoard } from './process-board.ts'

const SOURCE_STATES = ['idle', 'connecting', 'live', 'silent', 'fallback', 'down'] as const

/** What `/metrics` says, in base units (seconds, bytes) as Prometheus wants them. */
export class DirectorMetrics {
  readonly #registry = new Registry()
  readonly #cutIn: Histogram
  readonly #processes: ProcessBoard

  constructor(processes: ProcessBoard, presence: PresenceBoard, sources: ReadonlyMap<string, SourceStatusInfo>) {
    this.#processes = processes
    const registers = [this.#registry]
    const gauge = (name: string, help: string, value: () => number): void => {
      new Gauge({ name, help, registers, collect() { this.set(value()) } })
    }
    const counter = (name: string, help: string, value: () => number): void => {
      new Counter({ name, help, registers, collect() { this.reset(); this.inc(Math.max(0, value())) } })
    }
    gauge('loa_clusters_online', 'Clusters with at least one connection', () => presence.clustersOnline)
    new Gauge({
      name: 'loa_listeners', help: 'Connected listeners by format', labelNames: ['format'], registers,
      collect() {
        this.reset()
        for (const [format, count] of Object.entries(presence.countByFormat())) this.set({ format }, count)
      },
    })
    counter('loa_sent_bytes_total', 'Bytes of sound given to listeners', () => processes.sumFanOuts(({ bytesTotal }) => bytesTotal))
    counter('loa_sent_frames_total', 'Frames given to listeners', () => processes.sumFanOuts(({ framesTotal }) => framesTotal))
    counter('loa_gap_frames_total', 'Frames that no engine sent in time, replaced by silence', () => processes.sumFanOuts(({ gapFramesTotal }) => gapFramesTotal))
    counter('loa_listener_skips_total', 'Listeners moved to the live edge because they lagged', () => processes.sumFanOuts(({ skipsTotal }) => skipsTotal))
    counter('loa_listener_frozen_total', 'Listeners cut because they took no byte', () => processes.sumFanOuts(({ cutsFrozenTotal }) => cutsFrozenTotal))
    counter('loa_listener_replaced_total', 'Connections replaced by a newer one of the same cluster', () => processes.sumFanOuts(({ replacedTotal }) => replacedTotal))
    counter('loa_refused_total', 'Requests refused at the stream port', () => processes.sumFanOuts(({ refusedTotal }) => refusedTotal))
    gauge('loa_monitors', 'People who monitor by WebRTC (WHEP)', () => processes.sumFanOuts(({ monitors }) => monitors))
    counter('loa_monitors_refused_total', 'WHEP requests that were refused', () => processes.sumFanOuts(({ monitorsRefusedTotal }) => monitorsRefusedTotal))
    counter('loa_rtc_worker_deaths_total', 'WebRTC workers that died by themselves', () => processes.sumEngines(({ rtcWorkerDeathsTotal }) => rtcWorkerDeathsTotal) + processes.sumFanOuts(({ rtcWorkerDeathsTotal }) => rtcWorkerDeathsTotal))
    gauge('loa_programmes', 'Programmes that run', () => processes.sumEngines(({ programmes }) => programmes))
    gauge('loa_encoders', 'Encoders that run', () => processes.sumEngines(({ encoders }) => encoders))
    counter('loa_encoded_frames_total', 'Frames encoded', () => processes.sumEngines(({ framesTotal }) => framesTotal))
    counter('loa_encode_seconds_total', 'Time spent encoding', () => processes.sumEngines(({ encodeMsTotal }) => encodeMsTotal) / 1000)
    counter('loa_source_starved_total', 'Times a programme was bridged because its source brought nothing', () => processes.sumEngines(({ starvedTotal }) => starvedTotal))
    new Gauge({
      name: 'loa_process_cpu_seconds_total', help: 'CPU time of each process', labelNames: ['role', 'index'], registers,
      collect() {
        this.reset()
        for (const { role, index, cpuMsTotal } of processes.processes()) this.set({ role, index: String(index) }, cpuMsTotal / 1000)
      },
    })
    new Gauge({
      name: 'loa_process_resident_bytes', help: 'Resident memory of each process', labelNames: ['role', 'index'], registers,
      collect() {
        this.reset()
        for (const { role, index, rssBytes } of processes.processes()) this.set({ role, index: String(index) }, rssBytes)
      },
    })
    new Gauge({
      name: 'loa_source_state', help: '1 for the state a source is in', labelNames: ['source', 'state'], registers,
      collect() {
        this.reset()
        for (const { sourceId, state } of sources.values()) for (const name of SOURCE_STATES) this.set({ source: sourceId, state: name }, state === name ? 1 : 0)
      },
    })
    this.#cutIn = new Histogram({ name: 'loa_cut_in_seconds', help: 'From the assignment of an emergency to the last write to its listeners, a fan-out', buckets: [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1], registers })
  }

  cut(elapsedMs: number): void {
    this.#cutIn.observe(elapsedMs / 1000)
  }

  async text(): Promise<string> {
    return (await this.#registry.metrics()) + bucketText('loa_listener_lateness_seconds', 'Time from when a flush was due until it was written', this.#processes.fanOutLateness()) + bucketText('loa_engine_lateness_seconds', 'Time from when a frame was due until it was on the bus', this.#processes.engineLateness())
  }
}

/** The processes keep their histograms themselves; this is their sum in Prometheus' text format. */
function bucketText(name: string, help: string, cumulative: readonly number[]): string {
  const lines = LATENESS_BOUNDS_MS.map((bound, index) => `${name}_bucket{le="${String(bound / 1000)}"} ${String(cumulative[index] ?? 0)}`)
  const total = String(cumulative.at(-1) ?? 0)
  return `\n# HELP ${name} ${help}\n# TYPE ${name} histogram\n${lines.join('\n')}\n${name}_bucket{le="+Inf"} ${total}\n${name}_count ${total}\n`
}
