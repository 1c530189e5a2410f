import { lazy, Suspense } from 'react'
import { Waiting } from '../../kit/surfaces.tsx'
import type { LatLon, MapPoint } from './types.ts'

export type { LatLon, MapPoint, PointLook } from './types.ts'

export interface ClusterMapProps {
  readonly points: readonly MapPoint[]
  readonly selectedId?: string | null
  readonly onSelect?: (id: string) => void
  /** An area; with `onPolygon` it can be drawn, its corners moved, and taken away. */
  readonly polygon?: readonly LatLon[] | null
  readonly onPolygon?: (polygon: readonly LatLon[] | null) => void
  /** A place; with `onPick` a press on the map chooses another. */
  readonly pick?: LatLon | null
  readonly onPick?: (at: LatLon) => void
  /** Of CSS; default `24rem`. */
  readonly height?: string
  /** All points are brought into sight when this changes, and when there first are some. */
  readonly fitKey?: string
}

const MapView = lazy(() => import('./map-view.tsx'))

/** Clusters on a map, which is loaded when it is first shown. Never the only way: a list with the same stands beside it for keyboards and screen readers. */
export function ClusterMap(props: ClusterMapProps) {
  return <div className="map-frame" style={{ height: props.height ?? '24rem' }}><Suspense fallback={<Waiting />}><MapView {...props} /></Suspense></div>
}
