import type { PhoneLanguage } from '../../../control/ports.ts'
import type { DialogueAction } from './dialogue-steps.ts'
import type { Segment } from './texts.ts'

/** What a dialogue wants done, gathered while it takes in one event; nothing is said twice that is so already. */
export class DialogueOutput {
  language: PhoneLanguage
  #actions: DialogueAction[] = []
  #isHeard = false
  #isSecret = false

  constructor(language: PhoneLanguage) {
    this.language = language
  }

  /** Whether the caller is heard. */
  get isHeard(): boolean {
    return this.#isHeard
  }

  do(action: DialogueAction): void {
    this.#actions.push(action)
  }

  say(segments: readonly Segment[]): void {
    this.do({ do: 'say', segments, language: this.language })
  }

  air(on: boolean): void {
    if (this.#isHeard === on) return
    this.#isHeard = on
    this.do({ do: 'air', on })
  }

  secret(on: boolean): void {
    if (this.#isSecret === on) return
    this.#isSecret = on
    this.do({ do: 'secret', on })
  }

  /** All since it was last taken. */
  take(): readonly DialogueAction[] {
    const actions = this.#actions
    this.#actions = []
    return actions
  }
}
