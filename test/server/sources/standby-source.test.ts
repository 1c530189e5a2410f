import { pino } from 'pino'
import t from 'tap'
import { BLOCK_SAMPLES } from '../../../rooms/programme.ts'
import { SourceChain } from '../../../rooms/source-chain.ts'
import type { SourceReport, SourceSpec, SourceSwitch } from '../../../server/link/messages.ts'
import type { SourceContext } from '../../../server/sources/open-source.ts'
import { StandbySource } from '../../../server/sources/standby-source.ts'

const SPEC = { kind: 'standby', id: 'both', name: 'Both', inputSourceIds: ['a', 'b'], return: 'automatic', returnAfterMs: 1000, pinned: null, chosenAtMs: null, lastInputSourceId: null, fallbackSourceId: null } as const satisfies SourceSpec
const SECOND_BLOCKS = 48_000 / BLOCK_SAMPLES

/** A sine that has as many samples in each block as it is told. */
class Input {
  available = BLOCK_SAMPLES
  state: SourceReport['state'] = 'live'
  reads = 0
  /** As sources do that hold back what is faulty. */
  holdsBack = false
  forcedAt = -Infinity
  readonly hz: number

  constructor(hz: number) {
    this.hz = hz
  }

  read(block: Float32Array, fromSamples: number): number {
    this.reads++
    if (this.holdsBack && this.forcedAt !== fromSamples) return 0
    for (let i = 0; i < this.available; i++) block[i] = this.at(fromSamples + i)
    return this.available
  }

  force(fromSamples: number): void {
    this.forcedAt = fromSamples
  }

  at(samples: number): number {
    return 0.5 * Math.sin((2 * Math.PI * this.hz * samples) / 48_000)
  }

  report(): SourceReport {
    return { state: this.state, urlIndex: null, peakDbfs: -6, rmsDbfs: -9, clippedPercent: 0, fault: this.state === 'silent' ? 'silence' : null, reason: this.available === 0 ? 'the studio has disconnected' : '', title: '', receivedBytes: 7 }
  }
}

function open(spec: Extract<SourceSpec, { kind: 'standby' }> = SPEC) {
  const inputs: Record<string, Input> = { a: new Input(400), b: new Input(300), c: new Input(500) }
  const switches: Omit<SourceSwitch, 'type' | 'id'>[] = []
  const context = { logger: pino({ enabled: false }), changed: () => undefined, input: (id: string) => inputs[id], switched: (what: Omit<SourceSwitch, 'type' | 'id'>) => { switches.push(what) } }
  const source = new StandbySource(spec, context as unknown as SourceContext)
  source.setNeeded(true)
  let block = 0
  /** What a listener hears of it: the chain of a programme with nothing else in it. */
  const chain = new SourceChain([source], BLOCK_SAMPLES)
  const play = (blocks: number): Float32Array => {
    const pcm = new Float32Array(blocks * BLOCK_SAMPLES)
    for (let n = 0; n < blocks; n++) chain.render(pcm.subarray(n * BLOCK_SAMPLES, (n + 1) * BLOCK_SAMPLES), block++ * BLOCK_SAMPLES)
    return pcm
  }
  return { inputs, switches, source, play, a: inputs['a']!, b: inputs['b']! }
}

const STEP = 0.5 * 2 * Math.PI * (400 / 48_000) + 0.5 * (Math.PI / 2 / 480) + 0.5 * 2 * Math.PI * (300 / 48_000)
const greatestStep = (pcm: Float32Array): number => pcm.reduce((most, x, i) => (i === 0 ? 0 : Math.max(most, Math.abs(x - pcm[i - 1]!))), 0)

/** Longest stretch that nobody would hear, samples. */
function longestGap(pcm: Float32Array): number {
  let [gap, longest] = [0, 0]
  for (const x of pcm) {
    gap = Math.abs(x) < 0.01 ? gap + 1 : 0
    longest = Math.max(longest, gap)
  }
  return longest
}

t.test('an input that ends after any number of samples is followed by the next without a gap or a step', (t) => {
  for (const left of [0, 1, 100, 479, 480, 700, 959]) {
    const { a, b, play, switches } = open()
    play(10)
    a.available = left
    const cut = play(1)
    a.available = 0
    const pcm = Float32Array.from([...cut, ...play(10)])
    t.ok(longestGap(pcm) < 40, `${String(left)} samples left: longest gap ${String(longestGap(pcm))} samples`)
    t.ok(greatestStep(pcm) < STEP, `step ${greatestStep(pcm).toFixed(4)}`)
    t.ok(pcm.subarray(2 * BLOCK_SAMPLES).every((x, i) => Math.abs(x - b.at((12 * BLOCK_SAMPLES) + i)) < 1e-5), 'then the other as it is')
    t.match(switches, [{ fromInputId: null, toInputId: 'a', cause: 'start' }, { sourceId: 'both', fromInputId: 'a', toInputId: 'b', cause: 'no-sound', gapMs: 0, atSamples: 10 * BLOCK_SAMPLES }])
  }
  t.end()
})

