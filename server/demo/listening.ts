import { DRONE_HZ } from './music.ts'
import { run } from './sounds.ts'

const RATE_HZ = 16_000
const WINDOW_SECONDS = 1
const STEP_SECONDS = 0.25
/** Quieter than this over a whole window is silence. */
const SILENCE_RMS = 0.003
/** The drone stands out of its neighbours by so much when it is there. */
const DRONE_OVER_NEIGHBOURS = 6
const NEIGHBOURS_HZ = [-13, -10, -7, 7, 10, 13]

export type Sound = 'station' | 'other' | 'silence'

/** A stretch of one kind of sound, seconds from the stream's beginning. */
export interface Stretch {
  readonly sound: Sound
  readonly fromSeconds: number
  readonly untilSeconds: number
}

/**
 * Decodes a stream with ffmpeg and tells what is heard when: the station (its drone is there), something else, or nothing.
 * Windows in which one sound gives way to another are counted to neither.
 */
export async function listen(stream: Buffer): Promise<Stretch[]> {
  const decoded = await run('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-f', 'f32le', '-ar', String(RATE_HZ), '-ac', '1', 'pipe:1'], stream)
  const pcm = new Float32Array(decoded.buffer.slice(decoded.byteOffset, decoded.byteOffset + decoded.length - (decoded.length % 4)))
  const sounds: Sound[] = []
  const window = WINDOW_SECONDS * RATE_HZ
  for (let from = 0; from + window <= pcm.length; from += STEP_SECONDS * RATE_HZ) sounds.push(classify(pcm.subarray(from, from + window)))
  const stretches: Stretch[] = []
  sounds.forEach((sound, index) => {
    const last = stretches.at(-1)
    const untilSeconds = index * STEP_SECONDS + WINDOW_SECONDS
    if (last?.sound === sound) stretches[stretches.length - 1] = { ...last, untilSeconds }
    else stretches.push({ sound, fromSeconds: index * STEP_SECONDS, untilSeconds })
  })
  return stretches
}

function classify(pcm: Float32Array): Sound {
  const rms = Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length)
  if (rms < SILENCE_RMS) return 'silence'
  const neighbours = NEIGHBOURS_HZ.map((offset) => magnitude(pcm, DRONE_HZ + offset)).sort((a, b) => a - b)
  return magnitude(pcm, DRONE_HZ) > DRONE_OVER_NEIGHBOURS * neighbours[neighbours.length >> 1]! ? 'station' : 'other'
}

/** One bin of a Fourier transform with a Hann window. */
function magnitude(pcm: Float32Array, frequencyHz: number): number {
  const step = (2 * Math.PI * frequencyHz) / RATE_HZ
  let [real, imaginary] = [0, 0]
  for (let index = 0; index < pcm.length; index += 1) {
    const value = pcm[index]! * (1 - Math.cos((2 * Math.PI * index) / pcm.length))
    real += value * Math.cos(step * index)
    imaginary -= value * Math.sin(step * index)
  }
  return Math.hypot(real, imaginary)
}
