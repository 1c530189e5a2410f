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

/** An SDP offer (RFC 8866) with one sound that goes our way, in mediasoup's words. */
export interface SoundOffer {
  readonly session: SessionDescription
  /** Place of the sound among the offer's media. */
  readonly mediaIndex: number
  readonly sound: SessionDescription['media'][number]
  /** The offer's number for Opus. */
  readonly payloadType: number
  readonly dtlsParameters: types.DtlsParameters
}

export interface AnswerParts {
  /** Changes with every answer of a session. */
  readonly sessionId: string
  readonly iceParameters: types.IceParameters
  readonly iceCandidates: readonly types.IceCandidate[]
  readonly dtlsParameters: types.DtlsParameters
}

/** What an answer says of the sound beside how it is carried. */
export interface AnsweredSound {
  readonly direction: 'recvonly' | 'sendonly'
  /** Parameters of Opus (RFC 7587), such as `useinbandfec=1`. */
  readonly fmtp: string
  readonly feedback: readonly string[]
  readonly extensions?: readonly { readonly uri: string; readonly value: number }[]
  /** Of what we send. */
  readonly ssrc?: number
}

const MAX_OFFER_CHARACTERS = 64 * 1024
const MAX_MEDIA = 16
/** Nobody has as many network interfaces; each costs nothing here, but who sends more is no client. */
const MAX_CANDIDATES = 256

/**
 * Reads an SDP offer: the first medium with Opus that goes in the direction is taken.
 * @param direction what the client does with the sound
 * @throws OfferError 400 for what is no SDP, 422 for an SDP without such a sound
 */
export function readSoundOffer(text: string, direction: 'send' | 'receive'): SoundOffer {
  if (text.length > MAX_OFFER_CHARACTERS || !/^v=0\r?\n/.test(text)) throw new OfferError(400, 'The body is no SDP offer')
  let session: SessionDescription
  try {
    session = sdpTransform.parse(text)
  } catch (cause) {
    throw new OfferError(400, `The SDP cannot be read: ${String(cause)}`)
  }
  const media = session.media
  if (media.length === 0 || media.length > MAX_MEDIA) throw new OfferError(422, 'The offer has no media, or too many')
  if (media.some(({ candidates }) => (candidates?.length ?? 0) > MAX_CANDIDATES)) throw new OfferError(422, `The offer has more than ${String(MAX_CANDIDATES)} candidates; none is needed`)
  const goes = `${direction}only`.replace('receiveonly', 'recvonly')
  const mediaIndex = media.findIndex((medium) => medium.type === 'audio' && medium.port !== 0 && ['sendrecv', goes].includes(medium.direction ?? session.direction ?? 'sendrecv') && opusOf(medium) !== undefined)
  const sound = media[mediaIndex]
  if (sound === undefined) throw new OfferError(422, `The offer ${direction}s no Opus: one audio medium with a=${goes} or a=sendrecv and opus/48000/2 is needed`)
  if (sound.protocol !== 'UDP/TLS/RTP/SAVPF') throw new OfferError(422, `The transport ${sound.protocol} is not UDP/TLS/RTP/SAVPF`)
  if (sound.rtcpMux === undefined) throw new OfferError(422, 'a=rtcp-mux is needed')
  if ((sound.iceUfrag ?? session.iceUfrag) === undefined || (sound.icePwd ?? session.icePwd) === undefined) throw new OfferError(422, 'a=ice-ufrag and a=ice-pwd are needed')
  return { session, mediaIndex, sound, payloadType: opusOf(sound)!.payload, dtlsParameters: dtlsOf(session, sound) }
}

/** @returns the SDP answer: the sound is taken, everything else is refused. */
export function writeSoundAnswer(offer: SoundOffer, parts: AnswerParts, answered: AnsweredSound): string {
  const { mediaIndex, payloadType } = offer
  const { sessionId, iceParameters, iceCandidates, dtlsParameters } = parts
  const mid = midOf(offer)
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256') ?? dtlsParameters.fingerprints[0]!
  const media: SessionDescription['media'] = offer.session.media.map((medium, index) => index === mediaIndex
    ? {
        type: 'audio', port: 9, protocol: 'UDP/TLS/RTP/SAVPF', payloads: String(payloadType),
        connection: { version: 4, ip: '0.0.0.0' },
        ...(mid === undefined ? {} : { mid }),
        direction: answered.direction,
        rtp: [{ payload: payloadType, codec: 'opus', rate: 48_000, encoding: 2 }],
        fmtp: [{ payload: payloadType, config: answered.fmtp }],
        rtcpFb: answered.feedback.map((type) => ({ payload: payloadType, type })),
        ...(answered.extensions === undefined ? {} : { ext: answered.extensions.map(({ uri, value }) => ({ uri, value })) }),
        ...(answered.ssrc === undefined ? {} : { msid: [{ id: 'loa', appdata: 'sound' }], ssrcs: [{ id: answered.ssrc, attribute: 'cname', value: 'loa' }, { id: answered.ssrc, attribute: 'msid', value: 'loa sound' }] }),
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
    ...(answered.ssrc === undefined ? {} : { msidSemantic: { semantic: 'WMS', token: '*' } }),
    media,
  })
}

/** The name of the sound in the offer, where it has one. */
export const midOf = ({ sound }: Pick<SoundOffer, 'sound'>): string | undefined => (sound.mid === undefined ? undefined : String(sound.mid).slice(0, 64))

/** Credentials of an ICE restart in the body of a PATCH (RFC 8840; RFC 9725, 4.3.3); null when it only trickles candidates. */
export function iceCredentialsOf(fragment: string): { readonly usernameFragment: string; readonly password: string } | null {
  const usernameFragment = /^a=ice-ufrag:([\w+/]{4,256})\r?$/m.exec(fragment)?.[1]
  const password = /^a=ice-pwd:([\w+/]{22,256})\r?$/m.exec(fragment)?.[1]
  return usernameFragment === undefined || password === undefined ? null : { usernameFragment, password }
}

type Medium = SessionDescription['media'][number]

function opusOf(medium: Medium): { readonly payload: number } | undefined {
  return medium.rtp.find(({ codec, rate, encoding, payload }) => codec.toLowerCase() === 'opus' && rate === 48_000 && Number(encoding) === 2 && Number.isInteger(payload) && payload >= 0 && payload < 128)
}

const FINGERPRINTS: readonly types.FingerprintAlgorithm[] = ['sha-256', 'sha-384', 'sha-512', 'sha-224', 'sha-1']

function dtlsOf(session: SessionDescription, medium: MediaAttributes): types.DtlsParameters {
  const fingerprint = medium.fingerprint ?? session.fingerprint
  const algorithm = FINGERPRINTS.find((one) => one === fingerprint?.type.toLowerCase())
  if (fingerprint === undefined || algorithm === undefined || !/^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+$/.test(fingerprint.hash)) throw new OfferError(422, 'a=fingerprint is needed')
  return { role: (medium.setup ?? session.setup) === 'passive' ? 'server' : 'client', fingerprints: [{ algorithm, value: fingerprint.hash.toUpperCase() }] }
}
