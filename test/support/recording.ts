import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { OPUS_DELAY_SAMPLES, OPUS_FRAME_SAMPLES, OpusFileWriter } from '../../codec/index.ts'
import type { RecordingRecord, RecordingSpan, RecordingStore } from '../../control/ports.ts'

/** A packet that says which frame it is. */
export const framePacket = (frame: number): Buffer => Buffer.from([0xf8, frame & 0xff, (frame >> 8) & 0xff, 7])

/** Puts a recording into the index, and a file of its frames into the folder. */
export function putRecording(recordings: RecordingStore, folder: string, record: Partial<RecordingRecord> & { readonly id: string; readonly room: string }): RecordingRecord {
  const { fromSamples = 0, untilSamples = 48_000, file = `${record.id}.opus` } = record
  const writer = new OpusFileWriter(fromSamples / OPUS_FRAME_SAMPLES, OPUS_DELAY_SAMPLES, { vendor: 'Loa', comments: [] })
  const pages = [writer.head]
  for (let frame = fromSamples / OPUS_FRAME_SAMPLES; frame < untilSamples / OPUS_FRAME_SAMPLES; frame += 1) pages.push(writer.add(framePacket(frame)) ?? Buffer.alloc(0))
  const bytes = Buffer.concat([...pages, writer.end()!])
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), bytes)
  const made: RecordingRecord = {
    kind: 'live', mode: 'full', format: 'opus-32', sourceId: null, orderId: null, class: 'normal', title: 'Bản tin', fromMs: 0, untilMs: 0, gaps: [], isOpen: false,
    ...record, file, fromSamples, untilSamples, bytes: bytes.length, sha256: record.isOpen === true ? null : createHash('sha256').update(bytes).digest('hex'),
  }
  recordings.put(made)
  return made
}

export const recordingSpan = (room: string, orderId: string, unitId: string, fromSamples: number, untilSamples: number): RecordingSpan =>
  ({ room, orderId, unitId, class: 'normal', title: 'Bản tin', fromSamples, untilSamples, isOpen: false })
