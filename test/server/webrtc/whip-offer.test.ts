import t from 'tap'
import { iceCredentialsOf, OfferError } from '../../../server/webrtc/sdp-offer.ts'
import { readOffer, writeAnswer, type WhipOffer } from '../../../server/webrtc/whip-offer.ts'
import { fc } from '../../support/seed.ts'

const FINGERPRINT = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, '0').toUpperCase()).join(':')
const sdp = (...lines: string[]): string => `${lines.join('\r\n')}\r\n`

/** As Chromium writes it: sound and picture in a bundle, many codecs, mid as known extension. */
const CHROMIUM = sdp(
  'v=0', 'o=- 4611731400430051336 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1', 'a=extmap-allow-mixed', 'a=msid-semantic: WMS',
  'm=video 9 UDP/TLS/RTP/SAVPF 96', 'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=sendonly', 'a=rtcp-mux', 'a=ice-ufrag:EsAw', 'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1', `a=fingerprint:sha-256 ${FINGERPRINT}`, 'a=setup:actpass', 'a=rtpmap:96 VP8/90000',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8', 'c=IN IP4 0.0.0.0', 'a=rtcp:9 IN IP4 0.0.0.0', 'a=ice-ufrag:EsAw', 'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1', 'a=ice-options:trickle', `a=fingerprint:sha-256 ${FINGERPRINT}`, 'a=setup:actpass', 'a=mid:1',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', 'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01', 'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid', 'a=extmap:9 urn:example:unknown',
  'a=sendonly', 'a=msid:- 0dd7cd1b', 'a=rtcp-mux', 'a=rtcp-rsize', 'a=rtpmap:111 opus/48000/2', 'a=rtcp-fb:111 transport-cc', 'a=fmtp:111 minptime=10;useinbandfec=1', 'a=rtpmap:63 red/48000/2', 'a=fmtp:63 111/111', 'a=rtpmap:9 G722/8000', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000',
  'a=ssrc:3570614608 cname:4TOk42mSjXCkVIa6', 'a=ssrc:3570614608 msid:- 0dd7cd1b',
)

/** As encoders on libdatachannel write it (OBS): ICE at the top of the session, a fixed payload type, active. */
const OBS = sdp(
  'v=0', 'o=rtc 3767197920 0 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'a=group:LS 0', 'a=msid-semantic:WMS *', 'a=ice-options:ice2,trickle', 'a=ice-ufrag:8Ab/', 'a=ice-pwd:asd88fgpdd777uzjYhagZg', `a=fingerprint:sha-256 ${FINGERPRINT.toLowerCase()}`, 'a=setup:active',
  'm=audio 51184 UDP/TLS/RTP/SAVPF 111', 'c=IN IP4 192.0.2.3', 'a=mid:0', 'a=sendonly', 'a=ssrc:1 cname:sender', 'a=rtcp-mux', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1', 'a=candidate:1 1 UDP 2122317823 192.0.2.3 51184 typ host', 'a=end-of-candidates',
)

/** As GStreamer's whipsink writes it: upper-case codec, payload type 96, bundle-only left out. */
const GSTREAMER = sdp(
  'v=0', 'o=- 7326873262 0 IN IP4 0.0.0.0', 's=-', 't=0 0', 'a=ice-options:trickle', 'a=group:BUNDLE audio0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 96', 'c=IN IP4 0.0.0.0', 'a=setup:actpass', 'a=ice-ufrag:Vz3d', 'a=ice-pwd:oLu7mFqmVbCyiWXhvkFrU1mB', 'a=rtcp-mux', 'a=rtcp-rsize', 'a=sendonly', 'a=rtpmap:96 OPUS/48000/2', 'a=rtcp-fb:96 transport-cc', 'a=ssrc:2905213464 msid:user webrtctransceiver0', 'a=ssrc:2905213464 cname:user', 'a=mid:audio0', `a=fingerprint:sha-256 ${FINGERPRINT}`,
)

const answerTo = (offer: WhipOffer): string => writeAnswer(offer, {
  sessionId: '42', iceParameters: { usernameFragment: 'serverfrag', password: 'serverpassword0123456789', iceLite: true },
  iceCandidates: [{ foundation: 'udpcandidate', priority: 1, ip: '192.0.2.1', address: '192.0.2.1', protocol: 'udp', port: 8030, type: 'host' }],
  dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-1', value: '00' }, { algorithm: 'sha-256', value: FINGERPRINT }] },
})

t.test('what browsers and encoders offer is taken', (t) => {
  const chromium = readOffer(CHROMIUM)
  t.match(chromium, { mediaIndex: 1, payloadType: 111, rtpParameters: { mid: '1', encodings: [{ ssrc: 3570614608 }] }, dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: FINGERPRINT }] } })
  t.same(chromium.rtpParameters.headerExtensions?.map(({ id }) => id), [1, 2, 3, 4], 'extensions that nobody reads are left out')
  t.match(readOffer(OBS), { mediaIndex: 0, payloadType: 111, rtpParameters: { encodings: [{ ssrc: 1 }] }, dtlsParameters: { role: 'client', fingerprints: [{ value: FINGERPRINT }] } })
  t.match(readOffer(GSTREAMER), { payloadType: 96, rtpParameters: { mid: 'audio0', encodings: [{ ssrc: 2905213464 }] } })
  t.match(readOffer(CHROMIUM.replaceAll('\r\n', '\n')), { payloadType: 111 }, 'with bare line feeds')
  t.match(readOffer(GSTREAMER.replace('setup:actpass', 'setup:passive')), { dtlsParameters: { role: 'server' } })
  t.end()
})

