import { MediaStreamTrack, RTCPeerConnection, useOPUS } from 'werift'
import { PAYLOAD_TYPE, sendPaced, type Packets } from './paced-packets.ts'
import { waitUntil } from './processes.ts'

export interface WhipSenderOptions extends Packets {
  readonly url: string
  readonly key: string
}

/** A WHIP client that sends Opus made before: costs little, so many fit into one process. */
export class WhipSender {
  readonly #connection: RTCPeerConnection
  readonly #track: MediaStreamTrack
  #stop: () => void = () => undefined
  readonly #options: WhipSenderOptions
  readonly #location: string

  /** Resolves when it is connected: making many connections takes this process's time, so none sends meanwhile. @throws when the offer is refused, or no connection comes about */
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
    return new WhipSender(options, connection, track, response.headers.get('location') ?? '')
  }

  private constructor(options: WhipSenderOptions, connection: RTCPeerConnection, track: MediaStreamTrack, location: string) {
    this.#options = options
    this.#connection = connection
    this.#track = track
    this.#location = location
  }

  /** Packets flow from now on. */
  start(): void {
    this.#stop = sendPaced(this.#options, (rtp) => { this.#track.writeRtp(rtp) })
  }

  async close(): Promise<void> {
    this.#stop()
    await fetch(new URL(this.#location, this.#options.url), { method: 'DELETE', headers: { authorization: `Bearer ${this.#options.key}` } }).catch(() => undefined)
    await this.#connection.close()
  }
}
