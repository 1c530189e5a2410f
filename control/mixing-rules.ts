import { isInReach } from './belonging.ts'
import { orderState, type Broadcast, type OrderMixing, type OrderRecord, type Store } from './ports.ts'
import { ApiError, unknownIds } from './problem.ts'
import type { Right, Rights } from './rights.ts'
import type { MixingBodyView } from './schemas/mixing.ts'

const DUCK_DB = 12
const ATTACK_MS = 300
const RELEASE_MS = 1000
const HAND_OVER_MS = 1000
/** More is no programme; each is remembered for as long as the order. */
const MOST_HAND_OVERS = 200

/** @returns nothing when it would change nothing */
export function mixingOf(body: MixingBodyView | null | undefined): OrderMixing | undefined {
  const { over = null, introClipId = null, outroClipId = null, crossfadeMs = 0 } = body ?? {}
  if (over === null && introClipId === null && outroClipId === null && crossfadeMs === 0) return undefined
  return {
    over: over === null ? null : { duckDb: over.duckDb ?? DUCK_DB, attackMs: over.attackMs ?? ATTACK_MS, releaseMs: over.releaseMs ?? RELEASE_MS },
    introClipId, outroClipId, crossfadeMs,
  }
}

/** As it is shown, and as a request would say it. */
export const mixingView = (mixing: OrderMixing | undefined) => (mixing === undefined ? null : { ...mixing, over: mixing.over === null ? null : { ...mixing.over } })

/** Length of clips that fade into one another, ms. */
export function contentMsOf(lengthsMs: readonly number[], crossfadeMs: number): number {
  return lengthsMs.reduce((sum, lengthMs, index) => sum + lengthMs - (index === 0 ? 0 : Math.min(crossfadeMs, Math.floor(Math.min(lengthMs, lengthsMs[index - 1]!) / 2))), 0)
}

/** The clips of an order or item as they sound, its jingles with them. */
export const soundingClips = ({ clipIds, mixing }: Pick<OrderRecord, 'mixing'> & { readonly clipIds: readonly string[] | null }): readonly string[] =>
  clipIds === null ? [] : [mixing?.introClipId ?? null, ...clipIds, mixing?.outroClipId ?? null].filter((id) => id !== null)

/** How long they last, ms; a clip that is no more counts for nothing. */
export const clipsMs = (order: Parameters<typeof soundingClips>[0], clips: Pick<Store['clips'], 'get'>): number =>
  contentMsOf(soundingClips(order).map((id) => clips.get(id)?.durationMs ?? 0), order.mixing?.crossfadeMs ?? 0)

/** The source that is heard now, or was last. */
export const sourceNow = (order: Pick<OrderRecord, 'sourceId' | 'handOvers'>): string | null => order.handOvers?.at(-1)?.sourceId ?? order.sourceId

interface HandOverRequest {
  readonly sourceId: string
  readonly crossfadeMs?: number
  readonly force?: boolean
}

interface Giver {
  readonly by: string
  readonly rights: Rights
  /** With which the order is steered. */
  readonly right: Right
  readonly nowMs: number
}

/**
 * An order that is handed over to another source.
 * @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_FORBIDDEN or LOA_ERR_HAND_OVER
 */
export function handedOver(order: OrderRecord, { sourceId, crossfadeMs = HAND_OVER_MS, force = false }: HandOverRequest, { by, rights, right, nowMs }: Giver, store: Store, broadcast: Pick<Broadcast, 'sourceStatus'>): NonNullable<OrderRecord['handOvers']> {
  const source = store.sources.get(sourceId)
  if (source === undefined || !isInReach(source.unitId, 'view', rights, store)) throw unknownIds([{ path: 'sourceId', noun: 'source', id: sourceId }])
  if (!isInReach(source.unitId, right, rights, store)) {
    const [message, messageVi] = [`needs the right '${right}' where it belongs`, `cần quyền '${right}' tại đơn vị sở hữu`]
    throw new ApiError('LOA_ERR_FORBIDDEN', `sourceId ${message}`, `sourceId ${messageVi}`, { errors: [{ path: 'sourceId', message, messageVi }] })
  }
  const before = order.handOvers ?? []
  if (order.sourceId === null) throw refused('the order plays clips, which have no speaker', 'lệnh phát đang phát tệp âm thanh, không có người nói để chuyển')
  if (orderState(order, nowMs) !== 'on-air') throw refused('the order is not running', 'lệnh phát không đang chạy')
  if (sourceNow(order) === sourceId) throw refused('that source has it already', 'nguồn này đang phát rồi')
  if (before.length >= MOST_HAND_OVERS) throw refused(`it has been handed over ${String(MOST_HAND_OVERS)} times: give a new order`, `đã chuyển ${String(MOST_HAND_OVERS)} lần: hãy ra lệnh phát mới`)
  const state = broadcast.sourceStatus(sourceId)?.state ?? 'down'
  if (!force && source.kind !== 'tone' && state !== 'live' && state !== 'fallback') throw refused(`the source gives no sound (${state}); send \`force\` to hand over all the same`, `nguồn chưa có tiếng (${state}); gửi \`force\` nếu vẫn muốn chuyển`)
  return [...before, { sourceId, atMs: nowMs, crossfadeMs, by }]
}

const refused = (detail: string, detailVi: string): ApiError => new ApiError('LOA_ERR_HAND_OVER', detail, detailVi)
