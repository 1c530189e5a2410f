import t from 'tap'
import { countPeople } from '../../../control/alerts/alert-people.ts'
import { buildControl, seed } from '../../support/build-control.ts'
import { fc } from '../../support/seed.ts'

type Unit = Parameters<typeof countPeople>[0][number]
const unit = (id: string, parentId: string | null, people: number | null): Unit => ({ id, parentId, people })
const at = (unitId: string, ...ids: string[]) => ids.map((id) => ({ id, unitId }))
const count = (units: readonly Unit[], clusters: readonly { readonly id: string; readonly unitId: string }[], meant: readonly string[], named: readonly string[] = []) => countPeople(units, clusters, new Set(meant), new Set(named))

t.test('a unit counts with its own number when it is wholly meant, else with those below that are', (t) => {
  const units = [unit('tinh', null, 900), unit('hoa', 'tinh', 300), unit('thon1', 'hoa', 100), unit('thon2', 'hoa', null), unit('binh', 'tinh', null), unit('lang1', 'binh', 70), unit('lang2', 'binh', null)]
  const clusters = [...at('thon1', 'a1', 'a2'), ...at('thon2', 'a3'), ...at('lang1', 'b1'), ...at('lang2', 'b2')]
  t.same(count(units, clusters, ['a1']), { known: 100, units: 1, unknownUnits: 0 }, 'who hears one cluster of a hamlet lives in the hamlet')
  t.same(count(units, clusters, ['a3']), { known: null, units: 1, unknownUnits: 1 })
  t.same(count(units, clusters, ['a1', 'a3']), { known: 100, units: 2, unknownUnits: 1 }, 'one cluster is not meant: not the whole commune')
  t.same(count(units, clusters, ['a1', 'a2', 'a3']), { known: 300, units: 1, unknownUnits: 0 }, 'the whole commune')
  t.same(count(units, clusters, ['b1', 'b2']), { known: 70, units: 2, unknownUnits: 1 }, 'a commune without a number counts with the nearest below')
  t.same(count(units, clusters, ['a1', 'a2', 'a3', 'b1', 'b2']), { known: 900, units: 1, unknownUnits: 0 })
  t.same(count(units, clusters, [], []), { known: null, units: 0, unknownUnits: 0 })
  t.same(count(units.map((one) => ({ ...one, people: null })), clusters, ['a1', 'b1', 'b2']), { known: null, units: 2, unknownUnits: 2 }, 'a hamlet and a commune of which nothing is known')
  t.end()
})

t.test('what stands at the hall is not the province, and what stands nowhere is not reached', (t) => {
  const units = [unit('tinh', null, 900), unit('hoa', 'tinh', 300), unit('binh', 'tinh', 200)]
  const clusters = [...at('tinh', 'hall'), ...at('hoa', 'a1')]
  t.same(count(units, clusters, ['hall']), { known: null, units: 1, unknownUnits: 1 }, 'who lives around the hall nobody knows')
  t.same(count(units, clusters, ['hall', 'a1'], ['tinh']), { known: 900, units: 1, unknownUnits: 0 })
  t.same(count(units, at('hoa', 'a1'), ['a1']), { known: 300, units: 1, unknownUnits: 0 }, 'the only commune with a cluster is not the province')
  t.same(count(units, at('hoa', 'a1'), ['a1'], ['hoa', 'binh']), { known: 300, units: 1, unknownUnits: 0 }, 'a unit without clusters hears nothing')
  t.same(count([unit('hoa', null, 300), unit('thon', 'hoa', 100)], at('hoa', 'a1', 'a2'), ['a1', 'a2']), { known: 300, units: 1, unknownUnits: 0 }, 'a hamlet without clusters hears those of its commune')
  t.end()
})

