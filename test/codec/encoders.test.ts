import t from 'tap'
import type { EncoderOptions } from '../../codec/index.ts'
import { CodecError, createEncoder, encodeSilence, encodeSteady, MP3_24K_KBPS, MP3_48K_KBPS, OPUS_KBPS, opusLayer, opusPacketSamples, parseFormat } from '../../codec/index.ts'
import { requireAddon } from '../../codec/native/require-addon.ts'
import { decodeFrames, encodeAll, ffmpegDecode, speech, streamOf } from '../support/sound.ts'
import { bestLag } from '../support/spectrum.ts'

const ALL_FORMATS = [...OPUS_KBPS.map((kbps) => `opus-${String(kbps)}`), ...MP3_48K_KBPS.map((kbps) => `mp3-${String(kbps)}`), ...MP3_24K_KBPS.map((kbps) => `mp3-24k-${String(kbps)}`)]
const ONE_OF_EACH_KIND = ['opus-16', 'opus-32', 'mp3-64', 'mp3-24k-32']

t.test('every format gives exactly one frame for each frame, from the first on', (t) => {
  const voice = speech()
  for (const id of ALL_FORMATS) {
    const format = parseFormat(id)
    const encoder = createEncoder(format, { mp3Quality: 9, opusComplexity: 0 })
    const frames = encodeAll(encoder, voice)
    encoder.close()
    if (format.codec === 'mp3') t.ok(frames.every((frame) => frame.length === 3 * format.bitrateKbps), `${id}: all frames have ${String(3 * format.bitrateKbps)} bytes`)
    else t.ok(frames.every((frame) => opusPacketSamples(frame) === 960), `${id}: all packets last 20 ms`)
    const kbps = (frames.reduce((bytes, frame) => bytes + frame.length, 0) * 8) / ((frames.length * format.frameSamples) / 48_000) / 1000
    t.ok(Math.abs(kbps / format.bitrateKbps - 1) < (format.codec === 'mp3' ? 1e-9 : 0.1), `${id}: ${kbps.toFixed(1)} kbit/s`)
    const decoded = decodeFrames(format, frames)
    const droppedSamples = format.codec === 'opus' ? encoder.delaySamples : 0
    t.equal(decoded.length, ((frames.length * format.frameSamples - droppedSamples) * format.sampleRateHz) / 48_000, `${id}: ffmpeg decodes the exact duration`)
  }
  t.end()
})

t.test('delaySamples is what a decoder really sees', (t) => {
  const voice = speech()
  for (const id of ONE_OF_EACH_KIND) {
    const format = parseFormat(id)
    const encoder = createEncoder(format)
    const stream = streamOf(format, encodeAll(encoder, voice))
    const heard = ffmpegDecode(stream, format.codec === 'mp3' ? 'mp3' : 'ogg', 48_000)
    // ffmpeg drops the pre-skip of Opus, which is the encoder's delay.
    const expected = format.codec === 'opus' ? 0 : encoder.delaySamples
    t.equal(bestLag(voice, heard, expected - 60, expected + 60, 48_000, 96_000), expected, `${id}: ${String(encoder.delaySamples)} samples`)
    encoder.close()
  }
  t.end()
})

t.test('frames are fresh memory', (t) => {
  for (const id of ONE_OF_EACH_KIND) {
    const encoder = createEncoder(parseFormat(id))
    const pcm = new Float32Array(encoder.format.frameSamples).map((_, i) => Math.sin(i / 10))
    const first = encoder.encode(pcm)
    const copy = Buffer.from(first)
    for (let i = 0; i < 50; i += 1) encoder.encode(pcm.map((x) => x * 0.5))
    t.same(first, copy, `${id}: an earlier frame has not changed`)
    encoder.close()
  }
  t.end()
})

