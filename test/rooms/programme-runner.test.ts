import t from 'tap'
import type { Encoder } from '../../codec/encoder.ts'
import { parseFormat } from '../../codec/index.ts'
import { FRAME_FLAG, type BusFrame, type Interest } from '../../rooms/frame-bus.ts'
import { ENGINE_LEAD_MS } from '../../rooms/grid.ts'
import { HouseClock } from '../../rooms/house-clock.ts'
import { LocalFrameBus } from '../../rooms/local-frame-bus.ts'
import type { PcmSource } from '../../rooms/pcm-source.ts'
import { BLOCK_SAMPLES } from '../../rooms/programme.ts'
import { LATENESS_ALLOWED_MS, PHASES, ProgrammeRunner } from '../../rooms/programme-runner.ts'
import { SharedSource } from '../../rooms/shared-source.ts'
import { SourceChain } from '../../rooms/source-chain.ts'
import { LATENESS_BOUNDS_MS } from '../../server/link/messages.ts'
import { FakeClock, type FakeClockOptions } from '../support/fake-clock.ts'

/** Says of each sample where on the house clock it stands, in steps small enough for a float. */
const placeOf = (samples: number): number => (samples % 65_536) / 65_536
const places: PcmSource = {
  read(block, fromSamples) {
    for (let i = 0; i < block.length; i++) block[i] = placeOf(fromSamples + i)
    return block.length
  },
}

/** An encoder whose frames are the PCM itself, so that tests see what went in. */
class PcmEncoder implements Encoder {
  readonly format
  readonly delaySamples = 0
  readonly #log: Log

  constructor(id: string, log: Log) {
    this.format = parseFormat(id)
    this.#log = log
    log.opened.push(id)
  }

  encode(pcm: Float32Array): Buffer {
    this.#log.onEncode()
    return Buffer.from(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.byteLength))
  }

  close(): void {
    this.#log.closed.push(this.format.id)
  }
}

interface Log {
  readonly opened: string[]
  readonly closed: string[]
  onEncode: () => void
}

interface Received extends BusFrame {
  readonly atMs: number
  readonly batch: number
}

function setUp(options: FakeClockOptions = {}) {
  const clock = new FakeClock(options)
  // Beginning in the middle of a block of the grid, as life does.
  const house = new HouseClock(clock, { monotonicMs: clock.monotonicMs(), houseSamples: 1_000_000_345 })
  const bus = new LocalFrameBus()
  const frames: Received[] = []
  let batch = 0
  const subscriber = bus.subscribe()
  subscriber.onFrames((received) => {
    batch++
    for (const frame of received) frames.push({ ...frame, atMs: clock.monotonicMs(), batch })
  })
  const log: Log = { opened: [], closed: [], onEncode: () => undefined }
  const faults: string[] = []
  const runner = new ProgrammeRunner({
    clock, house, publisher: bus, encoderGraceMs: 10_000, latenessBoundsMs: LATENESS_BOUNDS_MS,
    openEncoder: (format) => new PcmEncoder(format, log),
    onEncoderFault: (room, format) => { faults.push(`${room} ${format}`) },
  })
  const want = (...interests: Interest[]): void => { subscriber.setInterest(interests) }
  return { clock, house, runner, frames, log, faults, want }
}

const samplesOf = (frame: BusFrame): Float32Array => new Float32Array(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength / 4)
const OPUS: Interest = { room: 'a', format: 'opus-32' }
const MP3: Interest = { room: 'a', format: 'mp3-64' }

