import t from 'tap'
import { NO_EQUIPMENT, type Policy, type VolumeWindow } from '../../../control/ports.ts'
import { NO_POLICY } from '../../../control/policy/policy.ts'
import { volumeWeek, WEEK_MINUTES } from '../../../control/policy/volume-hours.ts'
import { VolumeBook } from '../../../server/director/volume-book.ts'
import { buildControl } from '../../support/build-control.ts'
import { fc } from '../../support/seed.ts'

const window = (from: string, to: string, percent: number, weekdays: VolumeWindow['weekdays'] = null): VolumeWindow => ({ from, to, percent, weekdays })

t.test('the week in stretches: the quietest window holds, past midnight and past Sunday', (t) => {
  t.same(volumeWeek([]), [])
  t.same(volumeWeek([window('22:00', '05:00', 40, ['SU']), window('04:00', '06:00', 60, ['MO'])]), [{ from: 0, until: 300, percent: 40 }, { from: 300, until: 360, percent: 60 }, { from: 6 * 1440 + 1320, until: WEEK_MINUTES, percent: 40 }])
  t.same(volumeWeek([window('00:00', '00:00', 100)]), [])
  t.end()
})

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
const minute = fc.integer({ min: 0, max: 1439 })
const time = (at: number): string => `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`

t.test('for all windows each minute is as loud as the quietest that holds it', (t) => {
  fc.assert(fc.property(fc.array(fc.tuple(minute, minute, fc.integer({ min: 1, max: 100 }), fc.option(fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }))), { maxLength: 6 }), (all) => {
    const stretches = volumeWeek(all.map(([from, to, percent, weekdays]) => window(time(from), time(to), percent, weekdays)))
    for (let at = 0; at < WEEK_MINUTES; at += 7) {
      const holding = all.filter(([from, to, , weekdays]) => WEEKDAYS.some((day, index) => (weekdays?.includes(day) ?? true) && (at - index * 1440 - from + WEEK_MINUTES) % WEEK_MINUTES < ((to - from + 1440) % 1440 || 1440)))
      if ((stretches.find(({ from, until }) => from <= at && at < until)?.percent ?? 100) !== Math.min(100, ...holding.map(([, , percent]) => percent))) return false
    }
    return stretches.every(({ from, until, percent }, index) => from < until && percent < 100 && (stretches[index - 1]?.until ?? 0) <= from)
  }), { numRuns: 100 })
  t.end()
})

t.test('each cluster has the hours of its unit, and of those above where its own says nothing', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const unit = async (code: string, parentId: string | null) => (await h.call('POST', '/v1/units', { code, name: code, parentId })).body.id
  const [province, other] = [await unit('T', null), await unit('O', null)]
  const commune = await unit('X', province)
  const cluster = (id: string, unitId: string) => h.store.clusters.insert({ id, unitId, code: id, name: id, tags: [], position: null, enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: id, keyChangedAtMs: 0, createdAtMs: 0 })
  for (const [id, unitId] of [['c-p', province], ['c-x', commune], ['c-o', other]] as const) cluster(id, unitId)
  let offsetMs = 0
  const book = new VolumeBook(h.store, () => offsetMs)
  t.same(['c-p', 'c-x', 'c-o', 'nobody'].map((id) => book.of(id)), [null, null, null, null])
  t.match(await h.call('PATCH', `/v1/units/${province}/policy`, { volume: [{ from: '21:00', to: '22:00', percent: 40, weekdays: ['MO'] }] }), { status: 200, body: { own: { volume: [{ percent: 40 }] }, effective: { volume: [{ weekdays: ['MO'] }] } } })
  t.ok(h.broadcast.calls.includes('policies'), 'devices are to be told')
  book.forget()
  // Monday, 5 January 2026, begins in Viet Nam at 17:00 UTC of the day before: 3 days and 17 h after house sample 0.
  const evening = { weekFromSamples: (3 * 24 + 17) * 3600 * 48_000, hours: [{ from: 1260, until: 1320, percent: 40 }] }
  t.same(['c-p', 'c-x', 'c-o'].map((id) => book.of(id)), [evening, evening, null])
  offsetMs = 2300
  t.equal(book.of('c-p')!.weekFromSamples, evening.weekFromSamples - 2 * 48_000, 'the wall clock is two seconds ahead of the house')
  await h.call('PATCH', `/v1/units/${commune}/policy`, { volume: [] })
  book.forget()
  t.equal(book.of('c-x'), null, 'its own word: always full')
  t.match(await h.call('PATCH', `/v1/units/${commune}/policy`, { volume: [{ from: '21:00', to: '22:00', percent: 0 }] }), { status: 422 }, 'silence is what quiet hours are for')
  t.match(h.store.policies.get(commune), { ...NO_POLICY, volume: [] } satisfies Policy)
})
