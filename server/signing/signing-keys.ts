import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { SigningKeyInfo } from '../../control/ports.ts'
import { writeSecretDurably } from './durable-file.ts'

export const SIGNING_KEYS_FILE = 'signing-keys.json'

/** Clocks that are a little behind must not take a new key for one of the future. */
const NOT_BEFORE_SLACK_MS = 3_600_000
/** What is over is kept for so long, to be looked at. */
const KEEP_EXPIRED_MS = 365 * 24 * 3_600_000

const fileSchema = Compile(Type.Object({
  version: Type.Literal(1),
  keys: Type.Array(Type.Object({
    keyId: Type.String(),
    publicKey: Type.String(),
    privateKey: Type.String(),
    notBeforeMs: Type.Integer(),
    notAfterMs: Type.Union([Type.Integer(), Type.Null()]),
  }, { additionalProperties: false }), { minItems: 1 }),
}, { additionalProperties: false }))

export interface SigningKey extends SigningKeyInfo {
  readonly privateKey: KeyObject
}

interface StoredKey extends SigningKey {
  /** Seed, base64url (RFC 8032, 5.1.5). */
  readonly seed: string
}

/** A key file that cannot be used. Made anew it would turn every enrolled device against this server, so that is left to a person. */
export class SigningKeysError extends Error {
  override readonly name = 'SigningKeysError'
  readonly code = 'SIGNING_ERR_FILE'
}

/** Name of a key: the first 8 bytes of the SHA-256 of the raw public key, base64url. */
export const keyIdOf = (publicKey: string): string => createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest().subarray(0, 8).toString('base64url')

/**
 * The server's Ed25519 keys (RFC 8032) in `<dataDir>/signing-keys.json`, which only its owner may read. The last one signs; those before it are
 * believed by devices until their end, so that a device that was away for the time of the overlap still learns the new key.
 */
export class SigningKeys {
  readonly #path: string
  #keys: readonly StoredKey[]

  private constructor(path: string, keys: readonly StoredKey[]) {
    this.#path = path
    this.#keys = keys
  }

  /**
   * Reads the keys, or makes the first one.
   * @throws SigningKeysError when the file is there and cannot be used
   */
  static open(dataDir: string, nowMs: number): SigningKeys {
    const path = join(dataDir, SIGNING_KEYS_FILE)
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new SigningKeysError(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
      const made = new SigningKeys(path, [makeKey(nowMs)])
      made.#write(made.#keys)
      return made
    }
    chmodSync(path, 0o600)
    return new SigningKeys(path, parse(path, text))
  }

  /** The key that signs. */
  get current(): SigningKey {
    return this.#keys.at(-1)!
  }

  /** Keys that are believed at this time, oldest first. */
  validAt(nowMs: number): readonly SigningKey[] {
    return this.#keys.filter(({ notAfterMs }) => notAfterMs === null || notAfterMs > nowMs)
  }

  /** The oldest key that is still believed: every device that can be reached at all knows it. */
  oldestValidAt(nowMs: number): SigningKey {
    return this.validAt(nowMs)[0] ?? this.current
  }

  /** All keys without their secrets, oldest first. */
  infos(): readonly SigningKeyInfo[] {
    return this.#keys.map(({ keyId, publicKey, notBeforeMs, notAfterMs }) => ({ keyId, publicKey, notBeforeMs, notAfterMs }))
  }

  /** Makes a new key, which signs from now on; the others end after the overlap at the latest. On disk when it returns. */
  rotate(nowMs: number, overlapMs: number): SigningKey {
    const endMs = nowMs + overlapMs
    const kept = this.#keys
      .filter(({ notAfterMs }) => notAfterMs === null || notAfterMs > nowMs - KEEP_EXPIRED_MS)
      .map((key) => ({ ...key, notAfterMs: Math.min(key.notAfterMs ?? endMs, endMs) }))
    const keys = [...kept, makeKey(nowMs)]
    this.#write(keys)
    this.#keys = keys
    return this.current
  }

  #write(keys: readonly StoredKey[]): void {
    const text = `${JSON.stringify({ version: 1, keys: keys.map(({ keyId, publicKey, seed, notBeforeMs, notAfterMs }) => ({ keyId, publicKey, privateKey: seed, notBeforeMs, notAfterMs })) }, null, 2)}\n`
    writeSecretDurably(this.#path, text)
  }
}

function parse(path: string, text: string): StoredKey[] {
  let content: unknown
  try {
    content = JSON.parse(text) as unknown
  } catch {
    content = null
  }
  if (!fileSchema.Check(content)) throw new SigningKeysError(`${path} is not a key file: put back a copy of it, or remove it and enrol every device again`)
  return content.keys.map(({ privateKey: seed, ...info }) => {
    try {
      if (keyIdOf(info.publicKey) !== info.keyId) throw new Error('the id is not of this key')
      return { ...info, seed, privateKey: createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: info.publicKey, d: seed }, format: 'jwk' }) }
    } catch (error) {
      throw new SigningKeysError(`${path} holds a key that cannot be used: ${info.keyId}`, { cause: error })
    }
  })
}

function makeKey(nowMs: number): StoredKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { x, d } = privateKey.export({ format: 'jwk' })
  return { keyId: keyIdOf(x!), publicKey: x!, seed: d!, privateKey, notBeforeMs: Math.floor(nowMs) - NOT_BEFORE_SLACK_MS, notAfterMs: null }
}
