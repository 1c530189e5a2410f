import { createHash } from 'node:crypto'
import { hashCode } from '../../control/ids.ts'
import type { DeviceRecord, DeviceStore } from '../../control/ports.ts'
import type { Signer } from '../signing/signer.ts'
import { houseTimeText } from '../signing/signer.ts'
import type { SigningKeys } from '../signing/signing-keys.ts'

/** The record of an enrolment says who the device is, for as long as a device lasts. */
const RECORD_MS = 10 * 365 * 24 * 3_600_000

/** Wrong codes that are looked up in a minute, from all devices together: a code has 80 bits, so this only bounds the work. */
const MOST_WRONG_PER_MINUTE = 600

/** Name of a device: the first 16 bytes of the SHA-256 of its raw public key, base64url. */
export const deviceIdOf = (publicKey: string): string => createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest().subarray(0, 16).toString('base64url')

/** Keys as devices are told of them. */
export const keyList = (keys: SigningKeys, wallMs: number): object[] =>
  keys.validAt(wallMs).map(({ keyId, publicKey, notBeforeMs, notAfterMs }) => ({ keyId, publicKey, notBefore: houseTimeText(notBeforeMs), notAfter: notAfterMs === null ? null : houseTimeText(notAfterMs) }))

/** Turns a code and a public key into an enrolled device. */
export class Enrolment {
  readonly #store: DeviceStore
  readonly #keys: SigningKeys
  readonly #signer: Signer
  readonly #wallMs: () => number
  readonly #houseMs: () => number
  #minute = 0
  #wrong = 0

  constructor(ports: { store: DeviceStore; keys: SigningKeys; signer: Signer; wallMs: () => number; houseMs: () => number }) {
    this.#store = ports.store
    this.#keys = ports.keys
    this.#signer = ports.signer
    this.#wallMs = ports.wallMs
    this.#houseMs = ports.houseMs
  }

  /** @returns the device and the message for it; null when the code is worth nothing */
  async enrol(code: string, publicKey: string, remoteAddress: string): Promise<{ device: DeviceRecord; text: string } | null> {
    const nowMs = this.#wallMs()
    const minute = Math.floor(nowMs / 60_000)
    if (minute !== this.#minute) this.#wrong = 0
    this.#minute = minute
    if (this.#wrong >= MOST_WRONG_PER_MINUTE) return null
    const device = this.#store.enrol(hashCode(code), { id: deviceIdOf(publicKey), publicKey, remoteAddress }, nowMs)
    if (device === undefined) {
      this.#wrong += 1
      return null
    }
    const { clusterId, id: deviceId } = device
    const record = await this.#signer.issueOne({ clusterId, kind: 'device', expiresAtMs: this.#houseMs() + RECORD_MS, fields: { deviceId, publicKey } })
    if (record === null) return null
    const text = JSON.stringify({ type: 'enrolled', clusterId, deviceId, keys: keyList(this.#keys, nowMs), record: JSON.parse(record.text) as unknown })
    return { device, text }
  }
}
