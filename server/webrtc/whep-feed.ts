import type { types } from 'mediasoup'
import { rtpPacket } from '../../codec/rtp/index.ts'
import type { ListenerSink } from '../../rooms/listener.ts'
import { readFrames } from '../rtp/frame-wire.ts'
import type { RtcWorker } from './rtc-worker.ts'

/** Within a router each direct transport has its own. */
const SSRC = 1

interface Branch {
  readonly payloadType: number
  readonly producer: types.Producer
}

/** A feed's sound in one worker, for as long as somebody there needs it. */
export interface FeedShare {
  readonly producer: types.Producer
  /** To be called when it is needed no more. Idempotent. */
  leave(): void
}

/**
 * What any number of monitors of one thing hear: one listener of the fan-out, whose frames become RTP packets that the worker gives to each of them. Number and time of
 * a packet follow from its place on the house clock, so they go on by themselves after a worker has died.
 */
export class WhepFeed implements ListenerSink {
  readonly state = 'open'
  readonly fd = -1
  readonly #frameSamples: number
  readonly #transports = new Map<string, { users: number; readonly opened: Promise<readonly [types.DirectTransport, types.Producer]> }>()
  readonly #branches = new Set<Branch>()

  constructor(frameSamples: number) {
    this.#frameSamples = frameSamples
  }

  /**
   * The sound of this feed in a worker, with a payload type; made for the first who needs it.
   * @throws what mediasoup throws when the worker dies meanwhile
   */
  async join(worker: RtcWorker, payloadType: number): Promise<FeedShare> {
    const key = `${String(worker.pid)}/${String(payloadType)}`
    let entry = this.#transports.get(key)
    if (entry === undefined) {
      entry = { users: 0, opened: this.#open(worker, payloadType) }
      this.#transports.set(key, entry)
    }
    const shared = entry
    shared.users += 1
    let left = false
    const leave = (): void => {
      if (left) return
      left = true
      shared.users -= 1
      if (shared.users > 0) return
      this.#transports.delete(key)
      shared.opened.then(([transport]) => { transport.close() }, () => undefined)
    }
    try {
      const [, producer] = await shared.opened
      return { producer, leave }
    } catch (error) {
      leave()
      throw error
    }
  }

  write(chunk: Buffer): void {
    readFrames(chunk, (frameIndex, data) => {
      for (const { payloadType, producer } of this.#branches) {
        producer.send(rtpPacket({ payloadType, marker: false, sequence: frameIndex, timestamp: frameIndex * this.#frameSamples, ssrc: SSRC }, data))
      }
    })
  }

  /** Its sessions are ended by who opened them. */
  close(): void {
    this.#branches.clear()
  }

  async #open(worker: RtcWorker, payloadType: number): Promise<readonly [types.DirectTransport, types.Producer]> {
    const transport = await (await worker.router(payloadType)).createDirectTransport()
    const producer = await transport.produce({
      kind: 'audio',
      rtpParameters: { codecs: [{ mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2, parameters: {}, rtcpFeedback: [] }], headerExtensions: [], encodings: [{ ssrc: SSRC }], rtcp: { cname: 'loa' } },
    })
    const branch: Branch = { payloadType, producer }
    this.#branches.add(branch)
    producer.observer.once('close', () => { this.#branches.delete(branch) })
    return [transport, producer]
  }
}
