import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SignedMessage } from '../../speaker/ports.ts'
import type { TrustedKey } from '../../speaker/trust/keys.ts'

const folder = join(import.meta.dirname, '..', 'vectors')
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown

export interface VectorKey {
  readonly keyId: string
  readonly seed: string
  readonly publicKey: string
}

export interface SignedVectors {
  readonly keys: { readonly server: VectorKey; readonly next: VectorKey; readonly stranger: VectorKey; readonly former: VectorKey; readonly coming: VectorKey }
  readonly state: { readonly clusterId: string; readonly trustedKeys: readonly TrustedKey[]; readonly lastNumber: number; readonly houseTime: string; readonly houseUs: number }
  readonly messages: readonly { readonly name: string; readonly message: SignedMessage; readonly accepted?: boolean; readonly refusal?: string }[]
}

export interface ProofVectors {
  readonly device: { readonly seed: string; readonly publicKey: string; readonly deviceId: string }
  readonly server: VectorKey
  readonly challenge: { readonly nonce: string; readonly clusterId: string; readonly deviceId: string; readonly instanceId: string }
  readonly signedBytesHex: string
  readonly proofs: readonly { readonly name: string; readonly signature: string; readonly good: boolean }[]
}

export interface AudioVectors {
  readonly messages: readonly { readonly name: string; readonly hex: string; readonly flags: number; readonly frameSamples: number; readonly sequence: number; readonly houseSamples: number; readonly presentationUs: number; readonly dataHex: string; readonly codecDelaySamples: number; readonly heardAtSamples: number }[]
  readonly refused: readonly { readonly name: string; readonly hex: string }[]
}

export const signedVectors = read('signed-messages.json') as SignedVectors
export const proofVectors = read('proofs.json') as ProofVectors
export const audioVectors = read('audio-messages.json') as AudioVectors

export const privateKeyOf = ({ seed, publicKey }: { readonly seed: string; readonly publicKey: string }): KeyObject => createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey, d: seed }, format: 'jwk' })
