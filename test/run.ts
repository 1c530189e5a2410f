import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runTestFile, type TestFileResult } from './support/run-test-file.ts'

/**
 * Runs the test files: `npm test` for all, `npm test -- test/rooms arbiter` for those whose path holds one of the words.
 * Files named *.process.test.ts start Loa's own processes and mostly wait for sound to play; they run after the others, a few at a time.
 * Files named *.serial.test.ts measure real time; they run last, alone.
 */
const root = resolve(import.meta.dirname, '..')
const SLOWEST_SHOWN = 10
const OUTPUT_LINES_SHOWN = 200

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    processJobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    timeout: { type: 'string', default: '120' },
    list: { type: 'boolean', default: false },
  },
})

process.chdir(root)
// Hundreds of processes read the same sources: what one has compiled, the others need not.
process.env['NODE_COMPILE_CACHE'] ??= resolve(root, 'build/compile-cache')
const files = globSync('test/**/*.test.ts')
  .sort()
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(relative(root, resolve(filter))) || file.includes(filter)))
const KINDS = ['.process.test.ts', '.serial.test.ts']
const ofKind = (kind: string): string[] => files.filter((file) => file.endsWith(kind))

if (options.list) {
  for (const file of files) console.log(file)
} else {
  const results: TestFileResult[] = []
  await runAll(files.filter((file) => !KINDS.some((kind) => file.endsWith(kind))), Number(options.jobs), results)
  await runAll(ofKind('.process.test.ts'), Number(options.processJobs), results)
  await runAll(ofKind('.serial.test.ts'), 1, results)
  process.exitCode = report(results) ? 0 : 1
}

async function runAll(queue: string[], jobs: number, results: TestFileResult[]): Promise<void> {
  const waiting = [...queue]
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runTestFile(file, { timeoutMs: Number(options.timeout) * 1000 })
      results.push(result)
      announce(result)
    }
  }
  await Promise.all(Array.from({ length: jobs }, worker))
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
function report(results: readonly TestFileResult[]): boolean {
  const sum = (key: 'passed' | 'failed' | 'skipped'): number => results.reduce((total, result) => total + result[key], 0)
  const bySlowness = [...results].sort((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST_SHOWN)
  console.log(`\nslowest files: ${bySlowness.map(({ file, durationMs }) => `${file} ${seconds(durationMs)}`).join(', ')}`)
  const failing = results.filter(({ failed }) => failed > 0)
  if (failing.length > 0) console.log('\nfailed:')
  for (const { file, problems } of failing) for (const problem of problems) console.log(`  ${file}: ${problem}`)
  if (results.length === 0) console.log(`\nno test file${filters.length > 0 ? ` matches ${filters.join(' ')}` : ''}`)
  const skipped = sum('skipped')
  console.log(`\n${String(sum('passed'))} passed, ${String(sum('failed') + (results.length === 0 ? 1 : 0))} failed${skipped > 0 ? `, ${String(skipped)} skipped` : ''}`)
  return results.length > 0 && failing.length === 0
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
