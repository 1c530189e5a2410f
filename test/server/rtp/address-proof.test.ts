import t from 'tap'
import { AddressProof, PROOF_VALID_MS } from '../../../server/rtp/address-proof.ts'
import { parseProofDatagram, PROOF_BYTES, proofDatagram } from '../../../server/rtp/proof-datagram.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fc } from '../../support/seed.ts'

const seed = Date.now()
t.comment(`seed ${String(seed)}`)

const secret = Buffer.alloc(32, 7)
const REQUEST = proofDatagram('request')

function bench(more: { address?: string; port?: number; clock?: FakeClock } = {}): { clock: FakeClock; proof: AddressProof; prove: () => Buffer | null } {
  const clock = more.clock ?? new FakeClock()
  const proof = new AddressProof({ secret, clock, address: more.address ?? '192.0.2.7', port: more.port ?? 5004 })
  return { clock, proof, prove: () => proof.take(proofDatagram('proof', parseProofDatagram(proof.take(REQUEST)!)!.token)) }
}

t.test('the bytes of server/protocol.md', async (t) => {
  t.equal(REQUEST.toString('hex'), `4c4f415001010000${'00'.repeat(24)}`)
  t.equal(proofDatagram('accepted', new Uint8Array(24), 60).toString('hex'), `4c4f41500104003c${'00'.repeat(24)}`)
  t.match(parseProofDatagram(proofDatagram('challenge', Buffer.alloc(24, 9))), { type: 'challenge', token: Buffer.alloc(24, 9) })
  for (const [name, bytes] of [['too short', REQUEST.subarray(0, 31)], ['too long', Buffer.concat([REQUEST, Buffer.alloc(1)])], ['another version', Buffer.from(REQUEST.toString('hex').replace('4c4f415001', '4c4f415002'), 'hex')], ['no type', proofDatagram('request').fill(0, 5, 6)], ['type 5', proofDatagram('request').fill(5, 5, 6)], ['other letters', Buffer.alloc(32, 0x4c)]] as const) t.equal(parseProofDatagram(bytes), undefined, name)
})

t.test('request, challenge, proof, accepted; and again within a minute', async (t) => {
  const { clock, proof, prove } = bench()
  t.equal(proof.proven, false)
  const challenge = parseProofDatagram(proof.take(REQUEST)!)!
  t.equal(challenge.type, 'challenge')
  t.equal(proof.proven, false, 'asking is not proving')
  t.match(parseProofDatagram(proof.take(proofDatagram('proof', challenge.token))!), { type: 'accepted', validSeconds: 60 })
  t.equal(proof.proven, true)
  clock.advance(PROOF_VALID_MS - 1)
  t.equal(proof.proven, true)
  clock.advance(1)
  t.equal(proof.proven, false, 'who says nothing gets nothing more')
  t.ok(prove())
  t.equal(proof.proven, true)
})

t.test('a report that we are heard keeps it alive, and never starts it', async (t) => {
  const { clock, proof, prove } = bench()
  proof.heard()
  t.equal(proof.proven, false)
  prove()
  for (let minutes = 0; minutes < 5; minutes += 1) {
    clock.advance(50_000)
    proof.heard()
    t.equal(proof.proven, true)
  }
})

t.test('a token is of one address, for some seconds', async (t) => {
  const clock = new FakeClock()
  const [one, other] = [bench({ clock }), bench({ clock, port: 5006 })]
  const token = parseProofDatagram(one.proof.take(REQUEST)!)!.token
  t.equal(other.proof.take(proofDatagram('proof', token)), null, 'of another port')
  t.equal(bench({ clock, address: '192.0.2.8' }).proof.take(proofDatagram('proof', token)), null, 'of another address')
  clock.advance(10_000)
  t.ok(one.proof.take(proofDatagram('proof', token)), 'still good after 10 s')
  const late = bench({ clock })
  clock.advance(10_000)
  t.equal(late.proof.take(proofDatagram('proof', token)), null, 'and not after 20 s')
  t.equal(late.proof.proven, false)
})

t.test('no amplification: one answer a request, of its size, and few of them', async (t) => {
  const { clock, proof } = bench()
  let bytes = 0
  for (let n = 0; n < 1000; n += 1) bytes += proof.take(REQUEST)?.length ?? 0
  t.equal(bytes, 5 * PROOF_BYTES, 'five at once')
  t.equal(proof.ignored, 995)
  clock.advance(10_000)
  for (let n = 0; n < 1000; n += 1) bytes += proof.take(REQUEST)?.length ?? 0
  t.equal(bytes, 10 * PROOF_BYTES, 'then one a second, and never more than five')
})

t.test('a successor takes over what was proved, for no longer than it would have held', async (t) => {
  const clock = new FakeClock()
  const options = { secret, clock, address: '192.0.2.7', port: 5004 }
  const carried = new AddressProof({ ...options, provenUntilMs: clock.monotonicMs() + 30_000 })
  t.equal(carried.proven, true)
  clock.advance(30_000)
  t.equal(carried.proven, false)
  t.ok(new AddressProof({ ...options, provenUntilMs: clock.monotonicMs() + 1e9 }).provenUntilMs <= clock.monotonicMs() + PROOF_VALID_MS)
})

t.test('property: no datagram proves anything by chance, throws, or is answered with more than it was', async (t) => {
  const { proof } = bench()
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ minLength: 26, maxLength: 26 }).map((rest) => new Uint8Array([...Buffer.from('LOAP'), 1, 3, ...rest]))), (bytes) => {
    const answer = proof.take(Buffer.from(bytes))
    return !proof.proven && (answer === null || answer.length <= bytes.length)
  }), { seed, numRuns: 3000 })
  t.pass('held')
})
