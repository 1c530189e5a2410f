import { connect, type Socket } from 'node:net'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { AttemptReporter } from '../../../../server/sinks/attempt-reporter.ts'
import { Credentials } from '../../../../server/sinks/credentials.ts'
import { readAmf, writeAmf } from '../../../../server/sinks/rtmp/amf0.ts'
import { RtmpChunkReader, RtmpFault, rtmpMessage, RTMP_TYPE, type RtmpMessage } from '../../../../server/sinks/rtmp/rtmp-chunks.ts'
import { RtmpEndpoint } from '../../../../server/sinks/rtmp/rtmp-endpoint.ts'
import { RtmpSession } from '../../../../server/sinks/rtmp/rtmp-session.ts'
import { fc } from '../../../support/seed.ts'

t.test('values of AMF0', async (t) => {
  const values = ['connect', 1, { app: 'live', n: 2.5 }, true, null] as const
  t.same(readAmf(writeAmf(...values)), values)
  t.same(readAmf(Buffer.from([8, 0, 0, 0, 1, 0, 1, 0x61, 5, 0, 0, 9, 10, 0, 0, 0, 2, 1, 0, 6])), [{ a: null }, [false, null]], 'arrays')
  t.same(readAmf(writeAmf({ ['__proto__']: 'x' }))?.[0], Object.fromEntries([['__proto__', 'x']]), 'a name is only a name')
  t.equal(readAmf(Buffer.concat(Array.from({ length: 100 }, () => Buffer.from([10, 0, 0, 0, 1])))), undefined, 'a nest of arrays')
  t.equal(readAmf(Buffer.from([2, 0xff, 0xff, 0x61])), undefined, 'a text that is cut off')
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    const read = readAmf(Buffer.from(bytes))
    return read === undefined || read.length <= 200
  }))
})

const FAULT = { name: 'RtmpFault' }

const message = fc.record({ type: fc.constantFrom(8, 9, 18, 20), streamId: fc.constantFrom(0, 1), payload: fc.uint8Array({ minLength: 1, maxLength: 700 }).map((bytes) => Buffer.from(bytes)) })

