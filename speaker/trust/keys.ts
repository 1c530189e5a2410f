import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { parseHouseTime } from './house-wall.ts'

/** Ed25519 (RFC 8032) keys as they stand in messages and on the disk: 32 raw bytes, base64url without padding. */
export const PublicKey = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })

export const TrustedKeyType = Type.Object({
  keyId: Type.String({ pattern: '^[A-Za-z0-9_-]{11}$' }),
  publicKey: PublicKey,
  notBefore: Type.String({ maxLength: 32 }),
  notAfter: Type.Union([Type.String({ maxLength: 32 }), Type.Null()]),
}, { additionalProperties: true })
/** A key of the server's that is believed in its time. */
export type TrustedKey = Static<typeof TrustedKeyType>

export const MOST_KEYS = 16

const hashOf = (publicKey: string, bytes: number): string => createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest().subarray(0, bytes).toString('base64url')

/** Name of a server's key: first 8 bytes of the SHA-256 of the raw key. */
export const keyIdOf = (publicKey: string): string => hashOf(publicKey, 8)

/** Name of a device: first 16 bytes of the SHA-256 of its raw public key. */
export const deviceIdOf = (publicKey: string): string => hashOf(publicKey, 16)

/** @returns null for what is no key */
function importPublicKey(publicKey: string): KeyObject | null {
  try {
    // Another spelling of the same bytes is refused, so that one key has one name.
    if (Buffer.from(publicKey, 'base64url').toString('base64url') !== publicKey) return null
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' })
  } catch {
    return null
  }
}

interface Entry {
  readonly trusted: TrustedKey
  readonly key: KeyObject
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** The keys that are believed. */
export class KeyRing {
  readonly #entries: ReadonlyMap<string, Entry>

  private constructor(entries: ReadonlyMap<string, Entry>) {
    this.#entries = entries
  }

  /** @returns null when there is none, too many, or one that is not what it says */
  static of(keys: readonly TrustedKey[]): KeyRing | null {
    const entries = new Map<string, Entry>()
    for (const trusted of keys) {
      const key = importPublicKey(trusted.publicKey)
      const notBeforeMs = parseHouseTime(trusted.notBefore)
      const notAfterMs = trusted.notAfter === null ? Infinity : parseHouseTime(trusted.notAfter)
      if (key === null || Number.isNaN(notBeforeMs) || Number.isNaN(notAfterMs) || keyIdOf(trusted.publicKey) !== trusted.keyId) return null
      entries.set(trusted.keyId, { trusted, key, notBeforeMs, notAfterMs })
    }
    return entries.size === 0 || entries.size > MOST_KEYS ? null : new KeyRing(entries)
  }

  keys(): readonly TrustedKey[] {
    return [...this.#entries.values()].map(({ trusted }) => trusted)
  }

  /** @returns why the key counts for nothing at this time, or null */
  refusal(keyId: string, houseMs: number): 'unknown-key' | 'key-expired' | null {
    const entry = this.#entries.get(keyId)
    if (entry === undefined) return 'unknown-key'
    return houseMs >= entry.notBeforeMs && houseMs < entry.notAfterMs ? null : 'key-expired'
  }

  isSigned(keyId: string, data: Buffer, signature: Buffer): boolean {
    const entry = this.#entries.get(keyId)
    return entry !== undefined && signature.length === 64 && verify(null, data, entry.key, signature)
  }
}

/** A device's own key pair. */
export interface KeyPair {
  readonly publicKey: string
  /** Seed (RFC 8032, 5.1.5), base64url. */
  readonly privateKey: string
}

export function newKeyPair(): KeyPair {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { publicKey: x!, privateKey: d! }
}

/** @throws when the pair is none */
export function signWith({ publicKey, privateKey }: KeyPair, text: string): string {
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey, d: privateKey }, format: 'jwk' })
  return sign(null, Buffer.from(text, 'utf8'), key).toString('base64url')
}

/** What a device signs when it is challenged (server/protocol.md, «Devices»). */
export const proofText = (nonce: string, clusterId: string, deviceId: string, instanceId: string): string => `loa-hello-1\n${nonce}\n${clusterId}\n${deviceId}\n${instanceId}`
