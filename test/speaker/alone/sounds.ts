import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { opusFileArguments } from '../../../server/speaker-bundle/speaker-files.ts'

export const S = 48_000

/** Our files hold Opus' MDCT layer alone, which keeps the place of each wave; the speech layer shifts phases by some samples. */
export const MAX_LAG_SAMPLES = 0

/** A sound that is like itself nowhere else: a tone that wanders, so that its place can be found again. */
export function wandering(seconds: number, startHz: number): Float32Array {
  const pcm = new Float32Array(seconds * S)
  let phase = 0
  for (let n = 0; n < pcm.length; n++) {
    phase += (2 * Math.PI * (startHz + 300 * Math.sin((n / S) * 1.7) + 200 * Math.sin((n / S) * 9.1))) / S
    pcm[n] = 0.5 * Math.sin(phase)
  }
  return pcm
}

export interface MadeFile {
  readonly sha256: string
  readonly content: Buffer
  readonly durationSamples: number
}

/** As the server makes it. */
export function opusFile(pcm: Float32Array, bitrateKbps = 48): MadeFile {
  const made = spawnSync('ffmpeg', ['-v', 'error', '-f', 'f32le', '-ar', String(S), '-ac', '1', '-i', 'pipe:0', ...opusFileArguments(bitrateKbps), 'pipe:1'], { input: Buffer.from(pcm.buffer), maxBuffer: 1 << 28 })
  if (made.status !== 0) throw new Error(made.stderr.toString())
  return { sha256: createHash('sha256').update(made.stdout).digest('hex'), content: made.stdout, durationSamples: pcm.length }
}

/** By how many samples `heard` is later than `expected`, looked for within ±`reach`; and how alike they are there (1: the same). */
export function lagOf(heard: Float32Array, expected: Float32Array, reach = 480): { readonly lag: number; readonly likeness: number } {
  let best = { lag: NaN, likeness: -Infinity }
  for (let lag = -reach; lag <= reach; lag++) {
    let dot = 0
    let a = 0
    let b = 0
    for (let n = reach; n < expected.length - reach; n++) {
      const x = heard[n + lag]!
      const y = expected[n]!
      dot += x * y
      a += x * x
      b += y * y
    }
    const likeness = dot / Math.sqrt(a * b || 1)
    if (likeness > best.likeness) best = { lag, likeness }
  }
  return best
}

export const isSilent = (pcm: Float32Array): boolean => pcm.every((sample) => sample === 0)
