import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import type { Readable } from 'node:stream'
import { Parser, type FinalResults } from 'tap-parser'

export interface TestFileOptions {
  /** The process is ended, with all it started, when it is not done by then. */
  readonly timeoutMs: number
  /** It gets what the others leave of the processor. */
  readonly isBackground?: boolean
}

export interface TestFileResult {
  readonly file: string
  /** Tests of the file's top level. */
  readonly passed: number
  /** Failed tests, and one for each way in which the file itself went wrong: crash, timeout, no test at all, a process left behind. */
  readonly failed: number
  readonly skipped: number
  /** What went wrong, a line each. */
  readonly problems: readonly string[]
  readonly durationMs: number
  /** What the file printed, both streams, in the order in which it came. */
  readonly output: string
}

const MAX_OUTPUT_CHARACTERS = 4_000_000
const KILL_AFTER_MS = 2000
const LEFTOVER_GRACE_MS = 1000
const POLL_MS = 50
/** Nine tenths for the others when both want all of it. */
const BACKGROUND_NICENESS = 10

/** Runs one test file in a process group of its own and judges it by its TAP output and its exit code. */
export async function runTestFile(file: string, { timeoutMs, isBackground = false }: TestFileOptions): Promise<TestFileResult> {
  const startedAt = performance.now()
  // tap's own limit is for one file too; ours must come first, because it also ends what the file started.
  const { child, endGroup, letGo } = startGroup(process.execPath, [file], isBackground, { TAP_TIMEOUT: String(Math.ceil(timeoutMs / 1000) + 10) })
  const group = child.pid

  let output = ''
  let timedOut = false
  const keep = (text: string): void => {
    if (output.length < MAX_OUTPUT_CHARACTERS) output += text
  }
  const parsed = Promise.withResolvers<FinalResults>()
  const parser = new Parser({ name: file }, (results) => parsed.resolve(results))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    keep(text)
    parser.write(text)
  })
  child.stderr.setEncoding('utf8').on('data', keep)

  const timer = setTimeout(() => {
    timedOut = true
    endGroup('SIGTERM')
    setTimeout(endGroup, KILL_AFTER_MS, 'SIGKILL').unref()
  }, timeoutMs)

  // 'exit' and not 'close': a process left behind may hold the pipes open for ever.
  const exit = await new Promise<{ code: number | null; signal: NodeJS.Signals | null; error?: Error }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  clearTimeout(timer)
  const leftBehind = await endLeftovers(group)
  if (exit.error === undefined) await waitForStreams(child.stdout, child.stderr)
  parser.end()
  const results = await parsed.promise
  letGo()

  const problems: string[] = []
  let failed = results.fail
  const fileProblem = (text: string): void => {
    failed += 1
    problems.push(text)
  }
  for (const failure of results.failures) problems.push(failure.tapError ?? String(failure['fullname']))
  if (exit.error !== undefined) fileProblem(`cannot be started: ${exit.error.message}`)
  else if (timedOut) fileProblem(`not done after ${String(timeoutMs / 1000)} s`)
  else if (exit.signal !== null) fileProblem(`ended by ${exit.signal}`)
  else if (exit.code !== 0 && results.fail === 0) fileProblem(`exit code ${String(exit.code)} without a failing test`)
  else if (!results.ok && results.fail === 0) fileProblem(results.bailout === false ? 'its TAP output is not whole' : `bail out: ${String(results.bailout)}`)
  else if (results.count === 0 && !skipsAll(results)) fileProblem('no test in it')
  if (leftBehind && !timedOut) fileProblem('left a process running')

  const skipped = results.skip + results.todo + (skipsAll(results) ? 1 : 0)
  return { file, passed: Math.max(0, results.pass - results.skip), failed, skipped, problems, durationMs: performance.now() - startedAt, output }
}

/** Runs a script of package.json, such as `lint`, in the background: a failure when it ends with anything but 0. */
export async function runCheck(script: string): Promise<TestFileResult> {
  const startedAt = performance.now()
  const { child, letGo } = startGroup('npm', ['run', script], true)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
  const code = await new Promise<number | null>((resolve) => child.once('error', () => { resolve(null) }).once('close', resolve))
  letGo()
  const problems = code === 0 ? [] : [`npm run ${script} ended with ${String(code)}`]
  return { file: `npm run ${script}`, passed: 1 - problems.length, failed: problems.length, skipped: 0, problems, durationMs: performance.now() - startedAt, output }
}

/** Starts a process in a group and session of its own, which ends with this process until it is let go. */
function startGroup(command: string, args: readonly string[], isBackground: boolean, environment: NodeJS.ProcessEnv = {}): { readonly child: ChildProcessByStdio<null, Readable, Readable>; readonly endGroup: (signal: NodeJS.Signals) => void; readonly letGo: () => void } {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, ...environment } })
  if (isBackground && child.pid !== undefined) giveWay(child.pid)
  const endGroup = (signal: NodeJS.Signals): void => void signalGroup(child.pid, signal)
  const onInterrupt = (): void => {
    endGroup('SIGKILL')
    process.exit(130)
  }
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onInterrupt)
  const letGo = (): void => {
    process.removeListener('SIGINT', onInterrupt)
    process.removeListener('SIGTERM', onInterrupt)
  }
  return { child, endGroup, letGo }
}

/** Its children and threads inherit it. */
function giveWay(pid: number): void {
  try {
    setPriority(pid, Math.max(getPriority(), BACKGROUND_NICENESS))
    // sched(7), the autogroup feature: between sessions, and each group is one, only this counts.
    writeFileSync(`/proc/${String(pid)}/autogroup`, String(BACKGROUND_NICENESS))
  } catch {
    // It has ended, or the kernel has no such groups.
  }
}

function skipsAll(results: FinalResults): boolean {
  return results.plan.skipAll && results.plan.skipReason !== '' && results.plan.skipReason !== 'no tests found'
}

function signalGroup(group: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (group === undefined) return false
  try {
    process.kill(-group, signal)
    return true
  } catch {
    return false
  }
}

/** Children that end together with their parent get a moment; whoever is there after it is ended and told of. */
async function endLeftovers(group: number | undefined): Promise<boolean> {
  if (await isGone(group)) return false
  signalGroup(group, 'SIGKILL')
  await isGone(group)
  return true
}

async function isGone(group: number | undefined): Promise<boolean> {
  const giveUpAt = performance.now() + LEFTOVER_GRACE_MS
  while (signalGroup(group, 0) && hasLivingMember(group)) {
    if (performance.now() > giveUpAt) return false
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return true
}

/** Tells the living from those that have ended and that init has not yet reaped, which a signal cannot. */
function hasLivingMember(group: number | undefined): boolean {
  return globSync('/proc/[0-9]*/stat').some((file) => {
    try {
      // proc(5): pid (comm) state ppid pgrp …; comm may hold anything, so the last parenthesis counts.
      const [state, , pgrp] = readFileSync(file, 'latin1').replace(/^.*\) /s, '').split(' ')
      return Number(pgrp) === group && state !== 'Z'
    } catch {
      return false
    }
  })
}

/** A detached grandchild in another group can still hold a pipe; its words are not waited for long. */
async function waitForStreams(...streams: Readable[]): Promise<void> {
  const ended = streams.map((stream) => (stream.readableEnded ? Promise.resolve() : new Promise<void>((resolve) => stream.once('end', () => resolve()))))
  await Promise.race([Promise.all(ended), new Promise((resolve) => setTimeout(resolve, LEFTOVER_GRACE_MS).unref())])
}
