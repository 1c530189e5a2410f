import t from 'tap'
import { WebSocket } from 'ws'
import { LoaServer } from '../support/loa-server.ts'
import { ffmpegDecode } from '../support/sound.ts'
import { opusHeaderPages, opusPage } from '../../codec/index.ts'
import { toneMap } from '../support/tone-map.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

interface AudioMessage {
  readonly flags: number
  readonly frameSamples: number
  readonly sequence: number
  readonly houseSamples: number
  readonly presentationUs: number
  readonly data: Buffer
}

/** A native client written from server/protocol.md, on the library's own client. */
class Speaker {
  readonly socket: WebSocket
  readonly texts: Record<string, unknown>[] = []
  readonly frames: AudioMessage[] = []
  closed: { code: number; reason: string } | null = null

  constructor(server: LoaServer, hello: Record<string, unknown> | null) {
    this.socket = new WebSocket(`${server.stream.replace('http', 'ws')}/v1/speaker`)
    this.socket.on('open', () => {
      if (hello !== null) this.send({ type: 'hello', protocol: 1, ...hello })
    })
    this.socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) {
        this.texts.push(JSON.parse(data.toString('utf8')) as Record<string, unknown>)
        return
      }
      this.frames.push({
        flags: data[1]!,
        frameSamples: data.readUInt16BE(2),
        sequence: data.readUInt32BE(4),
        houseSamples: Number(data.readBigUInt64BE(8)),
        presentationUs: Number(data.readBigUInt64BE(16)),
        data: Buffer.from(data.subarray(24)),
      })
    })
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') }
    })
    this.socket.on('error', () => undefined)
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  text(type: string): Record<string, unknown> | undefined {
    return this.texts.find((message) => message['type'] === type)
  }
}

