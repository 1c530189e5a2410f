import { join } from 'node:path'
import t from 'tap'
import { isMissing, OpusFileReader } from '../../../codec/index.ts'
import type { PreparedSounds } from '../../../rooms/feed.ts'
import type { BusFrame, Interest } from '../../../rooms/frame-bus.ts'
import type { RecorderRoom, TapeReport } from '../../../server/link/recorder-messages.ts'
import { Recorder } from '../../../server/recording/recorder.ts'
import { openTapeDisk } from '../../../server/recording/tape-disk.ts'
import { joined, replannedWindows } from '../../../server/recording/windows.ts'
import { MemoryTapeDisk } from '../../support/memory-tape-disk.ts'
import { fc } from '../../support/seed.ts'

const FRAME = 960
const SECOND = 48_000
/** Not far before the end of an hour of the house clock. */
const START = 3600 * SECOND * 1000 - 20 * SECOND

const tone = [1, 2, 3, 4, 5].map((value) => Buffer.from([0xf8, value, value]))
const sounds: PreparedSounds = { silence: () => [Buffer.from([0xf8, 0xff, 0xfe])], tone: () => tone }

/** A recorder whose time is moved by hand. */
class Bench {
  readonly disk: MemoryTapeDisk
  readonly recorder: Recorder
  interests: readonly Interest[] = []
  now = START
  #ids = 0

  constructor(disk = new MemoryTapeDisk(), minFreeBytes = 1000, ids = 'r') {
    this.disk = disk
    this.recorder = new Recorder({
      disk, sounds, minFreeBytes,
      nowSamples: () => this.now,
      monotonicMs: () => this.now / 48,
      newId: () => `${ids}${String(this.#ids++)}`,
      setInterest: (interests) => { this.interests = interests },
      onError: (error) => { throw error },
    })
  }

  plan(rooms: readonly RecorderRoom[], isFull = false): void {
    this.recorder.apply({ type: 'recorder-state', atSamples: this.now, rooms, isFull })
  }

  /** Frames of the room that end in the time, as an engine sends them. */
  async play(ms: number, room = 'src:a', skip: (frame: number) => boolean = () => false, format = 'opus-32'): Promise<void> {
    for (const until = this.now + ms * 48; this.now < until;) {
      const frame = Math.ceil(this.now / FRAME)
      this.now = (frame + 1) * FRAME
      if (!skip(frame)) this.recorder.take([frameOf(frame, room, format)])
      if (frame % 25 === 0) await this.recorder.tick()
    }
  }

  closed(): readonly TapeReport[] {
    return this.recorder.reports().filter(({ isOpen }) => !isOpen)
  }

  frames(file: string): Map<number, Buffer> {
    const frames = new Map<number, Buffer>()
    const reader = new OpusFileReader(({ frameIndex, packet }) => { frames.set(frameIndex, Buffer.from(packet)) })
    reader.push(this.disk.files.get(file)!)
    return frames
  }
}

const packetOf = (frame: number): Buffer => Buffer.from([0xf8, frame & 0xff, (frame >> 8) & 0xff, 7])
const frameOf = (frame: number, room: string, format = 'opus-32'): BusFrame => ({ room, format, frameIndex: frame, flags: 0, data: packetOf(frame) })
const roomOf = (fromSamples: number, untilSamples: number, more: Partial<RecorderRoom> = {}): RecorderRoom =>
  ({ room: 'src:a', format: 'opus-32', mode: 'full', kind: 'live', sourceId: 'a', orderId: null, class: 'normal', title: 'x', windows: [{ fromSamples, untilSamples }], ...more })

