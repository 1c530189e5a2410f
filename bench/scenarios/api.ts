import type autocannon from 'autocannon'
import { setTimeout as delay } from 'node:timers/promises'
import { cumulative, cumulativeOf, faults, fleetTargets, HTTP_LISTENERS, measure, openFleet, openLoa, plain } from '../lib/fleet.ts'
import { RATE, shoot } from '../lib/cannon.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { percentile, round } from '../lib/statistics.ts'

const BOUND_MS = 50
/** What the p99 of frame lateness may differ by, ms. */
const LATENESS_BOUND_MS = 2

async function run(bench: Bench): Promise<Outcome> {
  const seconds = bench.quick ? 6 : 20
  const { loa, district } = await openLoa(bench)
  try {
    const sink = await openFleet(bench, loa, fleetTargets(district, HTTP_LISTENERS, 0))
    try {
      await delay(bench.quick ? 2000 : 4000)
      const quiet = await measure(bench, sink, seconds, 'without requests')
      const json = { 'content-type': 'application/json', authorization: `Bearer ${loa.token}` }
      let sequence = 0
      const cluster = (): string => district.clusters[(sequence += 7919) % district.clusters.length]!.id
      const get = (path: () => string): autocannon.Request => ({ method: 'GET', setupRequest: (request) => ({ ...request, path: path() }) })
      const booking = (): string => JSON.stringify({
        class: 'normal', title: `Bản tin ${String(sequence)}`, sourceId: district.alarmSourceId, targets: { units: [], clusters: [cluster()], tags: [] }, startsAt: new Date(Date.now() + 3 * 3600_000).toISOString(), durationMs: 60_000,
      })
      // Seven readings to one durable write, as screens and schedulers do.
      const requests: autocannon.Request[] = [
        get(() => `/v1/clusters/${cluster()}`),
        get(() => `/v1/clusters/${cluster()}/on-air`),
        get(() => '/v1/status'),
        get(() => '/v1/clusters?limit=50'),
        { method: 'POST', path: '/v1/orders', setupRequest: (request) => ({ ...request, body: booking() }) },
        get(() => '/v1/orders?limit=50'),
        get(() => `/v1/sources/${district.noiseSourceId}`),
        get(() => `/v1/clusters/${cluster()}/on-air`),
      ]
      const load = shoot(loa.apiUrl, json, requests, seconds)
      const loaded = await measure(bench, sink, seconds, `${String(RATE)} requests a second`)
      const { latenciesMs, notOk, failed } = await load
      const problems = faults(loaded, ['http', 'reference'])
      if (notOk > 0 || failed > 0) problems.push(`${String(notOk)} answers were not 2xx, ${String(failed)} requests failed`)
      const asked = RATE * seconds
      if (latenciesMs.length < asked * 0.95) problems.push(`only ${String(latenciesMs.length)} of ${String(asked)} requests were made`)
      const [p99Without, p99With] = [quiet.groups['http']?.lateness?.p99 ?? NaN, loaded.groups['http']?.lateness?.p99 ?? NaN]
      if (!(p99With - p99Without <= LATENESS_BOUND_MS)) problems.push(`frame lateness p99 went from ${String(p99Without)} to ${String(p99With)} ms (${String(LATENESS_BOUND_MS)} more allowed)`)
      const [p50, p99, max] = [percentile(latenciesMs, 0.5), percentile(latenciesMs, 0.99), percentile(latenciesMs, 1)]
      return {
        value: p99,
        problems,
        beside: `p50 ${String(round(p50))}, max ${String(round(max))} ms; frame lateness p99 ${String(round(p99Without))} → ${String(round(p99With))} ms`,
        detail: { requests: latenciesMs.length, requestsPerSecond: round(latenciesMs.length / seconds), latencyMs: { p50: round(p50), p99: round(p99), max: round(max) }, mixture: requests.map(({ method }, index) => `${String(method)} ${['cluster', 'on-air', 'status', '50 clusters', 'an order, durable', '50 orders', 'source', 'on-air'][index]!}`), latenessWithout: plain(quiet.groups['http']), latenessWith: plain(loaded.groups['http']), pinned: 'nothing' },
        plots: [
          { title: 'Answer times of the API', kind: 'line', xLabel: 'ms', yLabel: '% of requests', series: [{ name: 'API', points: cumulativeOf(latenciesMs) }], bound: { axis: 'x', at: BOUND_MS } },
          { title: 'Lateness of flushes at the sink', kind: 'line', xLabel: 'ms', yLabel: '% of flushes', series: [{ name: 'without requests', points: cumulative(quiet.groups['http']?.lateness ?? null) }, { name: 'with', points: cumulative(loaded.groups['http']?.lateness ?? null) }] },
        ],
      }
    } finally {
      await sink.close()
    }
  } finally {
    await loa.close()
  }
}

export const api: Scenario = { id: 'api-p99-ms', title: 'API p99, 300 requests a second, while 5 000 listen', unit: 'ms', bound: BOUND_MS, better: 'less', run }
