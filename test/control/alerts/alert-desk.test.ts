import t from 'tap'
import type { AlertCaller, AlertRequest } from '../../../control/alerts/alert-request.ts'
import { overAtMs } from '../../../control/alerts/alert-state.ts'
import type { AlertKind, AlertRecord, AlertRuleRecord, ClusterState, RiskLevel } from '../../../control/ports.ts'
import { unitMap } from '../../../control/selection.ts'
import { Arbiter } from '../../../rooms/arbiter/index.ts'
import { arbiterTargets, ClusterTags } from '../../../server/director/target-map.ts'
import { addCluster, addUnit, buildDesk, capSender, person, SPOKEN_MS, TONE_MS } from '../../support/alert-desk.ts'
import { fc } from '../../support/seed.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const PLAY_MS = TONE_MS + 3 * SPOKEN_MS
const AN = person('An')
const BINH = person('Bình')

const request = (more: Partial<AlertRequest> = {}): AlertRequest => ({ kind: 'real', hazard: 'flood', level: 3, title: 'Lũ', parts: [{ language: 'vi', text: 'Nước lên.' }], targets: { units: ['x'] }, lifeMs: 3 * HOUR_MS, ...more })

async function aired(more: Partial<AlertRequest> = {}) {
  const built = buildDesk()
  addUnit(built.store, 'x', null)
  for (const id of ['c1', 'c2', 'c3']) addCluster(built.store, id, 'x')
  built.desk.start()
  const join = (clusterId: string): void => { built.broadcast.emit({ type: 'join', connections: [built.broadcast.connect(clusterId, 'native', built.clock.wallMs())] }) }
  join('c1')
  join('c2')
  const { id } = await built.desk.prepare(request(more), AN)
  built.clock.advance(MINUTE_MS)
  built.desk.confirm(id, AN)
  const startMs = built.clock.wallMs()
  const late = (alertId = id) => built.store.orders.ofAlert(alertId).filter(({ targets }) => targets.units.length === 0).map(({ startsAtMs, targets, stoppedAtMs }) => ({ atMs: startsAtMs - startMs, clusters: targets.clusters, stopped: stoppedAtMs !== null }))
  return { ...built, id, join, late }
}

t.test('who comes late hears it alone, once, and also when the server was restarted meanwhile', async (t) => {
  const { desk, store, broadcast, clock, id, join, late } = await aired()
  clock.advance(MINUTE_MS + 10_000)
  t.same([...store.alerts.reached(id)].sort(), ['c1', 'c2'], 'those who were there have heard it')
  t.same(late(), [])
  join('c3')
  clock.advance(1000)
  const expected = [{ atMs: MINUTE_MS + 10_300, clusters: ['c3'], stopped: false }]
  t.same(late(), expected)
  clock.advance(10 * MINUTE_MS)
  t.same([...store.alerts.reached(id)].sort(), ['c1', 'c2', 'c3'])
  join('c3')
  clock.advance(MINUTE_MS)
  t.same(late(), expected, 'not again')

  desk.close()
  t.equal(clock.pendingTimers, 0)
  clock.advance(MINUTE_MS)
  const again = buildDesk(clock, store)
  again.broadcast.connected = broadcast.connected
  again.desk.start()
  clock.advance(5 * MINUTE_MS)
  t.same(late(), expected, 'nor after a restart')
  again.desk.close()
})

t.test('who connects while it is said for the last time hears it anew when that is over', async (t) => {
  const { clock, join, late, desk } = await aired()
  clock.advance(TONE_MS + 2 * SPOKEN_MS + 5000)
  join('c3')
  t.same(late(), [])
  clock.advance(MINUTE_MS)
  t.same(late(), [{ atMs: PLAY_MS, clusters: ['c3'], stopped: false }])
  desk.close()
})

t.test('what is to be on the air at once waits for no other words', async (t) => {
  const held: (() => void)[] = []
  const { desk, store } = buildDesk(undefined, undefined, { ready: () => new Promise((resolve) => { held.push(resolve) }) })
  addUnit(store, 'x', null)
  addCluster(store, 'c1', 'x')
  const slow = desk.draft(request({ title: 'Diễn văn' }), AN)
  const another = desk.draft(request({ title: 'Diễn văn hai', parts: [{ language: 'vi', text: 'Dài.' }] }), AN)
  const urgent = desk.draft(request({ title: 'Lũ', parts: [{ language: 'vi', text: 'Chạy ngay.' }], isUrgent: true }), AN)
  while (held.length < 2) await new Promise((resolve) => { setImmediate(resolve) })
  t.equal(held.length, 2, 'of those that are not urgent one is spoken at a time')
  held[0]!()
  t.match(await urgent, { alert: { title: 'Lũ' } }, 'and the urgent one before it')
  for (let released = 1; await Promise.race([Promise.all([slow, another]).then(() => false), new Promise((resolve) => { setImmediate(() => { resolve(true) }) })]);) for (; released < held.length; released += 1) held[released]!()
  desk.close()
})

