import { aLawOf, CodecError, createEncoder, Decimator, encodeSilence, GapConcealer, Interpolator, muLawOf, opusPacketSamples, OpusStreamDecoder, parseFormat, sampleOfALaw, sampleOfMuLaw, type Encoder } from '../../../codec/index.ts'
import { Concealment } from './concealment.ts'

export type VoiceCodecName = 'opus' | 'pcma' | 'pcmu'

/** Ticks of the RTP clock in a second. */
export const VOICE_CLOCK_HZ: Readonly<Record<VoiceCodecName, number>> = { opus: 48_000, pcma: 8000, pcmu: 8000 }

/** One block of the house: 20 ms at 48 kHz. */
export const BLOCK_SAMPLES = 960

/** What a caller sends, as mono sound at 48 kHz. One for each stream: it remembers. */
export interface VoiceDecoder {
  /** Length of a packet's sound in ticks of its clock; 0: none that can be read. */
  ticksOf(payload: Buffer): number
  /** Never throws: what cannot be read is concealed. */
  decode(payload: Buffer): Float32Array
  /** Sound in place of what is lost. @param next the packet behind it */
  conceal(ticks: number, next?: Buffer): Float32Array
  /** The sender had nothing to say: what was heard last fades away, what comes next begins softly. */
  silence(ticks: number): Float32Array
  close(): void
}

/** What is played to a caller: blocks of 20 ms at 48 kHz. */
export interface VoiceEncoder {
  encode(block: Float32Array): Buffer
  /** A packet of 20 ms without sound, which may stand after any other. */
  readonly silence: Buffer
  close(): void
}

/** 8 to 48 kHz. */
const FACTOR = 6
/** 3.84 kHz: flat to 3.4 kHz, which is all that telephone lines carry; above 4.3 kHz less than −50 dB. */
const UP_CUTOFF = 0.48
/** 3.6 kHz, as for our µ-law outputs: nothing audible folds back. */
const DOWN_CUTOFF = 0.45
/** 2.5 ms each way. */
const HALF_TAPS = 120

/** A hole longer than this is silence, whatever the codec could make of it. */
const MAX_CONCEALED_S = 0.12
/** Most that one packet may hold, as for Opus: 120 ms. */
const MAX_PACKET_S = 0.12

/** Telephone speech is worth no more, and a tenth of the packets may be lost on the way to a phone. */
const OPUS_FORMAT = parseFormat('opus-32')
const OPUS_OPTIONS = { opusExpectedLossPercent: 10 } as const

const decodeTable = (sampleOf: (code: number) => number): Float32Array => Float32Array.from({ length: 256 }, (_, code) => sampleOf(code) / 32_768)
const TABLES = { pcma: decodeTable(sampleOfALaw), pcmu: decodeTable(sampleOfMuLaw) } as const
const CODE_OF = { pcma: aLawOf, pcmu: muLawOf } as const

export const createVoiceDecoder = (name: VoiceCodecName): VoiceDecoder => (name === 'opus' ? new OpusVoiceDecoder() : new G711Decoder(TABLES[name]))
export const createVoiceEncoder = (name: VoiceCodecName): VoiceEncoder => (name === 'opus' ? new OpusVoiceEncoder() : new G711Encoder(CODE_OF[name]))

class G711Decoder implements VoiceDecoder {
  readonly #table: Float32Array
  readonly #concealment = new Concealment()
  readonly #interpolator = new Interpolator(FACTOR, UP_CUTOFF, HALF_TAPS)

  constructor(table: Float32Array) {
    this.#table = table
  }

  ticksOf(payload: Buffer): number {
    return payload.length <= VOICE_CLOCK_HZ.pcma * MAX_PACKET_S ? payload.length : 0
  }

  decode(payload: Buffer): Float32Array {
    const narrow = new Float32Array(payload.length)
    for (let index = 0; index < payload.length; index += 1) narrow[index] = this.#table[payload[index]!]!
    this.#concealment.take(narrow)
    return this.#interpolator.process(narrow)
  }

  conceal(ticks: number): Float32Array {
    return this.#interpolator.process(this.#concealment.conceal(ticks))
  }

  silence(ticks: number): Float32Array {
    return this.#interpolator.process(this.#concealment.rest(ticks))
  }

  close(): void { /* nothing is held */ }
}

class OpusVoiceDecoder implements VoiceDecoder {
  readonly #decoder = new OpusStreamDecoder()
  readonly #concealer = new GapConcealer()

  ticksOf(payload: Buffer): number {
    return opusPacketSamples(payload) ?? 0
  }

  decode(payload: Buffer): Float32Array {
    const samples = this.ticksOf(payload)
    try {
      const pcm = this.#decoder.decode(payload)
      this.#concealer.push(pcm)
      return pcm
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      return this.conceal(samples)
    }
  }

  conceal(ticks: number, next?: Buffer): Float32Array {
    const most = VOICE_CLOCK_HZ.opus * MAX_CONCEALED_S
    return ticks <= most ? this.#decoder.bridge(ticks, next) : fitted(this.#decoder.bridge(most), ticks)
  }

  silence(ticks: number): Float32Array {
    return this.#concealer.conceal(ticks)
  }

  close(): void {
    this.#decoder.close()
  }
}

/** With silence behind it. */
function fitted(pcm: Float32Array, samples: number): Float32Array {
  const whole = new Float32Array(samples)
  whole.set(pcm)
  return whole
}

class G711Encoder implements VoiceEncoder {
  readonly silence: Buffer
  readonly #codeOf: (sample: number) => number
  readonly #decimator = new Decimator(FACTOR, DOWN_CUTOFF, HALF_TAPS)

  constructor(codeOf: (sample: number) => number) {
    this.#codeOf = codeOf
    this.silence = Buffer.alloc(BLOCK_SAMPLES / FACTOR, codeOf(0))
  }

  encode(block: Float32Array): Buffer {
    const narrow = this.#decimator.process(block)
    const bytes = Buffer.allocUnsafe(narrow.length)
    for (let index = 0; index < narrow.length; index += 1) bytes[index] = this.#codeOf(Math.max(-32_768, Math.min(32_767, Math.round(narrow[index]! * 32_768))) | 0)
    return bytes
  }

  close(): void { /* nothing is held */ }
}

let opusSilence: Buffer | undefined

class OpusVoiceEncoder implements VoiceEncoder {
  readonly #encoder: Encoder = createEncoder(OPUS_FORMAT, OPUS_OPTIONS)

  get silence(): Buffer {
    return (opusSilence ??= encodeSilence(OPUS_FORMAT))
  }

  encode(block: Float32Array): Buffer {
    return this.#encoder.encode(block)
  }

  close(): void {
    this.#encoder.close()
  }
}
