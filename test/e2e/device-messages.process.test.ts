import t from 'tap'
import { LoaServer } from '../support/loa-server.ts'
import { breaksOf, NativeRadio, type ClusterKey } from '../support/radio.ts'
import { TEST_SEED } from '../support/seed.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const MUTATIONS = 60

const entry = { number: 1, orderId: 'o', playing: 'live', audible: true, verified: false, heard: null, fromSamples: 0, untilSamples: 48_000, missingSamples: 0, heardAtHouseUs: 800_000, end: 'over' }
const log = (change: object, more: object = {}): string => JSON.stringify({ type: 'log', logId: 'log', dropped: 0, entries: [{ ...entry, ...change }], ...more })
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

/** What a device may send that it should not, with the close code of server/protocol.md; 0: it is passed over. */
const RUDE: readonly (readonly [string, string | Buffer, number])[] = [
  ['bytes', Buffer.of(1, 2, 3), 4400],
  ['no JSON', '{"type":', 4400],
  ['nothing', '', 4400],
  ['an array', '[]', 4400],
  ['null', 'null', 4400],
  ['a type that is none', '{"type":7}', 4400],
  ['a second hello', '{"type":"hello","protocol":1}', 4400],
  ['what only a server says', '{"type":"log-ack","logId":"log","number":1}', 4400],
  ['more than 16 KiB', JSON.stringify({ type: 'status', text: 'x'.repeat(17_000) }), 1009],
  ['ack without a command', '{"type":"ack","result":"done"}', 4400],
  ['ack of a number', '{"type":"ack","commandId":7,"result":"done"}', 4400],
  ['ack of a long name', JSON.stringify({ type: 'ack', commandId: 'x'.repeat(129), result: 'done' }), 4400],
  ['ack with another result', '{"type":"ack","commandId":"x","result":"maybe"}', 4400],
  ['ack with a reason that is none', '{"type":"ack","commandId":"x","result":"done","reason":{}}', 4400],
  ['ack of what nobody has asked', '{"type":"ack","commandId":"nothing","result":"done"}', 0],
  ['ack of a property of every object', '{"type":"ack","commandId":"__proto__","result":"done"}', 0],
  ['status of wrong types', JSON.stringify({ type: 'status', stage: 'famous', orderId: 7, playing: [], clock: 'late', syncErrorUs: '0', lateFrames: -1, muted: 'yes', storage: 5, version: {}, volumePercent: null }), 0],
  ['status with numbers that are none', '{"type":"status","syncErrorUs":1e999,"lateFrames":1e20,"clock":{"driftPpm":-1e999}}', 0],
  ['status that would be a prototype', '{"type":"status","__proto__":{"stage":"heard"},"constructor":{}}', 0],
  ['status nested without end', `{"type":"status","clock":${nested(8000)}}`, 4400],
  ['status nested as deep as allowed', `{"type":"status","clock":${nested(15)}}`, 0],
  ['status nested deeper', `{"type":"status","clock":${nested(16)}}`, 4400],
  ['log without entries', log({}, { entries: [] }), 4400],
  ['log with too many', log({}, { entries: Array.from({ length: 201 }, () => 1) }), 4400],
  ['log of a wrong name', log({}, { logId: '../log' }), 4400],
  ['log of entries that are none', log({}, { entries: { 0: entry, length: 1 } }), 4400],
  ...([['number', 0], ['number', 1.5], ['number', 2 ** 53], ['number', '1'], ['orderId', ''], ['orderId', 7], ['playing', 'loudly'], ['audible', 1], ['heard', 'yes'], ['fromSamples', 2 ** 60], ['missingSamples', -1], ['heardAtHouseUs', 1e300], ['end', 'never']] as const)
    .map(([field, value]) => [`log with ${field} ${String(value)}`, log({ [field]: value }), 4400] as const),
  ['log with something nested without end', `{"type":"log","logId":"deep","entries":[{${JSON.stringify(entry).slice(1, -1)},"more":${nested(7500)}}]}`, 4400],
]

