import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlertDesk, createControlApp, type Broadcast, Monitor, CapPublisher } from '../../control/index.ts'
import { openRecordingFolder } from '../recording/recording-folder.ts'
import { createPhotoFolder } from '../photos/photo-folder.ts'
import { CapKeyFile } from '../signing/cap-key.ts'
import { SqliteStore } from '../store/sqlite-store.ts'
import { systemClock } from '../system-clock.ts'

/** Prints the OpenAPI document that the server serves, with a version that stays the same from release to release. */
const dataDir = mkdtempSync(join(tmpdir(), 'loa-openapi-'))
const store = SqliteStore.inMemory()
// Nothing is asked while the routes are only described, but the event hub subscribes.
const silent: Pick<Broadcast, 'subscribe' | 'watch'> = { subscribe: () => () => undefined, watch: () => () => undefined }
const rules = { syncBoundMs: 30, timeZone: 'Asia/Ho_Chi_Minh', hotC: 75, weakSignalDbm: -105, stateLogKeepDays: 0, availabilityKeepDays: 0, measurementKeepDays: 1, measurementHoursKeepDays: 0 }
const noClips = (): Promise<never> => Promise.reject(new Error('nothing is uploaded here'))
const clips = { prepare: noClips, shape: noClips, cut: noClips, listeningCopy: noClips, beginListeningCopy: () => undefined, remove: noClips }
const config = { dataDir, maxClipBytes: 1, minFreeDiskBytes: 0, allowPrivateSources: false, allowPrivateWebhooks: false, clipResumeSlackMs: 0, maxOrderMs: 1, attentionToneMs: 1, syncBoundMs: 30, corsOrigins: '', mapTiles: '', mapTilesCredit: '', rtmpPort: 0, recordingKeepDays: 0, recordingQuotaBytes: 0, trustedProxies: '', sessionMs: 1, practicePassword: '', practiceUrl: '', apiReadsPerSecond: 1, apiCommandsPerSecond: 1 }
const app = await createControlApp({
  store,
  broadcast: silent as Broadcast,
  clips,
  photos: createPhotoFolder({ dataDir, ffmpegPath: '' }),
  recordings: openRecordingFolder(dataDir),
  clock: systemClock,
  config,
  addresses: { isPrivateHost: () => false },
  signing: { infos: () => [], rotate: () => { throw new Error('nothing is rotated here') } },
  scheduler: { changed: () => [], removing: () => [] },
  alerts: new AlertDesk({ store, broadcast: silent as Broadcast, clock: systemClock, config, clips, speech: { speak: () => Promise.reject(new Error('nobody speaks here')) }, onError: () => undefined }),
  monitor: new Monitor({ store, broadcast: silent as Broadcast, clock: systemClock, rules, onError: (error) => { throw error } }),
  alarms: { acknowledge: () => undefined, subscribe: () => () => undefined },
  outbox: { test: () => { throw new Error('nothing is sent here') }, retry: () => undefined, wake: () => undefined, droppedTotal: 0 },
  notifier: { isReady: () => true },
  maintenance: { health: () => { throw new Error('nothing is measured here') }, verification: () => null, verifyLogs: () => { throw new Error('nothing is verified here') }, backup: () => null, backUp: () => null, backupFile: () => null },
  cap: {
    desk: { take: () => Promise.reject(new Error('nothing is handed in here')) },
    feeds: { changed: () => undefined, poll: () => Promise.reject(new Error('nothing is fetched here')) },
    publisher: new CapPublisher({ store, clock: systemClock, sender: 'loa', key: CapKeyFile.open(dataDir, 0) }),
  },
  phone: {
    desk: { hangUp: () => undefined, subscribe: () => () => undefined },
    exchange: { configured: false, lines: () => null, watchLines: () => () => undefined },
    recordings: { path: () => '' },
  },
  version: '1',
})
process.stdout.write(`${JSON.stringify(app.swagger(), null, 1)}\n`)
await app.close()
store.close()
rmSync(dataDir, { recursive: true })
