import { randomBytes, randomInt } from 'node:crypto'
import type { RemoteInfo } from 'node:dgram'
import { ntpMiddle, ntpTime, parseRtcp, parseRtpPacket, receiverReport, rtpPacket, senderBye, senderReport, UINT16, UINT32, type NtpTime, type ReportBlock, type SenderInfo } from '../../../codec/rtp/index.ts'
import type { Clock } from '../../../rooms/clock.ts'
import type { AgreedAudio } from './description.ts'
import { Latch, type MediaAddress } from './latch.ts'
import { TICK_MS, type MediaClock } from './media-clock.ts'
import type { RtpSockets } from './rtp-ports.ts'
import { SRTP_KEY_BYTES, SRTP_SALT_BYTES, SrtpContext, type SrtpSuite } from './srtp.ts'
import { TelephoneEvents } from './telephone-events.ts'
import { ToneKeys } from './tone-keys.ts'
import { createVoiceEncoder, VOICE_CLOCK_HZ } from './voice-codec.ts'
import { VoicePlayer } from './voice-player.ts'
import { VoiceReceiver } from './voice-receiver.ts'

export interface CallMediaEvents {
  onSound(pcm: Float32Array): void
  onKey(key: string): void
  /** No media have come for the time that was set, nor an authentic report. Once. */
  onSilentWire(): void
}

export interface CallMediaOptions {
  readonly sockets: RtpSockets
  readonly clock: Clock
  readonly ticks: MediaClock
  /** Where the call's signalling comes from. */
  readonly signallingAddress: string
  /** Without a packet for so long the caller is gone; not on hold. */
  readonly timeoutMs: number
  readonly events: CallMediaEvents
}

/** RFC 3550, 6.2: five seconds, half to one and a half of it. */
const REPORT_MS = 5000
const COMFORT_NOISE_TYPE = 13
/** In the place of the payload type, of RTCP on the port of RTP (RFC 5761, 4). */
const isControl = (packet: Buffer): boolean => packet.length >= 8 && packet[1]! >= 192 && packet[1]! <= 223

interface Secrets {
  readonly suite: SrtpSuite
  readonly remoteKey: Buffer
  readonly incoming: SrtpContext
  readonly outgoing: SrtpContext
}

/** Which way of telling keys this caller uses: the first that is heard. Some phones use several at once. */
type KeyWay = 'events' | 'tones' | 'info'

/** The sound of one call: two sockets, what comes in and what goes out, and the reports on both. */
export class CallMedia {
  readonly port: number
  /** Key for our direction of an encrypted call; told to the other side by our description. */
  readonly keyAndSalt = randomBytes(SRTP_KEY_BYTES + SRTP_SALT_BYTES)
  readonly #options: CallMediaOptions
  readonly #latch: Latch
  readonly #leave: () => void
  readonly #events: TelephoneEvents
  readonly #tones: ToneKeys
  #agreed: AgreedAudio
  #receiver: VoiceReceiver
  #player: VoicePlayer
  #secrets: Secrets | null = null
  #keyWay: KeyWay | null = null
  #lastPacketMs: number
  #closed = false
  /** Our stream. */
  readonly #ssrc = randomInt(UINT32)
  readonly #cname = `${randomBytes(6).toString('hex')}@loa`
  #sequence = randomInt(UINT16)
  #timestamp = randomInt(UINT32)
  #sentPackets = 0
  #sentOctets = 0
  #marker = true
  /** Reports. */
  #nextReportMs: number
  #rtcpFrom: MediaAddress | null = null
  #senderReport: { readonly middle: number; readonly atMs: number } | null = null
  #reportedExpected = 0
  #reportedReceived = 0
  /** Packets thrown away: of strangers, of unknown types, not authentic. */
  droppedTotal = 0