t.test('what something graver went over has not been heard', async (t) => {
  const graver = { orderId: 'o-graver', class: 'emergency', title: 'Cháy', sourceId: 's', clipIds: null, sinceMs: 0, untilMs: 9e15 } as const
  for (const [what, coveredMs, expected] of [
    ['its clips waited, and went on', PLAY_MS + 20_000, []],
    ['they waited too long: it is said anew when that is over', PLAY_MS + 2 * MINUTE_MS, [['c2']]],
  ] as const) {
    const { store, broadcast, clock, id, late, desk } = await aired()
    broadcast.playing.set('c2', graver)
    clock.advance(coveredMs)
    t.same(store.alerts.reached(id), ['c1'], `${what}: not while that is on the air`)
    t.same(late(), [])
    broadcast.playing.delete('c2')
    clock.advance(10_000)
    t.same(late().map(({ clusters }) => clusters), expected, what)
    clock.advance(2 * MINUTE_MS)
    t.same([...store.alerts.reached(id)].sort(), ['c1', 'c2'], what)
    desk.close()
  }
})

t.test('a cluster that is moved into the area hears it; an alert that ends soon is not begun again', async (t) => {
  const { store, clock, late, desk, join } = await aired({ lifeMs: 10 * MINUTE_MS })
  clock.advance(5 * MINUTE_MS)
  addCluster(store, 'c4', 'x')
  clock.advance(MINUTE_MS)
  t.same(late(), [], 'while it is off there is nothing to play')
  join('c4')
  clock.advance(MINUTE_MS)
  t.match(late(), [{ clusters: ['c4'] }])
  clock.advance(2 * MINUTE_MS + 30_000)
  join('c3')
  clock.advance(2 * MINUTE_MS)
  t.equal(late().length, 1)
  desk.close()
})

t.test('a cancellation is told to who comes back within its life, and the alert no more', async (t) => {
  const { store, clock, id, join, late, desk } = await aired({ lifeMs: 10 * MINUTE_MS })
  clock.advance(2 * MINUTE_MS)
  const { replacedBy } = await desk.cancel(id, {}, BINH)
  clock.advance(50 * MINUTE_MS)
  t.equal(store.alerts.get(replacedBy!)!.expiresAtMs, store.alerts.get(replacedBy!)!.onAirFromMs! + HOUR_MS, 'it lives on after the alert')
  join('c3')
  clock.advance(MINUTE_MS)
  t.same([late(id), late(replacedBy!).map(({ clusters }) => clusters)], [[], [['c3']]])
  clock.advance(HOUR_MS)
  store.clusters.update('c3', { tags: [] })
  join('c3')
  t.equal(late(replacedBy!).length, 1)
  desk.close()
})

t.test('repetitions are ordered two days ahead; what was missed is not made up for', async (t) => {
  const { desk, store, clock, id } = await aired({ lifeMs: 7 * 24 * HOUR_MS, repeat: { times: 3, everyHours: 6 } })
  clock.advance(1000)
  const starts = () => store.orders.ofAlert(id).filter(({ targets }) => targets.units.length > 0).map(({ startsAtMs }) => startsAtMs)
  const first = starts()
  t.equal(first.length, 1 + 8, 'of 49 hours')
  for (const atMs of first.slice(1)) t.equal((atMs + 7 * HOUR_MS) % (6 * HOUR_MS), 0, 'on the hour')
  desk.close()
  clock.advance(5 * 24 * HOUR_MS)
  const again = buildDesk(clock, store)
  again.desk.start()
  clock.advance(MINUTE_MS)
  const made = starts().slice(first.length)
  t.ok(made.length > 3 && made.every((atMs) => atMs > clock.wallMs() - MINUTE_MS), 'only what is to come')
  clock.advance(3 * 24 * HOUR_MS)
  t.ok(Math.max(...starts()) + PLAY_MS <= store.alerts.get(id)!.expiresAtMs)
  again.desk.close()
})

