import type { Store } from './ports.ts'
import { Rights, type Grant } from './rights.ts'
import { hasKey, revoking } from './source-rules.ts'

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
    if (his.length === 0) return false
    for (const key of his) store.sourceKeys.remove(key.id)
    store.sources.replace({ ...source, ingest: revoking(source.ingest, his.map(({ keyHash }) => keyHash)) })
    return true
  })
}
