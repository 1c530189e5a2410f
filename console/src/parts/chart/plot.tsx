import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useTheme } from '../../shell/theme.ts'
import { common } from '../../words/common.ts'
import { HOUSE_ZONE, useFormats } from '../../words/formats.ts'
import { useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { barsOf, lonePoints, stepName, stepOf, ticksOf } from './chart-scale.ts'
import type { ChartProps } from './chart.tsx'
import { pointText } from './point-text.ts'

/** Never red: that is for emergencies. Lines differ by their dashes too. */
const COLOURS = ['--accent', '--warn', '--air', '--exercise', '--good', '--off']
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]]
const TICK_PX = 110
/** As in chart.css, `chart-sides`. */
const SIDES_PX = [56, 16] as const
const DENSE = 60

/** The drawing itself; loaded with the library when the first chart is shown. */
export default function Plot({ xs, series, unit, heightPx = 240, leastRange, isOnStrip = false, onPick }: ChartProps) {
  const timeLabel = useWords(common)('time')
  const host = useRef<HTMLDivElement>(null)
  const language = useLanguage()
  const theme = useTheme()
  const formats = useFormats()
  const picked = useRef(onPick)
  useEffect(() => { picked.current = onPick })
  // What is drawn is compared by its numbers: who shows a chart may make new arrays at each turn.
  const drawn = JSON.stringify([xs, series, unit, leastRange])
  useEffect(() => {
    const at = host.current
    if (at === null) return
    const style = getComputedStyle(at)
    const colour = (name: string): string => style.getPropertyValue(name).trim()
    const textOf = pointText(xs, formats)
    const valueText = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : `${formats.number(value, 2)}${unit === undefined ? '' : ` ${unit}`}`)
    const bars = series.filter(({ look }) => look === 'bars')
    const edges = series.flatMap(({ look }, index) => (look === 'edge' ? [index] : []))
    const axis: uPlot.Axis = { stroke: colour('--ink-2'), font: `13px ${colour('--font')}`, grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line') } }
    const marginS = bars.length > 0 || xs.length < 2 ? stepOf(xs) / 2 : 0
    const plot = new uPlot({
      width: Math.max(1, at.clientWidth),
      height: heightPx,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), HOUSE_ZONE),
      scales: { x: { range: () => [xs[0]! - marginS, xs.at(-1)! + marginS] }, y: { range: (_plot, low, high) => (leastRange === undefined ? [Math.min(0, low), high <= 0 ? 1 : high * 1.08] : [Math.min(leastRange[0], low), Math.max(leastRange[1], high)]) } },
      ...(isOnStrip ? { padding: [null, SIDES_PX[1], null, null] } : {}),
      cursor: { drag: { x: false, y: false }, points: { show: bars.length === 0 } },
      axes: [
        { ...axis, values: (_plot, splits) => splits.map(textOf), space: TICK_PX, ...(stepName(xs) === 'time' ? {} : { splits: (self: uPlot) => [...ticksOf(xs, self.width / TICK_PX)] }) },
        { ...axis, values: (_plot, splits) => splits.map((value) => formats.number(value, 2)), size: (_plot, texts) => isOnStrip ? SIDES_PX[0] : 24 + 8 * Math.max(0, ...(texts ?? []).map((text) => text.length)) },
      ],
      ...(edges.length === 0 ? {} : { bands: edges.filter((_, index) => index % 2 === 0).map((at) => ({ series: [at + 2, at + 1], fill: colour('--accent-soft') })) }),
      series: [
        { label: timeLabel, value: (_plot, x) => (x as number | null) === null ? '–' : textOf(x) },
        ...series.map((one, index): uPlot.Series => {
          const place = index - edges.filter((edge) => edge < index).length
          const ink = one.look === 'edge' ? colour('--line-strong') : colour(COLOURS[place % COLOURS.length]!)
          const common: uPlot.Series = { label: one.name, stroke: ink, value: (_plot, value) => valueText(value) }
          // Where nothing is known on either side there is no line to be seen.
          const points: uPlot.Series.Points = xs.length < DENSE ? { show: true } : { show: true, filter: () => [...lonePoints(one.values)] }
          if (one.look === 'line') return { ...common, width: 2, dash: [...DASHES[place % DASHES.length]!], points }
          if (one.look === 'edge') return { ...common, width: 1, points: { show: false } }
          const { starts, width } = barsOf(xs, bars.indexOf(one), bars.length)
          return { ...common, width: 0, fill: ink, points: { show: false }, paths: uPlot.paths.bars!({ disp: { x0: { unit: 1, values: () => [...starts] }, size: { unit: 1, values: () => xs.map(() => width) } } }) }
        }),
      ],
    }, [[...xs], ...series.map(({ values }) => [...values])], at)
    plot.over.addEventListener('click', () => { if (plot.cursor.idx !== null && plot.cursor.idx !== undefined) picked.current?.(plot.cursor.idx) })
    plot.over.classList.toggle('chart-picks', picked.current !== undefined)
    const observer = new ResizeObserver(() => { plot.setSize({ width: Math.max(1, at.clientWidth), height: heightPx }) })
    observer.observe(at)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- formats follow the language, and the numbers are compared as a text
  }, [drawn, heightPx, language, theme])
  return <div ref={host} className="chart-plot" />
}
