import { FRAME_FLAG } from '../../rooms/frame-bus.ts'
import type { Wire, WireFrame } from '../../rooms/wire.ts'

/** Byte table in server/protocol.md. */
export const NATIVE_VERSION = 1
export const NATIVE_HEADER_BYTES = 24

/** Bits of byte 1 of an audio message. */
export const NATIVE_FLAG = {
  /** First frame after a change of room. */
  CUT: 1,
  /** First frame of a fade-in or last of a fade-out. */
  FADE: 2,
  /** An emergency order is on air. */
  EMERGENCY: 4,
  /** The source starved; the frame carries the bridge to silence, or silence. */
  BRIDGED: 8,
  /** The server has no sound of its order for this place; the frame carries silence. */
  MISSING: 16,
} as const

const UINT32 = 0x1_0000_0000
const WS_BINARY = 0x82

/**
 * Audio messages of the native protocol, each as a complete WebSocket frame (RFC 6455, 5.2; unmasked, as a server's are), so
 * that one Buffer goes to every listener.
 * @param frameSamples length of a frame on the house clock
 * @param presentationDelayMs from a frame's place on the house clock to the moment it is to be heard
 * @param emergencyDelayMs the same for frames of emergencies: their devices are to sound sooner, and have so much less to wait for late ones
 */
export function createNativeWire(frameSamples: number, presentationDelayMs: number, emergencyDelayMs: number): Wire {
  const delayUsOf = (frame: WireFrame): number => (frame.orderClass === 'emergency' ? emergencyDelayMs : presentationDelayMs) * 1000
  return {
    id: `native-${String(frameSamples)}-${String(presentationDelayMs)}-${String(emergencyDelayMs)}`,
    marksOrders: true,
    overtakes: emergencyDelayMs < presentationDelayMs,
    encode: (frames) => Buffer.concat(frames.map((frame) => message(frame, frameSamples, delayUsOf(frame)))),
  }
}

/** Delay of an emergency's frames, ms: 0 stands for no difference, and an emergency is never heard later than what it cuts. */
export const emergencyDelayMs = (configuredMs: number, presentationDelayMs: number): number => (configuredMs === 0 ? presentationDelayMs : Math.min(configuredMs, presentationDelayMs))

/** Of the time until sound is to be heard, at most this part may pass in waiting for a flush; the way and the device need the rest. */
const FLUSH_PART = 1 / 3
/** One frame. */
const LEAST_FLUSH_MS = 20

/**
 * How often a device is written to, whole frames of 20 ms: seldom is cheaper, but what is to be heard soon cannot wait.
 * @param delayMs from a frame's place on the house clock to its hearing, the shortest that the device may meet
 * @param mostMs what is configured
 */
export function flushMsFor(delayMs: number, mostMs: number): number {
  return Math.max(LEAST_FLUSH_MS, Math.min(mostMs, Math.floor((delayMs * FLUSH_PART) / LEAST_FLUSH_MS) * LEAST_FLUSH_MS))
}

function message(frame: WireFrame, frameSamples: number, delayUs: number): Buffer {
  const payloadBytes = NATIVE_HEADER_BYTES + frame.data.length
  const lengthBytes = payloadBytes < 126 ? 0 : 2
  const bytes = Buffer.allocUnsafe(2 + lengthBytes + payloadBytes)
  bytes[0] = WS_BINARY
  if (lengthBytes === 0) {
    bytes[1] = payloadBytes
  } else {
    bytes[1] = 126
    bytes.writeUInt16BE(payloadBytes, 2)
  }
  let at = 2 + lengthBytes
  const houseSamples = frame.frameIndex * frameSamples
  bytes[at] = NATIVE_VERSION
  bytes[at + 1] = nativeFlags(frame)
  bytes.writeUInt16BE(frameSamples, at + 2)
  bytes.writeUInt32BE(frame.frameIndex % UINT32, at + 4)
  writeUint64(bytes, houseSamples, at + 8)
  writeUint64(bytes, Math.round(houseSamples / 0.048) + delayUs, at + 16)
  at += NATIVE_HEADER_BYTES
  frame.data.copy(bytes, at)
  return bytes
}

function nativeFlags(frame: WireFrame): number {
  return (frame.cut ? NATIVE_FLAG.CUT : 0)
    | ((frame.flags & FRAME_FLAG.FADE) === 0 ? 0 : NATIVE_FLAG.FADE)
    | (frame.orderClass === 'emergency' ? NATIVE_FLAG.EMERGENCY : 0)
    | ((frame.flags & FRAME_FLAG.BRIDGED) === 0 ? 0 : NATIVE_FLAG.BRIDGED)
    | (frame.isMissing ? NATIVE_FLAG.MISSING : 0)
}

/** Exact for the whole range of a double's integers; writeBigUInt64BE would allocate. */
function writeUint64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(value / UINT32), at)
  bytes.writeUInt32BE(value % UINT32, at + 4)
}
