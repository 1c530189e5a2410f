import { MediaStreamTrack, RTCPeerConnection, useOPUS } from 'werift'
import { waitUntil } from './processes.ts'

const PACKET_MS = 20
const PACKET_SAMPLES = 960
const PAYLOAD_TYPE = 111

export interface WhipSenderOptions {
  readonly url: string
  readonly key: string
  /** Sent in turn, one in 20 ms, over and over. */
  readonly packets: readonly Buffer[]
  /** A packet is about to go. @param index of `packets` */
  readonly onSend?: (index: number, atMs: number) => void
}

/** A WHIP client that sends Opus made before: costs little, so many fit into one process. */
export class WhipSender {
  readonly #connection: RTCPeerConnection
  readonly #track: MediaStreamTrack
  readonly #options: WhipSenderOptions
  readonly #location: string
  #timer: NodeJS.Timeout | undefined

  /** Resolves when packets flow. @throws when the offer is refused, or no connection comes about */
  static async open(options: WhipSenderOptions): Promise<WhipSender> {
    const codec = useOPUS({ payloadType: PAYLOAD_TYPE })
    const connection = new RTCPeerConnection({ codecs: { audio: [codec] }, iceServers: [], iceAdditionalHostAddresses: ['127.0.0.1'] })
    const track = new MediaStreamTrack({ kind: 'audio' })
    connection.addTransceiver(track, { direction: 'sendonly' })
    await connection.setLocalDescription(await connection.createOffer())
    const response = await fetch(options.url, { method: 'POST', headers: { 'authorization': `Bearer ${options.key}`, 'content-type': 'application/sdp' }, body: connection.localDescription!.sdp })
    const answer = await response.text()
    if (response.status !== 201) throw new Error(`the offer was answered with ${String(response.status)} ${answer}`)
    await connection.setRemoteDescription({ type: 'answer', sdp: answer })
    await waitUntil('the WHIP client is connected', () => connection.connectionState === 'connected')
    const sender = new WhipSender(options, connection, track, response.headers.get('location') ?? '')
    sender.#run()
    return sender
  }

  private constructor(options: WhipSenderOptions, connection: RTCPeerConnection, track: MediaStreamTrack, location: string) {
    this.#options = options
    this.#connection = connection
    this.#track = track
    this.#location = location
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await fetch(new URL(this.#location, this.#options.url), { method: 'DELETE', headers: { authorization: `Bearer ${this.#options.key}` } }).catch(() => undefined)
    await this.#connection.close()
  }

  #run(): void {
    const { packets, onSend } = this.#options
    // Each somewhere else in the grid's tick, as senders are.
    const startedMs = performance.now() + Math.random() * PACKET_MS
    const header = Buffer.alloc(12)
    header[0] = 0x80
    let count = 0
    const send = (): void => {
      const payload = packets[count % packets.length]!
      header[1] = PAYLOAD_TYPE | (count === 0 ? 0x80 : 0)
      header.writeUInt16BE(count & 0xffff, 2)
      header.writeUInt32BE((count * PACKET_SAMPLES) >>> 0, 4)
      onSend?.(count % packets.length, performance.now())
      this.#track.writeRtp(Buffer.concat([header, payload]))
      count += 1
      // By absolute times: a timer that is late makes the next ones no later.
      this.#timer = setTimeout(send, Math.max(0, startedMs + count * PACKET_MS - performance.now()))
    }
    this.#timer = setTimeout(send, startedMs - performance.now())
  }
}
