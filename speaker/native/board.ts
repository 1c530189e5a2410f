import { createRequire } from 'node:module'
import { limiterDesign, TruePeakLimiter, varispeed, varispeedFilters, type LimiterOptions } from '../../codec/playback.ts'

declare const limiterBrand: unique symbol

interface LimiterHandle {
  readonly [limiterBrand]: true
}

/** What speaker/native/board.c exports. */
interface BoardNative {
  varispeed(filters: Float32Array, input: Float32Array, position: number, ratio: number, output: Float32Array, samples: number): void
  createLimiter(between: Float64Array, ceiling: number, loud: number, release: number, lookAhead: number): LimiterHandle
  limit(handle: LimiterHandle, block: Float32Array): void
  sizePipe(fd: number, bytes: number): number
  unread(fd: number): number
  giveBack(): number
}

function load(): BoardNative | null {
  try {
    return createRequire(import.meta.url)('../../build/board.node') as BoardNative
  } catch {
    return null
  }
}

/** Null when it has not been built (`npm run setup`): everything works without, and takes more of the processor and the memory. */
const native = load()

export const hasBoardNative = native !== null

/** `varispeed` of codec/. */
export const varispeedOnBoard: typeof varispeed = native === null
  ? varispeed
  : (input, position, ratio, output, outputSamples) => { native.varispeed(varispeedFilters(), input, position, ratio, output, outputSamples) }

/** `TruePeakLimiter` of codec/. @throws CodecError `CODEC_ERR_OPTION` */
export function limiterOnBoard(options: LimiterOptions): Pick<TruePeakLimiter, 'process'> {
  if (native === null) return new TruePeakLimiter(options)
  const { between, ceiling, loud, release, lookAheadSamples } = limiterDesign(options)
  const handle = native.createLimiter(between, ceiling, loud, release, lookAheadSamples)
  return { process: (block) => { native.limit(handle, block) } }
}

/** What a new pipe of Linux holds. */
const USUAL_PIPE_BYTES = 65_536

/** @returns what the pipe holds now, bytes */
export const sizePipe = (fd: number, bytes: number): number => native?.sizePipe(fd, bytes) ?? USUAL_PIPE_BYTES

/** Bytes in a pipe that nobody has read yet; undefined where nothing tells. */
export const unreadIn = (fd: number): number | undefined => native?.unread(fd)

/**
 * Lets go what was only needed to start: pages of program files that nothing was written to, and free heap. What is used of them comes back
 * as it is used.
 */
export function giveBackMemory(): void {
  native?.giveBack()
}
