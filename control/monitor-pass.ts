import { createHmac, timingSafeEqual } from 'node:crypto'

/** What may be heard: one source, or what one cluster hears. */
export type PassHears = { readonly sourceId: string } | { readonly clusterId: string }

/** Opens one thing to listen to, for a while, in the name of a token or session: whoever holds it can do nothing else. */
export interface MonitorPass {
  readonly hears: PassHears
  /** SHA-256 of the token or session that it was given to, base64url: the pass is worth nothing once that has ended. */
  readonly tokenHash: string
  /** First ms since 1970 at which it opens nothing. */
  readonly expiresAtMs: number
}

const PREFIX = 'pass'
const macOf = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest()

/** A pass as text, which only who has the key can make. */
export function sealPass(key: Buffer, { hears, tokenHash, expiresAtMs }: MonitorPass): string {
  const text = [PREFIX, 'sourceId' in hears ? 's' : 'c', 'sourceId' in hears ? hears.sourceId : hears.clusterId, tokenHash, expiresAtMs.toString(36)].join('.')
  return `${text}.${macOf(key, text).toString('base64url')}`
}

/** @returns null for what is no pass of this key; whether it is over is for the caller to see */
export function openPass(key: Buffer, sealed: string): MonitorPass | null {
  const end = sealed.lastIndexOf('.')
  const [prefix, kind, id, tokenHash, expires, ...more] = sealed.slice(0, Math.max(0, end)).split('.')
  if (prefix !== PREFIX || id === undefined || tokenHash === undefined || expires === undefined || more.length > 0) return null
  const mac = Buffer.from(sealed.slice(end + 1), 'base64url')
  const wanted = macOf(key, sealed.slice(0, end))
  if (mac.length !== wanted.length || !timingSafeEqual(mac, wanted)) return null
  return { hears: kind === 's' ? { sourceId: id } : { clusterId: id }, tokenHash, expiresAtMs: Number.parseInt(expires, 36) }
}
