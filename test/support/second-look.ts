import type { TestFileResult } from './run-test-file.ts'

/** Files that depend on real time: other processes, sound that plays. */
export const KINDS = ['.process.test.ts', '.serial.test.ts']
/** When more files fail, it is not the machine. */
const MOST_SECOND_LOOKS = 4

/**
 * Runs what failed beside others and depends on real time once more, by itself, and puts what then passes in the place of what failed.
 * Files without processes get no second look: nothing but a fault makes them fail.
 * @param results of the whole run; changed
 * @param run runs one file while nothing else does
 * @returns the failures that were replaced: they are told of, since each is a race, or a bound that a busy machine breaks
 */
export async function lookAgain(results: TestFileResult[], run: (file: string) => Promise<TestFileResult>): Promise<readonly TestFileResult[]> {
  const failing = results.filter(({ failed }) => failed > 0)
  if (failing.length > MOST_SECOND_LOOKS) return []
  const replaced: TestFileResult[] = []
  for (const first of failing) {
    if (!KINDS.some((kind) => first.file.endsWith(kind))) continue
    const second = await run(first.file)
    if (second.failed > 0) continue
    results[results.indexOf(first)] = second
    replaced.push(first)
  }
  return replaced
}
