import { OpusFileReader } from '../../codec/index.ts'

/** The packets of an Ogg Opus body of ours by their places on the house clock. */
export function packetsByFrame(ogg: Uint8Array): Map<number, Buffer> {
  const packets = new Map<number, Buffer>()
  const reader = new OpusFileReader(({ frameIndex, packet }) => { packets.set(frameIndex, Buffer.from(packet)) })
  reader.push(ogg)
  return packets
}

/** Collects a stream in the background. */
export class Capture {
  readonly #chunks: Buffer[] = []
  readonly #abort = new AbortController()
  bytes = 0

  constructor(url: string, headers: Record<string, string> = {}) {
    void (async () => {
      const response = await fetch(url, { headers, signal: this.#abort.signal })
      for await (const chunk of response.body!) {
        this.#chunks.push(Buffer.from(chunk as Uint8Array))
        this.bytes += (chunk as Uint8Array).length
      }
    })().catch(() => undefined) // it is ended by stop(), or by the server
  }

  /** What has come so far. */
  body(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  stop(): Buffer {
    this.#abort.abort()
    return this.body()
  }
}
