import t from 'tap'
import { ElasticBuffer, type ElasticBufferOptions } from '../../rooms/elastic-buffer.ts'
import { VOICE_BUFFER } from '../../server/webrtc/whip-session.ts'

const BLOCK = 960
/** More of them show more; the suite is short of time. */
const RUNS = Number(process.env['BUFFER_RUNS'] ?? 1)
/** The same without what makes it nimble: what it was before. */
const STIFF: ElasticBufferOptions = { targetMs: 40, maxTargetMs: 1000, windowMs: 1000, trimAboveMs: 400, capacityMs: 3000 }

/** Of the leveller and the encoder. */
const LOOK_AHEAD_MS = 1.6 + 6.5

/** Reproducible. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 2 ** 32
  }
}

interface Network {
  readonly seed: number
  readonly seconds: number
  /** How much faster the sender's clock is. */
  readonly ppm?: number
  /** Packets come up to so much later than the first could. */
  readonly jitterMs?: number
  /** Share of packets that come a round trip later, as a retransmission does; those behind wait for them. */
  readonly loss?: number
  readonly roundTripMs?: number
  /** Between these times, in seconds, packets are held up by so much. */
  readonly bad?: { readonly from: number; readonly until: number; readonly jitterMs: number }
  /** All that is sent for so long comes at its end: the first time at `from`, seconds, then again and again. */
  readonly stalls?: { readonly from: number; readonly everySeconds: number; readonly times: number; readonly ms: number }
  /** Where between two reads packets come. */
  readonly phaseMs?: number
  /** How loud the sender is at a time, seconds. */
  readonly level?: (second: number) => number
}

/** Packets of 20 ms over a network into a buffer that is read on the grid. @returns dry spells and waits by second, ms from the coming of a packet to the read that lets its last sample leave the encoder */
function play(options: ElasticBufferOptions, { seed, seconds, ppm = 0, jitterMs = 1, loss = 0, roundTripMs = 60, bad, stalls, phaseMs, level = () => 0 }: Network): { buffer: ElasticBuffer; dry: number; waitsMs: number[] } {
  const next = random(seed)
  const buffer = new ElasticBuffer(options)
  const packetMs = 20 / (1 + ppm / 1e6)
  const firstMs = phaseMs ?? 20 * next()
  const packet = new Float32Array(BLOCK)
  const block = new Float32Array(BLOCK)
  const waitsMs: number[] = []
  let sent = 0
  let comesMs = -Infinity
  const arrival = (): number => {
    const atMs = firstMs + sent * packetMs
    const held = bad !== undefined && atMs > bad.from * 1000 && atMs < bad.until * 1000 ? bad.jitterMs : jitterMs
    comesMs = Math.max(comesMs, atMs + held * next() + (next() < loss ? roundTripMs : 0))
    if (stalls !== undefined) {
      const sinceMs = atMs - stalls.from * 1000
      const number = Math.floor(sinceMs / (stalls.everySeconds * 1000))
      const inStallMs = sinceMs - number * stalls.everySeconds * 1000
      if (sinceMs >= 0 && number < stalls.times && inStallMs < stalls.ms) comesMs = Math.max(comesMs, atMs - inStallMs + stalls.ms)
    }
    return comesMs
  }
  let dueMs = arrival()
  for (let readMs = 0; readMs < seconds * 1000; readMs += 20) {
    while (dueMs <= readMs) {
      const amplitude = level(dueMs / 1000)
      if (amplitude > 0) for (let i = 0; i < BLOCK; i += 1) packet[i] = amplitude * (next() - 0.5)
      buffer.write(packet, dueMs)
      waitsMs.push(readMs - dueMs + 20 * Math.floor((buffer.levelMs + LOOK_AHEAD_MS) / 20))
      sent += 1
      dueMs = arrival()
    }
    buffer.read(block, readMs)
  }
  return { buffer, dry: buffer.starvedTotal, waitsMs }
}

const quantile = (values: readonly number[], share: number): number => [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))]!

t.test('on an even network sound waits no longer than it must, whatever the phase and the sender’s crystal', (t) => {
  for (const ppm of [0, 60, -60]) {
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const { dry, waitsMs } = play(VOICE_BUFFER, { seed, seconds: 240 * RUNS, ppm })
      const late = waitsMs.slice(Math.floor(waitsMs.length / 2))
      t.equal(dry, 0, `never dry at ${String(ppm)} ppm, phase ${String(seed)}: its packets come from before one block to after it`)
      t.ok(quantile(late, 0.99) < 52, `p99 ${quantile(late, 0.99).toFixed(1)} ms`)
    }
  }
  t.end()
})

t.test('where packets come at one place between two reads, none waits for more than the block it is needed in', (t) => {
  for (let place = 0; place < 6; place += 1) {
    const phaseMs = (place + 0.5) * (20 / 6)
    const { dry, waitsMs } = play(VOICE_BUFFER, { seed: 1, seconds: 100, phaseMs, level: (second) => (second % 4 < 3 ? 0.5 : 0.001) })
    const mostMs = quantile(waitsMs.slice(-1500), 0.99)
    t.ok(dry === 0 && mostMs < 48.5, `${phaseMs.toFixed(1)} ms after a read: ${mostMs.toFixed(1)} ms`)
  }
  t.end()
})

