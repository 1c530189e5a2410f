import t from 'tap'
import { FRAME_FLAG } from '../../rooms/frame-bus.ts'
import type { PcmSource } from '../../rooms/pcm-source.ts'
import { FADE_SAMPLES, fallbackChain, SourceChain } from '../../rooms/source-chain.ts'

const BLOCK = 960

/** A sine that is there for as many samples of each block as `available` says. */
class Sine implements PcmSource {
  available = BLOCK
  reads = 0
  readonly #hz: number

  constructor(hz: number) {
    this.#hz = hz
  }

  read(block: Float32Array, fromSamples: number): number {
    this.reads++
    for (let i = 0; i < this.available; i++) block[i] = 0.5 * Math.sin((2 * Math.PI * this.#hz * (fromSamples + i)) / 48_000)
    return this.available
  }
}

/** Renders blocks, the sources changed before some of them; gives all samples and the flags of each block. */
function play(chain: SourceChain, blocks: number, before: Readonly<Record<number, () => void>> = {}): { pcm: Float32Array; flags: number[] } {
  const pcm = new Float32Array(blocks * BLOCK)
  const flags: number[] = []
  for (let i = 0; i < blocks; i++) {
    before[i]?.()
    flags.push(chain.render(pcm.subarray(i * BLOCK, (i + 1) * BLOCK), i * BLOCK))
  }
  return { pcm, flags }
}

/** No step is greater than what a full-scale sine of this frequency makes, with room for the fade's own slope. */
function greatestStep(pcm: Float32Array): number {
  let greatest = 0
  for (let i = 1; i < pcm.length; i++) greatest = Math.max(greatest, Math.abs(pcm[i]! - pcm[i - 1]!))
  return greatest
}
const STEP_OF_400_HZ = 0.5 * 2 * Math.PI * (400 / 48_000) + 0.5 * (Math.PI / 2 / FADE_SAMPLES)

t.test('a source that starves after any number of samples is faded to silence without a step', (t) => {
  for (const left of [0, 1, 2, 100, 479, 480, 481, 700, 959]) {
    const source = new Sine(400)
    const chain = new SourceChain([source], BLOCK)
    const { pcm, flags } = play(chain, 6, { 3: () => { source.available = left }, 4: () => { source.available = 0 } })
    t.ok(greatestStep(pcm) < STEP_OF_400_HZ * 1.05, `${String(left)} samples left: step ${greatestStep(pcm).toFixed(4)}`)
    t.ok(pcm.subarray(3 * BLOCK + Math.max(left, FADE_SAMPLES)).every((x) => x === 0), 'then silence')
    t.ok(pcm.subarray(3 * BLOCK, 3 * BLOCK + 200).some((x) => Math.abs(x) > 0.2), 'the fade has sound in it')
    t.same(flags, [FRAME_FLAG.FADE, 0, 0, FRAME_FLAG.BRIDGED | FRAME_FLAG.FADE, FRAME_FLAG.BRIDGED, FRAME_FLAG.BRIDGED])
    t.equal(chain.starvedTotal, 1)
  }
  t.end()
})

t.test('the fallback sounds after the bridge, and the first choice returns by a crossfade', (t) => {
  const first = new Sine(400)
  const second = new Sine(300)
  const chain = new SourceChain([first, second], BLOCK)
  const { pcm, flags } = play(chain, 10, { 2: () => { first.available = 0 }, 6: () => { first.available = BLOCK } })
  t.same(flags.slice(1), [0, FRAME_FLAG.BRIDGED | FRAME_FLAG.FADE, FRAME_FLAG.FADE, 0, 0, FRAME_FLAG.FADE, 0, 0, 0])
  t.ok(greatestStep(pcm) < STEP_OF_400_HZ * 2.1)
  const expected = (hz: number, i: number): number => 0.5 * Math.sin((2 * Math.PI * hz * i) / 48_000)
  t.ok(pcm.subarray(4 * BLOCK, 6 * BLOCK).every((x, i) => Math.abs(x - expected(300, 4 * BLOCK + i)) < 1e-6), 'the fallback as it is')
  t.ok(pcm.subarray(7 * BLOCK).every((x, i) => Math.abs(x - expected(400, 7 * BLOCK + i)) < 1e-6), 'the first choice as it is')
  const before = second.reads
  play(chain, 5)
  t.equal(second.reads, before, 'a fallback that is not needed is not read')
  t.end()
})

t.test('a chain whose sources are replaced fades out what leaves and keeps what stays', (t) => {
  const first = new Sine(400)
  const second = new Sine(300)
  const chain = new SourceChain([first], BLOCK)
  const { pcm, flags } = play(chain, 8, { 3: () => { chain.setSources([new Sine(900), first].reverse()) }, 5: () => { chain.setSources([second]) } })
  t.same(flags, [FRAME_FLAG.FADE, 0, 0, 0, 0, FRAME_FLAG.FADE, 0, 0])
  t.ok(greatestStep(pcm) < STEP_OF_400_HZ * 2.1, 'no step where one leaves and the other comes')
  t.end()
})

t.test('chains end before a cycle', (t) => {
  const fallbacks: Readonly<Record<string, string | null>> = { a: 'b', b: 'c', c: 'a', d: null, e: 'gone' }
  const of = (id: string): string | null | undefined => fallbacks[id]
  t.same(fallbackChain('a', of), { ids: ['a', 'b', 'c'], cycle: true })
  t.same(fallbackChain('d', of), { ids: ['d'], cycle: false })
  t.same(fallbackChain('e', of), { ids: ['e', 'gone'], cycle: false })
  t.same(fallbackChain('x', () => 'x'), { ids: ['x'], cycle: true })
  t.end()
})
