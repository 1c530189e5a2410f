import { BLOCK_SAMPLES } from '../../rooms/programme.ts'
import { KIND_JSON } from '../link/framed-socket.ts'

/**
 * How an engine reads sources that another one runs, in messages of framed-socket.ts:
 *
 * | kind | from | payload |
 * |---|---|---|
 * | 1 wanted | reader | JSON array of source ids; replaces the one before |
 * | 2 block | engine of the sources | 8 bytes house sample (double), 4 bytes samples that are sound, 3 bytes of nothing, the samples (float), source id |
 *
 * One block for each wanted source and 20 ms, also when it has no sound: a source that says nothing at all is out of reach. Both ends are
 * processes of one machine and one build, so numbers are in its byte order.
 */
export const PCM_KIND = { WANTED: KIND_JSON, BLOCK: 2 } as const

/** Behind the header of the message the samples then stand at a multiple of four, so that they are copied as floats. */
export const PCM_AT = 15
export const PCM_BYTES = BLOCK_SAMPLES * Float32Array.BYTES_PER_ELEMENT
export const MAX_PCM_MESSAGE_BYTES = 1024 * 1024
