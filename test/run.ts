import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { failureDigest } from './support/failure-digest.ts'
import { runCheck, runTestFile, type TestFileResult } from './support/run-test-file.ts'
import { KINDS, lookAgain } from './support/second-look.ts'

/**
 * Runs the test files: `npm test` for all, `npm test -- test/rooms arbiter` for those whose path holds one of the words.
 * Files named *.process.test.ts start Loa's own processes and wait much for sound to play; what they leave of the processor
 * goes to the checks and to the other files, one at a time until the processes are done. All of these give way to processes.
 * Files named *.serial.test.ts judge real time closely and compute little; they run last.
 * Of a few files of these two kinds that failed beside others each has a second look, alone: what holds then passes, but is told of.
 */
const root = resolve(import.meta.dirname, '..')
const SLOWEST_SHOWN = 10
const OUTPUT_LINES_SHOWN = 200
/** Scripts of package.json. */
const CHECKS = ['lint', 'typecheck']

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    timeout: { type: 'string', default: '240' },
    check: { type: 'boolean', default: false },
    once: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})

process.chdir(root)
// Hundreds of processes read the same sources: what one has compiled, the others need not.
process.env['NODE_COMPILE_CACHE'] ??= resolve(root, 'build/compile-cache')
const files = globSync('test/**/*.test.ts')
  .sort()
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(relative(root, resolve(filter))) || file.includes(filter)))
const timeoutMs = Number(options.timeout) * 1000
const ofKind = (kind: string): string[] => files.filter((file) => file.endsWith(kind))

if (options.list) {
  for (const file of files) console.log(file)
} else {
  const results: TestFileResult[] = []
  const checks = (options.check ? CHECKS : []).map((script) => () => runCheck(script))
  const pure = files.filter((file) => !KINDS.some((kind) => file.endsWith(kind))).map((file) => () => runTestFile(file, { timeoutMs, isBackground: true }))
  const processes = ofKind('.process.test.ts').map((file) => () => runTestFile(file, { timeoutMs }))
  const foreground = Array.from({ length: Number(options.jobs) }, () => runAll([processes, checks, pure], results))
  await Promise.all([...foreground, runAll([checks, pure], results)])
  const serial = ofKind('.serial.test.ts').map((file) => () => runTestFile(file, { timeoutMs }))
  await Promise.all(Array.from({ length: Number(options.jobs) }, () => runAll([serial], results)))
  const firstLooks = options.once ? [] : await lookAgain(results, runAlone)
  process.exitCode = report(results, firstLooks) ? 0 : 1
}

/** Runs what is first in the first queue that holds something, until none does. */
async function runAll(queues: readonly (() => Promise<TestFileResult>)[][], results: TestFileResult[]): Promise<void> {
  const next = (): (() => Promise<TestFileResult>) | undefined => queues.find(({ length }) => length > 0)?.shift()
  for (let run = next(); run !== undefined; run = next()) {
    const result = await run()
    results.push(result)
    announce(result)
  }
}

/** A second look at one file, with the machine to itself. */
async function runAlone(file: string): Promise<TestFileResult> {
  console.log(`\n${file} once more, alone:`)
  const result = await runTestFile(file, { timeoutMs })
  announce(result)
  return result
}

function announce({ file, passed, failed, skipped, problems, durationMs, output }: TestFileResult): void {
  const counts = [`${String(passed)} passed`, ...(failed > 0 ? [`${String(failed)} FAILED`] : []), ...(skipped > 0 ? [`${String(skipped)} skipped`] : [])]
  console.log(`${failed === 0 ? 'ok    ' : 'NOT OK'} ${file}  ${counts.join(', ')}  ${seconds(durationMs)}`)
  if (failed === 0) return
  for (const problem of problems) console.log(`       - ${problem}`)
  const lines = output.trimEnd().split('\n')
  if (lines.length > OUTPUT_LINES_SHOWN) console.log(`       … ${String(lines.length - OUTPUT_LINES_SHOWN)} lines before`)
  for (const line of lines.slice(-OUTPUT_LINES_SHOWN)) console.log(`       | ${line}`)
}

/** @returns whether all is well. */
function report(results: readonly TestFileResult[], firstLooks: readonly TestFileResult[]): boolean {
  const sum = (key: 'passed' | 'failed' | 'skipped'): number => results.reduce((total, result) => total + result[key], 0)
  const bySlowness = [...results].sort((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST_SHOWN)
  console.log(`\nslowest files: ${bySlowness.map(({ file, durationMs }) => `${file} ${seconds(durationMs)}`).join(', ')}`)
  const failing = results.filter(({ failed }) => failed > 0)
  tellFailures('failed', failing)
  tellFailures('failed beside others and passed alone (a race, or a bound that a busy machine breaks)', firstLooks)
  if (results.length === 0) console.log(`\nno test file${filters.length > 0 ? ` matches ${filters.join(' ')}` : ''}`)
  const skipped = sum('skipped')
  console.log(`\n${String(sum('passed'))} passed, ${String(sum('failed') + (results.length === 0 ? 1 : 0))} failed${skipped > 0 ? `, ${String(skipped)} skipped` : ''}`)
  return results.length > 0 && failing.length === 0
}

function tellFailures(heading: string, failing: readonly TestFileResult[]): void {
  if (failing.length > 0) console.log(`\n${heading}:`)
  for (const { file, problems, output } of failing) {
    for (const problem of problems) console.log(`  ${file}: ${problem}`)
    for (const line of failureDigest(output)) console.log(`    | ${line}`)
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
