import { DomUtil, Layer, Point, type LeafletEventHandlerFn, type Map as LeafletMap } from 'leaflet'
import { gridStep, placeOf, type PlacedPoints } from './geometry.ts'
import type { Outlines } from './outlines.ts'
import type { MapPaint } from './sprites.ts'

/** What is drawn beyond each edge of the view, as a part of it: so far the map can be pushed before anything is drawn again. */
const MARGIN = 0.3
/** Pixels of CSS in the whole square of the projection at zoom 0. */
const WORLD_PX = 256
const GRID_LINES = 6
/** From this zoom on names of provinces fit into them. */
const NAMES_FROM_ZOOM = 6.5
/** Points nearer than this to one that is drawn, in pixels of CSS, are hidden by it anyway. */
const CELL_PX = 2

/**
 * All points, outlines and the grid on one canvas larger than the view. Pushing the map moves the canvas, which costs nothing; it is drawn again when its
 * margin is used up, when one zooms, and when something has changed. Drawn by the processor on purpose: old PCs have no graphics that a browser trusts.
 */
export class PointLayer extends Layer {
  readonly #canvas = document.createElement('canvas')
  readonly #pen = this.#canvas.getContext('2d', { willReadFrequently: true })!
  #placed: PlacedPoints
  #outlines: Outlines | null = null
  #paint: MapPaint
  #selectedId: string | null = null
  #leaflet: LeafletMap | null = null
  /** Where the canvas lies: its corner in the pixels of the whole map, and of which zoom. */
  #corner = new Point(0, 0)
  #zoom = Number.NaN
  #frame: number | null = null

  constructor(placed: PlacedPoints, paint: MapPaint) {
    super({ pane: 'points' })
    this.#placed = placed
    this.#paint = paint
    this.#canvas.setAttribute('aria-hidden', 'true')
  }

  override onAdd(map: LeafletMap): this {
    this.#leaflet = map
    this.getPane()!.append(this.#canvas)
    this.#draw()
    return this
  }

  override onRemove(): this {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame)
    this.#frame = null
    this.#canvas.remove()
    this.#leaflet = null
    return this
  }

  override getEvents(): Record<string, LeafletEventHandlerFn> {
    const drawSoon = (): void => { this.#drawSoon() }
    return { move: () => { this.#follow() }, zoom: drawSoon, viewreset: drawSoon, resize: drawSoon }
  }

  show(placed: PlacedPoints): void {
    this.#placed = placed
    this.#drawSoon()
  }

  select(id: string | null): void {
    this.#selectedId = id
    this.#drawSoon()
  }

  repaint(paint: MapPaint): void {
    this.#paint = paint
    this.#drawSoon()
  }

  showOutlines(outlines: Outlines): void {
    this.#outlines = outlines
    this.#drawSoon()
  }

  #drawSoon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null
      this.#draw()
    })
  }

