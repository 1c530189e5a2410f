import { openSync, closeSync, readFileSync, rmSync, writeSync } from 'node:fs'
import process from 'node:process'

const POLL_MS = 200
const GIVE_UP_MS = 15 * 60 * 1000

/**
 * Runs `work` while no other process of this machine does, by a file that holds the owner's process id. A lock whose owner is
 * gone is taken over.
 */
export async function withLock(file, say, work) {
  const giveUpAt = Date.now() + GIVE_UP_MS
  let waiting = false
  while (!tryLock(file)) {
    const owner = readOwner(file)
    if (owner !== undefined && !isAlive(owner)) {
      if (readOwner(file) === owner) rmSync(file, { force: true })
      continue
    }
    if (!waiting) say(`waiting for the setup already running${owner === undefined ? '' : ` as process ${owner}`}`)
    waiting = true
    if (Date.now() > giveUpAt) throw new Error(`${file} is still held; remove it if no setup is running`)
    await new Promise((done) => setTimeout(done, POLL_MS))
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

function tryLock(file) {
  try {
    const descriptor = openSync(file, 'wx')
    writeSync(descriptor, String(process.pid))
    closeSync(descriptor)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** @returns undefined while the owner has made the file but not yet written into it. */
function readOwner(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
