import { spawnSync } from 'node:child_process'
import t from 'tap'
import { createEncoder, parseFormat } from '../../../codec/index.ts'
import { muLawOf, sampleOfMuLaw } from '../../../codec/pcm/mu-law.ts'
import { encodeAll } from '../../support/sound.ts'

const tone = (hz: number, seconds: number, amplitude = 0.5): Float32Array => Float32Array.from({ length: seconds * 48_000 }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / 48_000))
const dbOf = (samples: readonly number[]): number => 10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length + 1e-12)

/** Decoded PCMU at 8 kHz, without the filter's beginning. */
const heard = (pcm: Float32Array): number[] => [...Buffer.concat(encodeAll(createEncoder(parseFormat('pcmu-8k')), pcm))].slice(400).map((code) => sampleOfMuLaw(code) / 32_768)

t.test('µ-law is that of G.711', async (t) => {
  const codes = Buffer.from(Array.from({ length: 256 }, (_, code) => code))
  const { stdout, error } = spawnSync('ffmpeg', ['-v', 'error', '-f', 'mulaw', '-ar', '8000', '-ac', '1', '-i', 'pipe:0', '-f', 's16le', 'pipe:1'], { input: codes })
  if (error !== undefined) throw error
  for (const code of codes) {
    t.equal(sampleOfMuLaw(code), stdout.readInt16LE(code * 2), `code ${String(code)} means what it means to ffmpeg`)
    // 0x7f is minus nothing, which is written as 0xff.
    t.equal(muLawOf(sampleOfMuLaw(code)), code === 0x7f ? 0xff : code)
  }
  // First decision value of each segment in G.711, table 2a, which counts in 14 bits.
  for (const [segment, value] of [31, 95, 223, 479, 991, 2015, 4063].entries()) {
    t.equal(muLawOf(value * 4), 0xef - 16 * segment, `${String(value)} begins segment ${String(segment + 1)}`)
    t.equal(muLawOf(value * 4 - 1), 0xf0 - 16 * segment)
    t.equal(muLawOf(-value * 4), 0x6f - 16 * segment)
  }
  t.same([muLawOf(32_767), muLawOf(-32_768), muLawOf(0)], [0x80, 0x00, 0xff])
})

t.test('a frame is 160 bytes, silence is 0xff', async (t) => {
  const encoder = createEncoder(parseFormat('pcmu-8k'))
  const frame = encoder.encode(new Float32Array(960))
  t.equal(frame.length, 160)
  t.ok(frame.every((code) => code === 0xff))
  encoder.close()
  t.throws(() => encoder.encode(new Float32Array(960)), { code: 'CODEC_ERR_CLOSED' })
  t.throws(() => createEncoder(parseFormat('pcmu-8k')).encode(new Float32Array(959)), { code: 'CODEC_ERR_FRAME_SIZE' })
})

t.test('speech goes through, what would fold back does not', async (t) => {
  const level = (hz: number): number => dbOf(heard(tone(hz, 1))) - dbOf([...tone(hz, 1)])
  for (const hz of [300, 1000, 3000]) t.ok(Math.abs(level(hz)) < 0.3, `${String(hz)} Hz: ${level(hz).toFixed(2)} dB`)
  for (const hz of [4500, 7000, 7900, 12_000, 20_000]) t.ok(level(hz) < -50, `${String(hz)} Hz: ${level(hz).toFixed(1)} dB`)
})

t.test('the delay is what the encoder says', async (t) => {
  const pcm = new Float32Array(4800)
  pcm.fill(0.5, 960, 966)
  const encoder = createEncoder(parseFormat('pcmu-8k'))
  const out = [...Buffer.concat(encodeAll(encoder, pcm))].map((code) => Math.abs(sampleOfMuLaw(code)))
  t.ok(Math.abs(out.indexOf(Math.max(...out)) - (963 + encoder.delaySamples) / 6) <= 1)
})

t.test('L16 is the samples themselves, big-endian', async (t) => {
  const encoder = createEncoder(parseFormat('l16-48k'))
  const pcm = new Float32Array(960)
  pcm[0] = 0.5
  pcm[1] = -1
  pcm[2] = 2
  const frame = encoder.encode(pcm)
  t.equal(frame.length, 1920)
  t.equal(encoder.delaySamples, 0)
  t.same([frame.readInt16BE(0), frame.readInt16BE(2), frame.readInt16BE(4), frame.readInt16BE(6)], [16_384, -32_768, 32_767, 0])
  t.not(encoder.encode(pcm).buffer, frame.buffer, 'each frame may be kept')
})
