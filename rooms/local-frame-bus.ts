import type { FormatId } from '../codec/audio-format.ts'
import type { BusFrame, FramePublisher, FrameSubscriber, Interest } from './frame-bus.ts'
import type { RoomRef } from './plan.ts'

/** Interests as a set that is asked per frame without building a string. */
export class InterestSet {
  readonly #formatsByRoom = new Map<RoomRef, Set<FormatId>>()

  constructor(interests: Iterable<Interest> = []) {
    for (const interest of interests) this.add(interest)
  }

  add({ room, format }: Interest): void {
    const formats = this.#formatsByRoom.get(room)
    if (formats === undefined) this.#formatsByRoom.set(room, new Set([format]))
    else formats.add(format)
  }

  has(room: RoomRef, format: FormatId): boolean {
    return this.#formatsByRoom.get(room)?.has(format) === true
  }

  list(): Interest[] {
    return [...this.#formatsByRoom].flatMap(([room, formats]) => [...formats].map((format) => ({ room, format })))
  }
}

/** The bus for roles that share a process: frames are handed over at once, uncopied. */
export class LocalFrameBus implements FramePublisher {
  readonly #subscribers = new Set<LocalSubscriber>()
  #onInterest: (interests: readonly Interest[]) => void = () => undefined

  publish(frames: readonly BusFrame[]): void {
    for (const subscriber of this.#subscribers) subscriber.deliver(frames)
  }

  onInterest(listener: (interests: readonly Interest[]) => void): void {
    this.#onInterest = listener
    this.#tellInterest()
  }

  subscribe(): FrameSubscriber {
    const subscriber = new LocalSubscriber(() => { this.#tellInterest() }, () => { this.#subscribers.delete(subscriber) })
    this.#subscribers.add(subscriber)
    return subscriber
  }

  async close(): Promise<void> {
    for (const subscriber of this.#subscribers) await subscriber.close()
  }

  #tellInterest(): void {
    const union = new InterestSet()
    for (const subscriber of this.#subscribers) for (const interest of subscriber.interests.list()) union.add(interest)
    this.#onInterest(union.list())
  }
}

class LocalSubscriber implements FrameSubscriber {
  interests = new InterestSet()
  readonly #interestChanged: () => void
  readonly #left: () => void
  #onFrames: (frames: readonly BusFrame[]) => void = () => undefined

  constructor(interestChanged: () => void, left: () => void) {
    this.#interestChanged = interestChanged
    this.#left = left
  }

  setInterest(interests: readonly Interest[]): void {
    this.interests = new InterestSet(interests)
    this.#interestChanged()
  }

  onFrames(listener: (frames: readonly BusFrame[]) => void): void {
    this.#onFrames = listener
  }

  deliver(frames: readonly BusFrame[]): void {
    const wanted = frames.filter(({ room, format }) => this.interests.has(room, format))
    if (wanted.length > 0) this.#onFrames(wanted)
  }

  close(): Promise<void> {
    this.#left()
    this.interests = new InterestSet()
    this.#interestChanged()
    return Promise.resolve()
  }
}
