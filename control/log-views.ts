import type { AirRecord, Logged } from './ports.ts'
import type { AirLogEntryView } from './schemas/log.ts'
import { formatTime } from './time.ts'

/** An entry of the air log as the API shows it. */
export const airView = (entry: Logged<AirRecord>): AirLogEntryView => ({
  seq: entry.seq,
  at: formatTime(entry.atMs),
  orderId: entry.orderId,
  class: entry.class,
  title: entry.title,
  unitId: entry.unitId,
  issuerUnitId: entry.issuerUnitId,
  sourceId: entry.sourceId,
  clipIds: entry.clipIds === null ? null : [...entry.clipIds],
  clusterIds: [...entry.clusterIds],
  plannedFrom: formatTime(entry.plannedFromMs),
  plannedUntil: formatTime(entry.plannedUntilMs),
  from: formatTime(entry.fromMs),
  until: formatTime(entry.untilMs),
  plannedMs: entry.plannedMs,
  airMs: entry.airMs,
  sentMs: entry.sentMs,
  end: entry.end,
  field: entry.field,
  soundedMs: entry.soundedMs,
  hash: entry.hash,
})
