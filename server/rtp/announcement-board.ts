import type { RtpAnnouncement } from '../../control/ports.ts'
import { parseSap } from '../../codec/rtp/index.ts'

/** Announced again and again while it lives; the longest period of senders is five minutes (RFC 2974, 3.1, with much traffic). */
const FORGOTTEN_MS = 15 * 60_000
/** Anybody in the network can announce; when the board is full, what was heard longest ago goes. */
const MAX_SESSIONS = 256
const MAX_NAME_CHARACTERS = 200
/** Real ones have one or two thousand. */
const MAX_SDP_CHARACTERS = 8192

interface Heard extends RtpAnnouncement {
  readonly lastHeardMs: number
}

export interface AnnouncementChanges {
  readonly heard: readonly RtpAnnouncement[]
  /** Their `session`. */
  readonly gone: readonly string[]
}

/** The sessions that are announced now. Pure: takes datagrams and the time. */
export class AnnouncementBoard {
  readonly #sessions = new Map<string, Heard>()
  /** Not told yet. */
  readonly #changed = new Set<string>()

  /** @returns whether what is listed has changed */
  take(datagram: Buffer, nowMs: number): boolean {
    const packet = parseSap(datagram)
    const session = packet === undefined ? null : originOf(packet.sdp)
    if (packet === undefined || session === null || packet.sdp.length > MAX_SDP_CHARACTERS) return false
    const before = this.#sessions.get(session)
    // In order of the last hearing, so that the oldest is the first.
    this.#sessions.delete(session)
    if (packet.deletion) return before !== undefined && this.#changes(session)
    const oldest = this.#sessions.keys().next().value
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#forget(oldest)
    this.#sessions.set(session, { session, name: nameOf(packet.sdp), sdp: packet.sdp, lastHeardMs: nowMs })
    return before?.sdp !== packet.sdp && this.#changes(session)
  }

  /** @returns whether any was forgotten */
  expire(nowMs: number): boolean {
    const before = this.#sessions.size
    for (const [session, { lastHeardMs }] of this.#sessions) if (nowMs - lastHeardMs > FORGOTTEN_MS) this.#forget(session)
    return this.#sessions.size < before
  }

  list(): readonly RtpAnnouncement[] {
    return [...this.#sessions.values()].map(announcementOf)
  }

  /** What is new, other than before, or gone, since this was last asked. */
  takeChanges(): AnnouncementChanges {
    const heard = [...this.#changed].flatMap((session) => this.#sessions.get(session) ?? []).map(announcementOf)
    const gone = [...this.#changed].filter((session) => !this.#sessions.has(session))
    this.#changed.clear()
    return { heard, gone }
  }

  #forget(session: string): void {
    this.#sessions.delete(session)
    this.#changes(session)
  }

  #changes(session: string): true {
    this.#changed.add(session)
    return true
  }
}

const announcementOf = ({ session, name, sdp }: Heard): RtpAnnouncement => ({ session, name, sdp })

/** User, session number and address of `o=` (RFC 8866, 5.2); the version, which changes with the description, is left out. */
function originOf(sdp: string): string | null {
  const match = /^o=(\S{1,64}) (\d{1,20}) \d+ IN IP[46] (\S{1,64})\s*$/m.exec(sdp)
  return match === null ? null : `${match[1]!} ${match[2]!} ${match[3]!}`
}

function nameOf(sdp: string): string {
  const name = /^s=(.*)$/m.exec(sdp)?.[1] ?? ''
  return name.replaceAll(/\p{Cc}/gu, ' ').trim().slice(0, MAX_NAME_CHARACTERS)
}