t.test('what is on air is written, each frame at its place, in a file for each hour', async (t) => {
  const bench = new Bench()
  bench.plan([roomOf(START + 1000, START + 40 * SECOND)])
  t.same(bench.interests, [{ room: 'src:a', format: 'opus-32' }])
  await bench.play(45_000)
  await bench.recorder.tick()
  const [first, second, ...more] = bench.closed()
  t.same(more, [])
  const from = Math.ceil((START + 1000) / FRAME)
  t.same([first!.fromSamples, first!.untilSamples, second!.fromSamples, second!.untilSamples], [from * FRAME, START + 20 * SECOND, START + 20 * SECOND, START + 40 * SECOND])
  t.same(first!.gaps, [])
  for (const tape of [first!, second!]) {
    const frames = bench.frames(tape.file)
    t.same([...frames.keys()], Array.from({ length: (tape.untilSamples - tape.fromSamples) / FRAME }, (_, index) => tape.fromSamples / FRAME + index))
    t.ok([...frames].every(([frame, packet]) => packet.equals(packetOf(frame))))
    t.equal(tape.bytes, bench.disk.files.get(tape.file)!.length)
    t.equal(tape.sha256, await bench.disk.sha256(tape.file))
  }
  t.same(bench.interests, [], 'nothing is wanted any more')
  await bench.recorder.kept([first!.id])
  t.same([bench.disk.parts.has(first!.file), bench.disk.parts.has(second!.file)], [false, true], 'what the index has gets its name')
  t.same(bench.closed().map(({ id }) => id), [second!.id])
})

t.test('a tone needs no engine', async (t) => {
  const bench = new Bench()
  const anchor = START + SECOND
  bench.plan([roomOf(anchor, anchor + 5 * FRAME, { room: `tone:attention@${String(anchor)}`, kind: 'tone', sourceId: null, orderId: 'o1' })])
  t.same(bench.interests, [], 'nobody is asked for it')
  await bench.play(5000, 'src:b')
  const [tape] = bench.closed()
  t.same([...bench.frames(tape!.file)], tone.map((packet, index) => [anchor / FRAME + index, packet]))
})

t.test('frames that do not come are told of, and have their places', async (t) => {
  const bench = new Bench()
  bench.plan([roomOf(START, START + 10 * SECOND)])
  const gone = new Set([100, 101, 102, 200].map((index) => START / FRAME + index))
  await bench.play(14_000, 'src:a', (frame) => gone.has(frame))
  const [tape] = bench.closed()
  t.same(tape!.gaps, [{ fromSamples: START + 100 * FRAME, untilSamples: START + 103 * FRAME }, { fromSamples: START + 200 * FRAME, untilSamples: START + 201 * FRAME }])
  t.same([...bench.frames(tape!.file)].filter(([, packet]) => isMissing(packet)).map(([frame]) => frame), [...gone])
  t.equal(bench.recorder.stats().missingFramesTotal, 4)
})

t.test('a long silence of the engine ends the file; the next frame begins another one', async (t) => {
  const bench = new Bench()
  bench.plan([roomOf(START - 300 * SECOND, START + 400 * SECOND)])
  await bench.play(2000)
  await bench.play(100_000, 'src:a', () => true)
  await bench.play(2000)
  t.equal(bench.closed().length, 1)
  await bench.play(2000)
  t.ok(bench.recorder.reports().find(({ isOpen }) => isOpen)!.fromSamples >= START + 102 * SECOND - FRAME)
})

t.test('a stop holds from the frame at which it was said', async (t) => {
  const bench = new Bench()
  bench.plan([roomOf(START, START + 100 * SECOND)])
  await bench.play(3000)
  const at = bench.now
  bench.plan([])
  await bench.play(4000)
  t.equal(bench.closed()[0]!.untilSamples, at)
})

t.test('a full disk ends the files and is told of; when there is room it goes on by itself', async (t) => {
  const bench = new Bench()
  bench.plan([roomOf(START, START + 1000 * SECOND)])
  await bench.play(5000)
  bench.disk.capacity = 100
  await bench.play(4000)
  t.equal(bench.recorder.stats().fault?.kind, 'full')
  t.equal(bench.recorder.stats().openTapes, 0)
  const [broken] = bench.closed()
  t.ok(broken, 'what stands there is whole')
  t.same([...bench.frames(broken!.file)].map(([frame]) => frame), Array.from({ length: bench.frames(broken!.file).size }, (_, index) => START / FRAME + index))
  t.equal(bench.disk.files.get(broken!.file)!.length, broken!.bytes, 'the torn page is cut off')
  t.ok(bench.recorder.stats().droppedFramesTotal > 0)
  bench.disk.capacity = Infinity
  await bench.play(10_000)
  t.equal(bench.recorder.stats().fault, null)
  t.equal(bench.recorder.stats().openTapes, 1)
  t.ok(bench.recorder.reports().some(({ isOpen, gaps }) => isOpen && gaps.length > 0), 'and says what is missing before')
})

