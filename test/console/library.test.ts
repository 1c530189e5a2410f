import t from 'tap'
import { loudnessOf } from '../../console/src/screens/library/loudness.ts'
import { levelOf, shareOf } from '../../console/src/screens/library/level.ts'
import { PART_BYTES, uploadInParts } from '../../console/src/screens/library/part-upload.ts'
import { encodeWav, peaksOf } from '../../console/src/screens/library/wav.ts'
import { fewerPeaks, markText, movedMark, outline } from '../../console/src/parts/sound/marks.ts'
import { fc } from '../support/seed.ts'
import { wavFile } from '../support/sound-files.ts'

/** What a line does with a request: lets it through, cuts it after some bytes, or loses the answer. */
type Fate = 'through' | 'lost' | number
const fate = fc.oneof({ weight: 2, arbitrary: fc.constant<Fate>('through') }, fc.constant<Fate>('lost'), fc.integer({ min: 0, max: PART_BYTES }))

t.test('an upload comes to its end over any line, and sends nothing that is there already', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 5 * PART_BYTES }), fc.integer({ min: 0, max: PART_BYTES }), fc.array(fate, { maxLength: 30 }), async (sizeBytes, before, fates) => {
    let there = Math.min(before, sizeBytes)
    let finished = 0
    const waits: number[] = []
    const next = (): Fate => fates.shift() ?? 'through'
    /** Whether the request arrives; throws when its answer does not come back. */
    const answer = async <T>(value: () => T): Promise<T> => {
      await Promise.resolve()
      const its = next()
      if (typeof its === 'number') throw new TypeError('cut')
      const done = value()
      if (its === 'lost') throw new TypeError('lost')
      return done
    }
    const done = await uploadInParts(sizeBytes, {
      begin: () => answer(() => ({ id: 'a', offset: there })),
      offset: () => answer(() => there),
      async send(_id, from, to) {
        await Promise.resolve()
        if (from !== there) throw new Error(`sent from ${String(from)}, ${String(there)} are there`)
        const its = next()
        there = typeof its === 'number' ? Math.min(to, from + its) : to
        if (its !== 'through') throw new TypeError('cut')
        return there
      },
      finish: () => answer(() => { finished++; return there }),
      wait(ms) {
        waits.push(ms)
        return Promise.resolve()
      },
      isFinal: (error) => !(error instanceof TypeError),
      onState: (offset) => { if (offset > there) throw new Error('more is shown than is there') },
    })
    return done === sizeBytes && there === sizeBytes && finished >= 1 && waits.every((ms) => ms >= 1000 && ms <= 30_000)
  }))
})

t.test('what the server refuses ends an upload', async (t) => {
  let tries = 0
  const refused = new Error('413')
  await t.rejects(uploadInParts(1, { begin: () => { tries++; return Promise.reject(refused) }, offset: () => Promise.reject(refused), send: () => Promise.reject(refused), finish: () => Promise.reject(refused), wait: () => Promise.resolve(), isFinal: () => true, onState: () => undefined }), refused)
  t.equal(tries, 1)
})

t.test('marks stay inside the sound and apart', (t) => {
  fc.assert(fc.property(fc.integer({ min: 200, max: 7_200_000 }), fc.array(fc.tuple(fc.constantFrom('fromMs' as const, 'toMs' as const), fc.double({ min: -1e7, max: 1e7, noNaN: true }))), (durationMs, moves) => {
    let span = { fromMs: 0, toMs: durationMs }
    for (const [mark, to] of moves) span = movedMark(span, mark, to, durationMs)
    return span.fromMs >= 0 && span.toMs <= durationMs && span.toMs - span.fromMs >= 200 && Number.isInteger(span.fromMs) && Number.isInteger(span.toMs)
  }))
  t.same([0, 65_320, 59_960, 3_600_000].map(markText), ['0:00.0', '1:05.3', '1:00.0', '60:00.0'])
  t.end()
})

t.test('peaks are never lost, however few are shown', (t) => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 2000 }), fc.integer({ min: 1, max: 600 }), (peaks, most) => {
    const fewer = fewerPeaks(peaks, most)
    return fewer.length <= Math.max(most, 1) && Math.max(...fewer) === Math.max(...peaks)
  }))
  t.equal(outline([1]), 'M0 50L0 2.0H1L1 98.0H0Z')
  t.same(peaksOf(Float32Array.of(0, -0.5, 0.25, 0.125), 2), [0.5, 0.25])
  t.end()
})

t.test('a recording becomes the WAV that the house knows', (t) => {
  const pcm = Float32Array.of(0, 0.5, -1, 2)
  t.same(Buffer.from(encodeWav(pcm, 48_000)), wavFile(pcm))
  t.end()
})

t.test('loudness in words', (t) => {
  t.same([null, -60, -36, -27, -16, -9, -3].map(loudnessOf), ['silent', 'faint', 'quiet', 'good', 'good', 'loud', 'loud'])
  t.same([-50, -30, -10, -0.5].map(levelOf), ['tooQuiet', 'levelGood', 'levelGood', 'tooLoud'])
  t.same([-90, -30, 3].map(shareOf), [0, 0.5, 1])
  t.end()
})
