import { cpus } from 'node:os'
import type { AudioFormat, EncoderOptions } from '../codec/index.ts'
import { createEncoder, createResampler, measureLoudness, OpusDecoder, opusPage, OpusStreamDecoder, parseFormat, TruePeakLimiter, Leveller, SoundWatch } from '../codec/index.ts'
import { CrossfadeMixer, OverlayMixer, type BlockRenderer } from '../rooms/mixer.ts'
import { decodeFrames, encodeAll, ffmpegDecode, speech, streamOf } from '../test/support/sound.ts'
import { logSpectralDistanceDb, noiseToMaskDb } from '../test/support/spectrum.ts'

/**
 * What each setting of the encoders costs in time and in sound: the tables of codec/README.md.
 *
 *   node bench/codec-cost.ts
 *
 * Time: processor time of this thread, median of passes over the same sound. Sound, between the original and what ffmpeg decodes, 100 Hz to
 * 12 kHz (MP3: up to where the format carries sound), bands above −60 dBFS: mean distance of third-octave levels («dB»), and noise against what the ear
 * masks («NMR», less is better, differences count).
 */
const PASSES = 5

/** Eight seconds of chords that die away, with a beat of noise: tonal sound with edges, made the same every time. */
function music(): Float32Array {
  const pcm = new Float32Array(48_000 * 8)
  let seed = 1
  for (let i = 0; i < pcm.length; i += 1) {
    const seconds = i / 48_000
    const beat = Math.floor(seconds * 2)
    const within = seconds * 2 - beat
    const root = [220, 261.6, 196, 293.7][beat % 4]!
    let x = 0
    for (const ratio of [1, 1.25, 1.5, 2, 3, 4]) {
      for (let harmonic = 1; harmonic < 8; harmonic += 1) x += (Math.sin(2 * Math.PI * root * ratio * harmonic * seconds) / harmonic ** 2) * Math.exp(-within * 1.5) * 0.05
    }
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    pcm[i] = x + (seed / 0x3fffffff - 1) * 0.15 * Math.exp(-within * 25)
  }
  return pcm
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!

function microsecondsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(started)
  return user + system
}

interface Measured {
  readonly microseconds: number
  readonly kbps: number
  readonly distanceDb: number
  readonly noiseDb: number
}

function measure(format: AudioFormat, options: EncoderOptions, pcm: Float32Array, toHz: number, passes = PASSES): Measured {
  let frames: Buffer[] = []
  const times: number[] = []
  let delaySamples = 0
  for (let pass = 0; pass < passes; pass += 1) {
    const encoder = createEncoder(format, options)
    delaySamples = encoder.delaySamples
    const started = process.threadCpuUsage()
    frames = encodeAll(encoder, pcm)
    times.push(microsecondsSince(started) / frames.length)
    encoder.close()
  }
  const heard = format.codec === 'opus' ? decodeFrames(format, frames) : ffmpegDecode(streamOf(format, frames), 'mp3', 48_000).subarray(delaySamples)
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0)
  return {
    microseconds: median(times),
    kbps: (bytes * 8 * 48) / (frames.length * format.frameSamples),
    distanceDb: logSpectralDistanceDb(pcm.subarray(0, heard.length), heard, { rateHz: 48_000, toHz }),
    noiseDb: noiseToMaskDb(pcm.subarray(0, heard.length), heard, { rateHz: 48_000, toHz }),
  }
}

const opusAt = (kbps: number): AudioFormat => ({ ...parseFormat('opus-32'), id: `opus-${String(kbps)}`, bitrateKbps: kbps })

/** Rate with prediction at which the noise is as strong as `noiseDb`, between neighbours of `curve`. */
function equalRate(curve: readonly Measured[], noiseDb: number): string {
  for (let i = 1; i < curve.length; i += 1) {
    const [a, b] = [curve[i - 1]!, curve[i]!]
    if (a.noiseDb >= noiseDb && b.noiseDb <= noiseDb) return (a.kbps + ((a.noiseDb - noiseDb) / (a.noiseDb - b.noiseDb)) * (b.kbps - a.kbps)).toFixed(1)
  }
  return noiseDb > curve[0]!.noiseDb ? `< ${curve[0]!.kbps.toFixed(0)}` : `> ${curve.at(-1)!.kbps.toFixed(0)}`
}

