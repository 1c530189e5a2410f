import t from 'tap'
import { insideOf, mostCrossed, type Area } from '../../control/polygon.ts'
import { fc } from '../support/seed.ts'

const polygon = (...ring: [number, number][]): Area => ({ type: 'Polygon', coordinates: [[...ring, ring[0]!]] })
/** Small numbers, so that corners, edges and points often meet. */
const near = fc.integer({ min: -6, max: 6 })
const place = fc.tuple(near, near)

t.test('a triangle', (t) => {
  const inside = insideOf(polygon([0, 0], [4, 0], [0, 4]))
  t.same([[1, 1], [3, 3], [-1, 1], [1, 5], [2, 1]].map(([lon = 0, lat = 0]) => inside({ lat, lon })), [true, false, false, false, true])
  t.equal(insideOf(polygon([0, 0], [1, 0], [2, 0]))({ lat: 0, lon: 1 }), false, 'what has no area holds nothing')
  t.end()
})

t.test('of two parts of a polygon exactly one has each point of it, also of their common edge', (t) => {
  fc.assert(fc.property(fc.array(place, { minLength: 4, maxLength: 9 }), fc.nat(), near, near, (ring, cut, lat, lon) => {
    const at = 2 + (cut % (ring.length - 3))
    const [whole, left, right] = [insideOf(polygon(...ring)), insideOf(polygon(...ring.slice(0, at + 1))), insideOf(polygon(...ring.slice(at), ring[0]!))]
    const point = { lat, lon }
    return whole(point) === (left(point) !== right(point))
  }))
  t.pass()
  t.end()
})

t.test('a point is inside whatever the number of corners: bands leave no edge out', (t) => {
  fc.assert(fc.property(fc.integer({ min: 3, max: 3000 }), fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 0, max: 7, noNaN: true }), (corners, distance, angle) => {
    const ring = Array.from({ length: corners }, (_, n): [number, number] => [Math.cos((2 * Math.PI * n) / corners), Math.sin((2 * Math.PI * n) / corners)])
    const inner = Math.cos(Math.PI / corners)
    fc.pre(distance < inner - 1e-9 || distance > 1 + 1e-9)
    return insideOf(polygon(...ring))({ lon: distance * Math.cos(angle), lat: distance * Math.sin(angle) }) === distance < 1
  }))
  t.pass()
  t.end()
})

t.test('a point is inside exactly when the plain rule says so, for every ring', (t) => {
  const plain = (ring: readonly [number, number][], lat: number, lon: number): boolean => ring.reduce((inside, [x1, y1], index) => {
    const [x2, y2] = ring[(index + 1) % ring.length]!
    return y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1 ? !inside : inside
  }, false)
  const anywhere = fc.double({ min: -6, max: 6, noNaN: true })
  fc.assert(fc.property(fc.array(fc.oneof(place, fc.tuple(anywhere, anywhere)), { minLength: 3, maxLength: 60 }), fc.oneof(near, anywhere), fc.oneof(near, anywhere), (ring, lat, lon) =>
    insideOf(polygon(...ring))({ lat, lon }) === plain(ring, lat, lon)), { numRuns: 500 })
  t.end()
})

t.test('a zigzag is seen: every parallel crosses it with each of its edges', (t) => {
  const zigzag = (corners: number, high: number): Area => polygon(...Array.from({ length: corners }, (_, n): [number, number] => [n / corners, n % 2 === 0 ? 0 : high]))
  t.equal(mostCrossed(polygon([0, 0], [4, 0], [4, 4], [0, 4])), 2)
  t.equal(mostCrossed(polygon([0, 0], [1, 1], [0, 2], [1, 3])), 2, 'an edge that ends where the next begins is not counted beside it')
  t.equal(mostCrossed(zigzag(10_000, 8)), 10_000)
  const flat = polygon(...Array.from({ length: 9998 }, (_, n): [number, number] => [Math.cos(n / 1591.3), Math.sin(n / 1591.3)]))
  t.ok(mostCrossed(flat) <= 2)
  t.end()
})
