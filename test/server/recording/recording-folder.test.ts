import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { isMissing } from '../../../codec/index.ts'
import type { RecordingPiece, RecordingSound } from '../../../control/ports.ts'
import { openRecordingFolder } from '../../../server/recording/recording-folder.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { packetsByFrame } from '../../support/opus-capture.ts'
import { framePacket, putRecording } from '../../support/recording.ts'
import { fc } from '../../support/seed.ts'

const FRAME = 960

const root = mkdtempSync(join(tmpdir(), 'loa-folder-'))
t.teardown(() => { rmSync(root, { recursive: true, force: true }) })
const store = SqliteStore.inMemory()
t.teardown(() => { store.close() })
const folder = openRecordingFolder(root)

async function bytesOf(sound: RecordingSound, from = 0, until = sound.bytes): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of sound.read(from, until)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** In order of time, none before the end of the one before. */
function inTurn(pieces: readonly RecordingPiece[]): RecordingPiece[] {
  let next = -Infinity
  return [...pieces].sort((x, y) => x.fromSamples - y.fromSamples).map((piece) => {
    const fromSamples = Math.max(piece.fromSamples, next)
    next = Math.max(fromSamples, piece.untilSamples)
    return { ...piece, fromSamples }
  })
}

t.test('any cut has the frames of its pieces at their places, and any ranges of it put together are the cut', async () => {
  putRecording(store.recordings, root, { id: 'a', room: 'a', untilSamples: 300 * FRAME })
  putRecording(store.recordings, root, { id: 'b', room: 'b', fromSamples: 200 * FRAME, untilSamples: 500 * FRAME })
  const piece = fc.tuple(fc.constantFrom('a.opus', 'b.opus'), fc.nat(320 * FRAME), fc.nat(100 * FRAME)).map(([file, from, length]) => ({ file, fromSamples: (file === 'a.opus' ? 0 : 180 * FRAME) + from, untilSamples: (file === 'a.opus' ? 0 : 180 * FRAME) + from + length }))
  await fc.assert(fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 3 }), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }), async (pieces, cuts) => {
    const ordered = inTurn(pieces)
    const sound = await folder.cut(ordered, 'x')
    const whole = await bytesOf(sound)
    if (whole.length !== sound.bytes) return false
    const edges = [0, ...cuts.map((cut) => Math.floor(cut * sound.bytes)).sort((x, y) => x - y), sound.bytes]
    const parts = await Promise.all(edges.slice(1).map((edge, index) => bytesOf(sound, edges[index], edge)))
    if (!Buffer.concat(parts).equals(whole)) return false
    const expected = new Set(ordered.flatMap(({ file, fromSamples, untilSamples }) => Array.from({ length: 300 }, (_, index) => index + (file === 'a.opus' ? 0 : 200)).filter((frame) => frame * FRAME >= fromSamples && frame * FRAME < untilSamples)))
    const frames = packetsByFrame(whole)
    const places = [...frames.keys()]
    return places.every((frame, index) => index === 0 || frame === places[index - 1]! + 1)
      && [...frames].every(([frame, packet]) => (expected.has(frame) ? packet.equals(framePacket(frame)) : isMissing(packet)))
      && [...expected].every((frame) => frames.has(frame))
  }), { numRuns: 60 })
})

t.test('a file that grows is sent as it was when it was asked for', async (t) => {
  putRecording(store.recordings, root, { id: 'g', room: 'g', untilSamples: 200 * FRAME })
  const all = readFileSync(join(root, 'g.opus'))
  writeFileSync(join(root, 'g.opus.part'), all.subarray(0, all.length - 400))
  rmSync(join(root, 'g.opus'))
  const piece = { file: 'g.opus', fromSamples: 10 * FRAME, untilSamples: 200 * FRAME }
  const sound = await folder.cut([piece], 'x')
  appendFileSync(join(root, 'g.opus.part'), all.subarray(all.length - 400))
  const sent = await bytesOf(sound)
  t.equal(sent.length, sound.bytes)
  const frames = [...packetsByFrame(sent).keys()]
  t.same([frames[0], frames.length], [10, 90], 'whole pages, and none that came later')
  renameSync(join(root, 'g.opus.part'), join(root, 'g.opus'))
  t.equal(packetsByFrame(await bytesOf(await folder.cut([piece], 'x'))).size, 190, 'now it is whole')
  t.ok((await bytesOf((await folder.whole('g.opus'))!)).equals(all))
  await folder.remove('g.opus')
  t.equal(await folder.whole('g.opus'), undefined)
  t.equal((await folder.cut([piece], 'y')).bytes, 0)
  await folder.remove('g.opus')
})
