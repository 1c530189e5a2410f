import fc from 'fast-check'
import t from 'tap'
import { sapPacket } from '../../../codec/rtp/index.ts'
import { AnnouncementBoard } from '../../../server/rtp/announcement-board.ts'

const sdp = (session: number, version: number, name: string): string => `v=0\r\no=mixer ${String(session)} ${String(version)} IN IP4 192.0.2.1\r\ns=${name}\r\nc=IN IP4 239.1.1.1\r\nm=audio 5004 RTP/AVP 98\r\na=rtpmap:98 L24/48000/2\r\n`
const announced = (session: number, version: number, name: string, deletion = false): Buffer => sapPacket('192.0.2.1', sdp(session, version, name), deletion)
const MINUTE_MS = 60_000

t.test('sessions come, change, end and are forgotten', async (t) => {
  const board = new AnnouncementBoard()
  t.ok(board.take(announced(1, 1, 'Bàn trộn'), 0))
  t.same(board.list(), [{ session: 'mixer 1 192.0.2.1', name: 'Bàn trộn', sdp: sdp(1, 1, 'Bàn trộn') }])
  t.notOk(board.take(announced(1, 1, 'Bàn trộn'), MINUTE_MS), 'nothing new')
  t.ok(board.take(announced(1, 2, 'Bàn trộn 2'), 2 * MINUTE_MS), 'another description of the same session')
  t.same(board.list().map(({ name }) => name), ['Bàn trộn 2'])
  t.ok(board.take(announced(2, 1, 'B'), 10 * MINUTE_MS))
  t.notOk(board.expire(17 * MINUTE_MS))
  t.ok(board.expire(18 * MINUTE_MS), 'the first has not been heard for more than a quarter of an hour')
  t.same(board.list().map(({ name }) => name), ['B'])
  t.ok(board.take(announced(2, 1, 'B', true), 18 * MINUTE_MS), 'taken back')
  t.same(board.list(), [])
  t.notOk(board.take(announced(2, 1, 'B', true), 18 * MINUTE_MS))
})

t.test('whoever floods it pushes out the oldest, and no garbage is listed', async (t) => {
  const board = new AnnouncementBoard()
  for (let session = 0; session < 1000; session += 1) board.take(announced(session, 1, `n${String(session)}`), session)
  t.equal(board.list().length, 256)
  t.equal(board.list()[0]?.name, 'n744')
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !board.take(Buffer.from(bytes), 2000)))
  t.notOk(board.take(sapPacket('192.0.2.1', 'v=0\r\ns=no origin\r\n', false), 2000))
  board.take(announced(2000, 1, 'a\u0007b'), 3000)
  t.equal(board.list().at(-1)?.name, 'a b')
})
