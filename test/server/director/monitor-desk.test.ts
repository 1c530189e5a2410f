import t from 'tap'
import { hashSecret } from '../../../control/ids.ts'
import type { ControlToFanOut } from '../../../server/link/messages.ts'
import type { MonitorHears, MonitorInfo } from '../../../server/link/monitor-messages.ts'
import { MonitorDesk, type MonitorPeer } from '../../../server/director/monitor-desk.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'

function setUp() {
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  store.units.insert({ id: 'u-1', code: '1', name: 'Một', parentId: null, presentationDelayMs: null, people: null, createdAtMs: 0 })
  store.units.insert({ id: 'u-2', code: '2', name: 'Hai', parentId: null, presentationDelayMs: null, people: null, createdAtMs: 0 })
  store.sources.insert({ id: 's-1', kind: 'tone', name: 'Của một', unitId: 'u-1', frequencyHz: 440, levelDbfs: -20, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', createdAtMs: 0 })
  store.sources.insert({ id: 's-2', kind: 'tone', name: 'Của hai', unitId: 'u-2', frequencyHz: 440, levelDbfs: -20, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', createdAtMs: 0 })
  for (const who of ['an', 'binh']) store.tokens.insert({ id: `t-${who}`, name: who, grants: [{ role: 'viewer', unitId: 'u-1' }], hash: hashSecret(who), createdAtMs: 0 })
  let nowMs = 1000
  const desk = new MonitorDesk(store, () => nowMs, { monitors: 3, monitorsPerPerson: 2 })
  const told: ControlToFanOut[] = []
  const peer: MonitorPeer = { send: (message) => { told.push(message) } }
  let count = 0
  const info = (who: string, hears: MonitorHears = { sourceId: 's-1' }): MonitorInfo => {
    count += 1
    return { monitorId: `0-${String(count)}`, tokenHash: hashSecret(who), hears, remoteAddress: '::1', sinceWallMs: nowMs }
  }
  const ask = (monitor: MonitorInfo): string | null => {
    desk.request(peer, { type: 'monitor-request', requestId: 1, monitor })
    const answer = told.at(-1)
    return answer?.type === 'monitor-answer' ? answer.refusal : 'no answer'
  }
  return { store, desk, peer, told, info, ask, wait: (ms: number) => { nowMs += ms } }
}

t.test('who may see it is let in, and nobody learns what else there is', (t) => {
  const { ask, info } = setUp()
  t.equal(ask(info('an')), null)
  t.equal(ask(info('nobody')), 'unknown-token')
  t.equal(ask(info('an', { sourceId: 's-2' })), 'unseen', 'of another unit')
  t.equal(ask(info('an', { sourceId: 's-3' })), 'unseen')
  t.equal(ask(info('an', { clusterId: 'c-1' })), 'unseen')
  t.end()
})

t.test('nobody has more than his share, nor all together', (t) => {
  const { desk, peer, ask, info, wait } = setUp()
  const [first, second] = [info('an'), info('an')]
  t.equal(ask(first), null)
  t.equal(ask(second), null)
  t.equal(ask(info('an')), 'full', 'two for each')
  t.equal(ask(info('binh')), null)
  t.equal(ask(info('binh')), 'full', 'three in all')
  desk.told(peer, { type: 'monitors', present: [first, second] })
  t.same(desk.list().map(({ id, sourceId, personName }) => [id, sourceId, personName]), [[first.monitorId, 's-1', 'an'], [second.monitorId, 's-1', 'an']], 'who is let in is listed when he is there')
  wait(20_001)
  desk.recheck()
  t.equal(ask(info('binh')), null, 'who never came gives his place free')
  desk.told(peer, { type: 'monitors', present: [first] })
  t.equal(ask(info('an')), null, 'so does who goes')
  desk.drop(peer)
  t.same(desk.list(), [])
  t.end()
})

t.test('when the right ends, the sound does', (t) => {
  const { store, desk, peer, told, ask, info } = setUp()
  const [an, binh] = [info('an'), info('binh')]
  ask(an)
  ask(binh)
  desk.told(peer, { type: 'monitors', present: [an, binh] })
  const before = told.length
  desk.recheck()
  t.equal(told.length, before, 'nothing while it holds')
  store.tokens.remove('t-an')
  desk.recheck()
  t.same(told.at(-1), { type: 'monitor-cut', monitorIds: [an.monitorId] })
  store.sources.remove('s-1')
  desk.recheck()
  t.same(told.at(-1), { type: 'monitor-cut', monitorIds: [an.monitorId, binh.monitorId] }, 'when the thing is no more, too')
  t.end()
})

t.test('control that comes back learns who is there, and judges them', (t) => {
  const { store, peer, told, info } = setUp()
  const desk = new MonitorDesk(store, () => 5000, { monitors: 3, monitorsPerPerson: 2 })
  const [an, stranger] = [info('an'), info('stranger')]
  desk.told(peer, { type: 'monitors', present: [an, stranger] })
  t.same(told.at(-1), { type: 'monitor-cut', monitorIds: [stranger.monitorId] })
  t.same(desk.list().map(({ personId }) => personId), ['t-an', ''])
  t.end()
})
