import { BLOCK_SAMPLES, type VoiceEncoder } from './voice-codec.ts'

/** Full and no sound meet over so many samples, 5 ms, where playing is stopped in the middle. */
const FADE_SAMPLES = 240
/** Frames of the encoder's own silence after sound, so that its memory runs out; then one packet serves for all. */
const TAIL_BLOCKS = 5

interface Playing {
  readonly pcm: Float32Array
  at: number
  readonly end: (whole: boolean) => void
}

/** What is played to a caller, one packet for each 20 ms. */
export class VoicePlayer {
  readonly #encoder: VoiceEncoder
  readonly #block = new Float32Array(BLOCK_SAMPLES)
  #playing: Playing | null = null
  /** The end of what was stopped, to be faded out. */
  #leaving: Float32Array | null = null
  #tail = 0

  constructor(encoder: VoiceEncoder) {
    this.#encoder = encoder
  }

  /** As PhoneCall.play. */
  play(pcm: Float32Array): Promise<boolean> {
    this.stop()
    if (pcm.length === 0) return Promise.resolve(true)
    return new Promise((resolve) => { this.#playing = { pcm, at: 0, end: resolve } })
  }

  stop(): void {
    const playing = this.#playing
    if (playing === null) return
    this.#playing = null
    this.#leaving = playing.pcm.subarray(playing.at, playing.at + FADE_SAMPLES)
    playing.end(false)
  }

  /** @returns the payload of the next 20 ms, and whether it is sound after a pause */
  next(): { readonly payload: Buffer; readonly begins: boolean } {
    const begins = this.#playing?.at === 0 && this.#tail === 0
    if (this.#playing === null && this.#leaving === null && this.#tail === 0) return { payload: this.#encoder.silence, begins: false }
    const block = this.#block.fill(0)
    this.#tail = this.#playing === null ? Math.max(0, this.#tail - 1) : TAIL_BLOCKS
    this.#fill(block)
    return { payload: this.#encoder.encode(block), begins }
  }

  close(): void {
    this.stop()
    this.#encoder.close()
  }

  #fill(block: Float32Array): void {
    const playing = this.#playing
    if (playing !== null) {
      const part = playing.pcm.subarray(playing.at, playing.at + BLOCK_SAMPLES)
      block.set(part)
      playing.at += part.length
      if (playing.at >= playing.pcm.length) {
        this.#playing = null
        playing.end(true)
      }
    }
    const leaving = this.#leaving
    this.#leaving = null
    if (leaving === null) return
    this.#tail = Math.max(this.#tail, 1)
    for (let index = 0; index < leaving.length; index += 1) block[index] = block[index]! + leaving[index]! * (1 - (index + 0.5) / leaving.length)
  }
}