t.test('whatever one device says, the server closes with the documented code or passes it over, and nobody else notices', async (t) => {
  t.comment(`LOA_TEST_SEED=${String(TEST_SEED)}`)
  let state = 1 + (TEST_SEED % 100_000)
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const clusters: ClusterKey[] = []
  for (let index = 0; index < 5; index += 1) clusters.push(await server.cluster(unit, `C${String(index)}`))
  const [rude, neighbour, asked] = clusters as [ClusterKey, ClusterKey, ClusterKey]
  await server.order('normal', await server.tone('Nền', 440), [unit])
  const pids = await server.pids()
  const near = await NativeRadio.open(server, neighbour)
  t.teardown(() => { near.socket.terminate() })

  /** Sends it on a connection of its own. @returns the close code, 0 when the connection goes on and the clock is still answered */
  const say = async (message: string | Buffer): Promise<number> => {
    const radio = await NativeRadio.open(server, rude)
    radio.socket.send(message)
    radio.socket.send('{"type":"clock","t1":1}')
    await waitUntil('a close, or an answer', () => radio.closeCode !== 0 || radio.texts.some(({ type }) => type === 'clock'))
    const { closeCode } = radio
    radio.socket.terminate()
    return closeCode
  }

  await t.test('each has its code', async (t) => {
    for (const [name, message, code] of RUDE) t.equal(await say(message), code, name)
  })

  await t.test('the answer of another cluster does not count, the first of one\'s own does', async (t) => {
    const { id } = (await server.post(`/v1/clusters/${asked.id}/commands`, { type: 'volume', percent: 70 })) as { id: string }
    t.equal(await say(JSON.stringify({ type: 'ack', commandId: id, result: 'done' })), 0)
    const own = await NativeRadio.open(server, asked)
    t.teardown(() => { own.socket.terminate() })
    await waitUntil('it is still asked', () => own.texts.some(({ type, commandId }) => type === 'command' && commandId === id))
    const counts = async (): Promise<{ readonly failed: number }> => (await server.get(`/v1/commands/${id}`))['clusters'] as { failed: number }
    t.match(await counts(), { done: 0 })
    own.socket.send(JSON.stringify({ type: 'ack', commandId: id, result: 'failed', reason: 'x'.repeat(15_000) }))
    own.socket.send(JSON.stringify({ type: 'ack', commandId: id, result: 'done' }))
    await waitUntil('the answer is counted', async () => (await counts()).failed === 1)
    t.match(await counts(), { done: 0, failed: 1 })
    t.equal(own.closeCode, 0)
  })

  await t.test('random changes of good messages', async (t) => {
    const good = [JSON.stringify({ type: 'ack', commandId: 'c', result: 'done' }), JSON.stringify({ type: 'status', stage: 'played', orderId: 'o', syncErrorUs: 3, clock: { driftPpm: 1 } }), log({ number: 77 })]
    const codes = new Map<number, number>()
    for (let round = 0; round < MUTATIONS; round += 1) {
      const bytes = Buffer.from(good[random(good.length)]!)
      for (let changes = 1 + random(4); changes > 0; changes -= 1) bytes[random(bytes.length)] = random(3) === 0 ? random(256) : 32 + random(95)
      const code = await say(random(20) === 0 ? bytes : bytes.toString('latin1'))
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    t.same([...codes.keys()].filter((code) => code !== 0 && code !== 4400), [], JSON.stringify([...codes]))
    t.equal(codes.size, 2, 'some were passed over, some refused')
  })

  t.same(await server.pids(), pids, 'no process has died')
  t.equal(near.closeCode, 0)
  await near.hear(20)
  t.same(breaksOf(near.frames.map(({ sequence }) => sequence)), [], 'the neighbour heard all of it')
  t.notMatch(server.log, /uncaught|unhandled|RangeError/i)
  t.same((await server.get(`/v1/clusters/${neighbour.id}/play-log`))['items'], [], 'and has no log of another')
})