t.test('every frame holds exactly its place on the house clock, in every format, however late timers are', (t) => {
  let lateness = 0
  const { clock, runner, frames, want } = setUp({ timerLatenessMs: () => (lateness = (lateness * 7 + 3) % 11) })
  want(OPUS, MP3, { room: 'a', format: 'mp3-24k-32' })
  runner.add('a', new SourceChain([places], BLOCK_SAMPLES))
  clock.advance(2000)
  for (const [id, frameSamples, least] of [['opus-32', 960, 98], ['mp3-64', 1152, 81], ['mp3-24k-32', 1152, 81]] as const) {
    const own = frames.filter(({ format }) => format === id)
    t.ok(own.length >= least, `${id}: ${String(own.length)} frames in two seconds`)
    t.ok(own.every((frame, i) => i === 0 || frame.frameIndex === own[i - 1]!.frameIndex + 1), 'one after another')
    const wrong = own.slice(1).find((frame) => samplesOf(frame).some((x, i) => Math.abs(x - placeOf(frame.frameIndex * frameSamples + i)) > 1e-7))
    // The first 10 ms of a programme are its fade-in.
    t.equal(wrong, undefined, 'each sample where it belongs')
  }
  t.end()
})

t.test('frames come within the lead, and what the histogram calls allowed keeps to it', (t) => {
  for (const [timerLatenessMs, within] of [[0, true], [LATENESS_ALLOWED_MS - 0.5, true], [LATENESS_ALLOWED_MS + 12, false]] as const) {
    const { clock, house, runner, frames, want } = setUp({ timerLatenessMs })
    const rooms = Array.from({ length: PHASES }, (_, i) => `room ${String(i)}`)
    want(...rooms.flatMap((room) => [{ room, format: 'opus-32' }, { room, format: 'mp3-64' }]))
    for (const room of rooms) runner.add(room, new SourceChain([places], BLOCK_SAMPLES))
    clock.advance(1000)
    const worstMs = Math.max(...frames.map((frame) => frame.atMs - house.monotonicMsAt((frame.frameIndex + 1) * parseFormat(frame.format).frameSamples)))
    t.equal(worstMs <= ENGINE_LEAD_MS, within, `timers ${String(timerLatenessMs)} ms late: ${worstMs.toFixed(1)} ms after the last sample`)
    const { latenessBuckets, latenessMaxMs, framesTotal } = runner.stats()
    t.equal(latenessBuckets.at(-1), framesTotal)
    t.ok(Math.abs(latenessMaxMs - timerLatenessMs) < 1, `${latenessMaxMs.toFixed(1)} ms recorded`)
    t.same(latenessBuckets, [...latenessBuckets].sort((a, b) => a - b), 'each bucket holds those before it')
  }
  t.end()
})

t.test('programmes are spread over the phases, and those of one phase share a batch', (t) => {
  const { clock, runner, frames, want } = setUp()
  const rooms = Array.from({ length: 3 * PHASES }, (_, i) => String(i))
  want(...rooms.map((room) => ({ room, format: 'opus-32' })))
  for (const room of rooms) runner.add(room, new SourceChain([places], BLOCK_SAMPLES))
  clock.advance(500)
  const index = frames.at(-1)!.frameIndex - 2
  const tick = frames.filter(({ frameIndex }) => frameIndex === index)
  t.equal(tick.length, rooms.length)
  const times = [...new Set(tick.map(({ atMs }) => Math.round(atMs)))]
  t.equal(times.length, PHASES, 'as many moments as phases')
  t.same(times.slice(1).map((at, i) => at - times[i]!), Array(PHASES - 1).fill(20 / PHASES))
  t.equal(new Set(tick.map(({ batch }) => batch)).size, PHASES)
  for (const at of times) t.equal(tick.filter(({ atMs }) => Math.round(atMs) === at).length, 3)
  t.end()
})

t.test('encoders begin when somebody wants their format, at a frame edge, and end after the grace time', (t) => {
  const { clock, runner, frames, log, want } = setUp()
  runner.add('a', new SourceChain([places], BLOCK_SAMPLES))
  clock.advance(500)
  t.equal(frames.length, 0)
  t.same(log.opened, [])
  want(MP3)
  clock.advance(500)
  t.same(log.opened, ['mp3-64'])
  t.ok(samplesOf(frames[0]!).every((x, i) => Math.abs(x - placeOf(frames[0]!.frameIndex * 1152 + i)) < 1e-7), 'the first frame is whole')
  want()
  clock.advance(9000)
  want(MP3)
  clock.advance(9000)
  t.same(log.closed, [], 'who comes back within the grace time finds the same encoder')
  const count = frames.length
  t.ok(frames.slice(-300).every((frame, i, all) => i === 0 || frame.frameIndex === all[i - 1]!.frameIndex + 1))
  want(OPUS)
  clock.advance(10_100)
  t.same([log.opened, log.closed], [['mp3-64', 'opus-32'], ['mp3-64']])
  t.ok(frames.length > count)
  t.equal(runner.stats().encoders, 1)
  runner.close()
  t.same(log.closed, ['mp3-64', 'opus-32'])
  t.equal(clock.pendingTimers, 0)
  t.end()
})

