import { randomBytes, sign, type KeyObject } from 'node:crypto'

/** DER (ITU-T X.690) of the few types that a certificate is made of. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const length = body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const bits = (unused: number, bytes: Uint8Array): Buffer => der(0x03, Buffer.from([unused]), bytes)
const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes)
const TRUE = der(0x01, Buffer.from([0xff]))

const COMMON_NAME = oid('550403')
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'))
const BASIC_CONSTRAINTS = oid('551d13')
const KEY_USAGE = oid('551d0f')

/** Until 2049 two digits of the year, from then on four (RFC 5280, 4.1.2.5). */
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d{3}/g, '')
  return Number(text.slice(0, 4)) < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text))
}

/**
 * A certificate (RFC 5280) of an EC key, issued by itself, for digital signatures and nothing else.
 * @param name its common name
 * @param fromMs first and last ms at which it is valid; parts of a second are cut off
 * @returns PEM
 */
export function selfSigned(name: string, publicKey: KeyObject, privateKey: KeyObject, fromMs: number, untilMs: number): string {
  const subject = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name, 'utf8')))))
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x7f) | 0x40 // positive, and without a leading zero
  const extensions = sequence(
    sequence(BASIC_CONSTRAINTS, TRUE, octets(sequence())),
    sequence(KEY_USAGE, TRUE, octets(bits(7, Buffer.from([0x80])))),
  )
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    subject,
    sequence(time(fromMs), time(untilMs)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const certificate = sequence(body, ECDSA_WITH_SHA256, bits(0, sign('sha256', body, privateKey)))
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`
}
