/** WGS 84, degrees. */
export interface LatLon { readonly lat: number; readonly lon: number }

/** How a cluster is drawn, by colour and by shape; from the least to the gravest, which lies on top. */
export const POINT_LOOKS = ['quiet', 'offline', 'normal', 'priority', 'exercise', 'fault', 'emergency'] as const
export type PointLook = (typeof POINT_LOOKS)[number]

export interface MapPoint extends LatLon {
  readonly id: string
  readonly label: string
  readonly look: PointLook
}
