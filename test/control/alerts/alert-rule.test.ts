import t from 'tap'
import { demandOf, strictest } from '../../../control/alerts/alert-rule.ts'
import type { AlertKind, AlertRuleRecord, RiskLevel } from '../../../control/ports.ts'
import { addCluster, addUnit, buildDesk, person } from '../../support/alert-desk.ts'
import { alertRecord } from '../../support/alert.ts'
import { buildControl } from '../../support/build-control.ts'
import { fc } from '../../support/seed.ts'

const MINUTE_MS = 60_000
const UNITS = [['tinh', null], ['hoa', 'tinh'], ['thon1', 'hoa'], ['thon2', 'hoa'], ['binh', 'tinh'], ['khac', null]] as const
type UnitId = (typeof UNITS)[number][0]
const IDS = UNITS.map(([id]) => id)
const PARENTS = new Map<string, string | null>(UNITS)
const KINDS: readonly AlertKind[] = ['real', 'exercise']

const aCase = fc.record({ kinds: fc.subarray([...KINDS], { minLength: 1 }), level: fc.integer({ min: 1, max: 5 }), clusters: fc.integer({ min: 0, max: 8 }) })
const aRule = fc.record({ unitId: fc.constantFrom(...IDS), twoPersons: fc.array(aCase, { maxLength: 2 }), waitMs: fc.integer({ min: 30_000, max: 90_000 }), breakGlass: fc.boolean() })
const anAlert = fc.record({
  kind: fc.constantFrom(...KINDS), level: fc.integer({ min: 1, max: 5 }), issuerUnitId: fc.constantFrom(...IDS),
  units: fc.subarray(IDS, { maxLength: 2 }), clusters: fc.array(fc.record({ unitId: fc.constantFrom(...IDS), n: fc.nat(1) }), { maxLength: 3 }),
})

const clusterId = (unitId: string, n: number): string => `${unitId}-${String(n)}`
const isWithin = (id: string, top: string): boolean => id === top || (PARENTS.get(id) != null && isWithin(PARENTS.get(id)!, top))

/** The rules in words of their own: at a unit that of the unit itself, else the one above. */
const at = (id: string | null, rules: ReadonlyMap<string, AlertRuleRecord>): AlertRuleRecord | undefined => (id === null ? undefined : rules.get(id) ?? at(PARENTS.get(id)!, rules))

t.test('the strictest rule counts of the issuing unit and of every unit that is named or hears it', (t) => {
  const { store, broadcast, desk } = buildDesk()
  for (const [id, parentId] of UNITS) {
    addUnit(store, id, parentId)
    for (const n of [0, 1]) addCluster(store, clusterId(id, n), id)
  }
  fc.assert(fc.property(fc.array(aRule, { maxLength: 5 }), anAlert, aRule, (given, { kind, level, issuerUnitId, units, clusters }, another) => {
    for (const id of IDS) store.alertRules.remove(id)
    const put = (rules: readonly AlertRuleRecord[]): void => { for (const rule of rules) store.alertRules.put(rule) }
    put(given as readonly AlertRuleRecord[])
    const targets = { units, clusters: clusters.map(({ unitId, n }) => clusterId(unitId, n)), tags: [] }
    const targeted = broadcast.clustersOf(targets).length
    const alert = alertRecord('a', 0, { kind, level: level as RiskLevel, issuerUnitId, targets, targeted })
    const demand = demandOf(alert, store, broadcast)

    const rules = new Map(store.alertRules.all().map((rule) => [rule.unitId, rule]))
    const heard: readonly UnitId[] = IDS.filter((id) => units.some((top) => isWithin(id, top)) || clusters.some(({ unitId }) => unitId === id))
    const holding = [...new Set([issuerUnitId, ...heard].map((id) => at(id, rules)))]
    const fitting = holding.filter((rule) => rule?.twoPersons.some((one) => one.kinds.includes(kind) && level >= one.level && targeted >= one.clusters)).map((rule) => rule!)
    t.equal(demand.persons, fitting.length > 0 ? 2 : 1, 'two as soon as one of them wants two')
    if (fitting.length > 0) t.same([demand.waitMs, demand.breakGlass], [Math.min(...fitting.map(({ waitMs }) => waitMs)), fitting.every(({ breakGlass }) => breakGlass)], 'the shortest wait; glass is broken where all let it be')
    for (const purpose of ['correction', 'cancellation'] as const) t.equal(demandOf({ ...alert, purpose }, store, broadcast).persons, 1)

    // Whoever aims at more, or beside that at others, never needs fewer.
    const wider = { ...targets, units: [...new Set([...units, another.unitId])] }
    t.ok(demandOf({ ...alert, targets: wider, targeted: broadcast.clustersOf(wider).length }, store, broadcast).persons >= demand.persons)
    t.ok(strictest([...rules.values(), another as AlertRuleRecord], alert).persons >= strictest([...rules.values()], alert).persons)
  }), { numRuns: Number(process.env['LOA_RUNS'] ?? 200) })
  desk.close()
  store.close()
  t.end()
})

