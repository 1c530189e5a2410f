import { parseArgs } from 'node:util'
import { backUp, BackupError, restore } from './backup.ts'
import { AlreadyRunningError } from './data-lock.ts'
import { verifyLog, type VerifyReport } from './log/verify-log.ts'

export const COMMANDS = ['verify-log', 'backup', 'restore'] as const

export const COMMANDS_HELP = [
  '  verify-log [--data DIR] [--key KEY]   recompute the chains of the audit log and the air log and check every checkpoint; writes nothing',
  '  backup FILE [--data DIR]              put database, clips and signing keys into one tar file while the server runs; keep it as safe as the keys',
  '  restore FILE [--data DIR]             put a backup in place; the server must be off',
].join('\n')

export const isCommand = (word: string | undefined): boolean => (COMMANDS as readonly (string | undefined)[]).includes(word)

interface Output {
  readonly say: (text: string) => void
  readonly complain: (text: string) => void
  readonly nowMs: () => number
}

/**
 * `loa verify-log | backup FILE | restore FILE`
 * @returns exit code: 0 well, 1 not, 2 misused
 */
export function runCommand(args: readonly string[], defaultDataDir: string, { say, complain, nowMs }: Output): number {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { data: { type: 'string' }, key: { type: 'string', multiple: true } } })
    const [command, file, ...more] = positionals
    const dataDir = values.data ?? defaultDataDir
    if (command === 'verify-log') {
      if (file !== undefined) throw new TypeError(`verify-log takes no '${file}'; name the folder with --data`)
      const report = verifyLog(dataDir, values.key ?? [])
      for (const line of reportLines(report)) (report.problems.length === 0 ? say : complain)(line)
      return report.problems.length === 0 ? 0 : 1
    }
    if (file === undefined || more.length > 0) throw new TypeError(`${command!} needs one FILE`)
    if (command === 'backup') {
      backUp(dataDir, file)
      say(`Đã sao lưu / backed up: ${file}`)
    } else {
      const kept = restore(dataDir, file, nowMs())
      say(`Đã phục hồi / restored: ${file}${kept === null ? '' : ` (bản cũ / the old one: ${kept})`}`)
    }
    return 0
  } catch (error) {
    complain(`loa: ${error instanceof Error ? error.message : String(error)}`)
    return error instanceof BackupError || error instanceof AlreadyRunningError ? 1 : 2
  }
}

/** What an operator is told. */
export function reportLines({ logs, checkpoints, unsigned, problems }: VerifyReport): string[] {
  if (problems.length > 0) return ['SAI / wrong:', ...problems.map((text) => `  ${text}`)]
  const time = (ms: number | null): string => (ms === null ? '–' : new Date(ms).toISOString())
  return [
    ...logs.map(({ log, entries, firstAtMs, lastAtMs }) => `${log} log: ok, ${String(entries)} entries, from ${time(firstAtMs)} to ${time(lastAtMs)}`),
    `${String(checkpoints)} checkpoints; ${String(unsigned)} entries after the last one are chained but not yet signed`,
  ]
}
