import { done, ifUnchanged } from '../../../../control/client/index.ts'
import { ChangedElsewhere } from '../../api/changed-elsewhere.ts'
import { isSame } from './merge.ts'

/**
 * For the change of what a form shows: it is done only while what is kept is still what was shown when the form was opened.
 * @param read the thing, just now
 * @param part what the form shows of it
 * @param shown that part, when the form was opened
 * @throws ChangedElsewhere; LoaProblem when it could not be read
 */
export function ifAsShown<T, Part>(read: Parameters<typeof done<T>>[0], part: (now: T) => Part, shown: Part): ReturnType<typeof ifUnchanged> {
  const now = done(read)
  if (!isSame(part(now), shown)) throw new ChangedElsewhere(now)
  return ifUnchanged(read)
}