/** Cuts bytes at any places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length))
}

t.test('chunks, however they arrive', async (t) => {
  fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(4000), { maxLength: 30 }), (sent, places) => {
    const reader = new RtmpChunkReader()
    const bytes = Buffer.concat(sent.map((one) => rtmpMessage(4, one)))
    const got = cut(bytes, places).flatMap((piece) => reader.push(piece))
    return got.length === sent.length && got.every(({ type, streamId, payload }, index) => type === sent[index]!.type && streamId === sent[index]!.streamId && payload.equals(type === RTMP_TYPE.video ? Buffer.alloc(0) : sent[index]!.payload))
  }))

  const reader = new RtmpChunkReader()
  // Two streams interleaved, a larger chunk size, times as differences, and one beyond 24 bits.
  const chunk = (head: readonly number[], payload: string): Buffer => Buffer.concat([Buffer.from(head), Buffer.from(payload)])
  const bytes = Buffer.concat([
    rtmpMessage(2, { type: RTMP_TYPE.setChunkSize, streamId: 0, payload: Buffer.from([0, 0, 0, 4]) }),
    chunk([0x04, 0, 0, 100, 0, 0, 6, 8, 1, 0, 0, 0], 'abcd'),
    chunk([0x05, 0xff, 0xff, 0xff, 0, 0, 6, 8, 1, 0, 0, 0, 1, 0, 0, 0], 'ABCD'),
    chunk([0xc4], 'ef'),
    chunk([0xc5, 1, 0, 0, 0], 'EF'),
    chunk([0x44, 0, 0, 20, 0, 0, 2, 8], 'gh'),
    chunk([0x84, 0, 0, 5], 'ij'),
    chunk([0xc4], 'kl'),
  ])
  t.same(reader.push(bytes).map(({ timestampMs, payload }: RtmpMessage) => [timestampMs, payload.toString()]), [[100, 'abcdef'], [0x0100_0000, 'ABCDEF'], [120, 'gh'], [125, 'ij'], [130, 'kl']])

  for (const [name, head] of [
    ['a continuation of nothing', [0xc9]],
    ['a text of a megabyte', [0x03, 0, 0, 0, 0x10, 0, 0, 20, 0, 0, 0, 0]],
    ['no chunk size', [...rtmpMessage(2, { type: RTMP_TYPE.setChunkSize, streamId: 0, payload: Buffer.alloc(4) })]],
    ['texts that begin and do not end', Array.from({ length: 5 }, (_, id) => [0x05 + id, 0, 0, 0, 1, 0, 0, 18, 0, 0, 0, 0, ...Array<number>(128).fill(1)]).flat()],
    ['chunk streams without end', Array.from({ length: 40 }, (_, id) => [0x05 + id, 0, 0, 0, 0, 0, 1, 18, 0, 0, 0, 0, 1]).flat()],
  ] as const) t.throws(() => new RtmpChunkReader().push(Buffer.from([...head, 0, 0, 0, 0])), FAULT, name)
})

interface Heard {
  readonly session: RtmpSession
  readonly sent: Buffer[]
  readonly asked: string[]
  readonly sound: Buffer[]
  ended: number
}

function begin(): Heard {
  const heard: Heard = {
    sent: [], asked: [], sound: [], ended: 0,
    session: new RtmpSession({
      send: (bytes) => { heard.sent.push(bytes) }, onPublish: (app, key) => { heard.asked.push(`${app} ${key}`) },
      onSound: (bytes) => { heard.sound.push(bytes) }, onEnd: () => { heard.ended += 1 },
    }),
  }
  return heard
}

const HELLO = Buffer.concat([Buffer.of(3), Buffer.alloc(1536, 1), Buffer.alloc(1536, 2)])
const command = (...values: Parameters<typeof writeAmf>): Buffer => rtmpMessage(3, { type: RTMP_TYPE.command, streamId: 0, payload: writeAmf(...values) })
const TALK = Buffer.concat([HELLO, command('connect', 1, { app: 'live' }), command('releaseStream', 2, null, 'k'), command('createStream', 4, null), command('publish', 5, null, 'k', 'live')])
const audio = (text: string): Buffer => rtmpMessage(4, { type: RTMP_TYPE.audio, streamId: 1, payload: Buffer.from(text) })

t.test('one connection', async (t) => {
  const heard = begin()
  heard.session.push(TALK)
  t.same(heard.asked, ['live k'])
  t.equal(heard.sent[0]?.length, 1 + 2 * 1536)
  heard.session.push(audio('early'))
  t.same(heard.sound, [], 'nothing is heard before the key was looked at')
  heard.session.accept()
  heard.session.push(Buffer.concat([audio('one'), audio('two')]))
  t.match(Buffer.concat(heard.sound).toString('latin1'), /^FLV\x01\x04.*one.*two/s)
  heard.session.push(rtmpMessage(2, { type: RTMP_TYPE.control, streamId: 0, payload: Buffer.from([0, 6, 1, 2, 3, 4]) }))
  t.ok(heard.sent.at(-1)!.includes(Buffer.from([0, 7, 1, 2, 3, 4])), 'a ping is answered')
  t.throws(() => { heard.session.push(command('publish', 6, null, 'other', 'live')) }, FAULT, 'one stream a connection')
  heard.session.push(command('deleteStream', 7, null, 1))
  t.equal(heard.ended, 1)
  const before = heard.sound.length
  heard.session.push(audio('late'))
  t.equal(heard.sound.length, before)

  const refused = begin()
  refused.session.push(TALK)
  refused.session.refuse('wrong key')
  refused.session.push(audio('never'))
  t.match(refused.sent.at(-1)!.toString('latin1'), /NetStream\.Publish\.BadName.*wrong key/s)
  t.same(refused.sound, [])
  t.throws(() => { begin().session.push(Buffer.alloc(1537, 0x47)) }, FAULT, 'HTTP')
  t.throws(() => { begin().session.push(Buffer.concat([HELLO, command('play', 1, null, 'k')])) }, FAULT)
})

t.test('the same talk cut anywhere; and garbage', async () => {
  fc.assert(fc.property(fc.array(fc.nat(TALK.length), { maxLength: 20 }), (places) => {
    const heard = begin()
    for (const piece of cut(TALK, places)) heard.session.push(piece)
    return heard.asked.join() === 'live k'
  }))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
    const heard = begin()
    try {
      heard.session.push(Buffer.concat([HELLO, Buffer.from(bytes)]))
    } catch (error) {
      if (!(error instanceof RtmpFault)) throw error
    }
    return heard.sound.length === 0
  }))
})

/** The endpoint as strangers meet it: nobody's key is right. @returns what connects one more */
async function openEndpoint(t: Test): Promise<() => Promise<Socket>> {
  const credentials = new Credentials()
  credentials.replace({ type: 'fan-out-state', clusters: [], studioSources: [], monitorTokenHashes: [], monitorRooms: {}, monitorLimits: [], monitorPassKey: '', assignments: [], atSamples: 0 })
  const endpoint = new RtmpEndpoint({ runDir: '/none', credentials, attempts: new AttemptReporter(() => 0, () => undefined), nowSamples: () => 0 }, pino({ level: 'silent' }))
  const port = await endpoint.listen('127.0.0.1', 0)
  const clients: Socket[] = []
  t.teardown(() => {
    endpoint.close()
    for (const client of clients) client.destroy()
  })
  return () => new Promise((resolve, reject) => {
    const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true }, () => { resolve(client) })
    client.once('error', reject)
    client.on('error', () => undefined)
    clients.push(client)
  })
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => { if (socket.closed) resolve(); else socket.once('close', () => { resolve() }) })

t.test('a stranger who was refused does not stay, though he does not hang up', async (t) => {
  const come = await openEndpoint(t)
  const client = await come()
  client.resume()
  client.write(TALK)
  const talks = setInterval(() => { client.write(command('createStream', 4, null)) }, 50)
  await closed(client)
  clearInterval(talks)
})

t.test('who reads no answers is cut before they pile up', async (t) => {
  const come = await openEndpoint(t)
  const client = await come()
  client.pause()
  client.write(HELLO)
  const many = Buffer.concat(Array.from({ length: 200_000 }, (_, index) => command('connect', index, null)))
  const isCut = closed(client)
  client.write(many)
  await isCut
})

t.test('who only holds places keeps no encoder out', async (t) => {
  const come = await openEndpoint(t)
  const idle: Socket[] = []
  for (let count = 0; count < 64; count += 1) idle.push(await come())
  const gone = closed(idle[0]!.on('end', () => idle[0]!.end()).resume())
  const encoder = await come()
  encoder.write(TALK)
  const answer = await new Promise<string>((resolve) => {
    let text = ''
    encoder.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1')
      if (text.includes('NetStream')) resolve(text)
    })
    encoder.once('close', () => { resolve(text) })
  })
  t.match(answer, /NetStream\.Publish\.BadName/)
  await gone
})
