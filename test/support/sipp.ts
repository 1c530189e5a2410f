import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

interface Owner {
  teardown(fn: () => Promise<void> | void): void
}

export interface SippRun {
  /** 0: every message came as the scenario says. */
  readonly code: number | null
  /** What sipp complains of, and the end of its screen. */
  readonly words: string
}

/** Runs one of the scenarios beside this file. @param args as of the program, the far end included */
export function runSipp(t: Owner, scenario: string, args: readonly string[]): Promise<SippRun> {
  const folder = mkdtempSync(path.join(tmpdir(), 'loa-sipp-'))
  const errors = path.join(folder, 'errors')
  const child = spawn('sipp', ['-sf', path.join(import.meta.dirname, 'sipp', `${scenario}.xml`), '-i', '127.0.0.1', '-s', '100', '-nostdin', '-timeout', '30s', '-timeout_error', '-trace_err', '-error_file', errors, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  let screen = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => { screen = (screen + bytes.toString()).slice(-3000) })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      let words = ''
      try {
        words = readFileSync(errors, 'utf8')
      } catch { /* it had nothing to complain of */ }
      resolve({ code, words: code === 0 ? words : `${words}\n${screen}` })
    })
  })
}
