import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { Icecast, ICECAST_MISSING } from '../lib/icecast.ts'
import { httpTarget, type RoleName } from '../lib/loa.ts'
import { HTTP_FLUSH_MS, HTTP_LISTENERS, openLoa } from '../lib/fleet.ts'
import { end, freePort, inspect, start, waitUntil } from '../lib/processes.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { LoadSink, type Target } from '../lib/sink.ts'
import { median, round, spread } from '../lib/statistics.ts'

/** Server, whatever it is, on the first core; sink, encoder of the source and this program on the second. */
const SERVER_CORES = '0'
const SINK_CORES = '1'
const POLL_MS = 50
const BYTES_PER_SECOND = 8000
/** Icecast's listen backlog of 5 takes no more. */
const ICECAST_CONNECTS_PER_SECOND = 330

interface Plan {
  readonly listeners: number
  readonly rounds: number
  readonly floorRounds: number
  readonly seconds: number
  readonly settleMs: number
}

/** What a run cost, µs of CPU for a listener and second. */
interface Cost {
  readonly total: number
  readonly parts: Readonly<Record<string, number>>
  readonly writesPerListenerSecond: number
}

type Reading = () => Readonly<Record<string, number>>

const plainTarget = (path: string): Target => ({ kind: 'http', group: 'http', track: 'mp3-64', frameMs: 24, path })

const readPid = (pid: number): Reading => () => {
  const info = inspect(pid)
  if (info === undefined) throw new Error('the server has ended')
  return { user: info.userMs, system: info.systemMs, total: info.cpuMs }
}

/** Connects everybody, checks that the right amount of sound comes, and then reads the CPU time of a quiet stretch. */
async function costOf(bench: Bench, plan: Plan, what: string, port: number, targets: readonly Target[], rate: number, read: Reading): Promise<Cost> {
  const sink = new LoadSink(bench.programs.sink, bench.folder, targets, { port, rate, pollMs: POLL_MS, cores: SINK_CORES })
  try {
    const playing = await sink.whenPlaying(60_000, ({ connect }) => {
      bench.say(`${what}: ${String(connect.playing)} of ${String(plan.listeners)} listeners play`)
    })
    if (playing === undefined) throw new Error(`${what}: not all listeners came in: ${JSON.stringify(sink.progress?.connect.playing)} ${sink.errors}`)
    await delay(plan.settleMs)
    sink.window()
    const before = read()
    const startedMs = performance.now()
    bench.say(`${what}: measuring ${String(plan.seconds)} s`)
    await delay(plan.seconds * 1000)
    const after = read()
    const seconds = (performance.now() - startedMs) / 1000
    const { http } = (await sink.report()).groups
    const expected = BYTES_PER_SECOND * seconds * plan.listeners
    if (http === undefined || http.closed + http.failed > 0 || Math.abs(http.bytes / expected - 1) > 0.04) {
      throw new Error(`${what}: the listeners got ${String(http?.bytes)} bytes instead of ${String(Math.round(expected))}, ${String(http?.closed)} were closed`)
    }
    const listenerSeconds = plan.listeners * seconds
    const parts = Object.fromEntries(Object.keys(after).map((key) => [key, ((after[key]! - (before[key] ?? 0)) * 1000) / listenerSeconds]))
    return { total: parts['total']!, parts, writesPerListenerSecond: http.reads / listenerSeconds }
  } finally {
    await sink.close()
  }
}

async function icecastCost(bench: Bench, plan: Plan): Promise<Cost> {
  const icecast = await Icecast.start(bench.folder, bench.noise, SERVER_CORES, SINK_CORES)
  try {
    const targets = Array.from({ length: plan.listeners }, () => plainTarget('/bench.mp3'))
    return await costOf(bench, plan, 'Icecast', icecast.port, targets, ICECAST_CONNECTS_PER_SECOND, readPid(icecast.pid))
  } finally {
    await icecast.close()
  }
}

async function loaCost(bench: Bench, plan: Plan): Promise<Cost> {
  const { loa, district } = await openLoa(bench, { cores: SERVER_CORES, feedCores: SINK_CORES })
  try {
    const read: Reading = () => {
      const parts: Record<string, number> = {}
      for (const [role, processes] of loa.roles()) {
        parts[role] = processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
        if (role === 'fan-out') parts['fan-out user'] = processes.reduce((sum, { userMs }) => sum + userMs, 0)
      }
      const of = (role: RoleName): number => parts[role] ?? 0
      // What Icecast does too: take the source in, hold the listeners, write to them, decide who may hear what.
      parts['total'] = of('fan-out') + of('control') + of('supervisor')
      parts['everything'] = parts['total'] + of('engine') + of('decoder')
      return parts
    }
    return await costOf(bench, plan, 'Loa', loa.streamPort, district.clusters.slice(0, plan.listeners).map((cluster) => httpTarget(cluster)), 2500, read)
  } finally {
    await loa.close()
  }
}

