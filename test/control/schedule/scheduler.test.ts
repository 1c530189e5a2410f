import t from 'tap'
import { NO_EQUIPMENT, Scheduler, StoreError, type ConnectionInfo, type OrderRecord, type PlayLogRecord, type ScheduleItemRecord, type Store } from '../../../control/index.ts'
import { HORIZON_MS, LATE_LEAD_MS, OUTAGE_MS, SAY_MS, TICK_MS } from '../../../control/schedule/scheduler.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { scheduleItem } from '../../support/schedule-item.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Four in the morning on 18 June in Viet Nam, an hour before the first play. */
const START_MS = Date.UTC(2026, 5, 17, 21)
const FIVE_MS = START_MS + HOUR_MS

/** A store with a unit and two clusters, and schedulers that come and go on it. */
class Bench {
  readonly store = SqliteStore.inMemory()
  readonly clock = new FakeClock({ wallMs: START_MS })
  readonly told: OrderRecord[] = []
  readonly online = new Set<string>()
  onError = (error: unknown): void => { throw error }
  scheduler = this.#make()

  constructor(t: { teardown(fn: () => void): void }) {
    t.teardown(() => {
      this.scheduler.close()
      this.store.close()
    })
    this.store.units.insert({ id: 'u1', code: 'U1', name: 'Xã Một', parentId: null, presentationDelayMs: null, createdAtMs: 0 })
    for (const id of ['c1', 'c2']) this.store.clusters.insert({ id, unitId: 'u1', code: id, name: id, tags: [], position: null, state: 'active', equipment: NO_EQUIPMENT, enabled: true, keyHash: 'h', keyChangedAtMs: 0, createdAtMs: 0 })
  }

