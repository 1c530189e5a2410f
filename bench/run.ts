import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { hasIcecast, ICECAST_MISSING } from './lib/icecast.ts'
import { BUSY_PERCENT, OthersMeter, whenQuiet } from './lib/load.ts'
import { removeFolder } from './lib/loa.ts'
import { currentCommit, describeMachine } from './lib/machine.ts'
import { hasProgram } from './lib/processes.ts'
import type { Bench, Result, Scenario } from './lib/scenario.ts'
import { compileNative } from './lib/sink.ts'
import { makeSound } from './lib/sound.ts'
import { round } from './lib/statistics.ts'
import { htmlReport, type Report } from './report/html.ts'
import { textTable } from './report/table.ts'
import { SCENARIOS } from './scenarios/index.ts'

const USAGE = `npm run bench [-- --quick] [--json FILE] [--html FILE] [--only ID,ID...] [--patient]
  --quick      less of everything, at most 3 minutes; for orientation, not for keeping
  --json FILE  results for machines
  --html FILE  results with plots, one standalone page
  --patient    for machines that are shared: before each number wait for the machine to be quiet, and measure
               again when others have used much of it meanwhile
  --only IDS   ${SCENARIOS.map(({ id }) => id).join(', ')}`

/** With --patient: how long to wait for a quiet machine, and how often to measure one number. */
const PATIENCE_MS = 300_000
const ATTEMPTS = 5

const interactive = process.stderr.isTTY
let saidInLine = false

/** One line that is written over on a terminal; silent elsewhere, so that logs stay short. */
function progress(text: string): void {
  if (!interactive) return
  process.stderr.write(`\r\x1b[K${text}`)
  saidInLine = true
}

function say(text: string): void {
  if (saidInLine) process.stderr.write('\r\x1b[K')
  saidInLine = false
  process.stderr.write(`${text}\n`)
}

async function runOne(scenario: Scenario, bench: Bench): Promise<Result> {
  const { id, title, unit, bound, better } = scenario
  const startedMs = performance.now()
  const others = new OthersMeter()
  const common = { id, title, unit, bound, better }
  const closing = (): Pick<Result, 'othersPercent' | 'tookSeconds'> => ({ othersPercent: others.percent(), tookSeconds: round((performance.now() - startedMs) / 1000) })
  try {
    const { value, problems, beside, detail, plots } = await scenario.run(bench)
    const reached = Number.isFinite(value) && (better === 'less' ? value <= bound : value >= bound)
    return { ...common, value: Number.isFinite(value) ? round(value, 4) : null, pass: reached && problems.length === 0, problems, beside, detail, plots, ...closing() }
  } catch (error) {
    // One scenario that cannot run must not cost the others' results.
    const problem = error instanceof Error ? error.message : String(error)
    return { ...common, value: null, pass: false, problems: [problem], beside: '', detail: {}, plots: [], ...closing() }
  }
}

/** Measures when the machine is quiet, and again when it was not: what is kept is decided by what others did, not by the value. */
async function runPatiently(scenario: Scenario, bench: Bench): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    await whenQuiet(PATIENCE_MS, (percent) => {
      progress(`waiting: others use ${String(percent)} % of the machine`)
    })
    const result = await runOne(scenario, bench)
    if (result.othersPercent <= BUSY_PERCENT || attempt === ATTEMPTS) return result
    say(`    others used ${String(result.othersPercent)} % of the machine; once more`)
  }
}

function toJson({ machine, commit, node, startedAt, quick, results }: Report): string {
  const kept = results.map(({ id, value, bound, better, pass, unit, beside, problems, othersPercent, detail, tookSeconds }) =>
    ({ id, value, bound, better, pass, unit, beside, problems, othersPercent, detail, tookSeconds }))
  return JSON.stringify({ machine, commit, node, startedAt, quick, results: kept }, null, 1) + '\n'
}

function choose(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return SCENARIOS
  const ids = only.split(',')
  const unknown = ids.filter((id) => !SCENARIOS.some((scenario) => scenario.id === id))
  if (unknown.length > 0) throw new TypeError(`--only: ${unknown.join(', ')} is none of ${SCENARIOS.map(({ id }) => id).join(', ')}`)
  return SCENARIOS.filter(({ id }) => ids.includes(id))
}

async function main(): Promise<number> {
  let options: { quick?: boolean; json?: string; html?: string; only?: string; patient?: boolean; help?: boolean }
  let chosen: readonly Scenario[]
  try {
    options = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' }, html: { type: 'string' }, only: { type: 'string' }, patient: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } }).values
    chosen = choose(options.only)
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
    return 2
  }
  if (options.help === true) {
    say(USAGE)
    return 0
  }
  const missing = ['cc', 'ffmpeg', 'taskset'].filter((name) => !hasProgram(name))
  if (missing.length > 0) {
    say(`bench needs ${missing.join(', ')}: apt-get install gcc libc6-dev ffmpeg util-linux`)
    return 1
  }
  const icecast = hasIcecast()
  if (!icecast) say(ICECAST_MISSING)

  const folder = mkdtempSync(join(tmpdir(), 'loa-bench-'))
  chmodSync(folder, 0o755) // Icecast runs as a user of its own and must find its folder in it
  const cleanUp = (): void => {
    removeFolder(folder)
  }
  process.once('exit', cleanUp)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

  const bench: Bench = { quick: options.quick === true, folder, programs: compileNative(folder), noise: makeSound(folder), icecast, say: progress }
  const report = { machine: describeMachine(), commit: currentCommit(), node: process.version, startedAt: new Date().toISOString(), quick: bench.quick, results: [] as Result[] }
  for (const [index, scenario] of chosen.entries()) {
    say(`${String(index + 1)}/${String(chosen.length)} ${scenario.title}`)
    const result = await (options.patient === true ? runPatiently(scenario, bench) : runOne(scenario, bench))
    report.results.push(result)
    say(`    ${result.pass ? 'pass' : 'MISS'}  ${result.value === null ? '-' : String(round(result.value))} ${result.unit}  (${result.beside})  ${String(result.tookSeconds)} s`)
    for (const problem of result.problems) say(`    ${problem}`)
    if (result.othersPercent > BUSY_PERCENT) say(`    others used ${String(result.othersPercent)} % of the machine meanwhile: not worth keeping`)
    // After each, so that a run that is broken off has not been for nothing.
    if (options.json !== undefined) writeFileSync(options.json, toJson(report))
    if (options.html !== undefined) writeFileSync(options.html, htmlReport(report))
  }
  console.log(`\n${textTable(report.results)}`)
  return report.results.every(({ pass }) => pass) ? 0 : 1
}

process.exitCode = await main()