/** A loop of our own that only writes: the C floor or the naive Node server. */
async function loopCost(bench: Bench, plan: Plan, what: string, run: (port: number) => ChildProcess): Promise<Cost> {
  const port = await freePort()
  const child = run(port)
  try {
    await waitUntil(`${what} listens`, () => fetch(`http://127.0.0.1:${String(port)}/`, { signal: AbortSignal.timeout(500) }).then(async (answer) => {
      await answer.body?.cancel()
      return true
    }, () => false))
    const targets = Array.from({ length: plan.listeners }, () => plainTarget('/'))
    return await costOf(bench, plan, what, port, targets, 2500, readPid(child.pid ?? 0))
  } finally {
    await end(child)
  }
}

const means = (costs: readonly Cost[]): Record<string, number> => {
  const keys = new Set(costs.flatMap(({ parts }) => Object.keys(parts)))
  return Object.fromEntries([...keys].map((key) => [key, round(median(costs.map(({ parts }) => parts[key] ?? 0)), 4)]))
}

async function run(bench: Bench): Promise<Outcome> {
  const plan: Plan = bench.quick ? { listeners: 3000, rounds: 1, floorRounds: 1, seconds: 6, settleMs: 1000 } : { listeners: HTTP_LISTENERS, rounds: 5, floorRounds: 2, seconds: 20, settleMs: 3000 }
  const costs = { icecast: [] as Cost[], loa: [] as Cost[], floor: [] as Cost[], naive: [] as Cost[] }
  for (let turn = 0; turn < plan.rounds; turn += 1) {
    if (bench.icecast) costs.icecast.push(await icecastCost(bench, plan))
    costs.loa.push(await loaCost(bench, plan))
    if (turn >= plan.floorRounds) continue
    costs.floor.push(await loopCost(bench, plan, 'C floor', (port) => start(bench.programs.floor, ['--port', String(port), '--flush-ms', String(HTTP_FLUSH_MS)], { cores: SERVER_CORES, stdio: 'ignore' })))
    if (!bench.quick) costs.naive.push(await loopCost(bench, plan, 'naive Node', (port) => start(process.execPath, [join(import.meta.dirname, '..', 'lib', 'naive-server.ts'), String(port), String(HTTP_FLUSH_MS)], { cores: SERVER_CORES, stdio: 'ignore' })))
  }
  const of = (name: keyof typeof costs): number => median(costs[name].map(({ total }) => total))
  const everything = median(costs.loa.map(({ parts }) => parts['everything']!))
  const fanOut = median(costs.loa.map(({ parts }) => parts['fan-out']!))
  const icecast = of('icecast')
  return {
    value: bench.icecast ? of('loa') / icecast : NaN,
    problems: bench.icecast ? [] : [ICECAST_MISSING],
    beside: `Loa ${String(round(of('loa')))} µs a listener-second, Icecast ${String(round(icecast))}, C floor ${String(round(of('floor')))}${bench.quick ? '' : `, naive Node ${String(round(of('naive')))}`}`,
    detail: {
      listeners: plan.listeners,
      secondsEach: plan.seconds,
      counted: 'Loa: fan-out, control and supervisor processes, all threads, user and system. Icecast: its one process. Not counted for Loa: the engine and its decoder child, which decode and encode; they are the same for 1 and for 5 000 listeners and shown as «everything»',
      pinned: 'every server process on core 0; sink, source encoder and bench on core 1; the sink polls every 50 ms',
      microsecondsPerListenerSecond: { loa: spread(costs.loa.map(({ total }) => total)), icecast: bench.icecast ? spread(costs.icecast.map(({ total }) => total)) : null, floor: spread(costs.floor.map(({ total }) => total)), naive: bench.quick ? null : spread(costs.naive.map(({ total }) => total)) },
      loaParts: means(costs.loa),
      ratioFanOutOnly: round(fanOut / icecast),
      ratioEverything: round(everything / icecast),
      ratioToFloor: round(of('loa') / of('floor')),
      readsPerListenerSecond: Object.fromEntries(Object.entries(costs).map(([name, list]) => [name, round(median(list.map(({ writesPerListenerSecond }) => writesPerListenerSecond)))])),
    },
    plots: [{
      title: `CPU for a listener and second, ${String(plan.listeners)} listeners, median of ${String(plan.rounds)}`,
      kind: 'bars', xLabel: '', yLabel: 'µs',
      series: [{ name: 'µs', points: [['C floor', of('floor')], ['Icecast 2.4', icecast], ['Loa fan-out', fanOut], ['Loa', of('loa')], ['Loa, everything', everything], ['naive Node', of('naive')]] }],
      bound: bench.icecast ? { axis: 'y', at: icecast } : undefined,
    }],
  }
}

export const cpuPerListener: Scenario = { id: 'cpu-per-listener-vs-icecast', title: 'CPU a listener-second against Icecast', unit: '× Icecast', bound: 1, better: 'less', run }
