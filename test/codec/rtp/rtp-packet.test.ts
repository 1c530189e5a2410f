import t from 'tap'
import { ntpMiddle, ntpTime, parseRtpPacket, rtpPacket, unixMsOfNtp } from '../../../codec/rtp/index.ts'
import { fc } from '../../support/seed.ts'

const seed = Date.now()
t.comment(`seed ${String(seed)}`)

t.test('the header of RFC 3550, 5.1', async (t) => {
  const packet = rtpPacket({ payloadType: 96, marker: false, sequence: 0x1234, timestamp: 0x89abcdef, ssrc: 0x01020304 }, Buffer.from([7, 8]))
  t.equal(packet.toString('hex'), '8060123489abcdef010203040708')
  t.equal(rtpPacket({ payloadType: 0, marker: true, sequence: 0, timestamp: 0, ssrc: 0 }, Buffer.alloc(0)).toString('hex'), '808000000000000000000000')
})

t.test('numbers wrap: 65 535 → 0 and 2³² − 1 → 0', async (t) => {
  const wrapped = parseRtpPacket(rtpPacket({ payloadType: 96, marker: false, sequence: 65_536, timestamp: 2 ** 32, ssrc: 1 }, Buffer.alloc(1)))
  t.match(wrapped, { sequence: 0, timestamp: 0 })
  t.match(parseRtpPacket(rtpPacket({ payloadType: 96, marker: false, sequence: 65_535, timestamp: 2 ** 32 - 1, ssrc: 1 }, Buffer.alloc(1))), { sequence: 65_535, timestamp: 0xffff_ffff })
})

t.test('packets of others: sources, extension and padding are passed over', async (t) => {
  const packet = Buffer.from('b2e0000100000002000000030000000a0000000bbede0001ffffffff414243000000000004', 'hex')
  t.match(parseRtpPacket(packet), { marker: true, payloadType: 96, payload: Buffer.from('4142430000', 'hex') })
})

t.test('property: what is written is read again, and garbage never throws', async (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 127 }), fc.boolean(), fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.uint8Array({ maxLength: 40 }), (payloadType, marker, sequence, timestamp, payload) => {
    const read = parseRtpPacket(rtpPacket({ payloadType, marker, sequence, timestamp, ssrc: timestamp }, payload))
    return read !== undefined && read.payloadType === payloadType && read.marker === marker && read.sequence === sequence && read.timestamp === timestamp && read.ssrc === timestamp && read.payload.equals(Buffer.from(payload))
  }), { seed })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    const read = parseRtpPacket(Buffer.from(bytes))
    return read === undefined || read.payload.length <= bytes.length - 12
  }), { seed, numRuns: 2000 })
  t.pass('held')
})

t.test('NTP time', async (t) => {
  t.same(ntpTime(Date.UTC(1970, 0, 1)), { seconds: 2_208_988_800, fraction: 0 })
  t.same(ntpTime(500.25), { seconds: 2_208_988_800, fraction: Math.floor(0.50025 * 2 ** 32) })
  t.same(ntpTime(Date.UTC(2036, 1, 7, 6, 28, 16)), { seconds: 0, fraction: 0 }, 'the second era')
  t.equal(ntpMiddle({ seconds: 0x12345678, fraction: 0x9abcdef0 }), 0x56789abc)
  fc.assert(fc.property(fc.double({ min: 0, max: 2e12, noNaN: true }), (unixMs) => Math.abs(unixMsOfNtp(ntpTime(unixMs)) - unixMs) < 1e-3), { seed })
})
