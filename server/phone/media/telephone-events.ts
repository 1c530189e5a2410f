import { modulo, UINT32 } from '../../../codec/rtp/index.ts'

const KEYS = '0123456789*#'
/** Presses kept in mind: packets of one that come late must not press it again. */
const REMEMBERED = 16

interface Press {
  readonly event: number
  /** Of its last packet. */
  timestamp: number
  duration: number
  ended: boolean
}

/**
 * Keys out of telephone events (RFC 4733, 2.5). A press is many packets with one timestamp, its end is sent three times, any of them may be lost, and a long
 * one goes on in segments; each is told once, with the first packet of it that comes.
 */
export class TelephoneEvents {
  readonly #onKey: (key: string) => void
  readonly #presses: Press[] = []

  constructor(onKey: (key: string) => void) {
    this.#onKey = onKey
  }

  /** Takes a packet of the negotiated payload type. Several events in one packet are allowed; only the first is a key's. */
  push(timestamp: number, marker: boolean, payload: Buffer): void {
    if (payload.length < 4) return
    const event = payload[0]!
    const ended = (payload[1]! & 0x80) !== 0
    const duration = payload.readUInt16BE(2)
    const known = this.#presses.find((press) => press.event === event && this.#isPartOf(press, timestamp, marker, duration))
    if (known !== undefined) {
      const isNewer = modulo(timestamp - known.timestamp, UINT32) < UINT32 / 2
      if (isNewer) {
        known.duration = timestamp === known.timestamp ? Math.max(known.duration, duration) : duration
        known.timestamp = timestamp
      }
      known.ended ||= ended
      return
    }
    this.#presses.push({ event, timestamp, duration, ended })
    if (this.#presses.length > REMEMBERED) this.#presses.shift()
    const key = KEYS[event]
    if (key !== undefined) this.#onKey(key)
  }

  #isPartOf(press: Press, timestamp: number, marker: boolean, duration: number): boolean {
    if (press.timestamp === timestamp) return true
    if (marker || press.ended) return false
    const later = modulo(timestamp - press.timestamp, UINT32)
    // The next segment of a press longer than the field can say (2.5.1.3); or a timestamp that runs along, where the RFC holds it at the beginning.
    if (later === 0xffff && press.duration === 0xffff) return true
    // Another press begins after this one has lasted, however much of either was lost.
    return later <= press.duration && duration > press.duration
  }
}

/** @returns the key that an INFO request tells of (`application/dtmf-relay`, `application/dtmf`), or undefined */
export function keyOfInfo(contentType: string, body: string): string | undefined {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
  const text = type === 'application/dtmf-relay' ? /^\s*Signal\s*=\s*(\S+)/im.exec(body)?.[1] : type === 'application/dtmf' ? body.trim() : undefined
  if (text === undefined) return undefined
  // Some count the keys as events do: 10 and 11.
  const key = { 10: '*', 11: '#' }[text] ?? text
  return key.length === 1 && KEYS.includes(key) ? key : undefined
}
