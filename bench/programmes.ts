import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createEncoder, opusHeaderPages, opusPage, OPUS_DELAY_SAMPLES, parseFormat } from '../codec/index.ts'
import { ElasticBuffer } from '../rooms/elastic-buffer.ts'
import type { BusFrame } from '../rooms/frame-bus.ts'
import { anchorFromWall, HouseClock } from '../rooms/house-clock.ts'
import { BLOCK_SAMPLES } from '../rooms/programme.ts'
import { ProgrammeRunner } from '../rooms/programme-runner.ts'
import { SourceChain } from '../rooms/source-chain.ts'
import { connectFrameBus, listenFrameBus } from '../server/bus/unix-frame-bus.ts'
import { systemClock } from '../server/system-clock.ts'
import { currentCommit, describeMachine } from './lib/machine.ts'

/**
 * How many programmes one core encodes, each as Opus 32k and MP3 64k, with p99 frame lateness within 5 ms. The engine is a
 * process pinned to one core; each programme has a source on a clock of its own (an elastic buffer that is written to every
 * 20 ms, off by up to 200 ppm), and a subscriber on the bus, on the other core, takes every frame. First of all one stream
 * of each format is decoded and has to be what went in.
 */

const BOUND_MS = 5
const FORMATS = ['opus-32', 'mp3-64'] as const
const FINE_BOUNDS_MS = [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 8, 10, 15, 20, 30, 50, 100, 1000]
const WARM_UP_MS = 3000

interface Window {
  readonly programmes: number
  readonly seconds: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly cpuShare: number
  /** CPU of the whole process for one block of 20 ms of one programme. */
  readonly cpuUsPerTick: number
  /** Time in sources, fades and encoders alone. */
  readonly renderUsPerTick: number
  readonly framesMissing: number
}

interface Task {
  readonly programmes: number
  readonly seconds: number
  readonly mp3Quality: number
  readonly opusComplexity: number
}

/** Ten seconds of sound that is hard to encode: pink-ish noise with a tune in it. The tune alone for the correctness check. */
function material(withNoise: boolean): Float32Array {
  const pcm = new Float32Array(480_000)
  let low = 0
  let state = 12345
  for (let i = 0; i < pcm.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    low = 0.95 * low + (0.05 * state) / 2 ** 31
    const tune = 0.3 * Math.sin((2 * Math.PI * 700 * i) / 48_000)
    pcm[i] = tune + (withNoise ? low + (0.02 * state) / 2 ** 31 : 0)
  }
  return pcm
}

