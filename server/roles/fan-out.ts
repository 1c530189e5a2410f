import type { IncomingMessage } from 'node:http'
import { parseFormat } from '../../codec/index.ts'
import { FanOut } from '../../rooms/fan-out.ts'
import { HouseClock, houseMsAt } from '../../rooms/house-clock.ts'
import { attentionTone } from '../attention-tone.ts'
import { connectFrameBus } from '../bus/unix-frame-bus.ts'
import { connectControl, type ControlLink } from '../link/control-link.ts'
import { LATENESS_BOUNDS_MS, LINK_VERSION, type ClusterCredential, type ControlToFanOut, type FanOutToControl } from '../link/messages.ts'
import { listOf } from '../list-setting.ts'
import { controlSocket, engineSocket } from '../run-paths.ts'
import { ControlQuestions } from '../sinks/control-questions.ts'
import { RtpHost } from '../rtp/rtp-host.ts'
import { Credentials } from '../sinks/credentials.ts'
import type { Questions } from '../sinks/device-handshake.ts'
import { AttemptReporter } from '../sinks/attempt-reporter.ts'
import { IngestEndpoint, type IngestPorts } from '../sinks/ingest-endpoint.ts'
import { ListenEndpoint } from '../sinks/listen-endpoint.ts'
import { EncodedSounds } from '../sinks/prepared-sounds.ts'
import { PresenceReporter } from '../sinks/presence-reporter.ts'
import { NativeBatchWriter } from '../sinks/socket-sink.ts'
import { RtmpEndpoint } from '../sinks/rtmp/rtmp-endpoint.ts'
import { SpeakerEndpoint } from '../sinks/speaker-endpoint.ts'
import { SpeakerFilesEndpoint } from '../sinks/speaker-files-endpoint.ts'
import { StreamPort } from '../sinks/stream-port.ts'
import { TalkEndpoint, type TalkQuestions } from '../sinks/talk-endpoint.ts'
import { WhepEndpoint, type MonitorQuestions } from '../sinks/whep-endpoint.ts'
import { WhipEndpoint } from '../sinks/whip-endpoint.ts'
import { RtcHost } from '../webrtc/rtc-host.ts'
import { iceServerLinks, monitorHost, monitorPort, rtcOptions } from '../webrtc/rtc-settings.ts'
import { WhepHost } from '../webrtc/whep-host.ts'
import type { RoleRuntime, RunningRole } from './role-runtime.ts'

const STATS_MS = 1000
/** Longer than an engine takes to come back for a moment of garbage collection, shorter than a player's buffer. */
const GAP_FILL_MS = 200
const INTEREST_LOOKAHEAD_MS = 15_000

