import t from 'tap'
import { SoundWatch, type SoundFault, type SoundWatchTimes } from '../../../codec/index.ts'
import { applause, coded, drums, filtered, flute, joined, made, mixed, morse, noise, plucked, rain, random, repeated, scaled, SENTENCES, silence, siren, speech, synthesized } from '../../support/programme-sounds.ts'

/** Sooner than any server is set by default: what is not cut with these is far from it. */
const TIMES: SoundWatchTimes = { silenceMs: 5000, noiseFloorMs: 7000, brokenMs: 5000, stuckMs: 6000 }
const SECONDS = 13

interface Change {
  readonly atSeconds: number
  readonly fault: SoundFault | null
}

function changesIn(pcm: Float32Array, times = TIMES): Change[] {
  const watch = new SoundWatch(times)
  const changes: Change[] = []
  let before: SoundFault | null = null
  for (let at = 0; at < pcm.length; at += 960) {
    watch.push(pcm.subarray(at, at + 960))
    if (watch.fault === before) continue
    before = watch.fault
    changes.push({ atSeconds: (at + 960) / 48_000, fault: before })
  }
  return changes
}

const talk = joined(...SENTENCES.flatMap((sentence) => [speech(sentence), silence(4)]))
const room = (dbfs: number): Float32Array => scaled(synthesized('anoisesrc=color=pink:amplitude=1:seed=3', SECONDS), dbfs)
const longTalk = repeated(talk, SECONDS)
const strings = plucked(SECONDS)
const blown = flute(SECONDS)

const SOUND: Readonly<Record<string, () => Float32Array>> = {
  'speech with pauses of four seconds': () => longTalk,
  'a low voice': () => scaled(longTalk, -35),
  'speech in a room': () => mixed(longTalk, room(-50)),
  'speech in a loud street': () => mixed(longTalk, room(-30)),
  'speech through Opus': () => coded(longTalk, 'libopus', 24),
  'speech in a room through MP3': () => coded(mixed(longTalk, room(-50)), 'libmp3lame', 48),
  'plucked strings': () => strings,
  'soft strings': () => scaled(strings, -45),
  'a flute': () => blown,
  'a soft flute': () => scaled(blown, -35),
  'drums, beat by beat': () => drums(SECONDS),
  applause: () => scaled(applause(SECONDS), 30),
  'applause of many, compressed': () => filtered(scaled(applause(SECONDS, 400), 26), 'acompressor=threshold=-24dB:ratio=8:attack=5:release=50:makeup=8'),
  rain: () => rain(SECONDS),
  'a test tone': () => siren(SECONDS, () => 1000),
  'a deep test tone': () => siren(SECONDS, () => 100),
  'a high test tone': () => siren(SECONDS, () => 12_000),
  'a sweep': () => siren(SECONDS, (t) => 20 * 1000 ** ((t % 20) / 20)),
  'a siren that wails': () => siren(SECONDS, (t) => 500 + 400 * Math.sin((2 * Math.PI * t) / 4) ** 2, 10),
  'a siren that yelps': () => siren(SECONDS, (t) => 600 + 800 * ((t * 3.3) % 1), 12),
  'a horn of two tones': () => siren(SECONDS, (t) => (t % 1 < 0.5 ? 440 : 585), 12),
  'a horn of one': () => siren(SECONDS, () => 330, 12),
  beeps: () => made(SECONDS, (t) => (t % 0.5 < 0.2 ? 0.4 * Math.sin(2 * Math.PI * 1000 * t) : 0)),
  Morse: () => morse(SECONDS),
  'Morse on a bad line': () => mixed(morse(SECONDS), scaled(noise(SECONDS), -40)),
  'a studio a little overdriven': () => scaled(longTalk, 12).map((x) => Math.max(-1, Math.min(1, x))),
  'a little offset beside speech': () => longTalk.map((x) => x * 0.5 + 0.2),
}

t.test('what anybody means to be heard is no fault', (t) => {
  for (const [name, make] of Object.entries(SOUND)) t.same(changesIn(make()), [], name)
  t.end()
})

/** A byte stream taken for 16 bits, little-endian. */
function misread(pcm: Float32Array, bytesEach: number, write: (view: DataView, at: number, x: number) => void): Float32Array {
  const view = new DataView(new ArrayBuffer(pcm.length * bytesEach))
  pcm.forEach((x, i) => { write(view, i * bytesEach, x) })
  return Float32Array.from({ length: view.byteLength >> 1 }, (_, i) => view.getInt16(i * 2, true) / 32_768)
}

const hum = (): Float32Array => mixed(scaled(siren(SECONDS, () => 50, 3), -45), scaled(noise(SECONDS), -70))
const radioWithoutStation = (): Float32Array => filtered(scaled(noise(SECONDS), -8), 'lowpass=f=3180:p=1,lowpass=f=15000')

