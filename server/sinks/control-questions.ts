/** An answer of control to a question asked over the link. */
interface Answer {
  readonly requestId: number
}

/** Control answers within some ms; it starts again within a second or two. */
const ANSWER_TIMEOUT_MS = 2000

/** Questions to control, each of which is answered once, or not at all when control is away. */
export class ControlQuestions<Question extends object, Reply extends Answer> {
  readonly #send: (question: Question & Answer) => boolean
  readonly #waiting = new Map<number, (reply: Reply | null) => void>()
  #count = 0

  /** @param send false when control is away */
  constructor(send: (question: Question & Answer) => boolean) {
    this.#send = send
  }

  /** @returns null when control is away or does not answer */
  async ask(question: Question): Promise<Reply | null> {
    this.#count += 1
    const requestId = this.#count
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId)
        resolve(null)
      }, ANSWER_TIMEOUT_MS)
      this.#waiting.set(requestId, (reply) => {
        clearTimeout(timer)
        this.#waiting.delete(requestId)
        resolve(reply)
      })
      if (!this.#send({ ...question, requestId })) this.#waiting.get(requestId)?.(null)
    })
  }

  answered(reply: Reply): void {
    this.#waiting.get(reply.requestId)?.(reply)
  }

  /** Whoever waits is told that there is no answer. */
  close(): void {
    for (const resolve of [...this.#waiting.values()]) resolve(null)
  }
}
