/** Byte table: server/protocol.md, «Audio message». */
export const AUDIO_HEADER_BYTES = 24
const AUDIO_VERSION = 1
const UINT32 = 0x1_0000_0000

export const AUDIO_FLAG = { CUT: 1, FADE: 2, EMERGENCY: 4, BRIDGED: 8, MISSING: 16 } as const

export interface AudioMessage {
  readonly flags: number
  readonly frameSamples: number
  /** Frame index modulo 2³². */
  readonly sequence: number
  /** House place of the frame's first sample. */
  readonly housePlace: number
  /** House µs at which that sample is to be heard. */
  readonly presentationUs: number
  /** One packet; a view of the message. */
  readonly data: Buffer
}

/** @returns undefined when the bytes are no audio message of version 1 */
export function readAudioMessage(bytes: Buffer): AudioMessage | undefined {
  if (bytes.length <= AUDIO_HEADER_BYTES || bytes[0] !== AUDIO_VERSION) return undefined
  const frameSamples = bytes.readUInt16BE(2)
  const housePlace = readUint64(bytes, 8)
  const presentationUs = readUint64(bytes, 16)
  if (frameSamples === 0 || !Number.isSafeInteger(housePlace) || !Number.isSafeInteger(presentationUs)) return undefined
  return { flags: bytes[1] as number, frameSamples, sequence: bytes.readUInt32BE(4), housePlace, presentationUs, data: bytes.subarray(AUDIO_HEADER_BYTES) }
}

/** Exact as far as doubles are; readBigUInt64BE would allocate. */
const readUint64 = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at) * UINT32 + bytes.readUInt32BE(at + 4)
