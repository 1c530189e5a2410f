import t from 'tap'
import { dropped, isSameOrder, lengthMs, placesOf, scheduleHref, shifted, withClip, type Place } from '../../console/src/screens/library/playlist-draft.ts'
import { fc } from '../support/seed.ts'

const clips = ['a', 'b', 'a', 'c'].map((id, index) => ({ id, name: id, durationMs: 1000 * (index + 1) }))
const ids = (places: readonly Place[]): string => places.map(({ id }) => id).join('')

t.test('a list is put in order by hand and by buttons', (t) => {
  const places = placesOf(clips)
  const keys = places.map(({ key }) => key)
  t.equal(ids(shifted(places, keys[1]!, -1)), 'baac')
  t.equal(ids(shifted(places, keys[2]!, 1)), 'abca')
  t.equal(shifted(places, keys[0]!, -1), places)
  t.equal(shifted(places, keys[3]!, 1), places)
  t.equal(ids(dropped(places, new Set([keys[3]]), keys[0], 'before')), 'caba')
  t.equal(ids(dropped(places, new Set([keys[0]]), keys[3], 'after')), 'baca')
  t.equal(ids(dropped(places, new Set([keys[0], keys[3]]), keys[1], 'after')), 'baca')
  t.equal(dropped(places, new Set([keys[1]]), keys[1], 'after'), places)
  t.equal(lengthMs(places), 10_000)
  t.ok(isSameOrder(places, clips))
  t.notOk(isSameOrder(shifted(places, keys[0]!, 1), clips))
  t.equal(scheduleHref([{ id: 'a&b' }, { id: 'c' }]), '/schedule?clips=a%26b,c')
  t.end()
})

t.test('nothing is lost or doubled, whatever is moved, and each place has a key of its own', (t) => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('shift' as const), at: fc.nat(20), by: fc.constantFrom(-1 as const, 1 as const) }),
    fc.record({ kind: fc.constant('drop' as const), from: fc.array(fc.nat(20), { maxLength: 4 }), at: fc.nat(20), position: fc.constantFrom('before' as const, 'after' as const) }),
    fc.record({ kind: fc.constant('add' as const) }),
    fc.record({ kind: fc.constant('remove' as const), at: fc.nat(20) }),
  )
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    let places = placesOf(clips)
    for (const one of steps) {
      const before = places
      const key = (at: number): string => before[at % Math.max(1, before.length)]?.key ?? ''
      if (one.kind === 'add') places = withClip(places, clips[0]!)
      else if (one.kind === 'remove') places = places.filter((place) => place.key !== key(one.at))
      else places = one.kind === 'shift' ? shifted(places, key(one.at), one.by) : dropped(places, new Set(one.from.map(key)), key(one.at), one.position)
      const sorted = (list: readonly Place[]): string => list.map((place) => place.key).sort().join(' ')
      if (new Set(places.map((place) => place.key)).size !== places.length) return false
      if ((one.kind === 'shift' || one.kind === 'drop') && sorted(places) !== sorted(before)) return false
    }
    return true
  }))
  t.end()
})