async function engine(task: Task, busPath: string, noise: boolean, report: (window: Window) => void): Promise<void> {
  const publisher = await listenFrameBus(busPath)
  const house = new HouseClock(systemClock, anchorFromWall(systemClock))
  const runner = new ProgrammeRunner({
    clock: systemClock, house, publisher, encoderGraceMs: 1000, latenessBoundsMs: FINE_BOUNDS_MS,
    openEncoder: (format) => createEncoder(parseFormat(format), { opusComplexity: task.opusComplexity, opusExpectedLossPercent: 0, mp3Quality: task.mp3Quality }),
    onEncoderFault: (_room, _format, error) => { throw error },
  })
  const sound = material(noise)
  const sources = Array.from({ length: task.programmes }, (_, i) => ({
    buffer: new ElasticBuffer({ targetMs: 300, maxTargetMs: 300, windowMs: 2000, trimAboveMs: 2000, capacityMs: 3000 }),
    place: (i * 7919) % 240_000,
    ppm: task.programmes === 1 ? 0 : ((i % 5) - 2) * 100,
    written: 0,
  }))
  for (const [i, { buffer }] of sources.entries()) runner.add(`src:${String(i)}`, new SourceChain([buffer], BLOCK_SAMPLES))
  const startMs = systemClock.monotonicMs() - 500
  // Sources are fed in turns through the 20 ms, as chunks from many decoders would come.
  let turn = 0
  const feed = setInterval(() => {
    for (let i = turn % 4; i < sources.length; i += 4) {
      const source = sources[i]!
      const due = Math.floor((systemClock.monotonicMs() - startMs) * 48 * (1 + source.ppm / 1e6))
      while (source.written < due) {
        const take = Math.min(BLOCK_SAMPLES, due - source.written, sound.length - source.place)
        source.buffer.write(sound.subarray(source.place, source.place + take))
        source.place = (source.place + take) % sound.length
        source.written += take
      }
    }
    turn++
  }, 5)
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS))
  const before = { stats: runner.stats(), cpu: process.cpuUsage(), atMs: systemClock.monotonicMs() }
  await new Promise((resolve) => setTimeout(resolve, task.seconds * 1000))
  const stats = runner.stats()
  const cpu = process.cpuUsage(before.cpu)
  const seconds = (systemClock.monotonicMs() - before.atMs) / 1000
  clearInterval(feed)
  runner.close()
  await publisher.close()

  const counts = stats.latenessBuckets.map((count, i) => count - before.stats.latenessBuckets[i]!)
  const frames = counts.at(-1)!
  const at = counts.findIndex((count) => count >= frames * 0.99)
  const ticks = task.programmes * seconds * 50
  report({
    programmes: task.programmes, seconds: Math.round(seconds * 10) / 10, p99Ms: FINE_BOUNDS_MS[at] ?? stats.latenessMaxMs, maxMs: FINE_BOUNDS_MS[counts.findIndex((count) => count === frames)] ?? stats.latenessMaxMs,
    cpuShare: (cpu.user + cpu.system) / 1e6 / seconds, cpuUsPerTick: (cpu.user + cpu.system) / ticks, renderUsPerTick: ((stats.encodeMsTotal - before.stats.encodeMsTotal) * 1000) / ticks,
    framesMissing: Math.max(0, Math.round(task.programmes * seconds * (50 + 1000 / 24) - frames) - task.programmes * 4),
  })
}

/** Starts an engine pinned to core 0, subscribes to all its frames here, and hands both back. */
async function measure(task: Task, noise: boolean): Promise<{ window: Window; frames: BusFrame[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'loa-programmes-'))
  const busPath = join(folder, 'bus.sock')
  const child: ChildProcess = fork(import.meta.filename, [], { env: { ...process.env, LOA_BENCH_TASK: JSON.stringify({ task, busPath, noise }) }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const pinned = spawnSync('taskset', ['-a', '-p', '-c', '0', String(child.pid)]).status === 0
  if (!pinned) process.stderr.write('taskset is missing (apt-get install util-linux): the engine is not pinned to a core\n')
  const bus = connectFrameBus([busPath])
  const frames: BusFrame[] = []
  let total = 0
  bus.onFrames((batch) => {
    total += batch.length
    if (task.programmes === 1) frames.push(...batch)
  })
  bus.setInterest(Array.from({ length: task.programmes }, (_, i) => FORMATS.map((format) => ({ room: `src:${String(i)}`, format }))).flat())
  try {
    const [window] = (await Promise.race([once(child, 'message'), once(child, 'exit').then(([code]) => { throw new Error(`the engine ended with ${String(code)}`) })])) as [Window]
    if (total === 0) throw new Error('no frame came over the bus')
    return { window, frames }
  } finally {
    await bus.close()
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Decodes one stream of each format: no frame missing, and the tune and nothing else in it. */
async function check(base: Omit<Task, 'programmes' | 'seconds'>): Promise<string[]> {
  const { frames } = await measure({ ...base, programmes: 1, seconds: 2 }, false)
  const problems: string[] = []
  for (const id of FORMATS) {
    const own = frames.filter(({ format, flags }) => format === id && flags === 0)
    if (own.length < 80) problems.push(`${id}: only ${String(own.length)} frames`)
    if (own.some((frame, i) => i > 0 && frame.frameIndex !== own[i - 1]!.frameIndex + 1)) problems.push(`${id}: a frame is missing`)
    const format = parseFormat(id)
    const stream = format.codec === 'mp3' ? Buffer.concat(own.map(({ data }) => data)) : Buffer.concat([opusHeaderPages(OPUS_DELAY_SAMPLES, { vendor: 'loa', comments: [] }), ...own.map(({ data, frameIndex }) => opusPage(data, frameIndex))])
    const { stdout } = spawnSync('ffmpeg', ['-v', 'error', '-f', format.codec === 'mp3' ? 'mp3' : 'ogg', '-i', 'pipe:0', '-f', 'f32le', '-ac', '1', '-ar', '48000', 'pipe:1'], { input: stream, maxBuffer: 1 << 28 })
    const pcm = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.length & ~3))).subarray(9600, 57_600)
    const ratio = tuneRatioDb(pcm)
    if (!(ratio > 20)) problems.push(`${id}: the tune is only ${ratio.toFixed(1)} dB above the rest`)
  }
  return problems
}

