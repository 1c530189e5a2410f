import { randomUUID } from 'node:crypto'
import { createEncoder, parseFormat } from '../../codec/index.ts'
import type { TimerHandle } from '../../rooms/clock.ts'
import { HouseClock } from '../../rooms/house-clock.ts'
import { sourceRoom, type RoomRef } from '../../rooms/plan.ts'
import { LAST_SENDING_PHASE, ProgrammeRunner } from '../../rooms/programme-runner.ts'
import { listenFrameBus } from '../bus/frame-bus-publisher.ts'
import { FarSources } from '../bus/pcm-client.ts'
import { listenPcm } from '../bus/pcm-server.ts'
import { connectControl } from '../link/control-link.ts'
import { LATENESS_BOUNDS_MS, LINK_VERSION, type ControlToEngine, type EngineState, type EngineToControl, type ProgrammeSpec, type SourceSwitch } from '../link/messages.ts'
import { ToldAgain } from '../link/told-again.ts'
import { controlSocket, engineSocket, ingestSocket, pcmSocket, whipSocket } from '../run-paths.ts'
import type { AnnouncementChanges } from '../rtp/announcement-board.ts'
import { AnnouncementListener } from '../rtp/announcement-listener.ts'
import { addressCheck } from '../sources/address-check.ts'
import { openEgressProxy, type EgressProxy } from '../sources/egress-proxy.ts'
import { IcecastSource } from '../sources/icecast-source.ts'
import { listenIngest } from '../sources/ingest-protocol.ts'
import { openSource } from '../sources/open-source.ts'
import { PhoneSource } from '../sources/phone-source.ts'
import { SourceRegistry } from '../sources/source-registry.ts'
import { warmUp } from '../sources/warm-up.ts'
import { RtcHost } from '../webrtc/rtc-host.ts'
import { iceServerLinks, publisherPorts, rtcOptions } from '../webrtc/rtc-settings.ts'
import { listenWhip } from '../webrtc/whip-server.ts'
import { WhipSource } from '../webrtc/whip-source.ts'
import type { RoleRuntime, RunningRole } from './role-runtime.ts'
import { farParts, RunningSound } from './running-sound.ts'

const ENCODER_GRACE_MS = 10_000
const STATS_INTERVAL_MS = 1000

/** What runs a source for other engines; nobody can listen to it. */
const sendingRoom = (sourceId: string): RoomRef => `far:${sourceId}`

/**
 * Runs an engine: sources and programmes as control says, frames on the engine's bus. While control is away everything
 * goes on as it was told last.
 */
