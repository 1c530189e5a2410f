import t from 'tap'
import { Crystal, type CrystalErrors } from '../../bench/fleet/crystal.ts'
import { RateController } from '../../rooms/rate-controller.ts'
import { HouseTime } from '../../speaker/clock/house-time.ts'
import type { Line } from '../../speaker/play-out/line.ts'
import { MAX_PPM, PlayOut } from '../../speaker/play-out/play-out.ts'
import type { Output, OutputPosition } from '../../speaker/ports.ts'
import { LinkModel, PROFILES, type LinkProfile } from '../support/link-emulator.ts'

// Virtual time: a week of clock exchanges, of play-out turns and of a live source, with nothing between them but arithmetic.

const DAYS = 7
const DAY_S = 86_400
const SAMPLES_PER_MS = 48
/** As long as the clock is being found. */
const SETTLING_S = 120

t.test('a live source that is off by ±200 ppm: the level stays where it should be for seven days', (t) => {
  const [targetMs, windowMs, blockMs] = [200, 2000, 20]
  for (const ppm of [200, -200]) {
    const controller = new RateController(targetMs, windowMs)
    let levelMs = targetMs
    const days: { least: number; most: number }[] = []
    for (let day = 0; day < DAYS; day += 1) {
      const seen = { least: Infinity, most: -Infinity }
      for (let block = 0; block < (DAY_S * 1000) / blockMs; block += 1) {
        levelMs += blockMs * (ppm / 1e6 - controller.ppm / 1e6)
        controller.observe(levelMs, blockMs)
        seen.least = Math.min(seen.least, levelMs)
        seen.most = Math.max(seen.most, levelMs)
      }
      days.push(seen)
    }
    const [first, last] = [days[0]!, days[DAYS - 1]!]
    // While it learns the level may move by 30 ms (rate-controller.ts); uncorrected it would be 17 s a day.
    t.ok(first.least > targetMs - 31 && first.most < targetMs + 31, `${String(ppm)} ppm, first day: ${first.least.toFixed(3)} to ${first.most.toFixed(3)} ms`)
    t.ok(Math.abs(last.least - targetMs) < 0.01 && Math.abs(last.most - targetMs) < 0.01, `${String(ppm)} ppm, last day: ${last.least.toFixed(4)} to ${last.most.toFixed(4)} ms`)
    t.ok(Math.abs(controller.ppm - ppm) < 0.1, `corrects by ${controller.ppm.toFixed(3)} ppm`)
  }
  t.end()
})

/** A sound card that is nothing but a rate; it knows its position whenever it is asked. */
class RateCard implements Output {
  readonly queueMs = 160
  #written = 0
  readonly #crystal: Crystal
  readonly #local: Crystal
  #startMs: number | null = null
  nowMs = 0
  underruns = 0

  constructor(crystal: Crystal, local: Crystal) {
    this.#crystal = crystal
    this.#local = local
  }

