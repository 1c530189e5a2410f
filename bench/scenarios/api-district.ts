import type autocannon from 'autocannon'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { seedServer } from '../../server/seed/seed.ts'
import { RATE, shoot } from '../lib/cannon.ts'
import { apiOutcome } from '../lib/api-outcome.ts'
import { measure, openFleet } from '../lib/fleet.ts'
import { httpTarget, Loa, referenceTargets, type Cluster, type District } from '../lib/loa.ts'
import { end, freePort, start, waitUntil } from '../lib/processes.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'

const HOUR_MS = 3_600_000

interface Asked {
  readonly name: string
  readonly request: autocannon.Request
}

/** Makes another id of a cluster each time. */
type NextCluster = () => string

const json = (name: string, method: 'POST' | 'PATCH', path: () => string, body: () => object): Asked => ({ name, request: { method, setupRequest: (request) => ({ ...request, path: path(), body: JSON.stringify(body()) }) } })
const read = (name: string, path: () => string): Asked => ({ name, request: { method: 'GET', setupRequest: (request) => ({ ...request, path: path() }) } })

/** What screens ask for. */
const readings = (cluster: NextCluster): readonly Asked[] => [
  read('a cluster', () => `/v1/clusters/${cluster()}`),
  read('what it plays', () => `/v1/clusters/${cluster()}/on-air`),
  read('50 clusters', () => '/v1/clusters?limit=50'),
  read('a search', () => '/v1/clusters?search=thon&limit=50'),
  read('units', () => '/v1/units?limit=50'),
  read('50 orders', () => '/v1/orders?limit=50'),
  read('the status', () => '/v1/status'),
  read('its day', () => `/v1/clusters/${cluster()}/schedule`),
]

/** What is on the disk, with its entry in the audit log, when it is answered. */
const commands = (cluster: NextCluster, { alarmSourceId }: District): readonly Asked[] => {
  let number = 0
  return [
    json('an order', 'POST', () => '/v1/orders', () => ({ class: 'normal', title: `Bản tin ${String(number++)}`, sourceId: alarmSourceId, targets: { clusters: [cluster()] }, startsAt: new Date(Date.now() + 3 * HOUR_MS).toISOString(), durationMs: 60_000 })),
    json('a command', 'POST', () => `/v1/clusters/${cluster()}/commands`, () => ({ type: 'volume', percent: 50 + (number++ % 50) })),
    json('a change of a cluster', 'PATCH', () => `/v1/clusters/${cluster()}`, () => ({ tags: [`lan-${String(number++)}`] })),
  ]
}

/** The district of `loa seed-district`, live: every cluster has a key, listens, and the noise is on the air. */
async function openDistrict(bench: Bench, id: string): Promise<{ readonly loa: Loa; readonly district: District }> {
  // Another one each time: a run that others disturbed is repeated.
  const folder = mkdtempSync(join(bench.folder, `${id}-`))
  const loa = await Loa.start(folder)
  try {
    await seedServer(loa.apiUrl, loa.token)
    const { items: roots } = await loa.api<{ items: { id: string }[] }>('GET', '/v1/units?parentId=root')
    const { items: listed } = await loa.api<{ items: { id: string }[] }>('GET', '/v1/clusters?state=active&limit=1000')
    const clusters: Cluster[] = []
    for (const cluster of listed) clusters.push(await loa.api<Cluster>('POST', `/v1/clusters/${cluster.id}/rotate-key`))
    const reference = await loa.api<{ id: string }>('POST', '/v1/units', { code: 'REFERENCE', name: 'Reference', parentId: null })
    const references = [await loa.api<Cluster>('POST', '/v1/clusters', { unitId: reference.id, code: 'R0', name: 'R0' }), await loa.api<Cluster>('POST', '/v1/clusters', { unitId: reference.id, code: 'R1', name: 'R1' })]
    const noise = await loa.api<{ id: string; key: string }>('POST', '/v1/sources', { kind: 'icecast', name: 'Noise', mount: '/noise', watch: 'off' })
    const alarm = await loa.api<{ id: string }>('POST', '/v1/sources', { kind: 'tone', name: 'Alarm', frequencyHz: 1500 })
    await loa.api('POST', '/v1/orders', { class: 'normal', title: 'Noise', sourceId: noise.id, targets: { units: [...roots.map((root) => root.id), reference.id] }, durationMs: 24 * HOUR_MS })
    const district: District = { unitId: roots[0]!.id, clusters, referenceUnitId: reference.id, references, noiseSourceId: noise.id, noiseKey: noise.key, alarmSourceId: alarm.id }
    await loa.playNoise(district, bench.noise)
    return { loa, district }
  } catch (error) {
    await loa.close()
    throw error
  }
}

async function withBareApi<T>(work: (url: string) => Promise<T>): Promise<T> {
  const port = await freePort()
  const child = start(process.execPath, [join(import.meta.dirname, '..', 'lib', 'bare-api.ts'), String(port)], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${String(port)}`
  try {
    await waitUntil('the bare server listens', () => fetch(url).then((answer) => answer.text().then(() => true), () => false))
    return await work(url)
  } finally {
    await end(child)
  }
}

const runWith = (id: string, mixtureOf: (cluster: NextCluster, district: District) => readonly Asked[], boundMs: number) => async (bench: Bench): Promise<Outcome> => {
  const seconds = bench.quick ? 6 : 20
  const { loa, district } = await openDistrict(bench, id)
  try {
    const sink = await openFleet(bench, loa, [...district.clusters.map((cluster) => httpTarget(cluster)), ...referenceTargets(district)])
    try {
      await delay(bench.quick ? 2000 : 4000)
      let sequence = 0
      const mixture = mixtureOf(() => district.clusters[(sequence += 127) % district.clusters.length]!.id, district)
      const headers = { 'content-type': 'application/json', 'authorization': `Bearer ${loa.token}` }
      const requests = mixture.map(({ request }) => request)
      // The generator takes its part of the two cores whoever answers: so the same is asked of one that does nothing.
      const quiet = await withBareApi(async (url) => {
        const idle = shoot(url, headers, requests, seconds)
        const measured = await measure(bench, sink, seconds, 'the same requests to a server that does nothing')
        await idle
        return measured
      })
      const load = shoot(loa.apiUrl, headers, requests, seconds)
      const loaded = await measure(bench, sink, seconds, `${String(RATE)} requests a second`)
      return apiOutcome({ quiet, quietWords: 'the same requests to a server that does nothing', loaded, answers: await load, seconds, boundMs, detail: { clusters: district.clusters.length, mixture: mixture.map(({ name }) => name), boundMs } })
    } finally {
      await sink.close()
    }
  } finally {
    await loa.close()
  }
}

const READ_BOUND_MS = 50
const COMMAND_BOUND_MS = 100

export const apiReads: Scenario = { id: 'api-read-p99-ms', title: 'API p99, 300 readings a second, while a district of 330 clusters listens', unit: 'ms', bound: READ_BOUND_MS, better: 'less', run: runWith('api-read', readings, READ_BOUND_MS) }
export const apiCommands: Scenario = { id: 'api-command-p99-ms', title: 'API p99, 300 durable changes a second, while a district of 330 clusters listens', unit: 'ms', bound: COMMAND_BOUND_MS, better: 'less', run: runWith('api-command', commands, COMMAND_BOUND_MS) }
