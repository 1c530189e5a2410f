import t from 'tap'
import { MOST_SWITCHES_PER_MINUTE, OPENING_MS, StandbyLadder, type InputSight, type LadderRules, type SwitchCause } from '../../rooms/standby-ladder.ts'
import { fc } from '../support/seed.ts'

const BLOCK_MS = 20
const RULES: LadderRules = { return: 'automatic', returnAfterMs: 10_000 }
const GOOD: InputSight = { sounds: true, fault: null }
const GONE: InputSight = { sounds: false, fault: null }
const STUCK: InputSight = { sounds: true, fault: 'stuck' }

/** A ladder and a clock that goes on by a block with each look. */
class Run {
  readonly ladder: StandbyLadder
  readonly switches: { readonly atMs: number; readonly to: number; readonly cause: SwitchCause }[] = []
  nowMs = 1_000_000

  constructor(rules = RULES, start = -1) {
    this.ladder = new StandbyLadder(rules, start)
  }

  look(inputs: readonly InputSight[], forMs = BLOCK_MS): this {
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs; this.nowMs += BLOCK_MS) {
      const cause = this.ladder.look(this.nowMs, inputs)
      if (cause !== null) this.switches.push({ atMs: this.nowMs, to: this.ladder.current, cause })
    }
    return this
  }

  get story(): string {
    return this.switches.map(({ to, cause }) => `${cause}→${String(to)}`).join(' ')
  }
}

t.test('begins with the best that has sound, and takes a better one that comes while all are opened', (t) => {
  t.equal(new Run().look([GONE, GONE]).ladder.current, -1)
  t.equal(new Run().look([GOOD, GOOD], 20_000).story, 'start→0')
  t.equal(new Run().look([GONE, GOOD]).look([GOOD, GOOD]).story, 'start→1 return→0')
  t.equal(new Run().look([GONE, GOOD], OPENING_MS).look([GOOD, GOOD], 9000).story, 'start→1', 'later it has to prove itself')
  t.equal(new Run().look([STUCK, GONE]).look([STUCK, GOOD]).story, 'start→0 fault→1', 'a wrong sound is better than none')
  t.end()
})

t.test('leaves what brings nothing or is faulty in the same block, for the best', (t) => {
  t.equal(new Run().look([GOOD, GOOD, GOOD]).look([GONE, GOOD, GOOD]).story, 'start→0 no-sound→1')
  t.equal(new Run().look([GOOD, GOOD, GOOD]).look([STUCK, STUCK, GOOD]).story, 'start→0 fault→2')
  t.equal(new Run().look([GOOD, GONE, GOOD], 2000).look([GONE, GOOD, GOOD]).story, 'start→0 no-sound→2', 'one that has just come may go as soon')
  t.equal(new Run().look([GOOD, GONE]).look([GONE, GONE], 5000).ladder.current, 0, 'with nothing better it stays')
  t.equal(new Run().look([GOOD, GONE]).look([STUCK, GONE]).ladder.current, 0)
  t.equal(new Run().look([GOOD, STUCK]).look([GONE, STUCK]).story, 'start→0 no-sound→1')
  t.end()
})

t.test('goes back after the better one was good for long enough without a break', (t) => {
  const run = new Run().look([GOOD, GOOD], 5000).look([GONE, GOOD], 1000).look([GOOD, GOOD], 9900).look([GONE, GOOD]).look([GOOD, GOOD], 9900)
  t.equal(run.story, 'start→0 no-sound→1')
  t.equal(run.look([GOOD, GOOD], 200).story, 'start→0 no-sound→1 return→0')
  run.look([GONE, GOOD]).look([GOOD, GOOD], 19_800)
  t.equal(run.switches.length, 4, 'who failed again has to be good for twice as long')
  t.match(run.look([GOOD, GOOD], 400).switches.at(-1), { to: 0, cause: 'return' })
  t.end()
})

