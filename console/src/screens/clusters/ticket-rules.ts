import type { Schemas } from '../../../../control/client/index.ts'

export type Ticket = Schemas['Ticket']
export type TicketState = Ticket['state']

/** What may follow, the likeliest first; the server has the same table and decides. */
export const NEXT_STATES: Readonly<Record<TicketState, readonly TicketState[]>> = {
  'open': ['assigned', 'on-site', 'cancelled'],
  'assigned': ['on-site', 'waiting-part', 'done', 'cancelled'],
  'on-site': ['done', 'waiting-part', 'cancelled'],
  'waiting-part': ['on-site', 'done', 'cancelled'],
  'done': ['open'],
  'cancelled': [],
}

export interface Place { readonly lat: number; readonly lon: number }

const EARTH_KM = 6371
/** Farther than anything. */
const FAR_KM = 1e6
const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Along the surface of a ball, km. */
export function distanceKm(a: Place, b: Place): number {
  const [dLat, dLon] = [radians(b.lat - a.lat), radians(b.lon - a.lon)]
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)))
}

export interface RoadStop<T> {
  readonly ticket: T
  /** Null: here or there is not known. */
  readonly km: number | null
}

const SEVERITIES = ['critical', 'warning', 'info']

/** The nearest first; without a place of my own, the gravest and then the oldest. */
export function roadOrder<T extends Pick<Ticket, 'severity' | 'openedAt' | 'clusterId'>>(tickets: readonly T[], places: ReadonlyMap<string, Place>, here: Place | null): RoadStop<T>[] {
  const stops = tickets.map((ticket): RoadStop<T> => {
    const place = ticket.clusterId === null ? undefined : places.get(ticket.clusterId)
    return { ticket, km: here === null || place === undefined ? null : distanceKm(here, place) }
  })
  const rank = ({ severity }: T): number => SEVERITIES.indexOf(severity)
  return stops.sort((a, b) => (a.km ?? FAR_KM) - (b.km ?? FAR_KM) || rank(a.ticket) - rank(b.ticket) || a.ticket.openedAt.localeCompare(b.ticket.openedAt))
}
