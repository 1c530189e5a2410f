import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { verifyLog } from '../log/verify-log.ts'
import { DATABASE_FILE } from '../store/sqlite-store.ts'

// A thread of its own: it reads the whole database, and nobody may wait for that.
const dataDir = workerData as string

function damage(): string[] {
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true, timeout: 5000 })
    return db.prepare('PRAGMA integrity_check(3)').all().flatMap((row) => Object.values(row)).map(String).filter((text) => text !== 'ok')
  } catch (error) {
    return [`the database cannot be read: ${error instanceof Error ? error.message : String(error)}`]
  } finally {
    db?.close()
  }
}

parentPort!.postMessage([...damage(), ...verifyLog(dataDir).problems])