/** Level of 700 Hz against everything else, by projection, in pieces of 100 ms; the lowest. */
function tuneRatioDb(pcm: Float32Array): number {
  let lowest = Infinity
  for (let at = 0; at + 4800 <= pcm.length; at += 4800) {
    let sine = 0
    let cosine = 0
    let power = 0
    for (let i = 0; i < 4800; i++) {
      const x = pcm[at + i]!
      sine += x * Math.sin((2 * Math.PI * 700 * i) / 48_000)
      cosine += x * Math.cos((2 * Math.PI * 700 * i) / 48_000)
      power += x * x
    }
    // 4800 samples hold 70 whole cycles, so sine and cosine are orthogonal and each has a power of one half.
    const tune = (2 * (sine ** 2 + cosine ** 2)) / 4800
    lowest = Math.min(lowest, 10 * Math.log10(tune / Math.max(power - tune, 1e-12)))
  }
  return pcm.length < 4800 ? NaN : lowest
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, out: { type: 'string' }, quick: { type: 'boolean' }, seconds: { type: 'string' }, quality: { type: 'string' }, complexity: { type: 'string' }, from: { type: 'string' }, step: { type: 'string' } },
  })
  const base = { mp3Quality: Number(values.quality ?? 7), opusComplexity: Number(values.complexity ?? 5) }
  const seconds = Number(values.seconds ?? (values.quick === true ? 4 : 10))
  const step = Number(values.step ?? (values.quick === true ? 20 : 10))
  const problems = await check(base)
  const windows: Window[] = []
  let reached = 0
  for (let programmes = Number(values.from ?? 60); problems.length === 0; programmes += step) {
    const { window } = await measure({ ...base, programmes, seconds }, true)
    windows.push(window)
    if (values.json !== true) process.stdout.write(`${String(programmes)} programmes: p99 ${String(window.p99Ms)} ms, max ${window.maxMs.toFixed(1)} ms, ${(window.cpuShare * 100).toFixed(0)} % of a core, ${window.cpuUsPerTick.toFixed(0)} µs a tick (${window.renderUsPerTick.toFixed(0)} rendering), ${String(window.framesMissing)} frames missing\n`)
    if (window.p99Ms > BOUND_MS || window.framesMissing > 0) break
    reached = programmes
  }
  const result = { id: 'programmes-per-core', value: reached, bound: 80, pass: reached >= 80 && problems.length === 0, unit: 'programmes', settings: base, problems, windows, machine: describeMachine(), commit: currentCommit(), node: process.version }
  const text = `${JSON.stringify(result, null, 2)}\n`
  if (values.out !== undefined) writeFileSync(values.out, text)
  if (values.json === true) process.stdout.write(text)
  else process.stdout.write(problems.length > 0 ? `not right, so not timed: ${problems.join('; ')}\n` : `${String(reached)} programmes a core within ${String(BOUND_MS)} ms (p99)\n`)
  if (!result.pass) process.exitCode = 1
}

const given = process.env['LOA_BENCH_TASK']
if (given === undefined) await main()
else {
  const { task, busPath, noise } = JSON.parse(given) as { task: Task; busPath: string; noise: boolean }
  await engine(task, busPath, noise, (window) => { process.send!(window) })
}
