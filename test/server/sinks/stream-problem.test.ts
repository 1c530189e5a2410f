import t from 'tap'
import { LEASE_MS } from '../../../server/sinks/lease-table.ts'
import { nativeProblem, STREAM_PROBLEMS, type StreamProblemCode } from '../../../server/sinks/stream-problem.ts'

const NATIVE: readonly StreamProblemCode[] = ['STREAM_ERR_BAD_REQUEST', 'STREAM_ERR_TIMEOUT', 'STREAM_ERR_KEY_WRONG', 'STREAM_ERR_CLUSTER_DISABLED', 'STREAM_ERR_PROOF_WRONG', 'STREAM_ERR_CODE_WRONG', 'STREAM_ERR_ENROLLED', 'STREAM_ERR_IN_USE', 'STREAM_ERR_FORMAT', 'STREAM_ERR_NOT_READY']

t.test('a native device that is refused is told why, and when to come again', (t) => {
  for (const code of NATIVE) {
    const problem = JSON.parse(nativeProblem(code)) as { readonly retryAfterMs: number }
    t.match(problem, { type: `/problems/${code}`, code, status: STREAM_PROBLEMS[code].status, title: /./, titleVi: /./ })
    t.ok(problem.retryAfterMs >= 1000, code)
    if (code === 'STREAM_ERR_IN_USE') t.ok(problem.retryAfterMs > LEASE_MS, 'after the lease of the other')
  }
  t.end()
})
