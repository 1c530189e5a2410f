import t from 'tap'
import type { CommandRecord } from '../../../control/ports.ts'
import { CommandDesk } from '../../../server/director/command-desk.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { FakeClock } from '../../support/fake-clock.ts'

t.test('commands wait for their devices until they are over', (t) => {
  const clock = new FakeClock()
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  const command = (id: string, forMs: number): CommandRecord => ({ id, type: 'volume', arguments: { percent: 5 }, targets: { units: [], clusters: [], tags: [] }, createdAtMs: clock.wallMs(), createdBy: 't', expiresAtMs: clock.wallMs() + forMs })
  const told: unknown[] = []
  const desk = (): CommandDesk => new CommandDesk({ store: store.commands, clock, wallMs: () => clock.wallMs(), onProgress: (given, counts, isOver) => { told.push([given.id, counts, isOver]) }, onError: (error) => { throw error } })
  const first = desk()
  const give = (given: CommandRecord, clusterIds: string[]): void => {
    store.commands.insert(given, clusterIds)
    first.add(given, clusterIds)
  }
  give(command('k1', 60_000), ['a', 'b'])
  give(command('k2', 1000), ['a'])
  t.same(first.openFor('a').map(({ id }) => id), ['k1', 'k2'])
  t.same(desk().openFor('a').map(({ id }) => id), ['k1', 'k2'], 'a control that starts again knows them')

  t.ok(first.answered('a', 'k1', { result: 'done' }))
  t.notOk(first.answered('a', 'k1', { result: 'failed' }), 'the first answer counts')
  t.notOk(first.answered('c', 'k1', { result: 'done' }), 'who was not asked')
  t.notOk(first.answered('a', 'k9', { result: 'done' }))
  first.delivered('k1', ['b'])
  t.equal(store.commands.counts('k1').done, 0)
  clock.advance(50)
  t.same(store.commands.counts('k1'), { targeted: 2, delivered: 2, done: 1, refused: 0, failed: 0, open: 1 })
  t.same(store.commands.outcomes('k1', { after: null, limit: 9 }), { items: [{ clusterId: 'a', deliveredAtMs: null, result: 'done', reason: null, atMs: clock.wallMs() - 50 }, { clusterId: 'b', deliveredAtMs: clock.wallMs() - 50, result: null, reason: null, atMs: null }], next: null })
  t.same(told, [])
  t.same(desk().openFor('a').map(({ id }) => id), ['k2'])

  clock.advance(950)
  t.match(told, [['k1', { delivered: 2, done: 1, open: 1 }, false]], 'once for all that came together')
  t.same(first.openFor('a'), [], 'over')
  first.sweep()
  first.sweep()
  t.match(told[1], ['k2', { targeted: 1, open: 1 }, true], 'its time is up')
  t.equal(told.length, 2)
  t.notOk(first.answered('a', 'k2', { result: 'done' }))
  first.answered('b', 'k1', { result: 'refused', reason: 'no' })
  first.flush()
  clock.advance(250)
  t.match(told[2], ['k1', { done: 1, refused: 1, open: 0 }, true], 'all have answered')
  first.close()
  t.equal(clock.pendingTimers, 0)
  t.match(store.commands.problems('k1', 10), [{ clusterId: 'b', result: 'refused', reason: 'no' }])
  t.equal(store.commands.removeBefore(clock.wallMs() + 1), 1)
  t.equal(store.commands.get('k2'), undefined)
  t.end()
})
