import { closeSync, copyFileSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { takeLock } from './data-lock.ts'
import { MIGRATIONS } from './store/migrations.ts'
import { DATABASE_FILE } from './store/sqlite-store.ts'

/** A backup that cannot be made or must not be used; the message says why. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
  readonly code = 'BACKUP_ERR_REFUSED'
}

/**
 * Writes one moment of the database into a file of its own, while the server runs; it is checked before it gets its name.
 * @throws BackupError
 */
export function backUp(dataDir: string, file: string): void {
  const source = join(resolve(dataDir), DATABASE_FILE)
  if (!existsSync(source)) throw new BackupError(`${source} is not there`)
  if (existsSync(file)) throw new BackupError(`${file} is there already; a backup does not overwrite`)
  const part = `${file}.part`
  rmSync(part, { force: true })
  try {
    // Reads in one transaction, which in WAL mode holds up nobody who writes.
    const db = new DatabaseSync(source, { readOnly: true, timeout: 5000 })
    try {
      db.prepare('VACUUM INTO ?').run(part)
    } finally {
      db.close()
    }
    checkDatabase(part)
    onDisk(part)
    renameSync(part, file)
    onDisk(dirname(resolve(file)))
  } catch (error) {
    rmSync(part, { force: true })
    throw asBackupError(error, `${source} could not be copied`)
  }
}

/**
 * Puts a backup in the place of the database. What was there is kept beside it, under a name with the time.
 * @returns where the old database is kept, or null when there was none
 * @throws BackupError when the file cannot be used; AlreadyRunningError while a server has the folder
 */
export function restore(dataDir: string, file: string, nowMs: number): string | null {
  if (!existsSync(file)) throw new BackupError(`${file} is not there`)
  const folder = resolve(dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = takeLock(folder)
  const target = join(folder, DATABASE_FILE)
  const part = `${target}.part`
  try {
    copyFileSync(file, part)
    checkDatabase(part)
    onDisk(part)
    const kept = existsSync(target) ? `${target}.before-${new Date(nowMs).toISOString().replaceAll(':', '')}` : null
    // The log of the old database must never be taken for one of the new.
    for (const tail of ['', '-wal', '-shm']) if (kept !== null && existsSync(target + tail)) renameSync(target + tail, kept + tail)
    for (const tail of ['-wal', '-shm']) rmSync(target + tail, { force: true })
    renameSync(part, target)
    onDisk(folder)
    return kept
  } catch (error) {
    throw asBackupError(error, `${file} could not be restored`)
  } finally {
    rmSync(part, { force: true })
    for (const tail of ['-wal', '-shm', '-journal']) rmSync(part + tail, { force: true })
    lock.close()
  }
}

/** @throws BackupError when it is not a whole database of Loa that this version can read */
function checkDatabase(path: string): void {
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(path, { readOnly: true })
    const faults = db.prepare('PRAGMA integrity_check(3)').all().flatMap((row) => Object.values(row)).filter((text) => text !== 'ok')
    if (faults.length > 0) throw new BackupError(`the database is damaged: ${faults.map(String).join('; ')}`)
    const version = Number(Object.values(db.prepare('PRAGMA user_version').get() ?? {})[0])
    const isOurs = db.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE name IN ('units', 'clusters', 'orders', 'tokens')").get() as { tables: number }
    if (version === 0 || isOurs.tables !== 4) throw new BackupError('it is not a database of Loa')
    if (version > MIGRATIONS.length) throw new BackupError(`it has schema ${String(version)}, this version knows ${String(MIGRATIONS.length)}: use the newer version that wrote it`)
  } catch (error) {
    throw asBackupError(error, 'it cannot be read as a database')
  } finally {
    db?.close()
  }
}

const asBackupError = (error: unknown, what: string): BackupError => (error instanceof BackupError ? error : new BackupError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error }))

function onDisk(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