  /** Samples that have left at a true time, with a fraction. */
  leftAt(trueMs: number): number {
    return (this.#crystal.deviceMs(trueMs) - (this.#startMs ?? NaN)) * SAMPLES_PER_MS
  }

  get queuedMs(): number {
    return (this.#written - this.leftAt(this.nowMs)) / SAMPLES_PER_MS
  }

  write(_block: Float32Array, samples: number): void {
    this.#startMs ??= this.#crystal.deviceMs(this.nowMs)
    this.#written += samples
  }

  position(): OutputPosition | null {
    if (this.#startMs === null) return null
    const left = this.leftAt(this.nowMs)
    if (left > this.#written) this.underruns += 1
    const whole = Math.floor(left)
    return { leftSamples: whole, silentSamples: 0, atMs: this.#local.deviceMs(this.nowMs) - (left - whole) / SAMPLES_PER_MS }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Sound without end: what is asked for is there. Frames, decoding and concealment have tests of their own. */
const endless = { isSilent: false, begin: () => undefined, reaches: () => true, ensure: () => true, read: () => undefined, stretchAt: () => undefined, forget: () => undefined } as unknown as Line

interface Life {
  /** Of each day, what leaves the card against where it should be, in true time, ms. */
  readonly days: readonly { readonly worstMs: number; readonly meanMs: number }[]
  readonly hardCorrections: number
  readonly underruns: number
  readonly queue: { readonly least: number; readonly most: number }
  readonly mostPpm: number
}

/** A device for some days: its own clock and its card each with a crystal, and a link over which it asks for the time. */
function live(dayCount: number, errors: CrystalErrors, cardErrors: CrystalErrors, profile: LinkProfile, seed: number): Life {
  const local = new Crystal(errors, 0, 5_000_000)
  const card = new RateCard(new Crystal(cardErrors, 0, 0), local)
  const link = new LinkModel(profile, seed)
  const house = new HouseTime()
  const play = new PlayOut({ output: card, house, line: endless, played: () => undefined, offsetMs: 0 })
  const zeroUs = 2.7e13
  const queue = { least: Infinity, most: -Infinity }
  const days: { worstMs: number; meanMs: number }[] = []
  let mostPpm = 0
  for (let day = 0; day < dayCount; day += 1) {
    let [worstMs, sumMs, counted] = [0, 0, 0]
    for (let second = 0; second < DAY_S; second += 1) {
      const trueMs = (day * DAY_S + second) * 1000
      const there = link.up.datagram(trueMs, 60) ?? NaN
      const back = link.down.datagram(there + 0.1, 60) ?? NaN
      if (!Number.isNaN(back)) house.filter.add(local.deviceMs(trueMs), zeroUs + there * 1000, zeroUs + (there + 0.1) * 1000, local.deviceMs(back))
      for (let turn = 1; turn <= 8; turn += 1) {
        card.nowMs = trueMs + turn * 125
        play.turn(local.deviceMs(card.nowMs))
      }
      if (day === 0 && second < SETTLING_S) continue
      const errorMs = play.departures.placeOf(card.leftAt(card.nowMs)) / SAMPLES_PER_MS - (zeroUs / 1000 + card.nowMs)
      worstMs = Math.max(worstMs, Math.abs(errorMs))
      sumMs += errorMs
      counted += 1
      queue.least = Math.min(queue.least, card.queuedMs)
      queue.most = Math.max(queue.most, card.queuedMs)
      mostPpm = Math.max(mostPpm, Math.abs(play.correctionPpm))
    }
    days.push({ worstMs, meanMs: sumMs / counted })
  }
  return { days, hardCorrections: play.hardCorrectionsTotal, underruns: card.underruns, queue, mostPpm }
}

const wander = { wanderPpm: 1, wanderPeriodMs: 6 * 3_600_000 }

// The week goes over the worse network; for a test of some seconds two days of the other have to do.
for (const [name, dayCount, ppm, cardPpm, profile, boundMs] of [['4g', DAYS, 50, -50, PROFILES['4g'], 5], ['lan', 2, -50, 50, PROFILES.lan, 0.5]] as const) {
  t.test(`a device of ${String(ppm)} ppm with a card of ${String(cardPpm)} ppm, ${name}: in step for ${String(dayCount)} days`, (t) => {
    const { days, hardCorrections, underruns, queue, mostPpm } = live(dayCount, { ppm, ...wander }, { ppm: cardPpm, ...wander, wanderPeriodMs: 4 * 3_600_000 }, profile, 3)
    for (const [day, { worstMs, meanMs }] of days.entries()) t.ok(worstMs <= boundMs && !Number.isNaN(worstMs) && !Number.isNaN(meanMs), `day ${String(day + 1)}: worst ${worstMs.toFixed(3)}, mean ${meanMs.toFixed(3)} ms`)
    t.ok(Math.abs(days[dayCount - 1]!.meanMs - days[0]!.meanMs) < boundMs / 5, 'no drift from the first day to the last')
    t.same({ hardCorrections: Math.max(0, hardCorrections - 3), underruns }, { hardCorrections: 0, underruns: 0 }, `nothing was dropped (${String(hardCorrections)} corrections while the clock was being found)`)
    t.ok(queue.most - queue.least < 15, `the queue stays: ${queue.least.toFixed(1)} to ${queue.most.toFixed(1)} ms`)
    t.ok(mostPpm <= MAX_PPM, `corrected by at most ${mostPpm.toFixed(1)} ppm`)
    t.end()
  })
}
