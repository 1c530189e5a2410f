import t from 'tap'
import { parseRtcp, receiverReport, senderBye, senderReport, type ReportBlock, type SenderInfo } from '../../../codec/rtp/index.ts'
import { fc } from '../../support/seed.ts'

const seed = Date.now()
t.comment(`seed ${String(seed)}`)

const sender: SenderInfo = { ssrc: 0x11223344, ntp: { seconds: 0xe1234567, fraction: 0x80000000 }, rtpTimestamp: 0xfffffff0, packets: 7, octets: 1120 }
const block: ReportBlock = { ssrc: 0x11223344, lostShare: 0.25, lostTotal: -3, highestSequence: 0x00021234, jitter: 48, lastSenderReport: 0x45678000, delaySinceSenderReport: 0x00018000 }

t.test('a sender report with its description, byte by byte (RFC 3550, 6.4.1 and 6.5)', async (t) => {
  const bytes = senderReport(sender, { cname: 'r-1@loa', name: 'Chợ' })
  t.equal(bytes.subarray(0, 28).toString('hex'), '80c8000611223344e123456780000000fffffff00000000700000460')
  t.equal(bytes.subarray(28, 36).toString('hex'), '81ca000611223344')
  t.equal(bytes.length, 28 + 28)
  t.equal(bytes.subarray(36).toString('hex'), '0107722d31406c6f61' + '02054368e1bba3' + '00000000')
  t.same(parseRtcp(bytes), [
    { type: 'sender-report', sender, blocks: [] },
    { type: 'description', chunks: [{ ssrc: sender.ssrc, items: new Map([[1, 'r-1@loa'], [2, 'Chợ']]) }] },
  ])
})

t.test('the list of items always ends with a null octet, whatever its length', async (t) => {
  for (let length = 1; length < 12; length += 1) {
    const cname = 'x'.repeat(length)
    const [, description] = parseRtcp(senderReport(sender, { cname })) ?? []
    t.same(description, { type: 'description', chunks: [{ ssrc: sender.ssrc, items: new Map([[1, cname]]) }] }, String(length))
  }
  const [, long] = parseRtcp(senderReport(sender, { cname: 'c', name: 'ễ'.repeat(100) })) ?? []
  t.match(long, { chunks: [{ items: new Map([[2, 'ễ'.repeat(85)]]) }] }, '255 bytes at most, at a whole character')
})

t.test('a stream ends with a BYE and its reason', async (t) => {
  t.match(parseRtcp(senderBye(sender, { cname: 'c' }, 'server shutdown'))?.at(-1), { type: 'bye', ssrcs: [sender.ssrc], reason: 'server shutdown' })
  t.match(parseRtcp(senderBye(sender, { cname: 'c' }, ''))?.at(-1), { type: 'bye', reason: '' })
})

t.test('receiver reports', async (t) => {
  t.same(parseRtcp(receiverReport(9, [block, { ...block, lostTotal: 70_000 }], 'r'))?.[0], { type: 'receiver-report', ssrc: 9, blocks: [block, { ...block, lostTotal: 70_000 }] })
  t.equal(parseRtcp(receiverReport(9, [], 'r'))?.length, 2)
})

t.test('what is not a sound compound is refused whole', async (t) => {
  const good = senderReport(sender, { cname: 'c' })
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(good)
    change(bytes)
    return bytes
  }
  for (const [name, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['cut short', good.subarray(0, good.length - 4)],
    ['version 1', changed((b) => { b[0] = 0x40 })],
    ['begins with a description', good.subarray(28)],
    ['says more blocks than it has', changed((b) => { b[0] = 0x9f })],
    ['a length past the end', changed((b) => { b.writeUInt16BE(1000, 2) })],
    ['padding of nothing', changed((b) => { b[28]! |= 0x20; b[b.length - 1] = 0 })],
    ['padding longer than its packet', changed((b) => { b[28]! |= 0x20; b[b.length - 1] = 252 })],
    ['a description without an end', changed((b) => { b.fill(1, 36) })],
  ] as const) t.equal(parseRtcp(bytes), undefined, name)
  t.match(parseRtcp(Buffer.concat([good, Buffer.from('80cc000141424344', 'hex')]))?.at(-1), { type: 'other', packetType: 204 }, 'but other types are passed over')
})

t.test('property: no datagram makes the reader throw or read past its end', async (t) => {
  const wreck = fc.tuple(fc.constantFrom(senderReport(sender, { cname: 'abc', name: 'x' }), receiverReport(1, [block], 'r'), senderBye(sender, { cname: 'c' }, 'why')), fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }), fc.nat(130))
  fc.assert(fc.property(wreck, ([good, changes, length]) => {
    const bytes = Buffer.from(good)
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
    const packets = parseRtcp(bytes.subarray(0, length))
    return packets === undefined || packets.length > 0
  }), { seed, numRuns: 5000 })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    if (bytes.length > 1) {
      bytes[0] = 0x80 | (bytes[0]! & 0x3f)
      bytes[1] = 200 + (bytes[1]! & 7)
    }
    parseRtcp(Buffer.from(bytes))
    return true
  }), { seed, numRuns: 5000 })
  t.pass('held')
})
