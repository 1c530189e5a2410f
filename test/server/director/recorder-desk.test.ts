import { pino } from 'pino'
import t, { type Test } from 'tap'
import { clipRoom, sourceRoom, type PlanSegment } from '../../../rooms/plan.ts'
import { RecorderDesk } from '../../../server/director/recorder-desk.ts'
import type { Config } from '../../../server/config.ts'
import type { RecorderPeer } from '../../../server/link/control-server.ts'
import type { PlanTime } from '../../../server/director/plan-time.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'

const SECOND = 48_000
const segment = (room: PlanSegment['room'], fromSeconds: number, untilSeconds: number, orderId = 'o1'): PlanSegment => ({ room, fromSamples: fromSeconds * SECOND, untilSamples: untilSeconds * SECOND, orderId, class: 'normal', title: orderId })

function desk(t: Test) {
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  const held = { plan: [] as readonly PlanSegment[] }
  const desk = new RecorderDesk({
    store, config: { recording: true, recordRelays: 'low', recordLowFormat: 'opus-16', opusFormat: 'opus-32' } as Config, time: { nowSamples: () => 0 } as unknown as PlanTime,
    plans: () => [held.plan], plansOfUnits: () => [[held.plan, new Set(['u1'])]], logger: pino({ level: 'silent' }),
  })
  const heard = (orderId = 'o1') => store.recordings.spansOfOrder(orderId).map(({ room, fromSamples, untilSamples, isOpen }) => [room, fromSamples / SECOND, untilSamples / SECOND, isOpen])
  return { store, desk, held, heard }
}

const [A, FADE, B] = [0, 1, 2].map((item) => clipRoom('o1', item)) as [string, string, string]

t.test('a fade that came and went while control was held up is in the index', (t) => {
  const { desk: recorder, held, heard } = desk(t)
  held.plan = [segment(A, 0, 10), segment(FADE, 10, 11), segment(B, 11, 20)]
  recorder.look(1 * SECOND, 0)
  recorder.look(12 * SECOND, 0)
  t.same(heard(), [[A, 0, 10, false], [FADE, 10, 11, false], [B, 11, 20, true]])
  recorder.look(20 * SECOND, 0)
  t.same(heard(), [[A, 0, 10, false], [FADE, 10, 11, false], [B, 11, 20, false]], 'once')
  t.end()
})

t.test('so it is when plans change before it looks again, and what was not carried out is not', (t) => {
  const { desk: recorder, held, heard } = desk(t)
  held.plan = [segment(A, 0, 10), segment(FADE, 10, 11), segment(B, 11, 20)]
  recorder.look(1 * SECOND, 0)
  // Stopped at 10.5 s: another order goes on air, also with a piece that is over by the next look.
  held.plan = [segment(sourceRoom('s1'), 10.5, 11.5, 'o2'), segment(sourceRoom('s2'), 11.5, 30, 'o2')]
  recorder.plansChanged(10.5 * SECOND)
  recorder.look(12 * SECOND, 10.5 * SECOND)
  t.same(heard(), [[A, 0, 10, false], [FADE, 10, 10.5, false]])
  t.same(heard('o2'), [[sourceRoom('s1'), 10.5, 11.5, false], [sourceRoom('s2'), 11.5, 30, true]])
  t.end()
})

t.test('files that the index does not know are asked for', (t) => {
  const { desk: recorder, store } = desk(t)
  const sent: unknown[] = []
  const peer = { hello: { index: 0, pid: 1 }, send: (message: unknown) => { sent.push(message) } } as unknown as RecorderPeer
  recorder.greet(peer)
  store.recordings.put({ id: 'r1', room: A, kind: 'live', mode: 'full', format: 'opus-32', sourceId: null, orderId: null, class: 'normal', title: '', file: '2026-06-18/r1.opus', fromSamples: 0, untilSamples: 1, fromMs: 0, untilMs: 0, bytes: 1, gaps: [], isOpen: false, sha256: 'x' })
  recorder.hear(peer, { type: 'recorder-files', files: ['2026-06-18/r1.opus', '2026-06-18/r2.opus'] })
  t.same(sent.at(-1), { type: 'recorder-unknown', files: ['2026-06-18/r2.opus'] })
  t.end()
})