t.test('a starving source is bridged without a frame missing, and the flag says which frames', (t) => {
  const { clock, runner, frames, want } = setUp()
  let isDry = false
  const source: PcmSource = { read: (block, from) => (isDry ? 0 : places.read(block, from)) }
  want(OPUS, MP3)
  runner.add('a', new SourceChain([source], BLOCK_SAMPLES))
  clock.advance(300)
  isDry = true
  clock.advance(300)
  isDry = false
  clock.advance(300)
  for (const id of ['opus-32', 'mp3-64']) {
    const own = frames.filter(({ format }) => format === id)
    t.ok(own.every((frame, i) => i === 0 || frame.frameIndex === own[i - 1]!.frameIndex + 1))
    const bridged = own.filter(({ flags }) => (flags & FRAME_FLAG.BRIDGED) !== 0)
    t.ok(Math.abs(bridged.length * (id === 'opus-32' ? 20 : 24) - 300) <= 48, `${id}: ${String(bridged.length)} frames bridged`)
    t.ok(bridged.slice(2, -2).every((frame) => samplesOf(frame).every((x) => x === 0)), 'with silence')
    t.ok(own.filter(({ flags }) => flags === 0).every((frame) => samplesOf(frame).some((x) => x !== 0)))
  }
  t.equal(runner.stats().starvedTotal, 1)
  t.end()
})

t.test('an encoder that fails costs its format a second, and no other format anything', (t) => {
  const { clock, runner, frames, log, faults, want } = setUp()
  want(OPUS, MP3)
  runner.add('a', new SourceChain([places], BLOCK_SAMPLES))
  clock.advance(500)
  let failures = 1
  log.onEncode = () => { if (failures-- > 0) throw new Error('broken') }
  clock.advance(3000)
  t.equal(faults.length, 1)
  const broken = faults[0]!.split(' ')[1]!
  const holes = (id: string): number => frames.filter(({ format }) => format === id).reduce((sum, frame, i, own) => sum + (i === 0 ? 0 : frame.frameIndex - own[i - 1]!.frameIndex - 1), 0)
  t.ok(holes(broken) >= 40 && holes(broken) <= 54, `${broken}: ${String(holes(broken))} frames missing`)
  t.equal(holes(broken === 'opus-32' ? 'mp3-64' : 'opus-32'), 0)
  t.end()
})

t.test('an unknown format wanted by somebody is a fault once a second, not the end', (t) => {
  const { clock, runner, faults, frames, want } = setUp()
  want(OPUS, { room: 'a', format: 'wax-cylinder' })
  runner.add('a', new SourceChain([places], BLOCK_SAMPLES))
  clock.advance(3000)
  t.ok(faults.length >= 3 && faults.length <= 4, String(faults.length))
  t.ok(frames.length > 140)
  t.end()
})

t.test('short stalls are caught up without a hole, long ones are left out and the grid is kept', (t) => {
  const { clock, house, runner, frames, want } = setUp()
  want(OPUS)
  runner.add('a', new SourceChain([places], BLOCK_SAMPLES))
  clock.advance(400)
  clock.stall(180)
  clock.advance(400)
  t.ok(frames.every((frame, i) => i === 0 || frame.frameIndex === frames[i - 1]!.frameIndex + 1), 'nothing missing after 180 ms')
  t.equal(runner.resyncsTotal, 0)
  clock.stall(5000)
  clock.advance(400)
  const holes = frames.filter((frame, i) => i > 0 && frame.frameIndex !== frames[i - 1]!.frameIndex + 1)
  t.equal(holes.length, 1)
  t.equal(runner.resyncsTotal, 1)
  const last = frames.at(-1)!
  t.ok(Math.abs(clock.monotonicMs() - house.monotonicMsAt((last.frameIndex + 1) * 960)) < 60)
  t.ok(samplesOf(last).every((x, i) => Math.abs(x - placeOf(last.frameIndex * 960 + i)) < 1e-7))
  t.end()
})

