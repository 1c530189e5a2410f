import { setTimeout as delay } from 'node:timers/promises'
import { SipCaller } from '../../test/support/sip-caller.ts'
import { cumulative, faults, fleetTargets, measure, plain, withFleet } from '../lib/fleet.ts'
import { freePort } from '../lib/processes.ts'
import type { Loa } from '../lib/loa.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { SipFlood } from '../lib/sip-flood.ts'
import type { LoadSink, SinkReport } from '../lib/sink.ts'
import { median, round } from '../lib/statistics.ts'
import { Teardowns } from '../lib/teardowns.ts'

const BOUND_MS = 20
/** What the p99 of lateness may differ by. */
const MOST_MORE_MS = 2
const CALLS = 50
const MESSAGES_PER_SECOND = 1000
const HTTP = 1000
const NATIVE = 1000
const PACKETS_PER_SECOND = 50
/** The telephone takes calls from the lower half, and so reads what comes from there; the upper half are strangers. */
const PEERS = '127.0.0.0/28'
const FLOODERS = [2, 3, 4, 5, 6, 18, 19, 20, 21, 22].map((last) => `127.0.0.${String(last)}`)

interface Loaded {
  readonly report: SinkReport
  readonly problems: readonly string[]
  readonly answeredMs: readonly number[]
  readonly phoneCpuPercent: number
}

const phoneCpuMs = (loa: Loa): number => (loa.roles().get('phone') ?? []).reduce((sum, { cpuMs }) => sum + cpuMs, 0)

/** A stretch of time with all the calls and the flood; in its middle one more caller comes. */
async function underLoad(bench: Bench, loa: Loa, sink: LoadSink, sipPort: number, seconds: number): Promise<Loaded> {
  const after = new Teardowns()
  const owner = { teardown: (undo: () => Promise<void> | void) => { after.teardown(async () => { await undo() }) } }
  try {
    bench.say(`${String(CALLS)} call`)
    const answeredMs: number[] = []
    const call = async (): Promise<SipCaller> => {
      const startedMs = performance.now()
      const caller = await SipCaller.call(owner, sipPort, { keepsHeard: false })
      answeredMs.push(performance.now() - startedMs)
      return caller
    }
    const callers = await Promise.all(Array.from({ length: CALLS }, async (_, index) => {
      await delay(index * 40)
      return call()
    }))
    const flood = await SipFlood.open({ toPort: sipPort, fromAddresses: FLOODERS, perSecond: MESSAGES_PER_SECOND })
    owner.teardown(() => { flood.close() })
    const [heardBefore, sentBefore, cpuBefore] = [callers.map(({ heardPackets }) => heardPackets), flood.sentTotal, phoneCpuMs(loa)]
    const late = delay((seconds * 1000) / 2).then(call).then(() => null, (error: unknown) => `who called during the flood was not answered: ${String(error)}`)
    const report = await measure(bench, sink, seconds, `${String(CALLS)} calls, ${String(MESSAGES_PER_SECOND)} malformed messages a second`)
    const problems: string[] = []
    const least = seconds * PACKETS_PER_SECOND * 0.95
    const deaf = callers.filter(({ heardPackets }, index) => heardPackets - heardBefore[index]! < least).length
    if (deaf > 0) problems.push(`${String(deaf)} callers did not hear all that was said`)
    const ended = callers.filter((caller) => caller.ended).length
    if (ended > 0) problems.push(`${String(ended)} calls ended`)
    if (flood.sentTotal - sentBefore < seconds * MESSAGES_PER_SECOND * 0.95) problems.push(`only ${String(flood.sentTotal - sentBefore)} malformed messages were sent`)
    const refused = await late
    if (refused !== null) problems.push(refused)
    const phoneCpuPercent = (phoneCpuMs(loa) - cpuBefore) / (seconds * 10)
    for (const caller of callers) caller.hangUp()
    return { report, problems, answeredMs, phoneCpuPercent }
  } finally {
    await after.run()
  }
}

async function run(bench: Bench): Promise<Outcome> {
  const pairs = bench.quick ? 1 : 3
  const seconds = bench.quick ? 8 : 20
  const sipPort = await freePort()
  return withFleet(bench, (district) => fleetTargets(district, HTTP, NATIVE), async ({ loa, sink }) => {
    await delay(bench.quick ? 4000 : 10_000)
    const without: SinkReport[] = []
    const loaded: Loaded[] = []
    for (let pair = 0; pair < pairs; pair += 1) {
      without.push(await measure(bench, sink, seconds, 'without calls'))
      loaded.push(await underLoad(bench, loa, sink, sipPort, seconds))
      await delay(2000)
    }
    const p99Of = (group: string, reports: readonly SinkReport[]): number => median(reports.map(({ groups }) => groups[group]?.lateness?.p99 ?? NaN))
    const loadedReports = loaded.map(({ report }) => report)
    const [p99Without, p99With] = [p99Of('native', without), p99Of('native', loadedReports)]
    const problems = [...[...without, ...loadedReports].flatMap((report) => faults(report, ['http', 'native', 'reference'])), ...loaded.flatMap((each) => each.problems)]
    if (!(p99With - p99Without <= MOST_MORE_MS)) problems.push(`lateness p99 went from ${String(p99Without)} to ${String(p99With)} ms (${String(MOST_MORE_MS)} more allowed)`)
    return {
      value: p99With,
      problems,
      beside: `${String(round(p99Without))} ms without, HTTP ${String(round(p99Of('http', without)))} → ${String(round(p99Of('http', loadedReports)))}; who calls during the flood is answered after ${String(round(Math.max(...loaded.map(({ answeredMs }) => answeredMs.at(-1) ?? NaN))))} ms`,
      detail: {
        calls: CALLS, messagesPerSecond: MESSAGES_PER_SECOND, seconds, nativeListeners: NATIVE, httpListeners: HTTP,
        flood: 'fourteen kinds of broken messages over UDP, half of them from addresses that may call, so that they are read, half from strangers',
        pairs: loaded.map(({ report, answeredMs, phoneCpuPercent }, index) => ({
          nativeWithout: plain(without[index]!.groups['native']), nativeWith: plain(report.groups['native']), httpWithout: plain(without[index]!.groups['http']), httpWith: plain(report.groups['http']),
          answeredMs: { median: round(median(answeredMs)), max: round(Math.max(...answeredMs)), duringTheFlood: round(answeredMs.at(-1) ?? NaN) }, phoneCpuPercentOfACore: round(phoneCpuPercent),
        })),
        pinned: 'nothing; callers and flood are made in the bench’s own process, on the same cores',
      },
      plots: [{
        title: 'Lateness of flushes at native listeners', kind: 'line', xLabel: 'ms', yLabel: '% of flushes',
        series: [{ name: 'without calls', points: cumulative(without.at(-1)!.groups['native']?.lateness ?? null) }, { name: 'with calls and flood', points: cumulative(loadedReports.at(-1)!.groups['native']?.lateness ?? null) }],
        bound: { axis: 'x', at: BOUND_MS },
      }],
    }
  }, { settings: { LOA_SIP_LISTEN: `127.0.0.1:${String(sipPort)}`, LOA_SIP_ALLOWED_PEERS: PEERS, LOA_SIP_MAX_CALLS: String(CALLS + 1) } })
}

export const sipFlood: Scenario = { id: 'sip-flood-late-p99-ms', title: 'lateness at native listeners, 50 calls and 1 000 malformed SIP messages a second, p99', unit: 'ms', bound: BOUND_MS, better: 'less', run }
