/** Sound so near to silence belongs to it: an encoder lets what it borders on fade and ring. */
const NEAR_SILENCE_MS = 60
const SILENCE = 10 ** (-50 / 20)

/** For each sample whether it counts: 1, or 0 near a millisecond of silence. */
function awayFromSilence(pcm: Float32Array, rateHz: number): Uint8Array {
  const counts = new Uint8Array(pcm.length).fill(1)
  const [step, near] = [Math.round(rateHz / 1000), Math.round((rateHz * NEAR_SILENCE_MS) / 1000)]
  for (let at = 0; at + step <= pcm.length; at += step) {
    if (pcm.subarray(at, at + step).every((sample) => Math.abs(sample) < SILENCE)) counts.fill(0, Math.max(0, at - near), at + step + near)
  }
  return counts
}

/**
 * Level of a tone against everything else in `pcm`, dB: a least-squares fit of the sine is taken away and compared with the rest.
 * @param withoutSilence silence, and what is near it, does not count: the tone must be in step with itself before and after
 */
export function toneRatioDb(pcm: Float32Array, frequencyHz: number, { rateHz = 48_000, withoutSilence = false } = {}): number {
  const step = (2 * Math.PI * frequencyHz) / rateHz
  const counts = withoutSilence ? awayFromSilence(pcm, rateHz) : undefined
  let ss = 0
  let cc = 0
  let sc = 0
  let ys = 0
  let yc = 0
  for (let i = 0; i < pcm.length; i++) {
    if (counts?.[i] === 0) continue
    const s = Math.sin(step * i)
    const c = Math.cos(step * i)
    ss += s * s
    cc += c * c
    sc += s * c
    ys += pcm[i]! * s
    yc += pcm[i]! * c
  }
  const determinant = ss * cc - sc * sc
  const a = (ys * cc - yc * sc) / determinant
  const b = (yc * ss - ys * sc) / determinant
  let tone = 0
  let rest = 0
  for (let i = 0; i < pcm.length; i++) {
    if (counts?.[i] === 0) continue
    const fitted = a * Math.sin(step * i) + b * Math.cos(step * i)
    tone += fitted * fitted
    rest += (pcm[i]! - fitted) ** 2
  }
  return 10 * Math.log10(tone / rest)
}

/**
 * The same in pieces of 100 ms, the median of them: for sound whose speed is corrected by some hundred ppm, which turns its
 * phase away from a fixed sine within a second.
 */
export function shortToneRatioDb(pcm: Float32Array, frequencyHz: number): number {
  const ratios: number[] = []
  for (let at = 0; at + 4800 <= pcm.length; at += 4800) ratios.push(toneRatioDb(pcm.subarray(at, at + 4800), frequencyHz))
  return ratios.sort((a, b) => a - b)[ratios.length >> 1]!
}