t.test('an officer of the province who aims at a commune keeps to the rule of the commune', async (t) => {
  const { desk, store, clock } = buildDesk()
  for (const [id, parentId] of UNITS) addUnit(store, id, parentId)
  for (const id of ['hoa', 'binh']) addCluster(store, clusterId(id, 0), id)
  store.alertRules.put({ unitId: 'hoa', twoPersons: [{ kinds: ['real'], level: 1, clusters: 0 }], waitMs: MINUTE_MS, breakGlass: false })
  desk.start()
  const prepare = (targets: object) => desk.prepare({ kind: 'real', hazard: 'flood', level: 3, title: 'Lũ', parts: [{ language: 'vi', text: 'Nước lên.' }], targets, issuer: 'tinh' }, person('An'))
  t.match(desk.confirm((await prepare({ units: ['binh'] })).id, person('An')), { persons: 1, approveByMs: null })
  for (const targets of [{ units: ['hoa'] }, { clusters: [clusterId('hoa', 0)] }, { everything: true }, { units: ['binh'], clusters: [clusterId('hoa', 0)] }]) {
    const { id } = await prepare(targets)
    t.match(desk.confirm(id, person('An')), { persons: 2, onAirFromMs: null, approveByMs: clock.wallMs() + MINUTE_MS }, JSON.stringify(targets))
    t.throws(() => desk.confirm(id, person('An'), 'Không gọi được ai cả'), { code: 'LOA_ERR_SECOND_PERSON' })
    t.equal(desk.approve(id, person('Bình')).onAirFromMs, clock.wallMs())
  }
  desk.close()
})

t.test('nor is there a way round it by a plain emergency order', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const province = (await h.call('POST', '/v1/units', { code: 'T', name: 'Tỉnh', parentId: null })).body.id
  const commune = (await h.call('POST', '/v1/units', { code: 'X', name: 'Xã', parentId: province })).body.id
  const hamlet = (await h.call('POST', '/v1/units', { code: 'Y', name: 'Thôn', parentId: commune })).body.id
  const clusterOf = (await h.call('POST', '/v1/clusters', { unitId: hamlet, code: 'C', name: 'C' })).body.id
  const sourceId = (await h.call('POST', '/v1/sources', { kind: 'tone', name: 'Còi', frequencyHz: 440 })).body.id
  await h.call('PATCH', `/v1/alert-rules/${String(commune)}`, { twoPersons: [{ kinds: ['real'], level: 4, clusters: 1 }] })
  const order = (itsClass: string) => h.call('POST', '/v1/orders', { class: itsClass, title: 'x', sourceId, durationMs: 60_000, targets: { clusters: [clusterOf] }, issuer: province })
  t.match(await order('emergency'), { status: 409, body: { code: 'LOA_ERR_SECOND_PERSON' } })
  t.equal((await order('normal')).status, 201)
})
