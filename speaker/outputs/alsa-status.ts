import { globSync, readFileSync } from 'node:fs'
import { SAMPLE_RATE_HZ } from '../../codec/playback.ts'

/** Where the kernel's sound cards tell what they do. */
export const ASOUND_DIR = '/proc/asound'

/**
 * Samples (at 48 kHz) that have left a playback stream since it was opened: what was given to the card less what is still before the
 * converter, the card's own FIFO included. Undefined when the stream does not run.
 * @param status text of `card*\/pcm*p/sub*\/status`
 * @param rateHz of the card, which may differ from ours when ALSA converts
 */
export function leftOfStatus(status: string, rateHz: number): number | undefined {
  const field = (name: string): number => Number(new RegExp(`^${name}\\s*:\\s*(-?\\d+)`, 'm').exec(status)?.[1] ?? NaN)
  if (!/^state\s*:\s*(?:RUNNING|DRAINING)/m.test(status)) return undefined
  const left = ((field('appl_ptr') - field('delay')) * SAMPLE_RATE_HZ) / rateHz
  return Number.isFinite(left) ? Math.max(0, left) : undefined
}

/** The `sub*` folder of the playback stream that a process has open. */
export function findPlayback(pid: number, asoundDir = ASOUND_DIR): string | undefined {
  for (const file of globSync('card*/pcm*p/sub*/status', { cwd: asoundDir })) {
    const path = `${asoundDir}/${file}`
    if (new RegExp(`^owner_pid\\s*:\\s*${String(pid)}$`, 'm').test(readText(path))) return path.slice(0, -'/status'.length)
  }
  return undefined
}

/** Rate of an open stream in Hz; undefined when it is not open. */
export function rateOf(folder: string): number | undefined {
  const rate = Number(/^rate:\s*(\d+)/m.exec(readText(`${folder}/hw_params`))?.[1])
  return rate > 0 ? rate : undefined
}

export const statusOf = (folder: string): string => readText(`${folder}/status`)

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The card was unplugged, or the stream closed in between.
    return ''
  }
}
