import t from 'tap'
import { sapPacket } from '../../../codec/rtp/index.ts'
import { AnnouncementBoard } from '../../../server/rtp/announcement-board.ts'
import { fc } from '../../support/seed.ts'

const sdp = (session: number, version: number, name: string): string => `v=0\r\no=mixer ${String(session)} ${String(version)} IN IP4 192.0.2.1\r\ns=${name}\r\nc=IN IP4 239.1.1.1\r\nm=audio 5004 RTP/AVP 98\r\na=rtpmap:98 L24/48000/2\r\n`
const announced = (session: number, version: number, name: string, deletion = false): Buffer => sapPacket('192.0.2.1', sdp(session, version, name), deletion)
const MINUTE_MS = 60_000

t.test('only what has changed is told, and whoever hears it all knows the list', async (t) => {
  const board = new AnnouncementBoard()
  const known = new Map<string, string>()
  const sessionsOf = (take: ReturnType<AnnouncementBoard['takeChanges']>) => [take.heard.map(({ session }) => session.split(' ')[1]), take.gone.map((session) => session.split(' ')[1])]
  for (const session of [1, 2, 3]) board.take(announced(session, 1, 'a'), 0)
  t.same(sessionsOf(board.takeChanges()), [['1', '2', '3'], []])
  board.take(announced(2, 1, 'a'), 1)
  t.same(sessionsOf(board.takeChanges()), [[], []])
  board.take(announced(2, 2, 'b'), 2)
  board.take(announced(3, 1, 'a', true), 2)
  t.same(sessionsOf(board.takeChanges()), [['2'], ['3']])
  t.notOk(board.take(announced(4, 1, 'x'.repeat(9000)), 2), 'none is so long')
  fc.assert(fc.property(fc.array(fc.record({ session: fc.integer({ min: 5, max: 300 }), version: fc.integer({ min: 1, max: 3 }), deletion: fc.boolean(), told: fc.boolean() }), { maxLength: 600 }), (events) => {
    for (const { session, version, deletion, told } of events) {
      board.take(announced(session, version, 'x', deletion), 3)
      if (!told) continue
      const { heard, gone } = board.takeChanges()
      for (const id of gone) known.delete(id)
      for (const { session: id, sdp } of heard) known.set(id, sdp)
    }
    const { heard, gone } = board.takeChanges()
    for (const id of gone) known.delete(id)
    for (const { session: id, sdp } of heard) known.set(id, sdp)
    return board.list().filter(({ session }) => Number(session.split(' ')[1]) > 4).every(({ session, sdp }) => known.get(session) === sdp) && known.size <= board.list().length
  }), { numRuns: 20 })
})

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
