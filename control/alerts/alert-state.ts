import type { AlertRecord, AlertState } from './alert-port.ts'

/** Follows from the record and the time alone, so nothing outlives its end because somebody forgot to end it. */
export function alertState(alert: AlertRecord, nowMs: number): AlertState {
  if (alert.closed !== null) return alert.closed.state
  if (nowMs >= overAtMs(alert)) return alert.onAirFromMs === null ? 'expired' : 'ended'
  if (alert.onAirFromMs !== null) return nowMs < alert.onAirFromMs ? 'scheduled' : 'on-air'
  return alert.approveByMs === null ? 'prepared' : 'awaiting-second'
}

/** First ms at which it is over if nobody does anything more. */
export function overAtMs({ closed, onAirFromMs, expiresAtMs, confirmByMs, approveByMs }: AlertRecord): number {
  if (closed !== null) return closed.by.atMs
  return onAirFromMs === null ? Math.min(approveByMs ?? confirmByMs, expiresAtMs) : expiresAtMs
}

/** When its state changes by itself next; null: never. */
export function nextChangeMs(alert: AlertRecord, nowMs: number): number | null {
  if (alert.closed === null && alert.onAirFromMs !== null && nowMs < alert.onAirFromMs) return alert.onAirFromMs
  const overMs = overAtMs(alert)
  return nowMs < overMs ? overMs : null
}
