import { isInReach } from './belonging.ts'
import { orderState, type ControlConfig, type OrderClass, type OrderRecord, type Store, type Targets, type UnitRecord } from './ports.ts'
import { ApiError, unknownIds, type Noun, type ProblemCode } from './problem.ts'
import type { Right, Rights } from './rights.ts'
import type { CreateOrderBody } from './schemas/order.ts'
import { clipsMs, mixingOf } from './mixing-rules.ts'
import type { MixingBodyView } from './schemas/mixing.ts'
import { readTargets, unknownTargets } from './target-rules.ts'
import { cleanText } from './text.ts'
import { formatTime, parseTime } from './time.ts'
import { checkStanding } from './unit-change-rules.ts'

export type NewOrder = Omit<OrderRecord, 'number' | 'stoppedAtMs'>

interface Given {
  readonly id: string
  readonly nowMs: number
  readonly createdBy: string
  /** Of the giver: they say in whose name he gives it when he does not say it himself. */
  readonly rights: Rights
  readonly store: Store
  readonly config: Pick<ControlConfig, 'maxOrderMs' | 'clipResumeSlackMs'>
}

/** What stood in a schedule item before it is changed: it may stay, also where it could not be put today. */
export type Kept = Pick<OrderRecord, 'sourceId' | 'clipIds' | 'targets' | 'issuerUnitId' | 'mixing'>

/** What is played where, in whose name: the same in an order and in a schedule item. */
type SubjectBody = Pick<CreateOrderBody, 'sourceId' | 'clipIds' | 'targets' | 'issuer'> & { readonly mixing?: MixingBodyView | null }

/**
 * Checks that one thing is to be played and that everything named exists.
 * @param right with which it is given
 * @returns total length of the clips, or null for a source; the issuing unit; and the targets, each once
 * @throws ApiError LOA_ERR_ORDER_CONTENT, LOA_ERR_UNKNOWN_ID, LOA_ERR_UNIT_ENDED, LOA_ERR_FORBIDDEN or LOA_ERR_INVALID
 */
export function checkSubject(body: SubjectBody, right: Right, rights: Rights, store: Store, kept?: Kept): { readonly contentMs: number | null; readonly issuer: string; readonly targets: Targets } {
  if ((body.sourceId === undefined) === (body.clipIds === undefined)) {
    throw fieldError('LOA_ERR_ORDER_CONTENT', 'sourceId', 'or clipIds must be given, and not both', 'hoặc clipIds: phải cho đúng một trong hai')
  }
  const targets = readTargets(body.targets)
  return { ...checkReferences(body, right, rights, store, kept), targets }
}

/**
 * Turns a request into an order, or says everything that is wrong with it.
 * @throws ApiError LOA_ERR_ORDER_CONTENT, LOA_ERR_UNKNOWN_ID, LOA_ERR_UNIT_ENDED, LOA_ERR_ORDER_TIME or LOA_ERR_INVALID
 */
export function makeOrder(body: CreateOrderBody, { id, nowMs, createdBy, rights, store, config }: Given): NewOrder {
  const mixing = mixingOf(body.mixing)
  if (mixing !== undefined && body.class === 'emergency') throw fieldError('LOA_ERR_INVALID', 'mixing', 'is not for emergencies: they are heard alone and at once', 'không dùng cho lệnh khẩn cấp: khẩn cấp phát ngay và phát một mình')
  const { contentMs, issuer, targets } = checkSubject(body, rightFor(body.class), rights, store)
  const { startsAtMs, endsAtMs } = checkTimes(body, nowMs, contentMs, config)
  return {
    id,
    class: body.class,
    title: cleanText('title', body.title),
    sourceId: body.sourceId ?? null,
    clipIds: body.clipIds ?? null,
    targets,
    startsAtMs,
    endsAtMs,
    rank: body.rank ?? 0,
    resume: body.resume ?? 'continue',
    issuerUnitId: issuer,
    field: body.field ?? null,
    attentionTone: body.tone ?? true,
    createdAtMs: nowMs,
    createdBy,
    ...(mixing === undefined ? {} : { mixing }),
  }
}

/** @returns total length of the clips, or null for a source; and the issuing unit. */
function checkReferences(body: SubjectBody, right: Right, rights: Rights, store: Store, kept: Kept | undefined): { contentMs: number | null; issuer: string } {
  const unknown: { path: string; noun: Noun; id: string }[] = []
  const refused: { path: string; message: string; messageVi: string }[] = []
  /** What he does not see is not there for him. */
  const mayUse = (owned: { readonly unitId: string | null } | undefined, path: string, noun: Noun, id: string): boolean => {
    const isSeen = owned !== undefined && isInReach(owned.unitId, 'view', rights, store)
    if (!isSeen) unknown.push({ path, noun, id })
    else if (!isInReach(owned.unitId, right, rights, store)) refused.push({ path, message: `needs the right '${right}' where it belongs`, messageVi: `cần quyền '${right}' tại đơn vị sở hữu` })
    return isSeen
  }
  const { sourceId, clipIds } = body
  if (sourceId !== undefined && sourceId !== kept?.sourceId) mayUse(store.sources.get(sourceId), 'sourceId', 'source', sourceId)
  for (const [index, id] of (clipIds ?? []).entries()) if (kept?.clipIds?.includes(id) !== true) mayUse(store.clips.get(id), `clipIds[${String(index)}]`, 'clip', id)
  const mixing = mixingOf(body.mixing)
  for (const jingle of ['introClipId', 'outroClipId'] as const) {
    const id = mixing?.[jingle] ?? null
    if (id !== null && id !== kept?.mixing?.[jingle]) mayUse(store.clips.get(id), `mixing.${jingle}`, 'clip', id)
  }
  unknown.push(...unknownTargets(body.targets, store))
  const issuer = body.issuer === undefined ? usualIssuer(body.targets, right, rights, store) : store.units.get(body.issuer)
  if (issuer === undefined && body.issuer !== undefined) unknown.push({ path: 'issuer', noun: 'unit', id: body.issuer })
  if (unknown.length > 0) throw unknownIds(unknown)
  if (refused.length > 0) throw new ApiError('LOA_ERR_FORBIDDEN', refused.map(({ path, message }) => `${path} ${message}`).join('; '), refused.map(({ path, messageVi }) => `${path} ${messageVi}`).join('; '), { errors: refused })
  const keptUnits = new Set(kept?.targets.units)
  checkStanding(store, 'targets.units', (body.targets.units ?? []).filter((id) => !keptUnits.has(id)))
  if (body.issuer !== undefined && body.issuer !== kept?.issuerUnitId) checkStanding(store, 'issuer', [body.issuer])
  if (issuer === undefined) throw fieldError('LOA_ERR_INVALID', 'issuer', 'must be a unit, and there is none yet: create one first', 'phải là một đơn vị, nhưng chưa có đơn vị nào: hãy tạo trước')
  return { contentMs: clipIds === undefined ? null : clipsMs({ clipIds, ...(mixing === undefined ? {} : { mixing }) }, store.clips), issuer: issuer.id }
}

