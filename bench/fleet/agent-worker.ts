import { monitorEventLoopDelay } from 'node:perf_hooks'
import { monotonicMs } from '../../test/support/link-emulator-relay.ts'
import { Agent } from '../../speaker/agent.ts'
import { wsConnect } from '../../speaker/client/ws-link.ts'
import { keyIdentity } from '../../speaker/key-identity.ts'
import { VirtualCard } from '../../speaker/outputs/virtual-card.ts'
import type { LocalClock } from '../../speaker/ports.ts'
import { Crystal, type CrystalErrors } from './crystal.ts'

/* A process with some of a fleet's agents: the agent of speaker/ as it is, each with clocks of its own. Started by fleet.ts. */

/** Places are taken at multiples of this on CLOCK_MONOTONIC, the same in all processes. */
export const INSTANT_MS = 100

export interface AgentSpec {
  /** Its number in the whole fleet. */
  readonly index: number
  readonly clusterId: string
  readonly key: string
  /** Of the server, or of a link to it. */
  readonly port: number
  /** The device's clock. */
  readonly crystal: CrystalErrors
  /** The sound card's crystal against true time. */
  readonly cardPpm: number
  readonly decode: boolean
  readonly queueMs: number
  readonly turnMs: number
}

export interface WorkerStart {
  readonly type: 'start'
  readonly agents: readonly AgentSpec[]
  /** The agents of this process start spread over so long, ms. */
  readonly overMs: number
}

export type WorkerRequest = WorkerStart | { readonly type: 'report' }

export interface AgentTotals {
  readonly lateFrames: number
  readonly lostFrames: number
  readonly concealedFrames: number
  readonly hardCorrections: number
  readonly underrunSamples: number
  readonly connections: number
}

export type WorkerMessage =
  /** `places[i]`: house samples of hearing that leave agent `i` of this process at `instant` × INSTANT_MS; NaN: nothing live leaves it. */
  | { readonly type: 'places'; readonly instant: number; readonly places: Float64Array }
  | { readonly type: 'started'; readonly index: number; readonly atMs: number }
  /** The first sample of an order has left. */
  | { readonly type: 'order'; readonly index: number; readonly orderId: string; readonly heardAtHouseUs: number }
  | { readonly type: 'report'; readonly totals: readonly AgentTotals[]; readonly cpuMs: number; readonly rssKib: number; readonly loopDelayP99Ms: number; readonly loopDelayMaxMs: number }

const clockOf = (crystal: Crystal): LocalClock => ({
  monotonicMs: () => crystal.deviceMs(monotonicMs()),
  setTimer: (delayMs, fire) => {
    const timer = setTimeout(fire, Math.max(0, delayMs))
    return {
      cancel: () => {
        clearTimeout(timer)
      },
    }
  },
})

interface Running {
  readonly agent: Agent
  readonly card: VirtualCard
  connections: number
}

const send = (message: WorkerMessage): void => {
  // The parent may be gone; then this process ends too.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

function make({ index, clusterId, key, port, crystal, cardPpm, decode, queueMs, turnMs }: AgentSpec): Running {
  const clock = clockOf(new Crystal(crystal, monotonicMs(), 1_000_000 * (index + 1)))
  const card = new VirtualCard({ trueMs: monotonicMs, local: clock, ppm: cardPpm, queueMs })
  const counts = { connections: 0 }
  let order: string | null = null
  const agent = new Agent({
    clock, output: card, decode, turnMs,
    connect: wsConnect({ server: `ws://127.0.0.1:${String(port)}` }),
    identity: keyIdentity(clusterId, key),
    onEvent: (event) => {
      if (event.event === 'connected') counts.connections += 1
      if (event.event !== 'played') return
      const { orderId, playing, heardAtHouseUs } = event.stretch
      if (playing === 'live' && orderId !== null && orderId !== order) send({ type: 'order', index, orderId, heardAtHouseUs })
      order = orderId
    },
  })
  return {
    agent, card,
    get connections() {
      return counts.connections
    },
  }
}

function totals({ agent, connections }: Running): AgentTotals {
  const { lateFrames, lostFrames, concealedFrames } = agent.status()
  return { lateFrames, lostFrames, concealedFrames, hardCorrections: agent.playOut.hardCorrectionsTotal, underrunSamples: agent.playOut.underrunSamples, connections }
}

function run(): void {
  const running: Running[] = []
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()

  const start = ({ agents, overMs }: WorkerStart): void => {
    for (const [at, spec] of agents.entries()) {
      const made = make(spec)
      running.push(made)
      setTimeout(() => {
        send({ type: 'started', index: spec.index, atMs: monotonicMs() })
        made.agent.start()
      }, (at * overMs) / agents.length)
    }
    takePlaces()
  }

  const takePlaces = (): void => {
    const instant = Math.ceil(monotonicMs() / INSTANT_MS)
    setTimeout(() => {
      const places = Float64Array.from(running, ({ agent, card }) => {
        card.position()
        return agent.playOut.departures.leaving?.playing === 'live' ? agent.placeOf(card.sampleAt(instant * INSTANT_MS)) : NaN
      })
      send({ type: 'places', instant, places })
      takePlaces()
    }, instant * INSTANT_MS - monotonicMs() + 1)
  }

  process.on('message', (message) => {
    const request = message as WorkerRequest
    if (request.type === 'start') {
      start(request)
      return
    }
    const { user, system } = process.cpuUsage()
    send({ type: 'report', totals: running.map(totals), cpuMs: (user + system) / 1000, rssKib: process.memoryUsage.rss() / 1024, loopDelayP99Ms: delay.percentile(99) / 1e6, loopDelayMaxMs: delay.max / 1e6 })
    // Each report tells of the time since the one before.
    delay.reset()
  })
  process.on('disconnect', () => {
    void Promise.all(running.map(({ agent }) => agent.stop())).finally(() => process.exit(0))
  })
}

if (import.meta.main && process.argv[2] === 'agents') run()
