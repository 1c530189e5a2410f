import t, { type Test } from 'tap'
import { parseFormat } from '../../codec/index.ts'
import type { BusFrame } from '../../rooms/frame-bus.ts'
import { ENGINE_LEAD_MS } from '../../rooms/grid.ts'
import { sourceRoom } from '../../rooms/plan.ts'
import { startEngine } from '../support/engine-process.ts'
import { decodeFrames } from '../support/sound.ts'
import { toneRatioDb } from '../support/tone-ratio.ts'
import { waitUntil } from '../support/wait-until.ts'

const TONE = { kind: 'tone', id: 'beep', name: 'Còi', frequencyHz: 1000, levelDbfs: -12 } as const
const ROOM = sourceRoom('beep')
const STATE = { sources: [TONE], programmes: [{ room: ROOM, kind: 'source', sourceId: 'beep' }] } as const

const of = (frames: readonly BusFrame[], format: string): BusFrame[] => frames.filter((frame) => frame.format === format)

function assertContinuous(t: Test, frames: readonly BusFrame[]): void {
  const holes = frames.slice(1).filter((frame, i) => frame.frameIndex !== frames[i]!.frameIndex + 1)
  t.same(holes, [], 'frames follow one another without a hole')
}

t.test('an engine process makes frames that decode to the tone, on time, in every format asked for', async (t) => {
  const engine = await startEngine(t)
  engine.setState(STATE)
  engine.setInterest([{ room: ROOM, format: 'mp3-64' }, { room: ROOM, format: 'opus-32' }])
  await waitUntil('two seconds of sound', () => of(engine.frames, 'opus-32').length >= 100 && of(engine.frames, 'mp3-64').length >= 84)

  const nowSamples = engine.house.nowSamples()
  const heard = [...engine.frames]
  for (const id of ['mp3-64', 'opus-32']) {
    const format = parseFormat(id)
    const frames = of(heard, id)
    assertContinuous(t, frames)
    const newest = frames.at(-1)!
    const ageMs = nowSamples / 48 - ((newest.frameIndex + 1) * format.frameSamples) / 48
    t.ok(ageMs > -30 && ageMs < ENGINE_LEAD_MS + 30, `${id}: the newest frame ends about now on the house clock (${ageMs.toFixed(1)} ms ago)`)
    t.ok(frames.slice(4).every(({ flags }) => flags === 0), 'no frame is bridged')
    const pcm = decodeFrames(format, frames.map(({ data }) => data), frames[0]!.frameIndex)
    t.ok(toneRatioDb(pcm.subarray(9600), 1000) > 30, `${id} holds the tone and nothing else: ${toneRatioDb(pcm.subarray(9600), 1000).toFixed(1)} dB`)
  }
  const stats = await waitUntil('statistics', () => engine.stats.findLast(({ framesTotal }) => framesTotal > 100))
  t.equal(stats.programmes, 1)
  t.equal(stats.encoders, 2)
  t.equal(stats.latenessBuckets.length, 11)
  t.ok(stats.latenessBuckets.at(-1)! <= stats.framesTotal)
  t.equal((await waitUntil('a status', () => engine.status('beep')))?.state, 'live')
})

t.test('control goes away and comes back without a frame missing; a repeated state changes nothing', async (t) => {
  const engine = await startEngine(t)
  engine.setState(STATE)
  engine.setInterest([{ room: ROOM, format: 'opus-32' }])
  await waitUntil('sound', () => engine.frames.length > 10)
  await engine.stopControl()
  const atStop = engine.frames.length
  await waitUntil('sound without control', () => engine.frames.length > atStop + 25)
  const told = engine.statuses.length
  await engine.startControl()
  await waitUntil('the engine is back at control', () => engine.statuses.length > told)
  const atReturn = engine.frames.length
  await waitUntil('sound after the return', () => engine.frames.length > atReturn + 25)
  assertContinuous(t, engine.frames)
  t.ok(engine.frames.slice(2).every(({ flags }) => flags === 0))
})

t.test('an engine that was killed comes back on the same grid and the bus finds it again', async (t) => {
  const engine = await startEngine(t)
  engine.setState(STATE)
  engine.setInterest([{ room: ROOM, format: 'opus-32' }])
  await waitUntil('sound', () => engine.frames.length > 10)
  await engine.restart()
  const before = engine.frames.length
  await waitUntil('sound again', () => engine.frames.length > before + 50)
  const after = engine.frames.slice(before)
  assertContinuous(t, after)
  const ageMs = engine.house.nowSamples() / 48 - ((after.at(-1)!.frameIndex + 1) * 960) / 48
  t.ok(Math.abs(ageMs) < 100, `still on the house clock (${ageMs.toFixed(1)} ms)`)
})
