import type { Test } from 'tap'
import type { ScheduleItemRecord, Store } from '../../control/ports.ts'
import { scheduleItem } from '../support/schedule-item.ts'
import { cluster, FIRST, ids, NOW_MS, throwsStoreError, unit } from './records.ts'

/** What every implementation of the store must do with plans, policies and photos. */
export function planStores(test: (name: string, work: (t: Test, store: Store) => void) => void): void {
  test('schedule items are replaced as a whole, found by what they use, and take their plays with them', (t, store) => {
    const item = (id: string, more: Partial<ScheduleItemRecord> = {}): ScheduleItemRecord => ({ ...scheduleItem(id), createdAtMs: NOW_MS, changedAtMs: NOW_MS, ...more })
    const full = item('i1', { clipIds: ['k1', 'k2'], sourceId: null, durationMs: null, lastDay: '2026-12-31', repeat: { kind: 'weekly', weekdays: ['MO'], every: 2 }, except: ['2026-06-18'], holidays: 'skip', plays: 3, gapMs: 1000, missed: 'late', lateLimitMs: 5, enabled: false, ask: 'Ngày hội', class: 'priority', rank: -2, resume: 'skip', targets: { units: ['u2'], clusters: ['c1'], tags: ['đê'] } })
    t.same(store.schedule.insert(full), full)
    t.same(store.schedule.get('i1'), full)
    store.schedule.insert(item('i2', { title: 'Bản tin ĐÊ', issuerUnitId: 'u3' }))
    t.same(store.schedule.all().map(({ id }) => id), ['i1', 'i2'])
    t.same(store.schedule.replace(item('i2', { version: 2, ask: null, title: 'Bản tin ĐÊ', issuerUnitId: 'u3' }))?.version, 2)
    t.equal(store.schedule.replace(item('i9')), undefined)
    t.same([{}, { enabled: true }, { asking: true }, { asking: false }, { unitId: 'u1' }, { search: 'đê' }, { search: 'x' }].map((filter) => ids(store.schedule.list(FIRST, filter))), [['i1', 'i2'], ['i2'], ['i1'], ['i2'], ['i1'], ['i2'], []])
    t.same(ids(store.schedule.list({ after: store.schedule.list({ after: null, limit: 1 }, {}).next, limit: 5 }, {})), ['i2'])
    t.same([{ clipId: 'k2' }, { sourceId: 's1' }, { unitId: 'u2' }, { unitId: 'u3' }, { clipId: 'k9' }].map((what) => store.schedule.usersOf(what)), [['i1'], ['i2'], ['i1'], ['i2'], []])

    const play = (itemId: string, startsAtMs: number, orderId: string | null = 'o1', version = 1) => ({ itemId, occurrence: `2026-06-18.${String(startsAtMs)}`, version, startsAtMs, endsAtMs: startsAtMs + 10, orderId })
    for (const one of [play('i1', 20), play('i1', 10), play('i2', 10), play('i1', 20, null, 2)]) store.schedule.putPlay(one)
    t.same(store.schedule.playsOf('i1', 0), [play('i1', 10), play('i1', 20, null, 2)])
    t.same(store.schedule.playsOf('i1', 20), [play('i1', 20, null, 2)], 'that end after')
    t.same(store.schedule.playsStarting(10, 20).map(({ itemId }) => itemId), ['i1', 'i2'])
    store.schedule.removePlay('i1', play('i1', 20).occurrence)
    t.equal(store.schedule.removePlaysBefore(20), 0)
    t.equal(store.schedule.removePlaysBefore(21), 2)
    store.schedule.putPlay(play('i1', 30))
    t.same([store.schedule.remove('i1'), store.schedule.remove('i1'), store.schedule.playsOf('i1', 0)], [true, false, []])
    t.equal(store.schedule.seenAtMs(), null)
    const waiting = { itemId: 'i1', occurrence: '2026-06-18.1', version: 3, startsAtMs: 5, endsAtMs: 9, orderId: 'o1' }
    store.schedule.insert(item('i1'))
    for (const play of [{ ...waiting, version: 2 }, waiting, { ...waiting, occurrence: '2026-06-19.1', startsAtMs: 4, orderId: null }]) store.schedule.putWaiting(play)
    t.same(store.schedule.waiting().map(({ version, startsAtMs }) => [version, startsAtMs]), [[3, 4], [3, 5]])
    store.schedule.removeWaiting('i1', '2026-06-19.1')
    t.same(store.schedule.waiting(), [waiting])
    store.schedule.remove('i1')
    t.same(store.schedule.waiting(), [])
    store.schedule.noteSeen(5)
    store.schedule.noteSeen(4)
    t.equal(store.schedule.seenAtMs(), 4)
  })

  test('photos are replaced, and go with their clusters', (t, store) => {
    store.units.insert(unit('u1'))
    store.clusters.insert(cluster('c1', 'u1'))
    const photo = { clusterId: 'c1', sha256: 'a', sizeBytes: 5, createdAtMs: NOW_MS, createdBy: 't1' }
    t.equal(store.photos.get('c1'), undefined)
    throwsStoreError(t, () => { store.photos.put({ ...photo, clusterId: 'zzz' }) }, 'STORE_ERR_REFERENCE')
    store.photos.put({ ...photo, sha256: 'b' })
    store.photos.put(photo)
    t.same([store.photos.get('c1'), store.photos.isUsed('a'), store.photos.isUsed('b')], [photo, true, false])
    t.same([store.photos.remove('c1'), store.photos.remove('c1')], [true, false])
    store.photos.put(photo)
    store.clusters.remove('c1')
    t.equal(store.photos.isUsed('a'), false)
  })

  test('policies go with their units, what was done against them stays', (t, store) => {
    store.units.insert(unit('u1'))
    const policy = { windows: [{ weekdays: null, from: '05:00', to: '06:00' }], quiet: null, playMs: 5, dayMs: null, volume: [{ weekdays: null, from: '21:00', to: '05:00', percent: 40 }], levelFrames: [{ name: 'Xã', level: 2, weekdays: ['MO' as const], from: '17:00', to: '17:30' }] }
    t.equal(store.policies.get('u1'), undefined)
    store.policies.put('u1', { ...policy, playMs: 4 })
    store.policies.put('u1', policy)
    t.same([store.policies.get('u1'), [...store.policies.all()]], [policy, [['u1', policy]]])
    throwsStoreError(t, () => { store.policies.put('u9', policy) }, 'STORE_ERR_REFERENCE')
    const breach = (subjectId: string) => ({ atMs: NOW_MS, by: 't1', subject: 'order' as const, subjectId, title: 'Tin', class: 'normal' as const, breaches: [{ unitId: 'u1', rule: 'hours' as const, startsAtMs: 1, endsAtMs: 2, count: 3 }], reason: 'Kỳ họp' })
    for (const id of ['o1', 'o2', 'o3']) store.policies.report(breach(id))
    const page = store.policies.breaches({ after: null, limit: 2 })
    t.same(page.items, [breach('o3'), breach('o2')])
    t.same(store.policies.breaches({ after: page.next, limit: 2 }), { items: [breach('o1')], next: null })
    store.units.remove('u1')
    t.equal(store.policies.all().size, 0)
    store.units.insert(unit('u2'))
    store.policies.put('u2', policy)
    store.policies.remove('u2')
    t.equal(store.policies.get('u2'), undefined)
    t.equal(store.policies.breaches({ after: null, limit: 9 }).items.length, 3)
  })
}
