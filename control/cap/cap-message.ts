/** A message of the Common Alerting Protocol 1.2 (OASIS, 1 July 2010; ITU-T X.1303 bis) as plain data. */

export const CAP_NAMESPACE = 'urn:oasis:names:tc:emergency:cap:1.2'

export const STATUSES = ['Actual', 'Exercise', 'System', 'Test', 'Draft'] as const
export const MESSAGE_TYPES = ['Alert', 'Update', 'Cancel', 'Ack', 'Error'] as const
export const SCOPES = ['Public', 'Restricted', 'Private'] as const
export const CATEGORIES = ['Geo', 'Met', 'Safety', 'Security', 'Rescue', 'Fire', 'Health', 'Env', 'Transport', 'Infra', 'CBRNE', 'Other'] as const
export const RESPONSE_TYPES = ['Shelter', 'Evacuate', 'Prepare', 'Execute', 'Avoid', 'Monitor', 'Assess', 'AllClear', 'None'] as const
export const URGENCIES = ['Immediate', 'Expected', 'Future', 'Past', 'Unknown'] as const
export const SEVERITIES = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'] as const
export const CERTAINTIES = ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown'] as const

export type CapStatus = (typeof STATUSES)[number]
export type CapMessageType = (typeof MESSAGE_TYPES)[number]
export type CapScope = (typeof SCOPES)[number]

/** What a system names a thing of its own by, and the value it has there. */
export interface NamedValue {
  readonly valueName: string
  readonly value: string
}

/** What makes a message one and the same everywhere: sender, identifier and `sent` as they are written. */
export interface CapReference {
  readonly sender: string
  readonly identifier: string
  readonly sent: string
}

export interface CapPlace {
  readonly lat: number
  readonly lon: number
}

export interface CapCircle extends CapPlace {
  readonly radiusKm: number
}

export interface CapArea {
  readonly areaDesc: string
  /** Closed: the last place is the first again. */
  readonly polygons: readonly (readonly CapPlace[])[]
  readonly circles: readonly CapCircle[]
  readonly geocodes: readonly NamedValue[]
  /** Feet above mean sea level, as CAP has it. */
  readonly altitude: number | null
  readonly ceiling: number | null
}

export interface CapResource {
  readonly resourceDesc: string
  readonly mimeType: string
  readonly sizeBytes: number | null
  readonly uri: string | null
  /** The content itself in base64. */
  readonly derefUri: string | null
  /** SHA-1 of the content, hexadecimal. */
  readonly digest: string | null
}

export interface CapInfo {
  /** RFC 3066; en-US when the message says nothing. */
  readonly language: string
  readonly categories: readonly (typeof CATEGORIES)[number][]
  readonly event: string
  readonly responseTypes: readonly (typeof RESPONSE_TYPES)[number][]
  readonly urgency: (typeof URGENCIES)[number]
  readonly severity: (typeof SEVERITIES)[number]
  readonly certainty: (typeof CERTAINTIES)[number]
  readonly audience: string | null
  readonly eventCodes: readonly NamedValue[]
  /** Times are kept as written; `capTimeMs` reads them. */
  readonly effective: string | null
  readonly onset: string | null
  readonly expires: string | null
  readonly senderName: string | null
  readonly headline: string | null
  readonly description: string | null
  readonly instruction: string | null
  readonly web: string | null
  readonly contact: string | null
  readonly parameters: readonly NamedValue[]
  readonly resources: readonly CapResource[]
  readonly areas: readonly CapArea[]
}

export interface CapMessage {
  readonly identifier: string
  readonly sender: string
  readonly sent: string
  readonly status: CapStatus
  readonly msgType: CapMessageType
  readonly source: string | null
  readonly scope: CapScope
  readonly restriction: string | null
  readonly addresses: string | null
  readonly codes: readonly string[]
  readonly note: string | null
  readonly references: readonly CapReference[]
  readonly incidents: string | null
  readonly infos: readonly CapInfo[]
}

/** `2026-06-18T05:00:00+07:00`: no fractions, no Z; UTC is written `-00:00`. */
const TIME = /^(\d{4}-\d\d-\d\dT)(\d\d)(:\d\d:\d\d)([-+])(\d\d):(\d\d)$/

/**
 * A time as CAP writes it.
 * @returns ms since 1970, or undefined for what is no such time
 */
export function capTimeMs(text: string): number | undefined {
  const match = TIME.exec(text)
  if (match === null) return undefined
  const [, day = '', hours = '', rest = '', sign = '+', zoneHours = '', zoneMinutes = ''] = match
  if (Number(zoneMinutes) > 59 || Number(zoneHours) * 60 + Number(zoneMinutes) > 14 * 60) return undefined
  const local = Date.parse(`${day}${hours}${rest}Z`)
  // Date.parse rolls 30 February over to March, and takes 24:00:00 for the next day, which XML Schema does too.
  if (Number.isNaN(local) || (hours !== '24' && new Date(local).toISOString().slice(0, 19) !== `${day}${hours}${rest}`)) return undefined
  return local - (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000
}

/** @param ms since 1970; parts of a second are cut off */
export const capTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}-00:00`

/** One text for a message, to find it by. None of the three may contain a comma. */
export const referenceKey = ({ sender, identifier, sent }: CapReference): string => `${sender},${identifier},${sent}`
