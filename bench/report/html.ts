import { BUSY_PERCENT } from '../lib/load.ts'
import type { Machine } from '../lib/machine.ts'
import type { Result } from '../lib/scenario.ts'
import { round } from '../lib/statistics.ts'
import { escapeHtml, plotHtml } from './plot.ts'

export interface Report {
  readonly machine: Machine
  readonly commit: string
  readonly node: string
  readonly startedAt: string
  readonly quick: boolean
  readonly results: readonly Result[]
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2327; --faint: #8a949b; --line: #d9dee2; --paper: #fff; --good: #0b6e4f; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ebee; --faint: #93a0a8; --line: #39434a; --paper: #15191c; --good: #58c39b; --bad: #ff8a80 } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.pass { color: var(--good); font-weight: 600 } .miss { color: var(--bad); font-weight: 600 }
figure { margin: 1rem 0 } figcaption { font-weight: 600 } svg { width: 100%; height: auto }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif } svg .tick { font-size: 11px; fill: var(--faint) } .grid { stroke: var(--line) } .bound { stroke: var(--bad); stroke-dasharray: 5 4 }
.legend span { margin-right: 1.2rem } .legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em }
pre { overflow: auto; font-size: 13px; border: 1px solid var(--line); padding: .6rem } .faint { color: var(--faint) }`

/** The whole report in one file: no script, nothing fetched from anywhere. */
export function htmlReport({ machine, commit, node, startedAt, quick, results }: Report): string {
  const rows = results.map(({ id, title, value, better, bound, unit, pass, beside }) => `<tr>
<td class="${pass ? 'pass' : 'miss'}">${pass ? 'pass' : 'miss'}</td><td><a href="#${id}">${escapeHtml(title)}</a></td>
<td class="number">${value === null ? '–' : String(round(value))}</td><td class="number">${better === 'less' ? '≤' : '≥'} ${String(bound)}</td><td>${escapeHtml(unit)}</td><td>${escapeHtml(beside)}</td></tr>`)
  const sections = results.map(({ id, title, problems, othersPercent, detail, plots }) => `<section id="${id}"><h2>${escapeHtml(title)}</h2>
${problems.length === 0 ? '' : `<ul class="miss">${problems.map((problem) => `<li>${escapeHtml(problem)}</li>`).join('')}</ul>`}
${othersPercent > BUSY_PERCENT ? `<p class="miss">Others used ${String(othersPercent)} % of the machine meanwhile.</p>` : ''}
${plots.map(plotHtml).join('\n')}
<details><summary>What was measured</summary><pre>${escapeHtml(JSON.stringify(detail, null, 2))}</pre></details></section>`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Loa: measurements</title><style>${STYLE}</style></head><body>
<h1>Loa: measurements</h1>
<p>${escapeHtml(startedAt)} · commit ${escapeHtml(commit)} · Node ${escapeHtml(node)}${quick ? ' · <b>quick run: shorter and with fewer rounds, for orientation only</b>' : ''}</p>
<p class="faint">${escapeHtml(`${machine.cpu}, ${String(machine.cores)} cores, ${String(machine.memoryGib)} GiB, ${machine.distribution}, Linux ${machine.kernel}`)}. Server, load generator and source encoder share these cores and the loopback interface; the dashed line is the bound.</p>
<table><thead><tr><th></th><th>what</th><th>value</th><th>bound</th><th>unit</th><th>beside</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>
${sections.join('\n')}
</body></html>
`
}
