import { spawnSync } from 'node:child_process'
import { SAMPLE_RATE_HZ } from '../../codec/index.ts'

/** Sound of every sort that a source may bring, made when it is asked for: mono, 48 kHz, full scale ±1. The same on every run. */

function run(program: string, args: readonly string[], input?: Uint8Array): Buffer {
  const result = spawnSync(program, args, { input, maxBuffer: 1 << 28 })
  if (result.error !== undefined) throw new Error(`${program} cannot be run (${result.error.message}); install it: apt-get install ${program}`)
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr.toString()}`)
  return result.stdout
}

const floats = (bytes: Buffer): Float32Array => new Float32Array(Uint8Array.from(bytes.subarray(0, bytes.length - (bytes.length % 4))).buffer)
const bytesOf = (pcm: Float32Array): Uint8Array => new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)
const RAW = ['-f', 'f32le', '-ac', '1', '-ar', String(SAMPLE_RATE_HZ)] as const

/** What ffmpeg makes of a graph of filters that needs no input. */
export const synthesized = (graph: string, seconds: number): Float32Array => floats(run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', graph, '-t', String(seconds), ...RAW, '-']))

/** Sound through filters of ffmpeg. */
export const filtered = (pcm: Float32Array, filter: string): Float32Array => floats(run('ffmpeg', ['-v', 'error', ...RAW, '-i', '-', '-af', filter, ...RAW, '-'], bytesOf(pcm)))

/** Vietnamese speech. Line breaks are pauses. */
export const speech = (text: string, wordsPerMinute = 150): Float32Array =>
  floats(run('ffmpeg', ['-v', 'error', '-i', '-', ...RAW, '-'], run('espeak-ng', ['-v', 'vi', '-s', String(wordsPerMinute), '--stdout', text])))

/** Through a codec and back, as a source with this encoder sounds here. */
export const coded = (pcm: Float32Array, codec: 'libopus' | 'libmp3lame', kbps: number): Float32Array => {
  const container = codec === 'libopus' ? 'ogg' : 'mp3'
  return floats(run('ffmpeg', ['-v', 'error', '-f', container, '-i', '-', ...RAW, '-'], run('ffmpeg', ['-v', 'error', ...RAW, '-i', '-', '-c:a', codec, '-b:a', `${String(kbps)}k`, '-f', container, '-'], bytesOf(pcm))))
}

export const silence = (seconds: number): Float32Array => new Float32Array(Math.round(seconds * SAMPLE_RATE_HZ))

export function joined(...parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** The shorter ones are begun again until the first ends. */
export const mixed = (first: Float32Array, ...others: readonly Float32Array[]): Float32Array => first.map((x, n) => others.reduce((sum, other) => sum + other[n % other.length]!, x))

export const scaled = (pcm: Float32Array, db: number): Float32Array => pcm.map((x) => x * 10 ** (db / 20))

export const repeated = (pcm: Float32Array, seconds: number): Float32Array => Float32Array.from({ length: Math.round(seconds * SAMPLE_RATE_HZ) }, (_, n) => pcm[n % pcm.length]!)

/** In steps, each of which knows where it is: `wave(seconds, samples before)`. */
export const made = (seconds: number, wave: (t: number, n: number) => number): Float32Array => Float32Array.from({ length: Math.round(seconds * SAMPLE_RATE_HZ) }, (_, n) => wave(n / SAMPLE_RATE_HZ, n))

/** Numbers in [−1, 1) without a pattern. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    let x = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d)
    x = Math.imul(x ^ (x >>> 12), 0x297a_2d39)
    return (x ^ (x >>> 15)) / 0x8000_0000
  }
}

export const noise = (seconds: number, seed = 1): Float32Array => {
  const next = random(seed)
  return made(seconds, next)
}

/** Everybody claps for himself: short bursts of a hand's noise, some hundred a second. */
export function applause(seconds: number, clapsPerSecond = 150): Float32Array {
  const next = random(7)
  const pcm = silence(seconds)
  for (let clap = 0; clap < seconds * clapsPerSecond; clap += 1) {
    const from = Math.floor(((next() + 1) / 2) * pcm.length)
    const loud = 0.1 + 0.2 * (next() + 1)
    for (let n = 0; n < 1500 && from + n < pcm.length; n += 1) pcm[from + n]! += loud * next() * Math.exp(-n / 250)
  }
  return filtered(pcm, 'bandpass=f=1500:w=2500')
}

/** A hiss of small drops, and single ones on a roof. */
export function rain(seconds: number): Float32Array {
  const next = random(11)
  const pcm = scaled(noise(seconds, 5), -26)
  for (let drop = 0; drop < seconds * 60; drop += 1) {
    const from = Math.floor(((next() + 1) / 2) * pcm.length)
    const loud = 0.25 * (next() + 1) ** 2
    for (let n = 0; n < 400 && from + n < pcm.length; n += 1) pcm[from + n]! += loud * Math.sin(n * 0.3) * Math.exp(-n / 60)
  }
  return filtered(pcm, 'highpass=f=200,lowpass=f=12000')
}

/** Plucked strings in the pentatonic, played by a hand: no two notes alike. */
export function plucked(seconds: number): Float32Array {
  const next = random(3)
  const pcm = silence(seconds)
  const SCALE = [196, 220, 261.6, 293.7, 329.6, 392, 440, 523.3]
  for (let at = 0; at < seconds; at += 0.18 + 0.12 * (next() + 1)) {
    const hz = SCALE[Math.floor(((next() + 1) / 2) * SCALE.length)]!
    const loud = 0.15 + 0.1 * (next() + 1)
    const from = Math.floor(at * SAMPLE_RATE_HZ)
    for (let n = 0; n < 60_000 && from + n < pcm.length; n += 1) {
      let x = 0
      for (let h = 1; h <= 8; h += 1) x += Math.sin((2 * Math.PI * hz * h * n) / SAMPLE_RATE_HZ + h) * Math.exp((-n * h) / 12_000) / h
      pcm[from + n]! += loud * x
    }
  }
  return scaled(pcm, -6)
}

/** A bamboo flute: a long tone with breath and a slow vibrato. */
export function flute(seconds: number): Float32Array {
  const next = random(9)
  const TUNE = [523.3, 587.3, 659.3, 784, 880, 784, 659.3, 587.3]
  let phase = 0
  return made(seconds, (t) => {
    const within = (t % 2.3) / 2.3
    phase += (TUNE[Math.floor(t / 2.3) % TUNE.length]! * (1 + 0.006 * Math.sin(2 * Math.PI * 5.3 * t))) / SAMPLE_RATE_HZ
    const blow = Math.min(1, within * 12, (1 - within) * 8) * (0.9 + 0.1 * Math.sin(t * 3.1))
    return 0.25 * blow * (Math.sin(2 * Math.PI * phase) + 0.4 * Math.sin(4 * Math.PI * phase) + 0.15 * Math.sin(6 * Math.PI * phase) + 0.03 * next())
  })
}

/** Drums played by a hand: each stroke a little early or late, louder or softer. */
export function drums(seconds: number): Float32Array {
  const next = random(13)
  const pcm = silence(seconds)
  for (let beat = 0; beat * 0.4 < seconds; beat += 1) {
    const from = Math.max(0, Math.floor((beat * 0.4 + 0.012 * next()) * SAMPLE_RATE_HZ))
    const deep = beat % 2 === 0 ? 90 : 170
    const loud = 0.5 + 0.15 * next()
    for (let n = 0; n < 15_000 && from + n < pcm.length; n += 1) pcm[from + n]! += loud * (Math.sin((2 * Math.PI * deep * n) / SAMPLE_RATE_HZ) * Math.exp(-n / 4000) + 0.3 * next() * Math.exp(-n / 600))
  }
  return pcm
}

/** A tone whose pitch is a function of time; with `overtones` as harsh as a horn. */
export function siren(seconds: number, hz: (t: number) => number, overtones = 1): Float32Array {
  let phase = 0
  return made(seconds, (t) => {
    phase += hz(t) / SAMPLE_RATE_HZ
    let x = 0
    for (let h = 1; h <= overtones; h += 1) x += Math.sin(2 * Math.PI * h * phase) / h
    return 0.4 * x
  })
}

/** A tone, on and off. */
export function morse(seconds: number, hz = 800): Float32Array {
  const PATTERN = '1011101010001110111011100010101000'
  return made(seconds, (t) => (PATTERN[Math.floor(t / 0.08) % PATTERN.length] === '1' ? 0.4 * Math.sin(2 * Math.PI * hz * t) : 0))
}

export const SENTENCES = [
  'Kính thưa bà con, đây là đài truyền thanh xã. Hôm nay trời có mưa to, đề nghị bà con chú ý đề phòng ngập úng ở vùng trũng.',
  'Ủy ban nhân dân xã thông báo lịch tiêm phòng cho trẻ em dưới năm tuổi vào sáng thứ bảy tại trạm y tế.',
  'Giá lúa hè thu tuần này tăng nhẹ. Các hợp tác xã khẩn trương thu hoạch trước khi bão đổ bộ vào đất liền.',
] as const
