import { parse } from 'sdp-transform'
import type { RtpStream } from './ports.ts'

/** What of a session description tells how to hear it. */
export interface RtpDescription {
  readonly stream: RtpStream
  /** From its source filter (RFC 4570): who may send; null when it has none. */
  readonly senders: readonly string[] | null
}

/** Why a description cannot be used, in English and Vietnamese. */
export type DescriptionFault = readonly [message: string, messageVi: string]

const CODECS: Readonly<Record<string, RtpStream['codec']>> = { L16: 'l16', L24: 'l24', OPUS: 'opus' }
const GROUP = /^(?:2(?:2[4-9]|3\d)\.|ff[0-9a-f]{2}:)/i

/**
 * Reads a session description (RFC 8866) as AES67 and Ravenna devices give it: its first audio medium of a kind that can be played. For unicast the address in it is
 * that of a receiver, ours: it says nothing.
 */
export function readRtpDescription(sdp: string): RtpDescription | DescriptionFault {
  let session: ReturnType<typeof parse>
  try {
    session = parse(sdp)
  } catch {
    return ['is no session description', 'không phải mô tả phiên SDP']
  }
  for (const media of session.media) {
    if (media.type !== 'audio' || media.port === 0) continue
    const map = media.rtp.find(({ codec }) => codec.toUpperCase() in CODECS)
    if (map === undefined) continue
    const address = (media.connection ?? session.connection)?.ip.split('/', 1)[0] ?? ''
    const filter = media.sourceFilter ?? session.sourceFilter
    return {
      stream: {
        group: GROUP.test(address) ? address : null,
        port: media.port,
        codec: CODECS[map.codec.toUpperCase()]!,
        payloadType: map.payload,
        sampleRateHz: map.rate ?? 48_000,
        channels: map.encoding ?? 1,
      },
      senders: filter?.filterMode === 'incl' ? filter.srcList.trim().split(/\s+/) : null,
    }
  }
  return ['describes no sound that can be played: L16, L24 or Opus', 'không có âm thanh phát được: cần L16, L24 hoặc Opus']
}
