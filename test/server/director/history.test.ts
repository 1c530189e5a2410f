import t from 'tap'
import type { OrderRecord } from '../../../control/ports.ts'
import { historyOf } from '../../../server/director/history.ts'

const RULES = { forgetAfterMs: 10, maxBackMs: 1000 }
const NOW_MS = 10_000

const order = (id: string, startsAtMs: number, endsAtMs: number, clips = true): OrderRecord => ({
  id, number: 1, class: 'normal', title: id, sourceId: clips ? null : 's1', clipIds: clips ? ['clip'] : null, targets: { units: [], clusters: [], tags: [] }, startsAtMs, endsAtMs, rank: 0, resume: 'continue',
  issuerUnitId: 'u1', field: null, attentionTone: true, createdAtMs: 0, createdBy: 't1', stoppedAtMs: null,
})

function taken(orders: readonly OrderRecord[]): string[] {
  const isOver = ({ endsAtMs }: OrderRecord): boolean => endsAtMs <= NOW_MS
  const over = (sinceMs: number): OrderRecord[] => orders.filter((each) => isOver(each) && each.endsAtMs > sinceMs)
  return historyOf(orders.filter((each) => !isOver(each)), over, NOW_MS, RULES).map(({ id }) => id)
}

t.test('only what has just ended, when no clips are on air', (t) => {
  t.same(taken([order('long over', 0, 9000), order('just over', 9000, 9995), order('relay', 8000, 20_000, false)]), ['just over'])
  t.end()
})

t.test('all that may have cut a clip order which is not over', (t) => {
  t.same(taken([order('clips', 9500, 20_000), order('emergency', 9600, 9700, false), order('before it', 9000, 9400, false)]), ['emergency'])
  t.end()
})

t.test('and what may have shifted the one before it, link by link', (t) => {
  t.same(taken([order('now', 9800, 20_000), order('before', 9500, 9850), order('cut that one', 9520, 9600, false), order('earliest', 9300, 9505), order('cut the earliest', 9310, 9320, false), order('nobody’s', 9100, 9290, false)]), ['before', 'cut that one', 'earliest', 'cut the earliest'])
  t.end()
})

t.test('but not without end', (t) => {
  const chain = Array.from({ length: 50 }, (_, index) => order(String(index), NOW_MS - index * 100 - 90, NOW_MS - index * 100 + 20))
  t.equal(taken(chain).length, 10, 'as far back as maxBackMs')
  t.end()
})
