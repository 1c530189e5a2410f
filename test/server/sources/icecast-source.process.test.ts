import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { FRAME_FLAG, type BusFrame } from '../../../rooms/frame-bus.ts'
import { houseMsAt } from '../../../rooms/house-clock.ts'
import { sourceRoom } from '../../../rooms/plan.ts'
import { ingestSocket } from '../../../server/run-paths.ts'
import { openIngest, type IngestOutcome } from '../../../server/sources/ingest-protocol.ts'
import { startEngine, type TestEngine } from '../../support/engine-process.ts'
import { monotonicMs } from '../../support/link-emulator-relay.ts'
import { encodedTone, MP3, paceBytes, pcmOf } from '../../support/live-sound.ts'
import { MachineWatch } from '../../support/machine-watch.ts'
import { wantedProcessorMs } from '../../support/processor-time.ts'
import { shortToneRatioDb } from '../../support/tone-ratio.ts'
import { waitUntil } from '../../support/wait-until.ts'

const SOURCE = { kind: 'icecast', name: 'Studio', takeover: 'refuse', admission: { airTimes: [], emergencyTimes: [], window: null, revokedKeyTags: [] }, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all' } as const

/** An engine with icecast sources of these ids, each on air. */
async function studioEngine(t: Test, ids: readonly string[] = ['studio'], takeover: 'refuse' | 'replace' = 'refuse'): Promise<TestEngine> {
  const engine = await startEngine(t)
  engine.setState({ sources: ids.map((id) => ({ ...SOURCE, id, takeover })), programmes: ids.map((id) => ({ room: sourceRoom(id), kind: 'source', sourceId: id })) })
  engine.setInterest(ids.map((id) => ({ room: sourceRoom(id), format: 'opus-32' })))
  await waitUntil('the engine knows the sources', () => ids.every((id) => engine.status(id)))
  return engine
}

const offer = (engine: TestEngine, contentType: string, sourceId = 'studio'): Promise<IngestOutcome> =>
  openIngest(ingestSocket(engine.config.runDir, 0), { sourceId, contentType, userAgent: 'test', remoteAddress: '192.0.2.7', keyClass: 'normal', keyTag: 'k' })

async function connectStudio(t: Test, engine: TestEngine, contentType: string, bytes: Buffer, durationMs: number, sourceId = 'studio'): Promise<Extract<IngestOutcome, { accepted: true }>> {
  const outcome = await offer(engine, contentType, sourceId)
  if (!outcome.accepted) throw new Error(outcome.reason)
  outcome.socket.resume()
  const stop = paceBytes(bytes, durationMs, (part) => { if (outcome.socket.writable) outcome.socket.write(part) })
  t.teardown(() => {
    stop()
    outcome.socket.destroy()
  })
  return outcome
}

const framesOf = (engine: TestEngine, sourceId = 'studio'): BusFrame[] => engine.frames.filter(({ room }) => room === sourceRoom(sourceId))
const isBridged = ({ flags }: BusFrame): boolean => (flags & FRAME_FLAG.BRIDGED) !== 0

/** The first 1.2 s of sound from a source that did not run dry in them. */
function unbroken(engine: TestEngine, sourceId: string): BusFrame[] | undefined {
  const frames = framesOf(engine, sourceId)
  for (let from = 0, at = 0; at < frames.length; at += 1) {
    if (isBridged(frames[at]!)) from = at + 1
    else if (at - from === 62) return frames.slice(from, at)
  }
  return undefined
}

/** Children of a process, by /proc. */
function ffmpegChildren(pid: number): number[] {
  const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim().split(' ').filter((part) => part !== '').map(Number)
  return children.filter((child) => readFileSync(`/proc/${String(child)}/cmdline`, 'utf8').startsWith('ffmpeg'))
}

/** Whoever sleeps mostly is held up by so much only where others are stopped for longer. */
const STOPPED_MS = 60

const FORMATS = [
  ['MP3', 'audio/mpeg', MP3],
  ['Ogg Opus', 'application/ogg', ['-c:a', 'libopus', '-b:a', '64k', '-page_duration', '100000', '-f', 'ogg']],
  ['Ogg Vorbis', 'audio/ogg', ['-c:a', 'libvorbis', '-page_duration', '100000', '-f', 'ogg']],
  ['FLAC in Ogg', 'application/ogg', ['-c:a', 'flac', '-page_duration', '100000', '-f', 'ogg']],
  ['FLAC', 'audio/flac', ['-c:a', 'flac', '-f', 'flac']],
  ['AAC', 'audio/aac', ['-c:a', 'aac', '-f', 'adts']],
  ['MP3 under another name', 'application/octet-stream', MP3],
] as const

// Real decoders and real time: on a machine with much else to do they take their time.
t.setTimeout(200_000)
t.test('every format that studios send is heard; its decoder is replaced within a second when it is killed', async (t) => {
  const machine = await MachineWatch.start(t)
  const startedMs = monotonicMs()
  const engine = await studioEngine(t, FORMATS.map(([name]) => name))
  for (const [name, contentType, args] of FORMATS) await connectStudio(t, engine, contentType, encodedTone(700, 60, args), 60_000, name)
  await waitUntil('unbroken sound from each', () => FORMATS.every(([name]) => unbroken(engine, name)), 90_000)
  await waitUntil('a level from each', () => FORMATS.every(([name]) => Math.abs((engine.status(name)?.peakDbfs ?? -144) + 6) < 1))
  for (const [name] of FORMATS) {
    const pcm = pcmOf(unbroken(engine, name)!)
    t.ok(shortToneRatioDb(pcm.subarray(9600, 57_600), 700) > 20, `${name} is clean: ${shortToneRatioDb(pcm.subarray(9600, 57_600), 700).toFixed(1)} dB`)
    t.equal(engine.status(name)?.state, 'live')
  }

  // With seven decoders starting at once a buffer runs dry or two before it has found its depth; what is measured is the kill.
  await waitUntil('three seconds of unbroken sound from the first', () => !framesOf(engine, 'MP3').slice(-150).some(isBridged), 60_000)
  const enginePid = engine.process.pid!
  const children = ffmpegChildren(enginePid)
  t.equal(children.length, FORMATS.length)
  const silentMsAfterKill = async (victims: readonly number[], names: readonly string[]): Promise<Map<string, number>> => {
    const killedAt = new Map(names.map((name) => [name, framesOf(engine, name).length]))
    for (const child of victims) process.kill(child, 'SIGKILL')
    const since = (name: string): BusFrame[] => framesOf(engine, name).slice(killedAt.get(name))
    // A buffer that happened to be deep enough is never silent; whoever runs dry does so within the first second.
    await waitUntil('a second of sound, not before a second has passed', () => names.every((name) => since(name).length > 100 && !since(name).slice(-50).some(isBridged)), 60_000)
    return new Map(names.map((name) => [name, since(name).filter(isBridged).length * 20]))
  }
  // The first alone, as it happens in life. A buffer that has run dry waits for more sound each time, this time included.
  const heard = framesOf(engine, 'MP3')
  const ranDry = heard.filter((frame, index) => index > 0 && isBridged(frame) && !isBridged(heard[index - 1]!)).length
  const refillMs = Math.min(2000, 300 * 1.5 ** (ranDry + 1))
  const others = children.slice(1)
  const wantedMs = (): number => wantedProcessorMs(enginePid) + wantedProcessorMs(process.pid)
  const [beforeMs, heardBefore] = [wantedMs(), heard.length]
  const kill = silentMsAfterKill(children.slice(0, 1), ['MP3'])
  const isBack = (frames: readonly BusFrame[]): boolean => frames.some(isBridged) ? !isBridged(frames.at(-1)!) : frames.length > 100
  const successor = await waitUntil('another decoder', () => ffmpegChildren(enginePid).find((child) => !children.includes(child)))
  await waitUntil('its sound', () => isBack(framesOf(engine, 'MP3').slice(heardBefore)), 60_000)
  const processorMs = wantedMs() - beforeMs + wantedProcessorMs(successor)
  const silentMs = (await kill).get('MP3')!
  t.ok(silentMs - refillMs <= 550 || silentMs - refillMs - processorMs <= 100, `MP3: silent for ${String(silentMs)} ms after the kill; to fill the buffer takes ${refillMs.toFixed(0)}, the processor was wanted for ${processorMs.toFixed(0)}`)
  // All others at once, which makes the machine start six decoders together.
  const all = await silentMsAfterKill(others, FORMATS.slice(1).map(([name]) => name))
  t.comment(`silent after the kill of all the others at once, ms: ${JSON.stringify([...all])}`)
  for (const [name] of FORMATS) {
    const frames = framesOf(engine, name)
    t.ok(shortToneRatioDb(pcmOf(frames.slice(-50)).subarray(9600), 700) > 20)
    const breaks = frames.slice(1).filter((frame, i) => frame.frameIndex !== frames[i]!.frameIndex + 1)
    // Stopped for a quarter of a second, an engine leaves out what it would have had to send meanwhile.
    t.ok(breaks.length === 0 || machine.worstMs(startedMs, monotonicMs()) > STOPPED_MS, `${name}: no frame is missing: ${String(breaks.map(({ frameIndex }) => frameIndex))}`)
  }
})

t.test('bytes that are no sound end the studio, not the engine', async (t) => {
  const engine = await studioEngine(t)
  const outcome = await offer(engine, 'audio/mpeg')
  if (!outcome.accepted) throw new Error(outcome.reason)
  let closed = false
  outcome.socket.on('close', () => { closed = true })
  outcome.socket.resume()
  outcome.socket.end(Buffer.alloc(300_000, '<html>not a radio</html>\r\n'))
  await waitUntil('the engine hangs up', () => closed)
  const status = await waitUntil('the source is down', () => engine.statuses.findLast(({ state, reason }) => state === 'down' && reason !== 'no studio is connected'))
  t.match(status.reason, /disconnected|no sound/)
  const before = engine.frames.length
  await waitUntil('frames go on', () => engine.frames.length > before + 20)
  t.ok(engine.frames.every(isBridged))

  const told = engine.statuses.length
  const open = await offer(engine, 'application/ogg')
  if (!open.accepted) throw new Error(open.reason)
  let openClosed = false
  open.socket.on('close', () => { openClosed = true })
  open.socket.resume()
  open.socket.write(Buffer.alloc(200_000, 'x'))
  await waitUntil('the engine hangs up on an open connection', () => openClosed)
  await waitUntil('the source says why', () => engine.statuses.slice(told).some(({ state, reason }) => state === 'down' && reason.includes('no sound')))
})

t.test('a hello that makes no sense and a source that is not here are refused', async (t) => {
  const engine = await studioEngine(t)
  t.same(await openIngest(ingestSocket(engine.config.runDir, 0), { sourceId: 'other', contentType: '', userAgent: '', remoteAddress: '', keyClass: 'normal', keyTag: 'k' }), { accepted: false, reason: 'unknown' })
  t.same(await openIngest(ingestSocket(engine.config.runDir, 0), {} as never), { accepted: false, reason: 'bad-hello' })
  t.same(await openIngest(ingestSocket(engine.config.runDir, 7), { sourceId: 'studio', contentType: '', userAgent: '', remoteAddress: '', keyClass: 'normal', keyTag: 'k' }), { accepted: false, reason: 'engine-away' })
})

t.test('a second studio is refused, or takes over, as the source says', async (t) => {
  const bytes = encodedTone(700, 20, MP3)
  await t.test('refuse', async (t) => {
    const engine = await studioEngine(t)
    await connectStudio(t, engine, 'audio/mpeg', bytes, 20_000)
    t.same(await offer(engine, 'audio/mpeg'), { accepted: false, reason: 'busy' })
  })
  await t.test('replace', async (t) => {
    const engine = await studioEngine(t, ['studio'], 'replace')
    const first = await connectStudio(t, engine, 'audio/mpeg', bytes, 20_000)
    let closed = false
    first.socket.on('close', () => { closed = true })
    await waitUntil('the first is heard', () => framesOf(engine).filter((frame) => !isBridged(frame)).length > 20)
    await connectStudio(t, engine, 'audio/mpeg', encodedTone(1900, 20, MP3), 20_000)
    await waitUntil('the first is closed', () => closed)
    const from = engine.frames.length
    await waitUntil('the second is heard', () => engine.frames.slice(from).filter((frame) => !isBridged(frame)).length > 75)
    t.ok(shortToneRatioDb(pcmOf(engine.frames.slice(-50)).subarray(9600), 1900) > 20)
  })
})

t.test('a source with a window takes a studio in it alone, and ends it when it is over', async (t) => {
  const engine = await startEngine(t)
  const window = { leadSamples: 48_000, tailSamples: 24_000 }
  const setTimes = (airTimes: readonly (readonly [number, number])[]): void => {
    engine.setState({ sources: [{ ...SOURCE, id: 'studio', admission: { airTimes, emergencyTimes: [], window, revokedKeyTags: [] } }], programmes: [] })
  }
  const now = Math.floor(engine.house.nowSamples())
  setTimes([[now + 480_000, now + 960_000]])
  await waitUntil('the engine knows the source', () => engine.status('studio'))
  const early = await offer(engine, 'audio/mpeg')
  t.match(early, { accepted: false, reason: 'outside-window' })
  const { opensInMs = 0, opensAtMs = 0 } = early as Extract<IngestOutcome, { accepted: false }>
  t.ok(opensInMs > 1000 && opensInMs <= 9000, `opens in ${String(opensInMs)} ms`)
  t.equal(opensAtMs, Math.round(houseMsAt(now + 432_000)))

  const start = Math.floor(engine.house.nowSamples())
  setTimes([[start, start + 960_000]])
  const told = engine.statuses.length
  await waitUntil('the engine has heard', () => engine.statuses.length > told + 1)
  const studio = await connectStudio(t, engine, 'audio/mpeg', encodedTone(700, 20, MP3), 20_000)
  let closed = false
  studio.socket.on('close', () => { closed = true })
  await waitUntil('the studio is live', () => engine.status('studio')?.state === 'live')
  t.notOk(closed)
  // The order was stopped: its tail is over half a second later. Control is away by then.
  const end = Math.floor(engine.house.nowSamples())
  setTimes([[start, end]])
  await engine.stopControl()
  await waitUntil('the studio is cut', () => closed)
  t.ok(engine.house.nowSamples() >= end + window.tailSamples, 'not before the tail is over')
  t.match(await offer(engine, 'audio/mpeg'), { accepted: false, reason: 'outside-window' })
})