t.test('the answer takes the sound, refuses the picture and says where to send', (t) => {
  const answer = answerTo(readOffer(CHROMIUM))
  t.match(answer, /^v=0\r\n/)
  t.match(answer, /^m=video 0 UDP\/TLS\/RTP\/SAVPF 96\r\n(?:.*\r\n)*?m=audio 9 UDP\/TLS\/RTP\/SAVPF 111\r$/m, 'media in the order of the offer')
  for (const line of ['a=group:BUNDLE 1', 'a=ice-lite', 'a=recvonly', 'a=setup:passive', 'a=rtcp-mux', 'a=ice-ufrag:serverfrag', `a=fingerprint:sha-256 ${FINGERPRINT}`, 'a=candidate:udpcandidate 1 udp 1 192.0.2.1 8030 typ host', 'a=end-of-candidates', 'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid']) t.ok(answer.includes(`${line}\r\n`), line)
  t.notMatch(answer, /unknown|red\/48000/)
  t.match(answerTo(readOffer(GSTREAMER.replace('setup:actpass', 'setup:passive'))), /a=setup:active/)
  t.end()
})

t.test('an offer that cannot be taken says what it lacks', (t) => {
  for (const [name, text, status, message] of [
    ['no SDP', '{"type":"offer"}', 400, /no SDP/],
    ['too long', `v=0\r\n${'a=x\r\n'.repeat(20_000)}`, 400, /no SDP/],
    ['no media', sdp('v=0', 's=-'), 422, /no media/],
    ['one who only hears', GSTREAMER.replace('sendonly', 'recvonly'), 422, /sends no Opus/],
    ['another codec', GSTREAMER.replace('OPUS/48000/2', 'PCMU/8000'), 422, /sends no Opus/],
    ['no encryption', GSTREAMER.replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP'), 422, /RTP\/AVP is not/],
    ['no rtcp-mux', GSTREAMER.replace('a=rtcp-mux\r\n', ''), 422, /rtcp-mux/],
    ['no ICE', GSTREAMER.replace(/a=ice-pwd.*\r\n/, ''), 422, /ice-pwd/],
    ['no fingerprint', GSTREAMER.replace(/a=fingerprint.*\r\n/, ''), 422, /fingerprint/],
    ['nothing to know packets by', GSTREAMER.replace(/a=(?:ssrc|mid).*\r\n/g, ''), 422, /a=ssrc or a=mid/],
  ] as const) {
    try {
      readOffer(text)
      t.fail(`${name} was taken`)
    } catch (error) {
      t.ok(error instanceof OfferError && error.status === status && message.test(error.message), `${name}: ${String(error)}`)
    }
  }
  t.end()
})

t.test('no text, and no damage to an offer, does anything but be refused or taken', (t) => {
  const lines = [...new Set([...CHROMIUM.split('\r\n'), ...OBS.split('\r\n'), ...GSTREAMER.split('\r\n'), 'm=audio', 'm=audio 0 x y', 'a=rtpmap:999 opus/48000/2', 'a=extmap:x y', 'a=ssrc:99999999999 cname:a', 'a=mid:', 'a=fingerprint:md5 00', 'a=__proto__:1', 'a=group:', 'c=', 'a=candidate:'])]
  const answered = (text: string): boolean => {
    try {
      return answerTo(readOffer(text)).startsWith('v=0')
    } catch (error) {
      return error instanceof OfferError
    }
  }
  fc.assert(fc.property(fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => `v=0\n${text}`),
    fc.array(fc.constantFrom(...lines), { maxLength: 60 }).map((some) => sdp('v=0', ...some)),
    fc.tuple(fc.constantFrom(CHROMIUM, OBS, GSTREAMER), fc.nat(2000), fc.nat(30), fc.string({ maxLength: 20 })).map(([offer, at, length, text]) => offer.slice(0, 5 + at) + text + offer.slice(5 + at + length)),
  ), answered), { numRuns: 1000 })
  t.end()
})

t.test('a restart brings both credentials, trickled candidates neither', (t) => {
  t.same(iceCredentialsOf('a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n'), { usernameFragment: 'ysXw', password: 'vw5LmwG4y/e6dPP/zAP9Gp5k' })
  t.equal(iceCredentialsOf('a=ice-ufrag:ysXw\r\n'), null)
  t.equal(iceCredentialsOf('a=candidate:1 1 UDP 1 192.0.2.1 9 typ host\r\n'), null)
  t.end()
})