function opusTables(sounds: Record<string, Float32Array>): void {
  console.log('\nOpus, prediction off: complexity\n\n| format | complexity | µs a frame | kbit/s | speech dB | speech NMR | music dB | music NMR |\n|---|---|---|---|---|---|---|---|')
  for (const kbps of [16, 32, 64]) {
    for (const opusComplexity of [0, 3, 5, 9, 10]) {
      const said = measure(opusAt(kbps), { opusComplexity }, sounds.speech!, 12_000)
      const played = measure(opusAt(kbps), { opusComplexity }, sounds.music!, 12_000)
      console.log(`| opus-${String(kbps)} | ${String(opusComplexity)} | ${said.microseconds.toFixed(0)} | ${said.kbps.toFixed(1)} | ${said.distanceDb.toFixed(2)} | ${said.noiseDb.toFixed(1)} | ${played.distanceDb.toFixed(2)} | ${played.noiseDb.toFixed(1)} |`)
    }
  }
  for (const [name, pcm] of Object.entries(sounds)) {
    console.log(`\nOpus, ${name}: prediction, complexity 5\n\n| kbit/s | off dB | on dB | off NMR | on NMR | off is as good as on at (by NMR) | µs off | µs on |\n|---|---|---|---|---|---|---|---|`)
    const curve = [16, 18, 20, 22, 24, 28, 32, 36, 40, 48, 56, 64].map((kbps) => measure(opusAt(kbps), { opusPredictionDisabled: false }, pcm, 12_000, 1))
    for (const kbps of [16, 24, 32, 64]) {
      const off = measure(opusAt(kbps), {}, pcm, 12_000)
      const on = measure(opusAt(kbps), { opusPredictionDisabled: false }, pcm, 12_000)
      console.log(`| ${String(kbps)} (${off.kbps.toFixed(1)}) | ${off.distanceDb.toFixed(2)} | ${on.distanceDb.toFixed(2)} | ${off.noiseDb.toFixed(1)} | ${on.noiseDb.toFixed(1)} | ${equalRate(curve, off.noiseDb)} | ${off.microseconds.toFixed(0)} | ${on.microseconds.toFixed(0)} |`)
    }
  }
}

function mp3Table(sounds: Record<string, Float32Array>): void {
  console.log('\nMP3: quality\n\n| format | quality | µs a frame | speech dB | speech NMR | music dB | music NMR |\n|---|---|---|---|---|---|---|')
  for (const [id, toHz] of [['mp3-32', 5500], ['mp3-64', 10_000], ['mp3-24k-32', 7500]] as const) {
    for (const mp3Quality of [2, 3, 5, 7, 9]) {
      const said = measure(parseFormat(id), { mp3Quality }, sounds.speech!, toHz)
      const played = measure(parseFormat(id), { mp3Quality }, sounds.music!, toHz)
      console.log(`| ${id} | ${String(mp3Quality)} | ${said.microseconds.toFixed(0)} | ${said.distanceDb.toFixed(2)} | ${said.noiseDb.toFixed(1)} | ${played.distanceDb.toFixed(2)} | ${played.noiseDb.toFixed(1)} |`)
    }
  }
}

/** µs for each 20 ms of sound. */
function timed(blocks: number, work: (block: number) => void): string {
  const times: number[] = []
  for (let pass = 0; pass < PASSES; pass += 1) {
    const started = process.threadCpuUsage()
    for (let block = 0; block < blocks; block += 1) work(block)
    times.push(microsecondsSince(started) / blocks)
  }
  return median(times).toFixed(1)
}

