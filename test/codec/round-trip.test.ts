import t from 'tap'
import type { AudioFormat } from '../../codec/index.ts'
import { createEncoder, OpusDecoder, parseFormat } from '../../codec/index.ts'
import { decodeFrames, encodeAll, ffmpegDecode, speech, streamOf, sweep } from '../support/sound.ts'
import { logSpectralDistanceDb, rmsDb } from '../support/spectrum.ts'

/**
 * Sound through our encoders and ffmpeg's decoders, compared with the original as an ear would: level, third-octave
 * spectrum over time, exact duration. Bounds are a quarter above what was measured (see codec/README.md), so that a lost band, a
 * wrong gain or a frame in the wrong place fails, and another build of libopus or LAME does not.
 */
interface Case {
  readonly id: string
  /** Up to where this format carries sound, in Hz. */
  readonly toHz: number
  readonly speechDb: number
  readonly sweepDb: number
}

const CASES: readonly Case[] = [
  { id: 'opus-16', toHz: 10_000, speechDb: 2, sweepDb: 5.5 },
  { id: 'opus-24', toHz: 12_000, speechDb: 2.1, sweepDb: 2.2 },
  { id: 'opus-32', toHz: 12_000, speechDb: 1.4, sweepDb: 1.7 },
  { id: 'opus-64', toHz: 12_000, speechDb: 0.7, sweepDb: 1 },
  { id: 'mp3-32', toHz: 5500, speechDb: 0.65, sweepDb: 0.1 },
  { id: 'mp3-64', toHz: 10_000, speechDb: 0.3, sweepDb: 0.1 },
  { id: 'mp3-128', toHz: 14_000, speechDb: 0.1, sweepDb: 0.1 },
  { id: 'mp3-24k-16', toHz: 4000, speechDb: 1.5, sweepDb: 0.1 },
  { id: 'mp3-24k-32', toHz: 7500, speechDb: 0.7, sweepDb: 0.1 },
  { id: 'mp3-24k-48', toHz: 10_000, speechDb: 0.45, sweepDb: 0.1 },
]

/** What ffmpeg hears at 48 kHz, shifted back by the delay, as long as the original. */
function heardBy(format: AudioFormat, pcm: Float32Array): Float32Array {
  const encoder = createEncoder(format)
  // Silence behind the sound pushes its end through the delay.
  const input = new Float32Array(pcm.length + encoder.delaySamples + format.frameSamples)
  input.set(pcm)
  const frames = encodeAll(encoder, input)
  encoder.close()
  const droppedSamples = format.codec === 'opus' ? encoder.delaySamples : 0
  const native = decodeFrames(format, frames)
  t.equal(native.length, ((frames.length * format.frameSamples - droppedSamples) * format.sampleRateHz) / 48_000, `${format.id}: exact duration`)
  const heard = ffmpegDecode(streamOf(format, frames), format.codec === 'mp3' ? 'mp3' : 'ogg', 48_000)
  const start = encoder.delaySamples - droppedSamples
  return heard.subarray(start, start + pcm.length)
}

t.test('speech and sweep through each encoder and ffmpeg', (t) => {
  const voice = speech()
  for (const { id, toHz, speechDb, sweepDb } of CASES) {
    const format = parseFormat(id)
    const sounds = [
      { name: 'speech', pcm: voice, boundDb: speechDb },
      { name: 'sweep', pcm: sweep(100, toHz * 0.9, 4), boundDb: sweepDb },
    ]
    for (const { name, pcm, boundDb } of sounds) {
      const heard = heardBy(format, pcm)
      const distanceDb = logSpectralDistanceDb(pcm, heard, { rateHz: 48_000, toHz, floorDb: -55 })
      t.ok(distanceDb < boundDb, `${id} ${name}: spectra ${distanceDb.toFixed(2)} dB apart, at most ${String(boundDb)}`)
      const levelDb = rmsDb(heard) - rmsDb(pcm)
      t.ok(Math.abs(levelDb) < (name === 'speech' ? 0.6 : 0.25), `${id} ${name}: level ${levelDb.toFixed(2)} dB`)
    }
  }
  t.end()
})

t.test('our Opus decoder hears the same as ffmpeg, and bridges a lost packet', (t) => {
  const format = parseFormat('opus-32')
  const voice = speech()
  const frames = encodeAll(createEncoder(format), voice)
  const byFfmpeg = decodeFrames(format, frames)
  const decoder = new OpusDecoder()
  const ours = new Float32Array(frames.length * 960)
  frames.forEach((frame, index) => { ours.set(decoder.decode(frame), index * 960) })
  const difference = ours.subarray(312).map((x, i) => x - byFfmpeg[i]!)
  // ffmpeg has a decoder of its own, which need not agree to the bit; a shift by one sample would differ by −38 dBFS.
  t.ok(rmsDb(difference) < -55, `they differ by ${rmsDb(difference).toFixed(0)} dBFS`)

  const tone = new Float32Array(96_000).map((_, i) => 0.5 * Math.sin((2 * Math.PI * 500 * i) / 48_000))
  const [before, lost, ...after] = encodeAll(createEncoder(format), tone).slice(20)
  const bridging = new OpusDecoder()
  bridging.decode(before!)
  const bridged = bridging.conceal()
  t.ok(lost !== undefined && bridged.length === 960, 'as long as the packet before')
  t.ok(rmsDb(bridged) > -15, `the tone goes on at ${rmsDb(bridged).toFixed(1)} dBFS instead of a hole`)
  for (const frame of after.slice(0, 5)) bridging.decode(frame)
  t.ok(Math.abs(rmsDb(bridging.decode(after[5]!)) + 9) < 0.5, 'and is itself again after it')

  t.throws(() => decoder.decode(Buffer.alloc(0)), { code: 'CODEC_ERR_DECODE' })
  t.throws(() => decoder.decode(Buffer.from([3, 0])), { code: 'CODEC_ERR_DECODE' })
  t.equal(decoder.decode(frames[0]!).length, 960, 'a broken packet leaves it usable')
  decoder.close()
  decoder.close()
  t.throws(() => decoder.decode(frames[0]!), { code: 'CODEC_ERR_CLOSED' })
  t.end()
})