/** The first root; for who has the right only below it, the highest of his units that stands above the first target: nobody speaks in the name of those above him. */
export function usualIssuer(targets: CreateOrderBody['targets'], right: Right, rights: Rights, store: Store): UnitRecord | undefined {
  const own = rights.roots(right)
  if (own === null) return store.units.firstRoot()
  const [cluster = ''] = targets.clusters ?? []
  const target = targets.units?.[0] ?? store.clusters.get(cluster)?.unitId ?? ''
  const issuer = store.units.ancestors(target).findLast((id) => own.includes(id))
  return issuer === undefined ? undefined : store.units.get(issuer)
}

function checkTimes(body: CreateOrderBody, nowMs: number, contentMs: number | null, config: Given['config']): { startsAtMs: number; endsAtMs: number } {
  const startsAtMs = body.startsAt === undefined ? nowMs : readTime('startsAt', body.startsAt)
  if (body.endsAt !== undefined && body.durationMs !== undefined) throw fieldError('LOA_ERR_ORDER_TIME', 'durationMs', 'and endsAt must not both be given', 'và endsAt: chỉ được cho một trong hai')

  let endsAtMs: number
  if (body.endsAt !== undefined) endsAtMs = readTime('endsAt', body.endsAt)
  else if (body.durationMs !== undefined) endsAtMs = startsAtMs + body.durationMs
  else if (contentMs !== null) {
    if (contentMs > config.maxOrderMs) throw tooLong('clipIds', contentMs, config.maxOrderMs)
    endsAtMs = startsAtMs + Math.min(contentMs + config.clipResumeSlackMs, config.maxOrderMs)
  } else throw fieldError('LOA_ERR_ORDER_TIME', 'endsAt', 'or durationMs must be given: a source has no end of its own', 'hoặc durationMs: phải cho một, vì nguồn không tự kết thúc')

  const end = body.endsAt === undefined && body.durationMs !== undefined ? 'durationMs' : 'endsAt'
  if (endsAtMs <= startsAtMs) throw fieldError('LOA_ERR_ORDER_TIME', end, `must lie after the start (${formatTime(startsAtMs)})`, `phải sau lúc bắt đầu (${formatTime(startsAtMs)})`)
  if (endsAtMs - startsAtMs > config.maxOrderMs) throw tooLong(end, endsAtMs - startsAtMs, config.maxOrderMs)
  if (endsAtMs <= nowMs) throw fieldError('LOA_ERR_ORDER_TIME', end, `is in the past: it is ${formatTime(nowMs)} now`, `đã qua: bây giờ là ${formatTime(nowMs)}`)
  if (!Number.isSafeInteger(endsAtMs) || endsAtMs > MAX_TIME_MS) throw fieldError('LOA_ERR_ORDER_TIME', end, 'lies too far away', 'quá xa')
  return { startsAtMs, endsAtMs }
}

/** The end of the year 9999: later times have no four-digit year to be written with. */
const MAX_TIME_MS = 253_402_300_799_999

function readTime(path: string, text: string): number {
  const ms = parseTime(text)
  if (ms === undefined) throw fieldError('LOA_ERR_ORDER_TIME', path, 'must be a time like 2026-06-18T05:00:00+07:00, with its zone', 'phải có dạng 2026-06-18T05:00:00+07:00, kèm múi giờ')
  return ms
}

const tooLong = (path: string, ms: number, maxMs: number): ApiError =>
  fieldError('LOA_ERR_ORDER_TIME', path, `makes the order ${String(ms)} ms long; at most ${String(maxMs)} ms are allowed`, `làm lệnh phát dài ${String(ms)} ms; tối đa ${String(maxMs)} ms`)

/** A problem with one field. */
export function fieldError(code: ProblemCode, path: string, message: string, messageVi: string): ApiError {
  return new ApiError(code, `${path} ${message}`, `${path} ${messageVi}`, { errors: [{ path, message, messageVi }] })
}

/** What it takes to give or stop an order of this class. */
export const rightFor = (orderClass: OrderClass): Right => (orderClass === 'emergency' ? 'emergency' : 'air')

/** Whether stopping would change anything. */
export const canStop = (order: OrderRecord, nowMs: number): boolean => ['scheduled', 'on-air'].includes(orderState(order, nowMs))
