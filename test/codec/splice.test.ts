import t from 'tap'
import type { AudioFormat } from '../../codec/index.ts'
import { createEncoder, encodeSilence, encodeSteady, GRID_SAMPLES, parseFormat } from '../../codec/index.ts'
import { decodeFrames, encodeAll, speech } from '../support/sound.ts'
import { bandDb, rmsDb } from '../support/spectrum.ts'

/**
 * A listener is moved from one encoder's frames to another's at a frame edge, with no fade. What does he hear?
 *
 * A click is energy at 4-11 kHz in some 5 ms window within 30 ms of the cut that neither stream has there by itself. For scale stands the same
 * cut in PCM, which does click: a tone that is turned over in mid-wave.
 */
const FORMATS = ['opus-16', 'opus-32', 'opus-64', 'mp3-64', 'mp3-128', 'mp3-24k-32']
const LENGTH = 16 * GRID_SAMPLES
const CUT = 8 * GRID_SAMPLES

const tone = (frequencyHz: number, amplitude: number): Float32Array => new Float32Array(LENGTH).map((_, i) => amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / 48_000 + 0.3))

/** Loudest 4-11 kHz within 30 ms of `at`. */
function clickDb(pcm: Float32Array, rateHz: number, at: number): number {
  let highest = -Infinity
  const size = rateHz === 48_000 ? 256 : 128
  for (let start = at - 0.03 * rateHz - size; start <= at + 0.03 * rateHz; start += rateHz / 1000) highest = Math.max(highest, bandDb(pcm, Math.round(start), size, rateHz, 4000, 11_000))
  return highest
}

/** Lowest and highest level of 10 ms within 60 ms of `at`. */
function levels(pcm: Float32Array, rateHz: number, at: number): { lowest: number; highest: number } {
  const all: number[] = []
  for (let start = at - 0.06 * rateHz; start <= at + 0.05 * rateHz; start += 0.0025 * rateHz) all.push(rmsDb(pcm, Math.round(start), Math.round(start + 0.01 * rateHz)))
  return { lowest: Math.min(...all), highest: Math.max(...all) }
}

interface Spliced {
  readonly heard: Float32Array
  readonly first: Float32Array
  readonly second: Float32Array
  /** Where the cut is in all three, after the codec's delay. */
  readonly at: number
}

function splice(format: AudioFormat, a: Float32Array, b: Float32Array): Spliced {
  const [first, second] = [a, b].map((pcm) => {
    const encoder = createEncoder(format)
    const frames = encodeAll(encoder, pcm)
    encoder.close()
    return frames
  })
  const { delaySamples } = createEncoder(format)
  const edge = CUT / format.frameSamples
  const delay = format.codec === 'opus' ? 0 : delaySamples
  return {
    // Frame numbers far from zero, as on the house clock.
    heard: decodeFrames(format, [...first!.slice(0, edge), ...second!.slice(edge)], 8_000_000_000),
    first: decodeFrames(format, first!),
    second: decodeFrames(format, second!),
    at: Math.round(((CUT + delay) * format.sampleRateHz) / 48_000),
  }
}

t.test('tone to tone: no click, no hole, no peak', (t) => {
  const up = tone(440, 0.4)
  const inverse = tone(440, -0.4)
  const hard = Float32Array.from([...up.subarray(0, CUT), ...inverse.subarray(CUT)])
  const hardDb = clickDb(hard, 48_000, CUT)
  t.ok(hardDb > -45, `a hard cut in PCM clicks: ${hardDb.toFixed(1)} dB`)
  for (const id of FORMATS) {
    const format = parseFormat(id)
    for (const [name, other] of [['another tone', tone(620, 0.4)], ['the tone turned over', inverse]] as const) {
      const { heard, first, second, at } = splice(format, up, other)
      t.equal(heard.length, first.length, `${id}, ${name}: not a sample more or less`)
      const itselfDb = Math.max(clickDb(first, format.sampleRateHz, at), clickDb(second, format.sampleRateHz, at))
      const splicedDb = clickDb(heard, format.sampleRateHz, at)
      t.ok(splicedDb < itselfDb + 6, `${id}, ${name}: ${splicedDb.toFixed(1)} dB at the cut, ${itselfDb.toFixed(1)} without one`)
      t.ok(splicedDb < hardDb - 40, `${id}, ${name}: far below the hard cut`)
      const { lowest, highest } = levels(heard, format.sampleRateHz, at)
      t.ok(lowest > -11 - 7 && highest < -11 + 2, `${id}, ${name}: between ${lowest.toFixed(1)} and ${highest.toFixed(1)} dBFS, the tones are −11`)
    }
  }
  t.end()
})

t.test('voice to silence and to a pre-encoded tone: nothing is louder or brighter than either', (t) => {
  const voice = speech().subarray(0, LENGTH)
  for (const id of FORMATS) {
    const format = parseFormat(id)
    const silence = encodeSilence(format)
    const alarm = encodeSteady(format, tone(1000, 0.5))
    const encoder = createEncoder(format)
    const spoken = encodeAll(encoder, voice)
    encoder.close()
    const delay = format.codec === 'opus' ? 0 : encoder.delaySamples
    const at = Math.round(((CUT + delay) * format.sampleRateHz) / 48_000)
    const edge = CUT / format.frameSamples
    const rest = spoken.length - edge
    const voiceAlone = decodeFrames(format, spoken)
    const voiceDb = clickDb(voiceAlone, format.sampleRateHz, at)

    const cutOff = decodeFrames(format, [...spoken.slice(0, edge), ...Array.from({ length: rest }, () => silence)])
    t.equal(cutOff.length, voiceAlone.length)
    t.ok(clickDb(cutOff, format.sampleRateHz, at) < voiceDb + 1, `${id}: the voice stops without a click`)
    const after = Math.round(at + 0.03 * format.sampleRateHz)
    t.ok(rmsDb(cutOff, after, after + format.sampleRateHz / 4) < -85, `${id}: and it is silent ${rmsDb(cutOff, after, after + format.sampleRateHz / 4).toFixed(0)} dBFS 30 ms later`)

    const alarmed = decodeFrames(format, [...spoken.slice(0, edge), ...alarm.slice(0, rest)])
    const alarmDb = clickDb(decodeFrames(format, [...alarm, silence, silence]), format.sampleRateHz, format.sampleRateHz / 2)
    t.ok(clickDb(alarmed, format.sampleRateHz, at) < Math.max(voiceDb, alarmDb) + 1, `${id}: the tone cuts in without a click`)
    const { highest } = levels(alarmed, format.sampleRateHz, Math.round(at + 0.1 * format.sampleRateHz))
    t.ok(Math.abs(highest + 9) < 0.7, `${id}: and is at its level at once (${highest.toFixed(1)} dBFS)`)
  }
  t.end()
})
