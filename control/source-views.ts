import type { SourceAttemptRecord, SourceKeyRecord, SourceSwitchRecord } from './ports.ts'
import type { SourceAttemptView, SourceKeyView, SourceSwitchView } from './schemas/source-ingest.ts'
import { formatTime } from './time.ts'

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : formatTime(ms))

export const sourceKeyView = (key: SourceKeyRecord): SourceKeyView => ({
  id: key.id,
  label: key.label,
  class: key.class,
  isReplaced: key.isReplaced,
  createdAt: formatTime(key.createdAtMs),
  expiresAt: timeOrNull(key.expiresAtMs),
  lastUsedAt: timeOrNull(key.lastUsedAtMs),
})

export const sourceAttemptView = (attempt: SourceAttemptRecord, showsAddress: boolean): SourceAttemptView => ({
  id: attempt.id,
  at: formatTime(attempt.atMs),
  lastAt: formatTime(attempt.lastAtMs),
  count: attempt.count,
  protocol: attempt.protocol,
  accepted: attempt.accepted,
  reason: attempt.reason,
  keyId: attempt.keyId,
  keyClass: attempt.keyClass,
  remoteAddress: showsAddress ? attempt.remoteAddress : networkOf(attempt.remoteAddress),
  userAgent: attempt.userAgent,
})

export const sourceSwitchView = ({ id, sourceId, atMs, fromInputId, toInputId, cause, detail, gapMs }: SourceSwitchRecord): SourceSwitchView => ({ id, sourceId, at: formatTime(atMs), fromInputId, toInputId, cause, detail, gapMs })

/** An address as it is told to who need not know whose it is: the first three numbers of IPv4, the first three groups of IPv6. */
export function networkOf(address: string): string {
  const v4 = /(?:^|:)(\d+\.\d+\.\d+)\.\d+$/.exec(address)?.[1]
  if (v4 !== undefined) return `${v4}.0/24`
  const [head = ''] = address.split('::')
  return address.includes(':') ? `${head.split(':').slice(0, 3).join(':')}::/48` : address
}
