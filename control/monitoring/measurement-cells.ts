import type { SpeakerInfo } from '../ports.ts'
import { Packer, Unpacker } from './packing.ts'

/** What is kept of a device's reports, each with how fine: one of `fineness` is the unit in which whole numbers are kept. */
export const MEASURES = [
  { name: 'syncErrorMs', fineness: 0.01, of: ({ syncErrorUs }: Said) => (syncErrorUs === null ? null : syncErrorUs / 1000) },
  { name: 'signalDbm', fineness: 0.1, of: ({ signalDbm }: Said) => signalDbm },
  { name: 'volumePercent', fineness: 1, of: ({ volumePercent }: Said) => volumePercent },
  { name: 'playedPercent', fineness: 1, of: ({ volumePercent, hoursPercent, muted }: Said) => (muted === true ? 0 : volumePercent === null ? null : (volumePercent * (hoursPercent ?? 100)) / 100) },
  { name: 'temperatureC', fineness: 0.1, of: ({ temperatureC }: Said) => temperatureC },
] as const

export type Measure = (typeof MEASURES)[number]['name']
type Said = Pick<SpeakerInfo, 'syncErrorUs' | 'signalDbm' | 'volumePercent' | 'hoursPercent' | 'muted' | 'temperatureC'>

/** Of one measure over some time, whole numbers of its fineness. */
interface Spread {
  count: number
  min: number
  max: number
  sum: number
}

/** What one device reported over some time. */
export interface Cell {
  reports: number
  /** One for each of MEASURES; null: no report said it. */
  readonly spreads: (Spread | null)[]
}

/** What nothing real reaches; sums of it stay exact. */
const MOST = 1e9

export const emptyCell = (): Cell => ({ reports: 0, spreads: MEASURES.map(() => null) })

/** One report more. */
export function addReport(cell: Cell, said: Said): void {
  cell.reports++
  for (let place = 0; place < MEASURES.length; place++) {
    const { of, fineness } = MEASURES[place]!
    const value = of(said)
    if (value === null || !Number.isFinite(value)) continue
    const whole = Math.round(Math.min(Math.max(value / fineness, -MOST), MOST))
    addSpread(cell, place, 1, whole, whole, whole)
  }
}

/** All that `other` holds too: as if its reports had come to `cell`. */
export function addCell(cell: Cell, other: Cell): void {
  cell.reports += other.reports
  other.spreads.forEach((spread, place) => {
    if (spread !== null) addSpread(cell, place, spread.count, spread.min, spread.max, spread.sum)
  })
}

function addSpread({ spreads }: Cell, place: number, count: number, min: number, max: number, sum: number): void {
  const spread = spreads[place]!
  if (spread === null) {
    spreads[place] = { count, min, max, sum }
    return
  }
  spread.count += count
  spread.sum += sum
  if (min < spread.min) spread.min = min
  if (max > spread.max) spread.max = max
}

export type Figures = { readonly [M in Measure]: { readonly min: number; readonly mean: number; readonly max: number } | null }

/** In the units of the names. */
export function figuresOf({ spreads }: Cell): Figures {
  return Object.fromEntries(MEASURES.map(({ name, fineness }, place) => {
    const spread = spreads[place]!
    // 0.1 × 3 is not 0.3.
    const inUnits = (whole: number, digits: number): number => Number((whole * fineness).toFixed(digits))
    return [name, spread === null ? null : { min: inUnits(spread.min, 2), mean: inUnits(spread.sum / spread.count, 3), max: inUnits(spread.max, 2) }]
  })) as Record<Measure, Figures[Measure]>
}

// Negative numbers stand between the others, so that small ones stay short.
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)

/** Some 20 bytes a cell: of a measure that stood still only where. */
export function packCells(cells: ReadonlyMap<number, Cell>): Uint8Array {
  const packer = new Packer()
  let last = 0
  for (const [number, { reports, spreads }] of [...cells].sort(([a], [b]) => a - b)) {
    packer.add(number - last)
    last = number
    packer.add(spreads.reduce((mask, spread, place) => (spread === null ? mask : mask | (1 << place)), 0))
    packer.add(reports)
    for (const spread of spreads) {
      if (spread === null) continue
      const { count, min, max, sum } = spread
      packer.add(zigzag(min))
      packer.add((max - min) * 2 + (count === reports ? 0 : 1))
      if (count !== reports) packer.add(count)
      if (max !== min) packer.add(sum - min * count)
    }
  }
  return packer.bytes()
}

/** @param each called for each number with its cell, in order, until it returns false */
function unpackEach(bytes: Uint8Array, each: (number: number, cell: Cell) => boolean): void {
  const unpacker = new Unpacker(bytes)
  for (let number = 0; !unpacker.isOver;) {
    number += unpacker.next()
    const mask = unpacker.next()
    const reports = unpacker.next()
    const spreads = MEASURES.map((_, place): Spread | null => {
      if ((mask & (1 << place)) === 0) return null
      const min = unzigzag(unpacker.next())
      const range = unpacker.next()
      const count = range % 2 === 0 ? reports : unpacker.next()
      const max = min + Math.floor(range / 2)
      return { count, min, max, sum: min * count + (max === min ? 0 : unpacker.next()) }
    })
    if (!each(number, { reports, spreads })) return
  }
}

export function unpackCells(bytes: Uint8Array): Map<number, Cell> {
  const cells = new Map<number, Cell>()
  unpackEach(bytes, (number, cell) => {
    cells.set(number, cell)
    return true
  })
  return cells
}

/** What is packed of one cluster alone. */
export function cellIn(bytes: Uint8Array, wanted: number): Cell | null {
  let found: Cell | null = null
  unpackEach(bytes, (number, cell) => {
    if (number === wanted) found = cell
    return number < wanted
  })
  return found
}
