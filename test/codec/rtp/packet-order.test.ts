import t from 'tap'
import { MAX_BRIDGED_SAMPLES, PacketOrder, type InTurn } from '../../../codec/rtp/index.ts'
import { fc } from '../../support/seed.ts'

const SAMPLES = 960
const HOLD_MS = 100
const UINT16 = 0x1_0000
const UINT32 = 0x1_0000_0000
const samplesOf = (): number => SAMPLES

/** The packet with this number of a stream that begins at these places; its payload says the number. */
const packet = (index: number, firstSequence = 0, firstTimestamp = 0, ssrc = 1): [{ sequence: number; timestamp: number; ssrc: number }, Buffer] => {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(index)
  return [{ sequence: (firstSequence + index) % UINT16, timestamp: (firstTimestamp + index * SAMPLES) % UINT32, ssrc }, payload]
}
const shown = (turns: readonly InTurn[]): (number | string)[] => turns.map((turn) => (turn.kind === 'packet' ? turn.payload.readUInt32BE(0) : turn.kind === 'restart' ? 'restart' : `${turn.kind} ${String(turn.samples)}`))

t.test('whatever comes late, twice or never, all of a stream comes out once, in order and at its place', (t) => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: UINT16 - 1 }),
    fc.integer({ min: 0, max: UINT32 - 1 }),
    fc.array(fc.record({ fate: fc.constantFrom('comes', 'comes', 'comes', 'comes', 'twice', 'lost'), delayMs: fc.integer({ min: 0, max: HOLD_MS - 1 }), againMs: fc.integer({ min: 0, max: 300 }) }), { minLength: 2, maxLength: 120 }),
    (firstSequence, firstTimestamp, fates) => {
      // The first and the last come at once: what is before the first is not known, what is behind the last not missed.
      const sent = fates.map((fate, index) => (index === 0 || index === fates.length - 1 ? { fate: 'comes', delayMs: 0, againMs: 0 } : fate))
      const arrivals = sent.flatMap(({ fate, delayMs, againMs }, index) => fate === 'lost' ? [] : [
        { index, atMs: index * 20 + delayMs },
        ...(fate === 'twice' ? [{ index, atMs: index * 20 + delayMs + againMs }] : []),
      ]).sort((a, b) => a.atMs - b.atMs)
      const order = new PacketOrder(HOLD_MS)
      const turns: InTurn[] = []
      let atMs = 0
      for (const arrival of arrivals) {
        for (; atMs < arrival.atMs; atMs += 1) turns.push(...order.expire(atMs, samplesOf))
        turns.push(...order.push(...packet(arrival.index, firstSequence, firstTimestamp), arrival.atMs, samplesOf))
      }
      turns.push(...order.expire(Infinity, samplesOf))

      const lost = sent.filter(({ fate }) => fate === 'lost').length
      const duplicates = sent.filter(({ fate }) => fate === 'twice').length
      if (order.lostTotal !== lost || order.lateTotal !== duplicates) return false
      // Each thing that comes out stands where its sound belongs.
      let placeSamples = 0
      for (const turn of turns) {
        if (turn.kind === 'restart' || turn.kind === 'pause') return false
        if (turn.kind === 'packet' && turn.payload.readUInt32BE(0) * SAMPLES !== placeSamples) return false
        placeSamples += turn.kind === 'packet' ? SAMPLES : turn.samples
        // A hole longer than is bridged leaves its place: not with this many in a row.
        if (turn.kind === 'lost' && turn.samples === MAX_BRIDGED_SAMPLES) return true
      }
      return placeSamples === sent.length * SAMPLES && turns.filter(({ kind }) => kind === 'packet').length === sent.length - lost
    },
  ), { numRuns: 300 })
  t.end()
})

t.test('a gap is waited for as long as it was told, and no longer', (t) => {
  const order = new PacketOrder(HOLD_MS)
  t.same(shown(order.push(...packet(0), 0, samplesOf)), [0])
  t.same(shown(order.push(...packet(2), 40, samplesOf)), [])
  t.same(shown(order.expire(139, samplesOf)), [])
  t.same(shown(order.expire(140, samplesOf)), ['lost 960', 2])
  t.same(shown(order.push(...packet(1), 141, samplesOf)), [], 'too late')
  t.same([order.lostTotal, order.lateTotal], [1, 1])
  t.end()
})

t.test('a sender that says nothing for a while has lost nothing', (t) => {
  const order = new PacketOrder(HOLD_MS)
  order.push(...packet(0), 0, samplesOf)
  const [{ timestamp }, payload] = packet(11)
  t.same(shown(order.push({ sequence: 1, timestamp, ssrc: 1 }, payload, 220, samplesOf)), ['pause 9600', 11])
  t.same(shown(order.push({ sequence: 2, timestamp: timestamp + SAMPLES + 10 * 48_000, ssrc: 1 }, payload, 240, samplesOf)), [`pause ${String(10 * 48_000)}`, 11], 'however long')
  t.equal(order.lostTotal, 0)
  t.end()
})

