import type { TicketRecord } from './ticket-port.ts'
import { isFinished } from './ticket-rules.ts'

/** How long it took, ms; null: it has not come to that. */
export interface TicketTimes {
  /** From when it was opened until somebody was on it. */
  readonly respondMs: number | null
  readonly arriveMs: number | null
  /** Until it was done. */
  readonly repairMs: number | null
  /** The same without the time in which parts were waited for. */
  readonly workMs: number | null
  readonly waitedMs: number
}

export function ticketTimes(ticket: TicketRecord, nowMs: number): TicketTimes {
  const { openedAtMs, respondedAtMs, onSiteAtMs, closedAtMs, state, waitingSinceMs } = ticket
  const waitedMs = ticket.waitedMs + (waitingSinceMs === null ? 0 : Math.max(0, nowMs - waitingSinceMs))
  const since = (ms: number | null): number | null => (ms === null ? null : ms - openedAtMs)
  const repairMs = state === 'done' ? since(closedAtMs) : null
  return { respondMs: since(respondedAtMs), arriveMs: since(onSiteAtMs), repairMs, workMs: repairMs === null ? null : repairMs - waitedMs, waitedMs }
}

export interface TicketFigures {
  readonly opened: number
  readonly done: number
  readonly cancelled: number
  readonly unfinished: number
  readonly respondMeanMs: number | null
  readonly respondMedianMs: number | null
  readonly repairMeanMs: number | null
  readonly repairMedianMs: number | null
  readonly costVnd: number
}

/** What tickets come to together, by unit. Pure. */
export function ticketFigures(tickets: readonly TicketRecord[], nowMs: number): TicketFigures {
  const times = tickets.map((ticket) => ticketTimes(ticket, nowMs))
  const [responds, repairs] = [times.flatMap(({ respondMs }) => respondMs ?? []), times.flatMap(({ repairMs }) => repairMs ?? [])]
  return {
    opened: tickets.length,
    done: tickets.filter(({ state }) => state === 'done').length,
    cancelled: tickets.filter(({ state }) => state === 'cancelled').length,
    unfinished: tickets.filter(({ state }) => !isFinished(state)).length,
    respondMeanMs: mean(responds),
    respondMedianMs: median(responds),
    repairMeanMs: mean(repairs),
    repairMedianMs: median(repairs),
    costVnd: tickets.reduce((sum, ticket) => sum + ticketCost(ticket), 0),
  }
}

export const ticketCost = ({ parts, labourVnd }: Pick<TicketRecord, 'parts' | 'labourVnd'>): number => parts.reduce((sum, { costVnd }) => sum + (costVnd ?? 0), labourVnd ?? 0)

const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.round(values.reduce((sum, value) => sum + value, 0) / values.length))

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2)
}
