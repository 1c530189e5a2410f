import { newKey } from '../../../control/client/index.ts'
import { isLost, NoAnswer } from './sender.ts'

export interface Attempt {
  readonly signal: AbortSignal
  /** The same for each attempt: what was done already is answered, not done again. */
  readonly key: string
}

const ATTEMPTS = 2

/**
 * Does what must not be left hanging, once more under the same key when no answer comes.
 * @param begin makes an attempt with a time of its own
 * @throws NoAnswer when none came at all; else what the server said
 */
export async function answered<T>(work: (attempt: Attempt) => Promise<T>, begin: (key: string) => Attempt): Promise<T> {
  const key = newKey()
  for (let left = ATTEMPTS; ; left -= 1) {
    try {
      return await work(begin(key))
    } catch (error) {
      if (!isLost(error)) throw error
      if (left === 1) throw new NoAnswer('no answer', { cause: error })
    }
  }
}
