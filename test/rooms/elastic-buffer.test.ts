import t from 'tap'
import { ElasticBuffer, type ElasticBufferOptions } from '../../rooms/elastic-buffer.ts'
import { MAX_PPM, RateController } from '../../rooms/rate-controller.ts'
import { varispeed } from '../../codec/pcm/varispeed.ts'
import { toneRatioDb } from '../support/tone-ratio.ts'

const BLOCK = 960
const LIVE: ElasticBufferOptions = { targetMs: 300, maxTargetMs: 2000, windowMs: 2000, trimAboveMs: 1500, capacityMs: 4000 }

/** Reproducible randomness; the seed is printed by who uses it. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 2 ** 32
  }
}

t.test('reading between samples is inaudible up to where codecs end', (t) => {
  const output = new Float32Array(BLOCK)
  for (const [hz, bound] of [[100, 75], [1000, 75], [5000, 75], [10_000, 70], [15_000, 60]] as const) {
    for (const ratio of [1 - 300e-6, 1, 1 + 200e-6]) {
      const input = Float32Array.from({ length: 2000 }, (_, i) => Math.sin((2 * Math.PI * hz * i) / 48_000))
      varispeed(input, 100.37, ratio, output, BLOCK)
      let signal = 0
      let error = 0
      for (let i = 0; i < BLOCK; i++) {
        const exact = Math.sin((2 * Math.PI * hz * (100.37 + i * ratio)) / 48_000)
        signal += exact ** 2
        error += (exact - output[i]!) ** 2
      }
      const ratioDb = 10 * Math.log10(signal / error)
      t.ok(ratioDb > bound, `${String(hz)} Hz at ${ratio.toFixed(4)}: ${ratioDb.toFixed(1)} dB`)
    }
  }
  t.end()
})

t.test('a week of a source that is off by 200 ppm, arriving in bursts: the level stays, nothing is dropped', (t) => {
  for (const ppm of [200, -200, 35]) {
    const seed = 4711 + ppm
    const next = random(seed)
    const controller = new RateController(LIVE.targetMs, LIVE.windowMs)
    let level = LIVE.targetMs + 60
    let owedMs = 0
    let lowest = Infinity
    let highest = -Infinity
    let lateLowest = Infinity
    let lateHighest = -Infinity
    const blocks = (7 * 24 * 3600 * 1000) / 20
    for (let i = 0; i < blocks; i++) {
      owedMs += 20 * (1 + ppm / 1e6)
      // Chunks of about 60 ms, held up now and then.
      if (owedMs > 40 + 60 * next()) {
        level += owedMs
        owedMs = 0
      }
      level -= 20 * (1 + controller.ppm / 1e6)
      controller.observe(level, 20)
      if (level < lowest) lowest = level
      if (level > highest) highest = level
      if (i > blocks / 2) {
        if (level < lateLowest) lateLowest = level
        if (level > lateHighest) lateHighest = level
      }
    }
    t.ok(lowest > 150, `${String(ppm)} ppm (seed ${String(seed)}): never below ${lowest.toFixed(0)} ms`)
    t.ok(highest < 560, `never above ${highest.toFixed(0)} ms`)
    t.ok(lateLowest > 260 && lateHighest < 460, `settled between ${lateLowest.toFixed(0)} and ${lateHighest.toFixed(0)} ms`)
    t.ok(Math.abs(controller.ppm - ppm) < 60, `corrects by ${controller.ppm.toFixed(0)} ppm`)
  }
  t.end()
})

t.test('without correction the same week runs dry or over', (t) => {
  const perWeekMs = 7 * 24 * 3600 * 1000 * 200e-6
  t.ok(perWeekMs > LIVE.capacityMs)
  t.end()
})

/** Plays a tone of a source that is off by `ppm` through a buffer for some time. */
function relay(buffer: ElasticBuffer, ppm: number, seconds: number): Float32Array {
  const pcm = new Float32Array(seconds * 48_000)
  const chunk = new Float32Array(480)
  let written = 0
  for (let at = 0; at < pcm.length; at += BLOCK) {
    while (written < (at + BLOCK) * (1 + ppm / 1e6) + 320 * 48) {
      for (let i = 0; i < chunk.length; i++) chunk[i] = 0.5 * Math.sin((2 * Math.PI * 1000 * (written + i)) / 48_000)
      buffer.write(chunk)
      written += chunk.length
    }
    buffer.read(pcm.subarray(at, at + BLOCK))
  }
  return pcm
}

