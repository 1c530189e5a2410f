import type { PostBody, Schemas } from '../../../../control/client/index.ts'

export type PhoneKey = Schemas['PhoneKey']
export type PhoneKeyBody = PostBody<'/v1/phone/keys'>
export const ALERT_KINDS = ['exercise', 'test', 'real'] as const
export const HAZARDS = ['flood', 'storm', 'dam-release', 'fire', 'epidemic', 'missing-person', 'all-clear', 'other'] as const
export const LEVELS = ['1', '2', '3', '4', '5'] as const

/** What the form of a telephone key holds, in the API's own names where it can. */
export interface KeyValues {
  unitId: string
  key: string
  name: string
  targets: PhoneKeyBody['targets']
  class: PhoneKeyBody['class']
  /** Of who is heard or spoken for in an emergency. */
  alertKind: (typeof ALERT_KINDS)[number]
  hazard: (typeof HAZARDS)[number]
  level: (typeof LEVELS)[number]
  contentKind: 'live' | 'template'
  sourceId: string
  templateId: string
  slots: Readonly<Record<string, string>>
  onHangUp: 'stop' | 'keep'
  /** As it was; the form does not show them. */
  userId: string | null
  mostMs: number | null | undefined
}

/** An exercise unless somebody chooses otherwise: a wrong press is then nobody's flood. */
export const newKey = (unitId: string, sourceId: string): KeyValues => ({ unitId, key: '1', name: '', targets: unitId === '' ? {} : { units: [unitId] }, class: 'normal', alertKind: 'exercise', hazard: 'other', level: '3', contentKind: 'live', sourceId, templateId: '', slots: {}, onHangUp: 'stop', userId: null, mostMs: undefined })

export function valuesOfKey({ unitId, userId, key, name, targets, class: keyClass, alert, content, mostMs, onHangUp }: PhoneKey): KeyValues {
  const one = <Word extends string>(known: readonly Word[], value: string | undefined, otherwise: Word): Word => known.find((word) => word === value) ?? otherwise
  return {
    unitId, userId, key, name, targets, onHangUp, mostMs, class: keyClass,
    alertKind: one(ALERT_KINDS, alert?.kind, 'exercise'), hazard: one(HAZARDS, alert?.hazard, 'other'), level: one(LEVELS, alert === null ? undefined : String(alert.level), '3'),
    contentKind: content.kind, sourceId: content.kind === 'live' ? content.sourceId : '', templateId: content.kind === 'template' ? content.templateId : '', slots: content.kind === 'template' ? content.slots : {},
  }
}

/** A template is always an alert, with the hazard and level of its own; what is live says them where it is an emergency. */
export function bodyOfKey({ unitId, userId, key, name, targets, class: chosen, alertKind, hazard, level, contentKind, sourceId, templateId, slots, onHangUp, mostMs }: KeyValues): PhoneKeyBody {
  const isLive = contentKind === 'live'
  const keyClass = isLive ? chosen : 'emergency'
  return {
    unitId, userId, key, name, targets, class: keyClass, onHangUp,
    alert: keyClass !== 'emergency' ? null : isLive ? { kind: alertKind, hazard, level: Number(level) as 1 | 2 | 3 | 4 | 5 } : { kind: alertKind },
    content: isLive ? { kind: 'live', sourceId } : { kind: 'template', templateId, slots: Object.fromEntries(Object.entries(slots).filter(([, text]) => text !== '')) },
    ...(mostMs === undefined ? {} : { mostMs }),
  }
}
