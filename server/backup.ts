import { spawnSync } from 'node:child_process'
import { closeSync, copyFileSync, existsSync, fsyncSync, linkSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isListeningCopy } from './clips/listening-copies.ts'
import { takeLock } from './data-lock.ts'
import { PHOTOS_FOLDER } from './photos/photo-folder.ts'
import { CAP_KEY_FILE } from './signing/cap-key.ts'
import { SIGNING_KEYS_FILE } from './signing/signing-keys.ts'
import { MIGRATIONS } from './store/migrations.ts'
import { DATABASE_FILE } from './store/sqlite-store.ts'

/** A backup that cannot be made or must not be used; the message says why. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
  readonly code = 'BACKUP_ERR_REFUSED'
}

/** What a backup holds, besides the database: sounds and photos never change under their name, and without the keys every device must be enrolled anew. */
const CLIPS_FOLDER = 'clips'
const FOLDERS: readonly string[] = [CLIPS_FOLDER, PHOTOS_FOLDER]
/** Its age is that of the last backup; it holds where that is. */
const LAST_BACKUP_FILE = 'last-backup'

/** When the last backup of the folder was made whole, ms since 1970, and where it was put; null: never. */
export const lastBackup = (dataDir: string): { readonly atMs: number; /** null: in the data folder itself, to be fetched. */ readonly file: string | null } | null => {
  const path = join(resolve(dataDir), LAST_BACKUP_FILE)
  const stamp = statSync(path, { throwIfNoEntry: false })
  if (stamp === undefined) return null
  const file = readFileSync(path, 'utf8')
  return { atMs: Math.floor(stamp.mtimeMs), file: file === '' ? null : file }
}
/** What devices and other systems believe this server by. */
const KEY_FILES: readonly string[] = [SIGNING_KEYS_FILE, CAP_KEY_FILE]

/**
 * Writes one moment of the database, the clips, the photos and the signing keys into one tar file, while the server runs; the database is checked before, and the file is read back and compared.
 * Whoever has the file can speak to every device: it is for its owner alone (mode 0600).
 * @throws BackupError
 */
