import { OPUS_DELAY_SAMPLES, PCMU_DELAY_SAMPLES } from '../../codec/index.ts'
import { streamSdp, type RtpCodec } from '../../codec/rtp/index.ts'
import { version } from '../version.ts'
import type { RtpOutputSpec } from '../link/rtp-messages.ts'
import { originAddress } from './local-address.ts'
import { streamIdentity } from './stream-identity.ts'

const CODEC_DELAY_SAMPLES: Readonly<Record<RtpCodec, number>> = { opus: OPUS_DELAY_SAMPLES, l16: 0, pcmu: PCMU_DELAY_SAMPLES }

const NTP_TO_UNIX_S = 2_208_988_800

export const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4)

/** The same for as long as the output lives (RFC 7022 asks for no more where a name is not private). */
export const cnameOf = (outputId: string): string => `${outputId}@loa`

/** The session description of an output; the same in every process of the machine. */
export function describeOutput(spec: RtpOutputSpec): { readonly sdp: string; readonly originAddress: string } {
  const origin = originAddress(spec.interface, familyOf(spec.address))
  const { ssrc } = streamIdentity(spec.id)
  const sdp = streamSdp({
    sessionId: ssrc,
    sessionVersion: Math.floor(spec.createdAtMs / 1000) + NTP_TO_UNIX_S,
    originAddress: origin,
    name: spec.name,
    address: spec.address,
    port: spec.port,
    ttl: spec.mode === 'multicast' ? spec.ttl : null,
    codec: spec.codec,
    packetMs: spec.ptimeMs,
    ssrc,
    cname: cnameOf(spec.id),
    codecDelaySamples: CODEC_DELAY_SAMPLES[spec.codec],
    tool: `Loa ${version}`,
  })
  return { sdp, originAddress: origin }
}
