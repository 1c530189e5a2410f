import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { houseMsAt } from '../../rooms/house-clock.ts'
import { runCommand } from '../../server/maintenance.ts'
import { monotonicMs } from '../support/link-emulator-relay.ts'
import { LoaServer } from '../support/loa-server.ts'
import { MachineWatch } from '../support/machine-watch.ts'
import { wantedProcessorMs } from '../support/processor-time.ts'
import { breaksOf, decodeMp3, HttpRadio, MP3_64_BYTES_PER_SECOND, mp3FramesOf, NativeRadio, oggSequences, type ClusterKey } from '../support/radio.ts'
import { toneMap } from '../support/tone-map.ts'
import { toneRatioDb } from '../support/tone-ratio.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

/** Neither 20 nor 24 ms are whole periods of it: a frame lost or doubled breaks the wave. */
const HZ = 1013
const SHORT_HZ = 2003
const SECOND = 48_000

/** Where the machine does not let a role be back in time: what it may wait for anything else than the processor. */
const WAITED_MS = 1000
/** Whoever is held up by more may have come too late with a frame. */
const HELD_UP_MS = 10
/** Those on the way of a sound, and we who listen: each may have to wait as long as the machine held us up at the worst. */
const HOPS = 5

/** Pid of a role as the kernel knows it, while no API can tell. */
function childOf(parentPid: number, role: string): number | null {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const [, ppid] = readFileSync(`/proc/${entry}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ')
      if (Number(ppid) === parentPid && readFileSync(`/proc/${entry}/cmdline`, 'latin1').split('\0').includes(role)) return Number(entry)
    } catch {
      // It went meanwhile.
    }
  }
  return null
}

const apiAnswers = async (server: LoaServer): Promise<boolean> => fetch(`${server.api}/healthz`, { signal: AbortSignal.timeout(500) }).then(({ ok }) => ok, () => false)

interface Webhook {
  readonly id: unknown
  readonly body: { readonly type: string; readonly data: object }
}

/** A receiver that answers only while `isTaking`. */
async function listenForWebhooks(t: Test): Promise<{ readonly url: string; readonly seen: Webhook[]; isTaking: boolean }> {
  const hook = { url: '', seen: [] as Webhook[], isTaking: true }
  const receiver = createServer((request, response) => {
    void text(request).then((body) => {
      hook.seen.push({ id: request.headers['webhook-id'], body: JSON.parse(body) as Webhook['body'] })
      if (hook.isTaking) response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    receiver.closeAllConnections()
    receiver.close()
  })
  hook.url = `http://127.0.0.1:${String((receiver.address() as AddressInfo).port)}/`
  return hook
}

/** Connects all, again if need be, until both fan-outs hold some: the kernel decides who gets whom. */
async function spreadOverBoth(server: LoaServer, clusters: readonly ClusterKey[]): Promise<HttpRadio[]> {
  return waitUntil('both fan-outs have listeners', async () => {
    const radios = await Promise.all(clusters.map((cluster) => HttpRadio.open(server, cluster)))
    const processes = await waitUntil('all are known, each once', async () => {
      const connections = (await Promise.all(clusters.map(async ({ id }) => (await server.get(`/v1/clusters/${id}/on-air`))['connections'] as { connectionId: string }[]))).flat()
      return connections.length === clusters.length ? new Set(connections.map(({ connectionId }) => connectionId.slice(0, connectionId.lastIndexOf('-')))) : null
    })
    if (processes.size === 2) return radios
    for (const radio of radios) radio.close()
    return null
  })
}

/**
 * One tone without a break: what is not the tone is far below it.
 * @param heldUpMs how late the machine itself was: silence in the place of frames that came too late is left out then. What comes after it is still at its place.
 */
const purityDb = (pcm: Float32Array, heldUpMs: number): number => toneRatioDb(pcm.subarray(2 * SECOND), HZ, { withoutSilence: heldUpMs > HELD_UP_MS })

t.test('each role is killed while others play on', async (t) => {
  const machine = await MachineWatch.start(t)
  const server = await LoaServer.start(t, { LOA_ALLOW_PRIVATE_WEBHOOKS: 'true' })
  const province = await server.unit('T1')
  const unit = await server.unit('X1', province)
  const clusters: ClusterKey[] = []
  for (let index = 0; index < 10; index += 1) clusters.push(await server.cluster(unit, `C${String(index)}`))
  const tone = await server.tone('t', HZ)
  const short = await server.tone('s', SHORT_HZ)
  await server.order('normal', tone, [province])
  const hook = await listenForWebhooks(t)
  const { id: channelId } = await server.post('/v1/notification-channels', { name: 'x', kind: 'webhook', url: hook.url })
  t.equal((await server.request('PATCH', '/v1/alarm-rules/process-restarts', { threshold: 1, clearMs: 0 })).status, 200)

  await t.test('control: nobody hears it, what it planned goes on, it is back within 3 s', async (t) => {
    const listensMs = monotonicMs()
    const mp3 = await Promise.all(clusters.slice(0, 4).map((cluster) => HttpRadio.open(server, cluster)))
    const opus = await HttpRadio.open(server, clusters[4]!, { extension: 'opus' })
    const native = await NativeRadio.open(server, clusters[5]!)
    await mp3[0]!.hear(3 * MP3_64_BYTES_PER_SECOND)

    hook.isTaking = false
    const { id: notificationId } = await server.post(`/v1/notification-channels/${String(channelId)}/test`)
    await waitUntil('the webhook is on its way', () => hook.seen.length === 1)
    const { 'control-0': pid } = await server.pids()
    const killedMs = performance.now()
    process.kill(pid!, 'SIGKILL')
    hook.isTaking = true
    const [ownMs, supervisorMs] = [wantedProcessorMs(process.pid), wantedProcessorMs(server.pid)]
    await waitUntil('the API is gone', async () => !(await apiAnswers(server)))
    await waitUntil('the API is back', () => apiAnswers(server), 30_000)
    const backMs = performance.now() - killedMs
    const processorMs = wantedProcessorMs(childOf(server.pid, 'control-0')!) + wantedProcessorMs(server.pid) - supervisorMs + wantedProcessorMs(process.pid) - ownMs
    t.ok(backMs <= 3000 || backMs - processorMs <= WAITED_MS, `API back after ${String(Math.round(backMs))} ms, ${String(Math.round(backMs - processorMs))} of them not for want of the processor`)
    await waitUntil('all roles have found control again', async () => (await server.get('/readyz'))['ready'] === true)
    await waitUntil('everybody is known to be online again', async () => ((await server.get('/v1/status')) as { clusters: { online: number } }).clusters.online === 6)
    await waitUntil('the webhook that nobody knows to have got through is sent again', () => hook.seen.length > 1)
    t.same(new Set(hook.seen.map(({ id }) => id)), new Set([notificationId]), 'under the same id')
    await waitUntil('it is written down', async () => ((await server.get('/v1/notifications')) as { items: { state: string }[] }).items[0]!.state === 'delivered')
    await mp3[0]!.hear(2 * MP3_64_BYTES_PER_SECOND)

    const heldUpMs = machine.worstMs(listensMs, monotonicMs())
    for (const [index, radio] of mp3.entries()) {
      t.equal(radio.ended, false)
      const pcm = decodeMp3(radio.body)
      const ratioDb = purityDb(pcm, heldUpMs)
      t.ok(ratioDb > 40, `listener ${String(index)}: one tone, ${ratioDb.toFixed(1)} dB over everything else`)
      const frames = mp3FramesOf(radio.body)
      const without = Buffer.concat(frames.filter((_, at) => at !== frames.length - 50))
      t.ok(purityDb(decodeMp3(without), heldUpMs) < ratioDb - 10, 'a frame less would be noticed')
    }
    t.same(breaksOf(oggSequences(opus.body)), [])
    t.same(breaksOf(native.frames.map(({ sequence }) => sequence)), [])
    for (const radio of [...mp3, opus, native]) radio.close()
  })

  await t.test('an order ends on time though control is dead, and what lies below returns', async (t) => {
    const mp3 = await HttpRadio.open(server, clusters[0]!)
    const native = await NativeRadio.open(server, clusters[1]!)
    await mp3.hear(2 * MP3_64_BYTES_PER_SECOND)
    // Long enough that it is on the air before, on any machine.
    const endsAtWallMs = Date.now() + 3000
    const order = await server.order('emergency', short, [province], { tone: false, endsAt: new Date(endsAtWallMs).toISOString() })
    await waitUntil('the order is on air at the native client', () => native.texts.some(({ orderId }) => orderId === order))
    // Killed again and again, so that nothing but the plan can end the order.
    let kills = 0
    await waitUntil('the order is over', () => {
      const pid = childOf(server.pid, 'control-0')
      if (pid !== null) {
        process.kill(pid, 'SIGKILL')
        kills += 1
      }
      return Date.now() > endsAtWallMs + 500
    })
    t.ok(kills > 0)
    await native.hear(50)
    const planned = native.texts.find(({ orderId }) => orderId === order) as { fromSamples: number; untilSamples: number }
    t.ok(Math.abs(houseMsAt(planned.untilSamples) - endsAtWallMs) < 2, 'the plan ends when the order does')
    const emergency = native.frames.filter(({ flags }) => (flags & 4) !== 0)
    t.equal(emergency.at(-1)!.houseSamples, Math.ceil(planned.untilSamples / 960) * 960 - 960, 'the last emergency frame is the last before the end')
    t.same(breaksOf(native.frames.map(({ sequence }) => sequence)), [])
    await mp3.hear(MP3_64_BYTES_PER_SECOND)
    const stretches = toneMap(decodeMp3(mp3.body), [HZ, SHORT_HZ])
    t.comment(JSON.stringify(stretches))
    // Silence in the place of a frame that came too late ends no tone.
    const heard = stretches.filter(({ hz }) => hz !== 0).filter(({ hz }, index, all) => hz !== all[index - 1]?.hz)
    t.same(heard.map(({ hz }) => hz), [HZ, SHORT_HZ, HZ], JSON.stringify(heard))
    await waitUntil('the API is back', () => apiAnswers(server), 30_000)
    t.equal((await server.get(`/v1/orders/${order}`))['state'], 'ended')
    mp3.close()
    native.close()
  })

  await t.test('engine: streams go on, sound is back within 1.5 s, nobody reconnects', async (t) => {
    const listensMs = monotonicMs()
    const mp3 = await Promise.all(clusters.slice(0, 2).map((cluster) => HttpRadio.open(server, cluster)))
    const native = await NativeRadio.open(server, clusters[2]!)
    await mp3[0]!.hear(3 * MP3_64_BYTES_PER_SECOND)
    process.kill((await server.pids())['engine-0']!, 'SIGKILL')
    const supervisorMs = wantedProcessorMs(server.pid)
    await waitUntil('sound is back', async () => {
      await mp3[0]!.hear(4 * MP3_64_BYTES_PER_SECOND)
      return toneMap(decodeMp3(mp3[0]!.body), [HZ]).at(-1)?.hz === HZ
    }, 30_000)
    const processorMs = wantedProcessorMs(childOf(server.pid, 'engine-0')!) + wantedProcessorMs(server.pid) - supervisorMs
    for (const radio of mp3) {
      t.equal(radio.ended, false)
      const heldUpMs = machine.worstMs(listensMs, monotonicMs())
      t.ok(radio.longestPauseMs() < 1000 + HOPS * heldUpMs, `longest time without a byte: ${String(Math.round(radio.longestPauseMs()))} ms; the machine: ${String(Math.round(heldUpMs))} ms`)
      const stretches = toneMap(decodeMp3(radio.body), [HZ])
      const sounding = stretches.filter(({ hz }) => hz === HZ)
      t.ok(sounding.length === 2 || (sounding.length > 2 && heldUpMs > HELD_UP_MS), `sound, silence, sound: ${JSON.stringify(stretches)}`)
      const silentMs = Math.max(...sounding.slice(1).map(({ fromMs }, index) => fromMs - sounding[index]!.toMs))
      t.ok(silentMs <= 1500 || silentMs - processorMs <= WAITED_MS, `silence after the engine was killed: ${String(Math.round(silentMs))} ms, ${String(Math.round(silentMs - processorMs))} of them not for want of the processor`)
    }
    t.same(breaksOf(native.frames.map(({ sequence }) => sequence)), [])
    const raised = await waitUntil('the alarm has come', () => hook.seen.find(({ body }) => body.type === 'alarm.raised'), 30_000)
    t.match(raised.body.data, { rule: 'process-restarts', severity: 'critical', subject: { kind: 'server', id: 'engine' } })
    for (const radio of [...mp3, native]) radio.close()
  })

  await t.test('fan-out: its listeners come back within 2 s, those of the other hear nothing', async (t) => {
    const listensMs = monotonicMs()
    const radios = await spreadOverBoth(server, clusters)
    await radios[0]!.hear(3 * MP3_64_BYTES_PER_SECOND)
    const pids = await server.pids()
    const [killedMs, killedAtMs] = [performance.now(), monotonicMs()]
    process.kill(pids['fan-out-0']!, 'SIGKILL')
    await waitUntil('its listeners are cut off', () => radios.some(({ ended }) => ended))
    // Whoever gets a byte from now on was with the other one.
    const counts = radios.map(({ bodyBytes }) => bodyBytes)
    await waitUntil('each is cut off or plays on', () => radios.every(({ ended, bodyBytes }, index) => ended || bodyBytes > counts[index]! + 4000))
    const lost = radios.filter(({ ended }) => ended)
    const kept = radios.filter(({ ended }) => !ended)
    t.ok(lost.length > 0 && kept.length > 0, `${String(lost.length)} lost, ${String(kept.length)} kept, processes before: ${JSON.stringify(pids)}, now: ${JSON.stringify(await server.pids())}`)

    const again = await Promise.all(lost.map((radio) => waitUntil('it connects again', () => HttpRadio.open(server, clusters[radios.indexOf(radio)]!).catch(() => null), 10_000)))
    await Promise.all([...kept, ...again].map((radio) => radio.hear(3 * MP3_64_BYTES_PER_SECOND)))
    for (const radio of again) {
      const first = toneMap(decodeMp3(radio.body), [HZ]).find(({ hz }) => hz === HZ)!
      const backMs = radio.arrivalMs((first.fromMs / 1000) * MP3_64_BYTES_PER_SECOND) - killedMs
      const heldUpMs = machine.worstMs(killedAtMs, monotonicMs())
      t.ok(backMs <= 2000 + HOPS * heldUpMs, `sound again after ${String(Math.round(backMs))} ms; the machine held us up for ${String(Math.round(heldUpMs))} ms`)
    }
    for (const radio of kept) {
      t.equal(radio.ended, false)
      const ratioDb = purityDb(decodeMp3(radio.body), machine.worstMs(listensMs, monotonicMs()))
      t.ok(ratioDb > 40, `a listener of the other: ${ratioDb.toFixed(1)} dB`)
    }
    await waitUntil('the fan-out is back', async () => {
      const now = await server.pids()
      return now['fan-out-0'] !== undefined && now['fan-out-0'] !== pids['fan-out-0']
    })
    t.equal((await server.pids())['control-0'], pids['control-0'])
    t.equal((await server.pids())['engine-0'], pids['engine-0'])
    for (const radio of radios.concat(again)) radio.close()
  })

  await t.test('a damaged database: what sounds goes on, control says what to do, and a restored backup is good', async (t) => {
    const file = join(server.dataDir, '..', `${basename(server.dataDir)}.tar`)
    const command = (name: 'backup' | 'restore'): number => runCommand([name, file, '--data', server.dataDir], '', { say: () => undefined, complain: (text) => { t.comment(text) }, nowMs: () => Date.now() })
    t.teardown(() => { rmSync(file, { force: true }) })
    t.equal(command('backup'), 0)
    const listensMs = monotonicMs()
    const radio = await HttpRadio.open(server, clusters[0]!)
    await waitUntil('it has sound', async () => {
      await radio.hear(MP3_64_BYTES_PER_SECOND)
      return toneMap(decodeMp3(radio.body), [HZ]).some(({ hz }) => hz === HZ)
    })
    const { 'control-0': pid } = await server.pids()
    for (const name of ['loa.db', 'loa.db-wal']) writeFileSync(join(server.dataDir, name), Buffer.alloc(statSync(join(server.dataDir, name)).size, 0xa5), { flag: 'r+' })
    process.kill(pid!, 'SIGKILL')
    await waitUntil('control says why it cannot start', () => server.log.includes('loa restore'))
    await radio.hear(3 * MP3_64_BYTES_PER_SECOND)
    t.equal(radio.ended, false)
    const heard = toneMap(decodeMp3(radio.body), [HZ])
    t.ok(heard.findIndex(({ hz }) => hz === HZ) === heard.length - 1 || machine.worstMs(listensMs, monotonicMs()) > HELD_UP_MS, `from its first sound on without a break: ${JSON.stringify(heard)}`)
    radio.close()
    await server.stop()
    t.equal(command('restore'), 0)
    await server.run()
    t.equal((await server.get('/v1/clusters'))['items'] instanceof Array, true)
  })
})
