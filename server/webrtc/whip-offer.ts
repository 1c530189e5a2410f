import type { types } from 'mediasoup'
import { midOf, OfferError, readSoundOffer, writeSoundAnswer, type AnswerParts, type SoundOffer } from './sdp-offer.ts'

/** An offer with one sound to send, in mediasoup's words. */
export interface WhipOffer extends SoundOffer {
  readonly rtpParameters: types.RtpParameters
}

/** Header extensions that the worker reads; all others are left out of the answer. */
const EXTENSIONS: readonly types.RtpHeaderExtensionUri[] = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
]

/** What a sender is asked for: mono speech or music that survives loss, and no more than a studio line needs; silence sent like sound (RFC 7587, 6.1), though what leaves it out is taken as well. */
const ANSWER_FMTP = 'minptime=10;useinbandfec=1;usedtx=0;stereo=0;maxaveragebitrate=64000'

/**
 * Reads an SDP offer of a WHIP client (RFC 9725). The first medium with Opus that sends is taken; others are answered as refused.
 * @throws OfferError 400 for what is no SDP, 422 for an SDP that brings no sound we can take
 */
export function readOffer(text: string): WhipOffer {
  const offer = readSoundOffer(text, 'send')
  const mid = midOf(offer)
  const ssrc = offer.sound.ssrcs?.map(({ id }) => Number(id)).find((id) => Number.isInteger(id) && id > 0 && id <= 0xffff_ffff)
  if (ssrc === undefined && mid === undefined) throw new OfferError(422, 'a=ssrc or a=mid is needed, to know the packets by')
  return {
    ...offer,
    rtpParameters: {
      ...(mid === undefined ? {} : { mid }),
      codecs: [{
        mimeType: 'audio/opus',
        payloadType: offer.payloadType,
        clockRate: 48_000,
        channels: 2,
        parameters: { useinbandfec: 1 },
        rtcpFeedback: [{ type: 'nack', parameter: '' }, { type: 'transport-cc', parameter: '' }],
      }],
      headerExtensions: extensionsOf(offer).map(({ uri, value }) => ({ uri, id: value, encrypt: false, parameters: {} })),
      encodings: [ssrc === undefined ? {} : { ssrc }],
      rtcp: { cname: 'loa', reducedSize: true },
    },
  }
}

/** @returns the SDP answer: the sound is received, everything else is refused. */
export function writeAnswer(offer: WhipOffer, parts: AnswerParts): string {
  return writeSoundAnswer(offer, parts, { direction: 'recvonly', fmtp: ANSWER_FMTP, feedback: ['nack', 'transport-cc'], extensions: extensionsOf(offer) })
}

function extensionsOf({ sound }: SoundOffer): { readonly uri: types.RtpHeaderExtensionUri; readonly value: number }[] {
  return (sound.ext ?? []).flatMap(({ uri, value }) => {
    const known = EXTENSIONS.find((one) => one === uri)
    return known !== undefined && value >= 1 && value <= 14 ? [{ uri: known, value }] : []
  })
}
