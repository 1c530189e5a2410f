import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as Type from 'typebox'
import type { Static, TSchema } from 'typebox'
import { Check } from 'typebox/schema'
import { writeFileAtomic } from '../disk.ts'
import { newKeyPair, PublicKey, TrustedKeyType, type KeyPair, type TrustedKey } from './keys.ts'

const IdentityFile = Type.Object({
  clusterId: Type.String({ minLength: 1 }),
  deviceId: Type.String({ minLength: 1 }),
  instanceId: Type.String({ minLength: 16 }),
  publicKey: PublicKey,
  privateKey: PublicKey,
  /** As they were at enrolment, should the file of the keys be lost. */
  keys: Type.Array(TrustedKeyType, { minItems: 1 }),
  /** The signed record of the enrolment, as it came. */
  record: Type.Unknown(),
})
export type DeviceIdentity = Static<typeof IdentityFile>

const PairFile = Type.Object({ publicKey: PublicKey, privateKey: PublicKey, instanceId: Type.String({ minLength: 16 }) })

const KeysFile = Type.Object({ keys: Type.Array(TrustedKeyType, { minItems: 1 }) })

const NumberFile = Type.Object({
  lastNumber: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  /** Commands that were begun, oldest first, and what came of them. */
  commands: Type.Array(Type.Object({ commandId: Type.String(), result: Type.Enum(['done', 'refused', 'failed']), reason: Type.Optional(Type.String()) }), { maxItems: 1000 }),
  /** Orders and their windows, so that a device that was only restarted is heard at once. */
  windows: Type.Optional(Type.Array(Type.Tuple([Type.String(), Type.Number(), Type.Number()]), { maxItems: 1000 })),
})
export type NumberState = Static<typeof NumberFile>

const IDENTITY = 'identity.json'
const PAIR = 'key-pair.json'
const KEYS = 'trusted-keys.json'
const NUMBER = 'last-number.json'

/**
 * What a device knows of itself and of the server, one file for each rate at which it changes. Each is replaced whole, and carries a hash of its
 * content: a file that a failing disk has changed is taken for lost, never for true.
 */
export class TrustFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The key pair and instance of this device: made at its first start, kept through every enrolment. */
  async pair(): Promise<KeyPair & { readonly instanceId: string }> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const known = await this.#read(PAIR, PairFile)
    if (known !== null) return known
    const made = { ...newKeyPair(), instanceId: randomBytes(16).toString('base64url') }
    await this.#write(PAIR, made)
    return made
  }

  /** @returns null when the device is not enrolled, or no longer knows it */
  identity(): Promise<DeviceIdentity | null> {
    return this.#read(IDENTITY, IdentityFile)
  }

  /** After an enrolment: keys and count of an earlier one are worth nothing. The identity comes last: with it the enrolment counts. */
  async enrolled(identity: DeviceIdentity, lastNumber: number): Promise<void> {
    await this.writeNumber({ lastNumber, commands: [] })
    await this.writeKeys(identity.keys)
    await this.#write(IDENTITY, identity)
  }

  async keys(): Promise<readonly TrustedKey[] | null> {
    return (await this.#read(KEYS, KeysFile))?.keys ?? null
  }

  writeKeys(keys: readonly TrustedKey[]): Promise<void> {
    return this.#write(KEYS, { keys })
  }

  number(): Promise<NumberState | null> {
    return this.#read(NUMBER, NumberFile)
  }

  writeNumber(state: NumberState): Promise<void> {
    return this.#write(NUMBER, state)
  }

  async #read<Schema extends TSchema>(name: string, schema: Schema): Promise<Static<Schema> | null> {
    try {
      const { sha256, content } = JSON.parse(await readFile(join(this.#folder, name), 'utf8')) as { sha256?: unknown; content?: unknown }
      return sha256 === hashOf(content) && Check(schema, content) ? content : null
    } catch {
      return null
    }
  }

  #write(name: string, content: unknown): Promise<void> {
    return writeFileAtomic(join(this.#folder, name), `${JSON.stringify({ sha256: hashOf(content), content })}\n`)
  }
}

const hashOf = (content: unknown): string => createHash('sha256').update(JSON.stringify(content) ?? '').digest('hex')
