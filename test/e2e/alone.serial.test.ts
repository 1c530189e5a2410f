import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { PlayedStretch } from '../../speaker/ports.ts'
import { enrolDevice, runsOf, startDevice, uploadClip } from '../support/enrolled-device.ts'
import { LoaServer } from '../support/loa-server.ts'
import { waitUntil } from '../support/wait-until.ts'
import { S, wandering } from '../speaker/alone/sounds.ts'

t.setTimeout(200_000)

/** The first change from one kind to the other. */
function turn(played: readonly PlayedStretch[], from: string, to: string): ReturnType<typeof runsOf> {
  const all = runsOf(played)
  const at = all.findIndex(({ playing }, index) => playing === to && all[index - 1]?.playing === from)
  return at === -1 ? [] : all.slice(at - 1, at + 1)
}

t.test('a device whose server dies goes on with the clip at its place, also after a restart, and is in step again when the server is back', async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'loa-device-'))
  t.teardown(() => { rmSync(stateDir, { recursive: true, force: true }) })
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const { id: clusterId } = await server.cluster(unit, 'C1')
  const clipIds = [await uploadClip(server, wandering(9, 1500)), await uploadClip(server, wandering(60, 2500))]
  await enrolDevice(server, clusterId, stateDir)

  let device = await startDevice(t, server, stateDir)
  const order = (await server.post('/v1/orders', { class: 'normal', title: 'Bản tin', clipIds, targets: { units: [unit], clusters: [], tags: [] } }))['id'] as string
  await waitUntil('live sound, and its files on the disk', () => {
    const { bundle } = device.alone.status()
    return bundle.filesMissing === 0 && bundle.cacheBytes > 50_000 && device.played.some(({ playing }) => playing === 'live')
  }, 20_000)
  // While it plays the unit becomes quieter; the device keeps to it when nobody is left to tell it.
  await server.request('PATCH', `/v1/units/${unit}/policy`, { volume: [{ from: '00:00', to: '00:00', percent: 50 }] })
  await waitUntil('half the volume', () => device.agent.status().hoursPercent === 50, 30_000)
  t.match(device.alone.status(), { bundle: { fault: null, corruptTotal: 0 }, log: { fault: null } })

  await server.killAll()
  await waitUntil('cached sound', () => device.played.some(({ playing }) => playing === 'cached'), 30_000)
  const startSamples = runsOf(device.played).find(({ orderId }) => orderId === order)!.fromSamples
  const [live, cached] = turn(device.played, 'live', 'cached')
  t.equal(cached?.orderId, order)
  const holeS = (cached!.fromSamples - live!.untilSamples) / S
  t.ok(holeS >= 0 && holeS <= 1, `a hole of ${holeS.toFixed(3)} s`)

  // Power fails too: the device starts again without any network, and its wall clock has to do.
  const lastUntil = cached!.untilSamples
  await device.stop()
  device = await startDevice(t, server, stateDir)
  await waitUntil('cached sound after the restart', () => device.played.some(({ playing }) => playing === 'cached'), 30_000)
  const again = runsOf(device.played)[0]!
  t.match(again, { orderId: order, playing: 'cached' })
  t.ok(again.fromSamples > lastUntil, 'it goes on later')
  t.equal(device.agent.status().hoursPercent, 50)
  await waitUntil('the second clip', () => device.played.at(-1)!.untilSamples >= startSamples + 10 * S, 30_000)

  await server.run()
  const isLive = (): boolean => device.agent.status().playing === 'live'
  const backMs = await waitUntil('the connection', () => (device.events.some(({ event }) => event === 'connected') ? performance.now() : null), 30_000)
  await waitUntil('live sound', isLive, 30_000)
  const rejoinMs = performance.now() - backMs
  t.ok(rejoinMs < 2000, `live ${(rejoinMs / 1000).toFixed(1)} s after the connection`)
  await waitUntil('a live second', () => device.played.at(-1)!.playing === 'live', 30_000)
  const [before, after] = turn(device.played, 'cached', 'live')
  t.equal(after?.orderId, order)
  const seamS = (after!.fromSamples - before!.untilSamples) / S
  t.ok(seamS >= 0 && seamS < 0.05, `the seam: ${String(seamS)} s`)

  // Everything that sounded stands in the server's log, once.
  const items = await waitUntil('the whole log at the server', async () => {
    const { items: entries } = (await server.get(`/v1/clusters/${clusterId}/play-log?orderId=${order}`)) as { items: { number: number; playing: string; verified: boolean; from: string; until: string; end: string; missingMs: number }[] }
    return entries.filter(({ playing }) => playing === 'cached').length >= 2 ? entries.reverse() : null
  }, 30_000)
  t.same(items.map(({ number }) => number), [...new Set(items.map(({ number }) => number))].sort((a, b) => a - b))
  t.ok(items.every(({ verified }) => verified))
  t.equal(items[0]?.playing, 'live')
  t.equal(items.findLast(({ playing }) => playing === 'cached')?.end, 'over')
  t.ok(items.some(({ playing, end }) => playing === 'cached' && end === 'interrupted'))
  for (const [index, entry] of items.entries()) if (index > 0) t.ok(Date.parse(entry.from) >= Date.parse(items[index - 1]!.until) - 50, `entry ${String(entry.number)} begins after the one before`)
  t.comment(items.map(({ number, playing, from, until: end }) => `${String(number)} ${playing} ${from.slice(17, 23)}-${end.slice(17, 23)}`).join('; '))
})
