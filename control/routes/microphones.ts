import { somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { hashSecret, newId, newSecret } from '../ids.ts'
import { DEFAULT_INGEST_RULES } from '../ingest-port.ts'
import { MICROPHONE_LABEL } from '../own-microphones.ts'
import { newOwner } from '../owner-rules.ts'
import { CreateHeaders, named, problems } from '../schemas/common.ts'
import { Microphone, OpenMicrophone } from '../schemas/source-ingest.ts'
import { newSourceKey, whipPath } from '../source-rules.ts'
import { cleanText } from '../text.ts'
import { formatTime } from '../time.ts'

/** Long enough to prepare an alert and to have it confirmed; whoever has to connect again asks for another. */
const KEY_LIFE_MS = 900_000
/** A person with several windows; the oldest goes. */
const MOST_KEYS = 5

/** For who is logged in and wants to speak at once: no source has to be made, no key be handed about. */
export function microphoneRoutes(app: ControlApp, { store, broadcast, clock, creations }: Context): void {
  app.post('/v1/microphones', {
    config: { access: somewhere('emergency') },
    schema: {
      tags: ['sources'],
      summary: 'Open a microphone of one\'s own',
      description: 'Makes the whip source of the caller at the unit, the first time, and a key to it that lasts 15 minutes. Nothing sounds until an alert or order plays the source. Left out, `unitId` is the only unit at which the caller has the right `emergency`; for who has it everywhere, the whole tree. Who may not give emergencies there any more, or whose session has ended, is cut off.',
      headers: CreateHeaders,
      body: OpenMicrophone,
      response: { 201: named(Microphone), ...problems(400, 401, 403, 409, 415, 422, 507) },
    },
  }, (request, reply) => creations.run(request, reply, () => {
    const { actorId, credentialId, name, rights } = identityOf(request)
    const nowMs = clock.wallMs()
    const unitId = newOwner(request.body?.unitId, 'emergency', rights, store)
    const sourceId = store.microphones.sourceOf(actorId, unitId) ?? make(actorId, name, unitId, nowMs)
    const keys = store.sourceKeys.ofSource(sourceId)
    const current = keys.filter(({ expiresAtMs }) => (expiresAtMs ?? Infinity) > nowMs)
    const kept = new Set(current.slice(-(MOST_KEYS - 1)).map(({ id }) => id))
    for (const { id } of keys) if (!kept.has(id)) store.sourceKeys.remove(id)
    const key = newSecret()
    const expiresAtMs = nowMs + KEY_LIFE_MS
    const keyId = newId('y', nowMs)
    store.sourceKeys.insert({ id: keyId, sourceId, label: MICROPHONE_LABEL, class: 'emergency', keyHash: hashSecret(key), createdAtMs: nowMs, expiresAtMs, isReplaced: false, lastUsedAtMs: null })
    store.microphones.keyGiven(keyId, credentialId)
    return { status: 201, body: { sourceId, path: whipPath(sourceId), key, expiresAt: formatTime(expiresAtMs) }, after: () => { broadcast.sourceChanged(sourceId) } }
  }))

  /** Its own key is told to nobody. No fault is looked for in it: who is heard decides who speaks, and a pause is no fault. */
  function make(actorId: string, name: string, unitId: string | null, nowMs: number): string {
    const id = newId('s', nowMs)
    store.sources.insert({ id, kind: 'whip', name: cleanText('name', `Micro khẩn cấp: ${name}`.slice(0, 200)), unitId, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'speech', watch: 'off', takeover: 'replace', keyHash: hashSecret(newSourceKey('whip', id)), ingest: DEFAULT_INGEST_RULES, createdAtMs: nowMs })
    store.microphones.put(actorId, unitId, id)
    return id
  }
}
