import type { AlarmView } from '../schemas/alarm.ts'
import type { Store } from '../store-port.ts'
import { formatTime } from '../time.ts'
import type { AlarmRecord } from './alarm-port.ts'
import { RULES } from './alarm-rules.ts'
import type { NotificationKind } from './notification-port.ts'

/** An alarm as the API, events and notifications show it. */
export function alarmView(alarm: AlarmRecord): AlarmView {
  const { title, titleVi } = RULES[alarm.rule]
  return {
    id: alarm.id,
    rule: alarm.rule,
    severity: alarm.severity,
    title,
    titleVi,
    detail: alarm.detail,
    detailVi: alarm.detailVi,
    subject: { ...alarm.subject },
    unitId: alarm.unitId,
    clusters: alarm.members,
    since: formatTime(alarm.sinceMs),
    raisedAt: formatTime(alarm.raisedAtMs),
    clearedAt: alarm.clearedAtMs === null ? null : formatTime(alarm.clearedAtMs),
    level: alarm.level,
    acknowledged: alarm.acknowledged === null ? null : { at: formatTime(alarm.acknowledged.atMs), by: alarm.acknowledged.by, name: alarm.acknowledged.name, note: alarm.acknowledged.note },
  }
}

/** What is sent of a change: type, time and data, as Standard Webhooks wants it. */
export interface AlarmMessage {
  readonly type: `alarm.${Exclude<NotificationKind, 'test'>}`
  readonly timestamp: string
  readonly data: AlarmView & { readonly unit: { readonly code: string; readonly name: string } | null }
}

export function alarmMessage(alarm: AlarmRecord, kind: Exclude<NotificationKind, 'test'>, { units }: Pick<Store, 'units'>, nowMs: number): AlarmMessage {
  const unit = alarm.unitId === null ? undefined : units.get(alarm.unitId)
  return { type: `alarm.${kind}`, timestamp: formatTime(nowMs), data: { ...alarmView(alarm), unit: unit === undefined ? null : { code: unit.code, name: unit.name } } }
}
