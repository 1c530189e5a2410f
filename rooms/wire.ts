import type { OrderClass } from './plan.ts'

/** A frame about to be written to listeners. */
export interface WireFrame {
  readonly frameIndex: number
  readonly data: Buffer
  /** FRAME_FLAG bits. */
  readonly flags: number
  /** No engine sent it in time: what it carries is silence in its place. */
  readonly isMissing: boolean
  /** The frame before it came from another room. */
  readonly cut: boolean
  /** Class of the order on air, null in silence. */
  readonly orderClass: OrderClass | null
}

/**
 * How frames look to a kind of listener (plain MP3, Ogg pages, native messages). Called once for all listeners that are
 * at the same place; must depend on nothing but the frames.
 */
export interface Wire {
  readonly id: string
  /** Its listeners are told what is on air in between the frames, so each frame must stand behind the word about its own order. */
  readonly marksOrders?: true
  /** Frames of an emergency are heard sooner than those before them, which are given up from there on. */
  readonly overtakes?: boolean
  encode(frames: readonly WireFrame[]): Buffer
}
