import { createEncoder, OpusDecoder, parseFormat } from '../../codec/index.ts'
import { wavHeader } from '../../server/clips/wav-file.ts'

const RATE_HZ = 48_000
const PACKET_SAMPLES = 960
/** Apart so far, no multiple of a packet or a frame, so that clicks stand everywhere in both; farther than any delay that is measured. */
export const CLICK_EVERY_SAMPLES = 24_000 + 1_009
/** A burst of 4 kHz: steep enough to be found to the millisecond, and long enough to come through an encoder. */
const CLICK_SAMPLES = 96
const CLICK_HZ = 4000
const AMPLITUDE = 0.7
const FOUND_ABOVE = 0.2

/** @returns full scale ±1; a click at 0 and so on; after the last one the track can begin again */
export function clickTrack(clicks: number): Float32Array {
  const pcm = new Float32Array(clicks * CLICK_EVERY_SAMPLES)
  for (let click = 0; click < clicks; click += 1) {
    for (let at = 0; at < CLICK_SAMPLES; at += 1) pcm[click * CLICK_EVERY_SAMPLES + at] = AMPLITUDE * Math.sin((2 * Math.PI * CLICK_HZ * (at + 0.5)) / RATE_HZ)
  }
  return pcm
}

export function clickWav(clicks: number): Buffer {
  const track = clickTrack(clicks)
  const pcm = Buffer.alloc(track.length * 2)
  for (const [index, sample] of track.entries()) pcm.writeInt16LE(Math.round(sample * 32_767), index * 2)
  return Buffer.concat([wavHeader(track.length), pcm])
}

/** Finds the first loud sample of each click in sound that comes piece by piece. */
export class ClickFinder {
  #samples = 0
  #lastClick = -Infinity

  /** @returns places in `pcm` */
  find(pcm: Float32Array): number[] {
    const found: number[] = []
    for (let at = 0; at < pcm.length; at += 1) {
      if (Math.abs(pcm[at]!) < FOUND_ABOVE || this.#samples + at - this.#lastClick < CLICK_EVERY_SAMPLES / 2) continue
      this.#lastClick = this.#samples + at
      found.push(at)
    }
    this.#samples += pcm.length
    return found
  }
}

export interface ClickPackets {
  /** Opus, 20 ms each; after the last the first may follow. */
  readonly packets: readonly Buffer[]
  /** Which of them hold the first loud sample of a click once decoded. */
  readonly clicks: ReadonlySet<number>
}

/** Fifty clicks as a sender's packets. */
export function clickPackets(): ClickPackets {
  const encoder = createEncoder(parseFormat('opus-64'))
  const decoder = new OpusDecoder()
  const finder = new ClickFinder()
  const track = clickTrack(48)
  const packets: Buffer[] = []
  const clicks = new Set<number>()
  for (let at = 0; at + PACKET_SAMPLES <= track.length; at += PACKET_SAMPLES) {
    const packet = Buffer.from(encoder.encode(track.subarray(at, at + PACKET_SAMPLES)))
    if (finder.find(decoder.decode(packet)).length > 0) clicks.add(packets.length)
    packets.push(packet)
  }
  encoder.close()
  decoder.close()
  return { packets, clicks }
}
