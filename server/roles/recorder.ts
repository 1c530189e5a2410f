import { parseFormat } from '../../codec/index.ts'
import { newId } from '../../control/ids.ts'
import { HouseClock } from '../../rooms/house-clock.ts'
import { attentionTone } from '../attention-tone.ts'
import { connectFrameBus } from '../bus/unix-frame-bus.ts'
import { connectControl } from '../link/control-link.ts'
import { LINK_VERSION, type ControlToRecorder, type RecorderToControl } from '../link/messages.ts'
import { Recorder } from '../recording/recorder.ts'
import { openTapeDisk } from '../recording/tape-disk.ts'
import { controlSocket, engineSocket } from '../run-paths.ts'
import { EncodedSounds } from '../sinks/prepared-sounds.ts'
import type { RoleRuntime, RunningRole } from './role-runtime.ts'

const TICK_MS = 500
const STATS_MS = 1000
/** Files that grow are told of so often. */
const PROGRESS_MS = 5000

/** Writes what is on air to the disk. Nothing waits for it: what it cannot keep is missing in a recording, never on the air. */
export async function runRecorder(runtime: RoleRuntime): Promise<RunningRole> {
  const { config, clock, index } = runtime
  const logger = runtime.logger.child({ role: 'recorder', index })
  const house = new HouseClock(clock, runtime.anchor)
  const options = { opusComplexity: config.opusComplexity, opusExpectedLossPercent: config.opusExpectedLossPercent, mp3Quality: config.mp3Quality }
  const sounds = new EncodedSounds(new Map([['attention', await attentionTone(config)]]), options, [parseFormat(config.opusFormat)])
  const bus = connectFrameBus(Array.from({ length: config.engineProcesses }, (_, engine) => engineSocket(config.runDir, engine)))
  const recorder = new Recorder({
    disk: openTapeDisk(config.recordingsDir),
    sounds,
    nowSamples: () => house.nowSamples(),
    monotonicMs: () => clock.monotonicMs(),
    newId: () => newId('e', clock.wallMs()),
    minFreeBytes: config.recordingMinFreeBytes,
    setInterest: (interests) => { bus.setInterest(interests) },
    onError: (error) => { logger.error({ err: error }, 'a recording that the index does not know could not be read') },
  })
  await recorder.start()
  bus.onFrames((frames) => { recorder.take(frames) })

  const control = connectControl<ControlToRecorder, RecorderToControl>(
    controlSocket(config.runDir),
    { type: 'hello', version: LINK_VERSION, role: 'recorder', index, pid: process.pid },
    {
      onConnect: () => { tellTapes() },
      onMessage: (message) => {
        if (message.type === 'recorder-state') recorder.apply(message)
        else if (message.type === 'recorder-unknown') recorder.unknown(message.files)
        else recorder.kept(message.ids).catch((error: unknown) => { logger.error({ err: error }, 'a recording could not be given its name; it is tried again') })
      },
    },
  )
  const tellTapes = (): void => {
    control.send({ type: 'recorder-tapes', isAll: recorder.isRepaired, tapes: recorder.reports() })
  }

  let faultTold = ''
  const tellStats = (): void => {
    const stats = recorder.stats()
    const { user, system } = process.cpuUsage()
    control.send({ type: 'recorder-stats', ...stats, cpuMsTotal: (user + system) / 1000, rssBytes: process.memoryUsage.rss() })
    const fault = stats.fault?.kind ?? ''
    if (fault !== '' && fault !== faultTold) logger.error({ fault: stats.fault }, 'recordings cannot be written; what is on air goes on')
    faultTold = fault
  }

  let tapesTold = ''
  let nextProgressMs = 0
  const timers = [
    setInterval(() => {
      void recorder.tick()
      const files = recorder.filesToAsk()
      if (files.length > 0) control.send({ type: 'recorder-files', files })
      // At once when a file has begun or ended, and now and then how far they are.
      const tapes = recorder.reports().map(({ id, isOpen }) => `${id}${isOpen ? '+' : ''}`).join()
      if (tapes === tapesTold && clock.monotonicMs() < nextProgressMs) return
      tapesTold = tapes
      nextProgressMs = clock.monotonicMs() + PROGRESS_MS
      tellTapes()
    }, TICK_MS),
    setInterval(tellStats, STATS_MS),
  ]

  const close = async (): Promise<void> => {
    for (const timer of timers) clearInterval(timer)
    await bus.close()
    await recorder.close()
    tellTapes()
    control.close()
  }
  let closing: Promise<void> | undefined
  return { close: () => (closing ??= close()) }
}