t.test('ten minutes at ±200 ppm: the signal is whole, the level kept', (t) => {
  for (const ppm of [200, -200]) {
    const buffer = new ElasticBuffer(LIVE)
    const pcm = relay(buffer, ppm, 600)
    // A fit of one frequency takes a change of rate within the piece for an error, though it is only a change of pitch by some
    // parts per million; what the interpolation itself adds is held above.
    const ratiosDb = Array.from({ length: 20 }, (_, i) => toneRatioDb(pcm.subarray(590 * 48_000 + i * 2400, 590 * 48_000 + (i + 1) * 2400), 1000 * (1 + ppm / 1e6)))
    t.ok(Math.min(...ratiosDb) > 50, `${String(ppm)} ppm: ${Math.min(...ratiosDb).toFixed(1)} dB at least`)
    let greatest = 0
    for (let i = 48_000; i < pcm.length; i++) greatest = Math.max(greatest, Math.abs(pcm[i]! - pcm[i - 1]!))
    t.ok(greatest < 0.5 * 2 * Math.PI * (1000 / 48_000) * 1.001, 'no step anywhere')
    t.same([buffer.trimsTotal, buffer.overflowsTotal, buffer.starvedTotal], [0, 0, 0])
    t.ok(Math.abs(buffer.levelMs - 300) < 60, `${buffer.levelMs.toFixed(0)} ms`)
    t.ok(Math.abs(buffer.ppm) <= MAX_PPM)
  }
  t.end()
})

t.test('nothing sounds before the target is reached; running dry fills again and raises the target up to its bound', (t) => {
  const buffer = new ElasticBuffer({ ...LIVE, maxTargetMs: 600 })
  const block = new Float32Array(BLOCK)
  buffer.write(new Float32Array(299 * 48).fill(0.1))
  t.equal(buffer.read(block), 0)
  buffer.write(new Float32Array(2 * 48).fill(0.1))
  t.equal(buffer.read(block), BLOCK)
  let filled = BLOCK
  while (filled === BLOCK) filled = buffer.read(block)
  t.ok(filled < BLOCK)
  t.equal(buffer.targetMs, 450)
  t.equal(buffer.read(block), 0)
  buffer.write(new Float32Array(500 * 48))
  t.equal(buffer.read(block), BLOCK)
  while (buffer.read(block) === BLOCK);
  t.equal(buffer.targetMs, 600)
  t.equal(buffer.starvedTotal, 2)
  buffer.write(new Float32Array(700 * 48))
  buffer.end()
  while (buffer.read(block) === BLOCK);
  t.equal(buffer.starvedTotal, 2, 'an end is no starvation')
  t.end()
})

t.test('too much is left out with a fade: at once when the buffer is full, after a window when it stays high', (t) => {
  const ramp = (samples: number): Float32Array => Float32Array.from({ length: samples }, (_, i) => 0.4 * Math.sin((2 * Math.PI * 400 * i) / 48_000))
  const greatestStep = 0.4 * 2 * Math.PI * (400 / 48_000) + 0.8 * (Math.PI / 2 / 480)
  const block = new Float32Array(BLOCK)
  const play = (buffer: ElasticBuffer, blocks: number, feed: boolean): number => {
    let last: number | undefined
    let greatest = 0
    const more = ramp(BLOCK)
    for (let i = 0; i < blocks; i++) {
      if (feed) buffer.write(more)
      const filled = buffer.read(block)
      for (let k = 0; k < filled; k++) {
        if (last !== undefined) greatest = Math.max(greatest, Math.abs(block[k]! - last))
        last = block[k]!
      }
    }
    return greatest
  }

  const full = new ElasticBuffer(LIVE)
  full.write(ramp(48_000))
  full.read(block)
  while (full.overflowsTotal === 0) full.write(ramp(BLOCK))
  t.ok(Math.abs(full.levelMs - 300) <= 20, `back to the target: ${full.levelMs.toFixed(1)} ms`)
  t.ok(play(full, 10, false) < greatestStep, 'faded')

  const burst = new ElasticBuffer(LIVE)
  burst.write(ramp(48_000))
  burst.read(block)
  burst.write(ramp(48 * 3600))
  t.equal(burst.overflowsTotal, 1)
  t.ok(Math.abs(burst.levelMs - 300) < 1, `what came after the fullness in the same write is left out too: ${burst.levelMs.toFixed(1)} ms`)
  t.ok(play(burst, 10, false) < greatestStep, 'faded')

  const high = new ElasticBuffer(LIVE)
  high.write(ramp(48 * 2400))
  t.ok(play(high, 150, true) < greatestStep, 'faded')
  t.equal(high.trimsTotal, 1)
  t.ok(high.levelMs < 400, `${high.levelMs.toFixed(0)} ms`)

  const never = new ElasticBuffer(LIVE)
  never.write(ramp(48 * 10_000))
  t.ok(never.levelMs <= 4000, 'one write larger than the buffer')
  t.end()
})
