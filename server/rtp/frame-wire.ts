import type { Wire } from '../../rooms/wire.ts'

const HEADER_BYTES = 11
const UINT32 = 0x1_0000_0000

/** Frames with their places, for sinks that make packets of them: 6 bytes frame index, 1 byte cut, 4 bytes length, the frame. */
export const frameWire: Wire = {
  id: 'frames',
  encode: (frames) => Buffer.concat(frames.flatMap(({ frameIndex, cut, data }) => {
    const header = Buffer.allocUnsafe(HEADER_BYTES)
    header.writeUInt16BE(Math.floor(frameIndex / UINT32), 0)
    header.writeUInt32BE(frameIndex % UINT32, 2)
    header[6] = cut ? 1 : 0
    header.writeUInt32BE(data.length, 7)
    return [header, data]
  })),
}

/** Gives each frame of a chunk of `frameWire`; the data are views. */
export function readFrames(chunk: Buffer, onFrame: (frameIndex: number, data: Buffer, cut: boolean) => void): void {
  for (let at = 0; at < chunk.length;) {
    const length = chunk.readUInt32BE(at + 7)
    const from = at + HEADER_BYTES
    onFrame(chunk.readUInt16BE(at) * UINT32 + chunk.readUInt32BE(at + 2), chunk.subarray(from, from + length), chunk[at + 6] === 1)
    at = from + length
  }
}
