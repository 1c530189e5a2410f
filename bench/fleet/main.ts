import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PROFILES, type ProfileName } from '../../test/support/link-emulator.ts'
import { OthersMeter } from '../lib/load.ts'
import { removeFolder } from '../lib/loa.ts'
import { currentCommit, describeMachine } from '../lib/machine.ts'
import { hasProgram } from '../lib/processes.ts'
import type { Bench, Result, Scenario } from '../lib/scenario.ts'
import { compileNative } from '../lib/sink.ts'
import { makeSound } from '../lib/sound.ts'
import { round } from '../lib/statistics.ts'
import { htmlReport, type Report } from '../report/html.ts'
import { textTable } from '../report/table.ts'
import { allRows, netRows, type RowOptions } from './rows.ts'

const NETS = Object.keys(PROFILES).filter((name) => name !== 'none')
const USAGE = `npm run fleet [-- --clusters N] [--net ${NETS.join('|')}] [--ppm N] [--minutes M] [--seed N] [--json FILE] [--html FILE]
npm run fleet -- --bench [--quick] [--only ID,ID...] [--json FILE] [--html FILE]
  --clusters N   agents, 8 of them in processes of their own (default 200; quick 40)
  --net NAME     network of the emulator (default lan)
  --ppm N        crystals of clocks and cards are drawn within ± this (default 50)
  --minutes M    how long skew is measured (default 1; --bench 10, quick 0.2)
  --bench        every number that is promised, without --quick about an hour
  --quick        at most 3 minutes, without Snapcast; for orientation`

interface Options {
  readonly rows: readonly Scenario[]
  readonly quick: boolean
  readonly json: string | undefined
  readonly html: string | undefined
  readonly needsSound: boolean
}

/** @throws TypeError naming the option that is wrong */
function readOptions(args: readonly string[]): Options | null {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({ args: [...args], options: { clusters: text, net: text, ppm: text, minutes: text, seed: text, json: text, html: text, only: text, bench: flag, quick: flag, help: { ...flag, short: 'h' } } })
  if (values.help === true) return null
  const number = (name: 'clusters' | 'ppm' | 'minutes' | 'seed', least: number, most: number, fallback: number): number => {
    const value = values[name] === undefined ? fallback : Number(values[name])
    if (!(value >= least && value <= most)) throw new TypeError(`--${name} must be a number from ${String(least)} to ${String(most)}`)
    return value
  }
  const quick = values.quick === true
  const bench = values.bench === true
  const net = values.net ?? 'lan'
  if (!NETS.includes(net)) throw new TypeError(`--net must be one of ${NETS.join(', ')}`)
  const rowOptions: RowOptions = {
    clusters: Math.round(number('clusters', 2, 5000, quick ? 40 : 200)), ppm: number('ppm', 0, 500, 50), seed: Math.round(number('seed', 0, 2 ** 31, 1)),
    warmUpMs: quick ? 8000 : 30_000, measureMs: Math.round(number('minutes', 0.05, 24 * 60, quick ? 0.2 : bench ? 10 : 1) * 600) * 100, emergencies: quick ? 2 : 5,
  }
  const all = bench ? allRows(rowOptions, quick) : netRows(net as ProfileName, rowOptions)
  const only = values.only?.split(',')
  const unknown = (only ?? []).filter((id) => !all.some((row) => row.id === id))
  if (unknown.length > 0) throw new TypeError(`--only: ${unknown.join(', ')} is none of ${all.map(({ id }) => id).join(', ')}`)
  const rows = only === undefined ? all : all.filter(({ id }) => only.includes(id))
  return { rows, quick, json: values.json, html: values.html, needsSound: rows.some(({ id }) => id === 'native-clusters') }
}

async function runRow(row: Scenario, bench: Bench): Promise<Result> {
  const { id, title, unit, bound, better } = row
  const startedMs = performance.now()
  const others = new OthersMeter()
  const common = { id, title, unit, bound, better }
  const closing = (): Pick<Result, 'othersPercent' | 'tookSeconds'> => ({ othersPercent: others.percent(), tookSeconds: round((performance.now() - startedMs) / 1000) })
  try {
    const { value, problems, beside, detail, plots } = await row.run(bench)
    const reached = Number.isFinite(value) && (better === 'less' ? value <= bound : value >= bound)
    return { ...common, value: Number.isFinite(value) ? round(value, 4) : null, pass: reached && problems.length === 0, problems, beside, detail, plots, ...closing() }
  } catch (error) {
    // One row that cannot be measured must not cost the others' results.
    return { ...common, value: null, pass: false, problems: [error instanceof Error ? error.message : String(error)], beside: '', detail: {}, plots: [], ...closing() }
  }
}

async function main(): Promise<number> {
  let options: Options | null
  try {
    options = readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
    return 2
  }
  if (options === null) {
    console.log(USAGE)
    return 0
  }
  const missing = ['cc', 'ffmpeg'].filter((name) => !hasProgram(name))
  if (missing.length > 0) {
    console.error(`fleet needs ${missing.join(', ')}: apt-get install gcc libc6-dev ffmpeg`)
    return 1
  }
  const { rows, quick, json, html, needsSound } = options
  const folder = mkdtempSync(join(tmpdir(), 'loa-fleet-'))
  chmodSync(folder, 0o755)
  process.once('exit', () => {
    removeFolder(folder)
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

  const interactive = process.stderr.isTTY
  const say = (text: string): void => {
    if (interactive) process.stderr.write(`\r\x1b[K${text}`)
  }
  const bench: Bench = { quick, folder, programs: needsSound ? compileNative(folder) : { sink: '', floor: '' }, noise: needsSound ? makeSound(folder) : '', icecast: false, say }
  const results: Result[] = []
  const report: Report = { machine: describeMachine(), commit: currentCommit(), node: process.version, startedAt: new Date().toISOString(), quick, results }
  for (const row of rows) {
    const result = await runRow(row, bench)
    results.push(result)
    if (interactive) process.stderr.write('\r\x1b[K')
    console.error(`${result.pass ? 'pass' : 'MISS'}  ${result.id}  ${result.value === null ? '-' : String(round(result.value))} ${result.unit}  (${result.beside})  ${String(result.tookSeconds)} s${result.problems.map((problem) => `\n      ${problem}`).join('')}`)
    // After each, so that a run that is broken off has not been for nothing.
    if (json !== undefined) writeFileSync(json, JSON.stringify({ ...report, results: results.map(({ plots: _plots, title: _title, ...kept }) => kept) }, null, 1) + '\n')
    if (html !== undefined) writeFileSync(html, htmlReport(report))
  }
  console.log(`\n${textTable(results)}`)
  return results.every(({ pass }) => pass) ? 0 : 1
}

process.exitCode = await main()
