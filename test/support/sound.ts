import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AudioFormat, Encoder } from '../../codec/index.ts'
import { OPUS_DELAY_SAMPLES, opusHeaderPages, opusPage, SAMPLE_RATE_HZ } from '../../codec/index.ts'

/** Runs a program on bytes. Fails with a message that names what is missing. */
function run(program: string, args: readonly string[], input?: Buffer): Buffer {
  const result = spawnSync(program, args, { input, maxBuffer: 1 << 28 })
  if (result.error !== undefined) throw new Error(`${program} cannot be run (${result.error.message}); install it: apt-get install ${program}`)
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr.toString()}`)
  return result.stdout
}

function floats(bytes: Buffer): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(bytes.length >> 2)
  new Uint8Array(samples.buffer).set(bytes.subarray(0, samples.byteLength))
  return samples
}

/** Decodes any bytes by ffmpeg to mono at `rateHz`; warnings of the demuxer or decoder fail unless `tolerant`. */
export function ffmpegDecode(bytes: Buffer, container: 'mp3' | 'ogg', rateHz: number, tolerant = false): Float32Array<ArrayBuffer> {
  const args = ['-hide_banner', '-nostdin', '-v', 'warning', '-f', container, '-i', 'pipe:0', '-f', 'f32le', '-ac', '1', '-ar', String(rateHz), 'pipe:1']
  const result = spawnSync('ffmpeg', args, { input: bytes, maxBuffer: 1 << 28 })
  if (result.error !== undefined) throw new Error(`ffmpeg cannot be run (${result.error.message}); install it: apt-get install ffmpeg`)
  const complaints = result.stderr.toString().split('\n').filter((line) => line !== '' && !line.includes('Estimating duration from bitrate'))
  if (!tolerant && complaints.length > 0) throw new Error(`ffmpeg complains: ${complaints.join('; ')}`)
  return floats(result.stdout)
}

/** The stream a listener gets: Ogg with our headers, or bare MP3 frames. */
export function streamOf(format: AudioFormat, frames: readonly Buffer[], firstFrameIndex = 0): Buffer {
  if (format.codec === 'mp3') return Buffer.concat(frames)
  const pages = frames.map((frame, index) => opusPage(frame, firstFrameIndex + index))
  return Buffer.concat([opusHeaderPages(OPUS_DELAY_SAMPLES, { vendor: 'loa', comments: [] }), ...pages])
}

/** Decodes frames by ffmpeg at the format's own rate. Opus loses its pre-skip there, as the header says. */
export function decodeFrames(format: AudioFormat, frames: readonly Buffer[], firstFrameIndex = 0): Float32Array<ArrayBuffer> {
  return ffmpegDecode(streamOf(format, frames, firstFrameIndex), format.codec === 'mp3' ? 'mp3' : 'ogg', format.sampleRateHz)
}

/** Encodes PCM of any length, the last frame filled with silence. */
export function encodeAll(encoder: Encoder, pcm: Float32Array): Buffer[] {
  const { frameSamples } = encoder.format
  const frames: Buffer[] = []
  for (let start = 0; start < pcm.length; start += frameSamples) {
    const frame = new Float32Array(frameSamples)
    frame.set(pcm.subarray(start, start + frameSamples))
    frames.push(encoder.encode(frame))
  }
  return frames
}

/** Exponential sweep with 10 ms edges. */
export function sweep(fromHz: number, toHz: number, seconds: number, amplitude = 0.5): Float32Array<ArrayBuffer> {
  const pcm = new Float32Array(Math.round(seconds * SAMPLE_RATE_HZ))
  const octaves = Math.log(toHz / fromHz)
  const edge = SAMPLE_RATE_HZ / 100
  for (let i = 0; i < pcm.length; i += 1) {
    const phase = (2 * Math.PI * fromHz * seconds / octaves) * (Math.exp((octaves * i) / pcm.length) - 1)
    pcm[i] = amplitude * Math.sin(phase) * Math.min(1, i / edge, (pcm.length - 1 - i) / edge)
  }
  return pcm
}

const SPOKEN = 'Đây là đài truyền thanh xã. Thông báo khẩn cấp: nước lũ đang lên nhanh, đề nghị bà con di chuyển đến nơi an toàn.'

let spoken: Float32Array<ArrayBuffer> | undefined

/** Some seven seconds of Vietnamese speech at 48 kHz, by espeak-ng. */
export function speech(): Float32Array<ArrayBuffer> {
  if (spoken !== undefined) return spoken
  const folder = mkdtempSync(path.join(tmpdir(), 'loa-speech-'))
  try {
    const file = path.join(folder, 'speech.wav')
    run('espeak-ng', ['-v', 'vi', '-s', '150', '-w', file, SPOKEN])
    const pcm = execFileSync('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-f', 'f32le', '-ac', '1', '-ar', String(SAMPLE_RATE_HZ), 'pipe:1'], { input: readFileSync(file), maxBuffer: 1 << 28 })
    spoken = floats(pcm)
    return spoken
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
