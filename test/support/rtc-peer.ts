import { MediaStreamTrack, RTCPeerConnection, useOPUS, type PeerConfig, type RtpPacket } from 'werift'
import { rtpPacket } from '../../codec/rtp/index.ts'

export interface PeerOptions {
  /** Of the answer's candidates only those that match are used. */
  readonly candidates?: RegExp
  /** What becomes of the offer before it is sent. */
  readonly rewrite?: (offer: string) => string
  readonly config?: Partial<PeerConfig>
}

/** Takes an offer, gives the answer: an HTTP endpoint or what stands behind it. */
export type Exchange = (offer: string) => Promise<string>

const BASE: Partial<PeerConfig> = { codecs: { audio: [useOPUS()] }, iceServers: [], iceUseIpv6: false, iceAdditionalHostAddresses: ['127.0.0.1'] }

/** A WebRTC client that is not of the browsers' family: no trickling, everything in one offer. */
export class RtcPeer {
  readonly #connection: RTCPeerConnection
  readonly #track: MediaStreamTrack | undefined
  #sequence = 0
  /** Packets that have come, as they came. */
  readonly received: RtpPacket[] = []

  private constructor(connection: RTCPeerConnection, track: MediaStreamTrack | undefined) {
    this.#connection = connection
    this.#track = track
    connection.onTrack.subscribe((come) => { come.onReceiveRtp.subscribe((packet) => { this.received.push(packet) }) })
  }

  static async publish(exchange: Exchange, options: PeerOptions = {}): Promise<RtcPeer> {
    const track = new MediaStreamTrack({ kind: 'audio' })
    const connection = new RTCPeerConnection({ ...BASE, ...options.config })
    connection.addTransceiver(track, { direction: 'sendonly' })
    return RtcPeer.#connect(new RtcPeer(connection, track), exchange, options)
  }

  static async play(exchange: Exchange, options: PeerOptions = {}): Promise<RtcPeer> {
    const connection = new RTCPeerConnection({ ...BASE, ...options.config })
    connection.addTransceiver('audio', { direction: 'recvonly' })
    return RtcPeer.#connect(new RtcPeer(connection, undefined), exchange, options)
  }

  static async #connect(peer: RtcPeer, exchange: Exchange, { candidates, rewrite }: PeerOptions): Promise<RtcPeer> {
    try {
      await peer.#exchange(exchange, candidates, rewrite)
      return peer
    } catch (error) {
      await peer.close()
      throw error
    }
  }

  async #exchange(exchange: Exchange, candidates: RegExp | undefined, rewrite: PeerOptions['rewrite']): Promise<void> {
    const connection = this.#connection
    await connection.setLocalDescription(await connection.createOffer())
    const offer = connection.localDescription!.sdp
    const answer = await exchange(rewrite === undefined ? offer : rewrite(offer))
    const sdp = candidates === undefined ? answer : answer.split('\r\n').filter((line) => !line.startsWith('a=candidate:') || candidates.test(line)).join('\r\n')
    await connection.setRemoteDescription({ type: 'answer', sdp })
  }

  get state(): string {
    return this.#connection.connectionState
  }

  /** Sends a frame of Opus of 20 ms as the next packet. */
  send(frame: Uint8Array): void {
    this.#sequence += 1
    this.#track!.writeRtp(rtpPacket({ payloadType: 96, marker: false, sequence: this.#sequence, timestamp: this.#sequence * 960, ssrc: 1 }, frame))
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
