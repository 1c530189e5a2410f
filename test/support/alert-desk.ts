import { createHash } from 'node:crypto'
import { AlertDesk, type Grant, type PreparedClip } from '../../control/index.ts'
import type { AlertCaller } from '../../control/alerts/alert-request.ts'
import { NO_EQUIPMENT, type ClusterState } from '../../control/records.ts'
import { Rights } from '../../control/rights.ts'
import { SqliteStore } from '../../server/store/sqlite-store.ts'
import { FakeBroadcast } from './fake-broadcast.ts'
import { FakeClock } from './fake-clock.ts'

/** Everything spoken lasts so long. */
export const SPOKEN_MS = 20_000
export const TONE_MS = 3000
export const SLACK_MS = 60_000

/** A desk on a store of its own, without HTTP; every text becomes a clip of SPOKEN_MS, once it is ready. */
export function buildDesk(clock = new FakeClock(), store = SqliteStore.inMemory(), { onError = (error: unknown): void => { throw error }, ready = (): Promise<void> => Promise.resolve() } = {}) {
  const broadcast = new FakeBroadcast(store)
  const clips = {
    prepare: (path: string): Promise<PreparedClip> => Promise.resolve({ clipId: path.split('/').at(-1)!, path, durationMs: SPOKEN_MS, durationSamples: SPOKEN_MS * 48, loudnessLufs: -20, sizeBytes: 1 }),
  }
  const speech = { speak: (text: string): Promise<string> => ready().then(() => `/nowhere/${createHash('sha256').update(text).digest('hex').slice(0, 16)}`) }
  const desk = new AlertDesk({ store, broadcast, clock, config: { attentionToneMs: TONE_MS, maxOrderMs: 24 * 3_600_000, clipResumeSlackMs: SLACK_MS }, clips, speech, onError })
  return { desk, store, broadcast, clock, speech }
}

export function addUnit(store: SqliteStore, id: string, parentId: string | null): void {
  store.units.insert({ id, code: id, name: id, parentId, presentationDelayMs: null, createdAtMs: 0 })
}

export function addCluster(store: SqliteStore, id: string, unitId: string, state: ClusterState = 'active'): void {
  store.clusters.insert({ id, unitId, code: id, name: id, tags: [], position: null, enabled: true, state, equipment: NO_EQUIPMENT, keyHash: id, keyChangedAtMs: 0, createdAtMs: 0 })
}

const EVERYWHERE: readonly Grant[] = [{ role: 'emergency-officer', unitId: null }]
const rights = new Rights(EVERYWHERE, () => [])

export const person = (name: string, session = `${name}'s`): AlertCaller => ({ kind: 'person', actorId: name, credentialId: session, name, rights })
export const capSender: AlertCaller = { kind: 'cap-sender', actorId: 'cap', credentialId: 'cap', name: 'Đài khí tượng', rights }