t.test('changes of state are told when they happen, whoever or whatever makes them', async (t) => {
  const { desk, store, clock } = await aired()
  const told: string[] = []
  desk.subscribe(({ alerts }) => { for (const alert of alerts) told.push(`${alert.title} ${overAtMs(alert) <= clock.wallMs() ? 'over' : 'open'}`) })
  const { id } = await desk.prepare(request({ title: 'Cháy' }), AN)
  clock.advance(30 * MINUTE_MS)
  t.same(told, ['Cháy open', 'Cháy over'], 'nobody has confirmed it')
  const planned = await desk.prepare(request({ title: 'Diễn tập', kind: 'exercise', startsAtMs: clock.wallMs() + HOUR_MS }), AN)
  t.equal(desk.confirm(planned.id, AN).onAirFromMs, clock.wallMs() + HOUR_MS)
  told.length = 0
  clock.advance(HOUR_MS - 1)
  t.same(told, [])
  clock.advance(1)
  t.same(told, ['Diễn tập open'])
  t.throws(() => desk.confirm(id, AN), { code: 'LOA_ERR_ALERT_STATE' })
  t.equal(store.orders.ofAlert(id).length, 0)
  desk.close()
})

t.test('two who sit at one session are one, and one at two sessions too', async (t) => {
  const { desk, store } = await aired()
  store.alertRules.put({ unitId: 'x', twoPersons: [{ kinds: ['real'], level: 1, clusters: 0 }], waitMs: MINUTE_MS, breakGlass: true })
  const { id } = await desk.prepare(request(), BINH)
  desk.confirm(id, AN)
  for (const caller of [person('Bình', "An's"), person('An', 'another')]) {
    t.throws(() => desk.approve(id, caller), { code: 'LOA_ERR_SECOND_PERSON' })
    t.equal(desk.confirm(id, caller).onAirFromMs, null)
  }
  t.equal(store.orders.ofAlert(id).length, 0)
  t.ok(desk.confirm(id, BINH).onAirFromMs, 'who has prepared it may be the second')
  desk.close()
})

t.test('a sender of CAP that is trusted needs no hand, for what came by CAP', async (t) => {
  const { desk, store } = await aired()
  store.alertRules.put({ unitId: 'x', twoPersons: [{ kinds: ['real'], level: 1, clusters: 0 }], waitMs: MINUTE_MS, breakGlass: false })
  const origin = { kind: 'cap' as const, sender: 'kttv', identifier: '1', sent: '2026-06-18T10:00:00+07:00' }
  const { id } = await desk.prepare(request({ origin }), capSender)
  t.equal(desk.confirm(id, capSender).persons, 1)
  t.equal(store.orders.ofAlert(id).length, 1)
  t.same(store.auditLog.list({ after: null, limit: 9 }, {}).items.map(({ method, route, tokenName }) => [method, route, tokenName]).sort(), [['CAP', '/v1/alerts/:id/confirm', 'Đài khí tượng'], ['CAP', '/v1/alerts/:id/prepare', 'Đài khí tượng']])
  const own = await desk.prepare(request(), AN)
  t.throws(() => desk.confirm(own.id, capSender), { code: 'LOA_ERR_FORBIDDEN' })
  const waiting = await desk.prepare(request({ origin: { ...origin, identifier: '2' } }), capSender)
  t.equal(desk.confirm(waiting.id, AN).onAirFromMs, null, 'a person who confirms it is one of two')
  t.equal(desk.confirm(waiting.id, capSender).onAirFromMs, null)
  desk.close()
})

t.test('what is cancelled before that can be said is silent at once, and speaks as soon as it can', async (t) => {
  for (const isAsked of [true, false]) {
    let speak = (): void => undefined
    let ready = Promise.resolve()
    const { desk, store, broadcast, clock } = buildDesk(undefined, undefined, { ready: () => ready })
    addUnit(store, 'x', null)
    for (const id of ['c1', 'c2']) addCluster(store, id, 'x')
    desk.start()
    const join = (clusterId: string): void => { broadcast.emit({ type: 'join', connections: [broadcast.connect(clusterId, 'native', clock.wallMs())] }) }
    const { alert } = desk.carryOut(await desk.draft(request({ isUrgent: true, repeat: { times: 3, everyHours: 1 } }), AN), AN)
    t.equal(desk.confirm(alert.id, AN).cancelClipId, null, 'on the air as soon as its own words are there')
    ready = new Promise((resolve) => { speak = resolve })
    const afterwards = isAsked ? desk.readyCancellation(alert.id) : null
    const sounding = (): number => store.orders.ofAlert(alert.id).filter(({ stoppedAtMs, endsAtMs }) => stoppedAtMs === null && endsAtMs > clock.wallMs()).length
    clock.advance(1000)
    t.ok(sounding() > 0)
    const cancelled = desk.cancel(alert.id, { reason: 'Báo nhầm' }, AN)
    t.equal(sounding(), 0, 'silent before anything is spoken')
    join('c2')
    clock.advance(HOUR_MS)
    t.equal(sounding(), 0, 'neither repeated nor told to who comes')
    speak()
    const { closed, replacedBy } = await cancelled
    await afterwards
    t.match(closed, { state: 'cancelled', reason: 'Báo nhầm' })
    t.match(store.alerts.get(replacedBy!), { purpose: 'cancellation', targets: { units: ['x'] }, parts: [{ language: 'vi', text: /Lũ/ }] })
    t.equal(store.orders.ofAlert(replacedBy!).length > 0, true)
    t.equal(sounding(), 0)
    desk.close()
    store.close()
  }
})

