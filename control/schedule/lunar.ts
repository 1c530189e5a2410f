/**
 * Viet Nam's lunar calendar: months begin on the day of a new moon, month 11 holds the winter solstice, and in a year of thirteen months the first
 * without a major solar term is the leap month; all by the day of UTC+7, so that some dates differ from China's (Tết 1985, 2007, 2030). New moons and
 * the sun's longitude after Meeus, Astronomical Algorithms, chapters 49 and 25: good for some minutes, and checked against published dates of 1985 to 2035.
 */

/** A date of the lunar calendar; `year` is the solar year in which the lunar one begins. */
export interface LunarDate {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly leap: boolean
}

const DAY_MS = 86_400_000
const RADIANS = Math.PI / 180
const SYNODIC_MONTH_DAYS = 29.530588861
/** Julian day of 1970-01-01T00:00Z. */
const EPOCH_JULIAN = 2_440_587.5
const ZONE_DAYS = 7 / 24
/** Dynamical time is ahead of UTC by so much: 54 s in 1985, some 70 s in 2035. */
const DELTA_T_DAYS = 65 / 86_400
/** 30° of longitude lie between two major terms; the winter solstice stands at 270°. */
const SOLSTICE_TERM = 9

const sine = (degrees: number): number => Math.sin(degrees * RADIANS)

/** Dynamical Julian day of the new moon `k` months after that of 6 January 2000 (Meeus, chapter 49). */
function newMoonJulian(k: number): number {
  const t = k / 1236.85
  const e = 1 - 0.002516 * t - 0.0000074 * t * t
  const sun = 2.5534 + 29.1053567 * k - 0.0000014 * t * t
  const moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t
  const latitude = 160.7108 + 390.67050284 * k - 0.0016118 * t * t
  const node = 124.7746 - 1.56375588 * k + 0.0020672 * t * t
  return (
    2_451_550.09766 + SYNODIC_MONTH_DAYS * k + 0.00015437 * t * t +
    -0.4072 * sine(moon) + 0.17241 * e * sine(sun) + 0.01608 * sine(2 * moon) + 0.01039 * sine(2 * latitude) + 0.00739 * e * sine(moon - sun) -
    0.00514 * e * sine(moon + sun) + 0.00208 * e * e * sine(2 * sun) - 0.00111 * sine(moon - 2 * latitude) - 0.00057 * sine(moon + 2 * latitude) +
    0.00056 * e * sine(2 * moon + sun) - 0.00042 * sine(3 * moon) + 0.00042 * e * sine(sun + 2 * latitude) + 0.00038 * e * sine(sun - 2 * latitude) -
    0.00024 * e * sine(2 * moon - sun) - 0.00017 * sine(node)
  )
}

/** How many major terms of 30° the sun has passed since the spring equinox, at 0 h of the day in Viet Nam (Meeus, chapter 25). */
function termAt(epochDay: number): number {
  const t = (epochDay + EPOCH_JULIAN - ZONE_DAYS + DELTA_T_DAYS - 2_451_545) / 36_525
  const mean = 280.46646 + 36_000.76983 * t + 0.0003032 * t * t
  const anomaly = 357.52911 + 35_999.05029 * t - 0.0001537 * t * t
  const centre = (1.914602 - 0.004817 * t) * sine(anomaly) + (0.019993 - 0.000101 * t) * sine(2 * anomaly) + 0.000289 * sine(3 * anomaly)
  const apparent = mean + centre - 0.00569 - 0.00478 * sine(125.04 - 1934.136 * t)
  return Math.floor((((apparent % 360) + 360) % 360) / 30)
}

/** First day of the lunar month `k`, as days since 1970-01-01. */
const monthStart = (k: number): number => Math.floor(newMoonJulian(k) - DELTA_T_DAYS + ZONE_DAYS - EPOCH_JULIAN)

/** The month 11 that begins in the solar year: the last to begin before the sun has passed the solstice. */
function month11(year: number): number {
  const solsticeAbout = Date.UTC(year, 11, 25) / DAY_MS
  let k = Math.floor((solsticeAbout + EPOCH_JULIAN - 2_451_550) / SYNODIC_MONTH_DAYS) + 1
  while (monthStart(k) > solsticeAbout || termAt(monthStart(k)) >= SOLSTICE_TERM) k--
  return k
}

interface LunarMonth {
  readonly startDay: number
  readonly year: number
  readonly month: number
  readonly leap: boolean
}

const yearsKept = new Map<number, readonly LunarMonth[]>()

/** The months from the month 11 that begins in the solar year before to the one of this year, which is left out. */
function monthsUntil(year: number): readonly LunarMonth[] {
  const known = yearsKept.get(year)
  if (known !== undefined) return known
  const first = month11(year - 1)
  const count = month11(year) - first
  const months: LunarMonth[] = []
  let month = 11
  let leapSeen = count === 12
  for (let index = 0; index < count; index++) {
    const startDay = monthStart(first + index)
    const leap = !leapSeen && index > 0 && termAt(startDay) === termAt(monthStart(first + index + 1))
    if (leap) leapSeen = true
    else if (index > 0) month = month === 12 ? 1 : month + 1
    months.push({ startDay, year: month >= 11 ? year - 1 : year, month, leap })
  }
  yearsKept.set(year, months)
  return months
}

/** @param epochDay days since 1970-01-01, of the calendar in Viet Nam */
export function lunarDateOf(epochDay: number): LunarDate {
  const year = new Date(epochDay * DAY_MS).getUTCFullYear()
  const inThis = monthsUntil(year)
  const next = monthsUntil(year + 1)
  const month = [...inThis, ...next].findLast(({ startDay }) => startDay <= epochDay)!
  return { year: month.year, month: month.month, day: epochDay - month.startDay + 1, leap: month.leap }
}
