import { POINT_LOOKS, type PointLook } from './types.ts'

/** What the map is painted with, out of the tokens of the theme. */
export interface MapPaint {
  readonly ground: string
  readonly line: string
  readonly text: string
  readonly accent: string
  readonly ink: string
  /** Of the grid, and of names: as large as other words of the page, so on a wall too. */
  readonly gridFont: string
  readonly nameFont: string
  /** Half the side of a picture, in pixels of CSS. */
  readonly reach: number
  /** One picture of each look, in the order of POINT_LOOKS. */
  readonly sprites: readonly HTMLCanvasElement[]
}

/** Radius, in pixels of CSS at the usual size: what sounds or fails is larger than what is as it should be. */
const RADII: Readonly<Record<PointLook, number>> = { quiet: 4, offline: 5, normal: 6, priority: 6.5, exercise: 7, fault: 7, emergency: 9 }
/** The largest with its edge. */
const SPRITE_REACH = 12
const USUAL_REM_PX = 16

/** @param element within the theme · @param ratio device pixels to a pixel of CSS */
export function paintOf(element: Element, ratio: number): MapPaint {
  const style = getComputedStyle(element)
  const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_REM_PX
  const token = (name: string): string => style.getPropertyValue(name).trim()
  const colours: Readonly<Record<PointLook, string>> = { quiet: token('--good'), offline: token('--off'), normal: token('--air'), priority: token('--accent'), exercise: token('--exercise'), fault: token('--warn'), emergency: token('--emergency') }
  return {
    ground: token('--surface-2'), line: token('--line-strong'), text: token('--ink-3'), accent: token('--accent'), ink: token('--ink'),
    gridFont: `${String(11 * size)}px ${style.fontFamily}`, nameFont: `600 ${String(12 * size)}px ${style.fontFamily}`, reach: SPRITE_REACH * size,
    sprites: POINT_LOOKS.map((look) => sprite(look, colours[look], token('--surface'), ratio * size)),
  }
}

/** A look has a shape as well as a colour: ring, dot, dot with a core, dot with half a core, triangle, dot with a halo. */
function sprite(look: PointLook, colour: string, edge: string, ratio: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = Math.ceil(2 * SPRITE_REACH * ratio)
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  pen.setTransform(ratio, 0, 0, ratio, canvas.width / 2, canvas.height / 2)
  const radius = RADII[look]
  const disc = (size: number, fill: string): void => {
    pen.beginPath()
    pen.arc(0, 0, size, 0, 2 * Math.PI)
    pen.fillStyle = fill
    pen.fill()
  }
  if (look === 'fault') {
    pen.beginPath()
    pen.moveTo(0, -radius)
    pen.lineTo(radius, radius * 0.8)
    pen.lineTo(-radius, radius * 0.8)
    pen.closePath()
    pen.lineJoin = 'round'
    pen.lineWidth = 3
    pen.strokeStyle = edge
    pen.stroke()
    pen.fillStyle = colour
    pen.fill()
    return canvas
  }
  if (look === 'emergency') disc(radius + 2.5, colour)
  disc(radius + 1, edge)
  disc(radius, colour)
  if (look === 'exercise') {
    pen.beginPath()
    pen.arc(0, 0, radius - 2, -Math.PI / 2, Math.PI / 2)
    pen.fillStyle = edge
    pen.fill()
  }
  if (look === 'offline' || look === 'priority') disc(radius - (look === 'offline' ? 2 : 4), edge)
  return canvas
}