/** A tree whose numbers are true where they are known, with what stands in it. */
const worlds = fc.record({
  parents: fc.array(fc.nat(), { maxLength: 14 }),
  people: fc.array(fc.record({ living: fc.nat(1000), isKnown: fc.boolean(), clusters: fc.nat(3) }), { minLength: 15, maxLength: 15 }),
  meant: fc.array(fc.boolean(), { minLength: 45, maxLength: 45 }),
}).map(({ parents, people, meant }) => {
  const ids = people.slice(0, parents.length + 1).map((_, n) => `u${String(n)}`)
  const parentOf = (n: number): number | null => (n === 0 ? null : parents[n - 1]! % n)
  const isLeaf = (n: number): boolean => ids.every((_, other) => parentOf(other) !== n)
  const living = (n: number): number => (isLeaf(n) ? people[n]!.living : ids.reduce((sum, _, other) => (parentOf(other) === n ? sum + living(other) : sum), 0))
  const units = ids.map((id, n) => unit(id, parentOf(n) === null ? null : ids[parentOf(n)!]!, people[n]!.isKnown ? living(n) : null))
  const clusters = ids.flatMap((unitId, n) => Array.from({ length: people[n]!.clusters }, (_, i) => ({ id: `${unitId}c${String(i)}`, unitId })))
  return { ids, units, clusters, meant: clusters.filter((_, n) => meant[n]).map(({ id }) => id), isLeaf, living }
})

t.test('nobody is counted twice, whoever is meant more counts no less, and what is known is exact', (t) => {
  fc.assert(fc.property(worlds, fc.nat(), ({ ids, units, clusters, meant, isLeaf, living }, pick) => {
    const some = count(units, clusters, meant)
    t.ok((some.known ?? 0) <= living(0), 'never more than there are')
    t.equal(some.known === null, some.units === some.unknownUnits, 'null says that nothing is known')
    t.equal(some.units === 0, meant.length === 0, 'whatever is meant is counted or said to be unknown')
    const more = [...new Set([...meant, ...clusters.slice(0, 1 + (pick % (clusters.length + 1))).map(({ id }) => id)])]
    t.ok((count(units, clusters, more).known ?? 0) >= (some.known ?? 0), 'more clusters, no fewer people')
    t.ok((count(units, clusters, meant, [ids[pick % ids.length]!]).known ?? 0) >= (some.known ?? 0), 'a unit as such, no fewer people')

    const known = units.map((one, n) => ({ ...one, people: living(n) }))
    const atLeaves = clusters.filter(({ unitId }) => isLeaf(ids.indexOf(unitId)))
    const reached = new Set(atLeaves.filter(({ id }) => meant.includes(id)).map(({ unitId }) => unitId))
    t.equal(count(known, atLeaves, meant).known ?? 0, [...reached].reduce((sum, id) => sum + living(ids.indexOf(id)), 0), 'with every number known, those of the hamlets that hear it')
  }), { numRuns: Number(process.env['LOA_RUNS'] ?? 200) })
  t.end()
})

t.test('the number is kept with a unit, and an alert shows whom it reaches when it is prepared', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { unitId, clusterId } = await seed(h)
  const hamlet = await h.call('POST', '/v1/units', { code: 'T1', name: 'Thôn Một', parentId: unitId, people: 640 })
  t.match(hamlet, { status: 201, body: { people: 640 } })
  t.equal((await h.call('POST', '/v1/units', { code: 'T2', name: 'x', people: -1 })).status, 422)
  await h.call('POST', '/v1/clusters', { unitId: hamlet.body.id, code: 'C2', name: 'x' })
  const prepare = async (targets: object) => (await h.call('POST', '/v1/alerts', { kind: 'real', templateId: 'builtin-flood', slots: { place: 'xã', time: 'nay' }, targets })).body
  t.match(await prepare({ units: [unitId] }), { people: { known: 640, units: 1, unknownUnits: 0 } }, 'nearest below')
  t.match(await prepare({ clusters: [clusterId] }), { people: { known: null, units: 1, unknownUnits: 1 } })
  t.match(await h.call('PATCH', `/v1/units/${unitId}`, { people: 8200 }), { status: 200, body: { people: 8200 } })
  const alert = await prepare({ units: [unitId], clusters: [clusterId] })
  t.match(alert, { people: { known: 8200, units: 1, unknownUnits: 0 } })
  t.match((await h.call('PATCH', `/v1/units/${unitId}`, { name: 'Xã Một' })).body, { people: 8200 }, 'what is not named stays')
  await h.call('PATCH', `/v1/units/${unitId}`, { people: null })
  t.match((await h.call('GET', `/v1/alerts/${String(alert.id)}`)).body, { people: { known: 8200 } }, 'as it was when it was prepared')
  t.match((await h.call('GET', `/v1/units/${unitId}`)).body, { people: null })
})
