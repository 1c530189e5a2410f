import { Map as LeafletMap, TileLayer, control, type LeafletMouseEvent } from 'leaflet'
import 'leaflet/dist/leaflet.css'
import { Maximize, Minus, Plus } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { api } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { useSize, useTheme } from '../../shell/theme.ts'
import { useWords } from '../../words/use-words.ts'
import { AreaTools, AreaLayer } from './area.tsx'
import { boundsOf, nearestPoint, placeOf, placePoints } from './geometry.ts'
import './map.css'
import type { ClusterMapProps } from './map.tsx'
import { placeOutlines } from './outlines.ts'
import { PointLayer } from './point-layer.ts'
import { paintOf } from './sprites.ts'
import type { LatLon, MapPoint } from './types.ts'
import { words } from './words.ts'

/** The mainland, when there is nothing else to show. */
const VIET_NAM: readonly LatLon[] = [{ lat: 8.5, lon: 102.1 }, { lat: 23.4, lon: 109.5 }]
/** How near to a point a press counts as one on it, in pixels: as large as what a finger hits. */
const PRESS_PX = 22
const HOVER_PX = 10
const WORLD_PX = 256
/** From afar one cannot tell two clusters apart, and nearer than this there is nothing to see. */
const ZOOMS = { minZoom: 4, maxZoom: 18 }
const CLOSEST_FIT = 14

/** The map itself, see ClusterMap. */
export default function MapView({ points, selectedId = null, onSelect, polygon = null, onPolygon, pick = null, onPick, fitKey = '' }: ClusterMapProps) {
  const say = useWords(words)
  const theme = useTheme()
  const size = useSize()
  const frame = useRef<HTMLDivElement>(null)
  const [shown, setShown] = useState<{ readonly map: LeafletMap; readonly layer: PointLayer } | null>(null)
  const [hovered, setHovered] = useState<{ readonly point: MapPoint; readonly x: number; readonly y: number } | null>(null)
  /** Corners so far, while an area is drawn. */
  const [draft, setDraft] = useState<readonly LatLon[] | null>(null)
  const placed = useMemo(() => placePoints(points), [points])

  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
    const map = new LeafletMap(element, { zoomControl: false, attributionControl: false, zoomAnimation: false, inertia: !calm, zoomSnap: 0.5, ...ZOOMS })
    map.createPane('points').style.zIndex = '350'
    control.scale({ imperial: false }).addTo(map)
    fit(map, VIET_NAM)
    const layer = new PointLayer(placePoints([]), paintOf(element, Math.min(devicePixelRatio, 2)))
    layer.addTo(map)
    const resized = new ResizeObserver(() => { map.invalidateSize({ pan: false }) })
    resized.observe(element)
    setShown({ map, layer })
    // Without the outlines the map is of use all the same.
    void import('viet-nam-provinces').then(({ default: file }) => { layer.showOutlines(placeOutlines(file)) }, () => undefined)
    return () => {
      resized.disconnect()
      map.remove()
      setShown(null)
    }
  }, [])

  useEffect(() => { shown?.layer.show(placed) }, [shown, placed])
  useEffect(() => { shown?.layer.select(selectedId) }, [shown, selectedId])
  useEffect(() => { if (frame.current !== null) shown?.layer.repaint(paintOf(frame.current, Math.min(devicePixelRatio, 2))) }, [shown, theme, size])

  const { data: settings } = api.useQuery('get', '/v1/console', {}, { staleTime: Infinity })
  const tiles = settings?.tiles ?? null
  useEffect(() => {
    if (shown === null || tiles === null) return undefined
    const layer = new TileLayer(tiles.url, { ...ZOOMS }).addTo(shown.map)
    return () => { layer.remove() }
  }, [shown, tiles])

  const places = useRef<readonly LatLon[]>([])
  useEffect(() => { places.current = points.length > 0 ? points : (polygon ?? (pick === null ? [] : [pick])) }, [points, polygon, pick])
  const isEmpty = points.length === 0
  useEffect(() => { if (shown !== null && places.current.length > 0) fit(shown.map, places.current) }, [shown, fitKey, isEmpty])

  useEffect(() => {
    if (shown === null) return undefined
    const { map } = shown
    const at = ({ latlng }: LeafletMouseEvent, reachPx: number): MapPoint | null => nearestPoint(placed, placeOf({ lat: latlng.lat, lon: latlng.lng }), reachPx / (WORLD_PX * 2 ** map.getZoom()))
    const onClick = (event: LeafletMouseEvent): void => {
      const { lat, lng: lon } = event.latlng.wrap()
      if (draft !== null) setDraft([...draft, { lat, lon }])
      else if (onPick !== undefined) onPick({ lat, lon })
      else {
        const point = at(event, PRESS_PX)
        if (point !== null) onSelect?.(point.id)
      }
    }
    const onMove = (event: LeafletMouseEvent): void => {
      const point = draft === null ? at(event, HOVER_PX) : null
      setHovered((before) => (point === null ? null : before?.point === point ? before : { point, x: event.containerPoint.x, y: event.containerPoint.y }))
    }
    const onOut = (): void => { setHovered(null) }
    map.on({ click: onClick, mousemove: onMove, mouseout: onOut, movestart: onOut })
    return () => { map.off({ click: onClick, mousemove: onMove, mouseout: onOut, movestart: onOut }) }
  }, [shown, placed, draft, onPick, onSelect])

  const isAiming = draft !== null || onPick !== undefined
  return (
    <div className="map" data-aiming={isAiming || undefined} data-hit={hovered !== null || undefined}>
      <div className="map-canvas" ref={frame} role="application" aria-label={say('map')} tabIndex={0} />
      {isAiming && <div className="map-cross" aria-hidden />}
      {hovered !== null && <div className="map-tip" style={{ left: hovered.x, top: hovered.y }} aria-hidden>{hovered.point.label}</div>}
      <div className="map-zoom no-print">
        <Button icon aria-label={say('zoomIn')} onPress={() => shown?.map.zoomIn(1)}><Plus size={20} aria-hidden /></Button>
        <Button icon aria-label={say('zoomOut')} onPress={() => shown?.map.zoomOut(1)}><Minus size={20} aria-hidden /></Button>
        <Button icon aria-label={say('fit')} isDisabled={isEmpty} onPress={() => { if (shown !== null) fit(shown.map, points) }}><Maximize size={20} aria-hidden /></Button>
      </div>
      <p className="map-credit">{say('outlines')}{tiles !== null && tiles.credit !== '' && ` · ${tiles.credit}`}</p>
      {shown !== null && <AreaLayer map={shown.map} area={draft ?? polygon} pick={pick} theme={theme} onMoved={draft === null ? onPolygon : setDraft} />}
      {shown !== null && <AreaTools map={shown.map} draft={draft} setDraft={setDraft} polygon={polygon} onPolygon={onPolygon} onPick={onPick} />}
    </div>
  )
}

function fit(map: LeafletMap, places: readonly LatLon[]): void {
  const bounds = boundsOf(places)
  if (bounds === null) return
  const [{ lat: south, lon: west }, { lat: north, lon: east }] = bounds
  map.fitBounds([[south, west], [north, east]], { padding: [28, 28], maxZoom: CLOSEST_FIT, animate: false })
}