  #make(): Scheduler {
    const broadcast = { ordersChanged: (orders: readonly OrderRecord[]) => { this.told.push(...orders) }, connections: (clusterId = '') => (this.online.has(clusterId) ? [{ clusterId } as ConnectionInfo] : []) }
    return new Scheduler({ store: this.store, broadcast, clock: this.clock, config: { clipResumeSlackMs: 0, maxOrderMs: DAY_MS }, onError: (error) => { this.onError(error) } })
  }

  add(...items: readonly ScheduleItemRecord[]): void {
    for (const item of items) this.scheduler.changed(this.store.schedule.insert(item))
  }

  /** The cluster has a device of its own. */
  enrol(clusterId: string): void {
    this.store.devices.addCode({ hash: clusterId, clusterId, createdAtMs: 0, createdBy: 't', expiresAtMs: Number.MAX_SAFE_INTEGER })
    this.store.devices.enrol(clusterId, { id: `device-${clusterId}`, publicKey: 'p', remoteAddress: '192.0.2.1' }, START_MS)
  }

  /** A device says that it has sounded so much of an order. */
  says(clusterId: string, orderId: string, minutes: number, more: Partial<PlayLogRecord> = {}): void {
    this.store.playLog.take([{ clusterId, deviceId: null, logId: clusterId, number: this.#said++, orderId, playing: 'cached', audible: true, verified: true, heard: null, fromSamples: 0, untilSamples: minutes * MINUTE_MS * 48, missingSamples: 0, heardAtMs: START_MS, end: 'over', receivedAtMs: START_MS, ...more }])
  }

  #said = 0

  /** The server is away for so long. */
  away(ms: number): void {
    this.scheduler.close()
    this.clock.advance(ms)
    this.scheduler = this.#make()
    this.scheduler.start()
  }

  /** Starts of the orders that stand, as minutes after five on 18 June. */
  standing(): number[] {
    return this.store.orders.unfinished(this.clock.wallMs()).map(({ startsAtMs }) => (startsAtMs - FIVE_MS) / MINUTE_MS).sort((a, b) => a - b)
  }
}

t.test('days come and go, restarts too, and every play has exactly one order, given long before', (t) => {
  const bench = new Bench(t)
  bench.scheduler.start()
  bench.add(scheduleItem('a', { changedAtMs: START_MS }))
  for (let hour = 0; hour < 24 * 5; hour++) {
    bench.clock.advance(HOUR_MS)
    if (hour % 7 === 3) bench.away(MINUTE_MS)
    if (hour % 7 === 3) bench.scheduler.start()
    const now = bench.clock.wallMs()
    const ahead = bench.store.orders.unfinished(now).filter(({ startsAtMs }) => startsAtMs > now)
    t.ok(ahead.length >= 2 && ahead.length <= 3, 'never less than 48 h ahead')
  }
  const all = bench.store.orders.list({ after: null, limit: 100 }, {}, bench.clock.wallMs()).items
  t.equal(new Set(all.map(({ startsAtMs }) => startsAtMs)).size, all.length, 'one for each day')
  t.same(all.filter(({ stoppedAtMs }) => stoppedAtMs !== null), [])
  t.ok(bench.told.every(({ startsAtMs, createdAtMs }) => startsAtMs - createdAtMs > 48 * HOUR_MS - TICK_MS), 'told two days before')
  t.end()
})

t.test('what devices have played alone is not repeated by them; where nobody played it, it is played late', (t) => {
  const late = (lateLimitMs = 2 * HOUR_MS) => scheduleItem('late', { repeat: { kind: 'once' }, firstDay: '2026-06-18', missed: 'late', lateLimitMs })
  const back = (bench: Bench): readonly OrderRecord[] => bench.store.orders.unfinished(bench.clock.wallMs())
  const away = (item: ScheduleItemRecord, enrolled: readonly string[]): { bench: Bench; orderId: string } => {
    const bench = new Bench(t)
    bench.scheduler.start()
    bench.add(item)
    for (const id of enrolled) bench.enrol(id)
    const orderId = bench.store.schedule.playsOf('late', 0)[0]!.orderId!
    bench.away(2 * HOUR_MS)
    return { bench, orderId }
  }

  const one = away(late(), ['c1'])
  t.same(back(one.bench), [], 'the device is given time to say what it played')
  one.bench.online.add('c1')
  one.bench.says('c1', one.orderId, 20)
  one.bench.says('c1', one.orderId, 8, { missingSamples: 5 * MINUTE_MS * 48 })
  one.bench.clock.advance(SAY_MS + TICK_MS)
  t.match(back(one.bench), [{ targets: { units: [], clusters: ['c2'] } }], 'the cluster without a device could not have played it')
  t.same(one.bench.told.map(({ id }) => id), back(one.bench).map(({ id }) => id))
  t.match(one.bench.store.schedule.playsOf('late', 0), [{ orderId: back(one.bench)[0]!.id }])

  const both = away(late(), ['c1', 'c2'])
  both.bench.says('c1', both.orderId, 30)
  both.bench.clock.advance(SAY_MS + TICK_MS)
  t.same(back(both.bench), [], 'one has played it, the other is not there')
  t.match(both.bench.store.schedule.playsOf('late', 0), [{ orderId: both.orderId }], 'its play is the one the devices played')

  const none = away(late(), ['c1', 'c2'])
  for (const id of ['c1', 'c2']) none.bench.online.add(id)
  none.bench.says('c1', none.orderId, 10)
  none.bench.says('c2', none.orderId, 30, { audible: false })
  none.bench.says('c2', none.orderId, 30, { playing: 'silence' })
  none.bench.away(MINUTE_MS)
  t.same(back(none.bench), [], 'another restart does not make it forget, and gives the time anew')
  none.bench.clock.advance(SAY_MS + TICK_MS)
  t.match(back(none.bench), [{ targets: { units: ['u1'] } }], 'less than half, and what nobody heard, is not played')
  none.bench.away(0)
  none.bench.clock.advance(SAY_MS + TICK_MS)
  t.equal(back(none.bench).length, 1, 'once')

  const tooLate = away(late(HOUR_MS + MINUTE_MS), ['c1'])
  tooLate.bench.online.add('c1')
  tooLate.bench.clock.advance(SAY_MS + TICK_MS)
  t.same(back(tooLate.bench), [], 'not later than it may be')
  const changed = away(late(), ['c1'])
  changed.bench.online.add('c1')
  changed.bench.scheduler.changed(changed.bench.store.schedule.replace({ ...late(), version: 2, enabled: false, changedAtMs: changed.bench.clock.wallMs() })!)
  changed.bench.clock.advance(SAY_MS + TICK_MS)
  t.same(back(changed.bench), [], 'who has switched it off wants it no more')
  t.end()
})

t.test('what still goes on when the server is back is left to the devices that play it', (t) => {
  const bench = new Bench(t)
  bench.scheduler.start()
  bench.add(scheduleItem('late', { repeat: { kind: 'once' }, firstDay: '2026-06-18', missed: 'late', lateLimitMs: HOUR_MS }))
  bench.enrol('c1')
  bench.away(HOUR_MS + 10 * MINUTE_MS)
  t.same(bench.standing(), [0])
  t.end()
})

t.test('a change in the same moment as a restart gives nothing twice', (t) => {
  const bench = new Bench(t)
  bench.scheduler.start()
  bench.add(scheduleItem('a'), scheduleItem('b', { sourceId: 's2' }))
  const before = bench.store.orders.unfinished(START_MS).map(({ id }) => id)
  for (const item of bench.store.schedule.all()) t.same(bench.scheduler.changed(item), [])
  bench.away(0)
  t.same(bench.store.orders.unfinished(START_MS).map(({ id }) => id), before)
  t.equal(before.length, 2 * Math.ceil((HORIZON_MS - HOUR_MS) / DAY_MS))
  t.end()
})

t.test('what was to begin while the server was away follows the rule of its item', (t) => {
  const bench = new Bench(t)
  bench.scheduler.start()
  const once = { repeat: { kind: 'once' }, firstDay: '2026-06-18', targets: { units: [], clusters: ['c1'], tags: [] } } as const
  const elsewhere = { ...once, targets: { units: [], clusters: ['c2'], tags: [] } }
  bench.add(
    scheduleItem('join', once),
    scheduleItem('over', { ...once, durationMs: 5 * MINUTE_MS }),
    scheduleItem('skip', { ...once, missed: 'skip' }),
    scheduleItem('late', { ...once, missed: 'late', lateLimitMs: HOUR_MS }),
    scheduleItem('late-too', { ...once, missed: 'late', lateLimitMs: HOUR_MS, time: '04:50:00' }),
    scheduleItem('late-elsewhere', { ...elsewhere, missed: 'late', lateLimitMs: HOUR_MS }),
    scheduleItem('too-late', { ...elsewhere, missed: 'late', lateLimitMs: MINUTE_MS }),
    scheduleItem('later', { ...elsewhere, time: '07:00:00' }),
  )
  bench.away(HOUR_MS + 10 * MINUTE_MS)
  const late = 10 + LATE_LEAD_MS / MINUTE_MS
  t.same(bench.standing(), [0, late, late, 120], 'joined, one late on each cluster, and what is to come')
  const fate = (id: string) => bench.store.schedule.playsOf(id, 0).map(({ orderId }) => (orderId === null ? 'missed' : (bench.store.orders.get(orderId)!.startsAtMs - FIVE_MS) / MINUTE_MS))
  t.same(['join', 'over', 'skip', 'late', 'late-too', 'late-elsewhere', 'too-late', 'later'].map(fate), [[0], ['missed'], ['missed'], [late], ['missed'], [late], ['missed'], [120]])
  const standing = bench.standing()
  bench.away(0)
  t.same(bench.standing(), standing, 'judged once')
  t.end()
})

t.test('a short restart has missed nothing', (t) => {
  const bench = new Bench(t)
  bench.scheduler.start()
  bench.add(scheduleItem('a', { missed: 'skip', repeat: { kind: 'once' }, firstDay: '2026-06-18' }))
  bench.clock.advance(HOUR_MS - MINUTE_MS)
  bench.away(OUTAGE_MS - TICK_MS)
  t.same(bench.standing(), [0])
  t.end()
})

t.test('after a week away only what goes on now is joined', (t) => {
  const bench = new Bench(t)
  bench.scheduler.start()
  bench.add(scheduleItem('a', { plays: 2, gapMs: HOUR_MS }), scheduleItem('clips', { sourceId: null, clipIds: ['k'], durationMs: HOUR_MS }))
  bench.away(7 * DAY_MS + HOUR_MS + 10 * MINUTE_MS)
  const now = bench.clock.wallMs()
  t.same(bench.store.orders.unfinished(now).filter(({ startsAtMs }) => startsAtMs <= now).map(({ sourceId, startsAtMs }) => [sourceId, (now - startsAtMs) / MINUTE_MS]), [['s1', 10]])
  t.end()
})

t.test('a store that cannot write stops nothing, and the orders are given when it can', (t) => {
  const bench = new Bench(t)
  bench.add(scheduleItem('a'))
  bench.store.orders.stop(bench.store.orders.unfinished(START_MS)[0]!.id, START_MS)
  const errors: unknown[] = []
  let full = true
  const store: Store = new Proxy(bench.store, {
    get(target, name) {
      if (name !== 'transaction') return Reflect.get(target, name, target) as unknown
      return <T>(work: () => T): T => {
        if (full) throw new StoreError('STORE_ERR_FULL', 'full')
        return target.transaction(work)
      }
    },
  })
  bench.clock.advance(DAY_MS)
  const scheduler = new Scheduler({ store, broadcast: { connections: () => [], ordersChanged: (orders) => { bench.told.push(...orders) } }, clock: bench.clock, config: { clipResumeSlackMs: 0, maxOrderMs: DAY_MS }, onError: (error) => { errors.push(error) } })
  t.teardown(() => { scheduler.close() })
  scheduler.start()
  bench.clock.advance(TICK_MS)
  t.match(errors, [{ code: 'STORE_ERR_FULL' }, { code: 'STORE_ERR_FULL' }])
  t.equal(bench.told.length, 0)
  full = false
  bench.clock.advance(TICK_MS)
  t.equal(bench.told.length, 1)
  t.end()
})

t.test('many items are looked at a part at a time', (t) => {
  const bench = new Bench(t)
  bench.scheduler.start()
  bench.add(...Array.from({ length: 250 }, (_, index) => scheduleItem(`i${String(index)}`, { time: '12:00:00' })))
  bench.told.length = 0
  const counts: number[] = []
  for (let hour = 0; hour < 24; hour++) {
    for (let tick = 0; tick < HOUR_MS / TICK_MS; tick++) {
      const before = bench.told.length
      bench.clock.advance(TICK_MS)
      if (bench.told.length > before) counts.push(bench.told.length - before)
    }
  }
  t.ok(Math.max(...counts) <= 100, String(counts))
  t.equal(bench.told.length, 250, 'the day after the day after tomorrow')
  t.end()
})

t.test('a clock that was wrong while the server began takes no play away', (t) => {
  const bench = new Bench(t)
  bench.scheduler.start()
  bench.add(scheduleItem('a', { changedAtMs: START_MS }), scheduleItem('b', { changedAtMs: START_MS, time: '16:30:00' }))
  const before = bench.store.orders.unfinished(START_MS).map(({ id }) => id)
  bench.scheduler.close()
  bench.clock.stepWall(-HOUR_MS)
  bench.away(0)
  t.same(bench.store.orders.unfinished(START_MS).map(({ id }) => id), before, 'behind: what was given by the right time stays')
  bench.clock.stepWall(HOUR_MS)
  bench.clock.advance(TICK_MS)
  t.same(bench.store.orders.unfinished(START_MS).map(({ id }) => id), before)

  bench.scheduler.close()
  bench.clock.stepWall(30 * DAY_MS)
  bench.away(0)
  bench.clock.stepWall(-30 * DAY_MS)
  for (let tick = 0; tick < 4 * DAY_MS / TICK_MS; tick++) bench.clock.advance(TICK_MS)
  const nowMs = bench.clock.wallMs()
  t.ok(bench.store.orders.unfinished(nowMs).filter(({ startsAtMs }) => startsAtMs < nowMs + 48 * HOUR_MS).length >= 4, 'ahead: set right, it goes on planning')
  t.end()
})

t.test('an item that cannot be planned takes no other with it', (t) => {
  const bench = new Bench(t)
  const errors: unknown[] = []
  bench.onError = (error) => { errors.push(error) }
  bench.store.schedule.insert(scheduleItem('bad', { repeat: { kind: 'rule', rrule: 'FREQ=NEVER' } }))
  bench.store.schedule.insert(scheduleItem('good', { changedAtMs: START_MS }))
  bench.scheduler.start()
  t.equal(bench.standing().length, 3)
  t.equal(errors.length, 1)
  bench.clock.advance(TICK_MS)
  t.equal(errors.length, 1, 'not again and again')
  for (let hour = 0; hour < 48; hour++) bench.clock.advance(HOUR_MS)
  t.ok(bench.standing().length >= 2)
  t.end()
})

t.test('a change that is taken back leaves the item planned', (t) => {
  const bench = new Bench(t)
  bench.scheduler.start()
  const item = scheduleItem('a', { changedAtMs: START_MS })
  bench.add(item)
  t.throws(() => bench.store.transaction(() => {
    bench.scheduler.removing(item)
    bench.store.schedule.remove(item.id)
    throw new StoreError('STORE_ERR_FULL', 'the disk is full')
  }), { code: 'STORE_ERR_FULL' })
  for (let hour = 0; hour < 72; hour++) bench.clock.advance(HOUR_MS)
  t.ok(bench.standing().length >= 2)
  t.end()
})

t.test('what began within two minutes of the last sign of life was begun by the fan-outs', (t) => {
  const bench = new Bench(t)
  bench.scheduler.start()
  bench.add(scheduleItem('late', { missed: 'late', lateLimitMs: HOUR_MS, repeat: { kind: 'once' }, firstDay: '2026-06-18' }))
  bench.clock.advance(HOUR_MS - MINUTE_MS)
  bench.away(5 * MINUTE_MS)
  t.same(bench.standing(), [0], 'it is not heard twice')
  t.end()
})
