import { join } from 'node:path'
import pino from 'pino'
import { AlertDesk, createControlApp, Monitor, Scheduler, type ControlApp } from '../../control/index.ts'
import { anchorFromWall, HouseClock } from '../../rooms/house-clock.ts'
import { openAlarms } from '../../server/alarms.ts'
import { openCap } from '../../server/cap/open-cap.ts'
import { loadConfig } from '../../server/config.ts'
import { Director } from '../../server/director/director.ts'
import { openPhone } from '../../server/phone/open-phone.ts'
import { createPhotoFolder } from '../../server/photos/photo-folder.ts'
import { openRecordingFolder } from '../../server/recording/recording-folder.ts'
import { SigningKeys } from '../../server/signing/signing-keys.ts'
import type { SqliteStore } from '../../server/store/sqlite-store.ts'
import { systemClock } from '../../server/system-clock.ts'

/** Control with its scheduler, director and API as in the server, in the bench's own process: nobody connects. */
export interface Control {
  readonly app: ControlApp
  readonly director: Director
  readonly scheduler: Scheduler
  /** @throws Error with the answer when it is not 2xx */
  request(method: 'GET' | 'PATCH' | 'POST', url: string, body?: object): Promise<Buffer>
  close(): Promise<void>
}

/** @param token of somebody who may do everything */
export async function openControl(store: SqliteStore, dataDir: string, token: string): Promise<Control> {
  const config = { ...loadConfig({ LOA_DATA_DIR: dataDir }), runDir: dataDir }
  const signing = SigningKeys.open(dataDir, systemClock.wallMs())
  const logger = pino({ level: 'silent' })
  const director = new Director({ config, store, signing, clock: systemClock, house: new HouseClock(systemClock, anchorFromWall(systemClock)), logger })
  const clock = { wallMs: () => director.wallMs(), setTimer: systemClock.setTimer.bind(systemClock) }
  const onError = (error: unknown): void => { throw error }
  const noClips = (): Promise<never> => Promise.reject(new Error('no clips here'))
  const clips = { prepare: noClips, shape: noClips, cut: noClips, listeningCopy: noClips, beginListeningCopy: () => undefined, remove: noClips }
  const scheduler = new Scheduler({ store, broadcast: director, clock, config, onError })
  const alerts = new AlertDesk({ store, broadcast: director, clock, config, clips, speech: { speak: () => Promise.reject(new Error('nobody speaks here')) }, onError })
  const monitor = new Monitor({ store, broadcast: director, clock, rules: config, onError })
  scheduler.start()
  await director.start(join(dataDir, 'control.sock'))
  const phone = openPhone({ config, store, director, alerts, houseWall: clock, logger })
  const alarms = openAlarms({ config, store, broadcast: director, monitor, phone: phone.desk, houseWall: clock, clock: systemClock, logger })
  const cap = openCap({ config, store, broadcast: director, alerts, clips, houseWall: clock, logger })
  const app = await createControlApp({ store, broadcast: director, clips, photos: createPhotoFolder(config), recordings: openRecordingFolder(config.recordingsDir), clock, config, addresses: { isPrivateHost: () => false }, signing, scheduler, alerts, monitor, ...alarms, cap, phone, version: 'bench' })
  return {
    app,
    director,
    scheduler,
    async request(method, url, body) {
      const answer = await app.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...(body === undefined ? {} : { payload: body }) })
      if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${String(answer.statusCode)} ${answer.body}`)
      return answer.rawPayload
    },
    async close() {
      await app.close()
      scheduler.close()
      director.close()
    },
  }
}