const FAULTY: Readonly<Record<string, readonly [fault: SoundFault, withinSeconds: number, make: () => Float32Array]>> = {
  'digital silence': ['silence', 5.1, () => silence(8)],
  'digital silence with a click now and then': ['silence', 5.5, () => made(8, (_, n) => (n % 96_000 < 100 ? 0.5 : 0))],
  'silence as MP3 brings it': ['silence', 5.3, () => coded(silence(8), 'libmp3lame', 64)],
  'the hiss of a line': ['noise-floor', 7.5, () => room(-60)],
  'a hiss through Opus': ['noise-floor', 7.5, () => coded(room(-50), 'libopus', 32)],
  'the hum of a line': ['noise-floor', 7.5, hum],
  'white noise at full scale': ['noise', 6.2, () => noise(SECONDS)],
  'white noise through Opus': ['noise', 6.2, () => coded(scaled(noise(SECONDS), -8), 'libopus', 24)],
  'a radio without a station': ['noise', 8.5, radioWithoutStation],
  'a constant with a little noise': ['dc', 5.2, () => mixed(made(7, () => 0.3), scaled(noise(7), -70))],
  'bytes in the other order': ['wrong-format', 12, () => misread(longTalk, 2, (view, at, x) => { view.setInt16(at, x * 32_767) })],
  '24 bits taken for 16': ['wrong-format', 13, () => misread(longTalk, 3, (view, at, x) => { const v = Math.round(x * 8_388_607); view.setUint8(at, v & 255); view.setInt16(at + 1, v >> 8, true) })],
  'floats taken for 16 bits': ['wrong-format', 13, () => misread(longTalk, 4, (view, at, x) => { view.setFloat32(at, x, true) })],
}

t.test('what is as good as nothing is told within its time', (t) => {
  for (const [name, [fault, withinSeconds, make]] of Object.entries(FAULTY)) {
    const [first] = changesIn(make())
    t.equal(first?.fault, fault, name)
    t.ok((first?.atSeconds ?? Infinity) <= withinSeconds, `${name}: after ${String(first?.atSeconds)} s`)
  }
  t.end()
})

/** An excerpt that is no pause. */
function excerpt(pcm: Float32Array, ms: number, next: () => number): Float32Array {
  const samples = Math.round(ms * 48)
  for (;;) {
    const from = Math.floor(((next() + 1) / 2) * (pcm.length - samples))
    const part = pcm.slice(from, from + samples)
    if (part.reduce((sum, x) => sum + x * x, 0) / samples > 1e-3) return part
  }
}

t.test('a loop is told, whatever its length and through codecs', (t) => {
  const next = random(21)
  const both = mixed(strings, scaled(talk, -3))
  for (const [ms, source] of [[100, strings], [103.7, both], [512, strings], [1333.33, both], [3999.9, both]] as const) {
    const [first] = changesIn(repeated(excerpt(source, ms, next), 19))
    t.equal(first?.fault, 'stuck', `${String(ms)} ms`)
    // The search takes five seconds and more; of a loop, or of what looks like one, two turns are waited for.
    t.ok((first?.atSeconds ?? Infinity) <= 18, `${String(ms)} ms: after ${String(first?.atSeconds)} s`)
  }
  for (const [ms, codec, kbps] of [[1000, 'libmp3lame', 48], [2500, 'libopus', 24]] as const) {
    const loop = repeated(talk.subarray(48_000, 48_000 + ms * 48), 19)
    t.equal(changesIn(coded(loop, codec, kbps))[0]?.fault, 'stuck', `speech, ${String(ms)} ms, ${codec}`)
  }
  t.end()
})

t.test('each is over soon after the sound is back, and not before', (t) => {
  const loop = repeated(talk.subarray(48_000, 96_000), 15)
  const cases: readonly (readonly [SoundFault, Float32Array, number])[] = [
    ['silence', silence(6), 0.3], ['noise-floor', room(-60).subarray(0, 9 * 48_000), 0.5], ['noise', noise(8), 4], ['stuck', loop, 2.5], ['dc', mixed(made(7, () => 0.3), scaled(noise(7), -70)), 0.5],
    ['wrong-format', misread(talk, 2, (view, at, x) => { view.setInt16(at, x * 32_767) }), 3.5],
  ]
  const voice = speech(SENTENCES[0])
  for (const [fault, bad, withinSeconds] of cases) {
    const changes = changesIn(joined(bad, voice))
    const over = changes.at(-1)
    t.match(changes, [{ fault }, { fault: null }], fault)
    const seconds = (over?.atSeconds ?? Infinity) - bad.length / 48_000
    t.ok(seconds > 0 && seconds <= withinSeconds, `${fault}: over after ${seconds.toFixed(2)} s`)
  }
  t.end()
})

t.test('zero means never, and the size of a push does not matter', (t) => {
  for (const pcm of [silence(8), noise(7), repeated(talk.subarray(48_000, 96_000), 14)]) t.same(changesIn(pcm, { silenceMs: 0, noiseFloorMs: 0, brokenMs: 0, stuckMs: 0 }), [])
  const pcm = joined(talk, noise(7), silence(6), repeated(strings.subarray(0, 48_000), 14))
  const next = random(5)
  const even = new SoundWatch(TIMES)
  const uneven = new SoundWatch(TIMES)
  let at = 0
  let unlike = 0
  while (at < pcm.length) {
    const to = Math.min(pcm.length, at + Math.floor((next() + 1) * 3000))
    uneven.push(pcm.subarray(at, to))
    for (let from = at; from < to; from += 7) even.push(pcm.subarray(from, Math.min(to, from + 7)))
    if (even.fault !== uneven.fault) unlike += 1
    at = to
  }
  t.equal(unlike, 0)
  t.equal(even.fault, 'stuck')
  const hostile = new SoundWatch(TIMES)
  for (let n = 0; n < 300; n += 1) hostile.push(new Float32Array(960).fill(n % 3 === 0 ? NaN : n % 3 === 1 ? Infinity : -1e38))
  hostile.push(talk)
  t.equal(hostile.fault, null)
  t.end()
})
