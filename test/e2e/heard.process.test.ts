import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { OrderReportView } from '../../control/schemas/report.ts'
import { verifyLog } from '../../server/log/verify-log.ts'
import { LoaServer } from '../support/loa-server.ts'
import { SpeakerProcess } from '../support/speaker-process.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const THRESHOLD_DBFS = -45

/** The microphone: the level of 200 ms that come out of the device after it was asked, dBFS. What came out before may be written up to 100 ms later. It notes what it has said. */
const MICROPHONE = `
  const { appendFileSync, readFileSync, statSync } = require('node:fs')
  const [wav, notes] = process.argv.slice(2)
  const from = statSync(wav).size + 9600
  const wait = new Int32Array(new SharedArrayBuffer(4))
  while (statSync(wav).size < from + 19200) Atomics.wait(wait, 0, 0, 20)
  const bytes = readFileSync(wav).subarray(from)
  let sum = 0
  for (let at = 0; at < 19200; at += 2) sum += (bytes.readInt16LE(at) / 32768) ** 2
  const level = (10 * Math.log10(sum / 9600 + 1e-12)).toFixed(1)
  appendFileSync(notes, level + '\\n')
  console.log(level)`

t.test('heard is what a microphone has heard of this order, not what was before it and not what leaves in silence', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loa-heard-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const server = await LoaServer.start(t, { LOA_FAN_OUT_PROCESSES: '1' })
  const unit = await server.unit('X1')
  const { id, key } = await server.cluster(unit, 'C1')
  const loud = await server.tone('Còi', 1000)
  const silent = (await server.post('/v1/sources', { kind: 'tone', name: 'Micro hỏng', frequencyHz: 1000, levelDbfs: -60 }))['id'] as string
  const program = join(folder, 'microphone.cjs')
  const notes = join(folder, 'notes')
  writeFileSync(program, MICROPHONE)
  writeFileSync(notes, '')
  const hooks = join(folder, 'hooks.json')
  writeFileSync(hooks, JSON.stringify({ level: { file: process.execPath, arguments: [program, join(folder, 'agent.wav'), notes] }, levelThreshold: THRESHOLD_DBFS }))
  const levels = (): number[] => readFileSync(notes, 'utf8').trim().split('\n').map(Number)
  const speaker = async (): Promise<Record<string, unknown>> => (await server.request('GET', `/v1/clusters/${id}/speaker`)).body
  const stageOf = (order: string, stage: string) => async (): Promise<boolean> => {
    const now = await speaker()
    return now['orderId'] === order && now['stage'] === stage
  }

  const first = await server.order('normal', loud, [unit])
  const agent = new SpeakerProcess(folder, 'agent', ['--server', server.stream.replace('http', 'ws'), '--cluster', id, '--key', key, '--state', join(folder, 'state'), '--hooks', hooks])
  t.teardown(() => agent.stop())
  await waitUntil('the first order is heard', stageOf(first, 'heard'), 30_000)
  t.ok(Math.max(...levels()) > -30, `${String(Math.max(...levels()))} dBFS`)

  // It takes over from one that can be heard to the end, so the microphone has just said that there is sound.
  const second = await server.order('priority', silent, [unit])
  const stages = new Set<unknown>()
  let quiet = 0
  await waitUntil('silence that has left, and the microphone has listened to', async () => {
    const now = await speaker()
    if (now['orderId'] === second) stages.add(now['stage'])
    quiet = levels().toReversed().findIndex((level) => level >= THRESHOLD_DBFS)
    return now['orderId'] === second && now['stage'] !== 'received' && quiet >= 2
  }, 20_000)
  t.same([...stages].filter((stage) => stage !== 'idle' && stage !== 'received'), ['played'], 'never heard')

  await server.stopOrder(second)
  const third = await server.order('priority', loud, [unit])
  await waitUntil('the third order is heard', stageOf(third, 'heard'), 30_000)
  await server.stopOrder(third)
  interface Run { readonly orderId: string; readonly heard: boolean | null }
  const runs = async (): Promise<Run[]> => (await server.get(`/v1/clusters/${id}/play-log`))['items'] as Run[]
  const all = await waitUntil('the runs are in the log', async () => {
    const items = await runs()
    return [first, second, third].every((order) => items.some(({ orderId }) => orderId === order)) ? items : undefined
  }, 20_000)
  t.same([first, second, third].map((order) => all.filter(({ orderId }) => orderId === order).some(({ heard }) => heard === true)), [true, false, true])

  const reportOf = (order: string) => waitUntil('the report is closed', async () => {
    const answer = await server.get(`/v1/orders/${order}/report`)
    return answer['state'] === 'closed' ? answer['report'] as OrderReportView : undefined
  }, 20_000)
  const [onSecond, onThird] = [await reportOf(second), await reportOf(third)]
  t.match(onSecond.clusters, [{ clusterId: id, outcome: 'sensor-silent', soundedMs: 0 }])
  t.match(onThird, { counts: { targeted: 1, connected: 1, received: 1, played: 1, heard: 1, red: 0 }, clusters: [{ clusterId: id, outcome: 'heard', protocol: 'native' }] })
  t.ok((onThird.clusters[0]?.soundedMs ?? 0) > 0)
  t.ok(Date.parse(onThird.closedAt) - Date.parse(onThird.stoppedAt ?? '') <= 10_000, `stopped ${String(onThird.stoppedAt)}, closed ${onThird.closedAt}`)
  const { problems, logs } = verifyLog(server.dataDir)
  t.same(problems, [])
  t.ok((logs.find(({ log }) => log === 'report')?.entries ?? 0) >= 2)
})
