/** What is to be undone when a scenario is over, the last first; stands where helpers of tests expect a test. */
export class Teardowns {
  readonly #all: (() => Promise<void>)[] = []

  teardown(undo: () => Promise<void>): void {
    this.#all.push(undo)
  }

  async run(): Promise<void> {
    for (const undo of this.#all.splice(0).reverse()) await undo()
  }
}
