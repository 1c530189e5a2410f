import { crc32 } from 'node:zlib'
import type { Playing } from '../ports.ts'

/** Why a run is over. `crash`: found open at the next start, so what sounded after `untilSamples` is not known and not claimed. */
export type RunEnd = 'over' | 'interrupted' | 'crash'

/** What stands still while a run goes on. */
export interface RunStart {
  /** Null for a filler, which no order asks for. */
  readonly orderId: string | null
  readonly playing: Playing
  /** False: it left the device muted. */
  readonly audible: boolean
  /** Whether the device verifies what it plays: then this was signed by a key it trusts. */
  readonly verified: boolean
}

/** How far a run has come. */
export interface RunProgress {
  /** House sample after the last one that has left the device. */
  readonly untilSamples: number
  /** Of those between, so many did not sound: lost or late. */
  readonly missingSamples: number
  /** Whether a sensor has heard it; null: there is none. */
  readonly heard: boolean | null
}

/** One uninterrupted run of one order, as it is kept and sent. */
export interface PlayLogEntry extends RunStart, RunProgress {
  /** Counts up by one from 1 in one log. */
  readonly number: number
  /** House sample of the first one that has left the device. */
  readonly fromSamples: number
  /** House time at which that one was heard, by the device's clock, µs. */
  readonly heardAtHouseUs: number
  readonly end: RunEnd
}

export type LogRecord =
  /** First line of a file: what was before it. */
  | { readonly r: 'base'; readonly logId: string; readonly next: number; readonly acked: number; readonly dropped: number; readonly lastSamples: number | null }
  | ({ readonly r: 'open'; readonly n: number; readonly fromSamples: number; readonly heardAtHouseUs: number } & RunStart & RunProgress)
  | ({ readonly r: 'until'; readonly n: number } & RunProgress)
  | ({ readonly r: 'close'; readonly n: number; readonly end: RunEnd } & RunProgress)
  /** The server has taken all entries up to this one. */
  | { readonly r: 'acked'; readonly n: number }

/** `crc32 json\n`: lines can be read by people, and a torn or rotten one is known. JSON writes no line feed of its own. */
export function encodeRecord(record: LogRecord): string {
  const json = JSON.stringify(record)
  return `${checksum(json)} ${json}\n`
}

export interface ReadRecords {
  readonly records: readonly LogRecord[]
  /** Up to the end of the last whole line; what comes after is the torn tail of the last write. */
  readonly wholeBytes: number
  /** Lines in between whose checksum is wrong. */
  readonly damagedLines: number
}

/** Reads what is whole. A line that is damaged costs itself alone. */
export function decodeRecords(bytes: Buffer): ReadRecords {
  const records: LogRecord[] = []
  let at = 0
  let damagedLines = 0
  let wholeBytes = 0
  let damagedSinceWhole = 0
  for (;;) {
    const lineEnd = bytes.indexOf(0x0a, at)
    if (lineEnd === -1) break
    const record = decodeLine(bytes.toString('utf8', at, lineEnd))
    at = lineEnd + 1
    if (record === null) {
      damagedSinceWhole += 1
      continue
    }
    damagedLines += damagedSinceWhole
    damagedSinceWhole = 0
    wholeBytes = at
    records.push(record)
  }
  return { records, wholeBytes, damagedLines }
}

const CHECKSUM_CHARACTERS = 8

const checksum = (text: string): string => crc32(text).toString(16).padStart(CHECKSUM_CHARACTERS, '0')

function decodeLine(line: string): LogRecord | null {
  const json = line.slice(CHECKSUM_CHARACTERS + 1)
  if (line[CHECKSUM_CHARACTERS] !== ' ' || line.slice(0, CHECKSUM_CHARACTERS) !== checksum(json)) return null
  // Whatever carries its checksum was written by this program; JSON that does not parse cannot be here but by design.
  try {
    return JSON.parse(json) as LogRecord
  } catch {
    return null
  }
}
