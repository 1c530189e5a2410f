import type { types } from 'mediasoup'
import { readSoundOffer, writeSoundAnswer, type AnswerParts, type SoundOffer } from './sdp-offer.ts'

/**
 * Reads an SDP offer of a WHEP client (draft-ietf-wish-whep): the first medium with Opus that it would receive.
 * @throws OfferError 400 for what is no SDP, 422 for an SDP that can take no Opus
 */
export const readWhepOffer = (text: string): SoundOffer => readSoundOffer(text, 'receive')

/** What the client can take, in mediasoup's words. Header extensions are left out: one sound is known by its SSRC. */
export const rtpCapabilitiesOf = ({ payloadType }: Pick<SoundOffer, 'payloadType'>): types.RtpCapabilities => ({
  codecs: [{ kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: payloadType, clockRate: 48_000, channels: 2, parameters: {}, rtcpFeedback: [{ type: 'nack', parameter: '' }] }],
  headerExtensions: [],
})

/** @returns the SDP answer: one sound is sent, everything else is refused. */
export const writeWhepAnswer = (offer: SoundOffer, parts: AnswerParts, ssrc: number): string =>
  writeSoundAnswer(offer, parts, { direction: 'sendonly', fmtp: 'minptime=10;useinbandfec=1', feedback: ['nack'], ssrc })
