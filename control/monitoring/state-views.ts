import type { OnAir, SpeakerInfo } from '../ports.ts'
import type { ClusterStateView, StateCountsView } from '../schemas/monitoring.ts'
import { formatTime } from '../time.ts'
import { onAirView } from '../views.ts'
import { CONDITION_UNITS, stateTitles, type ConditionCode } from './cluster-state.ts'
import type { ClusterReport } from './state-board.ts'
import type { StateCounts } from './state-tally.ts'

const codesOf = ({ conditions }: ClusterReport): ConditionCode[] => conditions.map(({ code }) => code)

/** The same for clusters of which an event says the same. */
export const sameness = (report: ClusterReport): string => [report.state, report.online, report.isOnAir, ...codesOf(report)].join(' ')

/** @param reports of the same sameness, one at least */
export function stateEventView(reports: readonly ClusterReport[]): object {
  const first = reports[0]!
  return { clusterIds: reports.map(({ clusterId }) => clusterId), state: first.state, ...stateTitles(first.state), online: first.online, onAir: first.isOnAir, conditions: codesOf(first) }
}

export function clusterStateView(report: ClusterReport, onAir: OnAir | null, speaker: SpeakerInfo | null): ClusterStateView {
  return {
    clusterId: report.clusterId,
    unitId: report.unitId,
    technology: report.technology,
    state: report.state,
    ...stateTitles(report.state),
    since: formatTime(report.sinceMs),
    online: report.online,
    lastOnline: report.leftAtMs === null ? null : formatTime(report.leftAtMs),
    onAir: onAir === null ? null : onAirView(onAir),
    sound: report.online ? (speaker?.playing ?? null) : null,
    conditions: report.conditions.map(({ code, value }) => ({ code, ...stateTitles(code), value, unit: CONDITION_UNITS[code] })),
  }
}

export const stateCountsView = ({ total, online, onAir, byState, byCondition, byTechnology }: StateCounts): StateCountsView =>
  ({ total, online, onAir, byState: { ...byState }, byCondition: { ...byCondition }, byTechnology: { ip: { ...byTechnology.ip }, fm: { ...byTechnology.fm }, wired: { ...byTechnology.wired }, unknown: { ...byTechnology.unknown } } })
