import { execFileSync } from 'node:child_process'
import { OpusDecoder, parseFormat } from '../../codec/index.ts'
import type { BusFrame } from '../../rooms/frame-bus.ts'
import { decodeFrames } from './sound.ts'

/** Encoded bytes of a stereo sine by ffmpeg, made at once; what is sent of them in real time is the test's affair. */
export function encodedTone(frequencyHz: number, seconds: number, args: readonly string[], level = 0.5): Buffer {
  const expression = `${String(level)}*sin(2*PI*${String(frequencyHz)}*t)`
  return execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `aevalsrc=${expression}|${expression}:s=44100:d=${String(seconds)}`, ...args, '-'], { maxBuffer: 1 << 28 })
}

/** White noise, as loud as it may be. */
export const encodedNoise = (seconds: number, args: readonly string[]): Buffer =>
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `anoisesrc=color=white:amplitude=0.9:seed=1:r=44100:d=${String(seconds)}`, '-ac', '2', ...args, '-'], { maxBuffer: 1 << 28 })

export const MP3 = ['-c:a', 'libmp3lame', '-b:a', '64k', '-write_xing', '0', '-f', 'mp3'] as const

/**
 * Hands `bytes` to `write` at the pace at which they sound, `burstMs` at once at first.
 * @returns stops it
 */
export function paceBytes(bytes: Buffer, durationMs: number, write: (part: Buffer) => void, burstMs = 300): () => void {
  const startMs = performance.now() - burstMs
  let at = 0
  const send = (): void => {
    const end = Math.min(bytes.length, Math.floor((bytes.length * (performance.now() - startMs)) / durationMs))
    if (end > at) write(bytes.subarray(at, end))
    at = end
    if (at === bytes.length) clearInterval(timer)
  }
  const timer = setInterval(send, 50)
  send()
  return () => { clearInterval(timer) }
}

/** PCM of Opus frames, decoded in this process: for looking again and again; what is judged in the end is decoded by ffmpeg. */
export function quickPcm(frames: readonly BusFrame[]): Float32Array {
  const decoder = new OpusDecoder()
  const pcm = new Float32Array(frames.length * 960)
  for (const [i, { data }] of frames.entries()) pcm.set(decoder.decode(data), i * 960)
  return pcm
}

/** PCM of the frames of one format. */
export function pcmOf(frames: readonly BusFrame[], format = 'opus-32'): Float32Array {
  const own = frames.filter((frame) => frame.format === format)
  return decodeFrames(parseFormat(format), own.map(({ data }) => data), own[0]!.frameIndex)
}