t.test('before the last bytes of a disk, and at the end of the quota, nothing more is written', async (t) => {
  const bench = new Bench()
  bench.plan([roomOf(START, START + 1000 * SECOND)])
  await bench.play(3000)
  bench.disk.free = 999
  await bench.play(2000)
  t.equal(bench.recorder.stats().fault?.kind, 'full')
  t.equal(bench.closed().length, 1)
  const written = bench.disk.files.size
  await bench.play(2000)
  t.equal(bench.disk.files.size, written)
  bench.disk.free = 1e9
  await bench.play(3000)
  t.equal(bench.recorder.stats().fault, null)
  bench.plan([roomOf(START, START + 1000 * SECOND)], true)
  await bench.play(2000)
  t.match(bench.recorder.stats(), { fault: { kind: 'full' }, openTapes: 0 })
  bench.plan([roomOf(START, START + 1000 * SECOND)], false)
  await bench.play(3000)
  t.match(bench.recorder.stats(), { fault: null, openTapes: 1 })
})

t.test('a disk that hangs holds up nobody, and holds no more than is bounded', async (t) => {
  const bench = new Bench()
  bench.now = START - 1000 * SECOND
  bench.plan([roomOf(bench.now, START + 100_000 * SECOND)])
  await bench.play(2000)
  let release: () => void = () => undefined
  bench.disk.hang = new Promise((resolve) => { release = resolve })
  const big = Buffer.alloc(1200, 1)
  const taken = bench.now
  for (let frame = Math.ceil(taken / FRAME); frame < taken / FRAME + 2000; frame += 1) {
    bench.now = (frame + 1) * FRAME
    bench.recorder.take([{ ...frameOf(frame, 'src:a'), data: big }])
    void bench.recorder.tick() // it never resolves now
  }
  const { droppedFramesTotal, fault } = bench.recorder.stats()
  t.ok(droppedFramesTotal > 1000, `${String(droppedFramesTotal)} frames were dropped`)
  t.equal(fault?.kind, 'slow')
  release()
  bench.disk.hang = Promise.resolve()
  await bench.recorder.tick()
  await bench.play(4000)
  bench.plan([])
  await bench.play(5000)
  const tapes = bench.closed()
  const missing = tapes.flatMap(({ gaps }) => gaps).reduce((sum, gap) => sum + (gap.untilSamples - gap.fromSamples) / FRAME, 0)
  t.equal(missing, droppedFramesTotal, 'the gap is told')
  t.equal(bench.recorder.stats().droppedFramesTotal, droppedFramesTotal, 'and it goes on')
})

t.test('a recorder that is killed leaves whole files, of which the next one knows everything', async (t) => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 3000 }), fc.array(fc.integer({ min: 0, max: 399 }), { maxLength: 20 }), async (frames, torn, gone) => {
    const bench = new Bench()
    bench.plan([roomOf(START, START + 1000 * SECOND, { title: 'Lũ', class: 'emergency' })])
    await bench.play(frames * 20, 'src:a', (frame) => gone.includes(frame - START / FRAME))
    await bench.recorder.tick()
    for (const [file, bytes] of bench.disk.files) bench.disk.files.set(file, bytes.subarray(0, Math.max(0, bytes.length - torn)))
    const before = new Map([...bench.disk.files.keys()].map((file) => [file, bench.frames(file)]))
    const next = new Bench(bench.disk, 1000, 'n')
    await next.recorder.start()
    await next.recorder.tick()
    for (const [file, had] of before) {
      const report = next.closed().find((one) => one.file === file)
      if (had.size === 0) {
        if (report !== undefined || bench.disk.files.has(file)) return false
        continue
      }
      if (report?.title !== 'Lũ' || report.class !== 'emergency' || report.sourceId !== 'a' || report.isOpen) return false
      if (report.bytes !== bench.disk.files.get(file)!.length || report.fromSamples !== Math.min(...had.keys()) * FRAME || report.untilSamples !== (Math.max(...had.keys()) + 1) * FRAME) return false
      if (report.sha256 !== await bench.disk.sha256(file)) return false
      const missing = report.gaps.reduce((sum, gap) => sum + (gap.untilSamples - gap.fromSamples) / FRAME, 0)
      if (missing !== [...had.values()].filter((packet) => isMissing(packet)).length) return false
    }
    return true
  }), { numRuns: 40 })
  const bench = new Bench()
  bench.plan([roomOf(START, START + 1000 * SECOND)])
  await bench.play(10_000)
  const kept = bench.frames([...bench.disk.files.keys()][0]!).size
  t.ok(500 - kept <= 100, `of ten seconds a kill takes ${String((500 - kept) * 20)} ms at most`)
  t.ok(bench.disk.syncs <= 2, 'and what a loss of power may take is bounded by a sync in ten seconds')
})

