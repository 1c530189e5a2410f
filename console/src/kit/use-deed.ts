import { useEffect, useState, useSyncExternalStore } from 'react'
import { Deed } from '../api/deed.ts'
import { problemText } from '../api/problem-text.ts'
import { readAgain } from '../api/query-client.ts'
import { watchPerson } from '../api/session-change.ts'

export interface DeedOptions {
  /** Paths of the API that are read again, whatever came of it. */
  readonly reads?: ReadonlySet<string>
  /** Closes the view that it is done in. */
  readonly onDone?: () => void
  /** What the person has typed or chosen, always as many values: when one changes, what was refused before is no longer said. */
  readonly form?: readonly unknown[]
}

export interface UsedDeed {
  readonly isBusy: boolean
  /** As it was thrown; null: nothing is to be said. */
  readonly error: unknown
  /** Why it was not done, for the reader; shown by `Failure`, or by a `ConfirmDialog`. */
  readonly failure: string | null
  /**
   * Does it, unless it is being done. @param work sends; what it throws is said
   * @param then when it was done, unless the person has gone: says so. Not for closing the view, which may be gone by then; that is `onDone`
   */
  readonly run: <T>(work: () => Promise<T>, then?: (value: T) => unknown) => Promise<void>
  readonly forget: () => void
  /** For a form that says by itself when it changes; else `form`. */
  readonly shows: (form: readonly unknown[]) => void
}

/** A press that sends something: the one way in which the console waits for it, refuses a second one, and says what was wrong. */
export function useDeed({ reads, onDone, form }: DeedOptions = {}): UsedDeed {
  const [deed] = useState(() => new Deed(watchPerson))
  const { isBusy, error } = useSyncExternalStore(deed.subscribe, deed.state)
  useEffect(() => { if (form !== undefined) deed.shows(form) })
  return {
    isBusy,
    error,
    failure: error === null ? null : problemText(error),
    run: async (work, then) => deed.run(work, { then, close: onDone, always: reads === undefined ? undefined : () => { readAgain(reads) } }),
    forget: deed.forget,
    shows: deed.shows,
  }
}
