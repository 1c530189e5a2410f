import sdpTransform, { type MediaAttributes, type SessionDescription } from 'sdp-transform'
import type { types } from 'mediasoup'

/** Why an offer cannot be taken; `status` is the HTTP answer (RFC 9725, 4.2). */
export class OfferError extends Error {
  override readonly name = 'OfferError'
  readonly code = 'WEBRTC_ERR_OFFER'
  readonly status: 400 | 422

  constructor(status: 400 | 422, message: string) {
    super(message)
    this.status = status
  }
}

/** An offer with one sound to send, in mediasoup's words. */
export interface WhipOffer {
  readonly session: SessionDescription
  /** Place of the sound among the offer's media. */
  readonly mediaIndex: number
  readonly payloadType: number
  readonly rtpParameters: types.RtpParameters
  readonly dtlsParameters: types.DtlsParameters
}

/** Header extensions that the worker reads; all others are left out of the answer. */
const EXTENSIONS: readonly types.RtpHeaderExtensionUri[] = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
]
const MAX_OFFER_CHARACTERS = 64 * 1024
const MAX_MEDIA = 16

/** What a sender is asked for: mono speech or music that survives loss, and no more than a studio line needs. */
const ANSWER_FMTP = 'minptime=10;useinbandfec=1;stereo=0;maxaveragebitrate=64000'

/**
 * Reads an SDP offer of a WHIP client (RFC 9725; RFC 8866). The first medium with Opus that sends is taken; others are answered as refused.
 * @throws OfferError 400 for what is no SDP, 422 for an SDP that brings no sound we can take
 */
export function readOffer(text: string): WhipOffer {
  if (text.length > MAX_OFFER_CHARACTERS || !/^v=0\r?\n/.test(text)) throw new OfferError(400, 'The body is no SDP offer')
  let session: SessionDescription
  try {
    session = sdpTransform.parse(text)
  } catch (cause) {
    throw new OfferError(400, `The SDP cannot be read: ${String(cause)}`)
  }
  const media = session.media
  if (media.length === 0 || media.length > MAX_MEDIA) throw new OfferError(422, 'The offer has no media, or too many')
  const mediaIndex = media.findIndex((medium) => medium.type === 'audio' && medium.port !== 0 && sends(medium.direction ?? session.direction) && opusOf(medium) !== undefined)
  const sound = media[mediaIndex]
  if (sound === undefined) throw new OfferError(422, 'The offer sends no Opus: one audio medium with a=sendonly or a=sendrecv and opus/48000/2 is needed')
  if (sound.protocol !== 'UDP/TLS/RTP/SAVPF') throw new OfferError(422, `The transport ${sound.protocol} is not UDP/TLS/RTP/SAVPF`)
  if (sound.rtcpMux === undefined) throw new OfferError(422, 'a=rtcp-mux is needed')
  if ((sound.iceUfrag ?? session.iceUfrag) === undefined || (sound.icePwd ?? session.icePwd) === undefined) throw new OfferError(422, 'a=ice-ufrag and a=ice-pwd are needed')
  const opus = opusOf(sound)!
  const mid = sound.mid === undefined ? undefined : String(sound.mid)
  const ssrc = sound.ssrcs?.map(({ id }) => Number(id)).find((id) => Number.isInteger(id) && id > 0 && id <= 0xffff_ffff)
  if (ssrc === undefined && mid === undefined) throw new OfferError(422, 'a=ssrc or a=mid is needed, to know the packets by')
  return {
    session,
    mediaIndex,
    payloadType: opus.payload,
    rtpParameters: {
      ...(mid === undefined ? {} : { mid: mid.slice(0, 64) }),
      codecs: [{
        mimeType: 'audio/opus',
        payloadType: opus.payload,
        clockRate: 48_000,
        channels: 2,
        parameters: { useinbandfec: 1 },
        rtcpFeedback: [{ type: 'nack', parameter: '' }, { type: 'transport-cc', parameter: '' }],
      }],
      headerExtensions: extensionsOf(sound).map(({ uri, value }) => ({ uri, id: value, encrypt: false, parameters: {} })),
      encodings: [ssrc === undefined ? {} : { ssrc }],
      rtcp: { cname: 'loa', reducedSize: true },
    },
    dtlsParameters: dtlsOf(session, sound),
  }
}

export interface AnswerParts {
  /** Changes with every answer of a session. */
  readonly sessionId: string
  readonly iceParameters: types.IceParameters
  readonly iceCandidates: readonly types.IceCandidate[]
  readonly dtlsParameters: types.DtlsParameters
}

