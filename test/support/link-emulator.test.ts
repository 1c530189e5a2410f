import t from 'tap'
import { LinkCuts, LinkModel, PROFILES, type DirectionProfile, type LinkProfile } from './link-emulator.ts'
import { deriveSeed, seededRandom } from './link-emulator-random.ts'
import { fc } from './seed.ts'

const plain: DirectionProfile = { delayMs: [10, 10], jitterScaleMs: 0, jitterMaxMs: 0, lossShare: 0, lossBurstPackets: 1, rateBps: 0, queueMs: 100 }
const profile = (up: Partial<DirectionProfile>, cuts: LinkProfile['cuts'] = null): LinkProfile => ({ name: 'test', up: { ...plain, ...up }, down: plain, cuts, symmetric: false })

const delaysOf = (model: LinkModel, count: number, everyMs = 100): number[] =>
  Array.from({ length: count }, (_, index) => model.up.datagram(index * everyMs, 100)).flatMap((atMs, index) => (atMs === undefined ? [] : [atMs - index * everyMs]))
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

t.test('delay lies between its least and its most and is spread as the profile says', (t) => {
  const { jitterScaleMs: scale, jitterMaxMs: most } = PROFILES['4g'].up
  const delays = delaysOf(new LinkModel(profile({ jitterScaleMs: scale, jitterMaxMs: most }), 7), 50_000)
  t.ok(Math.min(...delays) >= 10 && Math.min(...delays) < 10.01)
  t.ok(Math.max(...delays) <= 10 + most && Math.max(...delays) > 10 + most * 0.9)
  // Mean and median of an exponential distribution that is cut off at `most`.
  const share = 1 - Math.exp(-most / scale)
  t.ok(Math.abs(mean(delays) - (10 + scale - (most * (1 - share)) / share)) < 0.15, `mean ${String(mean(delays))}`)
  const below = delays.filter((delay) => delay < 10 - Math.log(1 - share / 2) * scale).length / delays.length
  t.ok(Math.abs(below - 0.5) < 0.01, `${String(below)} below the median`)
  t.end()
})

t.test('round trips of the profiles are what their names promise', (t) => {
  for (const [name, least, most] of [['lan', 0.4, 1.2], ['4g', 40, 150]] as const) {
    for (let seed = 0; seed < 200; seed += 1) {
      const { up, down } = new LinkModel(PROFILES[name], seed)
      t.equal(up.delayMs, down.delayMs)
      const trip = Array.from({ length: 50 }, (_, index) => up.datagram(index, 1)! + down.datagram(index, 1)! - 2 * index)
      if (Math.min(...trip) < least || Math.max(...trip) > most) t.fail(`${name}, seed ${String(seed)}: ${String(Math.min(...trip))} to ${String(Math.max(...trip))} ms`)
    }
  }
  const { up, down } = new LinkModel(PROFILES['4g-asymmetric'], 3)
  t.ok(up.delayMs > down.delayMs)
  t.end()
})

t.test('loss has the share and the mean burst of the profile', (t) => {
  const model = new LinkModel(profile({ lossShare: 0.02, lossBurstPackets: 3 }), 11)
  const lost = Array.from({ length: 300_000 }, (_, index) => model.up.datagram(index, 100) === undefined)
  const bursts = lost.filter((gone, index) => gone && lost[index - 1] !== true).length
  const share = lost.filter(Boolean).length / lost.length
  t.ok(Math.abs(share - 0.02) < 0.002, `${String(share)} lost`)
  t.ok(Math.abs(lost.filter(Boolean).length / bursts - 3) < 0.3, `bursts of ${String((share * lost.length) / bursts)}`)
  t.equal(model.up.counts.lost, lost.filter(Boolean).length)
  t.end()
})

