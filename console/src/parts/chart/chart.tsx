import { lazy, Suspense } from 'react'
import { Empty } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import './chart.css'
import { pointText } from './point-text.ts'
import { words } from './words.ts'

const Plot = lazy(() => import('./plot.tsx'))

export interface ChartSeries {
  readonly name: string
  /** One for each x; null: not known. */
  readonly values: readonly (number | null)[]
  /** Two edges stand one after the other, before what lies between them. */
  readonly look: 'line' | 'bars' | 'edge'
}

export interface ChartProps {
  /** What is shown, for who does not see it. */
  readonly label: string
  /** Rising, s since 1970. */
  readonly xs: readonly number[]
  readonly series: readonly ChartSeries[]
  /** Stands behind the values. */
  readonly unit?: string
  /** Of the drawing, without its legend. */
  readonly heightPx?: number
  /** The axis of values shows this at least; left out: from 0. */
  readonly leastRange?: readonly [number, number]
  /** It stands below something by the same time, whose sides have the class `chart-sides`. */
  readonly isOnStrip?: boolean
  /** The same numbers stand beside it as a table already. */
  readonly hasTable?: boolean
  /** A point was pressed; who has no pointer needs the same from the table beside it. */
  readonly onPick?: (index: number) => void
}

/** Nothing may jump when the drawing comes. */
const LEGEND_PX = 32

/** Values over time, drawn when the library is there, with the same numbers as a table. */
export function Chart({ hasTable = false, ...props }: ChartProps) {
  const say = useWords(words)
  const { label, xs, heightPx = 240 } = props
  if (xs.length === 0) return <Empty>{say('empty')}</Empty>
  return (
    <figure className="chart" aria-label={label}>
      <div aria-hidden="true" style={{ minHeight: heightPx + LEGEND_PX }}><Suspense fallback={null}><Plot {...props} /></Suspense></div>
      {!hasTable && <details><summary>{say('asTable')}</summary><ChartTable {...props} /></details>}
    </figure>
  )
}

function ChartTable({ label, xs, series, unit }: ChartProps) {
  const say = useWords(common)
  const formats = useFormats()
  const textOf = pointText(xs, formats)
  return (
    <div className="table-wrap chart-table" role="region" aria-label={label} tabIndex={0}>
      <table className="table">
        <caption className="visually-hidden">{label}</caption>
        <thead><tr><th scope="col">{say('time')}</th>{series.map(({ name }) => <th key={name} scope="col" className="number">{unit === undefined ? name : `${name} (${unit})`}</th>)}</tr></thead>
        <tbody>{xs.map((x, index) => <tr key={x}><th scope="row">{textOf(x)}</th>{series.map(({ name, values }) => <td key={name} className="number">{numberText(values[index] ?? null, formats)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  )
}

const numberText = (value: number | null, { number }: { readonly number: (value: number, digits?: number) => string }): string => (value === null ? '–' : number(value, 2))
