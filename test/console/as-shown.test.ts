import t from 'tap'
import { ChangedElsewhere } from '../../console/src/api/changed-elsewhere.ts'
import { ifAsShown } from '../../console/src/parts/conflict/as-shown.ts'
import { LoaProblem } from '../../control/client/index.ts'

interface Unit { readonly name: string; readonly people: number; readonly seenAt: string }
const nameOf = ({ name }: Unit): string => name
const read = (unit: Partial<Unit>, status = 200) => ({ data: { name: 'Xã Một', people: 8000, seenAt: '05:00', ...unit }, response: new Response(null, { status, headers: { ETag: '"7"' } }) })

t.test('what is still as the form shows it is changed, as it was read just now', (t) => {
  t.same(ifAsShown(read({}), nameOf, 'Xã Một'), { 'if-match': '"7"' })
  t.same(ifAsShown(read({ people: 9000, seenAt: '06:00' }), nameOf, 'Xã Một'), { 'if-match': '"7"' }, 'what the form does not show may differ')
  t.same(ifAsShown(read({}), ({ name, people }) => ({ name, people }), { name: 'Xã Một', people: 8000 }), { 'if-match': '"7"' })
  t.end()
})

t.test('what somebody else has changed since is not', (t) => {
  t.throws(() => ifAsShown(read({ name: 'Xã Hai' }), nameOf, 'Xã Một'), ChangedElsewhere)
  t.end()
})

t.test('nor what cannot be read', (t) => {
  const gone = { ...read({}, 404), response: Object.defineProperty(new Response(null, { status: 404 }), 'url', { value: 'http://loa.example.vn/v1/units/u-1' }) }
  t.throws(() => ifAsShown(gone, nameOf, 'Xã Một'), LoaProblem)
  t.end()
})
