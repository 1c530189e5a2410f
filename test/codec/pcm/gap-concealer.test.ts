import t from 'tap'
import { GapConcealer } from '../../../codec/index.ts'

const HZ = 440
const sine = (from: number, samples: number): Float32Array => Float32Array.from({ length: samples }, (_, i) => 0.8 * Math.sin((2 * Math.PI * HZ * (from + i)) / 48_000))
/** Twice the steepest step that the tone itself makes: a fade of one over another is no steeper, a click is twenty times that. */
const STEEPEST = 2 * 0.8 * 2 * Math.sin((Math.PI * HZ) / 48_000)

const steepestStep = (pcm: Float32Array): number => pcm.reduce((most, sample, i) => (i === 0 ? 0 : Math.max(most, Math.abs(sample - pcm[i - 1]!))), 0)

for (const [name, packet, lost] of [['10 ms packets', 480, 480], ['1 ms packets', 48, 48], ['a long hole', 960, 9600], ['many small holes in one', 96, 960]] as const) {
  t.test(`a hole makes no step: ${name}`, async (t) => {
    const concealer = new GapConcealer()
    const out: number[] = []
    let at = 0
    const push = (): void => {
      const pcm = sine(at, packet)
      concealer.push(pcm)
      out.push(...pcm)
      at += packet
    }
    for (let n = 0; n < 2000 / packet + 10; n += 1) push()
    const holeFrom = out.length
    for (let left = lost; left > 0; left -= packet) out.push(...concealer.conceal(Math.min(packet, left)))
    at += lost
    for (let n = 0; n < 2000 / packet + 10; n += 1) push()
    t.equal(out.length, at, 'its place is kept')
    t.ok(steepestStep(Float32Array.from(out)) <= STEEPEST, 'as smooth as the tone')
    if (lost > 480) t.ok(out.slice(holeFrom + 480, holeFrom + lost).every((sample) => sample === 0), 'after 10 ms it is silent')
    const again = out.slice(-480)
    t.same(again, [...sine(at - 480, 480)], 'and then the sound is itself')
  })
}
