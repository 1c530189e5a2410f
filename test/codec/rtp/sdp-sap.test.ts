import t from 'tap'
import { addressBytes, parseSap, sapGroup, sapPacket, streamSdp, type StreamDescription } from '../../../codec/rtp/index.ts'
import { fc } from '../../support/seed.ts'

const seed = Date.now()
t.comment(`seed ${String(seed)}`)

const stream: StreamDescription = { sessionId: 42, sessionVersion: 4_000_000_000, originAddress: '192.0.2.1', name: 'Chợ Bến', address: '239.192.0.7', port: 5004, ttl: 4, codec: 'opus', packetMs: 20, ssrc: 77, cname: 'r-1@loa', codecDelaySamples: 312, tool: 'Loa 1' }

t.test('a description of each codec', async (t) => {
  t.equal(streamSdp(stream), ['v=0', 'o=- 42 4000000000 IN IP4 192.0.2.1', 's=Chợ Bến', 'c=IN IP4 239.192.0.7/4', 't=0 0', 'a=tool:Loa 1', 'a=recvonly', 'm=audio 5004 RTP/AVP 96', 'a=rtpmap:96 opus/48000/2', 'a=fmtp:96 stereo=0;sprop-stereo=0', 'a=ptime:20', 'a=maxptime:20', 'a=ssrc:77 cname:r-1@loa', 'a=x-loa-codec-delay:312', ''].join('\r\n'))
  t.match(streamSdp({ ...stream, codec: 'pcmu' }), /m=audio 5004 RTP\/AVP 0\r\na=rtpmap:0 PCMU\/8000\r\na=ptime/)
  t.match(streamSdp({ ...stream, codec: 'l16' }), /AVP 97\r\na=rtpmap:97 L16\/48000\/1\r\n/)
  t.match(streamSdp({ ...stream, ttl: null, address: '192.0.2.9' }), /c=IN IP4 192\.0\.2\.9\r\n/)
  t.match(streamSdp({ ...stream, address: 'ff05::1234', originAddress: '2001:db8::1' }), /IN IP6 2001:db8::1\r\n[^]*c=IN IP6 ff05::1234\r\n/, 'IPv6 has no TTL here')
})

t.test('a name cannot write lines of its own', async (t) => {
  const sdp = streamSdp({ ...stream, name: 'x\r\nc=IN IP4 192.0.2.66\u2028y' })
  t.match(sdp, /\r\ns=x c=IN IP4 192\.0\.2\.66 y\r\n/)
  t.match(streamSdp({ ...stream, name: '\n' }), /\r\ns=-\r\n/)
})

t.test('announcement and deletion (RFC 2974, 6)', async (t) => {
  const packet = sapPacket('192.0.2.1', 'v=0\r\n', false)
  t.equal(packet.toString('latin1', 0, 1), '\x20')
  t.equal(packet.subarray(4, 8).toString('hex'), 'c0000201')
  t.equal(packet.toString('latin1', 8), 'application/sdp\0v=0\r\n')
  t.match(parseSap(packet), { deletion: false, originAddress: '192.0.2.1', sdp: 'v=0\r\n' })
  const gone = parseSap(sapPacket('2001:db8::1', 'v=0\r\n', true))
  t.match(gone, { deletion: true, originAddress: '2001:db8:0:0:0:0:0:1' })
  t.equal(gone?.messageIdHash, parseSap(packet)?.messageIdHash, 'the same description, the same hash')
  t.not(parseSap(sapPacket('192.0.2.1', 'v=0\r\ns=y\r\n', false))?.messageIdHash, gone?.messageIdHash)
  t.match(parseSap(Buffer.concat([packet.subarray(0, 8), Buffer.from('v=0\r\n')])), { sdp: 'v=0\r\n' }, 'the type may be left out')
})

t.test('the group of the scope', async (t) => {
  for (const [address, group] of [['239.192.0.7', '239.195.255.255'], ['239.255.1.2', '239.255.255.255'], ['224.2.200.1', '224.2.127.254'], ['ff05::1', 'ff05::2:7ffe'], ['FF0E::1', 'ff0e::2:7ffe']] as const) t.equal(sapGroup(address), group)
})

t.test('addresses', async (t) => {
  t.equal(addressBytes('ff02::1').toString('hex'), 'ff020000000000000000000000000001')
  t.equal(addressBytes('::').toString('hex'), '0'.repeat(32))
  t.equal(addressBytes('1:2:3:4:5:6:7:8').toString('hex'), '00010002000300040005000600070008')
  for (const bad of ['', '1.2.3', '1.2.3.256', '1:2', 'x::y']) t.throws(() => addressBytes(bad), RangeError, bad)
})

t.test('property: no datagram makes the reader throw', async (t) => {
  const good = sapPacket('192.0.2.1', streamSdp(stream), false)
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 5 }), fc.nat(good.length), (changes, length) => {
    const bytes = Buffer.from(good)
    for (const [at, value] of changes) bytes[at] = value
    const read = parseSap(bytes.subarray(0, length))
    return read === undefined || read.sdp.length <= length
  }), { seed, numRuns: 3000 })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
    parseSap(Buffer.from(bytes))
    return true
  }), { seed, numRuns: 2000 })
  t.pass('held')
})
