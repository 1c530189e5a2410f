import type { PhoneCallRecord, PhoneExchange, PhoneKeyRecord, PhonePinRecord } from '../ports.ts'
import type { PhoneCallView, PhoneKeyView, PhoneLinesView, PhonePinView } from '../schemas/phone.ts'
import { targetsView } from '../target-rules.ts'
import { formatTime } from '../time.ts'

export function phoneCallView({ startedAtMs, endedAtMs, recording, ...call }: PhoneCallRecord): PhoneCallView {
  const { id, callerId, remoteAddress, state, userId, userName, unitId, keyId, keyName, orderId, alertId, wrongTries, result } = call
  return {
    id, callerId, remoteAddress, state, userId, userName, unitId, keyId, keyName, orderId, alertId, wrongTries, result,
    startedAt: formatTime(startedAtMs),
    endedAt: endedAtMs === null ? null : formatTime(endedAtMs),
    recording: recording === null ? null : { durationMs: Math.round(recording.durationMs), sizeBytes: recording.sizeBytes },
  }
}

export function phoneLinesView(exchange: Pick<PhoneExchange, 'lines' | 'configured'>): PhoneLinesView {
  const lines = exchange.lines()
  return { configured: exchange.configured, running: lines !== null, accounts: (lines?.accounts ?? []).map(({ uri, state, reason }) => ({ uri, state, reason })), calls: lines?.calls ?? 0, refusedTotal: lines?.refusedTotal ?? 0 }
}

export function phoneKeyView({ id, unitId, userId, key, name, targets, class: itsClass, alert, content, mostMs, onHangUp, createdAtMs }: PhoneKeyRecord): PhoneKeyView {
  return {
    id, unitId, userId, key, name, class: itsClass, mostMs, onHangUp,
    targets: targetsView(targets),
    alert: alert === null ? null : { ...alert },
    content: content.kind === 'live' ? { ...content } : { ...content, slots: { ...content.slots } },
    createdAt: formatTime(createdAtMs),
  }
}

/** Nothing of the PIN. */
export const phonePinView = ({ userId, number, unitId, language, needsCode, callerIds, changedAtMs }: PhonePinRecord): PhonePinView => ({ userId, number, unitId, language, needsCode, callerIds: [...callerIds], changedAt: formatTime(changedAtMs) })