t.test('what is said of a cancellation is kept with the alert once it is made', async (t) => {
  const { desk, store } = buildDesk()
  addUnit(store, 'x', null)
  addCluster(store, 'c1', 'x')
  const { alert } = desk.carryOut(await desk.draft(request({ isUrgent: true }), AN), AN)
  await Promise.all([desk.readyCancellation(alert.id), desk.readyCancellation(alert.id)])
  const kept = store.alerts.get(alert.id)!.cancelClipId
  t.ok(kept !== null && store.clips.get(kept) !== undefined)
  t.equal((await desk.prepare(request(), AN)).cancelClipId, kept, 'made once, the same as beforehand')
  desk.close()
  store.close()
})

// ── Whatever is done in whatever order ────────────────────────────────────────────────────────────────────────────────

const KINDS: readonly AlertKind[] = ['real', 'exercise', 'test']
const STATES: readonly ClusterState[] = ['planned', 'active', 'repair', 'retired']
const CLUSTERS = ['c1', 'c2', 'c3'] as const
/** Two persons with two sessions each, and one who sits at another's session. */
const CALLERS: readonly AlertCaller[] = [AN, person('An', "An's other"), BINH, person('Bình', "An's")]
const REASON = 'Không gọi được ai cả'

const aRule = fc.record({ do: fc.constant('rule' as const), level: fc.integer({ min: 1, max: 4 }), clusters: fc.integer({ min: 0, max: 2 }), kinds: fc.subarray([...KINDS], { minLength: 2 }), breakGlass: fc.boolean() })
const aStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('prepare' as const), kind: fc.constantFrom('real' as const, ...KINDS), level: fc.integer({ min: 1, max: 5 }), clusters: fc.subarray([...CLUSTERS], { minLength: 1 }), byUnit: fc.boolean(), lifeMin: fc.constantFrom(1, 2, 30, 200), everyHours: fc.constantFrom(null, 1) }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constantFrom('confirm' as const, 'approve' as const), which: fc.constantFrom(0, 0, 0, 1), caller: fc.constantFrom(AN, AN, ...CALLERS), breakGlass: fc.constantFrom(undefined, undefined, undefined, 'vội', REASON) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('refuse' as const, 'cancel' as const, 'correct' as const), which: fc.constantFrom(0, 0, 1), caller: fc.constantFrom(...CALLERS) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 20, 90, 600, 2000, 7200) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('state' as const), cluster: fc.constantFrom(...CLUSTERS), state: fc.constantFrom(...STATES) }) },
  { weight: 1, arbitrary: aRule },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const), cluster: fc.constantFrom(...CLUSTERS) }) },
)
type Step = typeof aStep extends fc.Arbitrary<infer S> ? S : never

const runs = Number(process.env['LOA_TEST_RUNS'] ?? 60)

