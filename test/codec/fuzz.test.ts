import t from 'tap'
import { fuzzCodecParsers } from '../fuzz/codec-parsers.ts'
import { TEST_SEED } from '../support/seed.ts'

const ROUNDS = 150

t.test('the readers survive broken streams (longer: npm run fuzz -- SECONDS)', (t) => {
  // It throws at the first failure, with the seed and the round.
  t.equal(fuzzCodecParsers((rounds) => rounds === ROUNDS, TEST_SEED), ROUNDS)
  t.end()
})
