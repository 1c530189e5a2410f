import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createResampler, fadeIn, fadeOut, floatToS16le, s16leToFloat, SAMPLE_RATE_HZ, writeSine } from '../../codec/index.ts'
import type { PhoneLanguage } from '../../control/ports.ts'
import { HEADER_BYTES, speakWav, type SpeechStyle } from '../speech/espeak.ts'
import { fixedTexts, type Segment } from './dialogue/texts.ts'

const STYLES: Readonly<Record<PhoneLanguage, SpeechStyle>> = { vi: { voice: 'vi', wordsAMinute: 165, wordGap: 0 }, en: { voice: 'en', wordsAMinute: 165, wordGap: 0 } }
const PEAK = 0.5
const GAP_SAMPLES = SAMPLE_RATE_HZ / 8
const SAMPLE_RATE_OFFSET = 24
/** Of what was spoken lately; the fixed texts of one language take a third of it. */
const MOST_BYTES = 48 * 1024 * 1024
const MOST_CHARACTERS = 300
const FADE_SAMPLES = 240

type Tone = Extract<Segment, { readonly tone: string }>['tone']

interface Beep {
  readonly hz: number
  readonly ms: number
  readonly times: number
}

const BEEPS: Readonly<Record<Tone | 'words', Beep>> = {
  air: { hz: 1000, ms: 200, times: 1 },
  pause: { hz: 400, ms: 120, times: 2 },
  hint: { hz: 800, ms: 80, times: 3 },
  wrong: { hz: 300, ms: 350, times: 1 },
  words: { hz: 600, ms: 80, times: 1 },
}

export interface PromptBookOptions {
  /** Where what is always the same is kept. */
  readonly folder: string
  readonly speak?: (text: string, style: SpeechStyle) => Promise<Buffer>
  /** Words cannot be spoken; told once. */
  readonly onMute: (error: unknown) => void
}

/**
 * What callers hear, as sound. Texts that are always the same are spoken once and kept on the disk, so that they are there at once; names and numbers are spoken when they are needed. Without a program
 * that speaks each piece is a beep: who knows the keys gets on the air all the same.
 */
export class PromptBook {
  readonly #options: PromptBookOptions
  readonly #fixed: ReadonlySet<string>
  /** 16 bits, as that is half; least lately used first. */
  readonly #known = new Map<string, Promise<Buffer>>()
  readonly #sizes = new Map<string, number>()
  #bytes = 0
  #isMute = false

  constructor(options: PromptBookOptions) {
    this.#options = options
    this.#fixed = new Set((['vi', 'en'] as const).flatMap((language) => fixedTexts(language).map((text) => `${language} ${text}`)))
  }

  /** Makes all that is always the same in a language, one after the other. Never rejects. */
  async prepare(language: PhoneLanguage): Promise<void> {
    for (const text of fixedTexts(language)) await this.#spoken(text, language)
  }

  /** Never rejects: what cannot be spoken is a beep. */
  async render(segments: readonly Segment[], language: PhoneLanguage): Promise<Float32Array> {
    const pieces = await Promise.all(segments.map(async (segment) => ('tone' in segment ? beep(BEEPS[segment.tone]) : await this.#spoken(segment.text, language))))
    const whole = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length + GAP_SAMPLES, 0))
    let at = 0
    for (const piece of pieces) {
      whole.set(piece, at)
      at += piece.length + GAP_SAMPLES
    }
    return whole
  }

  async #spoken(text: string, language: PhoneLanguage): Promise<Float32Array> {
    const key = `${language} ${text}`
    const known = this.#known.get(key) ?? this.#make(key, text.slice(0, MOST_CHARACTERS), language)
    this.#known.delete(key)
    this.#known.set(key, known)
    try {
      const bytes = await known
      this.#count(key, bytes.length)
      return s16leToFloat(bytes)
    } catch (error) {
      this.#known.delete(key)
      if (!this.#isMute) this.#options.onMute(error)
      this.#isMute = true
      return beep(BEEPS.words)
    }
  }

  #count(key: string, bytes: number): void {
    if (!this.#known.has(key) || this.#sizes.has(key)) return
    this.#sizes.set(key, bytes)
    this.#bytes += bytes
    for (const [oldest] of this.#known) {
      if (this.#bytes <= MOST_BYTES || oldest === key) return
      this.#bytes -= this.#sizes.get(oldest) ?? 0
      this.#sizes.delete(oldest)
      this.#known.delete(oldest)
    }
  }

  async #make(key: string, text: string, language: PhoneLanguage): Promise<Buffer> {
    const style = STYLES[language]
    const speak = this.#options.speak ?? ((words, how) => speakWav(words, how))
    const wav = this.#fixed.has(key) ? await this.#kept(text, style, speak) : await speak(text, style)
    const resampler = await createResampler(wav.readUInt32LE(SAMPLE_RATE_OFFSET), SAMPLE_RATE_HZ, 'fast')
    try {
      const [first, last] = [resampler.process(s16leToFloat(Buffer.from(wav.subarray(HEADER_BYTES)))), resampler.flush()]
      const pcm = new Float32Array(first.length + last.length)
      pcm.set(first)
      pcm.set(last, first.length)
      const peak = pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-6)
      const bytes = Buffer.alloc(pcm.length * 2)
      floatToS16le(pcm.map((sample) => (sample * PEAK) / peak), bytes)
      return bytes
    } finally {
      resampler.close()
    }
  }

  /** From the disk, or spoken and put there. */
  async #kept(text: string, style: SpeechStyle, speak: NonNullable<PromptBookOptions['speak']>): Promise<Buffer> {
    const { folder } = this.#options
    const path = join(folder, `${createHash('sha256').update(JSON.stringify([text, style])).digest('hex').slice(0, 32)}.wav`)
    const found = await readFile(path).catch(() => null)
    if (found !== null && found.length > HEADER_BYTES) return found
    const wav = await speak(text, style)
    // What cannot be kept is spoken again next time.
    await mkdir(folder, { recursive: true, mode: 0o700 }).then(() => writeFile(`${path}.part`, wav, { mode: 0o600 })).then(() => rename(`${path}.part`, path)).catch(() => undefined)
    return wav
  }
}

function beep({ hz, ms, times }: Beep): Float32Array {
  const samples = (SAMPLE_RATE_HZ * ms) / 1000
  const once = new Float32Array(samples)
  writeSine(once, 0, hz, 0.25)
  fadeIn(once, 0, FADE_SAMPLES)
  fadeOut(once, FADE_SAMPLES - samples, FADE_SAMPLES)
  const whole = new Float32Array(times * 2 * samples)
  for (let time = 0; time < times; time += 1) whole.set(once, time * 2 * samples)
  return whole
}
