import t from 'tap'
import { boundsOf, gridStep, nearestPoint, placeOf, placePoints } from '../../console/src/parts/map/geometry.ts'
import { provinceLines, type Topology } from '../../console/plugins/province-lines.ts'
import { PROVINCES } from '../../console/plugins/provinces.ts'
import { placeOutlines } from '../../console/src/parts/map/outlines.ts'
import { POINT_LOOKS, type MapPoint } from '../../console/src/parts/map/types.ts'
import { fc } from '../support/seed.ts'

const point = (id: string, lat: number, lon: number, look: MapPoint['look'] = 'quiet'): MapPoint => ({ id, label: id, lat, lon, look })

t.test('places stand on the square of the projection, north above south', async (t) => {
  t.same(placeOf({ lat: 0, lon: 0 }), { x: 0.5, y: 0.5 })
  const [hanoi, caMau] = [placeOf({ lat: 21.03, lon: 105.85 }), placeOf({ lat: 9.18, lon: 105.15 })]
  t.ok(hanoi.y < caMau.y && hanoi.x > caMau.x)
  // The example of EPSG guidance note 7-2 for Popular Visualisation Pseudo-Mercator, metres from the middle.
  const example = placeOf({ lat: 24 + 22 / 60 + 54.433 / 3600, lon: -(100 + 20 / 60) })
  const metres = 2 * Math.PI * 6378137
  t.ok(Math.abs((example.x - 0.5) * metres + 11169055.58) < 0.02, 'easting')
  t.ok(Math.abs((0.5 - example.y) * metres - 2800000) < 0.02, 'northing')
})

t.test('the gravest is drawn last, and is found where several lie on one place', async (t) => {
  const placed = placePoints([point('fire', 21, 105, 'emergency'), point('still', 21, 105, 'quiet'), point('far', 10, 106, 'fault')])
  t.same(placed.points.map(({ id }) => id), ['still', 'far', 'fire'])
  t.equal(nearestPoint(placed, placeOf({ lat: 21, lon: 105 }), 0.001)?.id, 'fire')
  t.equal(nearestPoint(placed, placeOf({ lat: 15, lon: 100 }), 0.001), null)
})

const latLon = { lat: fc.double({ min: 8, max: 24, noNaN: true }), lon: fc.double({ min: 102, max: 110, noNaN: true }) }
const points = fc.array(fc.record({ id: fc.uuid(), label: fc.constant(''), look: fc.constantFrom(...POINT_LOOKS), ...latLon }), { minLength: 1, maxLength: 50 })

t.test('nothing is nearer than the nearest, and every point lies within the bounds', async () => {
  fc.assert(fc.property(points, fc.record(latLon), (all, at) => {
    const place = placeOf(at)
    const away = (one: MapPoint): number => Math.hypot(placeOf(one).x - place.x, placeOf(one).y - place.y)
    const found = nearestPoint(placePoints(all), place, 1)!
    const [southWest, northEast] = boundsOf(all)!
    return all.every((one) => away(one) >= away(found) - 1e-12 && one.lat >= southWest.lat && one.lat <= northEast.lat && one.lon >= southWest.lon && one.lon <= northEast.lon)
  }))
})

t.test('the grid has the finest lines that are not too many', async (t) => {
  t.equal(gridStep(12, 6), 2)
  t.equal(gridStep(0.3, 6), 0.05)
  t.equal(gridStep(90, 6), 10)
})

// Two squares side by side, with a common line, arc 1.
const SQUARES: Topology = {
  transform: { scale: [1, 1], translate: [100, 10] },
  arcs: [[[1, 0], [-1, 0], [0, 1], [1, 0]], [[1, 0], [0, 1]], [[1, 1], [1, 0], [0, -1], [-1, 0]]],
  objects: { units: { geometries: [{ type: 'Polygon', arcs: [[0, ~1]], properties: { name: 'west' } }, { type: 'MultiPolygon', arcs: [[[1, 2]]], properties: { name: 'east' } }] } },
}

t.test('a line between two provinces that have become one is left out', async (t) => {
  const apart = provinceLines(SQUARES, new Map([['west', 'A'], ['east', 'B']]))
  t.same(apart.lines, [[101, 10, 100, 10, 100, 11, 101, 11], [101, 10, 101, 11], [101, 11, 102, 11, 102, 10, 101, 10]])
  t.same(apart.names, [{ name: 'A', lat: 10.5, lon: 100.5 }, { name: 'B', lat: 10.5, lon: 101.5 }])
  const merged = provinceLines(SQUARES, new Map([['west', 'A'], ['east', 'A']]))
  t.equal(merged.lines.length, 2)
  t.same(merged.names, [{ name: 'A', lat: 10.5, lon: 101 }])
  t.throws(() => provinceLines(SQUARES, new Map([['west', 'A']])), /east/)
  t.equal(placeOutlines(apart).lines.length, 3)
})

t.test('there are 34 provinces, made of 63 that are each in one of them', async (t) => {
  const parts = Object.values(PROVINCES).flat()
  t.equal(Object.keys(PROVINCES).length, 34)
  t.equal(parts.length, 63)
  t.equal(new Set(parts).size, 63)
})
