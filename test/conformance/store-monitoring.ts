import type { Test } from 'tap'
import { NO_EQUIPMENT, type Store } from '../../control/ports.ts'

/** What every store must do with the states of clusters and the commands to them. */
export function monitoringConformance(test: (name: string, work: (t: Test, store: Store) => void) => void, nowMs: number): void {
  test('clusters that are watched keep their numbers, days and changes are kept until they are removed', (t, store) => {
    const { monitoring } = store
    t.same([monitoring.clusters(), monitoring.knownUntilMs(), monitoring.firstDay(), monitoring.rows(0, nowMs)], [[], null, null, []])
    t.match(monitoring.number(['c1', 'c2']), [{ number: 1, clusterId: 'c1', wasSeen: false, leftAtMs: null }, { number: 2, clusterId: 'c2' }])
    t.match(monitoring.number(['c2', 'c3']), [{ number: 3, clusterId: 'c3' }], 'only the new ones')
    t.same(monitoring.number([]), [])
    monitoring.seen([{ clusterId: 'c1', leftAtMs: 7 }, { clusterId: 'c2', leftAtMs: null }])
    t.same(monitoring.clusters(), [{ number: 1, clusterId: 'c1', wasSeen: true, leftAtMs: 7 }, { number: 2, clusterId: 'c2', wasSeen: true, leftAtMs: null }, { number: 3, clusterId: 'c3', wasSeen: false, leftAtMs: null }])
    const row = (atMs: number, bucket: number) => ({ atMs, bucket, clusters: new Uint8Array([1, bucket & 0xff]) })
    monitoring.append([row(10, 0), row(10, -1), row(20, 2)], 25)
    monitoring.append([row(15, 3)], 26)
    t.same(monitoring.rows(10, 20), [row(10, 0), row(10, -1), row(15, 3)])
    t.equal(monitoring.knownUntilMs(), 26)
    const [first, second] = [monitoring.rowsAfter({ atMs: 10, seq: 0 }, 20, 2), monitoring.rowsAfter({ atMs: 10, seq: 2 }, 20, 2)]
    t.same([first, second], [[{ seq: 1, ...row(10, 0) }, { seq: 2, ...row(10, -1) }], [{ seq: 4, ...row(15, 3) }]], 'by time, then as they came')
    t.same(monitoring.rowsAfter({ atMs: 15, seq: 4 }, 20, 2), [])
    t.equal(monitoring.removeRowsBefore(20, 2), 2, 'the oldest first')
    t.same(monitoring.rows(0, 99), [row(15, 3), row(20, 2)])
    t.equal(monitoring.removeRowsBefore(15, 9), 0)
    const day = (name: string, bytes: number) => ({ day: name, fromMs: 1, untilMs: 2, totals: new Uint8Array([bytes]) })
    for (const name of ['2026-06-30', '2026-07-01', '2026-07-02']) monitoring.closeDay(day(name, 1))
    monitoring.closeDay(day('2026-07-01', 2))
    t.same(monitoring.days('2026-06-30', '2026-07-01'), [day('2026-06-30', 1), day('2026-07-01', 2)])
    t.same([monitoring.firstDay(), monitoring.removeDaysBefore('2026-07-02'), monitoring.firstDay()], ['2026-06-30', 2, '2026-07-02'])
    for (const id of ['u1', 'u2']) store.units.insert({ id, code: id, name: id, parentId: null, presentationDelayMs: null, createdAtMs: nowMs })
    store.clusters.insert({ id: 'c1', unitId: 'u1', code: 'c1', name: 'c1', tags: [], position: null, enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: 'h', keyChangedAtMs: nowMs, createdAtMs: nowMs })
    store.clusters.move(['c1'], 'u2', nowMs + 5)
    t.same(store.clusters.allMemberships(), store.clusters.memberships('c1'))
    t.equal(store.clusters.allMemberships().length, 2)
    t.same(store.units.allVersions(), [...store.units.versions('u1'), ...store.units.versions('u2')])
  })

  test('what devices measured is kept by step, block and time', (t, { measurements }) => {
    const row = (fromMs: number, ...bytes: number[]) => ({ fromMs, cells: new Uint8Array(bytes) })
    for (const fromMs of [30, 10, 20]) measurements.put(5, 1, row(fromMs, 1, fromMs))
    measurements.put(60, 1, row(0, 9))
    measurements.put(5, 2, row(10, 8))
    measurements.put(5, 1, row(20, 7))
    t.same([measurements.get(5, 1, 20), measurements.get(60, 1, 0), measurements.get(5, 2, 20)], [new Uint8Array([7]), new Uint8Array([9]), undefined])
    t.same(measurements.rows(5, 1, 10, 30, 9), [row(10, 1, 10), row(20, 7)])
    t.same(measurements.rows(5, 1, 0, 99, 1), [row(10, 1, 10)])
    t.equal(measurements.removeBefore(5, 1, 30, 1), 1)
    t.same(measurements.rows(5, 1, 0, 99, 9), [row(20, 7), row(30, 1, 30)], 'the oldest goes first')
    t.same([measurements.removeBefore(5, 1, 20, 9), measurements.removeBefore(5, 1, 30, 9)], [0, 1])
    t.same([measurements.rows(5, 2, 0, 99, 9), measurements.rows(60, 1, 0, 99, 9)], [[row(10, 8)], [row(0, 9)]])
  })

  test('commands are listed, and delivered and answered once', (t, store) => {
    const command = (id: string) => ({ id, type: 'reboot' as const, arguments: {}, targets: { units: [], clusters: [], tags: [] }, createdAtMs: nowMs, createdBy: 't', expiresAtMs: nowMs + 5 })
    for (const id of ['k1', 'k2', 'k3']) store.commands.insert(command(id), ['c1', 'c2', 'c3'])
    const page = store.commands.list({ after: null, limit: 2 })
    t.same(page.items.map(({ id }) => id), ['k3', 'k2'])
    t.same(store.commands.list({ after: page.next, limit: 2 }), { items: [command('k1')], next: null })
    store.commands.settle([{ commandId: 'k1', clusterId: 'c2', result: 'refused', reason: 'no', atMs: 7 }], [{ commandId: 'k1', clusterId: 'c1', atMs: 5 }, { commandId: 'k1', clusterId: 'c1', atMs: 6 }])
    t.same(store.commands.counts('k1'), { targeted: 3, delivered: 2, done: 0, refused: 1, failed: 0, open: 2 })
    const outcomes = [{ clusterId: 'c1', deliveredAtMs: 5, result: null, reason: null, atMs: null }, { clusterId: 'c2', deliveredAtMs: null, result: 'refused', reason: 'no', atMs: 7 }, { clusterId: 'c3', deliveredAtMs: null, result: null, reason: null, atMs: null }]
    const first = store.commands.outcomes('k1', { after: null, limit: 2 })
    t.same(first.items, outcomes.slice(0, 2))
    t.same(store.commands.outcomes('k1', { after: first.next, limit: 2 }), { items: outcomes.slice(2), next: null })
    t.same(store.commands.outcomes('k1', { after: null, limit: 9 }, 'open').items.map(({ clusterId }) => clusterId), ['c1', 'c3'])
    t.same(store.commands.outcomes('k1', { after: null, limit: 9 }, 'refused').items.map(({ clusterId }) => clusterId), ['c2'])
    store.commands.insert(command('k4'), ['c9'])
    const newest = store.commands.ofCluster('c2', { after: null, limit: 2 })
    t.same(newest.items.map(({ command: { id }, outcome: { result } }) => [id, result]), [['k3', null], ['k2', null]])
    t.same(store.commands.ofCluster('c2', { after: newest.next, limit: 2 }), { items: [{ command: command('k1'), outcome: outcomes[1] }], next: null })
  })
}
