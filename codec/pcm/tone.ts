import { SAMPLE_RATE_HZ } from '../audio-format.ts'
import { CodecError } from '../codec-error.ts'
import { fadeIn, fadeOut } from './fade.ts'
import { dbToGain } from './decibels.ts'

/**
 * Writes a sine into `block`. Its phase is a function of the absolute sample alone, so blocks join without a step, wherever and by whomever they are made.
 * Whole frequencies repeat every second, which keeps the phase exact at any house sample.
 * @param startSample of the block's first sample, e.g. on the house clock
 * @param frequencyHz whole number up to 24 000
 */
export function writeSine(block: Float32Array, startSample: number, frequencyHz: number, amplitude: number): void {
  const second = startSample - Math.floor(startSample / SAMPLE_RATE_HZ) * SAMPLE_RATE_HZ
  for (let i = 0; i < block.length; i += 1) {
    // The product stays below 2⁵³, so the remainder is exact.
    const cycles = (((second + i) * frequencyHz) % SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    block[i] = amplitude * Math.sin(2 * Math.PI * cycles)
  }
}

export interface AttentionTone {
  /** The two tones that take turns. */
  readonly frequenciesHz: readonly [number, number]
  /** Length of each turn. */
  readonly turnMs: number
  readonly durationMs: number
  /** Peak in dBFS. */
  readonly levelDbfs: number
  /** Fade at the beginning and at the end. */
  readonly fadeMs: number
}

/** Two tones a fourth apart in the range horn loudspeakers are loudest in. */
export const DEFAULT_ATTENTION_TONE: AttentionTone = { frequenciesHz: [960, 1280], turnMs: 250, durationMs: 2000, levelDbfs: -6, fadeMs: 10 }

const LIMITS = {
  frequenciesHz: { min: 50, max: 8000 },
  turnMs: { min: 20, max: 5000 },
  durationMs: { min: 50, max: 60_000 },
  levelDbfs: { min: -60, max: 0 },
  fadeMs: { min: 1, max: 1000 },
} as const

/**
 * Mono PCM at 48 kHz. The phase runs through the changes of tone, so that they do not click.
 * @throws CodecError `CODEC_ERR_OPTION`
 */
export function attentionTone(tone: AttentionTone = DEFAULT_ATTENTION_TONE): Float32Array {
  for (const frequencyHz of tone.frequenciesHz) check('frequenciesHz', frequencyHz)
  for (const name of ['turnMs', 'durationMs', 'levelDbfs', 'fadeMs'] as const) check(name, tone[name])
  const pcm = new Float32Array(msToSamples(tone.durationMs))
  const turnSamples = msToSamples(tone.turnMs)
  const amplitude = dbToGain(tone.levelDbfs)
  let cycles = 0
  for (let i = 0; i < pcm.length; i += 1) {
    pcm[i] = amplitude * Math.sin(2 * Math.PI * cycles)
    const turn = Math.floor(i / turnSamples) % 2
    cycles = (cycles + (tone.frequenciesHz[turn] as number) / SAMPLE_RATE_HZ) % 1
  }
  const fadeSamples = Math.min(msToSamples(tone.fadeMs), pcm.length >> 1)
  fadeIn(pcm, 0, fadeSamples)
  fadeOut(pcm, fadeSamples - pcm.length, fadeSamples)
  return pcm
}

const msToSamples = (ms: number): number => Math.round((ms * SAMPLE_RATE_HZ) / 1000)

function check(name: keyof typeof LIMITS, value: number): void {
  const { min, max } = LIMITS[name]
  if (value >= min && value <= max) return
  throw new CodecError('CODEC_ERR_OPTION', `${name} of an attention tone must be from ${String(min)} to ${String(max)}, not ${String(value)}`)
}