/** Holds listeners. Goes on playing what it was last told when control is gone. */
export async function runFanOut(runtime: RoleRuntime): Promise<RunningRole & { readonly port: number }> {
  const { config, clock, logger } = runtime
  const house = new HouseClock(clock, runtime.anchor)
  const encoderOptions = { opusComplexity: config.opusComplexity, opusExpectedLossPercent: config.opusExpectedLossPercent, mp3Quality: config.mp3Quality }
  const sounds = new EncodedSounds(new Map([['attention', await attentionTone(config)]]), encoderOptions, [parseFormat(config.mp3Format), parseFormat(config.opusFormat)])
  const bus = connectFrameBus(Array.from({ length: config.engineProcesses }, (_, index) => engineSocket(config.runDir, index)))
  const credentials = new Credentials()

  const fanOut = new FanOut(
    { clock, house, bus, sounds, batch: new NativeBatchWriter() },
    {
      ringMs: config.ringMs,
      maxLagMs: config.maxLagMs,
      frozenTimeoutMs: config.frozenTimeoutMs,
      gapFillMs: GAP_FILL_MS,
      interestLookaheadMs: INTEREST_LOOKAHEAD_MS,
      latenessBoundsMs: LATENESS_BOUNDS_MS,
      firstSlot: (runtime.index / config.fanOutProcesses) % 1,
    },
    (cut) => {
      link.send({ type: 'cut-done', ...cut })
    },
  )

  const send = (message: FanOutToControl): void => {
    link.send(message)
  }
  const presence = new PresenceReporter(send)
  const questions: Questions = new ControlQuestions((question) => {
    link.send(question)
    return link.connected
  })
  const talkQuestions: TalkQuestions = new ControlQuestions((question) => {
    link.send(question)
    return link.connected
  })
  const listen = new ListenEndpoint(fanOut, credentials, presence, { ...config, corsOrigins: listOf(config.corsOrigins), wallMs: () => clock.wallMs() })
  const speakers = new SpeakerEndpoint({ fanOut, house, credentials, presence, send, questions, codecDelaySamples: (format) => sounds.delaySamples(format) }, config)
  const rtp = new RtpHost({ fanOut, house, clock, presentationDelayMs: (clusterId) => credentials.cluster(clusterId)?.presentationDelayMs ?? config.presentationDelayMs, prepare: (format) => { sounds.prepare(format) } }, config)
  const files = new SpeakerFilesEndpoint({
    dataDir: config.dataDir,
    credentials,
    // House time, as devices know it.
    wallMs: () => houseMsAt(house.nowSamples()),
    keepOpen: (request) => {
      speakers.keepOpen(request)
    },
  })
  const nowSamples = (): number => house.nowSamples()
  const attempts = new AttemptReporter(nowSamples, (items) => { send({ type: 'source-attempts', items }) })
  const ingestPorts: IngestPorts = { runDir: config.runDir, credentials, attempts, nowSamples }
  const ingest = new IngestEndpoint(ingestPorts, send, logger)
  const keepOpen = (request: IncomingMessage): void => {
    speakers.keepOpen(request)
  }
  const whip = new WhipEndpoint(ingestPorts, keepOpen)
  const rtmp = new RtmpEndpoint(ingestPorts, logger)
  const rtc = new RtcHost({ ...rtcOptions(config), ports: [monitorPort(config, runtime.index)], logger })
  const monitors = new WhepHost({
    fanOut, clock, rtc, format: parseFormat(config.opusFormat),
    onOpened: () => {
      // Its room first: control wakes it when it hears of the monitor.
      tellStats()
      tellMonitors()
    },
    onEnded: ({ monitorId, hears }, reason) => {
      logger.info({ monitorId, hears, reason }, 'a monitor is gone')
      tellMonitors()
    },
  })
  const tellMonitors = (): void => {
    link.send({ type: 'monitors', present: monitors.infos() })
  }
  const monitorQuestions: MonitorQuestions = new ControlQuestions((question) => {
    link.send(question)
    return link.connected
  })
  const whep = new WhepEndpoint({
    runDir: config.runDir, index: runtime.index, host: monitorHost(runtime.index, config), credentials, questions: monitorQuestions, sessions: monitors,
    lack: () => rtc.lack, iceServerLinks: () => iceServerLinks(config, clock.wallMs()), wallMs: () => clock.wallMs(), keepOpen, logger,
  })
  const talk = new TalkEndpoint({ credentials, questions: talkQuestions, monotonicMs: () => clock.monotonicMs(), nowSamples: () => house.nowSamples() })
  const streamPort = new StreamPort({
    listen: (socket, head) => {
      listen.handle(socket, head)
    },
    ingest: (socket, head, rest) => {
      ingest.handle(socket, head, rest)
    },
    http: speakers.http,
  })
  speakers.http.on('request', (request, response) => {
    if (!files.handle(request, response) && !whip.handle(request, response) && !whep.handle(request, response) && !talk.handle(request, response)) ingest.handleRequest(request, response)
  })

  const link: ControlLink<FanOutToControl> = connectControl<ControlToFanOut, FanOutToControl>(
    controlSocket(config.runDir),
    { type: 'hello', version: LINK_VERSION, role: 'fan-out', index: runtime.index, pid: process.pid },
    {
      onConnect: () => {
        presence.sendAll()
        attempts.tellAll()
        link.send(rtp.status())
        tellMonitors()
      },
      onMessage: (message) => {
        apply(message, { fanOut, credentials, listen, presence, speakers, questions, talkQuestions, rtp, monitors, monitorQuestions })
      },
      onDisconnect: () => {
        questions.close()
        monitorQuestions.close()
        talkQuestions.close()
        logger.warn('control is away; playing on as last told')
      },
    },
  )

  // A process that has not heard from control yet would refuse everybody, so it does not listen before.
  await Promise.all([credentials.whenReady, whep.listen()])
  const port = await streamPort.listen(config.host, config.streamPort)
  if (config.rtmpPort !== 0) await rtmp.listen(config.host, config.rtmpPort)
  logger.info({ port }, 'fan-out listens')

  const tellStats = (): void => {
    const cpu = process.cpuUsage()
    link.send({
      type: 'fan-out-stats',
      listenersByFormat: fanOut.listenersByFormat(),
      bytesTotal: fanOut.counters.bytes,
      framesTotal: fanOut.counters.frames,
      latenessBuckets: fanOut.lateness.cumulative(),
      latenessMaxMs: fanOut.lateness.maxMs,
      gapFramesTotal: fanOut.counters.gapFrames,
      skipsTotal: fanOut.counters.skips,
      cutsFrozenTotal: fanOut.counters.frozen,
      replacedTotal: presence.replaced,
      refusedTotal: listen.refused + speakers.refused + files.refused + ingest.refused + whip.refused + whep.refused + rtmp.refused + talk.refused + streamPort.badRequests,
      monitors: monitors.size,
      monitorsRefusedTotal: whep.refused,
      rtcWorkerDeathsTotal: rtc.diedTotal,
      monitoredRooms: fanOut.monitoredRooms(),
      cpuMsTotal: (cpu.user + cpu.system) / 1000,
      rssBytes: process.memoryUsage.rss(),
    })
    link.send(rtp.status())
  }
  const stats = setInterval(tellStats, STATS_MS)

  let closed = false
  return {
    port,
    async close() {
      if (closed) return
      closed = true
      clearInterval(stats)
      streamPort.close()
      rtp.close()
      monitors.close()
      rtc.close()
      fanOut.close()
      ingest.close()
      rtmp.close()
      attempts.close()
      speakers.close()
      speakers.http.close()
      presence.close()
      questions.close()
      monitorQuestions.close()
      talkQuestions.close()
      link.close()
      await Promise.all([bus.close(), whep.close()])
    },
  }
}

