import type { SourceKeyRecord, Store } from './ports.ts'
import { Rights, type Grant } from './rights.ts'
import { hasKey, revoking, type KeyedSourceRecord } from './source-rules.ts'

/** Of keys that were given for a microphone of one's own. */
export const MICROPHONE_LABEL = 'Micro trên trang điều khiển'

/**
 * Takes from somebody the keys of his microphones where he may give no emergencies any more, and cuts him off when he speaks there.
 * @param grants what he holds now; none when he is removed or must log in again
 * @returns the sources that have changed
 */
export function closeMicrophones(actorId: string, grants: readonly Grant[], store: Pick<Store, 'microphones' | 'sources' | 'sourceKeys' | 'units'>): string[] {
  const rights = new Rights(grants, (unitId) => store.units.ancestors(unitId))
  return store.microphones.ofActor(actorId).filter((id) => {
    const source = store.sources.get(id)
    if (source === undefined || !hasKey(source) || rights.holds('emergency', source.unitId)) return false
    // Others may have given it keys of their own.
    const his = store.sourceKeys.ofSource(id).filter(({ label }) => label === MICROPHONE_LABEL)
    takeKeys(source, his, store)
    return his.length > 0
  })
}

/**
 * The same of sessions and tokens that have ended: who comes after them speaks with no key of theirs.
 * @returns the sources that have changed
 */
export function closeMicrophonesOf(credentialIds: readonly string[], store: Pick<Store, 'microphones' | 'sources' | 'sourceKeys'>): string[] {
  const keys = credentialIds.flatMap((id) => store.microphones.keysOf(id)).flatMap((id) => store.sourceKeys.get(id) ?? [])
  const bySource = Map.groupBy(keys, ({ sourceId }) => sourceId)
  for (const [id, his] of bySource) {
    const source = store.sources.get(id)
    if (source !== undefined && hasKey(source)) takeKeys(source, his, store)
  }
  return [...bySource.keys()]
}

function takeKeys(source: KeyedSourceRecord, keys: readonly SourceKeyRecord[], store: Pick<Store, 'sources' | 'sourceKeys'>): void {
  if (keys.length === 0) return
  for (const { id } of keys) store.sourceKeys.remove(id)
  store.sources.replace({ ...source, ingest: revoking(source.ingest, keys.map(({ keyHash }) => keyHash)) })
}
