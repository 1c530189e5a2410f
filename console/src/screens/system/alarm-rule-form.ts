import type { Schemas } from '../../../../control/client/index.ts'

type Rule = Schemas['AlarmRule']
export type RuleId = Rule['rule']
export type RuleSettings = Rule['effective']
type Channel = Pick<Schemas['NotificationChannel'], 'name' | 'unitId' | 'minSeverity' | 'rules' | 'level' | 'enabled'>

/** Words for what a threshold counts, by the API's own. */
export const THRESHOLD_WORDS = {
  '% of samples': 'unitSamples', '% of clusters': 'unitClusters', 'restarts in 10 min': 'unitRestarts', '% free': 'unitFree', days: 'unitDays', minutes: 'unitMinutes', hours: 'unitHours', 'wrong keys in 10 min': 'unitKeys',
} as const
export const hasWord = (unit: string): unit is keyof typeof THRESHOLD_WORDS => Object.hasOwn(THRESHOLD_WORDS, unit)

const MINUTE_MS = 60_000
const MOST_ESCALATIONS = 5
const WEEK_MINUTES = 7 * 24 * 60

/** `15, 60` as ms; null: not as it must be. */
export function readMinutes(text: string): readonly number[] | null {
  const parts = text.split(/[,;\s]+/).filter((part) => part !== '')
  const minutes = parts.map(Number)
  const isRight = minutes.length <= MOST_ESCALATIONS && minutes.every((value, index) => value > (minutes[index - 1] ?? 0) && value <= WEEK_MINUTES)
  return isRight ? minutes.map((value) => Math.round(value * MINUTE_MS)) : null
}

export const writeMinutes = (ms: readonly number[]): string => ms.map((value) => String(value / MINUTE_MS)).join(', ')

/** What differs from what holds: only that becomes the rule's own, the rest follows the unit above. */
export function ruleChanges(before: RuleSettings, after: RuleSettings): Partial<RuleSettings> {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof RuleSettings])))
}

const SEVERITIES = ['info', 'warning', 'critical'] as const

/**
 * Which channels an alarm of the rule would go to, those that are told at once first.
 * @param lineage the unit and those above it; empty: the whole server
 */
export function toldBy<C extends Channel>(rule: RuleId, { enabled, severity, escalateAfterMs }: RuleSettings, lineage: readonly string[], channels: readonly C[]): readonly C[] {
  if (!enabled) return []
  return channels
    .filter((one) => one.enabled && one.level <= escalateAfterMs.length && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(one.minSeverity) && (one.rules === null || one.rules.includes(rule)) && (one.unitId === null || lineage.includes(one.unitId)))
    .sort((one, other) => one.level - other.level)
}
