import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import type { PlayLogEntry } from '../../../speaker/log/log-records.ts'
import { PlayLog } from '../../../speaker/log/play-log.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const KILLS = 200
const LANES = 2
const S = 48_000
const PIECE = S / 10
/** Sound since the last word that reached the disk: a second, and the piece that was told to the log as the kill came. */
const MAX_UNKNOWN_SAMPLES = S + 2 * PIECE

/** What one log and its server have seen over all its lives. */
class Lane {
  readonly folder = mkdtempSync(join(tmpdir(), 'loa-kill-'))
  /** What has left, by its place. */
  readonly sounded = new Map<number, string>()
  readonly taken = new Map<number, PlayLogEntry>()
  /** Places that the log said were safe. */
  readonly safeUntil: { readonly from: number; readonly until: number }[] = []
  sentAgain = 0
  differing = 0

  /** One life, from start to kill. */
  async live(startS: number, seed: number, killAfterMs: number): Promise<number> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'playing-child.ts'), this.folder, String(startS), String(seed)], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.on('error', () => undefined) // it is killed while we answer
    const exited = once(child, 'exit')
    let last = startS * S
    for await (const line of createInterface({ input: child.stdout })) {
      const [kind, ...words] = line.split(' ')
      if (kind === 'ready') setTimeout(() => child.kill('SIGKILL'), killAfterMs)
      else if (kind === 'P') {
        for (let at = Number(words[1]); at < Number(words[2]); at += PIECE) this.sounded.set(at, words[0]!)
        last = Number(words[2])
      } else if (kind === 'D') this.safeUntil.push({ from: startS * S, until: Number(words[0]) })
      else if (kind === 'S' && line.endsWith(']')) {
        const entries = JSON.parse(line.slice(2)) as PlayLogEntry[]
        for (const entry of entries) this.take(entry)
        // Every third answer is lost on its way.
        if ((seed + entries.length) % 3 !== 0) child.stdin.write(`${String(entries.at(-1)!.number)}\n`)
      }
    }
    const [code, signal] = await exited as [number | null, string | null]
    if (signal !== 'SIGKILL') throw new Error(`the child ended by itself: ${String(code)}`)
    return last
  }

  take(entry: PlayLogEntry): void {
    const known = this.taken.get(entry.number)
    if (known !== undefined) {
      this.sentAgain += 1
      if (JSON.stringify(known) !== JSON.stringify(entry)) this.differing += 1
      return
    }
    this.taken.set(entry.number, entry)
  }
}

t.test(`killed ${String(KILLS)} times at random points, the log neither loses nor repeats`, { timeout: 110_000 }, async (t) => {
  const seed = Date.now() % 100_000
  t.comment(`seed ${String(seed)}`)
  const startedMs = performance.now()
  const lanes = Array.from({ length: LANES }, () => new Lane())
  t.teardown(() => { for (const { folder } of lanes) rmSync(folder, { recursive: true, force: true }) })
  let longestUnknown = 0
  let entriesTotal = 0
  await Promise.all(lanes.map(async (lane, index) => {
    const ends: number[] = []
    let startS = 10
    for (let life = 0; life < KILLS / LANES; life++) {
      const last = await lane.live(startS, seed + index * 1000 + life, ((seed + life * 7919) % 97) / 2)
      ends.push(last)
      startS = Math.ceil(last / S) + 1
    }
    const log = await PlayLog.open(lane.folder, { clock: new FakeClock(), verifies: true })
    for (const entry of log.pending(100_000)) lane.take(entry)
    t.match(log.status(), { damagedLines: 0, dropped: 0, fault: null })
    await log.close()

    // Numbers without a hole: nothing that was begun is missing.
    const entries = [...lane.taken.values()].sort((a, b) => a.number - b.number)
    t.same(entries.filter(({ number }, at) => number !== at + 1).length, 0, 'numbers count up by one')
    t.equal(lane.differing, 0, 'what was sent again was the same')
    const claimed = new Map<number, string>()
    let twice = 0
    let never = 0
    for (const { orderId, fromSamples, untilSamples, missingSamples } of entries) {
      t.equal(missingSamples, 0)
      for (let at = fromSamples; at < untilSamples; at += PIECE) {
        if (claimed.has(at)) twice += 1
        if (lane.sounded.get(at) !== orderId) never += 1
        claimed.set(at, orderId!)
      }
    }
    t.equal(twice, 0, 'nothing is claimed twice')
    t.equal(never, 0, 'nothing is claimed that has not sounded')
    let lost = 0
    for (const { from, until } of lane.safeUntil) for (let at = until - PIECE; at >= from && lane.sounded.has(at) && !claimed.has(at); at -= PIECE) lost += 1
    t.equal(lost, 0, 'nothing that was on the disk is lost')
    for (const end of ends) {
      let unknown = 0
      for (let at = end - PIECE; lane.sounded.has(at) && !claimed.has(at); at -= PIECE) unknown += PIECE
      longestUnknown = Math.max(longestUnknown, unknown)
    }
    const unclaimed = [...lane.sounded.keys()].filter((at) => !claimed.has(at)).length * PIECE
    t.ok(unclaimed <= KILLS / LANES * MAX_UNKNOWN_SAMPLES, 'and what is not claimed stands before kills')
    entriesTotal += entries.length
  }))
  t.ok(longestUnknown <= MAX_UNKNOWN_SAMPLES, `at most ${String(longestUnknown / S)} s before a kill are not known`)
  t.comment(`${String(entriesTotal)} entries, ${String(lanes.reduce((sum, { sentAgain }) => sum + sentAgain, 0))} sent again, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
})
