import { Worker } from 'node:worker_threads'

/**
 * Reads the whole database and recomputes the chains of the logs, in a thread of its own.
 * @returns what is wrong with them; empty: nothing
 */
export async function checkIntegrity(dataDir: string): Promise<readonly string[]> {
  const worker = new Worker(new URL('./integrity-worker.ts', import.meta.url), { workerData: dataDir })
  try {
    return await new Promise<readonly string[]>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => { reject(new Error('the check of the database has ended without a result')) })
    })
  } finally {
    await worker.terminate()
  }
}
