import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError'
  readonly code = 'SERVER_ERR_ALREADY_RUNNING'
}

/**
 * One server for each data folder: whoever has this file locked has it. The kernel takes the lock back when its holder dies,
 * however that happens, and gives it to one of two that ask at once.
 * @throws AlreadyRunningError
 */
export function takeLock(dataDir: string): DatabaseSync {
  const lock = new DatabaseSync(join(dataDir, 'lock.db'), { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return lock
  } catch {
    lock.close()
    throw new AlreadyRunningError(`another Loa already uses the data folder ${dataDir}; stop it first or set LOA_DATA_DIR`)
  }
}