t.test('stays where it is when going back is an operator’s affair', (t) => {
  const run = new Run({ ...RULES, return: 'manual' }).look([GOOD, GOOD], 5000).look([GONE, GOOD]).look([GOOD, GOOD], 3_600_000)
  t.equal(run.story, 'start→0 no-sound→1')
  run.ladder.choose(null)
  t.equal(run.look([GOOD, GOOD]).story, 'start→0 no-sound→1 manual→0')
  t.equal(new Run({ ...RULES, return: 'manual' }, 1).look([GOOD, GONE]).look([GOOD, GOOD], 60_000).story, 'start→0 return→1', 'also over a restart')
  t.end()
})

t.test('does what an operator says, but nothing faulty without force', (t) => {
  const run = new Run().look([GOOD, GOOD, STUCK], 5000)
  run.ladder.choose({ index: 2, force: false })
  t.equal(run.look([GOOD, GOOD, STUCK], 1000).ladder.current, 0)
  run.ladder.choose({ index: 2, force: true })
  t.equal(run.look([GOOD, GOOD, STUCK], 60_000).ladder.current, 2, 'and stays as long as there is any sound')
  t.match(run.look([GOOD, GOOD, GONE]).switches.at(-1), { to: 0, cause: 'no-sound' })
  run.ladder.choose({ index: 1, force: false })
  t.match(run.look([GOOD, GOOD, GONE]).switches.at(-1), { to: 1, cause: 'manual' })
  t.equal(run.look([GOOD, GOOD, GONE], 60_000).ladder.current, 1, 'it is the first choice now')
  t.match(run.look([GOOD, GONE, GONE]).switches.at(-1), { to: 0, cause: 'no-sound' })
  t.match(run.look([GOOD, GOOD, GONE], 10_100).switches.at(-1), { to: 1, cause: 'return' })
  run.ladder.choose(null)
  t.match(run.look([GOOD, GOOD, GONE]).switches.at(-1), { to: 0, cause: 'manual' })
  t.end()
})

t.test('whatever inputs do: bounded, never faulty for good, never away from sound without a reason', (t) => {
  const sight = fc.constantFrom(GOOD, GOOD, GOOD, GONE, STUCK)
  const step = fc.record({ inputs: fc.array(sight, { minLength: 3, maxLength: 3 }), forMs: fc.constantFrom(20, 40, 100, 500, 1000, 5000, 11_000) })
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.constantFrom('automatic' as const, 'manual' as const), (steps, mode) => {
    const rules = { ...RULES, return: mode }
    const ladder = new StandbyLadder(rules)
    const automatic: number[] = []
    const goodSince: (number | undefined)[] = []
    const startMs = 50_000
    let nowMs = startMs
    for (const { inputs, forMs } of steps) {
      for (const untilMs = nowMs + forMs; nowMs < untilMs; nowMs += BLOCK_MS) {
        const before = ladder.current
        for (const [index, input] of inputs.entries()) goodSince[index] = input === GOOD ? (goodSince[index] ?? nowMs) : undefined
        const cause = ladder.look(nowMs, inputs)
        const now = inputs[ladder.current]
        if ((cause === null) !== (before === ladder.current)) return false
        if (cause !== null) automatic.push(nowMs)
        const lately = automatic.filter((atMs) => nowMs - atMs < 60_000).length
        if (lately > MOST_SWITCHES_PER_MINUTE) return false
        if (lately < MOST_SWITCHES_PER_MINUTE) {
          // Something good is taken at once, and failing that whatever sounds.
          if (inputs.includes(GOOD) && now !== GOOD) return false
          if (inputs.some(({ sounds }) => sounds) && now?.sounds !== true) return false
        }
        if (cause !== null && inputs[before] === GOOD) {
          const isOpening = nowMs - startMs < OPENING_MS
          if (ladder.current > before || cause !== 'return') return false
          if (!isOpening && (mode === 'manual' || nowMs - goodSince[ladder.current]! < rules.returnAfterMs)) return false
        }
        if (cause !== null && now !== GOOD && inputs[before]?.sounds === true) return false
      }
    }
    return true
  }), { numRuns: 60 })
  t.end()
})
