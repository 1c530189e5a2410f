import { once } from 'node:events'
import { join } from 'node:path'
import { start } from '../lib/processes.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { round } from '../lib/statistics.ts'

const BOUND = 80

/** What bench/programmes.ts prints with --json, as far as it is used here. */
interface ProgrammesReport {
  readonly value: number
  readonly settings: Readonly<Record<string, number>>
  readonly problems: readonly string[]
  readonly windows: readonly { readonly programmes: number; readonly p99Ms: number; readonly cpuShare: number; readonly cpuUsPerTick: number; readonly renderUsPerTick: number; readonly framesMissing: number }[]
}

async function run(bench: Bench): Promise<Outcome> {
  bench.say('encoding more and more programmes on one core')
  const args = bench.quick ? ['--seconds', '3', '--from', String(BOUND), '--step', '60'] : []
  const child = start(process.execPath, [join(import.meta.dirname, '..', 'programmes.ts'), '--json', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [output, errors] = ['', '']
  child.stdout!.on('data', (text: Buffer) => (output += text.toString('utf8')))
  child.stderr!.on('data', (text: Buffer) => (errors += text.toString('utf8')))
  await once(child, 'close')
  if (!output.startsWith('{')) throw new Error(`programmes.ts said nothing: ${errors.slice(-500)}`)
  const { value, settings, problems, windows } = JSON.parse(output) as ProgrammesReport
  const last = windows.findLast(({ programmes }) => programmes === value)
  return {
    value,
    problems,
    beside: last === undefined ? '' : `${String(round(last.cpuUsPerTick))} µs of CPU for 20 ms of one programme, ${String(round(last.renderUsPerTick))} of them rendering`,
    detail: { settings, windows, pinned: 'the engine on core 0' },
    plots: [
      { title: 'p99 frame lateness', kind: 'line', xLabel: 'programmes', yLabel: 'ms', series: [{ name: 'p99', points: windows.map(({ programmes, p99Ms }) => [programmes, p99Ms]) }], bound: { axis: 'x', at: BOUND } },
      { title: 'CPU of the engine', kind: 'line', xLabel: 'programmes', yLabel: '% of a core', series: [{ name: 'CPU', points: windows.map(({ programmes, cpuShare }) => [programmes, cpuShare * 100]) }] },
    ],
  }
}

export const programmes: Scenario = { id: 'programmes-per-core', title: 'programmes a core, Opus 32k and MP3 64k each', unit: 'programmes', bound: BOUND, better: 'more', run }