t.test('programmes that share a source read each block of it once, whatever their phases', (t) => {
  const { clock, runner, frames, want } = setUp()
  const blocks: number[] = []
  const shared = new SharedSource({ read: (block, from) => { blocks.push(from); return places.read(block, from) } }, BLOCK_SAMPLES)
  const rooms = Array.from({ length: 7 }, (_, i) => String(i))
  want(...rooms.map((room) => ({ room, format: 'opus-32' })))
  for (const room of rooms) runner.add(room, new SourceChain([shared], BLOCK_SAMPLES))
  clock.advance(1000)
  t.ok(blocks.every((from, i) => i === 0 || from === blocks[i - 1]! + BLOCK_SAMPLES), 'each block once, in order')
  t.ok(frames.every(({ flags }) => (flags & FRAME_FLAG.BRIDGED) === 0))
  t.end()
})

t.test('a programme can be removed while it runs; the others do not notice', (t) => {
  const { clock, runner, frames, want } = setUp()
  want(OPUS, { room: 'b', format: 'opus-32' })
  runner.add('a', new SourceChain([places], BLOCK_SAMPLES))
  runner.add('b', new SourceChain([places], BLOCK_SAMPLES))
  clock.advance(200)
  runner.remove('a')
  const count = frames.filter(({ room }) => room === 'a').length
  clock.advance(400)
  t.equal(frames.filter(({ room }) => room === 'a').length, count)
  const others = frames.filter(({ room }) => room === 'b')
  t.ok(others.length >= 28 && others.every((frame, i) => i === 0 || frame.frameIndex === others[i - 1]!.frameIndex + 1))
  runner.remove('b')
  clock.advance(100)
  t.equal(clock.pendingTimers, 0, 'without programmes nothing wakes')
  runner.add('a', new SourceChain([places], BLOCK_SAMPLES))
  clock.advance(200)
  t.ok(frames.filter(({ room }) => room === 'a').length > count)
  t.end()
})

t.test('a fed programme comes after all others, waits a little for what is late, and loses no block when it becomes one', (t) => {
  const { clock, house, runner, frames, want } = setUp()
  want(OPUS, { room: 'b', format: 'opus-32' })
  runner.add('a', new SourceChain([places], BLOCK_SAMPLES))
  runner.add('b', new SourceChain([places], BLOCK_SAMPLES))
  clock.advance(205)
  let lateUntilMs = -Infinity
  runner.setFed('a', () => clock.monotonicMs() >= lateUntilMs)
  t.equal(runner.phaseOf('a'), undefined)
  clock.advance(400)
  const beganMs = (room: string): number[] => frames.filter((frame) => frame.room === room).slice(-5).map(({ atMs, frameIndex }) => atMs - house.monotonicMsAt((frameIndex + 1) * BLOCK_SAMPLES))
  t.ok(Math.min(...beganMs('a')) > Math.max(...beganMs('b')) + 5)
  lateUntilMs = clock.monotonicMs() + 1000
  clock.advance(400)
  for (const ms of beganMs('a')) t.ok(ms > 15.5 && ms < 18.5, `waited until ${ms.toFixed(1)} ms after its last sample`)
  const own = frames.filter(({ room }) => room === 'a')
  t.same(own.slice(1).filter(({ frameIndex }, i) => frameIndex !== own[i]!.frameIndex + 1), [], 'one after another')
  runner.remove('a')
  runner.remove('b')
  const count = frames.length
  clock.advance(100)
  t.equal(frames.length, count)
  runner.add('a', new SourceChain([places], BLOCK_SAMPLES))
  clock.advance(100)
  t.ok(frames.length > count, 'and again')
  t.end()
})
