import { once } from 'node:events'
import { fork, type ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProfileName } from '../../test/support/link-emulator.ts'
import { monotonicMs } from '../../test/support/link-emulator-relay.ts'
import { waitUntil } from '../lib/processes.ts'
import { INSTANT_MS, type AgentSpec, type AgentTotals, type WorkerMessage, type WorkerRequest } from './agent-worker.ts'
import { drawCrystal } from './crystal.ts'
import { putFirst } from './priority.ts'
import { RelayProcess, type RelayReport } from './relay-process.ts'
import { SkewStatistics, TimeTally } from './skew.ts'
import { openStation, type Station } from './station.ts'

/**
 * What a network asks of the settings: how long sound is held back so that everybody has it, and how much may wait in the cards. A frame is
 * there 60 ms and a flush interval (40 ms on the LAN, else 100) after its place at the latest; what is in the card must have been there before.
 */
const NETWORKS: Readonly<Record<ProfileName, { readonly delayMs: number; readonly queueMs: number }>> = {
  none: { delayMs: 120, queueMs: 40 },
  lan: { delayMs: 120, queueMs: 40 },
  '4g': { delayMs: 800, queueMs: 160 },
  '4g-asymmetric': { delayMs: 800, queueMs: 160 },
  bad: { delayMs: 800, queueMs: 160 },
}
/** Agents that have a process to themselves; the others share as many processes as there are cores. */
export const OWN_PROCESSES = 8
const SHARED_PROCESSES = 2
/** One of so many decodes what it plays; those with a process of their own all do. */
const DECODES_EVERY = 32
const JOIN_TIMEOUT_MS = 60_000
/** Instants are judged when every process has had time to tell. */
const LATE_INSTANTS = 20

export interface FleetOptions {
  readonly folder: string
  readonly profile: ProfileName
  readonly clusters: number
  /** Crystals of clocks and cards are drawn within ±this. */
  readonly ppm: number
  readonly seed: number
  /** The card runs on the clock's crystal, as a player's that has only one; otherwise each has its own. */
  readonly oneCrystal?: boolean
  readonly ownProcesses?: number
  readonly say: (text: string) => void
}

export interface FleetTotals extends AgentTotals {
  readonly agents: number
  readonly agentCpuPercent: number
  readonly worstLoopDelayP99Ms: number
  readonly worstLoopDelayMs: number
}

type WorkerReport = Extract<WorkerMessage, { type: 'report' }>

interface AgentProcess {
  readonly child: ChildProcess
  /** Of its agents in the whole fleet. */
  readonly indices: readonly number[]
  report: ((message: WorkerReport) => void) | null
}

/** A running fleet: a server, a network, and agents in several processes. Close it. */
export class Fleet {
  readonly station: Station
  readonly relay: RelayProcess
  readonly options: FleetOptions
  readonly specs: readonly AgentSpec[]
  /** Ms from an agent's start to the first sample of the programme that leaves it. */
  readonly joinMs: number[] = []
  /** Of the counted instants: |place − house time| of every agent; how far all are off together is seen only here. */
  readonly errors = new TimeTally()
  skew = new SkewStatistics()
  readonly #workers: AgentProcess[] = []
  readonly #startedMs: Float64Array
  readonly #lastErrorMs: Float64Array
  readonly #instants = new Map<number, Float64Array>()
  readonly #orders = new Map<string, Map<number, number>>()
  readonly #beginMs = monotonicMs()
  #watch: ((instantMs: number, errorsMs: Float64Array) => void) | null = null
  /** Instants [from, until) are counted, CLOCK_MONOTONIC ms. */
  #counted = { fromMs: Infinity, untilMs: Infinity }
  #lastInstant = 0

  private constructor(station: Station, relay: RelayProcess, options: FleetOptions, specs: readonly AgentSpec[]) {
    this.station = station
    this.relay = relay
    this.options = options
    this.specs = specs
    this.#startedMs = new Float64Array(specs.length).fill(NaN)
    this.#lastErrorMs = new Float64Array(specs.length).fill(0)
  }

  static async start(options: FleetOptions, settings: Readonly<Record<string, string>> = {}): Promise<Fleet> {
    const { folder, profile, clusters, ppm, seed } = options
    const { delayMs, queueMs } = NETWORKS[profile]
    options.say(`${String(clusters)} clusters through the API`)
    const station = await openStation(folder, clusters, { LOA_PRESENTATION_DELAY_MS: String(delayMs), ...settings })
    const relay = new RelayProcess()
    try {
      const ports = await relay.open(station.loa.streamPort, profile, seed, clusters)
      const own = Math.min(clusters, options.ownProcesses ?? OWN_PROCESSES)
      const specs = station.clusters.map(({ id, key }, index): AgentSpec => {
        const crystal = drawCrystal(seed, index, ppm)
        return {
          index, clusterId: id, key, port: ports[index]!, crystal,
          // Where there are two crystals, the first two agents have the worst of each against each other.
          cardPpm: options.oneCrystal === true ? crystal.ppm : -drawCrystal(seed + 1, index, ppm).ppm,
          decode: index < own || index % DECODES_EVERY === 0, queueMs, turnMs: index < own ? 10 : 20,
        }
      })
      const fleet = new Fleet(station, relay, options, specs)
      for (let index = 0; index < own; index += 1) fleet.#fork([specs[index]!])
      const shared = specs.slice(own)
      for (let part = 0; part < SHARED_PROCESSES && shared.length > part; part += 1) fleet.#fork(shared.filter((_, index) => index % SHARED_PROCESSES === part))
      return fleet
    } catch (error) {
      await relay.close()
      await station.loa.close()
      throw error
    }
  }