t.test('a wrong length, a closed encoder and options out of range are refused by code', (t) => {
  for (const id of ONE_OF_EACH_KIND) {
    const encoder = createEncoder(parseFormat(id))
    const { frameSamples } = encoder.format
    t.throws(() => encoder.encode(new Float32Array(frameSamples - 1)), { code: 'CODEC_ERR_FRAME_SIZE' })
    t.throws(() => encoder.encode(new Float32Array(frameSamples + 1)), { code: 'CODEC_ERR_FRAME_SIZE' })
    encoder.close()
    encoder.close()
    t.throws(() => encoder.encode(new Float32Array(frameSamples)), { code: 'CODEC_ERR_CLOSED' })
  }
  const bad: [string, EncoderOptions][] = [
    ['opus-32', { opusComplexity: 11 }],
    ['opus-32', { opusComplexity: -1 }],
    ['opus-32', { opusComplexity: 4.5 }],
    ['opus-32', { opusExpectedLossPercent: 101 }],
    ['opus-32', { opusExpectedLossPercent: 5, opusPredictionDisabled: true }],
    ['mp3-64', { mp3Quality: 10 }],
    ['mp3-64', { mp3Quality: Number.NaN }],
  ]
  for (const [id, options] of bad) t.throws(() => createEncoder(parseFormat(id), options), { code: 'CODEC_ERR_OPTION' }, `${id} ${JSON.stringify(options)}`)
  t.throws(() => parseFormat('opus-20'), { code: 'CODEC_ERR_FORMAT' })
  t.end()
})

t.test('NaN, infinities and far too loud samples do not poison an encoder', (t) => {
  for (const id of ONE_OF_EACH_KIND) {
    const format = parseFormat(id)
    const encoder = createEncoder(format)
    const { frameSamples } = format
    const tone = new Float32Array(frameSamples).map((_, i) => 0.3 * Math.sin((2 * Math.PI * i * 10) / frameSamples))
    const frames = Array.from({ length: 10 }, () => encoder.encode(tone))
    frames.push(encoder.encode(new Float32Array(frameSamples).fill(Number.NaN)))
    frames.push(encoder.encode(new Float32Array(frameSamples).fill(Number.POSITIVE_INFINITY)))
    frames.push(encoder.encode(tone.map((x) => x * 1e30)))
    for (let i = 0; i < 20; i += 1) frames.push(encoder.encode(tone))
    const tail = decodeFrames(format, frames).slice(-(frameSamples * 8 * format.sampleRateHz) / 48_000)
    const rms = Math.sqrt(tail.reduce((sum, x) => sum + x * x, 0) / tail.length)
    t.ok(Math.abs(20 * Math.log10(rms / (0.3 / Math.SQRT2))) < 0.5, `${id}: the tone is back at its level (${rms.toFixed(3)})`)
    encoder.close()
  }
  t.end()
})

t.test('Opus stays in one layer, and makes in-band FEC when asked', (t) => {
  const voice = speech()
  const layers = (frames: Buffer[]): Set<string> => new Set(frames.map((frame) => opusLayer(frame[0]!)))
  for (const kbps of OPUS_KBPS) {
    t.same(layers(encodeAll(createEncoder(parseFormat(`opus-${String(kbps)}`)), voice)), new Set(['celt']), `opus-${String(kbps)} without loss`)
  }
  const guarded = encodeAll(createEncoder(parseFormat('opus-32'), { opusExpectedLossPercent: 15 }), voice)
  // RFC 6716, 4.2.3: after the first byte the header bits of a mono 20 ms SILK frame are voice activity, then LBRR (the FEC copy).
  const withCopy = guarded.filter((frame) => opusLayer(frame[0]!) !== 'celt' && (frame[1]! & 0x40) !== 0).length
  t.ok(withCopy > guarded.length / 2, `${String(withCopy)} of ${String(guarded.length)} packets carry a copy of the one before`)
  t.end()
})

t.test('steady frames hold the whole sound, from the first edge on', (t) => {
  const voice = speech().subarray(20_000, 44_000)
  for (const id of ONE_OF_EACH_KIND) {
    const format = parseFormat(id)
    const frames = encodeSteady(format, voice)
    const encoder = createEncoder(format)
    t.equal(frames.length, Math.ceil(voice.length / format.frameSamples), `${id}: ${String(frames.length)} frames`)
    const silence = encodeSilence(format)
    const heard = ffmpegDecode(streamOf(format, [silence, silence, ...frames, silence, silence]), format.codec === 'mp3' ? 'mp3' : 'ogg', 48_000)
    // A decoder of Ogg Opus leaves out the pre-skip at the start of a stream.
    const start = 2 * format.frameSamples - (format.codec === 'opus' ? encoder.delaySamples : 0)
    t.equal(bestLag(voice, heard, start - 60, start + 60, 0, voice.length), start, `${id}: begins at its edge`)
    encoder.close()
  }
  t.end()
})

t.test('a missing addon says what to do', (t) => {
  t.throws(() => requireAddon('/nowhere/lame.node', 'The MP3 encoder'), { code: 'CODEC_ERR_NATIVE_MISSING', message: /npm run setup/ })
  t.throws(() => requireAddon('/nowhere/lame.node', 'The MP3 encoder'), CodecError)
  t.end()
})
