import { BUSY_PERCENT } from '../lib/load.ts'
import type { Result } from '../lib/scenario.ts'
import { round } from '../lib/statistics.ts'

const COLUMNS = ['', 'what', 'value', 'bound', 'unit', 'beside'] as const

/** The results as a table of plain text, with what went wrong under it. */
export function textTable(results: readonly Result[]): string {
  const rows = results.map(({ pass, id, value, better, bound, unit, beside }) =>
    [pass ? 'pass' : 'MISS', id, value === null ? '-' : String(round(value)), `${better === 'less' ? '≤' : '≥'} ${String(bound)}`, unit, beside])
  const widths = COLUMNS.map((name, index) => Math.max(name.length, ...rows.map((row) => row[index]!.length)))
  const line = (cells: readonly string[]): string => cells.map((cell, index) => cell.padEnd(widths[index]!)).join('  ').trimEnd()
  const wrong = results.flatMap(({ id, problems }) => problems.map((problem) => `  ${id}: ${problem}`))
  const busy = results.filter(({ othersPercent }) => othersPercent > BUSY_PERCENT)
  if (busy.length > 0) wrong.push(`  others used ${String(Math.max(...busy.map(({ othersPercent }) => othersPercent)))} % of the machine during ${busy.map(({ id }) => id).join(', ')}`)
  return [line(COLUMNS), ...rows.map(line), ...(wrong.length > 0 ? ['', 'What was wrong:', ...wrong] : [])].join('\n')
}
