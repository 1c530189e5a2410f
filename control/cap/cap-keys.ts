import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'
import { CapError } from './cap-error.ts'

/** A key that is believed of a sender. */
export interface CapKey {
  /** The certificate or the public key as it was registered. */
  readonly pem: string
  readonly publicKey: KeyObject
  /** SHA-256 of the public key (SubjectPublicKeyInfo), hexadecimal: to be compared by telephone. */
  readonly fingerprint: string
  readonly kind: 'rsa' | 'ec' | 'ed25519'
  /** From the certificate; a bare key has no such times. */
  readonly notBeforeMs: number | null
  /** First ms at which it is believed no more. */
  readonly notAfterMs: number | null
}

const CURVES = ['prime256v1', 'secp384r1', 'secp521r1']
const LEAST_RSA_BITS = 2048

/**
 * Reads a certificate or a public key in PEM. Of a certificate its key and its times count; who issued it does not: it was registered by a person,
 * who knows whose it is.
 * @throws CapError CAP_ERR_KEY
 */
export function readCapKey(pem: string): CapKey {
  try {
    const certificate = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(pem) ? new X509Certificate(pem) : null
    if (certificate === null && /PRIVATE KEY-----/.test(pem)) throw new Error('it is a private key, which must never leave its owner')
    const publicKey = certificate?.publicKey ?? createPublicKey(pem)
    const fingerprint = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('hex')
    return {
      pem,
      publicKey,
      fingerprint,
      kind: kindOf(publicKey),
      notBeforeMs: certificate === null ? null : Date.parse(certificate.validFrom),
      notAfterMs: certificate === null ? null : Date.parse(certificate.validTo) + 1,
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CapError('CAP_ERR_KEY', 'keys', `is no certificate or public key in PEM that can be used: ${why}`, `không phải chứng thư hoặc khóa công khai PEM dùng được: ${why}`, { cause: error })
  }
}

function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): CapKey['kind'] {
  if (asymmetricKeyType === 'rsa') {
    if ((asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_RSA_BITS) throw new Error(`RSA needs ${String(LEAST_RSA_BITS)} bits or more`)
    return 'rsa'
  }
  if (asymmetricKeyType === 'ec') {
    if (!CURVES.includes(asymmetricKeyDetails?.namedCurve ?? '')) throw new Error('the curve must be P-256, P-384 or P-521')
    return 'ec'
  }
  if (asymmetricKeyType === 'ed25519') return 'ed25519'
  throw new Error('the key must be RSA, EC or Ed25519')
}
