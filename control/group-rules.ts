import { mostCrossed, ringsOf, type Area } from './polygon.ts'
import type { Selection, Store } from './ports.ts'
import { unknownIds, type FieldError } from './problem.ts'
import type { SelectionBody } from './schemas/group.ts'
import { cleanTags } from './text.ts'
import { checkStanding } from './unit-change-rules.ts'
import { invalid } from './validation.ts'

const MOST_CORNERS = 10_000
/** No border of a country comes near it; a zigzag of 10 000 corners would cost each look at it half a second. */
const MOST_CROSSED = 1000

/**
 * A selection as it is kept.
 * @param before what is not named stays as it is there
 * @throws ApiError LOA_ERR_INVALID, LOA_ERR_UNKNOWN_ID or LOA_ERR_UNIT_ENDED
 */
export function readSelection(body: SelectionBody, store: Pick<Store, 'units'>, before?: Selection): Selection {
  const selection: Selection = {
    units: body.units === undefined ? (before?.units ?? []) : [...new Set(body.units)],
    tags: body.tags === undefined ? (before?.tags ?? []) : cleanTags(body.tags),
    area: body.area === undefined ? (before?.area ?? null) : body.area,
    circles: body.circles ?? before?.circles ?? [],
    match: body.match ?? before?.match ?? 'any',
  }
  if (selection.units.length + selection.tags.length + selection.circles.length === 0 && selection.area === null) {
    throw invalid([{ path: 'body', message: 'must name a unit, a tag, an area or a circle', messageVi: 'phải nêu đơn vị, thẻ, vùng hoặc bán kính' }])
  }
  if (body.area !== undefined && body.area !== null) checkArea(body.area)
  if (body.units !== undefined) {
    const missing = new Set(store.units.missing(body.units))
    if (missing.size > 0) throw unknownIds(body.units.flatMap((id, index) => (missing.has(id) ? [{ path: `units[${String(index)}]`, noun: 'unit' as const, id }] : [])))
    checkStanding(store, 'units', body.units)
  }
  return selection
}

/** RFC 7946, 3.1.6: rings are closed and have at least four places; here within the bounds of the earth, and not too many. */
function checkArea(area: Area): void {
  const errors: FieldError[] = []
  let corners = 0
  for (const [index, ring] of ringsOf(area).entries()) {
    corners += ring.length
    const wrong = (message: string, messageVi: string): void => {
      errors.push({ path: 'area', message: `ring ${String(index + 1)} ${message}`, messageVi: `vòng ${String(index + 1)} ${messageVi}` })
    }
    const [first, last] = [ring[0], ring.at(-1)]
    if (ring.length < 4 || first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) wrong('must have four places or more, the last being the first again', 'phải có ít nhất bốn điểm, điểm cuối trùng điểm đầu')
    else if (ring.some(([lon = 0, lat = 0]) => Math.abs(lon) > 180 || Math.abs(lat) > 90)) wrong('lies beyond the earth: GeoJSON has the longitude first', 'nằm ngoài phạm vi: GeoJSON ghi kinh độ trước')
  }
  if (corners > MOST_CORNERS) errors.push({ path: 'area', message: `has ${String(corners)} places; at most ${String(MOST_CORNERS)} are allowed`, messageVi: `có ${String(corners)} điểm; tối đa ${String(MOST_CORNERS)}` })
  const crossed = errors.length > 0 ? 0 : mostCrossed(area)
  if (crossed > MOST_CROSSED) errors.push({ path: 'area', message: `goes to and fro: one parallel crosses its border ${String(crossed)} times; at most ${String(MOST_CROSSED)} are allowed`, messageVi: `ngoằn ngoèo quá mức: một vĩ tuyến cắt đường biên ${String(crossed)} lần; tối đa ${String(MOST_CROSSED)}` })
  if (errors.length > 0) throw invalid(errors.slice(0, 20))
}
