import { sign } from 'node:crypto'
import type { LogSigner } from '../../control/ports.ts'
import type { SigningKeys } from '../signing/signing-keys.ts'

/** Signs with the key that signs for devices now. */
export const logSigner = (keys: SigningKeys): LogSigner => ({
  sign(bytesFor) {
    const { keyId, publicKey, privateKey } = keys.current
    return { keyId, publicKey, signature: sign(null, bytesFor({ keyId, publicKey }), privateKey).toString('base64url') }
  },
})
