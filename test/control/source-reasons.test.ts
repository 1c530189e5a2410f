import t from 'tap'
import { SOURCE_REASON_CODES, sourceCause, sourceReason } from '../../control/source-reasons.ts'

t.test('what an engine says comes back as its code, with its detail and the address that is to blame', (t) => {
  for (const code of SOURCE_REASON_CODES) {
    if (code === 'other') continue
    t.match(sourceCause(sourceReason(code)), { code, detail: '', urlIndex: null })
    t.match(sourceCause(`URL 2: ${sourceReason(code, 'timed out: 5 s')}`), { code, detail: 'timed out: 5 s', urlIndex: 1 })
  }
  t.end()
})

t.test('what nobody foresaw is a detail; nothing is nothing', (t) => {
  t.match(sourceCause('connect ECONNREFUSED 127.0.0.1:9'), { code: 'other', titleVi: 'Không kết nối được', detail: 'connect ECONNREFUSED 127.0.0.1:9', urlIndex: null })
  t.match(sourceCause('URL 1: HTTP 404'), { code: 'other', detail: 'HTTP 404', urlIndex: 0 })
  t.equal(sourceCause(''), null)
  t.end()
})
