import { newId } from './ids.ts'
import type { ClipRecord, ControlClock, PreparedClip, Store } from './ports.ts'

/** The same sound is one clip of a unit, and one file for all units. @param unitId null: of the whole tree */
export function keepClip({ store, clock }: { readonly store: Store; readonly clock: ControlClock }, prepared: PreparedClip, name: string, unitId: string | null): { readonly clip: ClipRecord; readonly created: boolean } {
  const { path, durationMs, durationSamples, loudnessLufs, sizeBytes, clipId } = prepared
  const known = store.clips.ofPath(path).find((clip) => clip.unitId === unitId)
  if (known !== undefined) return { clip: known, created: false }
  const nowMs = clock.wallMs()
  const id = unitId === null && store.clips.get(clipId) === undefined ? clipId : newId('k', nowMs)
  return { clip: store.clips.insert({ id, name, unitId, path, durationMs, durationSamples, loudnessLufs: Number.isFinite(loudnessLufs) ? loudnessLufs : null, sizeBytes, createdAtMs: nowMs }), created: true }
}