  #fork(specs: readonly AgentSpec[]): void {
    const child = fork(new URL('./agent-worker.ts', import.meta.url), ['agents'], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const worker: AgentProcess = { child, indices: specs.map(({ index }) => index), report: null }
    this.#workers.push(worker)
    putFirst(child.pid, 1)
    child.on('message', (message) => {
      this.#take(worker, message as WorkerMessage)
    })
    child.send({ type: 'start', agents: specs, overMs: specs.length * 10 } satisfies WorkerRequest)
  }

  #take(worker: AgentProcess, message: WorkerMessage): void {
    switch (message.type) {
      case 'started':
        this.#startedMs[message.index] = message.atMs
        break
      case 'report':
        worker.report?.(message)
        break
      case 'order': {
        const leftAtMs = message.heardAtHouseUs / 1000 - this.station.houseLeadMs - this.#lastErrorMs[message.index]!
        const known = this.#orders.get(message.orderId)
        if (message.orderId === this.station.programmeOrderId && known?.has(message.index) !== true) this.joinMs.push(leftAtMs - this.#startedMs[message.index]!)
        if (known === undefined) this.#orders.set(message.orderId, new Map([[message.index, leftAtMs]]))
        else if (!known.has(message.index)) known.set(message.index, leftAtMs)
        break
      }
      case 'places':
        this.#places(worker.indices, message.instant, message.places)
    }
  }

  #places(indices: readonly number[], instant: number, places: Float64Array): void {
    if (instant <= this.#lastInstant) return
    let errors = this.#instants.get(instant)
    if (errors === undefined) {
      errors = new Float64Array(this.specs.length).fill(NaN)
      this.#instants.set(instant, errors)
    }
    for (const [at, index] of indices.entries()) {
      const error = places[at]! / 48 - (instant * INSTANT_MS + this.station.houseLeadMs)
      errors[index] = error
      if (!Number.isNaN(error)) this.#lastErrorMs[index] = error
    }
    for (const [known, complete] of this.#instants) {
      if (known > instant - LATE_INSTANTS) break
      this.#instants.delete(known)
      this.#lastInstant = known
      this.#judge(known * INSTANT_MS, complete)
    }
  }

  #judge(atMs: number, errors: Float64Array): void {
    const counted = atMs >= this.#counted.fromMs && atMs < this.#counted.untilMs
    this.skew.add(atMs - this.#beginMs, errors, counted)
    if (counted) for (const error of errors) if (!Number.isNaN(error)) this.errors.add(Math.abs(error))
    this.#watch?.(atMs, errors)
  }

  /** Waits until the programme has left every agent. @throws Error when some never play */
  async whenPlaying(): Promise<void> {
    await waitUntil('every agent plays', () => {
      this.options.say(`${String(this.joinMs.length)} of ${String(this.specs.length)} agents play`)
      return this.joinMs.length === this.specs.length
    }, JOIN_TIMEOUT_MS)
  }

  /** Counts skew at the instants of the next `ms`, no more and no fewer however late this process is, and waits until they are judged. */
  async count(ms: number, what: string): Promise<void> {
    const fromMs = Math.ceil(monotonicMs() / INSTANT_MS) * INSTANT_MS
    const untilMs = fromMs + ms
    this.#counted = { fromMs, untilMs }
    await waitUntil('every instant is judged', () => {
      this.options.say(`${what}: ${String(Math.max(0, Math.round((monotonicMs() - fromMs) / 1000)))} of ${String(Math.round(ms / 1000))} s`)
      return (this.#lastInstant + 1) * INSTANT_MS >= untilMs
    }, ms + JOIN_TIMEOUT_MS)
  }

  /** Lets `watch` see every instant, judged or not, about two seconds late, while `during` runs. */
  async watching(watch: (instantMs: number, errorsMs: Float64Array) => void, during: () => Promise<void>): Promise<void> {
    this.#watch = watch
    try {
      await during()
      await delay(LATE_INSTANTS * INSTANT_MS * 1.5)
    } finally {
      this.#watch = null
    }
  }

  get presentationDelayMs(): number {
    return NETWORKS[this.options.profile].delayMs
  }

  /** When the first sample of an order left each agent, CLOCK_MONOTONIC ms. */
  leftAt(orderId: string): ReadonlyMap<number, number> {
    return this.#orders.get(orderId) ?? new Map<number, number>()
  }

  async totals(): Promise<FleetTotals> {
    const reports = await Promise.all(this.#workers.map((worker) => new Promise<WorkerReport>((resolve) => {
      worker.report = resolve
      worker.child.send({ type: 'report' } satisfies WorkerRequest)
    })))
    const all = reports.flatMap(({ totals }) => totals)
    const sum = (name: keyof AgentTotals): number => all.reduce((total, agent) => total + agent[name], 0)
    return {
      agents: all.length, lateFrames: sum('lateFrames'), lostFrames: sum('lostFrames'), concealedFrames: sum('concealedFrames'), hardCorrections: sum('hardCorrections'),
      underrunSamples: sum('underrunSamples'), connections: sum('connections'),
      agentCpuPercent: (reports.reduce((total, { cpuMs }) => total + cpuMs, 0) / (monotonicMs() - this.#beginMs) / all.length) * 100,
      worstLoopDelayP99Ms: Math.max(...reports.map(({ loopDelayP99Ms }) => loopDelayP99Ms)),
      worstLoopDelayMs: Math.max(...reports.map(({ loopDelayMaxMs }) => loopDelayMaxMs)),
    }
  }

  relayReport(): Promise<RelayReport> {
    return this.relay.report()
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(async ({ child }) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      if (child.connected) child.disconnect()
      await gone
    }))
    await this.relay.close()
    await this.station.loa.close()
  }
}
