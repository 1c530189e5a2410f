import { parentPort, workerData } from 'node:worker_threads'
import { backUp, backupBytes, BackupError } from '../backup.ts'
import { verifyLog } from '../log/verify-log.ts'

/** `backup: null`: the logs are verified. */
export interface MaintenanceTask {
  readonly dataDir: string
  readonly backup: { readonly file: string; readonly minFreeBytes: number } | null
}

// A thread of its own: it reads all there is, and nobody may wait for that.
const { dataDir, backup } = workerData as MaintenanceTask
if (backup === null) parentPort!.postMessage(verifyLog(dataDir))
else {
  const { neededBytes, freeBytes } = backupBytes(dataDir)
  if (freeBytes - neededBytes < backup.minFreeBytes) throw new BackupError(`it needs ${String(Math.ceil(neededBytes / 1e6))} MB of the disk, and ${String(Math.ceil(backup.minFreeBytes / 1e6))} MB must stay free; make it with \`loa backup FILE\` on another disk`)
  backUp(dataDir, backup.file)
  parentPort!.postMessage(null)
}
