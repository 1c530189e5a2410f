import { loadavg } from 'node:os'
import { Arbiter } from '../rooms/arbiter/index.ts'
import type { ArbiterOrder } from '../rooms/arbiter/index.ts'
import { atHour, buildOrder, buildProvince } from '../test/support/province.ts'
import { currentCommit, describeMachine } from './lib/machine.ts'

/**
 * How long the arbiter takes from an order to the plans it changes, for 10 000 clusters and 500 orders. To reach: 10 ms.
 *
 *   node bench/arbiter.ts
 *
 * Beside the time that passed stands the time of the processor, which busy neighbours on the machine stretch less. Before a time counts, the plans of all clusters are compared with those of an arbiter that was told everything at once.
 */
const ROUNDS = 60
const WARM_UP_ROUNDS = 15
const BOUND_MS = 10
/** Between one order and the next, so that the measurement goes through the whole morning. */
const STEP_SAMPLES = 20 * 48_000

interface Took {
  readonly wallMs: number
  readonly cpuMs: number
}

interface Result {
  readonly what: string
  /** Of this thread, mean: the kernel counts it in ticks, so a single value says nothing. */
  readonly cpuMs: number
  readonly medianMs: number
  readonly p95Ms: number
  readonly maxMs: number
}

const province = buildProvince()
let now = atHour(5.2)

function buildArbiter(orders: readonly ArbiterOrder[]): Arbiter {
  const arbiter = new Arbiter()
  arbiter.setUnits(province.units)
  arbiter.upsertClusters(province.clusters)
  for (const order of orders) arbiter.upsertOrder(order)
  arbiter.advance(now)
  return arbiter
}

const orders = new Map(province.orders.map((order) => [order.id, order]))
const startedMs = performance.now()
const arbiter = buildArbiter(province.orders)
const bootMs = performance.now() - startedMs

function check(): void {
  const fresh = buildArbiter([...orders.values()])
  for (const { id } of province.clusters) {
    const going = (plan: ReturnType<Arbiter['planOf']>) => plan.map((segment) => ({ ...segment, fromSamples: Math.max(now, segment.fromSamples) }))
    if (JSON.stringify(going(arbiter.planOf(id))) !== JSON.stringify(going(fresh.planOf(id)))) throw new Error(`the plan of ${id} is wrong`)
  }
}

function upsert(order: ArbiterOrder): Took {
  orders.set(order.id, order)
  const from = performance.now()
  const cpuFrom = process.threadCpuUsage()
  arbiter.upsertOrder(order)
  const changes = arbiter.advance(now)
  const wallMs = performance.now() - from
  const { user, system } = process.threadCpuUsage(cpuFrom)
  if (changes.length === 0) throw new Error(`${order.id} changes nothing, so its time means nothing`)
  return { wallMs, cpuMs: (user + system) / 1000 }
}

function measure(what: string, targets: { readonly units?: readonly string[]; readonly tags?: readonly string[]; readonly clusters?: readonly string[] }): Result[] {
  const began: Took[] = []
  const stopped: Took[] = []
  for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round++) {
    now += STEP_SAMPLES
    const order = buildOrder(`${what} ${String(round)}`, { ...targets, class: 'emergency', issuerLevel: 0, startHour: 5, minutes: 300, acceptedSamples: now - 4800 })
    const begins = upsert(order)
    if (round === WARM_UP_ROUNDS) check()
    now += STEP_SAMPLES
    const stops = upsert({ ...order, stoppedSamples: now - 4800 })
    if (round === WARM_UP_ROUNDS) check()
    if (round < WARM_UP_ROUNDS) continue
    began.push(begins)
    stopped.push(stops)
  }
  return [summary(`${what}: begins`, began), summary(`${what}: is stopped`, stopped)]
}

function summary(what: string, times: readonly Took[]): Result {
  const wall = times.map(({ wallMs }) => wallMs).sort((a, b) => a - b)
  const at = (share: number): number => wall[Math.min(wall.length - 1, Math.floor(share * wall.length))]!
  return { what, cpuMs: times.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / times.length, medianMs: at(0.5), p95Ms: at(0.95), maxMs: at(1) }
}

const results = [
  ...measure('emergency to all', { units: ['p'] }),
  ...measure('emergency to a commune', { units: ['d3c7'] }),
  ...measure('emergency to a tag', { tags: ['school'] }),
  ...measure('emergency to 40 clusters by name', { clusters: province.clusters.slice(1000, 1040).map(({ id }) => id) }),
]
const { cpu, cores } = describeMachine()
const { audiences } = arbiter.stats()
const row = (what: string, cells: readonly string[]): string => [what.padEnd(46), ...cells.map((cell) => cell.padStart(8))].join(' ')
console.log(`${cpu}, ${String(cores)} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, ${currentCommit()}`)
console.log(`${String(province.clusters.length)} clusters, ${String(province.orders.length)} orders, ${String(audiences)} audiences; told and computed at the start in ${bootMs.toFixed(0)} ms`)
console.log(row('order → plans, ms', ['cpu', 'median', 'p95', 'max']))
for (const { what, cpuMs, medianMs, p95Ms, maxMs } of results) {
  console.log(row(what, [...[cpuMs, medianMs, p95Ms, maxMs].map((ms) => ms.toFixed(2)), medianMs <= BOUND_MS ? 'reached' : 'missed']))
}
process.exitCode = results.every(({ medianMs }) => medianMs <= BOUND_MS) ? 0 : 1