t.test('the native protocol', async (t) => {
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const [one, two] = [await server.cluster(unit, 'C1'), await server.cluster(unit, 'C2')]
  const base = await server.tone('Nền', 440)
  const alarm = await server.tone('Còi', 2000)
  await server.order('normal', base, [unit], { title: 'Nền' })
  const open: Speaker[] = []
  const connect = (hello: Record<string, unknown> | null): Speaker => {
    const speaker = new Speaker(server, hello)
    open.push(speaker)
    return speaker
  }
  t.teardown(() => {
    for (const { socket } of open) socket.terminate()
  })

  await t.test('welcome, audio without a hole, presentation times, clock', async (t) => {
    const opus = connect({ clusterId: one.id, key: one.key, format: 'opus-24' })
    const mp3 = connect({ clusterId: two.id, key: two.key, format: 'mp3-64', burstMs: 1000 })
    await waitUntil('two seconds of sound', () => opus.frames.length > 100 && mp3.frames.length > 84)
    t.match(opus.text('welcome'), { protocol: 1, format: 'opus-24', codec: 'opus', sampleRateHz: 48_000, frameSamples: 960, codecDelaySamples: 312, presentationDelayMs: 800 })
    t.match(mp3.text('welcome'), { format: 'mp3-64', codec: 'mp3', frameSamples: 1152 })
    for (const { frames } of [opus, mp3]) {
      t.ok(frames.every((frame, at) => at === 0 || frame.sequence === frames[at - 1]!.sequence + 1), 'sequence counts up by one')
      t.ok(frames.every((frame) => frame.houseSamples % frame.frameSamples === 0 && frame.houseSamples / frame.frameSamples === frame.sequence))
      t.ok(frames.every((frame) => Math.abs(frame.presentationUs - frame.houseSamples / 0.048 - 800_000) <= 1))
    }
    const sample = opus.frames.at(-1)!
    const houseUs = opus.text('welcome')!['houseUs'] as number
    t.ok(sample.houseSamples / 0.048 > houseUs, 'welcome tells the house time')
    opus.send({ type: 'clock', t1: 12.5 })
    const clock = await waitUntil('an answer to the clock', () => opus.text('clock'))
    t.equal(clock['t1'], 12.5)
    t.ok((clock['t3'] as number) >= (clock['t2'] as number) && (clock['t2'] as number) > houseUs)
    t.match(await waitUntil('on-air', () => opus.texts.find(({ type, orderId }) => type === 'on-air' && orderId !== null)), { class: 'normal', title: 'Nền' })
  })

  await t.test('an emergency is flagged, heard at the same house sample by both codecs, and decodes', async (t) => {
    const [opus, mp3] = open as [Speaker, Speaker]
    const order = await server.order('emergency', alarm, [unit], { title: 'Lũ', tone: false })
    await waitUntil('a second of emergency', () => opus.frames.filter(({ flags }) => (flags & 4) !== 0).length > 50)
    await server.stopOrder(order)
    await waitUntil('a second after it', () => opus.frames.length - opus.frames.findLastIndex(({ flags }) => (flags & 4) !== 0) > 50)
    const cutOf = ({ frames }: Speaker): AudioMessage => frames.find(({ flags }) => (flags & 4) !== 0)!
    t.ok((cutOf(opus).flags & 1) === 1 && (cutOf(mp3).flags & 1) === 1, 'its first frame carries the cut flag')
    t.ok(Math.abs(cutOf(opus).houseSamples - cutOf(mp3).houseSamples) < 1152, 'at the same time for both')
    t.same(opus.texts.filter(({ type, orderId }) => type === 'on-air' && orderId !== null).map(({ title }) => title), ['Nền', 'Lũ', 'Nền'])
    const first = opus.frames[0]!.sequence
    const pcm = ffmpegDecode(Buffer.concat([opusHeaderPages(312, { vendor: 'test', comments: [] }), ...opus.frames.map(({ data, sequence }) => opusPage(data, sequence - first))]), 'ogg', 48_000)
    t.same(toneMap(pcm, [440, 2000]).map(({ hz }) => hz).filter((hz) => hz !== 0), [440, 2000, 440])
  })

  await t.test('commands go down, statuses go up', async (t) => {
    const [opus] = open as [Speaker]
    const answer = await server.request('POST', `/v1/clusters/${one.id}/commands`, { type: 'volume', percent: 70 })
    t.equal(answer.status, 202)
    t.match(await waitUntil('the command', () => opus.text('command')), { command: 'volume', arguments: { percent: 70 } })
    opus.send({ type: 'ack', commandId: opus.text('command')!['commandId'], result: 'done' })
    await waitUntil('the answer is counted', async () => ((await server.get(`/v1/commands/${String(answer.body['id'])}`))['clusters'] as { done: number }).done === 1)
    opus.send({ type: 'status', playing: true })
    t.equal(opus.closed, null)
  })

  await t.test('who is refused is told why, and goes', async (t) => {
    const wrong = connect({ clusterId: one.id, key: 'wrong' })
    await waitUntil('the close', () => wrong.closed)
    t.match(wrong.closed, { code: 4401, reason: '401 STREAM_ERR_KEY_WRONG' })
    t.match(wrong.texts[0], { code: 'STREAM_ERR_KEY_WRONG', status: 401 })
    const rude = connect(null)
    rude.socket.once('open', () => {
      rude.send({ type: 'status' })
    })
    await waitUntil('the close', () => rude.closed)
    t.equal(rude.closed!.code, 4400)
    const flood = connect({ clusterId: two.id, key: two.key })
    await waitUntil('the welcome', () => flood.text('welcome'))
    for (let index = 0; index < 60; index += 1) flood.send({ type: 'clock', t1: index })
    await waitUntil('the close', () => flood.closed)
    t.equal(flood.closed!.code, 1008)
  })

  await t.test('one device, one identity, over all processes', async (t) => {
    const first = connect({ clusterId: two.id, key: two.key })
    await waitUntil('sound', () => first.frames.length > 0)
    const second = connect({ clusterId: two.id, key: two.key })
    await waitUntil('the first is replaced', () => first.closed)
    t.equal(first.closed!.code, 4009)
    await waitUntil('sound', () => second.frames.length > 0)
    t.equal(second.closed, null)
    await server.post(`/v1/clusters/${two.id}/rotate-key`)
    await waitUntil('the key is no more', () => second.closed)
    t.equal(second.closed!.code, 4001)
    const [opus] = open as [Speaker]
    const disabled = await server.request('PATCH', `/v1/clusters/${one.id}`, { enabled: false })
    t.equal(disabled.status, 200)
    await waitUntil('the cluster is disabled', () => opus.closed)
    t.equal(opus.closed!.code, 4003)
  })

  await t.test('a unit has its own presentation delay; whoever was told another connects again', async (t) => {
    const hamlet = await server.unit('T1', unit)
    const cluster = await server.cluster(hamlet, 'C3')
    const before = connect({ clusterId: cluster.id, key: cluster.key })
    await waitUntil('sound', () => before.frames.length > 0)
    t.match(before.text('welcome'), { presentationDelayMs: 800 })
    t.equal((await server.request('PATCH', `/v1/units/${unit}`, { presentationDelayMs: 120 })).status, 200)
    await waitUntil('the close', () => before.closed)
    t.equal(before.closed!.code, 1001)
    const again = connect({ clusterId: cluster.id, key: cluster.key })
    await waitUntil('sound', () => again.frames.length > 0)
    t.match(again.text('welcome'), { presentationDelayMs: 120 })
    t.ok(again.frames.every((frame) => Math.abs(frame.presentationUs - frame.houseSamples / 0.048 - 120_000) <= 1))
  })
})