function apply(message: ControlToFanOut, { fanOut, credentials, listen, presence, speakers, questions, talkQuestions, rtp, monitors, monitorQuestions }: { fanOut: FanOut; credentials: Credentials; listen: ListenEndpoint; presence: PresenceReporter; speakers: SpeakerEndpoint; questions: Questions; talkQuestions: TalkQuestions; rtp: RtpHost; monitors: WhepHost; monitorQuestions: MonitorQuestions }): void {
  switch (message.type) {
    case 'fan-out-state': {
      const before = [...credentials.clusterIds()]
      const changed = credentials.rekeyed(message.clusters)
      const redelayed = credentials.redelayed(message.clusters)
      credentials.replace(message)
      for (const id of before) if (credentials.cluster(id) === undefined) fanOut.forgetCluster(id)
      cutThoseWhoMayNoMore(fanOut, message.clusters, changed)
      listen.cutRevoked()
      speakers.renew(redelayed)
      // What is on air did not begin with this process: who joins first and asks for the last moments is not told that they were silent.
      fanOut.assign(message.assignments, before.length === 0 ? -Infinity : message.atSamples, false)
      break
    }
    case 'fan-out-update': {
      const changed = credentials.rekeyed(message.clusters ?? [])
      const redelayed = credentials.redelayed(message.clusters ?? [])
      credentials.update(message)
      for (const id of message.removed ?? []) fanOut.forgetCluster(id)
      cutThoseWhoMayNoMore(fanOut, message.clusters ?? [], changed)
      if (message.monitorTokenHashes !== undefined) listen.cutRevoked()
      speakers.renew(redelayed)
      break
    }
    case 'assign':
      fanOut.assign(message.assignments, message.atSamples, message.urgent)
      break
    case 'rtp-outputs':
      rtp.apply(message)
      break
    case 'drop-connection':
      if (message.connectionId !== null && presence.clusterHere(message.clusterId) !== message.connectionId) break
      if (fanOut.leaveCluster(message.clusterId, message.reason) && message.reason === 'replaced') presence.replaced += 1
      break
    case 'speaker-messages':
      speakers.deliver(message.items)
      break
    case 'lease-answer':
    case 'enrol-answer':
      questions.answered(message)
      break
    case 'monitor-answer':
      monitorQuestions.answered(message)
      break
    case 'monitor-cut':
      for (const monitorId of message.monitorIds) monitors.end(monitorId, 'the right to hear this has ended')
      break
    case 'talk-answer':
      talkQuestions.answered(message)
      break
  }
}

/** After the new credentials have been taken over, so that nobody slips in again with the old ones. */
function cutThoseWhoMayNoMore(fanOut: FanOut, clusters: readonly ClusterCredential[], rekeyed: readonly string[]): void {
  for (const { id, enabled } of clusters) if (!enabled) fanOut.leaveCluster(id, 'disabled')
  for (const id of rekeyed) fanOut.leaveCluster(id, 'key-rotated')
}