  constructor(agreed: AgreedAudio, options: CallMediaOptions) {
    const { sockets, clock, signallingAddress } = options
    this.#options = options
    this.#agreed = agreed
    this.port = sockets.port
    const nowMs = clock.monotonicMs()
    this.#lastPacketMs = nowMs
    this.#nextReportMs = nowMs + this.#reportInterval()
    this.#latch = new Latch(agreed.remote, signallingAddress, nowMs)
    this.#events = new TelephoneEvents((key) => { this.#press(key, 'events') })
    this.#tones = new ToneKeys((key) => { this.#press(key, 'tones') })
    this.#receiver = this.#openReceiver(agreed)
    this.#player = new VoicePlayer(createVoiceEncoder(agreed.codec))
    this.#useSecrets(agreed)
    sockets.rtp.on('message', (packet, from) => { if (isControl(packet)) this.#takeControl(packet, from); else this.#take(packet, from) })
    sockets.rtcp.on('message', (packet, from) => { this.#takeControl(packet, from) })
    this.#leave = options.ticks.join((tickMs, skipped) => { this.#tick(tickMs, skipped) })
  }

  /** Packets of the caller that were lost on the way. */
  get lostTotal(): number {
    return this.#receiver.lostTotal
  }

  /** A new description of the other side: hold, another address, codec or key. */
  update(agreed: AgreedAudio): void {
    const before = this.#agreed
    this.#agreed = agreed
    this.#latch.describe(agreed.remote)
    this.#useSecrets(agreed)
    if (agreed.codec !== before.codec) {
      this.#receiver.close()
      this.#receiver = this.#openReceiver(agreed)
      this.#player.close()
      this.#player = new VoicePlayer(createVoiceEncoder(agreed.codec))
      this.#reportedExpected = this.#reportedReceived = 0
    }
    this.#receiver.muted = !agreed.receives
    if (agreed.held) this.#player.stop()
    if (before.held && !agreed.held) {
      this.#marker = true
      this.#lastPacketMs = this.#options.clock.monotonicMs()
    }
  }

  /** As PhoneCall.play. */
  play(pcm: Float32Array): Promise<boolean> {
    return this.#closed ? Promise.resolve(false) : this.#player.play(pcm)
  }

  stopPlaying(): void {
    this.#player.stop()
  }

  /** A key that came by signalling. */
  pressByInfo(key: string): void {
    this.#press(key, 'info')
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#leave()
    this.#sendControl(senderBye(this.#senderInfo(), { cname: this.#cname }, ''))
    this.#player.close()
    this.#receiver.close()
    // What was just sent is still with the runtime.
    setImmediate(() => { this.#options.sockets.close() })
  }

  #openReceiver(agreed: AgreedAudio): VoiceReceiver {
    const receiver = new VoiceReceiver(agreed.codec, (pcm) => {
      this.#options.events.onSound(pcm)
      if (this.#agreed.eventPayloadType === null && this.#keyWay !== 'info') this.#tones.push(pcm)
    })
    receiver.muted = !agreed.receives
    return receiver
  }

  #useSecrets({ crypto }: AgreedAudio): void {
    const before = this.#secrets
    if (crypto === null) {
      this.#secrets = null
      return
    }
    const { suite, remoteKey } = crypto
    const sameSuite = before?.suite === suite
    if (sameSuite && before.remoteKey.equals(remoteKey)) return
    // Our own key stays, and with it the count of our packets, unless the suite is another.
    this.#secrets = { suite, remoteKey, incoming: new SrtpContext(suite, remoteKey), outgoing: sameSuite ? before.outgoing : new SrtpContext(suite, this.keyAndSalt) }
  }

  #press(key: string, way: KeyWay): void {
    this.#keyWay ??= way
    if (this.#keyWay === way) this.#options.events.onKey(key)
  }

  #take(packet: Buffer, { address, port }: RemoteInfo): void {
    if (this.#closed) return
    const secrets = this.#secrets
    const clear = secrets === null ? packet : secrets.incoming.unprotect(packet)
    const read = clear === undefined ? undefined : parseRtpPacket(clear)
    if (read === undefined || !this.#isOurs(read.payloadType)) {
      this.droppedTotal += 1
      return
    }
    const nowMs = this.#options.clock.monotonicMs()
    if (!this.#latch.take({ address, port }, read.ssrc, read.sequence, nowMs, secrets !== null)) {
      this.droppedTotal += 1
      return
    }
    this.#lastPacketMs = nowMs
    const isEvent = read.payloadType === this.#agreed.eventPayloadType
    if (isEvent) this.#events.push(read.timestamp, read.marker, read.payload)
    this.#receiver.push(read, read.payload, read.payloadType === this.#agreed.payloadType, nowMs)
  }

  #isOurs(payloadType: number): boolean {
    return payloadType === this.#agreed.payloadType || payloadType === this.#agreed.eventPayloadType || (payloadType === COMFORT_NOISE_TYPE && this.#agreed.codec !== 'opus')
  }

  #takeControl(packet: Buffer, { address, port }: RemoteInfo): void {
    if (this.#closed || address !== this.#latch.target?.address) return
    const clear = this.#secrets === null ? packet : this.#secrets.incoming.unprotectControl(packet)
    const read = clear === undefined ? undefined : parseRtcp(clear)
    if (read === undefined) return
    const nowMs = this.#options.clock.monotonicMs()
    // In the clear anybody can write it in the caller's name: it keeps no call alive whose media have ended.
    if (this.#secrets !== null) this.#lastPacketMs = nowMs
    this.#rtcpFrom = { address, port }
    for (const part of read) if (part.type === 'sender-report') this.#senderReport = { middle: ntpMiddle(part.sender.ntp), atMs: nowMs }
  }

  #tick(nowMs: number, skipped: number): void {
    this.#receiver.tick(nowMs, this.#agreed.held)
    if (!this.#agreed.held && nowMs - this.#lastPacketMs > this.#options.timeoutMs) {
      this.#lastPacketMs = Infinity
      this.#options.events.onSilentWire()
      return
    }
    const step = (VOICE_CLOCK_HZ[this.#agreed.codec] * TICK_MS) / 1000
    this.#timestamp = (this.#timestamp + skipped * step) % UINT32
    if (this.#agreed.sends) this.#sendSound()
    this.#timestamp = (this.#timestamp + step) % UINT32
    if (nowMs >= this.#nextReportMs) {
      this.#nextReportMs = nowMs + this.#reportInterval()
      this.#report(nowMs)
    }
  }

  #sendSound(): void {
    const { payload, begins } = this.#player.next()
    const target = this.#latch.target
    if (target === null) return
    const packet = rtpPacket({ payloadType: this.#agreed.payloadType, marker: this.#marker || begins, sequence: this.#sequence, timestamp: this.#timestamp, ssrc: this.#ssrc }, payload)
    this.#marker = false
    this.#sequence = (this.#sequence + 1) % UINT16
    this.#sentPackets += 1
    this.#sentOctets += payload.length
    this.#options.sockets.rtp.send(this.#secrets?.outgoing.protect(packet) ?? packet, target.port, target.address, ignoreError)
  }

  #report(nowMs: number): void {
    const block = this.#reportBlock(nowMs)
    const blocks = block === null ? [] : [block]
    const description = { cname: this.#cname }
    this.#sendControl(this.#sentPackets > 0 ? senderReport(this.#senderInfo(), description, blocks) : receiverReport(this.#ssrc, blocks, this.#cname))
  }

  #senderInfo(): SenderInfo {
    const ntp: NtpTime = ntpTime(this.#options.clock.wallMs())
    return { ssrc: this.#ssrc, ntp, rtpTimestamp: this.#timestamp, packets: this.#sentPackets % UINT32, octets: this.#sentOctets % UINT32 }
  }

  #reportBlock(nowMs: number): ReportBlock | null {
    const figures = this.#receiver.figures()
    if (figures === null) return null
    const expected = figures.expected - this.#reportedExpected
    const received = figures.received - this.#reportedReceived
    this.#reportedExpected = figures.expected
    this.#reportedReceived = figures.received
    return {
      ssrc: figures.ssrc,
      lostShare: expected <= 0 ? 0 : Math.max(0, (expected - received) / expected),
      lostTotal: figures.expected - figures.received,
      highestSequence: figures.highestSequence,
      jitter: figures.jitterTicks,
      lastSenderReport: this.#senderReport?.middle ?? 0,
      delaySinceSenderReport: this.#senderReport === null ? 0 : Math.round(((nowMs - this.#senderReport.atMs) / 1000) * UINT16),
    }
  }

  #sendControl(packet: Buffer): void {
    const target = this.#latch.target
    if (target === null) return
    const secret = this.#secrets?.outgoing.protectControl(packet) ?? packet
    const { rtp, rtcp } = this.#options.sockets
    if (this.#agreed.rtcpMux) rtp.send(secret, target.port, target.address, ignoreError)
    else if (this.#rtcpFrom?.address === target.address) rtcp.send(secret, this.#rtcpFrom.port, this.#rtcpFrom.address, ignoreError)
    else rtcp.send(secret, this.#latch.isLatched && target.port < UINT16 - 1 ? target.port + 1 : this.#agreed.remoteRtcpPort, target.address, ignoreError)
  }

  readonly #reportInterval = (): number => REPORT_MS * (0.5 + Math.random())
}

/** The network loses packets; silence of the other side is what ends a call. */
const ignoreError = (): void => undefined
