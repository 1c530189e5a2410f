import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { AlertDesk, createControlApp, ensureAdminToken, Monitor, RecordingKeeper, Scheduler } from '../../control/index.ts'
import { HouseClock } from '../../rooms/house-clock.ts'
import { openAlarms } from '../alarms.ts'
import { openCap } from '../cap/open-cap.ts'
import { createClipPreparer } from '../clips/clip-preparer.ts'
import { Director } from '../director/director.ts'
import { LogKeeper } from '../log/log-keeper.ts'
import { logSigner } from '../log/log-signer.ts'
import { openPhone } from '../phone/open-phone.ts'
import { createPhotoFolder } from '../photos/photo-folder.ts'
import { openRecordingFolder } from '../recording/recording-folder.ts'
import { controlSocket } from '../run-paths.ts'
import { SigningKeys } from '../signing/signing-keys.ts'
import { isPrivateHost } from '../sources/private-host.ts'
import { createEspeak } from '../speech/espeak.ts'
import { SqliteStore } from '../store/sqlite-store.ts'
import { version } from '../version.ts'
import type { RoleRuntime, RunningRole } from './role-runtime.ts'

/** Where scripts/setup.mjs builds console/. */
const CONSOLE_FOLDER = join(import.meta.dirname, '../../build/console')

/** A port that the last process still holds is free again within a moment. */
const LISTEN_TRIES = 40
const LISTEN_RETRY_MS = 50
/** What is being made of CAP messages may take as long at the end; whoever stops the server waits. */
const CAP_CLOSE_MS = 3000

/** Decides, remembers and answers; never on the path of a frame. */
export async function runControl(runtime: RoleRuntime): Promise<RunningRole & { readonly port: number; readonly adminToken: string | null }> {
  const { config, clock, logger } = runtime
  const store = SqliteStore.open(config.dataDir)
  const signing = SigningKeys.open(config.dataDir, clock.wallMs())
  const director = new Director({ config, store, signing, clock, house: new HouseClock(clock, runtime.anchor), logger })
  const houseWall = { wallMs: () => director.wallMs(), setTimer: clock.setTimer.bind(clock) }
  const { printed } = ensureAdminToken(store, config.adminToken, houseWall)
  const clips = createClipPreparer(config)
  const scheduler = new Scheduler({
    store,
    broadcast: director,
    clock: houseWall,
    config,
    onError: (error) => {
      logger.error({ err: error }, 'the schedule could not be turned into orders')
    },
  })
  const alerts = new AlertDesk({
    store,
    broadcast: director,
    clock: houseWall,
    config,
    clips,
    speech: createEspeak({ folder: join(config.dataDir, 'speech') }),
    onError: (error) => {
      logger.error({ err: error }, 'alerts could not be watched over')
    },
  })
  const monitor = new Monitor({
    store,
    broadcast: director,
    clock: houseWall,
    rules: config,
    onError: (error) => {
      logger.error({ err: error }, 'the states of clusters could not be kept')
    },
  })
  const phone = openPhone({ config, store, director, alerts, houseWall, logger })
  const alarms = openAlarms({ config, store, broadcast: director, monitor, phone: phone.desk, houseWall, clock, logger })
  const cap = openCap({ config, store, broadcast: director, alerts, clips, houseWall, logger })
  const recordings = openRecordingFolder(config.recordingsDir)
  const keeper = new RecordingKeeper({
    store,
    folder: recordings,
    recorder: director.recorder,
    clock: houseWall,
    rules: config,
    onError: (error) => {
      logger.error({ err: error }, 'recordings could not be removed')
    },
  })
  const app = await createControlApp({ store, broadcast: director, clips, photos: createPhotoFolder(config), recordings, clock: houseWall, config, addresses: { isPrivateHost }, signing, scheduler, alerts, monitor, alarms: alarms.alarms, outbox: alarms.outbox, notifier: alarms.notifier, maintenance: alarms.maintenance, cap, phone, version, console: { folder: CONSOLE_FOLDER, streamPort: config.streamPort }, logger })
  const logs = new LogKeeper({
    store,
    signer: logSigner(signing),
    clock,
    wallMs: houseWall.wallMs,
    rules: config,
    onError: (error) => {
      logger.error({ err: error }, 'the logs could not be signed or trimmed')
    },
  })
  logs.start()
  // Before anything goes on air: what was missed is judged first.
  scheduler.start()
  alerts.start()
  monitor.start()
  phone.desk.start()
  await director.start(controlSocket(config.runDir))
  alarms.start()
  cap.desk.start()
  cap.feeds.start()
  keeper.start()
  await listen(() => app.listen({ host: config.host, port: config.port }))
  const { port } = app.server.address() as AddressInfo
  logger.info({ port }, 'control listens')

  let closing: Promise<void> | null = null
  return {
    port,
    adminToken: printed,
    close() {
      closing ??= (async () => {
        // Together: a request may wait for a copy that nobody needs any more.
        await Promise.all([app.close(), clips.close()])
        cap.feeds.close()
        await cap.desk.close(CAP_CLOSE_MS)
        keeper.close()
        scheduler.close()
        phone.desk.close()
        alerts.close()
        alarms.close()
        monitor.close()
        director.close()
        // Last: it covers what the end has brought.
        logs.close()
        store.close()
      })()
      return closing
    },
  }
}

async function listen(open: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await open()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === LISTEN_TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, LISTEN_RETRY_MS))
    }
  }
}
