import t from 'tap'
import { ntpMiddle, ntpTime, receiverReport, senderReport, type ReportBlock } from '../../../codec/rtp/index.ts'
import { ReceiverBoard } from '../../../server/rtp/receiver-board.ts'
import { fc } from '../../support/seed.ts'

const OURS = 77
const NOW_MS = Date.UTC(2026, 5, 18)
const block = (more: Partial<ReportBlock> = {}): ReportBlock => ({ ssrc: OURS, lostShare: 0, lostTotal: 0, highestSequence: 1, jitter: 0, lastSenderReport: 0, delaySinceSenderReport: 0, ...more })

t.test('the worst receiver is what counts', async (t) => {
  const board = new ReceiverBoard(OURS, 48_000)
  t.same(board.summary(NOW_MS), { receivers: 0, worstLossPercent: null, worstJitterMs: null, worstRoundTripMs: null })
  board.take(receiverReport(1, [block({ lostShare: 0.25, jitter: 48 })], 'a'), NOW_MS)
  board.take(receiverReport(2, [block({ jitter: 480 })], 'b'), NOW_MS)
  t.same(board.summary(NOW_MS), { receivers: 2, worstLossPercent: 25, worstJitterMs: 10, worstRoundTripMs: null })
  board.take(receiverReport(1, [block({ jitter: 48 })], 'a'), NOW_MS + 1000)
  t.match(board.summary(NOW_MS + 1000), { receivers: 2, worstLossPercent: 0 }, 'of each its last report')
  t.match(board.summary(NOW_MS + 90_500), { receivers: 1 }, 'who says nothing for long is gone')
})

t.test('round trip from the sender report that a receiver names (RFC 3550, 6.4.1)', async (t) => {
  const board = new ReceiverBoard(OURS, 48_000)
  const sent = ntpMiddle(ntpTime(NOW_MS))
  t.equal(board.take(receiverReport(1, [block({ lastSenderReport: sent })], 'a'), NOW_MS + 10), false, 'a report that we never sent')
  board.noteSent(sent)
  t.equal(board.take(receiverReport(1, [block({ lastSenderReport: sent, delaySinceSenderReport: 65_536 / 2 })], 'a'), NOW_MS + 560), true)
  t.ok(Math.abs(board.summary(NOW_MS + 560).worstRoundTripMs! - 60) < 0.1)
  t.equal(board.take(receiverReport(1, [block()], 'a'), NOW_MS + 600), false, 'without naming one it shows nothing')
})

t.test('reports of ourselves, about others, and rubbish change nothing', async (t) => {
  const board = new ReceiverBoard(OURS, 48_000)
  board.take(senderReport({ ssrc: OURS, ntp: ntpTime(NOW_MS), rtpTimestamp: 0, packets: 0, octets: 0 }, { cname: 'x' }), NOW_MS)
  board.take(receiverReport(OURS, [block()], 'c'), NOW_MS)
  board.take(receiverReport(3, [block({ ssrc: 78 })], 'c'), NOW_MS)
  board.take(receiverReport(3, [], 'c'), NOW_MS)
  t.match(board, { reports: 0, unreadable: 0 })
  board.take(Buffer.from('rubbish'), NOW_MS)
  t.equal(board.unreadable, 1)
  t.equal(board.summary(NOW_MS).receivers, 0)
})

t.test('no more receivers are kept than there is room for', async (t) => {
  const board = new ReceiverBoard(OURS, 48_000)
  for (let ssrc = 1000; ssrc < 3000; ssrc += 1) board.take(receiverReport(ssrc, [block()], 'x'), NOW_MS)
  t.equal(board.summary(NOW_MS).receivers, 1024)
  t.equal(board.overflow, 2000 - 1024)
})

t.test('property: no datagram throws', async (t) => {
  const seed = Date.now()
  t.comment(`seed ${String(seed)}`)
  const board = new ReceiverBoard(OURS, 48_000)
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 6 }), (changes) => {
    const bytes = receiverReport(1, [block()], 'a')
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
    board.take(bytes, NOW_MS)
    const { worstJitterMs, worstLossPercent } = board.summary(NOW_MS)
    return (worstJitterMs === null || worstJitterMs >= 0) && (worstLossPercent === null || worstLossPercent <= 100)
  }), { seed, numRuns: 3000 })
  t.pass('held')
})
