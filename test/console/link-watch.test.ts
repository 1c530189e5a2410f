import t from 'tap'
import { isSilent, SILENT_MS } from '../../console/src/api/link-watch.ts'
import { BEAT_MS } from '../../control/event-hub.ts'

t.test('a stream that says nothing for longer than two signs of life has died', async (t) => {
  t.ok(SILENT_MS > 2 * BEAT_MS, 'one may be late')
  t.notOk(isSilent(100_000 + SILENT_MS, 0, 100_000))
  t.ok(isSilent(100_001 + SILENT_MS, 0, 100_000))
})

t.test('one that has just been opened is given as long', async (t) => {
  t.notOk(isSilent(200_000 + SILENT_MS, 200_000, 100_000))
  t.ok(isSilent(200_001 + SILENT_MS, 200_000, 100_000))
})
