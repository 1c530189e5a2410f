import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { WebSocket } from 'ws'
import type { PlanSegment } from '../../rooms/plan.ts'
import { NATIVE_VERSION } from './native-wire.ts'

/** Text messages of the native protocol, as server/protocol.md describes them. */

const MAX_BURST_MS = 3000
/** Deeper ones are read, but writing them again for control would overflow the stack. */
const MAX_NESTING = 16

const sound = {
  format: Type.Optional(Type.String({ maxLength: 32 })),
  burstMs: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_BURST_MS })),
  capabilities: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 })),
}
const clusterId = Type.String({ minLength: 1, maxLength: 128 })

const keyHelloType = Type.Object({
  type: Type.Literal('hello'),
  protocol: Type.Literal(NATIVE_VERSION),
  clusterId,
  key: Type.String({ minLength: 1, maxLength: 256 }),
  ...sound,
})
/** The signed text is made of these, so no line break may stand in them. */
const deviceHelloType = Type.Object({
  type: Type.Literal('hello'),
  protocol: Type.Literal(NATIVE_VERSION),
  clusterId: Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' }),
  deviceId: Type.String({ pattern: '^[\\w-]{22}$' }),
  instanceId: Type.String({ pattern: '^[\\w-]{16,64}$' }),
  key: Type.Optional(Type.Never()),
  ...sound,
})
const enrolType = Type.Object({
  type: Type.Literal('enrol'),
  protocol: Type.Literal(NATIVE_VERSION),
  code: Type.String({ minLength: 1, maxLength: 64 }),
  /** 32 bytes, base64url without padding. */
  publicKey: Type.String({ pattern: '^[\\w-]{43}$' }),
})

export type KeyHello = Static<typeof keyHelloType>
export type DeviceHello = Static<typeof deviceHelloType>
export type Hello = KeyHello | DeviceHello
export type Enrol = Static<typeof enrolType>

export const keyHelloSchema = Compile(keyHelloType)
export const deviceHelloSchema = Compile(deviceHelloType)
export const enrolSchema = Compile(enrolType)
/** 64 bytes, base64url without padding. */
export const proofSchema = Compile(Type.Object({ type: Type.Literal('proof'), signature: Type.String({ pattern: '^[\\w-]{86}$' }) }))
export const clockSchema = Compile(Type.Object({ type: Type.Literal('clock'), t1: Type.Number() }))
export const statusSchema = Compile(Type.Object({ type: Type.Literal('status') }, { additionalProperties: true }))
export const ackSchema = Compile(Type.Object({
  type: Type.Literal('ack'),
  commandId: Type.String({ maxLength: 128 }),
  result: Type.Optional(Type.Enum(['done', 'refused', 'failed'])),
  reason: Type.Optional(Type.String()),
}, { additionalProperties: true }))

const samples = Type.Integer({ minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991 })
export const logSchema = Compile(Type.Object({
  type: Type.Literal('log'),
  logId: Type.String({ pattern: '^[\\w-]{1,64}$' }),
  entries: Type.Array(Type.Object({
    number: Type.Integer({ minimum: 1, maximum: 9_007_199_254_740_991 }),
    orderId: Type.Union([Type.String({ minLength: 1, maxLength: 128 }), Type.Null()]),
    playing: Type.Enum(['live', 'cached', 'filler', 'silence']),
    audible: Type.Boolean(),
    verified: Type.Boolean(),
    heard: Type.Union([Type.Boolean(), Type.Null()]),
    fromSamples: samples,
    untilSamples: samples,
    missingSamples: Type.Integer({ minimum: 0, maximum: 9_007_199_254_740_991 }),
    // Within what SQLite and a date can hold.
    heardAtHouseUs: Type.Number({ minimum: -1e15, maximum: 4e15 }),
    end: Type.Enum(['over', 'interrupted', 'crash']),
  }, { additionalProperties: true }), { minItems: 1, maxItems: 200 }),
}, { additionalProperties: true }))

export function onAirMessage(segment: PlanSegment | null): object {
  if (segment === null) return { type: 'on-air', orderId: null }
  const { orderId, class: orderClass, title, fromSamples, untilSamples } = segment
  return { type: 'on-air', orderId, class: orderClass, title, fromSamples, untilSamples }
}

/** A WebSocket close frame (RFC 6455, 5.5.1), for sinks that write to the socket themselves. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason, 'utf8').subarray(0, 120)
  const frame = Buffer.allocUnsafe(4 + text.length)
  frame[0] = 0x88
  frame[1] = 2 + text.length
  frame.writeUInt16BE(code, 2)
  text.copy(frame, 4)
  return frame
}

/** @returns null for what is no JSON, or nested too deeply */
export function parseJson(data: WebSocket.RawData): unknown {
  try {
    const value: unknown = JSON.parse((data as Buffer).toString('utf8'))
    return isWithin(value, MAX_NESTING) ? value : null
  } catch {
    return null
  }
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((each) => isWithin(each, levels - 1))
}
