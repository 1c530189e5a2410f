import t from 'tap'
import { fuzzCodecParsers } from '../fuzz/codec-parsers.ts'

t.test('the readers survive broken streams (longer: node test/fuzz/codec-parsers.ts SECONDS)', (t) => {
  const seconds = Number(process.env.LOA_FUZZ_SECONDS ?? 3)
  const seed = Date.now() % 1_000_000_000
  t.comment(`seed ${String(seed)}`)
  const rounds = fuzzCodecParsers(seconds, seed)
  t.ok(rounds > 10, `${String(rounds)} rounds`)
  t.end()
})
