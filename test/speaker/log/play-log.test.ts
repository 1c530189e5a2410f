import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { decodeRecords, encodeRecord, type PlayLogEntry } from '../../../speaker/log/log-records.ts'
import { PlayLog, type PlayLogOptions } from '../../../speaker/log/play-log.ts'
import type { PlayedStretch } from '../../../speaker/ports.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fc } from '../../support/seed.ts'

const S = 48_000

const stretch = (orderId: string | null, fromS: number, untilS: number, more: Partial<PlayedStretch> = {}): PlayedStretch => ({
  orderId, playing: 'live', fromSamples: Math.round(fromS * S), untilSamples: Math.round(untilS * S), stage: 'played', heardAtHouseUs: Math.round(fromS * 1e6) + 800_000, audible: true, ...more,
})

const inWords = (entries: readonly PlayLogEntry[]): string[] => entries.map((e) => `${String(e.number)} ${e.orderId ?? '-'} ${e.playing} ${String(e.fromSamples / S)}-${String(e.untilSamples / S)} ${e.end}`)

function folderFor(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'loa-play-log-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

const fileIn = (folder: string): string => join(folder, readdirSync(folder).find((name) => name.endsWith('.log'))!)

async function openLog(t: Test, folder: string, options: Partial<PlayLogOptions> = {}): Promise<PlayLog> {
  const log = await PlayLog.open(folder, { clock: new FakeClock(), verifies: true, ...options })
  t.teardown(() => log.close())
  return log
}

t.test('pieces that join are one entry; another order, another origin, mute and a long hole begin the next', async (t) => {
  const log = await openLog(t, folderFor(t))
  for (let n = 0; n < 50; n++) log.played(stretch('a', n * 0.1, (n + 1) * 0.1))
  log.played(stretch('a', 5.02, 6)) // a lost frame
  log.played(stretch('b', 6, 7))
  log.played(stretch('b', 7, 8, { playing: 'cached' }))
  log.played(stretch('b', 8, 9, { playing: 'cached', audible: false }))
  log.played(stretch('b', 20, 21, { playing: 'cached', audible: false }))
  log.played(stretch(null, 21, 22, { playing: 'filler' }))
  log.silence()
  t.same(log.pending(100), [], 'nothing is ready before it is on the disk')
  await log.flush()
  t.same(inWords(log.pending(100)), ['1 a live 0-6 over', '2 b live 6-7 over', '3 b cached 7-8 over', '4 b cached 8-9 over', '5 b cached 20-21 over', '6 - filler 21-22 over'])
  t.match(log.pending(4), [{ missingSamples: 960, verified: true, heard: null, heardAtHouseUs: 800_000 }, {}, { audible: true }, { audible: false }])
  t.same(inWords(log.pending(2)).length, 2)
})

t.test('what is acknowledged is gone, also after a restart; what is not is still there, with the same number', async (t) => {
  const folder = folderFor(t)
  const first = await openLog(t, folder)
  for (const [n, id] of ['a', 'b', 'c'].entries()) first.played(stretch(id, n, n + 1))
  first.silence()
  await first.flush()
  first.acked(99)
  t.equal(first.pending(9).length, 3, 'what was never sent cannot be taken')
  first.acked(2)
  t.same(inWords(first.pending(9)), ['3 c live 2-3 over'])
  await first.close()

  const second = await openLog(t, folder)
  t.equal(second.logId, first.logId)
  t.same(inWords(second.pending(9)), ['3 c live 2-3 over'])
  second.played(stretch('d', 3, 4))
  second.silence()
  await second.flush()
  t.same(inWords(second.pending(9)), ['3 c live 2-3 over', '4 d live 3-4 over'])
})

t.test('a run that was cut by a crash is claimed up to what was on the disk, and says so', async (t) => {
  const folder = folderFor(t)
  const log = await openLog(t, folder, { extendMs: 1000 })
  log.played(stretch('a', 10, 10.5))
  await log.flush()
  log.played(stretch('a', 10.5, 11.6))
  await log.flush()
  log.played(stretch('a', 11.6, 12.4))
  await log.flush()
  const bytes = readFileSync(fileIn(folder))
  await log.close()
  writeFileSync(fileIn(folder), bytes) // as the power cut left it

  const after = await openLog(t, folder)
  t.same(inWords(after.pending(9)), ['1 a live 10-11.6 crash'])
  after.played(stretch('a', 11.5, 13))
  after.silence()
  await after.flush()
  t.same(inWords(after.pending(9)), ['1 a live 10-11.6 crash', '2 a live 11.6-13 over'], 'nothing is claimed twice')
})

t.test('a torn end is mended wherever it was torn, and what was whole stays', async (t) => {
  const folder = folderFor(t)
  const log = await openLog(t, folder)
  log.played(stretch('a', 0, 1))
  log.played(stretch('b', 1, 2))
  log.silence()
  await log.close()
  const path = fileIn(folder)
  const whole = readFileSync(path)
  const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1
  const firstLine = whole.indexOf('\n') + 1
  for (let cut = firstLine; cut < whole.length; cut += 7) {
    writeFileSync(path, whole)
    truncateSync(path, cut)
    if (cut % 2 === 0) appendFileSync(path, Buffer.alloc(100)) // some file systems leave zeros
    const again = await PlayLog.open(folder, { clock: new FakeClock(), verifies: true })
    const entries = again.pending(9)
    t.ok(entries.every(({ untilSamples }) => untilSamples <= 2 * S) && entries.every(({ number }, n) => number === n + 1), `cut at ${String(cut)}`)
    if (cut >= lastLine) t.same(entries.map(({ orderId }) => orderId), ['a', 'b'])
    again.played(stretch('c', 3, 4))
    again.silence()
    await again.flush()
    t.equal(again.pending(9).at(-1)?.orderId, 'c', 'and it is written on')
    await again.close()
    t.equal(decodeRecords(readFileSync(path)).damagedLines, 0)
  }
})

t.test('a rotten line in the middle costs itself alone', async (t) => {
  const folder = folderFor(t)
  const log = await openLog(t, folder)
  for (let n = 0; n < 5; n++) log.played(stretch(`o${String(n)}`, n, n + 1))
  log.silence()
  await log.close()
  const path = fileIn(folder)
  const bytes = readFileSync(path)
  const at = bytes.indexOf('"o2"')
  bytes[at + 1] = 0x58
  writeFileSync(path, bytes)
  const after = await openLog(t, folder)
  t.same(after.pending(9).map(({ orderId }) => orderId), ['o0', 'o1', 'o3', 'o4'])
  t.equal(after.status().damagedLines, 1)
})

t.test('a log whose beginning is lost together with all entries is another log, so that no number is used twice', async (t) => {
  const folder = folderFor(t)
  const log = await openLog(t, folder)
  await log.close()
  const path = fileIn(folder)
  writeFileSync(path, 'nothing of it is left\n')
  const after = await openLog(t, folder)
  t.not(after.logId, log.logId)
  t.equal(readdirSync(folder).length, 1)
})

t.test('the run is over when nothing more leaves, without anybody saying so', async (t) => {
  const clock = new FakeClock()
  const log = await openLog(t, folderFor(t), { clock })
  log.played(stretch('a', 0, 1))
  clock.advance(2500)
  log.played(stretch('a', 1, 2))
  clock.advance(2500)
  await log.flush()
  t.same(log.pending(9), [], 'it goes on')
  clock.advance(600)
  await log.flush()
  t.same(inWords(log.pending(9)), ['1 a live 0-2 over'])
  t.equal(clock.pendingTimers, 0)
})

t.test('a sensor that hears it once proves the run; mute is not asked', async (t) => {
  let sensor: boolean | undefined = false
  const log = await openLog(t, folderFor(t), { isHeard: () => sensor })
  log.played(stretch('a', 0, 1))
  sensor = true
  log.played(stretch('a', 1, 2))
  sensor = false
  log.played(stretch('a', 2, 3))
  log.played(stretch('b', 3, 4))
  sensor = true
  log.played(stretch('c', 4, 5, { audible: false }))
  log.silence()
  await log.flush()
  t.same(log.pending(9).map(({ heard }) => heard), [true, false, null])
})

t.test('a sensor is asked for what sounded since the run began, not for the run before', async (t) => {
  const asked: number[] = []
  const log = await openLog(t, folderFor(t), { isHeard: (sinceHouseUs) => { asked.push(sinceHouseUs - 800_000); return sinceHouseUs - 800_000 < 2e6 } })
  log.played(stretch('a', 0, 1))
  log.played(stretch('a', 1, 2))
  log.played(stretch('b', 2, 3))
  log.played(stretch('b', 3, 4))
  log.silence()
  await log.flush()
  t.same(asked, [0, 0, 2e6, 2e6])
  t.same(log.pending(9).map(({ heard }) => heard), [true, false])
})

t.test('a clock that stood too far ahead does not silence the log for ever', async (t) => {
  const log = await openLog(t, folderFor(t))
  log.played(stretch('a', 7200, 7201))
  log.played(stretch('a', 7196, 7200.5))
  log.played(stretch('a', 3600, 3601))
  log.silence()
  await log.flush()
  t.same(inWords(log.pending(9)), ['1 a live 7200-7201 over', '2 a live 3600-3601 over'])
})

t.test('the file stays short when entries are taken, and the number goes on', async (t) => {
  const folder = folderFor(t)
  const log = await openLog(t, folder)
  for (let n = 0; n < 2000; n++) {
    log.played(stretch(`o${String(n)}`, n, n + 1))
    if (n % 100 !== 99) continue
    await log.flush()
    log.acked(n - 1)
    await log.flush()
  }
  t.ok(readFileSync(fileIn(folder)).length < 100_000, `${String(readFileSync(fileIn(folder)).length)} bytes`)
  await log.close()
  const after = await openLog(t, folder)
  t.same(inWords(after.pending(9)), ['1999 o1998 live 1998-1999 over', '2000 o1999 live 1999-2000 interrupted'])
})

t.test('there is a bound, and what is given up is counted', async (t) => {
  const folder = folderFor(t)
  const log = await openLog(t, folder, { maxEntries: 10 })
  for (let n = 0; n < 25; n++) log.played(stretch(`o${String(n)}`, n, n + 1))
  log.silence()
  await log.close()
  const after = await openLog(t, folder, { maxEntries: 10 })
  t.same(after.pending(99).map(({ number }) => number), [16, 17, 18, 19, 20, 21, 22, 23, 24, 25])
  t.match(after.status(), { waiting: 10, dropped: 15 })
})

t.test('records come back as they were written, and no other bytes are taken for one', (t) => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { maxLength: 20 }), fc.nat(), fc.nat(7), (numbers, where, bit) => {
    const records = numbers.map((n) => ({ r: 'acked', n }) as const)
    const bytes = Buffer.from(records.map(encodeRecord).join(''))
    t.same(decodeRecords(bytes), { records, wholeBytes: bytes.length, damagedLines: 0 })
    if (bytes.length === 0) return
    const at = where % bytes.length
    bytes[at] = bytes[at]! ^ (1 << bit)
    // A bit in a line, or the line feed between two, costs two lines at most; none is read as something else.
    const { records: read } = decodeRecords(bytes)
    t.ok(read.length >= records.length - 2 && read.every((record) => 'n' in record && numbers.includes(record.n)))
  }), { numRuns: 100 })
  t.end()
})
