import { NoAnswer, OtherNoAnswer } from './sender.ts'

export interface DeedState {
  readonly isBusy: boolean
  /** Why it was not done, as it was thrown; null: nothing is to be said. */
  readonly error: unknown
}

export interface Ending<T> {
  /** Done or not: what may have changed is read again. */
  readonly always?: (() => void) | undefined
  /** When it was done, even when the view is gone by then: says so, and shows what is shown only once. */
  readonly then?: ((value: T) => unknown) | undefined
  /** When it was done and the view still stands. */
  readonly close?: (() => void) | undefined
}

const AT_REST: DeedState = { isBusy: false, error: null }

/**
 * Something that a person does by a press, one at a time: a second press while it is under way does nothing. What comes of it is told to who did it
 * and to nobody who has logged in since. That nobody knows whether it was done (`NoAnswer`) is said until the next press; the sender then sends the
 * same under its old key.
 */
export class Deed {
  #state = AT_REST
  #shown: readonly unknown[] = []
  #isOther = false
  readonly #listeners = new Set<() => void>()
  readonly #watchPerson: () => () => boolean

  /** @param watchPerson called when something begins; what it returns says whether the same person is still here */
  constructor(watchPerson: () => () => boolean) {
    this.#watchPerson = watchPerson
  }

  /** A view that shows it. @returns ends it */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  readonly state = (): DeedState => this.#state

  /** Never throws: why it failed stands in `state`. */
  async run<T>(work: () => Promise<T>, { always, then, close }: Ending<T> = {}): Promise<void> {
    if (this.#state.isBusy) return
    const isHere = this.#watchPerson()
    this.#isOther = false
    this.#set({ isBusy: true, error: null })
    let outcome: { readonly value: T } | { readonly error: unknown }
    try {
      outcome = { value: await work() }
    } catch (error) {
      outcome = { error: this.#isOther ? otherThan(error) : error }
    }
    if (!isHere()) {
      this.#set(AT_REST)
      return
    }
    this.#set('error' in outcome ? { isBusy: false, error: outcome.error } : AT_REST)
    always?.()
    if ('error' in outcome) return
    then?.(outcome.value)
    if (this.#listeners.size > 0) close?.()
  }

  /** What the form holds now. Why something else was refused is no news of it; whether something else was done still is. */
  readonly shows = (form: readonly unknown[]): void => {
    const isSame = form.every((value, at) => Object.is(value, this.#shown[at]))
    this.#shown = form
    if (isSame) return
    this.#isOther = true
    const { error, isBusy } = this.#state
    if (isBusy || error === null) return
    this.#set(error instanceof NoAnswer ? { isBusy, error: otherThan(error) } : AT_REST)
  }

  /** Nothing is to be said any more: its dialog was closed. */
  readonly forget = (): void => { if (!this.#state.isBusy) this.#set(AT_REST) }

  #set(state: DeedState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

/** What is said of it once something else would be sent. */
const otherThan = (error: unknown): unknown => (error instanceof NoAnswer && !(error instanceof OtherNoAnswer) ? new OtherNoAnswer('no answer', { cause: error }) : error)