/** @returns the SDP answer: the sound is received, everything else is refused. */
export function writeAnswer(offer: WhipOffer, { sessionId, iceParameters, iceCandidates, dtlsParameters }: AnswerParts): string {
  const sound = offer.session.media[offer.mediaIndex]!
  const mid = sound.mid === undefined ? undefined : String(sound.mid)
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256') ?? dtlsParameters.fingerprints[0]!
  const media: SessionDescription['media'] = offer.session.media.map((medium, index) => index === offer.mediaIndex
    ? {
        type: 'audio', port: 9, protocol: 'UDP/TLS/RTP/SAVPF', payloads: String(offer.payloadType),
        connection: { version: 4, ip: '0.0.0.0' },
        ...(mid === undefined ? {} : { mid }),
        direction: 'recvonly',
        rtp: [{ payload: offer.payloadType, codec: 'opus', rate: 48_000, encoding: 2 }],
        fmtp: [{ payload: offer.payloadType, config: ANSWER_FMTP }],
        rtcpFb: [{ payload: offer.payloadType, type: 'nack' }, { payload: offer.payloadType, type: 'transport-cc' }],
        ext: extensionsOf(sound),
        iceUfrag: iceParameters.usernameFragment,
        icePwd: iceParameters.password,
        candidates: iceCandidates.map((candidate) => ({
          foundation: candidate.foundation, component: 1, transport: candidate.protocol, priority: candidate.priority,
          ip: candidate.address, port: candidate.port, type: candidate.type,
          ...(candidate.tcpType === undefined ? {} : { tcptype: candidate.tcpType }),
        })),
        endOfCandidates: 'end-of-candidates',
        fingerprint: { type: fingerprint.algorithm, hash: fingerprint.value },
        // Who offered «active» waits for us to be the server, and the other way round; whoever leaves it open connects to us.
        setup: offer.dtlsParameters.role === 'server' ? 'active' : 'passive',
        rtcpMux: 'rtcp-mux',
        rtcpRsize: 'rtcp-rsize',
      }
    : {
        type: medium.type, port: 0, protocol: medium.protocol, payloads: medium.payloads ?? '0', direction: 'inactive', rtp: [], fmtp: [],
        ...(medium.mid === undefined ? {} : { mid: String(medium.mid) }),
      })
  return sdpTransform.write({
    version: 0,
    origin: { username: '-', sessionId, sessionVersion: 1, netType: 'IN', ipVer: 4, address: '127.0.0.1' },
    name: '-',
    timing: { start: 0, stop: 0 },
    icelite: 'ice-lite',
    ...(mid === undefined ? {} : { groups: [{ type: 'BUNDLE', mids: mid }] }),
    media,
  })
}

/** Credentials of an ICE restart in the body of a PATCH (RFC 8840; RFC 9725, 4.3.3); null when it only trickles candidates. */
export function iceCredentialsOf(fragment: string): { readonly usernameFragment: string; readonly password: string } | null {
  const usernameFragment = /^a=ice-ufrag:([\w+/]{4,256})\r?$/m.exec(fragment)?.[1]
  const password = /^a=ice-pwd:([\w+/]{22,256})\r?$/m.exec(fragment)?.[1]
  return usernameFragment === undefined || password === undefined ? null : { usernameFragment, password }
}

function sends(direction: string | undefined): boolean {
  return direction === undefined || direction === 'sendrecv' || direction === 'sendonly'
}

type Medium = SessionDescription['media'][number]

function opusOf(medium: Medium): { readonly payload: number } | undefined {
  return medium.rtp.find(({ codec, rate, encoding, payload }) => codec.toLowerCase() === 'opus' && rate === 48_000 && Number(encoding) === 2 && Number.isInteger(payload) && payload >= 0 && payload < 128)
}

function extensionsOf(medium: Medium): { readonly uri: types.RtpHeaderExtensionUri; readonly value: number }[] {
  return (medium.ext ?? []).flatMap(({ uri, value }) => {
    const known = EXTENSIONS.find((one) => one === uri)
    return known !== undefined && value >= 1 && value <= 14 ? [{ uri: known, value }] : []
  })
}

const FINGERPRINTS: readonly types.FingerprintAlgorithm[] = ['sha-256', 'sha-384', 'sha-512', 'sha-224', 'sha-1']

function dtlsOf(session: SessionDescription, medium: MediaAttributes): types.DtlsParameters {
  const fingerprint = medium.fingerprint ?? session.fingerprint
  const algorithm = FINGERPRINTS.find((one) => one === fingerprint?.type.toLowerCase())
  if (fingerprint === undefined || algorithm === undefined || !/^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+$/.test(fingerprint.hash)) throw new OfferError(422, 'a=fingerprint is needed')
  return { role: (medium.setup ?? session.setup) === 'passive' ? 'server' : 'client', fingerprints: [{ algorithm, value: fingerprint.hash.toUpperCase() }] }
}
