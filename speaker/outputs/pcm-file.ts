import { closeSync, openSync, writeSync } from 'node:fs'
import { floatToS16le, SAMPLE_RATE_HZ } from '../../codec/playback.ts'

/** Written in pieces of 100 ms. */
const PIECE_SAMPLES = SAMPLE_RATE_HZ / 10
const WAV_HEADER_BYTES = 44
const UNKNOWN_LENGTH = 0xffff_ffff

/** Signed 16-bit little-endian, mono, 48 kHz: bare, or as WAV whose lengths are written at the end. */
export class PcmFile {
  readonly #fd: number
  readonly #isWav: boolean
  readonly #piece = new Float32Array(PIECE_SAMPLES)
  readonly #bytes = Buffer.alloc(PIECE_SAMPLES * 2)
  #filled = 0
  #dataBytes = 0
  #closed = false

  /** @param target a path, or the number of an open descriptor such as 1 for standard output */
  constructor(target: string | number, isWav: boolean) {
    this.#fd = typeof target === 'number' ? target : openSync(target, 'w')
    this.#isWav = isWav
    // Until it is closed the lengths are unknown; readers of streams know this value.
    if (isWav) writeSync(this.#fd, wavHeader(UNKNOWN_LENGTH))
  }

  write(pcm: Float32Array): void {
    for (let at = 0; at < pcm.length && !this.#closed;) {
      const samples = Math.min(PIECE_SAMPLES - this.#filled, pcm.length - at)
      this.#piece.set(pcm.subarray(at, at + samples), this.#filled)
      this.#filled += samples
      at += samples
      if (this.#filled === PIECE_SAMPLES) this.#flush()
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#flush()
    this.#closed = true
    if (this.#isWav) writeSync(this.#fd, wavHeader(this.#dataBytes), 0, WAV_HEADER_BYTES, 0)
    if (this.#fd > 2) closeSync(this.#fd)
  }

  #flush(): void {
    if (this.#filled === 0) return
    floatToS16le(this.#piece.subarray(0, this.#filled), this.#bytes)
    const bytes = this.#bytes.subarray(0, this.#filled * 2)
    this.#filled = 0
    for (let at = 0; at < bytes.length;) {
      try {
        at += writeSync(this.#fd, bytes, at)
      } catch (error) {
        // A pipe whose reader is slow: its sound is dropped, never delayed.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
        if (at % 2 === 0) break
      }
    }
    this.#dataBytes += bytes.length
  }
}

function wavHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(Math.min(UNKNOWN_LENGTH, dataBytes + WAV_HEADER_BYTES - 8), 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(SAMPLE_RATE_HZ, 24)
  header.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(Math.min(UNKNOWN_LENGTH, dataBytes), 40)
  return header
}
