/** More than the orders of a day; the one that is over first gives way. */
const MOST_WINDOWS = 500
/** Ends are remembered for a while: late frames of an order that is over are still judged by it. */
const KEEP_SAMPLES = 3600 * 48_000

interface Window {
  readonly fromPlace: number
  /** First place that is over. */
  readonly untilPlace: number
}

/** An order and its window, as it is kept on the disk. */
export type WindowEntry = [orderId: string, fromPlace: number, untilPlace: number]

/** From which house place to which the frames of an order may sound. The last word of the server on an order counts. */
export class OrderWindows {
  readonly #windows: Map<string, Window>

  constructor(entries: readonly WindowEntry[] = []) {
    this.#windows = new Map(entries.map(([orderId, fromPlace, untilPlace]) => [orderId, { fromPlace, untilPlace }]))
  }

  /** For the disk. */
  entries(): WindowEntry[] {
    return [...this.#windows].map(([orderId, { fromPlace, untilPlace }]) => [orderId, fromPlace, untilPlace])
  }

  get size(): number {
    return this.#windows.size
  }

  set(orderId: string, fromPlace: number, untilPlace: number, nowPlace: number): void {
    this.#windows.delete(orderId)
    this.#windows.set(orderId, { fromPlace, untilPlace })
    for (const [id, window] of this.#windows) if (window.untilPlace < nowPlace - KEEP_SAMPLES && id !== orderId) this.#windows.delete(id)
    while (this.#windows.size > MOST_WINDOWS) {
      const [id] = [...this.#windows].reduce((first, entry) => (entry[1].untilPlace < first[1].untilPlace ? entry : first))
      this.#windows.delete(id)
    }
  }

  holds(orderId: string, place: number): boolean {
    const window = this.#windows.get(orderId)
    return window !== undefined && place >= window.fromPlace && place < window.untilPlace
  }
}
