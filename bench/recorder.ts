/**
 * What it costs to record: CPU of the recorder's process and bytes on the disk, for programmes of pink noise that all sound at once.
 *
 *   node bench/recorder.ts [programmes = 100] [seconds = 30] [format = opus-32]
 */
import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEncoder, parseFormat } from '../codec/index.ts'
import { anchorFromWall, HouseClock } from '../rooms/house-clock.ts'
import { connectFrameBus, listenFrameBus } from '../server/bus/unix-frame-bus.ts'
import { Recorder } from '../server/recording/recorder.ts'
import { openTapeDisk } from '../server/recording/tape-disk.ts'
import { systemClock } from '../server/system-clock.ts'

const FRAME_MS = 20
const VARIED_FRAMES = 500

const [programmesText = '100', secondsText = '30', format = 'opus-32', socket, anchorText] = process.argv.slice(2)
const programmes = Number(programmesText)
const roomOf = (index: number): string => `src:${String(index)}`

/** Stands for an engine: frames that were encoded before, sent when they are due. */
async function feed(path: string, anchor: ReturnType<typeof anchorFromWall>): Promise<void> {
  const encoder = createEncoder(parseFormat(format))
  const frames = Array.from({ length: VARIED_FRAMES }, () => encoder.encode(Float32Array.from({ length: 960 }, () => (Math.random() - 0.5) * 0.4)))
  const bus = await listenFrameBus(path)
  const house = new HouseClock(systemClock, anchor)
  let next = Math.ceil(house.nowSamples() / 960)
  setInterval(() => {
    for (const now = Math.floor(house.nowSamples() / 960); next < now; next += 1) {
      bus.publish(Array.from({ length: programmes }, (_, room) => ({ room: roomOf(room), format, frameIndex: next, flags: 0, data: frames[(next + room * 7) % VARIED_FRAMES]! })))
    }
  }, FRAME_MS)
  process.send?.('on')
  process.once('disconnect', () => process.exit(0))
}

async function record(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loa-bench-recorder-'))
  const anchor = anchorFromWall(systemClock)
  const path = join(folder, 'bus.sock')
  const engine = fork(new URL(import.meta.url), [programmesText, secondsText, format, path, JSON.stringify(anchor)])
  await new Promise((resolve) => engine.once('message', resolve))
  const house = new HouseClock(systemClock, anchor)
  const bus = connectFrameBus([path])
  let ids = 0
  const recorder = new Recorder({
    disk: openTapeDisk(join(folder, 'recordings')),
    sounds: { silence: () => [Buffer.alloc(3)], tone: () => undefined },
    nowSamples: () => house.nowSamples(),
    monotonicMs: () => systemClock.monotonicMs(),
    newId: () => `r${String(ids++)}`,
    minFreeBytes: 0,
    setInterest: (interests) => { bus.setInterest(interests) },
    onError: (error) => { throw error },
  })
  bus.onFrames((frames) => { recorder.take(frames) })
  const from = Math.ceil(house.nowSamples()) + 48_000
  recorder.apply({ type: 'recorder-state', atSamples: from, isFull: false, rooms: Array.from({ length: programmes }, (_, index) => ({ room: roomOf(index), format, mode: 'full', kind: 'live', sourceId: String(index), orderId: null, class: 'normal', title: 'x', windows: [{ fromSamples: from, untilSamples: from + 48_000 * 86_400 }] })) })
  const ticks = setInterval(() => { void recorder.tick() }, 500)
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const [cpu, started, before] = [process.cpuUsage(), systemClock.monotonicMs(), recorder.stats().bytesTotal]
  await new Promise((resolve) => setTimeout(resolve, Number(secondsText) * 1000))
  const used = process.cpuUsage(cpu)
  const seconds = (systemClock.monotonicMs() - started) / 1000
  const bytes = recorder.stats().bytesTotal - before
  clearInterval(ticks)
  await bus.close()
  await recorder.close()
  const { missingFramesTotal, droppedFramesTotal, framesTotal } = recorder.stats()
  const files = readdirSync(join(folder, 'recordings'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const size = files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
  process.stdout.write([
    `${programmesText} programmes of ${format} for ${seconds.toFixed(1)} s, ${String(files.length)} files`,
    `CPU of the recorder: ${(((used.user + used.system) / 1e6 / seconds) * 100).toFixed(2)} % of a core, ${((used.user + used.system) / 1000 / seconds / programmes).toFixed(3)} ms a programme and second`,
    `bytes: ${(bytes / seconds / programmes).toFixed(0)} a programme and second, ${((bytes / seconds / programmes) * 3600 / 1e6).toFixed(1)} MB an hour; ${(size / 1e6).toFixed(1)} MB in all`,
    `frames: ${String(framesTotal)}, missing ${String(missingFramesTotal)}, dropped ${String(droppedFramesTotal)}; resident ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`,
    '',
  ].join('\n'))
  engine.disconnect()
  rmSync(folder, { recursive: true, force: true })
}

if (socket !== undefined) await feed(socket, JSON.parse(anchorText!) as ReturnType<typeof anchorFromWall>)
else await record()