export function backUp(dataDir: string, file: string): void {
  const folder = resolve(dataDir)
  const source = join(folder, DATABASE_FILE)
  if (!existsSync(source)) throw new BackupError(`${source} is not there`)
  if (existsSync(file)) throw new BackupError(`${file} is there already; a backup does not overwrite`)
  const part = `${file}.part`
  rmSync(part, { force: true })
  // In the data folder, so that clips are linked and not copied.
  const staging = mkdtempSync(join(folder, 'backup-'))
  try {
    // Reads in one transaction, which in WAL mode holds up nobody who writes.
    const db = new DatabaseSync(source, { readOnly: true, timeout: 5000 })
    try {
      db.prepare('VACUUM INTO ?').run(join(staging, DATABASE_FILE))
    } finally {
      db.close()
    }
    checkDatabase(join(staging, DATABASE_FILE))
    // After the database: a clip that it names is there, unless somebody has just deleted it.
    for (const name of FOLDERS) linkFolder(join(folder, name), join(staging, name))
    for (const name of KEY_FILES) if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(staging, name))
    closeSync(openSync(part, 'wx', 0o600))
    tar('--create', '--file', resolve(part), '--directory', staging, ...readdirSync(staging))
    onDisk(part)
    tar('--compare', '--file', resolve(part), '--directory', staging)
    renameSync(part, file)
    onDisk(dirname(resolve(file)))
    writeFileSync(join(folder, LAST_BACKUP_FILE), relative(folder, resolve(file)).startsWith('..') ? resolve(file) : '', { mode: 0o600 })
    onDisk(join(folder, LAST_BACKUP_FILE))
  } catch (error) {
    rmSync(part, { force: true })
    throw asBackupError(error, `${folder} could not be backed up`)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/** What a backup in the data folder itself takes of its disk while it is made, and what there is: the database is copied once before it is packed. */
export function backupBytes(dataDir: string): { readonly neededBytes: number; readonly freeBytes: number } {
  const folder = resolve(dataDir)
  const size = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const inFolders = FOLDERS.flatMap((name) => keptIn(join(folder, name)).map((file) => size(join(folder, name, file)))).reduce((sum, bytes) => sum + bytes, 0)
  const { bavail, bsize } = statfsSync(folder)
  return { neededBytes: 2 * (size(join(folder, DATABASE_FILE)) + size(join(folder, `${DATABASE_FILE}-wal`))) + inFolders, freeBytes: bavail * bsize }
}

/**
 * Puts a backup in the place of database, clips, photos and keys. The database and the keys that were there are kept beside them, under names with
 * the time; clips and photos are added.
 * @returns where the old database is kept, or null when there was none
 * @throws BackupError when the file cannot be used; AlreadyRunningError while a server has the folder
 */
export function restore(dataDir: string, file: string, nowMs: number): string | null {
  if (!existsSync(file)) throw new BackupError(`${file} is not there`)
  const folder = resolve(dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = takeLock(folder)
  const staging = mkdtempSync(join(folder, 'restore-'))
  try {
    tar('--extract', '--file', resolve(file), '--directory', staging, '--no-same-owner')
    checkContent(staging)
    checkDatabase(join(staging, DATABASE_FILE))
    const suffix = `.before-${new Date(nowMs).toISOString().replaceAll(':', '')}`
    for (const name of FOLDERS) addFolder(join(staging, name), join(folder, name))
    for (const name of KEY_FILES) if (existsSync(join(staging, name))) replace(folder, staging, name, suffix)
    // The log of the old database must never be taken for one of the new.
    for (const tail of ['-wal', '-shm']) {
      const log = join(folder, DATABASE_FILE + tail)
      if (existsSync(log)) renameSync(log, join(folder, `${DATABASE_FILE}${suffix}${tail}`))
    }
    const kept = replace(folder, staging, DATABASE_FILE, suffix)
    onDisk(folder)
    return kept
  } catch (error) {
    throw asBackupError(error, `${file} could not be restored`)
  } finally {
    rmSync(staging, { recursive: true, force: true })
    lock.close()
  }
}

/** Debian has it as an essential package. @throws BackupError with its own words */
function tar(...args: readonly string[]): void {
  const { status, error, stderr } = spawnSync('tar', args, { encoding: 'utf8' })
  if (status !== 0) throw new BackupError(`tar: ${error?.message ?? stderr.trim()}`)
}

/** @throws BackupError for anything that no backup has, such as links out of the folder */
function checkContent(staging: string): void {
  for (const entry of readdirSync(staging, { recursive: true, withFileTypes: true })) {
    const path = relative(staging, join(entry.parentPath, entry.name))
    const isKnown = entry.isDirectory() ? FOLDERS.includes(path) : entry.isFile() && (path === DATABASE_FILE || KEY_FILES.includes(path) || FOLDERS.includes(dirname(path)))
    if (!isKnown) throw new BackupError(`it is no backup of Loa: it holds ${path}`)
  }
  if (!existsSync(join(staging, DATABASE_FILE))) throw new BackupError(`it is no backup of Loa: it holds no ${DATABASE_FILE}`)
}

/** @returns where what was there is kept */
function replace(folder: string, staging: string, name: string, suffix: string): string | null {
  const target = join(folder, name)
  const kept = existsSync(target) ? target + suffix : null
  if (kept !== null) renameSync(target, kept)
  onDisk(join(staging, name))
  renameSync(join(staging, name), target)
  return kept
}

function linkFolder(from: string, to: string): void {
  mkdirSync(to)
  for (const name of keptIn(from)) linkSync(join(from, name), join(to, name))
}

/** Names of the files that cannot be made again: nothing half, and no copies to listen to. */
const keptIn = (folder: string): readonly string[] =>
  (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !isListeningCopy(entry.name)).map(({ name }) => name) : [])

function addFolder(from: string, to: string): void {
  if (!existsSync(from)) return
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    onDisk(join(from, name))
    if (!existsSync(join(to, name))) renameSync(join(from, name), join(to, name))
  }
  onDisk(to)
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
