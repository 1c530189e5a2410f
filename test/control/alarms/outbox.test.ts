import t, { type Test } from 'tap'
import { StoreError, type AlarmRecord, type ChannelRecord, type SendResult, type Store } from '../../../control/ports.ts'
import { CIRCUIT_FAILURES, CIRCUIT_MOST_MS, MAIL_SPACING_MS, MAIL_WAIT_MS, MAX_AGE_MS, MOST_PENDING, RETRY_BASE_MS, RETRY_MOST_MS } from '../../../control/alarms/outbox.ts'
import { channelsFor } from '../../../control/alarms/routing.ts'
import { rotateKeys, webhookHeaders } from '../../../control/alarms/webhook-signature.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { FakeAlarms } from '../../support/fake-alarms.ts'
import { FakeBroadcast } from '../../support/fake-broadcast.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fc } from '../../support/seed.ts'

const channel = (id: string, more: Partial<ChannelRecord> = {}): ChannelRecord => ({ id, name: id, unitId: null, target: { kind: 'file', name: id }, minSeverity: 'info', rules: null, level: 0, enabled: true, createdAtMs: 0, ...more })
const alarm = (id: string, more: Partial<AlarmRecord> = {}): AlarmRecord => ({ id, rule: 'disk', severity: 'warning', subject: { kind: 'server', id }, unitId: null, sinceMs: 0, raisedAtMs: 0, clearedAtMs: null, level: 0, members: null, detail: 'd', detailVi: 'd', acknowledged: null, ...more })
const FAILED: SendResult = { ok: false, code: 'NOTIFY_ERR_STATUS', message: 'answered 500' }

function bound(store: SqliteStore, name: string | symbol): unknown {
  const value: unknown = Reflect.get(store, name)
  return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(store) : value
}

interface Bench {
  readonly store: SqliteStore
  readonly clock: FakeClock
  alarms: FakeAlarms
  readonly ids: (channelId: string) => string[]
  readonly states: () => string[]
  readonly tell: (count?: number) => void
}

function build(t: Test, wrap: (store: SqliteStore) => Store = (store) => store, random?: () => number): Bench {
  const store = SqliteStore.inMemory()
  const clock = new FakeClock()
  const alarms = new FakeAlarms(wrap(store), new FakeBroadcast(store), clock, random)
  let told = 0
  const bench: Bench = {
    store,
    clock,
    alarms,
    ids: (channelId) => bench.alarms.sent.filter((one) => one.channelId === channelId).flatMap(({ notifications }) => notifications.map(({ id }) => id)),
    states: () => store.notifications.list({ after: null, limit: 1000 }, {}).items.map(({ state }) => state).reverse(),
    tell(count = 1) {
      store.transaction(() => {
        for (let n = 0; n < count; n++) bench.alarms.outbox.tell(alarm(`x${String(told++)}`), 'raised', 0)
      })
      bench.alarms.outbox.wake()
    },
  }
  alarms.outbox.start()
  t.teardown(() => {
    bench.alarms.close()
    store.close()
  })
  return bench
}