export async function runEngine(runtime: RoleRuntime): Promise<RunningRole> {
  const { config, clock, index } = runtime
  const logger = runtime.logger.child({ role: 'engine', index })
  const house = new HouseClock(clock, runtime.anchor)
  const bus = await listenFrameBus(engineSocket(config.runDir, index))
  const options = { opusComplexity: config.opusComplexity, opusExpectedLossPercent: config.opusExpectedLossPercent, mp3Quality: config.mp3Quality }

  const runner = new ProgrammeRunner({
    clock, house, publisher: bus, encoderGraceMs: ENCODER_GRACE_MS, latenessBoundsMs: LATENESS_BOUNDS_MS,
    openEncoder: (format) => createEncoder(parseFormat(format), options),
    onEncoderFault: (room, format, error) => { logger.error({ room, format, err: error }, 'an encoder failed; it is opened again in a second') },
  })
  let openedProxy: Promise<EgressProxy> | undefined
  const proxy = (): Promise<EgressProxy> => (openedProxy ??= openEgressProxy(addressCheck(config.allowPrivateSources)))
  const rtc = new RtcHost({ ...rtcOptions(config), ports: publisherPorts(config, index), logger })
  const loudness = { targetLufs: config.clipLoudnessLufs, ceilingDbtp: config.clipTruePeakDbtp }
  warmUp(loudness)
  const sources: SourceRegistry = new SourceRegistry({
    clock,
    loudness,
    open: (spec, changed) => openSource(spec, { config, clock, logger, proxy, rtc, changed, nowSamples: () => house.nowSamples(), input: (sourceId) => sources.input(sourceId), switched: (what) => { switches.tell([{ type: 'source-switch', id: randomUUID(), ...what }]) } }),
    onStatus: (status) => { control.send(status) },
    onCycle: (sourceId) => { logger.warn({ sourceId }, 'the fallbacks of a source lead back to it; the chain ends before the repeat') },
  })
  const switches = new ToldAgain<SourceSwitch>((news) => { for (const one of news) control.send(one) })
  const ingest = await listenIngest(ingestSocket(config.runDir, index), (hello, socket) => {
    const source = sources.get(hello.sourceId)
    return source instanceof IcecastSource || source instanceof PhoneSource ? source.accept(hello, socket) : { accepted: false, reason: 'unknown' }
  })
  const whip = await listenWhip(whipSocket(config.runDir, index), {
    source: (sourceId) => {
      const source = sources.get(sourceId)
      return source instanceof WhipSource ? source : undefined
    },
    nowSamples: () => house.nowSamples(),
    iceServerLinks: () => iceServerLinks(config, clock.wallMs()),
    logger,
  })
  const running = new Map<RoomRef, RunningSound>()
  const far = new FarSources((engine) => pcmSocket(config.runDir, engine), clock)
  const pcm = await listenPcm(pcmSocket(config.runDir, index), {
    chainOf: (sourceId) => sources.chain(sourceId),
    // Not before its own room, which would take the sound out of the buffer earlier than it does now.
    start: (sourceId, sending) => { runner.add(sendingRoom(sourceId), sending, Math.min(runner.phaseOf(sourceRoom(sourceId)) ?? 0, LAST_SENDING_PHASE)) },
    stop: (sourceId) => { runner.remove(sendingRoom(sourceId)) },
  })

  const feed = (programme: ProgrammeSpec): void => {
    const parts = farParts(programme)
    if (parts.length > 0) runner.setFed(programme.room, (fromSamples) => parts.every(({ engine, sourceId }) => far.source(engine, sourceId)?.has(fromSamples) ?? true))
  }

  const start = (programme: ProgrammeSpec): void => {
    const before = running.get(programme.room)
    if (before !== undefined) {
      before.update(programme)
      feed(programme)
      return
    }
    const sound = new RunningSound(programme, {
      chainOf: ({ sourceId, engine }) => (engine === undefined ? sources.chain(sourceId) : [far.source(engine, sourceId)].filter((source) => source !== undefined)),
      nowSamples: () => house.nowSamples(),
      onClipFault: (clipId, error) => { logger.error({ clipId, err: error }, 'a clip cannot be read; its place stays silent') },
    })
    running.set(programme.room, sound)
    runner.add(programme.room, sound.renderer)
    feed(programme)
  }

  const apply = (state: EngineState): void => {
    sources.apply(state.sources)
    pcm.refresh()
    far.apply(state.programmes.flatMap(farParts))
    const wanted = new Set(state.programmes.map(({ room }) => room))
    for (const [room, sound] of running) {
      if (wanted.has(room)) continue
      running.delete(room)
      runner.remove(room)
      void sound.close()
    }
    for (const programme of state.programmes) start(programme)
  }

  const control = connectControl<ControlToEngine, EngineToControl>(
    controlSocket(config.runDir),
    { type: 'hello', version: LINK_VERSION, role: 'engine', index, pid: process.pid },
    { onConnect: () => { switches.tellAll(); sources.tellAll(); if (announcements !== undefined) tellAnnouncements({ heard: announcements.list(), gone: [] }, true) }, onMessage: (message) => { apply(message) } },
  )

  const tellAnnouncements = (changes: AnnouncementChanges, isAll = false): void => { control.send({ type: 'announcements', isAll, ...changes }) }
  // One engine hears for all.
  const announcements = config.sapInterface === '' || index > 0 ? undefined : new AnnouncementListener({ clock, interfaceName: config.sapInterface, tell: tellAnnouncements })

  let statsTimer: TimerHandle
  let resyncsTold = 0
  const tellStats = (): void => {
    statsTimer = clock.setTimer(STATS_INTERVAL_MS, tellStats)
    sources.tellAll()
    if (runner.resyncsTotal > resyncsTold) logger.warn({ resyncs: runner.resyncsTotal }, 'the engine was held up; what should have sounded meanwhile was left out')
    resyncsTold = runner.resyncsTotal
    const { user, system } = process.cpuUsage()
    control.send({ type: 'engine-stats', ...runner.stats(), rtcWorkerDeathsTotal: rtc.diedTotal, missingSources: far.missing(), cpuMsTotal: (user + system) / 1000, rssBytes: process.memoryUsage.rss() })
  }
  statsTimer = clock.setTimer(STATS_INTERVAL_MS, tellStats)

  const close = async (): Promise<void> => {
    statsTimer.cancel()
    announcements?.close()
    control.close()
    far.close()
    runner.close()
    rtc.close()
    await Promise.all([sources.close(), bus.close(), pcm.close(), ingest.close(), whip.close(), openedProxy?.then((opened) => opened.close()), ...[...running.values()].map((sound) => sound.close())])
  }
  let closing: Promise<void> | undefined
  return { close: () => (closing ??= close()) }
}