t.test('goes back by a crossfade after it was good for long enough; both are read all the time', (t) => {
  const { a, b, play, switches, source } = open()
  play(SECOND_BLOCKS)
  a.available = 0
  play(SECOND_BLOCKS)
  t.match(source.report(), { state: 'fallback', standby: { inputSourceId: 'b', inputs: [{ sourceId: 'a', goodForMs: 0, reason: 'the studio has disconnected' }, { sourceId: 'b', fault: null, receivedBytes: 7, peakDbfs: -6 }] } })
  a.available = BLOCK_SAMPLES
  const pcm = play(2 * SECOND_BLOCKS)
  t.equal(a.reads, b.reads)
  t.match(switches.at(-1), { fromInputId: 'b', toInputId: 'a', cause: 'return', gapMs: 0, detail: '' })
  t.ok(greatestStep(pcm) < STEP)
  t.ok(longestGap(pcm) < 40)
  t.match(source.report(), { state: 'live', standby: { inputSourceId: 'a', inputs: [{ goodForMs: 1980 }, { goodForMs: 3980 }] } })
  t.end()
})

t.test('an input that only seems to sound is left, and silence that could not be helped is counted', (t) => {
  const { a, b, play, switches, source } = open()
  play(SECOND_BLOCKS)
  a.state = 'silent'
  play(10)
  t.match(switches.at(-1), { fromInputId: 'a', toInputId: 'b', cause: 'fault', detail: 'silence' })
  a.available = 0
  b.available = 480
  play(1)
  b.available = 0
  play(2)
  t.equal(source.report().state, 'down')
  a.available = BLOCK_SAMPLES
  a.state = 'live'
  play(10)
  t.match(switches.at(-1), { fromInputId: 'b', toInputId: 'a', cause: 'no-sound', gapMs: 50 })
  t.end()
})

t.test('what is wrong with a sound is the reason, also when it ends the sound at once', (t) => {
  const { a, play, switches } = open()
  play(SECOND_BLOCKS + 1)
  a.state = 'silent'
  a.available = 0
  play(1)
  t.match(switches.at(-1), { fromInputId: 'a', toInputId: 'b', cause: 'fault', detail: 'silence', gapMs: 0 })
  t.end()
})

t.test('does what an operator says, takes other inputs over, and begins where it stood', (t) => {
  const { play, source, switches, inputs } = open()
  play(SECOND_BLOCKS)
  t.ok(source.update({ ...SPEC, pinned: { inputSourceId: 'b', force: false }, chosenAtMs: 1 }))
  play(1)
  t.match(switches.at(-1), { toInputId: 'b', cause: 'manual' })
  t.ok(source.update({ ...SPEC, inputSourceIds: ['c', 'b'], pinned: null, chosenAtMs: 1 }))
  play(1)
  t.equal(source.report().standby?.inputSourceId, 'b', 'what sounds goes on')
  inputs['b']!.available = 0
  play(2)
  t.equal(source.report().standby?.inputSourceId, 'c')
  t.notOk(source.update({ kind: 'tone', id: 'both', name: '', frequencyHz: 1, levelDbfs: 0 }))

  const again = open({ ...SPEC, return: 'manual', lastInputSourceId: 'b' })
  again.play(SECOND_BLOCKS * 10)
  t.equal(again.source.report().standby?.inputSourceId, 'b', 'after a restart')
  t.end()
})

t.test('what an operator forces is heard whatever is wrong with it, and the fault is told of', (t) => {
  const { a, b, play, source, switches } = open()
  b.state = 'silent'
  b.holdsBack = true
  play(4 * SECOND_BLOCKS)
  source.update({ ...SPEC, pinned: { inputSourceId: 'b', force: true }, chosenAtMs: 1 })
  play(10 * SECOND_BLOCKS)
  t.match(switches.at(-1), { toInputId: 'b', cause: 'manual' })
  t.match(source.report(), { fault: 'silence', standby: { inputSourceId: 'b', inputs: [{}, { goodForMs: 0 }] } })
  b.available = 0
  play(2)
  t.equal(source.report().standby?.inputSourceId, 'a', 'where nothing comes there is nothing to hear')
  b.available = BLOCK_SAMPLES
  play(2 * SECOND_BLOCKS)
  t.equal(source.report().standby?.inputSourceId, 'b', 'it comes back')
  source.update({ ...SPEC, chosenAtMs: 2 })
  play(2)
  t.equal(source.report().standby?.inputSourceId, 'a')
  t.equal(a.forcedAt, -Infinity)
  const again = open({ ...SPEC, pinned: { inputSourceId: 'b', force: true } })
  again.b.state = 'silent'
  again.b.holdsBack = true
  again.play(SECOND_BLOCKS)
  t.equal(again.source.report().standby?.inputSourceId, 'b', 'also after a restart')
  t.end()
})

t.test('an input that leads back to the source ends there', (t) => {
  const { source, inputs, play } = open()
  Object.assign(inputs, { a: source })
  play(3)
  t.equal(source.report().standby?.inputSourceId, 'b')
  t.end()
})