t.test('what is lost beside a pause is one packet long, and the pause is not', (t) => {
  const sent = (sequence: number, place: number, marker: boolean): [{ sequence: number; timestamp: number; ssrc: number; marker: boolean }, Buffer] => [{ sequence, timestamp: place * SAMPLES, ssrc: 1, marker }, packet(place)[1]]
  const order = new PacketOrder(HOLD_MS)
  order.push(...sent(0, 0, false), 0, samplesOf)
  t.same(shown(order.push(...sent(2, 21, false), 420, samplesOf)), [], 'it may be the first after the pause: it is waited for')
  t.same(shown(order.expire(520, samplesOf)), [`pause ${String(19 * SAMPLES)}`, 'lost 960', 21])
  t.same(shown(order.push(...sent(4, 43, true), 860, samplesOf)), [`pause ${String(21 * SAMPLES)}`, 43], 'what was lost before a pause is not waited for when it is over')
  t.same(shown(order.push(...sent(6, 45, true), 900, samplesOf)), [], 'where nothing says that there was a pause the mark says nothing')
  t.same(shown(order.expire(1000, samplesOf)), ['lost 960', 45])
  t.equal(order.lostTotal, 3)
  t.end()
})

t.test('pauses and loss together: each packet at its place, each lost one counted once', (t) => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: UINT16 - 1 }), fc.integer({ min: 0, max: UINT32 - 1 }), fc.boolean(),
    fc.array(fc.record({ isLost: fc.boolean(), delayMs: fc.integer({ min: 0, max: HOLD_MS - 1 }), pause: fc.constantFrom(0, 0, 0, 0, 1, 4, 21, 400) }), { minLength: 2, maxLength: 100 }),
    (firstSequence, firstTimestamp, marks, fates) => {
      let place = 0
      const sent = fates.map(({ isLost, delayMs, pause }, index) => {
        const isEdge = index === 0 || index === fates.length - 1
        place += index === 0 ? 0 : 1 + pause
        return { index, place, isLost: isLost && !isEdge, atMs: place * 20 + (isEdge ? 0 : delayMs), marker: marks && pause > 0 }
      })
      const order = new PacketOrder(HOLD_MS)
      const turns: InTurn[] = []
      for (const { index, place: at, atMs, marker } of sent.filter((one) => !one.isLost).sort((a, b) => a.atMs - b.atMs)) {
        turns.push(...order.expire(atMs, samplesOf))
        turns.push(...order.push({ sequence: (firstSequence + index) % UINT16, timestamp: (firstTimestamp + at * SAMPLES) % UINT32, ssrc: 1, marker }, packet(at)[1], atMs, samplesOf))
      }
      turns.push(...order.expire(Infinity, samplesOf))
      let atSamples = 0
      for (const turn of turns) {
        if (turn.kind === 'restart' || (turn.kind === 'packet' && turn.payload.readUInt32BE(0) * SAMPLES !== atSamples)) return false
        if (turn.kind === 'lost' && turn.samples === MAX_BRIDGED_SAMPLES) return true
        atSamples += turn.kind === 'packet' ? SAMPLES : turn.samples
      }
      return order.lostTotal + order.lateTotal >= sent.filter(({ isLost }) => isLost).length && turns.filter(({ kind }) => kind === 'packet').length + order.lostTotal === sent.length
    },
  ), { numRuns: 300 })
  t.end()
})

t.test('another sender, or another place, is another stream', (t) => {
  const order = new PacketOrder(HOLD_MS)
  order.push(...packet(0), 0, samplesOf)
  t.same(shown(order.push(...packet(7, 0, 0, 2), 20, samplesOf)), ['restart', 7])
  t.same(shown(order.push(...packet(20_000, 0, 0, 2), 40, samplesOf)), ['restart', 20_000])
  t.equal(order.lostTotal, 0)
  t.end()
})

t.test('what holds no sound is passed over, and no wait gathers without end', (t) => {
  const order = new PacketOrder(HOLD_MS)
  t.same(order.push(...packet(0), 0, () => 0), [])
  t.same(shown(order.push(...packet(1), 0, samplesOf)), ['pause 960', 1])
  const turns: InTurn[] = []
  for (let index = 3; index < 260; index += 1) turns.push(...order.push(...packet(index), 20, samplesOf))
  t.same(shown(turns).slice(0, 2), ['lost 960', 3], 'although the time is not over')
  t.end()
})
