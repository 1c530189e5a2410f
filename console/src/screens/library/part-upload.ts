/** Longest wait between two tries while the line is away, ms. */
const MOST_WAIT_MS = 30_000
const FIRST_WAIT_MS = 1000
/** Small enough that a slow line shows movement, large enough that asking costs nothing. */
export const PART_BYTES = 4 * 1024 * 1024

/** What an upload needs of the world. Whatever they throw is asked of `isFinal`. */
export interface UploadTransport<Done> {
  /** Begins, or finds one that was begun before. */
  begin(): Promise<{ readonly id: string; readonly offset: number }>
  /** How many bytes the server has. */
  offset(id: string): Promise<number>
  /** @returns how many bytes the server has then */
  send(id: string, from: number, to: number): Promise<number>
  finish(id: string): Promise<Done>
  /** Ends early when the line comes back. */
  wait(ms: number): Promise<void>
  /** Whether to try again is of no use: the server said no. */
  isFinal(error: unknown): boolean
  /** Bytes at the server; `waiting`: the line is away. */
  onState(offset: number, state: 'sending' | 'waiting' | 'finishing'): void
}

/** Sends a file part by part until it is a clip, over however many broken connections, never a byte twice that the server has. */
export async function uploadInParts<Done>(sizeBytes: number, transport: UploadTransport<Done>): Promise<Done> {
  let waitMs = FIRST_WAIT_MS
  let known = 0
  const untilDone = async <T>(work: (isRepeated: boolean) => Promise<T>): Promise<T> => {
    for (let isRepeated = false; ; isRepeated = true) {
      try {
        const done = await work(isRepeated)
        waitMs = FIRST_WAIT_MS
        return done
      } catch (error) {
        if (transport.isFinal(error)) throw error
        transport.onState(known, 'waiting')
        await transport.wait(waitMs)
        waitMs = Math.min(MOST_WAIT_MS, waitMs * 2)
      }
    }
  }
  const begun = await untilDone(() => transport.begin())
  known = begun.offset
  while (known < sizeBytes) {
    known = await untilDone(async (isRepeated) => {
      if (isRepeated) known = await transport.offset(begun.id)
      transport.onState(known, 'sending')
      return known >= sizeBytes ? known : transport.send(begun.id, known, Math.min(sizeBytes, known + PART_BYTES))
    })
    transport.onState(known, 'sending')
  }
  transport.onState(known, 'finishing')
  return untilDone(() => transport.finish(begun.id))
}
