import type { Plot } from '../lib/scenario.ts'

const WIDTH = 720
const HEIGHT = 300
const MARGIN = { left: 64, right: 16, top: 12, bottom: 44 }
const COLOURS = ['#0b6e4f', '#c8553d', '#2d5d9f', '#8a5a9e', '#b08900', '#5c6f7b']

export const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** About `count` round numbers from `low` to `high`. */
function ticks(low: number, high: number, count = 6): number[] {
  const raw = (high - low) / count || 1
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? raw
  const found: number[] = []
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1000; at += step) found.push(Number(at.toPrecision(12)))
  return found
}

interface Axis {
  readonly low: number
  readonly high: number
  place(value: number): number
}

function axis(low: number, high: number, from: number, to: number): Axis {
  const span = high - low || 1
  return { low, high, place: (value) => from + ((value - low) / span) * (to - from) }
}

function frame(plot: Plot, x: Axis | null, y: Axis, body: string): string {
  const bottom = HEIGHT - MARGIN.bottom
  const lines = ticks(y.low, y.high).map((at) => `<line class="grid" x1="${String(MARGIN.left)}" x2="${String(WIDTH - MARGIN.right)}" y1="${y.place(at).toFixed(1)}" y2="${y.place(at).toFixed(1)}"/><text class="tick" x="${String(MARGIN.left - 6)}" y="${(y.place(at) + 4).toFixed(1)}" text-anchor="end">${String(at)}</text>`)
  const marks = x === null ? [] : ticks(x.low, x.high, 8).map((at) => `<text class="tick" x="${x.place(at).toFixed(1)}" y="${String(bottom + 16)}" text-anchor="middle">${String(at)}</text>`)
  const labels = `<text class="label" x="${String((WIDTH + MARGIN.left) / 2)}" y="${String(HEIGHT - 6)}" text-anchor="middle">${escapeHtml(plot.xLabel)}</text><text class="label" transform="translate(14 ${String(HEIGHT / 2)}) rotate(-90)" text-anchor="middle">${escapeHtml(plot.yLabel)}</text>`
  return `<svg viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img" aria-label="${escapeHtml(plot.title)}">${lines.join('')}${marks.join('')}${labels}${body}</svg>`
}

function boundLine(plot: Plot, x: Axis | null, y: Axis): string {
  if (plot.bound === undefined) return ''
  const { axis: which, at } = plot.bound
  if (which === 'x' && x !== null && at >= x.low && at <= x.high) return `<line class="bound" x1="${x.place(at).toFixed(1)}" x2="${x.place(at).toFixed(1)}" y1="${String(MARGIN.top)}" y2="${String(HEIGHT - MARGIN.bottom)}"/>`
  if (which === 'y' && at >= y.low && at <= y.high) return `<line class="bound" x1="${String(MARGIN.left)}" x2="${String(WIDTH - MARGIN.right)}" y1="${y.place(at).toFixed(1)}" y2="${y.place(at).toFixed(1)}"/>`
  return ''
}

function lineBody(plot: Plot): string {
  const points = plot.series.flatMap(({ points: list }) => list) as [number, number][]
  if (points.length === 0) return '<p>nothing was measured</p>'
  const xs = points.map(([at]) => at)
  if (plot.bound?.axis === 'x') xs.push(plot.bound.at)
  const x = axis(Math.min(0, ...xs), Math.max(...xs), MARGIN.left, WIDTH - MARGIN.right)
  const y = axis(0, Math.max(...points.map(([, value]) => value)), HEIGHT - MARGIN.bottom, MARGIN.top)
  const paths = plot.series.map(({ points: list }, index) => {
    const path = (list as [number, number][]).map(([at, value], place) => `${place === 0 ? 'M' : 'L'}${x.place(at).toFixed(1)} ${y.place(value).toFixed(1)}`).join('')
    return `<path d="${path}" fill="none" stroke="${COLOURS[index % COLOURS.length]!}" stroke-width="2"/>`
  })
  return frame(plot, x, y, boundLine(plot, x, y) + paths.join(''))
}

function barBody(plot: Plot): string {
  const names = plot.series[0]?.points.map(([name]) => String(name)) ?? []
  const values = plot.series.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite)
  const y = axis(0, Math.max(1e-9, ...values, plot.bound?.axis === 'y' ? plot.bound.at : 0) * 1.1, HEIGHT - MARGIN.bottom, MARGIN.top)
  const slot = (WIDTH - MARGIN.left - MARGIN.right) / Math.max(1, names.length)
  const width = (slot * 0.7) / plot.series.length
  const bars = names.flatMap((name, index) => [
    ...plot.series.map(({ points }, nth) => {
      const value = points[index]?.[1] ?? 0
      if (!Number.isFinite(value)) return ''
      const left = MARGIN.left + index * slot + slot * 0.15 + nth * width
      return `<rect x="${left.toFixed(1)}" y="${y.place(value).toFixed(1)}" width="${width.toFixed(1)}" height="${(y.place(0) - y.place(value)).toFixed(1)}" fill="${COLOURS[nth % COLOURS.length]!}"/><text class="tick" x="${(left + width / 2).toFixed(1)}" y="${(y.place(value) - 3).toFixed(1)}" text-anchor="middle">${value.toPrecision(3)}</text>`
    }),
    `<text class="tick" x="${(MARGIN.left + (index + 0.5) * slot).toFixed(1)}" y="${String(HEIGHT - MARGIN.bottom + 16)}" text-anchor="middle">${escapeHtml(name)}</text>`,
  ])
  return frame(plot, null, y, bars.join('') + boundLine(plot, null, y))
}

/** A plot as inline SVG with its title and legend. */
export function plotHtml(plot: Plot): string {
  const legend = plot.series.length < 2 ? '' : `<p class="legend">${plot.series.map(({ name }, index) => `<span><i style="background:${COLOURS[index % COLOURS.length]!}"></i>${escapeHtml(name)}</span>`).join('')}</p>`
  return `<figure><figcaption>${escapeHtml(plot.title)}</figcaption>${plot.kind === 'line' ? lineBody(plot) : barBody(plot)}${legend}</figure>`
}
