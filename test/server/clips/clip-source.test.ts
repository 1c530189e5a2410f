import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ClipSource } from '../../../server/clips/clip-source.ts'
import { wavHeader } from '../../../server/clips/wav-file.ts'
import type { ClipSpec } from '../../../server/link/messages.ts'
import { waitUntil } from '../../support/wait-until.ts'

const BLOCK = 960
const SECOND = 48_000
const ANCHOR = 1_000_000_123

/** Each sample tells its clip and its place in it: no two within 32 000 samples of any two clips are alike by chance. */
const sampleOf = (clip: number, place: number): number => ((place * 31 + clip * 7919) % 65_000) - 32_500

function makeClips(t: Test, lengths: readonly number[]): { clips: ClipSpec[]; expected: Int16Array } {
  const folder = mkdtempSync(join(tmpdir(), 'loa-clip-source-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const all: number[] = []
  const clips = lengths.map((durationSamples, clip) => {
    const pcm = Buffer.alloc(durationSamples * 2)
    for (let i = 0; i < durationSamples; i++) {
      pcm.writeInt16LE(sampleOf(clip, i), i * 2)
      all.push(sampleOf(clip, i))
    }
    const path = join(folder, `${String(clip)}.wav`)
    writeFileSync(path, Buffer.concat([wavHeader(durationSamples), pcm]))
    return { clipId: String(clip), path, durationSamples }
  })
  return { clips, expected: Int16Array.from(all) }
}

/** Reads [from, to) of house time in blocks, waiting for the disk where the grid would bridge. */
async function readAll(source: ClipSource, from: number, to: number): Promise<Int16Array> {
  const result = new Int16Array(to - from)
  const block = new Float32Array(BLOCK)
  for (let at = from; at < to; at += BLOCK) {
    await waitUntil('the disk', () => source.read(block, at) === BLOCK)
    for (let i = 0; i < BLOCK && at + i < to; i++) result[at - from + i] = Math.round(block[i]! * 32_768)
  }
  return result
}

t.test('clips follow one another to the sample, with silence before and after', async (t) => {
  const { clips, expected } = makeClips(t, [70_001, 3, 0, 48_000, 959, 100_007])
  const source = new ClipSource(ANCHOR, clips, (_clipId, error) => { throw error })
  t.teardown(() => source.close())
  t.equal(source.endSamples, ANCHOR + expected.length)
  const from = ANCHOR - 2 * BLOCK + 17
  const heard = await readAll(source, from, source.endSamples + 2 * BLOCK)
  const lead = ANCHOR - from
  t.ok(heard.subarray(0, lead).every((x) => x === 0), 'silence before the first sample')
  t.ok(Buffer.from(heard.slice(lead, lead + expected.length).buffer).equals(Buffer.from(expected.buffer)), 'every sample, once, in order')
  t.ok(heard.subarray(lead + expected.length).every((x) => x === 0), 'silence after the last')
})

t.test('who joins late joins in the right place', async (t) => {
  const { clips, expected } = makeClips(t, [60_000, 60_000, 60_000])
  for (const late of [1, 47_999, 59_999, 60_000, 119_500, 179_999]) {
    const source = new ClipSource(ANCHOR, clips, (_clipId, error) => { throw error })
    const heard = await readAll(source, ANCHOR + late, ANCHOR + late + 2 * BLOCK)
    const part = expected.subarray(late, late + 2 * BLOCK)
    t.same([...heard.subarray(0, part.length)], [...part], `${String(late)} samples late`)
    await source.close()
  }
})

t.test('the disk is read ahead: at the pace of the grid nothing is missing', async (t) => {
  const { clips } = makeClips(t, [150_000, 150_000])
  const source = new ClipSource(ANCHOR, clips, (_clipId, error) => { throw error })
  t.teardown(() => source.close())
  const block = new Float32Array(BLOCK)
  source.prefetch(ANCHOR)
  let starved = 0
  for (let at = ANCHOR; at < source.endSamples; at += BLOCK) {
    // Far faster than life: what has been asked of the disk comes before the next second begins, and not a block later.
    if ((at - ANCHOR) % SECOND === 0) await waitUntil('the disk', () => source.pagesBeingRead === 0)
    if (source.read(block, at) < BLOCK) starved++
  }
  t.equal(starved, 0)
})

t.test('a file that is missing or too short starves its place, is told of, and the next clip comes in time', async (t) => {
  const { clips, expected } = makeClips(t, [48_000, 96_000, 48_000])
  const faults: string[] = []
  rmSync(clips[0]!.path)
  writeFileSync(clips[1]!.path, wavHeader(10))
  const source = new ClipSource(ANCHOR, clips, (clipId) => { faults.push(clipId) })
  t.teardown(() => source.close())
  const block = new Float32Array(BLOCK)
  t.equal(source.read(block, ANCHOR), 0)
  await waitUntil('both faults', () => faults.includes('0') && faults.includes('1'))
  t.equal(source.read(block, ANCHOR + BLOCK), 0)
  const from = ANCHOR + 144_000
  const heard = await readAll(source, from, from + 48_000)
  t.ok(Buffer.from(heard.buffer).equals(Buffer.from(expected.slice(144_000).buffer)))
  const before = faults.length
  for (let i = 0; i < 20; i++) source.read(block, ANCHOR + 5 * BLOCK)
  await waitUntil('the broken files are tried again', () => faults.length > before)
  for (let i = 0; i < 20; i++) {
    source.read(block, ANCHOR + (6 + i) * BLOCK)
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.ok(faults.length - before <= 3, 'once for each of the three seconds looked at, not at every block')
})

t.test('clips fade into one another as FFmpeg makes them offline, to a step of 16 bits, and the last yields or comes back alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loa-clip-source-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const lengths = [96_000, 70_001, 100_007]
  const fade = 24_000
  const clips = lengths.map((durationSamples, clip): ClipSpec => {
    const pcm = Buffer.alloc(durationSamples * 2)
    for (let i = 0; i < durationSamples; i++) pcm.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * (250 + 90 * clip) * i) / SECOND)), i * 2)
    const path = join(folder, `${String(clip)}.wav`)
    writeFileSync(path, Buffer.concat([wavHeader(durationSamples), pcm]))
    return { clipId: String(clip), path, durationSamples }
  })
  const { stdout } = spawnSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...clips.flatMap(({ path }) => ['-i', path]), '-filter_complex', `[0][1]acrossfade=ns=${String(fade)}:c1=qsin:c2=qsin[a];[a][2]acrossfade=ns=${String(fade)}:c1=qsin:c2=qsin[out]`, '-map', '[out]', '-f', 's16le', '-ac', '1', '-'], { maxBuffer: 1 << 28 })
  const expected = new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.byteLength))
  const open = (more: ConstructorParameters<typeof ClipSource>[3]): ClipSource => {
    const source = new ClipSource(ANCHOR, clips, (_clipId, error) => { throw error }, { crossfadeSamples: fade, ...more })
    t.teardown(() => source.close())
    return source
  }
  const source = open({})
  t.equal(source.endSamples - ANCHOR, lengths.reduce((a, b) => a + b) - 2 * fade)
  t.equal(expected.length, source.endSamples - ANCHOR)
  const heard = await readAll(source, ANCHOR, source.endSamples)
  t.ok(heard.every((sample, index) => Math.abs(sample - expected[index]!) <= 2), 'every sample')

  const second = lengths[0]! - fade
  const yields = await readAll(open({ span: { from: 0, until: second } }), ANCHOR, ANCHOR + lengths[0]! + BLOCK)
  const alone = (clip: number, place: number): number => (place < lengths[clip]! ? Math.round(9000 * Math.sin((2 * Math.PI * (250 + 90 * clip) * place) / SECOND)) : 0)
  t.ok(yields.every((sample, place) => sample === alone(0, place)), 'the first to its last sample, alone')
  const comesBack = await readAll(open({ span: { from: second, until: null } }), ANCHOR + second - BLOCK, ANCHOR + second + SECOND / 2)
  t.ok(comesBack.every((sample, index) => sample === (index < BLOCK ? 0 : alone(1, index - BLOCK))), 'the next from its first sample, alone')
})
