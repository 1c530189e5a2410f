import { placeOf } from './geometry.ts'

/** What the build makes of a package's outlines (console/plugins/provinces.ts): degrees, flat, longitude first. */
export interface ProvinceFile {
  readonly lines: readonly (readonly number[])[]
  /** `always`: shown however far away one looks. */
  readonly names: readonly { readonly name: string; readonly lat: number; readonly lon: number; readonly always?: true }[]
}

/** Outlines ready to be drawn, on the square of the projection. */
export interface Outlines {
  readonly lines: readonly { readonly x: Float64Array; readonly y: Float64Array; readonly box: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number } }[]
  readonly names: readonly { readonly name: string; readonly x: number; readonly y: number; readonly always: boolean }[]
}

export function placeOutlines({ lines, names }: ProvinceFile): Outlines {
  return {
    lines: lines.map((flat) => {
      const places = Array.from({ length: flat.length / 2 }, (_, index) => placeOf({ lon: flat[2 * index]!, lat: flat[2 * index + 1]! }))
      const [x, y] = [Float64Array.from(places, (place) => place.x), Float64Array.from(places, (place) => place.y)]
      return { x, y, box: { left: Math.min(...x), right: Math.max(...x), top: Math.min(...y), bottom: Math.max(...y) } }
    }),
    names: names.map(({ name, always, ...at }) => ({ name, ...placeOf(at), always: always ?? false })),
  }
}
