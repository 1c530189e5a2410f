import t from 'tap'
import { PlayLogDesk } from '../../../server/director/play-log-desk.ts'
import type { FanOutPeer } from '../../../server/link/control-server.ts'
import type { SpeakerLogEntry } from '../../../server/link/messages.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const entry = (number: number): SpeakerLogEntry => ({ number, orderId: 'o1', playing: 'cached', audible: true, verified: true, heard: false, fromSamples: number * 48_000, untilSamples: (number + 1) * 48_000, missingSamples: 0, heardAtHouseUs: number * 1_000_000, end: 'over' })

function build() {
  const store = SqliteStore.inMemory()
  const clock = new FakeClock()
  const errors: unknown[] = []
  let broken = false
  const desk = new PlayLogDesk({
    store: { take: (entries) => { if (broken) throw new Error('the disk is full'); return store.playLog.take(entries) } },
    clock,
    wallMs: () => clock.wallMs(),
    wallMsAt: (samples) => samples / 48 + 5_000_000,
    deviceOf: (clusterId) => (clusterId === 'c1' ? 'device' : null),
    onError: (error) => errors.push(error),
  })
  const sent: { clusterId: string; text: string }[] = []
  // Of a peer only `send` is used.
  const peer = { send: ({ items }: { items: { clusterId: string; text: string }[] }) => sent.push(...items) } as unknown as FanOutPeer
  const numbers = (clusterId: string) => store.playLog.list({ after: null, limit: 100 }, { clusterId }).items.map(({ number }) => number)
  return { store, clock, desk, sent, peer, errors, numbers, setBroken: (is: boolean) => { broken = is } }
}

t.test('a log is acknowledged once it is kept, to its last number', (t) => {
  const { store, clock, desk, sent, peer, numbers } = build()
  desk.take(peer, { type: 'speaker-log', clusterId: 'c1', logId: 'a', entries: [entry(1), entry(2)] })
  desk.take(peer, { type: 'speaker-log', clusterId: 'c2', logId: 'b', entries: [entry(7)] })
  t.same(sent, [], 'not before')
  clock.advance(50)
  t.same(sent.map(({ clusterId, text }) => [clusterId, JSON.parse(text) as unknown]), [['c1', { type: 'log-ack', logId: 'a', number: 2 }], ['c2', { type: 'log-ack', logId: 'b', number: 7 }]])
  t.same(numbers('c1'), [2, 1])
  t.match(store.playLog.list({ after: null, limit: 1 }, { clusterId: 'c2' }).items, [{ deviceId: null, heardAtMs: 5_007_000, receivedAtMs: clock.wallMs() - 0 }])
  t.equal(clock.pendingTimers, 0)
  t.end()
})

t.test('what comes again is kept once and acknowledged again', (t) => {
  const { clock, desk, sent, peer, numbers } = build()
  for (let n = 0; n < 3; n++) {
    desk.take(peer, { type: 'speaker-log', clusterId: 'c1', logId: 'a', entries: [entry(1), entry(2 + n)] })
    clock.advance(50)
  }
  t.same(numbers('c1'), [4, 3, 2, 1])
  t.equal(sent.length, 3)
  t.match(desk, { takenTotal: 4, repeatedTotal: 2 })
  t.end()
})

t.test('what cannot be kept is not acknowledged, and is taken when it comes again', (t) => {
  const { clock, desk, sent, peer, errors, numbers, setBroken } = build()
  setBroken(true)
  desk.take(peer, { type: 'speaker-log', clusterId: 'c1', logId: 'a', entries: [entry(1)] })
  clock.advance(50)
  t.equal(errors.length, 1)
  t.same(sent, [])
  setBroken(false)
  desk.take(peer, { type: 'speaker-log', clusterId: 'c1', logId: 'a', entries: [entry(1)] })
  desk.flush()
  t.same(numbers('c1'), [1])
  t.equal(sent.length, 1)
  t.end()
})
