import t, { type Test } from 'tap'
import { OpusDecoder, parseFormat } from '../../codec/index.ts'
import { FRAME_FLAG, type BusFrame } from '../../rooms/frame-bus.ts'
import { ENGINE_LEAD_MS } from '../../rooms/grid.ts'
import { overlayRoom } from '../../rooms/mix-room.ts'
import { sourceRoom } from '../../rooms/plan.ts'
import { openIngest, PHONE_PCM } from '../../server/sources/ingest-protocol.ts'
import { voiceBytes } from '../../server/sources/phone-pcm.ts'
import { ingestSocket } from '../../server/run-paths.ts'
import { monotonicMs } from '../support/link-emulator-relay.ts'
import { MachineWatch } from '../support/machine-watch.ts'
import { startEngine, type TestEngine } from '../support/engine-process.ts'
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
  const machine = await MachineWatch.start(t)
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
  t.ok(Math.abs(ageMs) < 100 + 5 * machine.worstMs(monotonicMs() - 1000, monotonicMs()), `still on the house clock (${ageMs.toFixed(1)} ms)`)
})

/** Speaks a tone into a source of kind `phone`, at the speed of sound, until the connection ends. */
async function call(t: Test, engine: TestEngine, index: number, sourceId: string, hz: number): Promise<void> {
  const line = await waitUntil('the line is open', async () => {
    const outcome = await openIngest(ingestSocket(engine.config.runDir, index), { sourceId, contentType: PHONE_PCM, userAgent: 'call', remoteAddress: '', keyClass: 'normal', keyTag: '' })
    return outcome.accepted ? outcome.socket : undefined
  })
  let at = engine.house.nowSamples()
  const timer = setInterval(() => {
    for (; at < engine.house.nowSamples(); at += 960) line.write(voiceBytes(Float32Array.from({ length: 960 }, (_, i) => 0.25 * Math.sin((2 * Math.PI * hz * (at + i)) / 48_000))))
  }, 10)
  line.on('error', () => undefined)
  line.on('close', () => { clearInterval(timer) })
  t.teardown(() => { line.destroy() })
}

t.test('two callers whose lines are in different engines are mixed, also after the engine of one has died', async (t) => {
  const engine = await startEngine(t, {}, 2)
  const phone = (id: string) => ({ kind: 'phone', id, name: id, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'off', watch: 'off' }) as const
  const [NEAR_HZ, FAR_HZ] = [700, 1900]
  const level = { fromDb: 0, toDb: 0, atSamples: 0, samples: 0 }
  const room = overlayRoom({ over: sourceRoom('near'), under: sourceRoom('far'), level })
  const mixed = { room, kind: 'overlay', over: { kind: 'source', sourceId: 'near' }, under: { kind: 'source', sourceId: 'far', engine: 1 }, level } as const
  engine.setState({ sources: [phone('far')], programmes: [{ room: sourceRoom('far'), kind: 'source', sourceId: 'far' }] }, 1)
  engine.setState({ sources: [phone('near')], programmes: [mixed] })
  engine.setInterest([{ room, format: 'opus-32' }, { room: sourceRoom('far'), format: 'opus-32' }])
  await Promise.all([call(t, engine, 0, 'near', NEAR_HZ), call(t, engine, 1, 'far', FAR_HZ)])

  const mixedFrames = (): BusFrame[] => engine.frames.filter((frame) => frame.room === room)
  const lost = (frames: readonly BusFrame[]): number => frames.filter(({ flags }) => (flags & FRAME_FLAG.BRIDGED) !== 0).length
  /** Amplitude and phase of a tone in the last 200 ms of some frames. */
  const toneIn = (frames: readonly BusFrame[], hz: number): { readonly amplitude: number; readonly phase: number } => {
    const decoder = new OpusDecoder()
    const pcm = frames.slice(-20).flatMap(({ data }) => [...decoder.decode(data)]).slice(-9600)
    decoder.close()
    let [re, im] = [0, 0]
    for (const [i, sample] of pcm.entries()) {
      re += sample * Math.cos((2 * Math.PI * hz * i) / 48_000)
      im += sample * Math.sin((2 * Math.PI * hz * i) / 48_000)
    }
    return { amplitude: (2 * Math.hypot(re, im)) / pcm.length, phase: Math.atan2(im, re) }
  }
  const bothSound = (): boolean => mixedFrames().length > 20 && [NEAR_HZ, FAR_HZ].every((hz) => Math.abs(toneIn(mixedFrames(), hz).amplitude - 0.25) < 0.05)
  await waitUntil('both are heard', bothSound)
  const from = mixedFrames().length
  await waitUntil('a second of both', () => mixedFrames().length >= from + 50)
  const frames = mixedFrames().slice(from)
  assertContinuous(t, frames)

  // A listener who comes from the room of the far one goes on at the same sample.
  const alone = engine.frames.filter(({ room: of, frameIndex }) => of === sourceRoom('far') && frameIndex >= frames[0]!.frameIndex && frameIndex <= frames.at(-1)!.frameIndex)
  t.equal(alone.length, frames.length)
  const turns = (toneIn(frames, FAR_HZ).phase - toneIn(alone, FAR_HZ).phase) / (2 * Math.PI)
  const offSamples = (turns - Math.round(turns)) * (48_000 / FAR_HZ)
  t.ok(Math.abs(offSamples) < 1, `${offSamples.toFixed(2)} samples beside its own room`)

  const before = mixedFrames().length
  await engine.restart(1)
  await call(t, engine, 1, 'far', FAR_HZ)
  await waitUntil('both are heard again', bothSound)
  const meanwhile = mixedFrames().slice(before)
  assertContinuous(t, meanwhile)
  t.ok(lost(meanwhile) < meanwhile.length / 2, `the near one goes on: ${String(lost(meanwhile))} of ${String(meanwhile.length)} frames without any sound`)
})
