import type { OrderStore } from '../store-port.ts'
import type { AlertRuleView, AlertTemplateView, AlertView } from '../schemas/alert.ts'
import { targetsView } from '../target-rules.ts'
import { formatTime } from '../time.ts'
import type { AlertMark, AlertRecord, AlertRuleRecord, AlertTemplateRecord, RiskLevel } from './alert-port.ts'
import { alertState } from './alert-state.ts'
import { slotsOf, type BuiltInTemplate } from './templates.ts'

/** Quyết định 18/2021/QĐ-TTg, article 4; it names the colours, the numbers are ours. */
export const LEVEL_COLOURS: Readonly<Record<RiskLevel, AlertView['colour']>> = {
  1: { name: 'light blue', nameVi: 'xanh dương nhạt', hex: '#9ecae9' },
  2: { name: 'light yellow', nameVi: 'vàng nhạt', hex: '#fff2a8' },
  3: { name: 'orange', nameVi: 'da cam', hex: '#f58220' },
  4: { name: 'red', nameVi: 'đỏ', hex: '#d7191c' },
  5: { name: 'violet', nameVi: 'tím', hex: '#6a1b9a' },
}

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : formatTime(ms))
const markView = ({ kind, actorId, credentialId, name, atMs }: AlertMark): AlertView['prepared'] => ({ kind, by: actorId, name, session: credentialId, at: formatTime(atMs) })

/** What a view needs besides the record. */
export interface AlertViewPorts {
  readonly orders: Pick<OrderStore, 'ofAlert'>
  readonly nowMs: number
  readonly playMs: number
  readonly persons: 1 | 2
}

export function alertView(alert: AlertRecord, { orders, nowMs, playMs, persons }: AlertViewPorts): AlertView {
  const { origin, selection } = alert
  return {
    id: alert.id,
    purpose: alert.purpose,
    kind: alert.kind,
    hazard: alert.hazard,
    level: alert.level,
    colour: LEVEL_COLOURS[alert.level],
    title: alert.title,
    state: alertState(alert, nowMs),
    languages: alert.parts.map(({ language }) => language),
    parts: alert.parts.map((part) => ({ ...part })),
    sourceId: alert.sourceId,
    playMs,
    targets: targetsView(alert.targets),
    selection: selection === null ? null : (structuredClone(selection) as AlertView['selection']),
    clusters: { targeted: alert.targeted, online: alert.online },
    people: { ...alert.people },
    issuer: alert.issuerUnitId,
    persons,
    prepared: markView(alert.prepared),
    confirmed: alert.confirmed === null ? null : markView(alert.confirmed),
    approved: alert.approved === null ? null : markView(alert.approved),
    breakGlass: alert.breakGlass,
    confirmBy: formatTime(alert.confirmByMs),
    approveBy: timeOrNull(alert.approveByMs),
    startsAt: timeOrNull(alert.startsAtMs),
    onAirFrom: timeOrNull(alert.onAirFromMs),
    expiresAt: formatTime(alert.expiresAtMs),
    repeat: { times: alert.repeat.times, everyHours: alert.repeat.everyHours as AlertView['repeat']['everyHours'] },
    replaces: alert.replaces,
    replacedBy: alert.replacedBy,
    closed: alert.closed === null ? null : { state: alert.closed.state, by: markView(alert.closed.by), reason: alert.closed.reason },
    origin: origin.kind === 'cap' ? { kind: 'cap', sender: origin.sender, identifier: origin.identifier, sent: origin.sent } : { kind: 'person', sender: null, identifier: null, sent: null },
    orderIds: orders.ofAlert(alert.id).map(({ id }) => id),
  }
}

export const templateView = (template: AlertTemplateRecord | BuiltInTemplate): AlertTemplateView => ({
  id: template.id,
  unitId: template.unitId,
  hazard: template.hazard,
  title: template.title,
  level: template.level,
  text: template.text,
  voice: template.voice,
  recordings: template.recordings.map((recording) => ({ ...recording })),
  repeat: { times: template.repeat.times, everyHours: template.repeat.everyHours as AlertTemplateView['repeat']['everyHours'] },
  durationMs: template.lifeMs,
  titleEn: 'titleEn' in template ? template.titleEn : null,
  slots: slotsOf(template.text),
})

export const ruleView = ({ unitId, twoPersons, waitMs, breakGlass }: AlertRuleRecord): AlertRuleView => ({ unitId, twoPersons: twoPersons.map(({ kinds, level, clusters }) => ({ kinds: [...kinds], level, clusters })), waitMs, breakGlass })