async function toolTable(voice: Float32Array): Promise<void> {
  console.log('\nOther work on 20 ms\n\n| what | µs |\n|---|---|')
  const blocks = Math.floor(voice.length / 960)
  const block = (index: number): Float32Array => voice.subarray(index * 960, index * 960 + 960)
  for (const quality of ['fast', 'medium', 'best'] as const) {
    for (const [fromHz, toHz] of [[44_100, 48_000], [48_000, 24_000]] as const) {
      const resampler = await createResampler(fromHz, toHz, quality)
      const input = (index: number): Float32Array => voice.subarray(index * 882, index * 882 + fromHz / 50)
      console.log(`| resampling ${String(fromHz)} → ${String(toHz)}, ${quality} | ${timed(blocks, (index) => { resampler.process(input(index)) })} |`)
      resampler.close()
    }
  }
  for (const [name, gain] of [['far below the ceiling', 0.2], ['limiting all the time', 4]] as const) {
    const limiter = new TruePeakLimiter()
    const work = new Float32Array(960)
    console.log(`| true-peak limiter, ${name} | ${timed(blocks, (index) => {
      for (let i = 0; i < 960; i += 1) work[i] = block(index)[i]! * gain
      limiter.process(work)
    })} |`)
  }
  const known: BlockRenderer = { starvedTotal: 0, render: (to, from) => { to.set(block((from / 960) % blocks)); return 0 } }
  const always = { atSamples: 0, samples: Number.MAX_SAFE_INTEGER }
  const mixers: readonly (readonly [string, BlockRenderer])[] = [
    ['in a crossfade', new CrossfadeMixer(known, known, always, 960)],
    ['one sound over another', new OverlayMixer(known, known, { fromDb: -12, toDb: -12, atSamples: 0, samples: 0 }, 960)],
    ['one sound over another, its level moving', new OverlayMixer(known, known, { fromDb: 0, toDb: -12, ...always }, 960)],
  ]
  const mixed = new Float32Array(960)
  for (const [name, mixer] of mixers) console.log(`| mixer, ${name} | ${timed(blocks * 10, (index) => { mixer.render(mixed, index * 960) })} |`)
  for (const manner of ['programme', 'speech'] as const) {
    const leveller = new Leveller({ targetLufs: -16, ceilingDbtp: -1 })
    leveller.manner = manner
    const work = new Float32Array(960)
    console.log(`| levelling, ${manner} | ${timed(blocks, (index) => {
      work.set(block(index))
      leveller.process(work)
    })} |`)
  }
  const watch = new SoundWatch({ silenceMs: 5000, noiseFloorMs: 90_000, brokenMs: 10_000, stuckMs: 20_000 })
  console.log(`| looking for faults of a source's sound | ${timed(blocks, (index) => { watch.push(block(index)) })} |`)
  const packets = encodeAll(createEncoder(parseFormat('opus-32')), voice)
  const decoder = new OpusDecoder()
  console.log(`| Opus decoding | ${timed(blocks, (index) => { decoder.decode(packets[index]!) })} |`)
  const stream = new OpusStreamDecoder()
  console.log(`| Opus decoding where packets get lost | ${timed(blocks, (index) => { stream.decode(packets[index]!) })} |`)
  const withCopies = encodeAll(createEncoder(parseFormat('opus-32'), { opusExpectedLossPercent: 15 }), voice)
  console.log(`| two packets, the first from its copy in the second | ${timed(blocks >> 1, (index) => {
    stream.bridge(960, withCopies[2 * index + 1])
    stream.decode(withCopies[2 * index + 1]!)
  })} |`)
  console.log(`| Ogg page of an opus-32 packet | ${timed(blocks * 100, (index) => { opusPage(packets[index % blocks]!, 3_000_000_000 + index) })} |`)
  const started = process.threadCpuUsage()
  measureLoudness(voice, 48_000)
  console.log(`| loudness and true peak | ${(microsecondsSince(started) / blocks).toFixed(1)} |`)
}

console.log(`${String(cpus().length)} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`)
const sounds = { speech: speech(), music: music() }
opusTables(sounds)
mp3Table(sounds)
await toolTable(sounds.speech)
