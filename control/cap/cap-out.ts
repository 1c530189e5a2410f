import type { AlertRecord, Hazard, RiskLevel } from '../alerts/alert-port.ts'
import type { Store } from '../ports.ts'
import { capTime, type CapArea, type CapInfo, type CapMessage, type CapReference } from './cap-message.ts'

/** What our alerts are told to others with. */
export interface CapOutPorts {
  readonly store: Pick<Store, 'alerts' | 'units' | 'clusters'>
  /** As `sender` in our messages. */
  readonly sender: string
}

/** Of geocodes in our messages: their values are codes of units. */
export const UNIT_CODE_NAME = 'loa:unit'
const MOST_GEOCODES = 500

const HAZARD: Readonly<Record<Hazard, { readonly event: string; readonly categories: CapInfo['categories']; readonly responseTypes: CapInfo['responseTypes'] }>> = {
  flood: { event: 'Lũ, lụt', categories: ['Met'], responseTypes: [] },
  storm: { event: 'Bão', categories: ['Met'], responseTypes: [] },
  'dam-release': { event: 'Xả lũ hồ chứa', categories: ['Infra', 'Safety'], responseTypes: ['Avoid'] },
  fire: { event: 'Cháy', categories: ['Fire'], responseTypes: [] },
  epidemic: { event: 'Dịch bệnh', categories: ['Health'], responseTypes: [] },
  'missing-person': { event: 'Tìm người mất tích', categories: ['Rescue'], responseTypes: ['Monitor'] },
  'all-clear': { event: 'Hết nguy hiểm', categories: ['Safety'], responseTypes: ['AllClear'] },
  other: { event: 'Cảnh báo khẩn cấp', categories: ['Safety'], responseTypes: [] },
}
const SEVERITY_OF: Readonly<Record<RiskLevel, CapInfo['severity']>> = { 1: 'Minor', 2: 'Moderate', 3: 'Severe', 4: 'Extreme', 5: 'Extreme' }

/** Whether others are to know of it: it has been on the air, not only planned or taken back before, and was no test. */
export const isTold = ({ onAirFromMs, kind, closed }: AlertRecord, nowMs: number): boolean =>
  onAirFromMs !== null && kind !== 'test' && onAirFromMs <= Math.min(nowMs, closed?.by.atMs ?? Infinity)

/**
 * The message of an alert: an Alert, an Update of what it replaced or corrected, or a Cancel. When it was cancelled and nothing was said of that,
 * there is a second one, the Cancel, which is the one that counts. The same alert always gives the same message.
 * @param alert one that isTold
 * @returns oldest first
 */
export function messagesOf(alert: AlertRecord, ports: CapOutPorts): readonly CapMessage[] {
  const own: CapMessage = {
    ...referenceTo(alert, ports),
    status: alert.kind === 'exercise' ? 'Exercise' : 'Actual',
    msgType: alert.purpose === 'alert' ? 'Alert' : alert.purpose === 'cancellation' ? 'Cancel' : 'Update',
    source: alert.origin.kind === 'cap' ? `${alert.origin.sender},${alert.origin.identifier},${alert.origin.sent}` : null,
    scope: 'Public',
    restriction: null,
    addresses: null,
    codes: [],
    note: alert.kind === 'exercise' ? 'Diễn tập' : null,
    references: earlier(alert, ports),
    incidents: null,
    infos: infosOf(alert, ports),
  }
  if (alert.closed?.state !== 'cancelled' || alert.replacedBy !== null) return [own]
  const { identifier, sender, sent, references } = own
  return [own, { ...own, identifier: `${identifier}.cancel`, sent: capTime(alert.closed.by.atMs), msgType: 'Cancel', note: alert.closed.reason ?? own.note, references: [...references, { sender, identifier, sent }], infos: [] }]
}

function referenceTo(alert: AlertRecord, { sender }: CapOutPorts): CapReference {
  return { identifier: alert.id, sender, sent: capTime((alert.approved ?? alert.confirmed ?? alert.prepared).atMs) }
}

/** All that it stands in the place of, the oldest first. */
function earlier(alert: AlertRecord, ports: CapOutPorts): CapReference[] {
  const found: CapReference[] = []
  for (let before = alert.replaces; before !== null;) {
    const replaced = ports.store.alerts.get(before)
    if (replaced === undefined) break
    found.unshift(referenceTo(replaced, ports))
    before = replaced.replaces
  }
  return found
}

function infosOf(alert: AlertRecord, ports: CapOutPorts): CapInfo[] {
  const { event, categories, responseTypes } = HAZARD[alert.hazard]
  const isClear = alert.hazard === 'all-clear' || alert.purpose === 'cancellation'
  const parts = alert.parts.length === 0 ? [{ language: 'vi', text: null }] : alert.parts
  return parts.map(({ language, text }) => ({
    language,
    categories,
    event,
    responseTypes: isClear ? ['AllClear'] : responseTypes,
    urgency: isClear ? 'Past' : 'Immediate',
    severity: isClear ? 'Minor' : SEVERITY_OF[alert.level],
    certainty: 'Likely',
    audience: null,
    eventCodes: [],
    effective: capTime(alert.onAirFromMs!),
    onset: null,
    expires: capTime(alert.expiresAtMs),
    senderName: ports.store.units.get(alert.issuerUnitId)?.name ?? null,
    headline: alert.title,
    description: text,
    instruction: null,
    web: null,
    contact: null,
    parameters: [{ valueName: 'cap-do-rui-ro', value: String(alert.level) }],
    resources: [],
    areas: [areaOf(alert, ports)],
  }))
}

/** What was drawn, and the units that were meant, or in which the clusters stand that were. */
function areaOf({ id, selection, targets, issuerUnitId }: AlertRecord, { store }: CapOutPorts): CapArea {
  const rings = selection?.area == null ? [] : selection.area.type === 'Polygon' ? selection.area.coordinates.slice(0, 1) : selection.area.coordinates.map(([outer = []]) => outer)
  const circles = selection?.circles ?? []
  const isDrawn = rings.length + circles.length > 0
  const unitIds = targets.units.length > 0 || isDrawn ? targets.units : [...new Set(store.alerts.clustersOf(id).flatMap((clusterId) => store.clusters.get(clusterId)?.unitId ?? []))]
  const units = unitIds.slice(0, MOST_GEOCODES).flatMap((unitId) => store.units.get(unitId) ?? [])
  return {
    areaDesc: (units.length > 0 ? units.map(({ name }) => name).join(', ') : (store.units.get(issuerUnitId)?.name ?? 'Khu vực cảnh báo')).slice(0, 2000),
    polygons: rings.map((ring) => ring.map(([lon = 0, lat = 0]) => ({ lat, lon }))),
    circles: circles.map(({ lat, lon, radiusM }) => ({ lat, lon, radiusKm: radiusM / 1000 })),
    geocodes: units.map(({ code }) => ({ valueName: UNIT_CODE_NAME, value: code })),
    altitude: null,
    ceiling: null,
  }
}
