import { first, tokens, type SipFields } from './message.ts'

/** How long a session holds without a sign of life, and who gives it (RFC 4028). */
export interface SessionTerms {
  readonly intervalS: number
  readonly refresher: 'us' | 'them'
  /** Whether the other side knows the extension at all; if not, we alone ask, by what every phone answers. */
  readonly peerKnows: boolean
}

/** RFC 4028, 4 and 5. */
export const MIN_SESSION_S = 90

/**
 * What a request with `Session-Expires` or without leads to, as its server.
 * @returns `too-small` when it must be refused with 422
 */
export function sessionTerms(fields: SipFields, ownS: number): SessionTerms | 'too-small' {
  const asked = /^(\d{1,9})\s*(?:;.*?\brefresher\s*=\s*(uac|uas))?/i.exec(first(fields, 'session-expires') ?? '')
  const peerKnows = tokens(fields, 'supported').includes('timer')
  const least = Math.max(MIN_SESSION_S, Number(/^\d{1,9}/.exec(first(fields, 'min-se') ?? '')?.[0] ?? 0))
  if (asked === null) return { intervalS: Math.max(ownS, least), refresher: 'us', peerKnows }
  const askedS = Number(asked[1])
  if (askedS < MIN_SESSION_S && peerKnows) return 'too-small'
  const intervalS = Math.max(Math.min(askedS, Math.max(ownS, least)), least)
  // Without a wish of the caller, whoever knows it best does it: the caller, who has asked for it.
  return { intervalS, refresher: peerKnows && asked[2]?.toLowerCase() !== 'uas' ? 'them' : 'us', peerKnows }
}

/** Headers of a 2xx as a server. */
export function sessionHeaders({ intervalS, refresher, peerKnows }: SessionTerms): Record<string, string> {
  return {
    'session-expires': `${String(intervalS)};refresher=${refresher === 'us' ? 'uas' : 'uac'}`,
    ...(peerKnows && refresher === 'them' ? { require: 'timer' } : {}),
  }
}

/** When to give a sign of life: at half. When to give up waiting for one: a third or 32 s before the end, whichever is later (RFC 4028, 10). */
export const refreshMs = ({ intervalS }: SessionTerms): number => intervalS * 500
export const giveUpMs = ({ intervalS }: SessionTerms): number => (intervalS - Math.min(32, intervalS / 3)) * 1000
