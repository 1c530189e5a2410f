import type { Socket } from 'node:net'
import type { LeaveReason, ListenerSink } from '../../rooms/listener.ts'
import type { PlanSegment } from '../../rooms/plan.ts'
import { SocketSink } from './socket-sink.ts'

/** Bytes of sound between two metadata blocks, told in `icy-metaint`. */
export const ICY_INTERVAL_BYTES = 16_000

const NOTHING_NEW = Buffer.of(0)
const MAX_BLOCKS = 255

/** The block that carries a title: a length byte in units of 16, then `StreamTitle='…';` padded with zeros. UTF-8. */
export function icyTitleBlock(title: string): Buffer {
  // A quote followed by a semicolon would end the title early in every player, so quotes are replaced by their typographic form.
  const clean = title.replaceAll("'", '’').replace(/[\r\n\0]+/g, ' ')
  let text = Buffer.from(`StreamTitle='${clean}';`, 'utf8')
  if (text.length > MAX_BLOCKS * 16) text = Buffer.from(`StreamTitle='${Array.from(clean).slice(0, 900).join('')}';`, 'utf8')
  const blocks = Math.ceil(text.length / 16)
  const block = Buffer.alloc(1 + blocks * 16)
  block[0] = blocks
  text.copy(block, 1)
  return block
}

/** Puts metadata between the bytes for one listener that asked for it. Such listeners are players, not clusters: few. */
export class IcySink implements ListenerSink {
  /** Bytes differ from listener to listener, so nothing is batched. */
  readonly fd = -1
  readonly #inner: SocketSink
  #untilBlock = ICY_INTERVAL_BYTES
  #title: string
  #shownTitle: string | null = null

  constructor(socket: Socket, title: string) {
    this.#inner = new SocketSink(socket)
    this.#title = title
  }

  get state(): 'open' | 'full' | 'gone' {
    return this.#inner.state
  }

  get timedOut(): boolean {
    return this.#inner.timedOut
  }

  get leaveReason(): LeaveReason {
    return this.#inner.leaveReason
  }

  onSegment(segment: PlanSegment | null): void {
    this.#title = segment?.title ?? ''
  }

  write(bytes: Buffer): void {
    const parts: Buffer[] = []
    let rest = bytes
    while (rest.length >= this.#untilBlock) {
      parts.push(rest.subarray(0, this.#untilBlock), this.#title === this.#shownTitle ? NOTHING_NEW : icyTitleBlock(this.#title))
      this.#shownTitle = this.#title
      rest = rest.subarray(this.#untilBlock)
      this.#untilBlock = ICY_INTERVAL_BYTES
    }
    if (rest.length > 0) parts.push(rest)
    this.#untilBlock -= rest.length
    this.#inner.write(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
  }

  close(reason: LeaveReason): void {
    this.#inner.close(reason)
  }
}
