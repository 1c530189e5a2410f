import t from 'tap'
import { readRtpDescription } from '../../control/rtp-description.ts'
import { fc } from '../support/seed.ts'

const AES67 = `v=0
o=- 1311738121 1311738121 IN IP4 192.168.1.1
s=Stage left I/O
c=IN IP4 239.0.0.1/32
t=0 0
m=audio 5004 RTP/AVP 96
i=Channels 1-8
a=rtpmap:96 L24/48000/8
a=source-filter: incl IN IP4 239.0.0.1 192.168.1.1 192.168.1.2
a=recvonly
a=ptime:1
a=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:0
a=mediaclk:direct=963214424
`

t.test('what devices say of their streams', async (t) => {
  t.same(readRtpDescription(AES67), { stream: { group: '239.0.0.1', port: 5004, codec: 'l24', payloadType: 96, sampleRateHz: 48_000, channels: 8 }, senders: ['192.168.1.1', '192.168.1.2'] })
  const picture = 'v=0\r\ns=x\r\nc=IN IP6 ff3e::1\r\nm=video 6000 RTP/AVP 33\r\nm=audio 5006 RTP/AVP 0 97\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:97 opus/48000/2\r\n'
  t.same(readRtpDescription(picture), { stream: { group: 'ff3e::1', port: 5006, codec: 'opus', payloadType: 97, sampleRateHz: 48_000, channels: 2 }, senders: null }, 'the first sound that can be played')
  t.match(readRtpDescription('v=0\r\nc=IN IP4 192.168.1.20\r\nm=audio 5006 RTP/AVP 97\r\na=rtpmap:97 L16/44100\r\n'), { stream: { group: null, codec: 'l16', sampleRateHz: 44_100, channels: 1 } }, 'unicast')
  for (const none of ['', 'hello', 'v=0\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n', 'v=0\r\nm=audio 5004 RTP/AVP 0\r\n']) t.match(readRtpDescription(none), [/no sound/, /âm thanh/], JSON.stringify(none))
})

t.test('whatever comes, it answers', async () => {
  const line = fc.oneof(fc.constantFrom(...AES67.split('\n')), fc.string(), fc.stringMatching(/^[a-z]=[ -~]{0,60}$/))
  fc.assert(fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
    const read = readRtpDescription(lines.join('\r\n'))
    return 'stream' in read ? Number.isInteger(read.stream.port) || Number.isNaN(read.stream.port) : read.length === 2
  }))
})
