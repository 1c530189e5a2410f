import type { Test } from 'tap'
import { DEFAULT_INGEST_RULES, NO_EQUIPMENT, type RtpOutputRecord, type SourceRecord, type Store, type UserRecord } from '../../control/ports.ts'
import { alertStores } from './alert-stores.ts'
import { capConformance } from './cap-store.ts'
import { phoneConformance } from './phone-store.ts'
import { planStores } from './plan-stores.ts'
import { cluster, FIRST, ids, newOrder, NOW_MS, throwsStoreError, unit } from './records.ts'
import { ingestStores } from './ingest-stores.ts'
import { monitoringConformance } from './store-monitoring.ts'
import { proofConformance } from './store-proofs.ts'

const icecast = (id: string, more: Partial<SourceRecord> = {}): SourceRecord => ({ id, kind: 'icecast', name: 'Studio', mount: `/${id}`, takeover: 'refuse', keyHash: 'h', ingest: DEFAULT_INGEST_RULES, unitId: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', createdAtMs: NOW_MS, ...more } as SourceRecord)

/** What every implementation of the store port must do. `open` makes an empty store; the suite closes it. */
export function storeConformance(t: Test, open: () => Store): void {
  const test = (name: string, work: (t: Test, store: Store) => void): void => {
    t.test(name, (t) => {
      const store = open()
      t.teardown(() => { store.close() })
      work(t, store)
      t.end()
    })
  }

  test('units form a tree whose levels follow from the parents', (t, store) => {
    store.units.insert(unit('u1'))
    store.units.insert(unit('u3', 'u1'))
    t.equal(store.units.insert(unit('u2', 'u3')).level, 2)
    t.same(store.units.all().map(({ id, level }) => [id, level]), [['u1', 0], ['u3', 1], ['u2', 2]], 'parents first')
    t.same(store.units.ancestors('u2'), ['u2', 'u3', 'u1'])
    t.same(store.units.ancestors('nobody'), [])
    t.equal(store.units.update('u2', { parentId: 'u1' }, NOW_MS + 1)?.level, 1, 'a moved unit has another level')
    t.equal(store.units.update('u2', { presentationDelayMs: 120 }, NOW_MS + 1)?.presentationDelayMs, 120)
    t.equal(store.units.update('u2', { name: 'Đơn vị khác' }, NOW_MS + 1)?.presentationDelayMs, 120, 'what is not named stays')
    t.equal(store.units.update('u2', { presentationDelayMs: null }, NOW_MS + 1)?.presentationDelayMs, null)
    t.match([store.units.update('u2', { people: 8200 }, NOW_MS + 1), store.units.get('u2'), store.units.get('u1')], [{ people: 8200 }, { people: 8200 }, { people: null }])
    t.equal(store.units.insert({ ...unit('u4'), people: 0 }).people, 0)
    const contact = { name: 'Chị Hoa', phone: '0912 345 678' }
    t.same([store.units.get('u4')?.contact, store.units.insert({ ...unit('u5'), contact }).contact, store.units.update('u4', { contact }, NOW_MS + 1)?.contact, store.units.update('u5', { contact: null }, NOW_MS + 1)?.contact], [null, contact, contact, null])
    for (const id of ['u4', 'u5']) store.units.remove(id)
    t.equal(store.units.update('nobody', { name: 'x' }, NOW_MS + 1), undefined)
    t.equal(store.units.firstRoot()?.id, 'u1')
    t.same(store.units.missing(['u1', 'x', 'u2', 'y']), ['x', 'y'])
    t.same(store.units.missing([]), [])
    t.same(ids(store.units.list(FIRST, { parentId: null })), ['u1'])
    t.same(ids(store.units.list(FIRST, { parentId: 'u1' })), ['u3', 'u2'])
    t.same(ids(store.units.list(FIRST, { search: 'ĐƠN VỊ U3' })), ['u3'], 'found in any case, Đ too')
  })

  test('units end, keep their history, and leave their code to others', (t, store) => {
    store.units.insert({ ...unit('u1'), validFromMs: NOW_MS - 100 })
    store.units.insert(unit('u2', 'u1'))
    store.units.insert(unit('u3'))
    store.clusters.insert(cluster('c1', 'u1'))
    store.clusters.insert(cluster('c2', 'u2'))
    store.clusters.insert({ ...cluster('c3', 'u2'), state: 'repair' })
    store.clusters.insert({ ...cluster('c4', 'u2'), enabled: false })
    const places = (...also: string[]) => store.clusters.places(also).map(({ id, unitId }) => `${id} ${unitId}`).toSorted()
    t.same([places(), places('c1', 'c3', 'nobody')], [['c1 u1', 'c2 u2'], ['c1 u1', 'c2 u2', 'c3 u2']])
    for (const id of ['c3', 'c4']) store.clusters.remove(id)
    t.same([store.clusters.unitsOf(['c2', 'c1', 'c2', 'nobody']).toSorted(), store.clusters.unitsOf(['c2']), store.clusters.unitsOf([])], [['u1', 'u2'], ['u2'], []])
    store.units.update('u2', { name: 'Mới' }, NOW_MS + 10)
    store.units.update('u2', { code: 'M2' }, NOW_MS + 10)
    store.units.update('u2', { presentationDelayMs: 100 }, NOW_MS + 15)
    t.same(store.units.versions('u2').map(({ code, name, fromMs, untilMs }) => [code, name, fromMs, untilMs]), [['code-u2', 'Đơn vị u2', NOW_MS, NOW_MS + 10], ['M2', 'Mới', NOW_MS + 10, null]])
    store.units.end('u1', NOW_MS + 20, ['u3'])
    store.clusters.move(['c1', 'c1'], 'u3', NOW_MS + 20)
    store.units.update('u2', { parentId: 'u3' }, NOW_MS + 20)
    t.match(store.units.get('u1'), { endedAtMs: NOW_MS + 20, successorIds: ['u3'] })
    t.same(store.units.ended(['u1', 'u2', 'nobody']), ['u1'])
    t.same(store.units.endedMembers(), [{ unitId: 'u1', clusterId: 'c1' }, { unitId: 'u1', clusterId: 'c2' }], 'with those of units below')
    t.equal(store.units.firstRoot()?.id, 'u3')
    t.same([store.units.childrenOf('u1'), store.units.childrenOf('u3')], [[], ['u2']])
    t.same(store.clusters.memberships('c1').map(({ unitId, fromMs, untilMs }) => [unitId, fromMs, untilMs]), [['u1', NOW_MS, NOW_MS + 20], ['u3', NOW_MS + 20, null]])
    store.clusters.move(['c1'], 'u2', NOW_MS + 20)
    t.same(store.clusters.memberships('c1').map(({ unitId }) => unitId), ['u1', 'u2'], 'who came at the same moment has never been there')
    t.same(store.clusters.ofUnit('u2'), [{ id: 'c1', sinceMs: NOW_MS + 20 }, { id: 'c2', sinceMs: NOW_MS }])
    t.equal(store.clusters.get('c1')?.unitId, 'u2')
    t.same([store.units.everHeld('u1'), store.units.everHeld('u3')], [true, false])
    const at = (ms: number): string[] => store.units.mapAt(ms, FIRST).items.map(({ unitId }) => unitId)
    t.same([at(NOW_MS - 101), at(NOW_MS - 100), at(NOW_MS + 19), at(NOW_MS + 20)], [[], ['u1'], ['u1', 'u3', 'u2'], ['u3', 'u2']])
    t.same([ids(store.units.list(FIRST, { ended: true })), ids(store.units.list(FIRST, { ended: false })), ids(store.units.list(FIRST, {}))], [['u1'], ['u2', 'u3'], ['u1', 'u2', 'u3']])
    t.equal(store.units.insert({ ...unit('u4'), code: 'code-u1' }).code, 'code-u1')
    store.orders.insert(newOrder('to ended', { targets: { units: ['u1'], clusters: [], tags: [] } }))
    t.same(ids(store.orders.list(FIRST, { clusterId: 'c2' }, NOW_MS)), ['to ended'], 'an order to the ended unit means what it held')
  })

  test('changes of units are planned, and settled once', (t, store) => {
    const change = { id: 'm1', atMs: 50, note: null, steps: [{ kind: 'end' as const, unitId: 'u1' }], state: 'planned' as const, result: null, problem: null, createdAtMs: 1, createdBy: 't' }
    t.same(store.unitChanges.insert(change), change)
    store.unitChanges.insert({ ...change, id: 'm2', atMs: 40, note: 'NQ' })
    t.same(ids({ items: store.unitChanges.planned() }), ['m2', 'm1'])
    const result = { createdIds: [], endedIds: ['u1'], clustersMoved: 0 }
    t.same(store.unitChanges.settle('m1', { state: 'done', result, problem: null }), { ...change, state: 'done', result })
    t.equal(store.unitChanges.settle('m1', { state: 'cancelled', result: null, problem: null }), undefined)
    t.same(ids({ items: store.unitChanges.planned() }), ['m2'])
    t.same(ids(store.unitChanges.list(FIRST, { state: 'done' })), ['m1'])
    t.same(ids(store.unitChanges.list({ after: null, limit: 1 }, {})), ['m1'])
    t.equal(store.unitChanges.get('m3'), undefined)
  })

  test('a unit that holds something stays', (t, store) => {
    store.units.insert(unit('u1'))
    store.units.insert(unit('u2', 'u1'))
    store.clusters.insert(cluster('c1', 'u2'))
    t.same(store.units.dependents('u1'), { units: 1, clusters: 0 })
    t.same(store.units.dependents('u2'), { units: 0, clusters: 1 })
    throwsStoreError(t, () => store.units.remove('u2'), 'STORE_ERR_REFERENCE')
    store.clusters.remove('c1')
    t.equal(store.units.remove('u2'), true)
    t.equal(store.units.remove('u2'), false)
  })

  test('codes and mounts are unique, and say so', (t, store) => {
    store.units.insert(unit('u1'))
    throwsStoreError(t, () => store.units.insert({ ...unit('u2'), code: 'code-u1' }), 'STORE_ERR_CONFLICT', 'units.code')
    store.clusters.insert(cluster('c1', 'u1'))
    throwsStoreError(t, () => store.clusters.insert(cluster('c2', 'u1', { code: 'code-c1' })), 'STORE_ERR_CONFLICT', 'clusters.code')
    store.sources.insert(icecast('s1'))
    throwsStoreError(t, () => store.sources.insert(icecast('s2', { mount: '/s1' })), 'STORE_ERR_CONFLICT', 'sources.mount')
    throwsStoreError(t, () => store.clusters.insert(cluster('c3', 'nobody')), 'STORE_ERR_REFERENCE')
  })

  test('clusters come back as they were given, and are found by unit, tag, state and name', (t, store) => {
    store.units.insert(unit('u1'))
    store.units.insert(unit('u2', 'u1'))
    const full = cluster('c1', 'u2', { tags: ['ven-sông', 'chợ'], position: { lat: 0, lon: -0.5 }, enabled: false, state: 'repair', equipment: { technology: 'ip', imei: '356938035643809', sim: '+84912345678', maker: 'Hãng A', model: 'K1', amplifier: '2 × 30 W', loudspeakers: 3, buildYear: 2021, depreciatedOn: '2026-12-31', keeper: 'Ông Đạt', keeperPhone: '0912345678' } })
    t.same(store.clusters.insert(full), full)
    store.clusters.insert(cluster('c2', 'u1', { tags: ['chợ'] }))
    t.same(store.clusters.get('c1'), full)
    t.same(ids(store.clusters.list(FIRST, { unitId: 'u1' })), ['c1', 'c2'], 'units below count')
    t.same(ids(store.clusters.list(FIRST, { unitId: 'u2' })), ['c1'])
    t.same(ids(store.clusters.list(FIRST, { unitId: 'nobody' })), [])
    t.same(ids(store.clusters.list(FIRST, { tag: 'chợ' })), ['c1', 'c2'])
    t.same(ids(store.clusters.list(FIRST, { tag: 'ch' })), [])
    t.same(ids(store.clusters.list(FIRST, { enabled: true })), ['c2'])
    t.same(ids(store.clusters.list(FIRST, { search: 'CỤM C2' })), ['c2'])
    for (const search of ['356938', '+8491', 'hang a', 'k1']) t.same(ids(store.clusters.list(FIRST, { search })), ['c1'], search)
    t.same([ids(store.clusters.list(FIRST, { state: 'repair' })), ids(store.clusters.list(FIRST, { technology: 'ip' })), ids(store.clusters.list(FIRST, { state: 'active' }))], [['c1'], ['c1'], ['c2']])
    throwsStoreError(t, () => store.clusters.update('c2', { equipment: { ...NO_EQUIPMENT, imei: '356938035643809' } }), 'STORE_ERR_CONFLICT', 'clusters.imei')
    t.same(store.clusters.count(), { total: 2, enabled: 1 })
    t.same(store.clusters.missing(['c1', 'zzz']), ['zzz'])
    t.match(store.clusters.update('c1', { position: null, keyHash: 'other' }), { position: null, keyHash: 'other', tags: ['ven-sông', 'chợ'] })
    t.equal(store.clusters.update('zzz', {}), undefined)
    t.equal(store.clusters.all().length, 2)
  })

  test('pages hold every item once, whatever is added meanwhile', (t, store) => {
    store.units.insert(unit('u1'))
    for (let n = 0; n < 25; n++) store.clusters.insert(cluster(`c${String(n)}`, 'u1'))
    const seen: string[] = []
    let after: number | null = null
    for (let pages = 0; pages < 10; pages++) {
      const page: ReturnType<typeof store.clusters.list> = store.clusters.list({ after, limit: 10 }, {})
      seen.push(...ids(page))
      after = page.next
      if (after === null) break
      if (pages === 0) store.clusters.remove('c3')
    }
    t.same(seen, Array.from({ length: 25 }, (_, n) => `c${String(n)}`))
    t.equal(store.clusters.list({ after: null, limit: 24 }, {}).next, null, 'a full last page has no next')
  })

  test('groups come back as they were given, and orders to them are found', (t, store) => {
    const selection = { units: ['u1'], tags: ['chợ'], area: { type: 'Polygon' as const, coordinates: [[[0, 0], [1, 0], [0, 1], [0, 0]]] }, circles: [{ lat: 1, lon: 2, radiusM: 3.5 }], match: 'all' as const }
    const group = { id: 'g1', name: 'Ven Đê', selection, createdAtMs: NOW_MS }
    t.same(store.groups.insert(group), group)
    store.groups.insert({ ...group, id: 'g2', name: 'Chợ', selection: { ...selection, area: null, match: 'any' } })
    t.same(store.groups.all().map(({ id, selection: { area } }) => [id, area === null]), [['g1', false], ['g2', true]])
    t.same(ids(store.groups.list(FIRST, { search: 'de' })), ['g1'])
    t.same(ids(store.groups.list({ after: null, limit: 1 }, {})), ['g1'])
    t.same(store.groups.missing(['g1', 'g9']), ['g9'])
    t.equal(store.groups.replace({ ...group, name: 'Khác' })?.name, 'Khác')
    t.equal(store.groups.replace({ ...group, id: 'g9' }), undefined)
    store.units.insert(unit('u1'))
    store.clusters.insert(cluster('c1', 'u1'))
    const given = store.orders.insert(newOrder('to group', { targets: { units: [], clusters: [], tags: [], groups: ['g1'] } }))
    t.same(given.targets.groups, ['g1'])
    t.same(store.orders.usersOf({ groupId: 'g1' }, NOW_MS), ['to group'])
    t.same([['g1'], ['g2'], []].map((groupIds) => ids(store.orders.list(FIRST, { clusterId: 'c1', groupIds }, NOW_MS))), [['to group'], [], []])
    t.equal(store.groups.remove('g1'), true)
    t.equal(store.groups.get('g1'), undefined)
  })

  test('sources of every kind come back as they were given', (t, store) => {
    const common = { name: 'Nguồn', unitId: null, fallbackSourceId: null, silenceTimeoutMs: 5000, levelling: 'speech', watch: 'silence', createdAtMs: NOW_MS } as const
    const sources: SourceRecord[] = [
      icecast('s1'),
      { ...common, id: 's2', kind: 'relay', urls: ['https://a.example/1', 'srt://b.example:9000?streamid=x'], fallbackSourceId: 's1' },
      { ...common, id: 's4', kind: 'whip', takeover: 'replace', keyHash: 'h', ingest: { ...DEFAULT_INGEST_RULES, acceptsFrom: 'window', revokedKeyTags: ['a'] }, fallbackSourceId: null },
      { ...common, id: 's8', kind: 'standby', inputSourceIds: ['s1', 's2'], return: 'manual', returnAfterMs: 5000, pinned: { inputSourceId: 's2', force: true }, chosenAtMs: NOW_MS, fallbackSourceId: null },
      { ...common, id: 's3', kind: 'tone', frequencyHz: 1500.5, levelDbfs: -12 },
      { ...common, id: 's5', kind: 'rtp', stream: { group: '239.192.7.1', port: 5004, codec: 'l24', payloadType: 98, sampleRateHz: 44_100, channels: 2 }, senders: ['192.0.2.1', '2001:db8::1'], interface: 'eth0' },
      { ...common, id: 's6', kind: 'rtmp', takeover: 'refuse', ingest: DEFAULT_INGEST_RULES, keyHash: 'h6' },
      { ...common, id: 's7', kind: 'srt', port: 9001, passphrase: 'geheim0123456', latencyMs: 200, sessionsEndedAtMs: null },
    ]
    for (const source of sources) t.same(store.sources.insert(source), source)
    t.same(store.sources.all(), sources)
    t.same(ids(store.sources.list(FIRST, { kind: 'tone' })), ['s3'])
    t.same(store.sources.fallbackUsers('s1'), ['s2'])
    t.same([store.sources.inputUsers('s2'), store.sources.inputUsers('s3')], [['s8'], []])
    throwsStoreError(t, () => store.sources.remove('s1'), 'STORE_ERR_REFERENCE')
    t.match(store.sources.replace({ ...sources[1]!, fallbackSourceId: null }), { fallbackSourceId: null, urls: ['https://a.example/1', 'srt://b.example:9000?streamid=x'] })
    t.equal(store.sources.remove('s1'), true)
    t.equal(store.sources.replace(sources[0]!), undefined)
    t.equal(store.sources.get('s1'), undefined)
  })

  test('sources and clips of units', (t, store) => {
    for (const id of ['u1', 'u2']) store.units.insert(unit(id))
    const clip = { name: 'x', path: '/x.wav', durationMs: 1, durationSamples: 48, loudnessLufs: null, sizeBytes: 1, createdAtMs: NOW_MS }
    for (const [id, unitId] of [['all', null], ['one', 'u1'], ['two', 'u2']] as const) {
      store.sources.insert({ ...icecast(id), unitId })
      store.clips.insert({ ...clip, id, unitId })
    }
    for (const things of [store.sources, store.clips]) {
      t.same([...things.owners()].sort(), ['u1', 'u2'])
      t.equal(things.get('one')?.unitId, 'u1')
      t.same([{}, { owners: [] }, { owners: ['u1'] }, { owners: ['u1', 'u2'] }].map((filter) => ids(things.list(FIRST, filter))), [['all', 'one', 'two'], ['all'], ['all', 'one'], ['all', 'one', 'two']])
    }
    t.equal(store.clips.update('one', { unitId: null })?.unitId, null)
    t.equal(store.sources.replace({ ...icecast('one'), unitId: 'u2' })?.unitId, 'u2')
    throwsStoreError(t, () => store.units.remove('u2'), 'STORE_ERR_REFERENCE')
  })

  test('playlists keep the order of their clips, and lose what is removed', (t, store) => {
    for (const id of ['u1', 'u2']) store.units.insert(unit(id))
    for (const id of ['a', 'b', 'c']) store.clips.insert({ id, name: id, unitId: null, path: `/${id}.wav`, durationMs: 1, durationSamples: 48, loudnessLufs: null, sizeBytes: 1, createdAtMs: NOW_MS })
    const morning = { id: 'l1', name: 'Bản tin sáng', unitId: 'u1', clipIds: ['b', 'a', 'b', 'c'], createdAtMs: NOW_MS }
    t.same(store.playlists.insert(morning), morning)
    throwsStoreError(t, () => store.playlists.insert(morning), 'STORE_ERR_CONFLICT')
    throwsStoreError(t, () => store.playlists.insert({ ...morning, id: 'l9', unitId: 'zzz' }), 'STORE_ERR_REFERENCE')
    throwsStoreError(t, () => store.playlists.insert({ ...morning, id: 'l9', clipIds: ['a', 'zzz'] }), 'STORE_ERR_REFERENCE')
    t.equal(store.playlists.get('l9'), undefined, 'not half of one')
    store.playlists.insert({ ...morning, id: 'l2', name: 'Trưa', unitId: null, clipIds: [] })
    store.playlists.insert({ ...morning, id: 'l3', name: 'Chiều', unitId: 'u2', clipIds: ['a'] })
    t.same([{}, { owners: [] }, { owners: ['u1'] }, { unitId: 'u2' }, { search: 'SANG' }].map((filter) => ids(store.playlists.list(FIRST, filter))), [['l3', 'l2', 'l1'], ['l2'], ['l2', 'l1'], ['l3'], ['l1']])
    const first = store.playlists.list({ after: null, limit: 2 }, {})
    t.same([ids(first), ids(store.playlists.list({ after: first.next, limit: 2 }, {}))], [['l3', 'l2'], ['l1']])
    t.same([...store.playlists.owners()].sort(), ['u1', 'u2'])
    store.clips.remove('b')
    t.same(store.playlists.get('l1')?.clipIds, ['a', 'c'])
    t.same(store.playlists.replace({ ...morning, name: 'Sáng', unitId: null, clipIds: ['c', 'a'] }), { ...morning, name: 'Sáng', unitId: null, clipIds: ['c', 'a'] })
    t.equal(store.playlists.replace({ ...morning, id: 'l9', clipIds: [] }), undefined)
    throwsStoreError(t, () => store.units.remove('u2'), 'STORE_ERR_REFERENCE')
    t.same([store.playlists.remove('l1'), store.playlists.remove('l1'), store.playlists.get('l1')], [true, false, undefined])
    t.ok(store.clips.get('a'), 'clips stay')
  })

  test('clips are kept, renamed and found by their file', (t, store) => {
    const clip = { id: 'k1', name: 'Bản tin', unitId: null, path: '/somewhere/else/k1.wav', durationMs: 1000, durationSamples: 48_000, loudnessLufs: -20.5, sizeBytes: 96_044, createdAtMs: NOW_MS }
    t.same(store.clips.insert(clip), clip)
    throwsStoreError(t, () => store.clips.insert({ ...clip, name: 'Tên khác' }), 'STORE_ERR_CONFLICT')
    throwsStoreError(t, () => store.clips.insert({ ...clip, id: 'k9', unitId: 'zzz' }), 'STORE_ERR_REFERENCE')
    t.same(store.clips.insert({ ...clip, id: 'k2', loudnessLufs: null }).loudnessLufs, null)
    t.same(ids(store.clips.list(FIRST, { search: 'BẢN' })), ['k1', 'k2'])
    t.same(ids(store.clips.list(FIRST, { newestFirst: true })), ['k2', 'k1'])
    const [newest] = [store.clips.list({ after: null, limit: 1 }, { newestFirst: true })]
    t.same([ids(newest), ids(store.clips.list({ after: newest.next, limit: 1 }, { newestFirst: true }))], [['k2'], ['k1']])
    t.same([{ minDurationMs: 1000 }, { minDurationMs: 1001 }, { maxDurationMs: 1000 }, { maxDurationMs: 999 }, { minLufs: -20.5 }, { minLufs: -20 }, { maxLufs: -20.5 }, { maxLufs: -21 }, { unitId: 'zzz' }].map((filter) => ids(store.clips.list(FIRST, filter)).join()), ['k1,k2', '', 'k1,k2', '', 'k1', '', 'k1', '', ''])
    t.same(store.clips.ofPath(clip.path).map(({ id }) => id), ['k1', 'k2'])
    t.same(store.clips.update('k1', { name: 'Mới' }), { ...clip, name: 'Mới' })
    t.equal(store.clips.update('zzz', { name: 'Mới' }), undefined)
    t.equal(store.clips.remove('k1'), true)
    t.equal(store.clips.get('k1'), undefined)
  })

  test('orders are numbered, and their state follows from the time', (t, store) => {
    const past = store.orders.insert(newOrder('past', { startsAtMs: NOW_MS - 20, endsAtMs: NOW_MS }))
    store.orders.insert(newOrder('now', { endsAtMs: NOW_MS + 1 }))
    store.orders.insert(newOrder('later', { startsAtMs: NOW_MS + 1, class: 'emergency' }))
    store.orders.insert(newOrder('cut'))
    t.equal(past.number, 1)
    t.equal(store.orders.stop('cut', NOW_MS)?.stoppedAtMs, NOW_MS)
    t.equal(store.orders.stop('cut', NOW_MS + 5)?.stoppedAtMs, NOW_MS, 'a second stop changes nothing')
    t.equal(store.orders.stop('past', NOW_MS)?.stoppedAtMs, null, 'what is over cannot be stopped: the end counts from its very ms')
    t.equal(store.orders.stop('zzz', NOW_MS), undefined)

    const list = (state: 'scheduled' | 'on-air' | 'ended' | 'stopped'): string[] => ids(store.orders.list(FIRST, { state }, NOW_MS))
    t.same([list('ended'), list('on-air'), list('scheduled'), list('stopped')], [['past'], ['now'], ['later'], ['cut']])
    t.same(ids(store.orders.list(FIRST, {}, NOW_MS)), ['cut', 'later', 'now', 'past'], 'newest first')
    t.same(ids(store.orders.list(FIRST, { class: 'emergency' }, NOW_MS)), ['later'])
    t.same(ids({ items: store.orders.unfinished(NOW_MS) }), ['now', 'later'])
    t.same(store.orders.count(NOW_MS), { onAir: 1, scheduled: 1 })
    t.same(ids({ items: store.orders.overSince(0, NOW_MS) }).sort(), ['cut', 'past'], 'what is over')
    t.same(store.orders.overSince(NOW_MS, NOW_MS), [], 'but only lately')
    const first = store.orders.list({ after: null, limit: 3 }, {}, NOW_MS)
    t.same(ids(store.orders.list({ after: first.next, limit: 3 }, {}, NOW_MS)), ['past'])
  })

  test('how an order is mixed and to whom it was handed over is kept, and what it uses is in use', (t, store) => {
    const mixing = { over: { duckDb: 12, attackMs: 300, releaseMs: 1000 }, introClipId: 'k1', outroClipId: 'k2', crossfadeMs: 500 }
    t.same(store.orders.insert(newOrder('mixed', { mixing })).mixing, mixing)
    t.same('mixing' in store.orders.insert(newOrder('plain')), false)
    const handOvers = [{ sourceId: 's8', atMs: NOW_MS + 5, crossfadeMs: 1000, by: 't1' }, { sourceId: 's9', atMs: NOW_MS + 9, crossfadeMs: 10, by: 't2' }]
    t.same(store.orders.handOver('plain', handOvers, NOW_MS)?.handOvers, handOvers)
    t.same(store.orders.get('plain')?.sourceId, 's1', 'where it began')
    t.same(store.orders.handOver('mixed', handOvers, NOW_MS + 60_000)?.handOvers, undefined, 'not once it is over')
    t.equal(store.orders.handOver('zzz', handOvers, NOW_MS), undefined)
    t.same(['k1', 'k2'].map((clipId) => store.orders.usersOf({ clipId }, NOW_MS)), [['mixed'], ['mixed']])
    t.same(store.orders.usersOf({ sourceId: 's8' }, NOW_MS), ['plain'])
    t.same(ids(store.orders.list(FIRST, { sourceId: 's9' }, NOW_MS)), ['plain'])
    t.same(store.orders.unfinished(NOW_MS).map(({ handOvers: kept }) => kept?.length), [undefined, 2])
  })

  test('orders are found by what they use and whom they mean', (t, store) => {
    store.units.insert(unit('u1'))
    store.units.insert(unit('u2', 'u1'))
    store.units.insert(unit('u3', 'u1'))
    store.clusters.insert(cluster('c1', 'u2', { tags: ['chợ'] }))
    const targets = { units: [], clusters: [], tags: [] }
    store.orders.insert(newOrder('by-unit', { targets: { ...targets, units: ['u1'] }, sourceId: 's9' }))
    store.orders.insert(newOrder('by-id', { targets: { ...targets, clusters: ['c1'] }, sourceId: null, clipIds: ['k1', 'k2'], issuerUnitId: 'u2' }))
    store.orders.insert(newOrder('by-tag', { targets: { ...targets, tags: ['chợ', 'khác'] } }))
    store.orders.insert(newOrder('other', { targets: { units: ['u3'], clusters: ['c2'], tags: ['khác'] } }))
    t.same(ids(store.orders.list(FIRST, { clusterId: 'c1' }, NOW_MS)), ['by-tag', 'by-id', 'by-unit'])
    t.same(ids(store.orders.list(FIRST, { clusterId: 'nobody' }, NOW_MS)), [])
    t.same(ids(store.orders.list(FIRST, { sourceId: 's9' }, NOW_MS)), ['by-unit'])
    t.same(store.orders.usersOf({ sourceId: 's9' }, NOW_MS), ['by-unit'])
    t.same(store.orders.usersOf({ clipId: 'k2' }, NOW_MS), ['by-id'])
    t.same(store.orders.usersOf({ unitId: 'u2' }, NOW_MS), ['by-id'], 'as issuer')
    t.same(store.orders.usersOf({ unitId: 'u3' }, NOW_MS), ['other'], 'as target')
    t.same(store.orders.usersOf({ sourceId: 's9' }, NOW_MS + 60_000), [], 'not once they are over')
  })

  test('users are found by their login, and their sessions go with them', (t, store) => {
    const unit = store.units.insert({ id: 'u1', code: 'U1', name: 'x', parentId: null, presentationDelayMs: null, createdAtMs: NOW_MS })
    const user: UserRecord = { id: 'p1', login: 'lan', name: 'Lan', grants: [{ role: 'operator', unitId: unit.id }, { role: 'auditor', unitId: null }], passwordHash: '$argon2id$', totpSecret: null, totpPending: 'ABC', totpUsedStep: 7, recoveryHashes: ['a', 'b'], enabled: true, createdAtMs: NOW_MS }
    store.users.insert(user)
    t.same(store.users.byLogin('lan'), user)
    t.equal(store.users.byLogin('Lan'), undefined)
    throwsStoreError(t, () => store.users.insert({ ...user, id: 'p2' }), 'STORE_ERR_CONFLICT', 'users.login')
    throwsStoreError(t, () => store.users.update('p1', { grants: [{ role: 'viewer', unitId: 'u-none' }] }), 'STORE_ERR_REFERENCE')
    t.same(store.users.get('p1'), user, 'all or nothing')
    t.match(store.users.update('p1', { enabled: false, totpSecret: 'S', grants: [{ role: 'viewer', unitId: unit.id }] }), { ...user, enabled: false, totpSecret: 'S', grants: [{ role: 'viewer', unitId: unit.id }] })
    t.equal(store.users.update('p-none', { name: 'x' }), undefined)
    t.same(store.users.list({ after: null, limit: 1 }).items, store.users.all())

    const session = { id: 'l1', userId: 'p1', hash: 'h1', remoteAddress: '192.0.2.1', userAgent: 'tap', createdAtMs: NOW_MS, expiresAtMs: NOW_MS + 10 }
    for (const n of [1, 2, 3]) store.sessions.insert({ ...session, id: `l${String(n)}`, hash: `h${String(n)}`, expiresAtMs: NOW_MS + 10 * n })
    t.same(store.sessions.byHash('h1'), session)
    t.same(store.sessions.ofUser('p1').map(({ id }) => id), ['l1', 'l2', 'l3'])
    t.equal(store.sessions.removeExpired(NOW_MS + 10), 1, 'at its end it is over')
    t.same(store.sessions.removeOf('p1', 'l2'), ['l3'])
    t.equal(store.sessions.remove('l3'), false)
    throwsStoreError(t, () => store.sessions.insert({ ...session, userId: 'p-none', hash: 'x', id: 'x' }), 'STORE_ERR_REFERENCE')

    t.equal(store.units.remove(unit.id), true)
    t.same(store.users.get('p1')?.grants, [], 'what is held at a unit goes with it')
    t.equal(store.users.remove('p1'), true)
    t.same([store.users.all(), store.sessions.all()], [[], []])
  })

  test('tokens are found by their hash', (t, store) => {
    const token = { id: 't1', name: 'Trực ban', grants: [{ role: 'operator' as const, unitId: null }], hash: 'abc', createdAtMs: NOW_MS }
    store.tokens.insert(token)
    t.same(store.tokens.byHash('abc'), token)
    t.equal(store.tokens.byHash('abd'), undefined)
    const ending = store.tokens.insert({ ...token, id: 't3', hash: 'abe', expiresAtMs: NOW_MS + 1 })
    store.tokens.used('t3', NOW_MS)
    store.tokens.used('t9', NOW_MS)
    t.same(store.tokens.get('t3'), { ...ending, lastUsedAtMs: NOW_MS })
    t.equal(store.tokens.remove('t3'), true)
    throwsStoreError(t, () => store.tokens.insert({ ...token, id: 't2' }), 'STORE_ERR_CONFLICT', 'tokens.hash')
    t.equal(store.tokens.remove('t1'), true)
    t.same(store.tokens.all(), [])
  })

  test('RTP outputs come back as they were given, no two to one place, and go with their cluster', (t, store) => {
    store.units.insert(unit('u1'))
    store.clusters.insert(cluster('c1', 'u1'))
    store.clusters.insert(cluster('c2', 'u1'))
    const output: RtpOutputRecord = { id: 'r1', name: 'Chợ', clusterId: 'c1', mode: 'multicast', address: 'ff05::7', port: 5004, codec: 'l16', ptimeMs: 10, ttl: 4, dscp: 46, interface: 'eth0', sap: true, createdAtMs: NOW_MS }
    t.same(store.rtpOutputs.insert(output), output)
    t.same(store.rtpOutputs.get('r1'), output)
    throwsStoreError(t, () => store.rtpOutputs.insert({ ...output, id: 'r2' }), 'STORE_ERR_CONFLICT')
    throwsStoreError(t, () => store.rtpOutputs.insert({ ...output, id: 'r2', port: 5006, clusterId: 'nobody' }), 'STORE_ERR_REFERENCE')
    const other = { ...output, id: 'r3', clusterId: 'c2', port: 5008, interface: null, sap: false }
    store.rtpOutputs.insert(other)
    t.same(store.rtpOutputs.all(), [output, other])
    t.same(ids(store.rtpOutputs.list(FIRST, { clusterId: 'c2' })), ['r3'])
    t.same(ids(store.rtpOutputs.list({ after: null, limit: 1 }, {})), ['r1'])
    t.equal(store.clusters.remove('c1'), true)
    t.same(ids(store.rtpOutputs.list(FIRST, {})), ['r3'])
    t.equal(store.rtpOutputs.remove('r3'), true)
    t.equal(store.rtpOutputs.remove('r3'), false)
  })

  test('kept responses are replaced and forgotten by age', (t, store) => {
    const response = { scope: 'a', fingerprint: 'f', status: 201, sealed: new Uint8Array([0, 255, 7]), createdAtMs: NOW_MS }
    store.idempotency.put(response)
    t.same(store.idempotency.get('a'), response)
    store.idempotency.put({ ...response, fingerprint: 'g' })
    t.equal(store.idempotency.get('a')?.fingerprint, 'g')
    t.equal(store.idempotency.removeBefore(NOW_MS), 0)
    t.equal(store.idempotency.removeBefore(NOW_MS + 1), 1)
    t.equal(store.idempotency.get('a'), undefined)
  })

  test('a transaction is all or nothing, also inside another', (t, store) => {
    t.throws(() => store.transaction(() => {
      store.units.insert(unit('u1'))
      throw new Error('no')
    }), { message: 'no' })
    t.equal(store.units.get('u1'), undefined)

    store.transaction(() => {
      store.units.insert(unit('u1'))
      t.throws(() => store.transaction(() => {
        store.units.insert(unit('u2'))
        throw new Error('inner')
      }), { message: 'inner' })
      store.transaction(() => store.units.insert(unit('u3')))
    })
    t.same(store.units.all().map(({ id }) => id), ['u1', 'u3'], 'the failed inner one took only its own back')
    t.throws(() => store.transaction(() => Promise.resolve()), TypeError)
    t.equal(store.transaction(() => 7), 7, 'and the next one works')
  })

  proofConformance(test, NOW_MS)

  test('close may be called again', (t, store) => {
    store.close()
    store.close()
    t.pass()
  })

  planStores(test)
  alertStores(test)
  proofConformance(test, NOW_MS)
  monitoringConformance(test, NOW_MS)
  capConformance(test)
  ingestStores(test)
  phoneConformance(test)
}