t.test('what the index does not know, as after a backup was put back, is told of again, a file a turn', async (t) => {
  const bench = new Bench()
  bench.plan([roomOf(START, START + 3 * SECOND), roomOf(START + 4 * SECOND, START + 8 * SECOND, { room: 'src:b', sourceId: 'b', title: 'Lũ', class: 'emergency' })])
  await bench.play(4000)
  await bench.play(8000, 'src:b')
  await bench.recorder.close()
  const before = bench.closed()
  t.equal(before.length, 2)
  await bench.recorder.kept(before.map(({ id }) => id))
  bench.disk.files.set('2026-01-01/foreign.opus', Buffer.from('no sound'))
  bench.disk.files.set('2026-01-01/renamed.opus', bench.disk.files.get(before[0]!.file)!)

  const next = new Bench(bench.disk, 1000, 'n')
  await next.recorder.start()
  const asked = next.recorder.filesToAsk()
  t.same(new Set(asked), new Set(bench.disk.files.keys()))
  await next.recorder.tick()
  t.same([next.recorder.filesToAsk(), next.closed()], [asked, []], 'until it is answered')
  next.recorder.unknown(asked.filter((file) => file !== before[0]!.file))
  t.same(next.recorder.filesToAsk(), [])
  for (let turn = 0; turn < 3; turn += 1) await next.recorder.tick()
  t.same(next.closed(), [before[1]], 'what is known, or none of ours, is left alone')
  await next.recorder.kept([before[1]!.id])
  t.same(next.closed(), [])
  t.ok(bench.disk.files.has('2026-01-01/foreign.opus'))
})

t.test('files are found and read under either name', async (t) => {
  const disk = openTapeDisk(join(t.testdir(), 'recordings'))
  t.same([await disk.finished(), await disk.unfinished()], [[], []])
  for (const name of ['a', 'b']) {
    const file = await disk.create(`2026-06-18/${name}.opus`)
    await file.append(Buffer.from(name))
    await file.close()
  }
  await disk.finish('2026-06-18/a.opus')
  t.same([await disk.finished(), await disk.unfinished()], [['2026-06-18/a.opus'], ['2026-06-18/b.opus']])
  for (const name of ['a', 'b']) await disk.read(`2026-06-18/${name}.opus`, (chunk) => { t.equal(chunk.toString(), name) })
})

t.test('windows', async () => {
  const span = fc.tuple(fc.nat(60), fc.nat(20)).map(([from, length]) => ({ fromSamples: from, untilSamples: from + length }))
  const spans = fc.array(span, { maxLength: 6 })
  const covers = (list: readonly { fromSamples: number; untilSamples: number }[], sample: number): boolean => list.some(({ fromSamples, untilSamples }) => fromSamples <= sample && sample < untilSamples)
  fc.assert(fc.property(spans, spans, fc.nat(80), (before, after, at) => {
    const result = replannedWindows(joined(before), after, at)
    for (let sample = 0; sample < 90; sample += 1) if (covers(result, sample) !== covers(sample < at ? before : after, sample)) return false
    return result.every(({ fromSamples, untilSamples }, index) => fromSamples < untilSamples && (index === 0 || result[index - 1]!.untilSamples < fromSamples))
  }))
})