t.test('the signature is that of the vector of Standard Webhooks', (t) => {
  const keys = [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', endsAtMs: null }]
  t.same(webhookHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', keys, 1_614_265_330_000), {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
  const both = rotateKeys(keys, 1000)
  const signatures = (nowMs: number): string[] => webhookHeaders('m', 'b', both, nowMs)['webhook-signature'].split(' ')
  t.equal(signatures(1000).length, 2)
  t.equal(signatures(1000)[1], webhookHeaders('m', 'b', keys, 1000)['webhook-signature'], 'the old one goes on signing')
  t.equal(signatures(1000 + 24 * 3_600_000).length, 1)
  t.equal(rotateKeys(both, 2000).length, 2, 'the oldest goes')
  t.end()
})

t.test('who is told of what', (t) => {
  const lineageOf = (id: string): string[] => (id === 'commune' ? ['commune', 'district'] : [id])
  const to = (record: AlarmRecord, kind: Parameters<typeof channelsFor>[1], before: number, one: Partial<ChannelRecord>): boolean => channelsFor(record, kind, before, [channel('h', one)], lineageOf).length === 1
  const inCommune = alarm('a', { unitId: 'commune', rule: 'cluster-lost' })
  t.same([null, 'commune', 'district', 'other'].map((unitId) => to(inCommune, 'raised', 0, { unitId })), [true, true, true, false])
  t.same([null, 'commune'].map((unitId) => to(alarm('a'), 'raised', 0, { unitId })), [true, false], 'the server itself belongs to the whole tree')
  t.same((['info', 'warning', 'critical'] as const).map((minSeverity) => to(inCommune, 'raised', 0, { minSeverity })), [true, true, false])
  t.same([to(inCommune, 'raised', 0, { rules: ['disk'] }), to(inCommune, 'raised', 0, { rules: ['disk', 'cluster-lost'] }), to(inCommune, 'raised', 0, { enabled: false })], [false, true, false])
  const level = (kind: Parameters<typeof channelsFor>[1], before: number, now: number): boolean[] => [0, 1, 2, 3].map((one) => to({ ...inCommune, level: now }, kind, before, { level: one }))
  t.same(level('raised', 0, 0), [true, false, false, false])
  t.same(level('escalated', 0, 2), [false, true, true, false], 'steps that were missed are made up for')
  t.same(level('escalated', 1, 2), [false, false, true, false])
  t.same(level('cleared', 1, 1), [true, true, false, false], 'who was told of it is told of its end')
  t.equal(to(alarm('a', { rule: 'notifications-stuck', subject: { kind: 'channel', id: 'h' } }), 'raised', 0, {}), false, 'not that it does not work')
  t.equal(to(alarm('a', { rule: 'certificate', subject: { kind: 'channel', id: 'h' } }), 'raised', 0, {}), true, 'but that its certificate ends')
  t.end()
})

t.test('what fails is sent again, later and later, and holds up no other channel', async (t) => {
  const { store, clock, alarms, ids, states, tell } = build(t)
  store.notifications.insertChannel(channel('good'))
  store.notifications.insertChannel(channel('bad'))
  const tries: number[] = []
  alarms.send = ({ id }) => {
    if (id === 'good') return { ok: true }
    tries.push(clock.wallMs())
    return FAILED
  }
  tell()
  await clock.advanceAsync(3_600_000)
  t.equal(ids('good').length, 1)
  const gaps = tries.slice(1).map((at, index) => Math.round(at - tries[index]!))
  t.same(gaps.slice(0, 4), [1, 2, 4, 8].map((factor) => Math.max(1000, RETRY_BASE_MS * factor * 0.5)), 'half of the window, as the dice have it')
  t.ok(Math.max(...gaps) <= RETRY_MOST_MS)
  t.match(store.notifications.list({ after: null, limit: 9 }, { channelId: 'bad' }).items, [{ state: 'pending', attempts: tries.length, lastError: 'NOTIFY_ERR_STATUS: answered 500' }])
  alarms.send = () => ({ ok: true })
  await clock.advanceAsync(RETRY_MOST_MS)
  t.same(states(), ['delivered', 'delivered'])
  t.equal(new Set(ids('bad')).size, 1, 'always under the same id')
})

t.test('a dead channel is tried with one notification now and then, not with all that wait', async (t) => {
  const { store, clock, alarms, ids, states, tell } = build(t)
  store.notifications.insertChannel(channel('bad'))
  alarms.send = () => FAILED
  tell(200)
  await clock.advanceAsync(3_600_000)
  const tries = ids('bad').length
  t.ok(tries < CIRCUIT_FAILURES + 10 + 3_600_000 / (CIRCUIT_MOST_MS * 0.5), `${String(tries)} tries in an hour`)
  alarms.send = () => ({ ok: true })
  await clock.advanceAsync(RETRY_MOST_MS + CIRCUIT_MOST_MS)
  t.same(new Set(states()), new Set(['delivered']), 'all come when it is back')
})

t.test('what is refused for good, or has become too old, is given up; by hand it goes out again', async (t) => {
  const { store, clock, alarms, states, tell } = build(t)
  store.notifications.insertChannel(channel('h'))
  alarms.send = () => ({ ok: false, code: 'NOTIFY_ERR_GONE', message: 'answered 410', isFinal: true })
  tell()
  await clock.advanceAsync(1)
  t.same(states(), ['dead'])
  alarms.send = () => FAILED
  tell()
  await clock.advanceAsync(MAX_AGE_MS)
  t.same(states(), ['dead', 'pending'])
  await clock.advanceAsync(RETRY_MOST_MS + CIRCUIT_MOST_MS)
  t.same(states(), ['dead', 'dead'])
  alarms.send = () => ({ ok: true })
  const [last] = store.notifications.list({ after: null, limit: 1 }, {}).items
  t.match(alarms.outbox.retry(last!), { state: 'pending', attempts: 0 })
  alarms.outbox.wake()
  await clock.advanceAsync(1)
  t.same(states(), ['dead', 'delivered'])
  t.equal(alarms.outbox.retry(store.notifications.get(last!.id)!), undefined)
})

t.test('of one alarm the end never comes before the beginning', async (t) => {
  const { store, clock, alarms } = build(t)
  store.notifications.insertChannel(channel('h'))
  const taken: string[] = []
  let failures = 3
  alarms.send = (_channel, [first]) => {
    if (failures-- > 0) return FAILED
    taken.push(`${String(first!.alarmId)} ${first!.kind}`)
    return { ok: true }
  }
  const tell = (id: string, kind: 'raised' | 'acknowledged' | 'cleared'): void => {
    alarms.outbox.tell(alarm(id), kind, 0)
    alarms.outbox.wake()
  }
  tell('a', 'raised')
  tell('a', 'acknowledged')
  await clock.advanceAsync(1)
  tell('a', 'cleared')
  tell('b', 'raised')
  await clock.advanceAsync(3_600_000)
  t.same(taken.filter((what) => what.startsWith('a')), ['a raised', 'a acknowledged', 'a cleared'])
  t.ok(taken.includes('b raised'))
})

t.test('a queue has a bound, and what is beyond it is counted', async (t) => {
  const { store, alarms, tell } = build(t)
  store.notifications.insertChannel(channel('bad'))
  alarms.send = () => FAILED
  tell(MOST_PENDING - 1)
  tell(3)
  t.match(store.notifications.queues(), [{ pending: MOST_PENDING }])
  t.equal(alarms.outbox.droppedTotal, 2)
})

t.test('a receiver that asks for patience gets it', async (t) => {
  const { store, clock, alarms, tell } = build(t)
  store.notifications.insertChannel(channel('h'))
  alarms.send = () => ({ ...FAILED, retryAfterMs: 120_000 })
  tell()
  await clock.advanceAsync(119_000)
  t.equal(alarms.sent.length, 1)
  await clock.advanceAsync(2000)
  t.equal(alarms.sent.length, 2)
})

t.test('a storm is one letter', async (t) => {
  const { store, clock, alarms, states, tell } = build(t)
  store.notifications.insertChannel(channel('mail', { target: { kind: 'email', to: ['a@example.vn'] } }))
  tell(5)
  await clock.advanceAsync(MAIL_WAIT_MS / 2)
  tell(25)
  await clock.advanceAsync(MAIL_WAIT_MS / 2 - 1)
  t.equal(alarms.sent.length, 0, 'it waits for what comes right after')
  await clock.advanceAsync(MAIL_WAIT_MS)
  tell(7)
  await clock.advanceAsync(MAIL_SPACING_MS / 2)
  t.equal(alarms.sent.length, 1, 'the next letter waits')
  await clock.advanceAsync(MAIL_SPACING_MS)
  t.same(new Set(states()), new Set(['delivered']))
  t.equal(alarms.sent.length, 2)
})

t.test('what was sent and could not be written down is written down later, not sent again', async (t) => {
  let failures = 3
  const wrap = (store: SqliteStore): Store => new Proxy(store, {
    get: (target, name) => (name === 'transaction' && failures-- > 0 ? () => { throw new StoreError('STORE_ERR_FULL', 'full') } : bound(target, name)),
  })
  const { store, clock, alarms, ids, states, tell } = build(t, wrap)
  store.notifications.insertChannel(channel('h'))
  tell()
  await clock.advanceAsync(1)
  t.same(states(), ['pending'])
  await clock.advanceAsync(3_600_000)
  t.same([ids('h').length, alarms.errors.length], [1, 3])
  t.same(states(), ['delivered'])
})

t.test('killed between sending and writing it down, it is sent again under the same id, and after that no more', async (t) => {
  const bench = build(t)
  const { store, clock, states, tell } = bench
  store.notifications.insertChannel(channel('h'))
  const first = bench.alarms
  first.send = () => {
    first.close()
    return { ok: true }
  }
  tell()
  await clock.advanceAsync(1000)
  t.same(states(), ['pending'])
  bench.alarms = new FakeAlarms(store, new FakeBroadcast(store), clock)
  bench.alarms.outbox.start()
  await clock.advanceAsync(3_600_000)
  t.same(states(), ['delivered'])
  t.equal(bench.alarms.sent.length, 1)
  t.same(bench.ids('h'), first.sent[0]!.notifications.map(({ id }) => id))
})

t.test('after a restart what waits goes out, also what was on its way', async (t) => {
  const bench = build(t)
  const { store, clock, states, tell } = bench
  store.notifications.insertChannel(channel('h'))
  bench.alarms.send = () => new Promise(() => undefined)
  tell(3)
  await clock.advanceAsync(1000)
  t.equal(bench.alarms.sent.length, 1, 'one at a time')
  bench.alarms.close()
  t.same(states(), ['pending', 'pending', 'pending'])
  bench.alarms = new FakeAlarms(store, new FakeBroadcast(store), clock)
  bench.alarms.outbox.start()
  await clock.advanceAsync(1000)
  t.same(states(), ['delivered', 'delivered', 'delivered'])
})

t.test('whatever receivers do, everything is delivered in the end, and nothing again once that is written down', async (t) => {
  const answers = fc.array(fc.constantFrom<'take' | 'fail' | 'wait' | 'restart'>('take', 'fail', 'wait', 'restart'), { maxLength: 30 })
  await fc.assert(fc.asyncProperty(answers, fc.integer({ min: 1, max: 6 }), fc.infiniteStream<number>(fc.double({ min: 0, max: 0.999, noNaN: true })), async (script, count, dice) => {
    const roll = (): number => dice.next().value as number
    const bench = build(t, undefined, roll)
    const { store, clock } = bench
    const delivered = new Set<string>()
    const rest = [...script]
    const serve = (): void => {
      bench.alarms.send = async (_channel, [first]) => {
        if (delivered.has(first!.id)) throw new Error('sent again after it was written down')
        const answer = rest.shift() ?? 'take'
        if (answer === 'restart') {
          // It has got through, and nobody has written it down.
          bench.alarms.close()
          bench.alarms = new FakeAlarms(store, new FakeBroadcast(store), clock, roll)
          serve()
          bench.alarms.outbox.start()
          return { ok: true }
        }
        if (answer === 'wait') await new Promise<void>((resolve) => clock.setTimer(5000, resolve))
        return answer === 'fail' ? FAILED : { ok: true }
      }
    }
    serve()
    store.notifications.insertChannel(channel('h'))
    bench.tell(count)
    for (let minutes = 0; minutes < 12 * 60 && bench.states().includes('pending'); minutes += 15) {
      await clock.advanceAsync(900_000)
      for (const { id, state } of store.notifications.list({ after: null, limit: 100 }, {}).items) if (state === 'delivered') delivered.add(id)
    }
    bench.alarms.close()
    return bench.states().every((state) => state === 'delivered') && bench.states().length === count
  }), { numRuns: 30 })
})
