import t from 'tap'
import { HouseTime } from '../../speaker/clock/house-time.ts'
import { VirtualCard } from '../../speaker/outputs/virtual-card.ts'
import type { Line } from '../../speaker/play-out/line.ts'
import { PlayOut } from '../../speaker/play-out/play-out.ts'

/** Sound without end: what is asked for is there. */
const endless = { isSilent: false, begin: () => undefined, reaches: () => true, ensure: () => true, read: () => undefined, stretchAt: () => undefined, forget: () => undefined } as unknown as Line

t.test('a device that could not fill its card in time is in step again at once, not after a minute of rate correction', (t) => {
  let nowMs = 1000
  const local = { monotonicMs: () => nowMs, setTimer: () => ({ cancel: () => undefined }) }
  const house = new HouseTime()
  const card = new VirtualCard({ trueMs: () => nowMs, local, ppm: 30, queueMs: 40 })
  const play = new PlayOut({ output: card, house, line: endless, played: () => undefined, offsetMs: 0 })
  const zeroUs = 2e12
  const errorMs = (): number => {
    card.position()
    return play.departures.placeOf(card.sampleAt(nowMs)) / 48 - (zeroUs / 1000 + nowMs)
  }
  const run = (ms: number): void => {
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 20) {
      if (nowMs % 1000 === 0) house.filter.add(nowMs - 1, zeroUs + (nowMs - 0.5) * 1000, zeroUs + (nowMs - 0.5) * 1000, nowMs)
      play.turn(nowMs)
    }
  }
  run(60_000)
  t.ok(Math.abs(errorMs()) < 0.05, `${errorMs().toFixed(3)} ms before`)
  const corrections = play.hardCorrectionsTotal
  // The process was not given the processor: the card's 40 ms are gone after 40, and it is silent for about 10.
  nowMs += 30
  run(200)
  t.ok(play.underrunSamples > 200 && play.underrunSamples < 1000, `${String(play.underrunSamples)} samples of silence`)
  t.ok(Math.abs(errorMs()) < 0.2, `${errorMs().toFixed(3)} ms a fifth of a second after`)
  run(10_000)
  t.ok(Math.abs(errorMs()) < 0.05, `${errorMs().toFixed(3)} ms ten seconds after`)
  t.ok(play.hardCorrectionsTotal - corrections <= 2, `${String(play.hardCorrectionsTotal - corrections)} corrections`)
  t.end()
})
