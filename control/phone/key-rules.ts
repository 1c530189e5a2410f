import { findTemplate } from '../alerts/alert-draft.ts'
import { fillSlots } from '../alerts/templates.ts'
import { isInReach } from '../belonging.ts'
import { fieldError } from '../order-rules.ts'
import type { PhoneKeyRecord, Store } from '../ports.ts'
import { unknownIds } from '../problem.ts'
import type { Rights } from '../rights.ts'
import type { CreatePhoneKeyBody } from '../schemas/phone.ts'
import { readTargets, unknownTargets } from '../target-rules.ts'
import { cleanText } from '../text.ts'
import { checkStanding } from '../unit-change-rules.ts'

const DEFAULT_LIVE_MS = 30 * 60_000

interface Given {
  readonly id: string
  readonly createdAtMs: number
  /** Of who prepares it. Whether the caller may use it is seen when he calls. */
  readonly rights: Rights
  readonly store: Store
  readonly maxOrderMs: number
}

/**
 * What is to be behind a key, or everything that is wrong with it.
 * @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_UNIT_ENDED, LOA_ERR_ORDER_CONTENT, LOA_ERR_ORDER_TIME, LOA_ERR_NOT_FOUND or LOA_ERR_INVALID
 */
export function makePhoneKey(body: CreatePhoneKeyBody, { id, createdAtMs, rights, store, maxOrderMs }: Given): PhoneKeyRecord {
  const { unitId, userId = null, key, content } = body
  const unknown = [
    ...unknownTargets(body.targets, store),
    ...(store.units.get(unitId) === undefined ? [{ path: 'unitId', noun: 'unit' as const, id: unitId }] : []),
    ...(userId !== null && store.users.get(userId) === undefined ? [{ path: 'userId', noun: 'user' as const, id: userId }] : []),
  ]
  const source = content.kind === 'live' ? store.sources.get(content.sourceId) : undefined
  if (content.kind === 'live' && (source === undefined || !isInReach(source.unitId, 'view', rights, store))) unknown.push({ path: 'content.sourceId', noun: 'source', id: content.sourceId })
  if (unknown.length > 0) throw unknownIds(unknown)
  if (source !== undefined && source.kind !== 'phone') throw fieldError('LOA_ERR_ORDER_CONTENT', 'content.sourceId', 'must be a source of the kind phone', 'phải là nguồn loại phone')
  checkStanding(store, 'unitId', [unitId])
  checkStanding(store, 'targets.units', body.targets.units ?? [])
  const mostMs = body.mostMs === undefined ? (content.kind === 'live' ? DEFAULT_LIVE_MS : null) : body.mostMs
  if (content.kind === 'live' && (mostMs === null || mostMs > maxOrderMs)) throw fieldError('LOA_ERR_ORDER_TIME', 'mostMs', `must be at most ${String(maxOrderMs)} ms for what is live`, `tối đa ${String(maxOrderMs)} ms khi nói trực tiếp`)
  return {
    id, unitId, userId, key, createdAtMs, mostMs,
    name: cleanText('name', body.name),
    targets: readTargets(body.targets),
    class: body.class,
    alert: alertOf(body, rights, store),
    content: content.kind === 'live' ? content : { ...content, slots: content.slots ?? {} },
    onHangUp: body.onHangUp ?? 'stop',
  }
}

/** What is an emergency is an alert, and nothing else is one. */
function alertOf({ class: itsClass, alert = null, content }: CreatePhoneKeyBody, rights: Rights, store: Store): PhoneKeyRecord['alert'] {
  if ((itsClass === 'emergency') !== (alert !== null)) throw fieldError('LOA_ERR_INVALID', 'alert', 'must be given for an emergency, and for nothing else', 'phải có với lệnh khẩn cấp, và chỉ với lệnh khẩn cấp')
  if (content.kind === 'template') {
    if (alert === null) throw fieldError('LOA_ERR_INVALID', 'content', 'may be a template only of an emergency', 'chỉ dùng mẫu với lệnh khẩn cấp')
    const template = findTemplate(content.templateId, store)
    if (template.unitId !== null && !rights.touches('view', template.unitId)) throw unknownIds([{ path: 'content.templateId', noun: 'alert template', id: content.templateId }])
    fillSlots(template.text, content.slots ?? {}, template.level)
    return { kind: alert.kind, hazard: template.hazard, level: template.level }
  }
  if (alert === null) return null
  const { kind, hazard, level } = alert
  if (hazard === undefined || level === undefined) throw fieldError('LOA_ERR_INVALID', 'alert', 'must say hazard and level for what is live', 'phải nêu hazard và level khi nói trực tiếp')
  return { kind, hazard, level }
}