t.test('loss and jitter run it dry no more often than a buffer that is always deep', (t) => {
  const networks: Omit<Network, 'seed' | 'seconds'>[] = [{ jitterMs: 60 }, { loss: 0.05, roundTripMs: 60 }, { loss: 0.01, roundTripMs: 90, jitterMs: 20 }, { loss: 0.05, roundTripMs: 60, jitterMs: 60 }]
  for (const network of networks) {
    let nimble = 0
    let stiff = 0
    let waitMs = 0
    let stiffMs = 0
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const [a, b] = [play(VOICE_BUFFER, { ...network, seed, seconds: 100 * RUNS }), play(STIFF, { ...network, seed, seconds: 100 * RUNS })]
      nimble += a.dry
      stiff += b.dry
      waitMs += quantile(a.waitsMs, 0.99) / RUNS
      stiffMs += quantile(b.waitsMs, 0.99) / RUNS
    }
    t.ok(nimble <= stiff + 2 * RUNS, `${JSON.stringify(network)}: dry ${String(nimble)} times, always deep ${String(stiff)}; p99 ${waitMs.toFixed(0)} ms and ${stiffMs.toFixed(0)} ms`)
  }
  t.end()
})

t.test('running dry once teaches by how much sound was late: the same does not happen twice', (t) => {
  for (const ms of [100, 250, 400, 700]) {
    for (const phaseMs of [1, 13]) {
      const stalls = { from: 30, everySeconds: 12, times: 6, ms }
      const { dry, buffer } = play(VOICE_BUFFER, { seed: 1, seconds: 110, phaseMs, stalls, level: () => 0.5 })
      t.ok(dry === 1 && buffer.targetMs >= ms - 60, `six times ${String(ms)} ms: dry ${String(dry)} times, then ${buffer.targetMs.toFixed(0)} ms are thought to be needed`)
    }
  }
  t.end()
})

t.test('a stall is forgotten after a good minute, and then nothing is waited for that need not be', (t) => {
  const { dry, waitsMs } = play(VOICE_BUFFER, { seed: 1, seconds: 160, phaseMs: 9, stalls: { from: 30, everySeconds: 1, times: 1, ms: 400 }, level: (second) => (second % 4 < 3 ? 0.5 : 0.001) })
  t.equal(dry, 1)
  t.ok(quantile(waitsMs.slice(-20 * 50), 0.99) < 48.5, `${quantile(waitsMs.slice(-20 * 50), 0.99).toFixed(1)} ms, as where it never ran dry`)
  t.end()
})

t.test('a sender that was away for longer than any depth could bridge teaches nothing', (t) => {
  const { dry, buffer } = play(VOICE_BUFFER, { seed: 1, seconds: 40, stalls: { from: 30, everySeconds: 1, times: 1, ms: 5000 } })
  t.equal(dry, 1)
  t.ok(buffer.targetMs <= 60, `${buffer.targetMs.toFixed(0)} ms`)
  t.end()
})

t.test('a stall while a stream begins costs nothing later', (t) => {
  const { waitsMs } = play(VOICE_BUFFER, { seed: 1, seconds: 50, phaseMs: 9, stalls: { from: 0.3, everySeconds: 1, times: 1, ms: 15 }, level: (second) => (second % 4 < 3 ? 0.5 : 0.001) })
  t.ok(quantile(waitsMs.slice(-15 * 50), 0.99) < 48.5, `${quantile(waitsMs.slice(-15 * 50), 0.99).toFixed(1)} ms half a minute later`)
  t.end()
})

t.test('after a bad minute it is quick again as soon as there are pauses', (t) => {
  const bad = { from: 60, until: 70, jitterMs: 300 }
  const speech = (second: number): number => (second % 4 < 3 ? 0.5 : 0.001)
  const { waitsMs, buffer } = play(VOICE_BUFFER, { seed: 3, seconds: 200, bad, level: speech })
  const during = quantile(waitsMs.slice(65 * 50, 75 * 50), 0.5)
  const after = quantile(waitsMs.slice(-30 * 50), 0.99)
  t.ok(during > 100, `while it was bad ${during.toFixed(0)} ms`)
  t.ok(after < 50, `two minutes later ${after.toFixed(0)} ms`)
  t.ok(buffer.targetMs < 20)
  const still = play(VOICE_BUFFER, { seed: 3, seconds: 140, bad, level: () => 0.5 })
  t.ok(quantile(still.waitsMs.slice(-30 * 50), 0.99) > after, 'where nobody pauses nothing is left out for it')
  t.end()
})

t.test('a delay that has grown to where sound is left out is kept while it is needed, and falls again, without a cut in every second', (t) => {
  const bad = { from: 5, until: 40, jitterMs: 900 }
  const [at, later] = [60, 130].map((seconds) => play(VOICE_BUFFER, { seed: 3, seconds, bad, level: () => 0.5 }).buffer)
  t.ok(at!.targetMs > VOICE_BUFFER.trimAboveMs, `${at!.targetMs.toFixed(0)} ms are thought to be needed at first`)
  t.ok(later!.targetMs < 20, `${later!.targetMs.toFixed(0)} ms when a minute was good`)
  t.ok(later!.trimsTotal <= 2, `${String(later!.trimsTotal)} cuts`)
  t.end()
})
