/** Rate of everything the demo makes; what a radio station commonly sends. */
export const RADIO_RATE_HZ = 44_100

/** A soft tone that sounds under everything the station sends: by it a program sees that the station is on. No note is near it. */
export const DRONE_HZ = 220

const DRONE_AMPLITUDE = 0.07
const PLUCK_AMPLITUDE = 0.3
const NOTE_SECONDS = 2.5
const DECAY = 0.996
/** A pentatonic scale, do re fa sol la, over two octaves. */
const SCALE_HZ = [293.66, 329.63, 392, 440, 493.88, 587.33, 659.26, 783.99]
/** Steps on the scale, one each half second; a dot is a rest. */
const MELODY = '2.43.212.0124..3.545.321.2.0..2.4.567.54.32..1.2.4.3.210..0.2...'

/**
 * One note of a plucked string, by the algorithm of Karplus and Strong (Computer Music Journal 7(2), 1983): a burst of noise
 * that runs round in a delay line with a mean of neighbours as its filter.
 */
function pluck(frequencyHz: number, noise: () => number): Float32Array {
  const line = Float32Array.from({ length: Math.round(RADIO_RATE_HZ / frequencyHz) }, () => noise() * 2 - 1)
  const note = new Float32Array(Math.round(NOTE_SECONDS * RADIO_RATE_HZ))
  for (let sample = 0, at = 0; sample < note.length; sample += 1, at = (at + 1) % line.length) {
    const value = line[at]!
    note[sample] = value * PLUCK_AMPLITUDE * Math.min(1, (note.length - sample) / 2000)
    line[at] = (DECAY * (value + line[(at + 1) % line.length]!)) / 2
  }
  return note
}

/** Noise that is the same at every start. */
function lehmer(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

/**
 * A loop of plucked music with speech over it. The end runs into the beginning, since notes go on around it and the drone has
 * a whole number of periods.
 * @param speeches mono, RADIO_RATE_HZ, ±1; one after the other, evenly spread
 */
export function makeLoop(speeches: readonly Float32Array[], seconds: number): Float32Array {
  const length = seconds * RADIO_RATE_HZ
  const music = new Float32Array(length)
  const noise = lehmer(2026)
  const step = RADIO_RATE_HZ / 2
  for (let position = 0, index = 0; position < length; position += step, index += 1) {
    const degree = MELODY[index % MELODY.length]!
    if (degree === '.') continue
    const note = pluck(SCALE_HZ[Number(degree)]!, noise)
    for (let sample = 0; sample < note.length; sample += 1) music[(position + sample) % length]! += note[sample]!
  }
  const loop = new Float32Array(length)
  const loudness = new Float32Array(length).fill(1)
  speeches.forEach((speech, index) => {
    const from = Math.round(((index + 0.3) * length) / speeches.length)
    for (let sample = 0; sample < speech.length; sample += 1) {
      loop[(from + sample) % length]! += speech[sample]! * 0.8
      loudness[(from + sample) % length] = 0.25
    }
  })
  let gain = 1
  for (let sample = 0; sample < length; sample += 1) {
    // The music steps back for the voice within about a tenth of a second.
    gain += (loudness[sample]! - gain) * 0.0005
    loop[sample]! += music[sample]! * gain + DRONE_AMPLITUDE * Math.sin((2 * Math.PI * DRONE_HZ * sample) / RADIO_RATE_HZ)
  }
  return loop
}
