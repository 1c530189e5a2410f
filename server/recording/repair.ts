import { isMissing, OPUS_FRAME_SAMPLES, OpusFileReader } from '../../codec/index.ts'
import type { SampleSpan, TapeReport } from '../link/recorder-messages.ts'
import { subjectOf } from './tape.ts'
import type { TapeDisk } from './tape-disk.ts'

/** Finds out from a file itself what is in it. @returns undefined when there is no frame in it, or it is none of ours */
export async function readTape(disk: TapeDisk, file: string): Promise<TapeReport | undefined> {
  let firstFrame: number | undefined
  let nextFrame = 0
  const gaps: { fromSamples: number; untilSamples: number }[] = []
  const reader = new OpusFileReader(({ frameIndex, packet }) => {
    firstFrame ??= frameIndex
    nextFrame = frameIndex + 1
    if (isMissing(packet)) lengthen(gaps, frameIndex * OPUS_FRAME_SAMPLES)
  })
  await disk.read(file, (chunk) => { reader.push(chunk) })
  const subject = subjectOf(reader.tags)
  if (firstFrame === undefined || subject === undefined) return undefined
  return { ...subject, file, fromSamples: firstFrame * OPUS_FRAME_SAMPLES, untilSamples: nextFrame * OPUS_FRAME_SAMPLES, bytes: reader.goodBytes, gaps, isOpen: false, sha256: null }
}

/**
 * Makes a file good that a killed recorder has left: cuts the page that was being written, and finds out what is in it.
 * @returns undefined when there was no frame in it: it is removed.
 */
export async function repairTape(disk: TapeDisk, file: string): Promise<TapeReport | undefined> {
  const found = await readTape(disk, file)
  if (found === undefined) {
    await disk.remove(file)
    return undefined
  }
  await disk.truncate(file, found.bytes)
  return { ...found, sha256: await disk.sha256(file) }
}

function lengthen(gaps: { fromSamples: number; untilSamples: number }[], atSamples: number): void {
  const last: SampleSpan | undefined = gaps.at(-1)
  if (last?.untilSamples === atSamples) gaps[gaps.length - 1] = { ...last, untilSamples: atSamples + OPUS_FRAME_SAMPLES }
  else gaps.push({ fromSamples: atSamples, untilSamples: atSamples + OPUS_FRAME_SAMPLES })
}
