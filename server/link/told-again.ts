/** Most that are kept of what was told; the oldest are then told no more. */
const MOST_KEPT = 200

/**
 * News for control that must not be lost while it is away: all that is kept is told again after each hello, and control knows
 * by the id what it has heard already.
 */
export class ToldAgain<News extends { readonly id: string }> {
  readonly #send: (news: readonly News[]) => void
  readonly #kept = new Map<string, News>()

  constructor(send: (news: readonly News[]) => void) {
    this.#send = send
  }

  /** What is there under the same id is replaced. */
  tell(news: readonly News[]): void {
    for (const one of news) this.#kept.set(one.id, one)
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break
      this.#kept.delete(id)
    }
    if (news.length > 0) this.#send(news)
  }

  /** Control has come (back). */
  tellAll(): void {
    if (this.#kept.size > 0) this.#send([...this.#kept.values()])
  }
}
