import t from 'tap'
import { SpeakerBoard } from '../../../server/director/speaker-board.ts'
import { fc } from '../../support/seed.ts'

const board = (): SpeakerBoard => new SpeakerBoard({ boundMs: 30, holdMs: 10_000 })
const status = (syncErrorMs: number | null): object => ({ type: 'status', stage: 'played', ...(syncErrorMs === null ? {} : { syncErrorUs: syncErrorMs * 1000 }) })

t.test('out of step for ten seconds is told once, and once when it is over', (t) => {
  const speakers = board()
  speakers.note('c1', status(-31), 0)
  t.same(speakers.changes(9999), [])
  t.same(speakers.changes(10_000), [{ clusterId: 'c1', outOfStep: true, syncErrorMs: -31 }])
  speakers.note('c1', status(45), 10_500)
  t.same(speakers.changes(60_000), [], 'told already')
  speakers.note('c1', status(30), 61_000)
  t.same(speakers.changes(61_000), [{ clusterId: 'c1', outOfStep: false, syncErrorMs: 30 }], 'the bound itself is within')
  t.same(speakers.changes(99_000), [])
  t.end()
})

t.test('a moment within the bound begins the count anew', (t) => {
  const speakers = board()
  speakers.note('c1', status(40), 0)
  speakers.note('c1', status(3), 8000)
  speakers.note('c1', status(40), 9000)
  t.same(speakers.changes(18_999), [])
  t.equal(speakers.changes(19_000).length, 1)
  t.end()
})

t.test('who says nothing of its error is not judged, and who has gone is forgotten', (t) => {
  const speakers = board()
  speakers.note('c1', status(null), 0)
  t.same(speakers.changes(100_000), [])
  t.match(speakers.of('c1'), { stage: 'played', syncErrorUs: null, version: null })
  speakers.note('c2', status(500), 0)
  speakers.forget('c2')
  t.same(speakers.changes(100_000), [])
  t.equal(speakers.of('c2'), null)
  t.end()
})

t.test('whatever a device sends, a field has its type or is null', (t) => {
  fc.assert(fc.property(fc.dictionary(fc.constantFrom('stage', 'playing', 'syncErrorUs', 'clock', 'lateFrames', 'muted', 'version', 'orderId'), fc.jsonValue()), (fields) => {
    const speakers = board()
    speakers.note('c1', { ...fields, type: 'status' }, 0)
    speakers.changes(20_000)
    const info = speakers.of('c1')!
    for (const value of [info.syncErrorUs, info.lateFrames, info.driftPpm]) if (value !== null && !Number.isFinite(value)) throw new Error('not a number')
    if (info.muted !== null && typeof info.muted !== 'boolean') throw new Error('not a truth')
    if (info.version !== null && (typeof info.version !== 'string' || info.version.length > 64)) throw new Error('not a text')
  }))
  const speakers = board()
  for (const other of [null, 7, 'status', [], { type: 'ack', commandId: 'x' }]) speakers.note('c1', other, 0)
  t.equal(speakers.of('c1'), null)
  t.end()
})
