/** Somebody else has changed it since it was shown; nothing was done. */
export class ChangedElsewhere<T> extends Error {
  override readonly name = 'ChangedElsewhere'
  readonly now: T

  constructor(now: T) {
    super('changed elsewhere')
    this.now = now
  }
}
