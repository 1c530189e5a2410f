import { stepName, stepOf } from './chart-scale.ts'

/** Of words/formats.ts. */
export type MomentTexts = Readonly<Record<'time' | 'seconds' | 'day' | 'dayTime', (moment: number) => string>>

/** How a moment of a chart (s since 1970) is written: no more of it than its neighbours differ in. */
export function pointText(xs: readonly number[], formats: MomentTexts): (x: number) => string {
  const step = stepName(xs)
  const isWithinDay = (xs.at(-1) ?? 0) - (xs[0] ?? 0) < 86_400
  return (x) => {
    const day = formats.day(x * 1000)
    if (step === 'year') return day.slice(-4)
    if (step === 'month') return day.slice(-7)
    if (step === 'day') return day
    return isWithinDay ? (stepOf(xs) < 60 ? formats.seconds : formats.time)(x * 1000) : formats.dayTime(x * 1000)
  }
}