t.test('no order without the persons its rule demands, none beyond its end, no test where people live', async (t) => {
  await fc.assert(fc.asyncProperty(aRule, fc.array(aStep, { minLength: 6, maxLength: 40 }), async (rule, steps) => {
    const { desk, store, broadcast, clock } = buildDesk()
    addUnit(store, 'p', null)
    addUnit(store, 'x', 'p')
    for (const [index, id] of CLUSTERS.entries()) addCluster(store, id, 'x', STATES[index])
    desk.start()
    /** Rule that held for an alert when it was first confirmed, as these steps know it. */
    const demanded = new Map<string, 1 | 2>()
    try {
      for (const step of [rule, ...steps]) {
        await take(step, demanded).catch((error: unknown) => {
          const { code } = error as { readonly code?: unknown }
          if (typeof code !== 'string' || !code.startsWith('LOA_ERR_')) throw error
        })
        check(demanded)
      }
    } finally {
      desk.close()
      store.close()
    }

    async function take(step: Step, known: Map<string, 1 | 2>): Promise<void> {
      const alerts = store.alerts.list({ after: null, limit: 4 }, {}, clock.wallMs()).items
      switch (step.do) {
        case 'prepare': {
          const targets = step.byUnit ? { units: ['x'] } : { clusters: step.clusters }
          await desk.prepare(request({ kind: step.kind, level: step.level as RiskLevel, targets, issuer: 'x', lifeMs: step.lifeMin * MINUTE_MS, repeat: { times: 1, everyHours: step.everyHours } }), AN)
          return
        }
        case 'wait':
          clock.advance(step.seconds * 1000)
          return
        case 'state':
          store.clusters.update(step.cluster, { state: step.state })
          return
        case 'rule':
          store.alertRules.put({ unitId: 'p', twoPersons: [{ kinds: step.kinds, level: step.level as RiskLevel, clusters: step.clusters }], waitMs: 5 * MINUTE_MS, breakGlass: step.breakGlass })
          return
        case 'join':
          broadcast.emit({ type: 'join', connections: [broadcast.connect(step.cluster, 'native', clock.wallMs())] })
          return
        default: {
          const alert = alerts[step.which]
          if (alert === undefined) return
          if (step.do === 'confirm') {
            if (alert.confirmed === null) known.set(alert.id, demands(store.alertRules.get('p'), alert))
            desk.confirm(alert.id, step.caller, step.breakGlass)
          } else if (step.do === 'approve') desk.approve(alert.id, step.caller)
          else if (step.do === 'refuse') desk.refuse(alert.id, step.caller, null)
          else if (step.do === 'cancel') await desk.cancel(alert.id, {}, step.caller)
          else await desk.correct(alert.id, { parts: [{ language: 'vi', text: 'Sửa.' }] }, step.caller)
        }
      }
    }

    function check(known: ReadonlyMap<string, 1 | 2>): void {
      const nowMs = clock.wallMs()
      const orders = store.orders.list({ after: null, limit: 1000 }, {}, nowMs).items
      for (const { id: orderId, alert: from, targets, startsAtMs, endsAtMs, stoppedAtMs } of orders) {
        const alert = store.alerts.get(from!.id)!
        // What corrects or cancels stands on what it follows.
        let root: AlertRecord = alert
        while (root.purpose === 'correction' || root.purpose === 'cancellation') root = store.alerts.get(root.replaces!)!
        const { confirmed, approved, breakGlass } = root
        if (alert.confirmed === null || confirmed === null) throw new Error(`${orderId}: nobody has confirmed it`)
        const second = approved !== null && approved.actorId !== confirmed.actorId && approved.credentialId !== confirmed.credentialId
        if (known.get(root.id) === 2 && !second && breakGlass !== REASON) throw new Error(`${orderId}: the second person is missing`)
        if (startsAtMs < alert.onAirFromMs! || endsAtMs > alert.expiresAtMs) throw new Error(`${orderId}: outside of its alert`)
        if (alert.closed !== null && endsAtMs > nowMs && stoppedAtMs === null) throw new Error(`${orderId}: goes on after its alert`)
        if (alert.kind !== from!.kind || alert.kind !== root.kind || alert.level !== root.level || alert.issuerUnitId !== root.issuerUnitId) throw new Error(`${orderId}: another weight than what it follows`)
        if (alert.kind === 'test' && heardBy(targets).some((id) => store.clusters.get(id)!.state === 'active')) throw new Error(`${orderId}: a test where people live`)
      }
      for (const alert of store.alerts.list({ after: null, limit: 1000 }, {}, nowMs).items) {
        if (alert.onAirFromMs === null && store.orders.ofAlert(alert.id).length > 0) throw new Error(`${alert.id}: orders before it is on the air`)
      }
    }

    /** As the arbiter has it. */
    function heardBy(targets: Parameters<typeof arbiterTargets>[0]): readonly string[] {
      const arbiter = new Arbiter()
      const tags = new ClusterTags()
      const units = store.units.all()
      tags.load(unitMap(units, []), [])
      arbiter.setUnits(units, store.clusters.all().map(tags.cluster))
      return arbiter.clustersOf(arbiterTargets(targets, true))
    }
  }), { numRuns: runs })
  t.pass()
})

/** The rule in words of its own. */
function demands(rule: AlertRuleRecord | undefined, alert: AlertRecord): 1 | 2 {
  if (alert.purpose === 'correction' || alert.purpose === 'cancellation') return 1
  for (const { kinds, level, clusters } of rule?.twoPersons ?? []) if (kinds.includes(alert.kind) && alert.level >= level && alert.targeted >= clusters) return 2
  return 1
}
