import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { failureDigest } from '../support/failure-digest.ts'
import { runCheck, runTestFile, type TestFileResult } from '../support/run-test-file.ts'
import { lookAgain } from '../support/second-look.ts'

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures/runner', `${name}.ts`)
const run = (name: string, timeoutMs = 20_000) => runTestFile(fixture(name), { timeoutMs })

/** A process that the fixture named on stderr. */
function isAlive(output: string): boolean {
  const pid = /child (\d+)/.exec(output)![1]!
  // An ended process that init has not yet reaped is a zombie: as good as gone.
  return existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
}

t.test('passing and skipped tests are counted apart', async (t) => {
  const result = await run('passing')
  t.match(result, { passed: 2, failed: 0, skipped: 1, problems: [] })
})

t.test('a failing test is one failure, named', async (t) => {
  const result = await run('failing')
  t.match(result, { passed: 1, failed: 1 })
  t.match(result.problems.join('\n'), /what does not hold/)
})

t.test('files that go wrong as a whole count as failed', async (t) => {
  for (const [name, words] of [
    ['crashing', /SIGSEGV/],
    ['throwing', /before any test|exit code 1|no test/],
    ['exiting', /exit code 3 without a failing test/],
    ['truncated', /incorrect number of tests/],
    ['empty', /no test in it/],
  ] as const) {
    const result = await run(name)
    t.ok(result.failed >= 1, `${name}: ${JSON.stringify({ ...result, output: '' })}`)
    t.match(result.problems.join('\n'), words)
  }
})

t.test('a hanging file is ended with what it started', async (t) => {
  const result = await run('hanging', 1500)
  t.ok(result.failed >= 1)
  t.match(result.problems.join('\n'), /not done after 1.5 s/)
  t.notOk(isAlive(result.output), 'its child is gone')
})

t.test('a process left behind is a failure, and is ended', async (t) => {
  const result = await run('leaving')
  t.match(result, { passed: 1, failed: 1, problems: ['left a process running'] })
  t.notOk(isAlive(result.output), 'its child is gone')
})

t.test('what runs in the background leaves the processor to the others', async (t) => {
  const own = getPriority()
  t.match((await run('priority')).output, `niceness ${String(own)}\n`)
  const result = await runTestFile(fixture('priority'), { timeoutMs: 20_000, isBackground: true })
  t.match(result.output, `niceness ${String(Math.max(own, 10))}\n`)
})

t.test('a check that fails is a failure, named, with what it said', async (t) => {
  const result = await runCheck('no-such-script')
  t.match(result, { file: 'npm run no-such-script', passed: 0, failed: 1, problems: [/^npm run no-such-script ended with [1-9]/] })
  t.match(result.output, /no-such-script/)
})

t.test('what failed is told below the names of its tests, with the first lines of why', async (t) => {
  const [nested, ...why] = failureDigest((await run('nested-failing')).output)
  t.equal(nested, 'an outer test > an inner test > two sums')
  t.match(why.join('\n'), /-2\s+\+1/)
  t.ok(why.every((line) => line.startsWith('  ')), why.join('\n'))
  t.same(failureDigest((await run('passing')).output), [])
  t.same(failureDigest(''), [])
})

t.test('many failures are cut short, and a diagnostic without an end too', (t) => {
  const many = Array.from({ length: 7 }, (_, at) => `not ok ${String(at + 1)} - sum ${String(at)}`)
  t.same(failureDigest(many.join('\n')), ['sum 0', 'sum 1', 'sum 2', 'sum 3', 'sum 4', '… and 2 more'])
  t.equal(failureDigest(['not ok 1 - endless', '  ---', ...Array.from({ length: 500 }, () => '  more')].join('\n')).length, 26)
  t.end()
})

t.test('a file of real time that failed beside others is judged by how it does alone, and told of; no other file is', async (t) => {
  const result = (file: string, failed: number): TestFileResult => ({ file, passed: 1 - failed, failed, skipped: 0, problems: [], durationMs: 1, output: '' })
  const looks = async (first: readonly string[], passing: readonly string[]) => {
    const results = [result('good.test.ts', 0), ...first.map((file) => result(file, 1))]
    const asked: string[] = []
    const told = await lookAgain(results, (file) => Promise.resolve(result(asked[asked.push(file) - 1]!, passing.includes(file) ? 0 : 1)))
    return { asked, told: told.map(({ file, failed }) => `${file} ${String(failed)}`), failing: results.filter(({ failed }) => failed > 0).map(({ file }) => file) }
  }
  t.same(await looks(['a.process.test.ts', 'b.serial.test.ts', 'c.test.ts'], ['a.process.test.ts', 'c.test.ts']),
    { asked: ['a.process.test.ts', 'b.serial.test.ts'], told: ['a.process.test.ts 1'], failing: ['b.serial.test.ts', 'c.test.ts'] })
  t.same(await looks([], []), { asked: [], told: [], failing: [] })
  const five = [1, 2, 3, 4, 5].map((at) => `${String(at)}.process.test.ts`)
  t.same(await looks(five, five), { asked: [], told: [], failing: five }, 'when many fail, it is not the machine')
})

t.test('the last line tells the sums, and nothing found is no success', async (t) => {
  const root = join(import.meta.dirname, '../..')
  const found = spawnSync(process.execPath, ['test/run.ts', 'test/support/fake-clock'], { cwd: root, encoding: 'utf8' })
  t.match(found.stdout.trimEnd().split('\n').at(-1), /^\d+ passed, 0 failed$/)
  t.equal(found.status, 0)
  const nothing = spawnSync(process.execPath, ['test/run.ts', 'no-such-file'], { cwd: root, encoding: 'utf8' })
  t.match(nothing.stdout.trimEnd().split('\n').at(-1), /^0 passed, 1 failed$/)
  t.equal(nothing.status, 1)
})