  #follow(): void {
    const map = this.#leaflet
    if (map === null || map.getZoom() !== this.#zoom) return
    const size = map.getSize()
    const pushed = map.getPixelOrigin().add(map.containerPointToLayerPoint([0, 0])).subtract(this.#corner)
    const out = (along: number, length: number): boolean => along < 0 || along > 2 * MARGIN * length
    if (out(pushed.x, size.x) || out(pushed.y, size.y)) this.#drawSoon()
  }

  #draw(): void {
    const map = this.#leaflet
    if (map === null) return
    const size = map.getSize()
    if (size.x === 0 || size.y === 0) return
    const margin = new Point(Math.round(size.x * MARGIN), Math.round(size.y * MARGIN))
    const [width, height] = [size.x + 2 * margin.x, size.y + 2 * margin.y]
    const ratio = Math.min(devicePixelRatio, 2)
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio)
      this.#canvas.height = Math.round(height * ratio)
      this.#canvas.style.width = `${String(width)}px`
      this.#canvas.style.height = `${String(height)}px`
    }
    const layerCorner = map.containerPointToLayerPoint([0, 0]).subtract(margin)
    DomUtil.setPosition(this.#canvas, layerCorner)
    this.#corner = map.getPixelOrigin().add(layerCorner)
    this.#zoom = map.getZoom()
    const pen = this.#pen
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, width, height)
    const view: View = { pen, scale: WORLD_PX * 2 ** this.#zoom, left: this.#corner.x, top: this.#corner.y, width, height, paint: this.#paint }
    drawGrid(view, map)
    if (this.#outlines !== null) drawOutlines(view, this.#outlines, this.#zoom)
    drawPoints(view, this.#placed, this.#selectedId)
  }
}

interface View {
  readonly pen: CanvasRenderingContext2D
  /** Pixels of CSS in the whole square of the projection. */
  readonly scale: number
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly paint: MapPaint
}

/** Lines of latitude and longitude: where nothing else is known, positions still say something. */
function drawGrid({ pen, scale, left, top, width, height, paint }: View, map: LeafletMap): void {
  const bounds = map.getBounds().pad(MARGIN)
  const step = gridStep(bounds.getNorth() - bounds.getSouth(), GRID_LINES)
  const decimals = Math.max(0, Math.ceil(-Math.log10(step)))
  pen.globalAlpha = 0.35
  pen.strokeStyle = paint.line
  pen.fillStyle = paint.text
  pen.lineWidth = 0.5
  pen.font = paint.gridFont
  pen.beginPath()
  for (let lon = Math.ceil(bounds.getWest() / step) * step; lon <= bounds.getEast(); lon += step) {
    const x = Math.round(placeOf({ lat: 0, lon }).x * scale - left) + 0.5
    pen.moveTo(x, 0)
    pen.lineTo(x, height)
  }
  for (let lat = Math.ceil(bounds.getSouth() / step) * step; lat <= bounds.getNorth(); lat += step) {
    const y = Math.round(placeOf({ lat, lon: 0 }).y * scale - top) + 0.5
    pen.moveTo(0, y)
    pen.lineTo(width, y)
  }
  pen.stroke()
  pen.globalAlpha = 0.8
  for (let lon = Math.ceil(bounds.getWest() / step) * step; lon <= bounds.getEast(); lon += step) {
    for (let lat = Math.ceil(bounds.getSouth() / step) * step; lat <= bounds.getNorth(); lat += step) {
      const { x, y } = placeOf({ lat, lon })
      pen.fillText(`${lat.toFixed(decimals)} ${lon.toFixed(decimals)}`, x * scale - left + 4, y * scale - top - 4)
    }
  }
  pen.globalAlpha = 1
}

function drawOutlines({ pen, scale, left, top, width, height, paint }: View, { lines, names }: Outlines, zoom: number): void {
  pen.strokeStyle = paint.line
  pen.lineWidth = 1
  pen.lineJoin = 'round'
  pen.beginPath()
  for (const { x, y, box } of lines) {
    if (box.right * scale < left || box.left * scale > left + width || box.bottom * scale < top || box.top * scale > top + height) continue
    pen.moveTo(x[0]! * scale - left, y[0]! * scale - top)
    for (let index = 1; index < x.length; index++) pen.lineTo(x[index]! * scale - left, y[index]! * scale - top)
  }
  pen.stroke()
  pen.fillStyle = paint.text
  pen.font = paint.nameFont
  pen.textAlign = 'center'
  for (const { name, x, y, always } of names) if (always || zoom >= NAMES_FROM_ZOOM) pen.fillText(name, x * scale - left, y * scale - top)
  pen.textAlign = 'start'
}

/** From the least to the gravest. What would lie within two pixels of one of the same look is left out: from afar, 10 000 points are a few hundred. */
function drawPoints({ pen, scale, left, top, width, height, paint }: View, { points, x, y, look }: PlacedPoints, selectedId: string | null): void {
  const [columns, rows] = [Math.ceil(width / CELL_PX), Math.ceil(height / CELL_PX)]
  const drawn = new Uint8Array(columns * rows)
  let selected: number | null = null
  for (let index = 0; index < x.length; index++) {
    const [atX, atY] = [x[index]! * scale - left, y[index]! * scale - top]
    if (atX < 0 || atY < 0 || atX >= width || atY >= height) continue
    if (points[index]!.id === selectedId) selected = index
    const cell = Math.floor(atY / CELL_PX) * columns + Math.floor(atX / CELL_PX)
    if (drawn[cell] === look[index]! + 1) continue
    drawn[cell] = look[index]! + 1
    pen.drawImage(paint.sprites[look[index]!]!, Math.round(atX) - paint.reach, Math.round(atY) - paint.reach, 2 * paint.reach, 2 * paint.reach)
  }
  if (selected === null) return
  const [atX, atY] = [x[selected]! * scale - left, y[selected]! * scale - top]
  pen.drawImage(paint.sprites[look[selected]!]!, Math.round(atX) - paint.reach, Math.round(atY) - paint.reach, 2 * paint.reach, 2 * paint.reach)
  pen.beginPath()
  pen.arc(Math.round(atX), Math.round(atY), paint.reach + 1, 0, 2 * Math.PI)
  pen.strokeStyle = paint.ink
  pen.lineWidth = 3
  pen.stroke()
}
