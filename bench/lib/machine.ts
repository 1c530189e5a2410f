import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGib: number
  readonly kernel: string
  readonly distribution: string
  /** Short name for file names. */
  readonly name: string
}

export function describeMachine(): Machine {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown'
  const cores = availableParallelism()
  let distribution = 'unknown'
  try {
    distribution = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? distribution
  } catch {
    // No such file on this system; the kernel's name has to do.
  }
  const name = `${cpu.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}-${String(cores)}c`
  return { cpu, cores, memoryGib: Math.round(totalmem() / 2 ** 30), kernel: release(), distribution, name }
}

/** Short commit of the checkout, with `+` when something in it is not committed; `unknown` outside git. */
export function currentCommit(): string {
  const root = join(import.meta.dirname, '..', '..')
  const git = (...args: string[]): string => spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' }).stdout.trim()
  const commit = git('rev-parse', '--short', 'HEAD')
  if (commit === '') return 'unknown'
  return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}+`
}
