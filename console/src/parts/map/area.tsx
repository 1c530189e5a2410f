import { CircleMarker, DivIcon, Marker, Polygon, Polyline, type Layer, type Map as LeafletMap } from 'leaflet'
import { Check, MapPin, Pencil, Trash2, Undo2 } from 'lucide-react'
import { useEffect } from 'react'
import { Button } from '../../kit/button.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import type { LatLon } from './types.ts'
import { words } from './words.ts'

type SetArea = (area: readonly LatLon[] | null) => void

/** An area's least number of corners. */
const MIN_CORNERS = 3
/** With more, handles would hide what they belong to: such areas come from elsewhere and are drawn anew. */
const MAX_HANDLES = 60

/** Shows an area and a chosen place; with `onMoved` the area's corners can be pushed. */
export function AreaLayer({ map, area, pick, theme, onMoved }: { readonly map: LeafletMap; readonly area: readonly LatLon[] | null; readonly pick: LatLon | null; /** Colours are read again when it changes. */ readonly theme: string; readonly onMoved: SetArea | undefined }) {
  useEffect(() => {
    const colour = getComputedStyle(map.getContainer()).getPropertyValue('--accent').trim()
    const layers: Layer[] = []
    const corners = (area ?? []).map(({ lat, lon }): [number, number] => [lat, lon])
    const look = { color: colour, weight: 3, interactive: false }
    if (corners.length >= MIN_CORNERS) layers.push(new Polygon(corners, { ...look, fillOpacity: 0.15 }))
    else if (corners.length > 0) layers.push(new Polyline(corners, look), new CircleMarker(corners[0]!, { ...look, radius: 4 }))
    if (pick !== null) layers.push(new CircleMarker([pick.lat, pick.lon], { ...look, radius: 9, fillOpacity: 0.6 }))
    if (onMoved !== undefined && area !== null && area.length <= MAX_HANDLES) {
      area.forEach(({ lat, lon }, index) => {
        const handle = new Marker([lat, lon], { icon: new DivIcon({ className: 'map-handle', iconSize: [20, 20] }), draggable: true, keyboard: false })
        handle.on('dragend', () => { const at = handle.getLatLng(); onMoved(area.map((corner, other) => (other === index ? { lat: at.lat, lon: at.lng } : corner))) })
        layers.push(handle)
      })
    }
    for (const layer of layers) layer.addTo(map)
    return () => { for (const layer of layers) layer.remove() }
  }, [map, area, pick, theme, onMoved])
  return null
}

/** Drawing an area and choosing a place: by presses on the map, or, for who cannot, by the middle of the map, which arrow keys move. */
export function AreaTools({ map, draft, setDraft, polygon, onPolygon, onPick }: { readonly map: LeafletMap; readonly draft: readonly LatLon[] | null; readonly setDraft: SetArea; readonly polygon: readonly LatLon[] | null; readonly onPolygon: SetArea | undefined; readonly onPick: ((at: LatLon) => void) | undefined }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const middle = (): LatLon => {
    const { lat, lng: lon } = map.getCenter().wrap()
    return { lat, lon }
  }
  if (onPolygon === undefined) {
    return onPick === undefined ? null : <div className="map-tools no-print"><span>{say('pickHint')}</span><Button onPress={() => { onPick(middle()) }}><MapPin size={18} aria-hidden />{say('pickHere')}</Button></div>
  }
  if (draft === null) {
    return (
      <div className="map-tools no-print">
        <Button onPress={() => { setDraft([]) }}><Pencil size={18} aria-hidden />{say(polygon === null ? 'draw' : 'drawAgain')}</Button>
        {polygon !== null && <Button onPress={() => { onPolygon(null) }}><Trash2 size={18} aria-hidden />{say('removeArea')}</Button>}
      </div>
    )
  }
  return (
    <div className="map-tools no-print">
      <span role="status">{draft.length < MIN_CORNERS ? say('drawHint') : ''} {say('drawn', { count: draft.length })}</span>
      <Button onPress={() => { setDraft([...draft, middle()]) }}><MapPin size={18} aria-hidden />{say('corner')}</Button>
      <Button icon aria-label={say('undoCorner')} isDisabled={draft.length === 0} onPress={() => { setDraft(draft.slice(0, -1)) }}><Undo2 size={18} aria-hidden /></Button>
      <Button onPress={() => { setDraft(null) }}>{sayCommon('cancel')}</Button>
      <Button look="primary" isDisabled={draft.length < MIN_CORNERS} onPress={() => { onPolygon(draft); setDraft(null) }}><Check size={18} aria-hidden />{say('finish')}</Button>
    </div>
  )
}
