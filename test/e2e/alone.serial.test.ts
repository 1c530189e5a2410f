import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { floatToS16le } from '../../codec/index.ts'
import { wavHeader } from '../../server/clips/wav-file.ts'
import { Agent, type AgentEvent } from '../../speaker/agent.ts'
import { openAlone, type OpenedAlone } from '../../speaker/alone/open-alone.ts'
import { wsConnect } from '../../speaker/client/ws-link.ts'
import { systemLocalClock } from '../../speaker/clock/system-local-clock.ts'
import { VirtualCard } from '../../speaker/outputs/virtual-card.ts'
import type { PlayedStretch, SignedMessage } from '../../speaker/ports.ts'
import { deviceIdentity } from '../../speaker/trust/device-identity.ts'
import { enrol } from '../../speaker/trust/enrol.ts'
import { TrustFiles } from '../../speaker/trust/trust-files.ts'
import { TrustGate } from '../../speaker/trust/trust-gate.ts'
import { ADMIN_TOKEN, LoaServer } from '../support/loa-server.ts'
import { waitUntil } from '../support/wait-until.ts'
import { S, wandering } from '../speaker/alone/sounds.ts'

t.setTimeout(100_000)

async function upload(server: LoaServer, pcm: Float32Array): Promise<string> {
  const bytes = Buffer.alloc(pcm.length * 2)
  floatToS16le(pcm, bytes)
  const form = new FormData()
  form.set('file', new Blob([wavHeader(pcm.length), bytes], { type: 'audio/wav' }), 'clip.wav')
  const response = await fetch(`${server.api}/v1/clips`, { method: 'POST', headers: { authorization: `Bearer ${ADMIN_TOKEN}` }, body: form })
  if (response.status >= 300) throw new Error(await response.text())
  return ((await response.json()) as { id: string }).id
}

interface Device {
  readonly agent: Agent
  readonly alone: OpenedAlone
  readonly played: PlayedStretch[]
  readonly events: AgentEvent[]
  stop(): Promise<void>
}

/** An enrolled device with a sound card that is not there; all else is as on a board. */
async function start(t: Test, server: LoaServer, stateDir: string): Promise<Device> {
  const clock = systemLocalClock()
  const files = new TrustFiles(stateDir)
  const stored = await files.identity()
  if (stored === null) throw new Error('not enrolled')
  const identity = deviceIdentity(stored)
  const address = server.stream.replace('http', 'ws')
  const houseUs = (): number | null => {
    const us = agent.house.usAt(clock.monotonicMs())
    return Number.isNaN(us) ? null : us
  }
  const gate = await TrustGate.open({ files, onBundle: (message, body) => alone.onBundle(message, body) })
  if (gate === null) throw new Error('no gate')
  const alone = await openAlone({
    stateDir, clock, wallMs: Date.now, server: address, identity, verifies: true,
    verifyStored: (envelope: SignedMessage, us) => gate.verifyStored(envelope, us),
    houseUs,
    presentationDelayMs: () => 800,
    send: (message) => { agent.connection.send(message) },
  })
  const played: PlayedStretch[] = []
  const events: AgentEvent[] = []
  const agent = new Agent({
    clock, connect: wsConnect({ server: address }), identity, gate, alone: alone.source, playLog: alone.playLog,
    output: new VirtualCard({ trueMs: () => clock.monotonicMs(), local: clock }),
    wallMs: Date.now,
    refreshBundle: alone.refreshBundle,
    onEvent: (event) => {
      if (event.event === 'played') played.push(event.stretch)
      else events.push(event)
    },
  })
  agent.start()
  let stopped = false
  const stop = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    await agent.stop()
    await alone.close()
  }
  t.teardown(stop)
  return { agent, alone, played, events, stop }
}

/** Stretches of one kind joined; each with its length in s. */
function runs(played: readonly PlayedStretch[]): { readonly playing: string; readonly orderId: string | null; fromSamples: number; untilSamples: number }[] {
  const joined: { playing: string; orderId: string | null; fromSamples: number; untilSamples: number }[] = []
  for (const { playing, orderId, fromSamples, untilSamples } of played) {
    const last = joined.at(-1)
    if (last?.playing === playing && last.orderId === orderId && fromSamples - last.untilSamples < S / 10) last.untilSamples = untilSamples
    else joined.push({ playing, orderId, fromSamples, untilSamples })
  }
  return joined
}

/** The first change from one kind to the other. */
function turn(played: readonly PlayedStretch[], from: string, to: string): ReturnType<typeof runs> {
  const all = runs(played)
  const at = all.findIndex(({ playing }, index) => playing === to && all[index - 1]?.playing === from)
  return at === -1 ? [] : all.slice(at - 1, at + 1)
}

t.test('a device whose server dies goes on with the clip at its place, also after a restart, and is in step again when the server is back', async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'loa-device-'))
  t.teardown(() => { rmSync(stateDir, { recursive: true, force: true }) })
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const { id: clusterId } = await server.cluster(unit, 'C1')
  const clipIds = [await upload(server, wandering(9, 1500)), await upload(server, wandering(60, 2500))]
  const { code } = await server.post(`/v1/clusters/${clusterId}/enrolment-codes`)
  await enrol(wsConnect({ server: server.stream.replace('http', 'ws') }), new TrustFiles(stateDir), code as string)

  let device = await start(t, server, stateDir)
  const order = (await server.post('/v1/orders', { class: 'normal', title: 'Bản tin', clipIds, targets: { units: [unit], clusters: [], tags: [] } }))['id'] as string
  await waitUntil('live sound, and its files on the disk', () => {
    const { bundle } = device.alone.status()
    return bundle.filesMissing === 0 && bundle.cacheBytes > 50_000 && device.played.some(({ playing }) => playing === 'live')
  }, 20_000)
  t.match(device.alone.status(), { bundle: { fault: null, corruptTotal: 0 }, log: { fault: null } })

  await server.killAll()
  await waitUntil('cached sound', () => device.played.some(({ playing }) => playing === 'cached'), 15_000)
  const startSamples = runs(device.played).find(({ orderId }) => orderId === order)!.fromSamples
  const [live, cached] = turn(device.played, 'live', 'cached')
  t.equal(cached?.orderId, order)
  const holeS = (cached!.fromSamples - live!.untilSamples) / S
  t.ok(holeS >= 0 && holeS <= 1, `a hole of ${holeS.toFixed(3)} s`)

  // Power fails too: the device starts again without any network, and its wall clock has to do.
  const lastUntil = cached!.untilSamples
  await device.stop()
  device = await start(t, server, stateDir)
  await waitUntil('cached sound after the restart', () => device.played.some(({ playing }) => playing === 'cached'), 15_000)
  const again = runs(device.played)[0]!
  t.match(again, { orderId: order, playing: 'cached' })
  t.ok(again.fromSamples > lastUntil, 'it goes on later')
  await waitUntil('the second clip', () => device.played.at(-1)!.untilSamples >= startSamples + 10 * S, 30_000)

  await server.run()
  const isLive = (): boolean => device.agent.status().playing === 'live'
  const backMs = await waitUntil('the connection', () => (device.events.some(({ event }) => event === 'connected') ? performance.now() : null), 20_000)
  await waitUntil('live sound', isLive, 20_000)
  const rejoinMs = performance.now() - backMs
  t.ok(rejoinMs < 2000, `live ${(rejoinMs / 1000).toFixed(1)} s after the connection`)
  await waitUntil('a live second', () => device.played.at(-1)!.playing === 'live', 10_000)
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
