import type autocannon from 'autocannon'
import { setTimeout as delay } from 'node:timers/promises'
import { apiOutcome } from '../lib/api-outcome.ts'
import { fleetTargets, HTTP_LISTENERS, measure, withFleet } from '../lib/fleet.ts'
import { RATE, shoot } from '../lib/cannon.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'

const BOUND_MS = 50

async function run(bench: Bench): Promise<Outcome> {
  const seconds = bench.quick ? 6 : 20
  return withFleet(bench, (district) => fleetTargets(district, HTTP_LISTENERS, 0), async ({ loa, district, sink }) => {
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
    return apiOutcome({ quiet, quietWords: 'without requests', loaded, answers: await load, seconds, boundMs: BOUND_MS, detail: { mixture: requests.map(({ method }, index) => `${String(method)} ${['cluster', 'on-air', 'status', '50 clusters', 'an order, durable', '50 orders', 'source', 'on-air'][index]!}`) } })
  })
}

export const api: Scenario = { id: 'api-p99-ms', title: 'API p99, 300 requests a second, while 5 000 listen', unit: 'ms', bound: BOUND_MS, better: 'less', run }
