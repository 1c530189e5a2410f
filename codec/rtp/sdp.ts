import { RTP_CLOCK_HZ, RTP_PAYLOAD_TYPE, type RtpCodec } from './packetizer.ts'

/** What a session description of one of our streams is made from. */
export interface StreamDescription {
  /** Number of the session, the same for as long as the stream lives. */
  readonly sessionId: number
  /** Grows when the description changes. */
  readonly sessionVersion: number
  /** Address of this machine as receivers know it. */
  readonly originAddress: string
  readonly name: string
  /** Group, or the one receiver. */
  readonly address: string
  readonly port: number
  /** Null for unicast. Not written for IPv6, whose groups carry their scope (RFC 8866, 5.7). */
  readonly ttl: number | null
  readonly codec: RtpCodec
  readonly packetMs: number
  readonly ssrc: number
  readonly cname: string
  /** Samples at 48 kHz by which sound comes later out of the decoder than its timestamp says. */
  readonly codecDelaySamples: number
  readonly tool: string
}

/**
 * Describes a stream (RFC 8866; Opus: RFC 7587, 7; PCMU and L16: RFC 3551; source: RFC 5576).
 * `a=x-loa-codec-delay` is ours, for receivers that play by the sender reports' wall time; others pass over it.
 */
export function streamSdp(stream: StreamDescription): string {
  const type = RTP_PAYLOAD_TYPE[stream.codec]
  const family = stream.address.includes(':') ? 'IP6' : 'IP4'
  const connection = stream.ttl === null || family === 'IP6' ? stream.address : `${stream.address}/${String(stream.ttl)}`
  const lines = [
    'v=0',
    `o=- ${String(stream.sessionId)} ${String(stream.sessionVersion)} IN ${stream.originAddress.includes(':') ? 'IP6' : 'IP4'} ${stream.originAddress}`,
    `s=${oneLine(stream.name)}`,
    `c=IN ${family} ${connection}`,
    't=0 0',
    `a=tool:${oneLine(stream.tool)}`,
    'a=recvonly',
    `m=audio ${String(stream.port)} RTP/AVP ${String(type)}`,
    `a=rtpmap:${String(type)} ${rtpMap(stream.codec)}`,
    // Mono is what is sent and what need be decoded; the rtpmap says 2 for every Opus stream (RFC 7587, 7).
    ...(stream.codec === 'opus' ? [`a=fmtp:${String(type)} stereo=0;sprop-stereo=0`] : []),
    `a=ptime:${String(stream.packetMs)}`,
    `a=maxptime:${String(stream.packetMs)}`,
    `a=ssrc:${String(stream.ssrc)} cname:${stream.cname}`,
    `a=x-loa-codec-delay:${String(stream.codecDelaySamples)}`,
  ]
  return `${lines.join('\r\n')}\r\n`
}

function rtpMap(codec: RtpCodec): string {
  switch (codec) {
    case 'opus': return `opus/${String(RTP_CLOCK_HZ.opus)}/2`
    case 'l16': return `L16/${String(RTP_CLOCK_HZ.l16)}/1`
    case 'pcmu': return `PCMU/${String(RTP_CLOCK_HZ.pcmu)}`
  }
}

/** A line break would let a name write lines of its own; an empty session name is written as a dash (RFC 8866, 5.3). */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim() || '-'
