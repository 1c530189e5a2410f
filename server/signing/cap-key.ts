import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CapSigningKey } from '../../control/cap/signature.ts'
import { writeSecretDurably } from './durable-file.ts'
import { selfSigned } from './self-signed.ts'

export const CAP_KEY_FILE = 'cap-signing-key.pem'

/** Nobody replaces it by a calendar: it is replaced by a person who puts another file there. */
const LIFE_MS = 10 * 365 * 24 * 3_600_000
/** Readers whose clocks are behind must not take it for one of the future. */
const NOT_BEFORE_SLACK_MS = 24 * 3_600_000

export class CapKeyError extends Error {
  override readonly name = 'CapKeyError'
  readonly code = 'SIGNING_ERR_FILE'
}

/**
 * The key with which our own CAP messages are signed, and its certificate, in `<dataDir>/cap-signing-key.pem`, which only its owner may read. Made at
 * the first start: EC P-256, which every reader of XML signatures knows, self-signed. Another, such as one from an authority, may be put in its place.
 */
export class CapKeyFile implements CapSigningKey {
  readonly privateKey
  readonly certificate: string
  /** The certificate, for those who are to verify. */
  readonly pem: string

  private constructor(path: string, text: string) {
    try {
      const certificate = new X509Certificate(text)
      this.privateKey = createPrivateKey(text)
      if (!certificate.checkPrivateKey(this.privateKey)) throw new Error('the certificate is of another key')
      if (this.privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('the key must be EC P-256')
      this.certificate = certificate.raw.toString('base64')
      this.pem = certificate.toString()
    } catch (error) {
      throw new CapKeyError(`${path} is not a key with its certificate: put back a copy of it, or remove it and give every receiver the new certificate (${(error as Error).message})`, { cause: error })
    }
  }

  /**
   * Reads the key, or makes it.
   * @throws CapKeyError when the file is there and cannot be used
   */
  static open(dataDir: string, nowMs: number): CapKeyFile {
    const path = join(dataDir, CAP_KEY_FILE)
    let text: string
    try {
      text = readFileSync(path, 'utf8')
      chmodSync(path, 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new CapKeyError(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      text = `${privateKey.export({ type: 'pkcs8', format: 'pem' }) as string}${selfSigned('Loa CAP', publicKey, privateKey, nowMs - NOT_BEFORE_SLACK_MS, nowMs + LIFE_MS)}`
      writeSecretDurably(path, text)
    }
    return new CapKeyFile(path, text)
  }
}