t.test('a stream keeps its order, loses nothing, and stalls for a retransmission', (t) => {
  fc.assert(fc.property(fc.integer(), fc.constantFrom('lan', '4g', 'bad' as const), (seed, name) => {
    const stream = new LinkModel(PROFILES[name], seed).up.stream()
    let lastMs = 0
    for (let nowMs = 0; nowMs < 20_000; nowMs += 100) {
      const atMs = stream.segment(nowMs, 2400)
      if (atMs < lastMs || atMs < nowMs + 0.2) return false
      lastMs = atMs
    }
    return true
  }), { numRuns: 60 })
  const model = new LinkModel(profile({ lossShare: 0.02, lossBurstPackets: 1 }), 5)
  const stream = model.up.stream()
  const delays = Array.from({ length: 20_000 }, (_, index) => stream.segment(index * 1000, 100) - index * 1000)
  const stalled = delays.filter((delay) => delay > 10)
  t.equal(stalled.length, model.up.counts.stalls)
  t.ok(Math.abs(stalled.length / delays.length - 0.02) < 0.004)
  // RTO 200 ms and the round trip of 20; the second attempt comes after twice the wait.
  t.ok(stalled.every((delay) => [230, 670, 1550].some((expected) => Math.abs(delay - expected) < 1e-6)), 'in steps of the retransmission timer')
  t.end()
})

t.test('what follows a stall comes with it', (t) => {
  const model = new LinkModel(profile({}), 1)
  const stream = model.up.stream()
  model.cuts.add(1000, 1001)
  t.equal(stream.segment(999, 10), 1009)
  const stalled = stream.segment(1000, 10)
  t.equal(stalled, 1230)
  t.equal(stream.segment(1100, 10), stalled)
  t.equal(stream.segment(1219, 10), stalled)
  t.equal(stream.segment(1300, 10), 1310)
  t.equal(model.up.counts.stalls, 1)
  t.end()
})

t.test('a cut lasts until the first retransmission after it; a connection that is opened in it waits for its own', (t) => {
  const model = new LinkModel(profile({}), 1)
  model.cuts.add(10_000, 15_000)
  t.equal(model.up.datagram(10_000, 1), undefined)
  t.equal(model.up.datagram(15_000, 1), 15_010)
  // 220, 660, 1540, 3300, 6820 ms after the first try.
  t.equal(model.up.stream().segment(10_000, 1), 16_830)
  // 1, 3, 7 s.
  t.equal(model.up.opening(13_500), 13_500 + 3000 + 10)
  t.equal(model.up.opening(15_000), 15_010)
  t.end()
})

t.test('random cuts come as often and last as long as the plan says', (t) => {
  const cuts = new LinkCuts({ everyMs: 60_000, lengthMs: [1000, 5000] }, seededRandom(4))
  let began = 0
  let cutMs = 0
  let was = false
  for (let atMs = 0; atMs < 3_600_000; atMs += 200) {
    const is = cuts.isCut(atMs)
    if (is && !was) began += 1
    if (is) cutMs += 200
    was = is
  }
  t.ok(began > 35 && began < 85, `${String(began)} cuts in an hour`)
  t.ok(cutMs / began > 2000 && cutMs / began < 4000, `${String(cutMs / began)} ms each`)
  t.end()
})

t.test('a rate limit makes a line of what comes at once, and drops datagrams from a full one', (t) => {
  const model = new LinkModel(profile({ rateBps: 80_000, queueMs: 100 }), 1)
  // 100 bytes take 10 ms; the eleventh waits for 100 ms, the twelfth would wait longer.
  t.same(Array.from({ length: 14 }, () => model.up.datagram(0, 100)), [...Array.from({ length: 11 }, (_, index) => 20 + index * 10), undefined, undefined, undefined])
  t.equal(model.up.datagram(1000, 100), 1020)
  t.end()
})

t.test('the same seed gives the same link, another one another', (t) => {
  const run = (seed: number): (number | undefined)[] => {
    const { up, down } = new LinkModel(PROFILES.bad, seed)
    const stream = down.stream()
    return Array.from({ length: 500 }, (_, index) => (index % 2 === 0 ? up.datagram(index * 37, 900) : stream.segment(index * 37, 900)))
  }
  t.same(run(42), run(42))
  t.not(run(42).join(), run(43).join())
  t.equal(new Set(Array.from({ length: 10_000 }, (_, index) => deriveSeed(1, index))).size, 10_000)
  t.end()
})
