import fc from 'fast-check'

/** Of all random tests, unless LOA_TEST_SEED says otherwise: a test passes everywhere or nowhere. */
const FIXED_SEED = 20_260_618
const MOST = 2 ** 31

/**
 * What LOA_TEST_SEED means: a number from 0 to 2³¹ − 1, `random`, or nothing for the seed that never changes.
 * @throws Error when it is something else
 */
export function seedOf(text: string | undefined, random: () => number = Math.random): number {
  if (text === undefined || text === '') return FIXED_SEED
  if (text === 'random') return Math.floor(random() * MOST)
  const seed = Number(text)
  if (!Number.isInteger(seed) || seed < 0 || seed >= MOST) throw new Error(`LOA_TEST_SEED must be a number from 0 to ${String(MOST - 1)}, or «random»: ${text}`)
  return seed
}

/** What every test draws from that draws at all. fast-check names it with each failure; other tests put it in their messages. */
export const TEST_SEED = seedOf(process.env['LOA_TEST_SEED'])

fc.configureGlobal({ seed: TEST_SEED })

export { fc }
