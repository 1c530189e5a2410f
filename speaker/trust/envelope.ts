import * as Type from 'typebox'
import type { Static } from 'typebox'
import { checkerOf } from '../checker.ts'
import type { SignedMessage } from '../ports.ts'
import { parseHouseTime } from './house-wall.ts'
import { MOST_KEYS, PublicKey, TrustedKeyType, type KeyRing } from './keys.ts'

/** Before the bytes of the body in what is signed. */
const SIGNED_PREFIX = Buffer.from('loa-signed-1\n', 'utf8')
const MAX_BODY_CHARACTERS = 4 * 1024 * 1024

const HouseTime = Type.String({ maxLength: 32 })
const Id = Type.String({ minLength: 1, maxLength: 128 })

const commonSchema = checkerOf(Type.Object({
  kind: Type.String({ maxLength: 32 }),
  clusterId: Id,
  number: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  issuedAt: HouseTime,
  expiresAt: HouseTime,
}, { additionalProperties: true }))

const OrderBody = Type.Object({ kind: Type.Literal('order'), orderId: Id, class: Type.Enum(['emergency', 'priority', 'normal']), title: Type.String({ maxLength: 1000 }), startsAt: HouseTime, endsAt: HouseTime }, { additionalProperties: true })
const CommandBody = Type.Object({ kind: Type.Literal('command'), commandId: Id, command: Type.Enum(['volume', 'mute', 'restart-stream', 'identify', 'set-offset', 'set-frequency', 'amplifier', 'refresh-bundle', 'reboot']), arguments: Type.Record(Type.String({ maxLength: 64 }), Type.Union([Type.Number(), Type.Boolean()])) }, { additionalProperties: true })
const KeysBody = Type.Object({ kind: Type.Literal('keys'), keys: Type.Array(TrustedKeyType, { minItems: 1, maxItems: MOST_KEYS }) }, { additionalProperties: true })
const DeviceBody = Type.Object({ kind: Type.Literal('device'), deviceId: Id, publicKey: PublicKey }, { additionalProperties: true })
const BundleBody = Type.Object({ kind: Type.Literal('bundle'), bundleId: Id }, { additionalProperties: true })

const bodySchemas = { order: checkerOf(OrderBody), command: checkerOf(CommandBody), keys: checkerOf(KeysBody), device: checkerOf(DeviceBody), bundle: checkerOf(BundleBody) } as const

export type SignedBody = { readonly number: number } & (Static<typeof OrderBody> | Static<typeof CommandBody> | Static<typeof KeysBody> | Static<typeof DeviceBody> | Static<typeof BundleBody>)

/** Why a signed message is refused; the codes are those of server/protocol.md. */
export type Refusal = 'malformed' | 'unknown-key' | 'key-expired' | 'bad-signature' | 'wrong-target' | 'replay' | 'expired' | 'unknown-kind'

export type Opened =
  | { readonly body: SignedBody }
  | { readonly refusal: Refusal; readonly kind?: string; readonly number?: number; readonly commandId?: string }

export interface OpenContext {
  readonly keys: KeyRing
  readonly clusterId: string
  /** House time now, ms since 1970. */
  readonly houseMs: number
  /** The last number that was taken; not checked when left out. */
  readonly lastNumber?: number
}

/**
 * Checks everything about a signed message, in the sequence of server/protocol.md. What stands in a body is looked at only after its signature
 * has been found good. Never throws.
 */
export function openEnvelope(message: SignedMessage, { keys, clusterId, houseMs, lastNumber }: OpenContext): Opened {
  const bytes = fromBase64Url(message.body)
  const signature = fromBase64Url(message.signature)
  if (bytes === null || signature === null) return { refusal: 'malformed' }
  const ofKey = keys.refusal(message.keyId, houseMs)
  if (ofKey !== null) return { refusal: ofKey }
  if (!keys.isSigned(message.keyId, Buffer.concat([SIGNED_PREFIX, bytes]), signature)) return { refusal: 'bad-signature' }

  const body = parse(bytes)
  if (!commonSchema.Check(body)) return { refusal: 'malformed' }
  const expiresAtMs = parseHouseTime(body.expiresAt)
  if (Number.isNaN(expiresAtMs) || Number.isNaN(parseHouseTime(body.issuedAt))) return { refusal: 'malformed' }
  const { kind, number } = body
  const commandId = 'commandId' in body && typeof body.commandId === 'string' ? { commandId: body.commandId } : {}
  const about = { kind, number, ...commandId }
  if (body.clusterId !== clusterId) return { refusal: 'wrong-target', ...about }
  if (lastNumber !== undefined && number <= lastNumber) return { refusal: 'replay', ...about }
  if (houseMs >= expiresAtMs) return { refusal: 'expired', ...about }
  if (!Object.hasOwn(bodySchemas, kind)) return { refusal: 'unknown-kind', ...about }
  if (!bodySchemas[kind as keyof typeof bodySchemas].Check(body)) return { refusal: 'malformed', ...about }
  return { body: body as unknown as SignedBody }
}

/** One spelling only: what Node would pass over (padding, other alphabets, loose bits) is refused. */
function fromBase64Url(text: string): Buffer | null {
  if (text.length > MAX_BODY_CHARACTERS) return null
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown
  } catch {
    return null
  }
}
