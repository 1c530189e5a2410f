import { createHash } from 'node:crypto'
import t from 'tap'
import { streamIdentity } from '../../../server/rtp/stream-identity.ts'

t.test('the identity of a stream follows from its output, as server/protocol.md says', async (t) => {
  const hash = createHash('sha256').update('loa-rtp-1\nr-1').digest()
  t.same(streamIdentity('r-1'), { ssrc: hash.readUInt32BE(0), sequenceOffset: hash.readUInt16BE(4), timestampOffset: hash.readUInt32BE(6) })
  t.not(streamIdentity('r-1').ssrc, streamIdentity('r-2').ssrc)
})
