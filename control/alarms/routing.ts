import { SEVERITIES, type AlarmRecord } from './alarm-port.ts'
import type { ChannelRecord, NotificationKind } from './notification-port.ts'

/**
 * Which channels are to be told. What is raised goes to the channels of level 0, what is escalated to those of the levels it has come through, and its
 * acknowledgement and its end to all that have been told of it.
 * @param levelBefore of the alarm, before it was escalated
 * @param lineageOf the unit and those above it
 */
export function channelsFor(alarm: AlarmRecord, kind: Exclude<NotificationKind, 'test'>, levelBefore: number, channels: readonly ChannelRecord[], lineageOf: (unitId: string) => readonly string[]): readonly ChannelRecord[] {
  const lineage = alarm.unitId === null ? [] : lineageOf(alarm.unitId)
  const isTold = ({ level }: ChannelRecord): boolean => {
    if (kind === 'raised') return level === 0
    return kind === 'escalated' ? level > levelBefore && level <= alarm.level : level <= alarm.level
  }
  return channels.filter((channel) => channel.enabled
    && isTold(channel)
    && SEVERITIES.indexOf(alarm.severity) >= SEVERITIES.indexOf(channel.minSeverity)
    && (channel.rules === null || channel.rules.includes(alarm.rule))
    && (channel.unitId === null || lineage.includes(channel.unitId))
    // A channel is not told through itself that it does not work.
    && !(alarm.rule === 'notifications-stuck' && alarm.subject.id === channel.id))
}
