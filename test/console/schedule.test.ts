import { deepStrictEqual, ok } from 'node:assert/strict'
import { IntlMessageFormat } from 'intl-messageformat'
import t from 'tap'
import { copyWeek } from '../../console/src/screens/schedule/copy-week.ts'
import { clockMs, clockText, dayText, WEEKDAYS } from '../../console/src/screens/schedule/days.ts'
import { addDays, houseDay, instantOf, mondayOf, wallOf } from '../../console/src/words/house-day.ts'
import { byDay, entriesOf, soundMsByDay } from '../../console/src/screens/schedule/entries.ts'
import { changeOf, conflictsOf, emptyNumbers, formOf, isCheckable, lengthMsOf, mergedForm, newItemForm, requestOf, withChange } from '../../console/src/screens/schedule/item-form.ts'
import { bodyOf, type Item, type NewItem, type Repeat, type Scheduled } from '../../console/src/screens/schedule/item-types.ts'
import { changed, dayOfPlay, left, moved } from '../../console/src/screens/schedule/move.ts'
import { readDays, repeatFormOf, repeatOf } from '../../console/src/screens/schedule/repeat-form.ts'
import { itemSentence } from '../../console/src/screens/schedule/sentence.ts'
import { sentenceWords, type SentenceWord } from '../../console/src/screens/schedule/sentence-words.ts'
import { guarded, inverseOf, type Step } from '../../console/src/screens/schedule/steps.ts'
import { repeatDays } from '../../control/schedule/calendar.ts'
import type { Repeat as KeptRepeat } from '../../control/schedule/schedule-port.ts'
import { fc } from '../support/seed.ts'

const MINUTE_MS = 60_000
const FROM = '2026-11-02'
const TO = '2027-06-30'

const item = (more: Partial<Item> = {}): Item => ({
  id: 'i-1', version: 1, title: 'Bản tin sáng', class: 'normal', sourceId: 's-1', clipIds: null, durationMs: 30 * MINUTE_MS, playMs: 30 * MINUTE_MS, targets: { units: ['u-1'], clusters: [], tags: [], groups: [] }, issuer: 'u-1', field: null, rank: 0, resume: 'continue',
  zone: 'Asia/Ho_Chi_Minh', time: '05:00:00', firstDay: FROM, lastDay: null, repeat: { kind: 'daily', every: 1 }, rrule: null, except: [], holidays: 'play', plays: 1, gapMs: 0, missed: 'join', lateLimitMs: 0, enabled: true, ask: null, mixing: null,
  createdAt: '2026-11-01T00:00:00.000Z', createdBy: 't', changedAt: '2026-11-01T00:00:00.000Z', changedBy: 't', ...more,
})

type Timed = Pick<NewItem, 'repeat' | 'firstDay' | 'lastDay' | 'except' | 'time'>

/** Local starts of all plays, by the server's own calendar. */
function startsOf({ repeat, firstDay, lastDay, except = [], time }: Timed): string[] {
  const { kind, ...parts } = repeat ?? { kind: 'once' }
  const kept = { kind, ...(kind === 'daily' || kind === 'weekly' ? { every: 1 } : {}), ...(kind === 'lunar' ? { months: null } : {}), ...parts } as KeptRepeat
  return repeatDays(kept, firstDay!, '2026-10-01', lastDay ?? TO).filter((day) => !except.includes(day)).map((day) => `${day}T${clockText(clockMs(time))}`)
}

/** A schedule as the server would have it after these steps. */
function after(before: Item, steps: readonly Step[]): NewItem[] {
  let items: (NewItem & { readonly id?: string })[] = [{ ...bodyOf(before), id: before.id }]
  for (const step of steps) {
    if (step.kind === 'create') items.push(step.body)
    else if (step.kind === 'remove') items = items.filter(({ id }) => id !== step.id)
    else items = items.map((one) => (one.id === step.id ? { ...one, ...step.change } : one))
  }
  return items
}

const startsAfter = (before: Item, steps: readonly Step[]): string[] => after(before, steps).flatMap(startsOf).sort()
const later = (start: string, ms: number): string => `${new Date(Date.parse(`${start}Z`) + ms).toISOString().slice(0, 16)}`

const plain = { noNullPrototype: true }
const day = fc.integer({ min: 0, max: 60 }).map((days) => addDays(FROM, days))
const repeat: fc.Arbitrary<Repeat> = fc.oneof(
  fc.constant({ kind: 'once' as const }),
  fc.record({ kind: fc.constant('daily' as const), every: fc.integer({ min: 1, max: 9 }) }, plain),
  fc.record({ kind: fc.constant('weekly' as const), every: fc.integer({ min: 1, max: 3 }), weekdays: fc.subarray([...WEEKDAYS], { minLength: 1 }) }, plain),
  fc.record({ kind: fc.constant('monthly' as const), days: fc.subarray([1, 2, 15, 28, 30, 31, -1], { minLength: 1 }) }, plain),
  fc.record({ kind: fc.constant('lunar' as const), days: fc.subarray([1, 2, 15, 30], { minLength: 1 }) }, plain),
  fc.record({ kind: fc.constant('dates' as const), dates: fc.uniqueArray(day, { minLength: 1, maxLength: 6 }).map((days) => days.sort()) }, plain),
)
const planned = fc.record({ repeat, firstDay: day, hasEnd: fc.boolean(), minutes: fc.integer({ min: 0, max: 1439 }), exceptions: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }) })
  .map(({ repeat: itsRepeat, firstDay, hasEnd, minutes, exceptions }) => {
    const made = item({ repeat: itsRepeat, firstDay, lastDay: hasEnd ? addDays(firstDay, 90) : null, time: clockText(minutes * MINUTE_MS) })
    const starts = startsOf(bodyOf(made))
    return { ...made, except: exceptions.flatMap((index) => (index < starts.length - 1 ? [starts[index]!.slice(0, 10)] : [])).sort() }
  })
  .filter((made) => startsOf(bodyOf(made)).length > 0)
const shiftMs = fc.integer({ min: -4 * 288, max: 4 * 288 }).map((steps) => steps * 5 * MINUTE_MS)
/** What lies near the end of what is looked at may leave it. */
const inSight = (starts: readonly string[]): string[] => starts.filter((start) => start < addDays(TO, -7))

t.test('an item is moved as a whole: every play by as much', async () => {
  fc.assert(fc.property(planned, fc.nat(20), shiftMs, (before, pick, startMs) => {
    const starts = startsOf(bodyOf(before))
    const plan = moved(before, `${starts[pick % starts.length]!.slice(0, 10)}.1`, { startMs, lengthMs: null }, 'all')
    if (plan === null) return
    deepStrictEqual(inSight(startsAfter(before, plan.steps)), inSight(starts.map((start) => later(start, startMs))), JSON.stringify({ before, startMs, plan }))
  }))
})

t.test('one play, or one and all after it, is moved; the others stay', async () => {
  fc.assert(fc.property(planned, fc.nat(20), shiftMs, fc.boolean(), (before, pick, startMs, isOne) => {
    const starts = startsOf(bodyOf(before))
    const start = starts[pick % starts.length]!
    const plan = moved(before, `${start.slice(0, 10)}.1`, { startMs, lengthMs: null }, isOne ? 'this' : 'following')
    if (plan === null) return
    deepStrictEqual(inSight(startsAfter(before, plan.steps)), inSight(starts.map((one) => (isOne ? one === start : one >= start) ? later(one, startMs) : one)).sort(), JSON.stringify({ before, startMs, plan }))
  }))
})

t.test('one play, or one and all after it, is left out', async () => {
  fc.assert(fc.property(planned, fc.nat(20), fc.boolean(), (before, pick, isOne) => {
    const starts = startsOf(bodyOf(before))
    const start = starts[pick % starts.length]!
    const { steps } = left(before, `${start.slice(0, 10)}.1`, isOne ? 'this' : 'following')
    deepStrictEqual(startsAfter(before, steps), starts.filter((one) => (isOne ? one !== start : one < start)))
  }))
})

t.test('what cannot be said by a rule is not said wrongly', async (t) => {
  const DAY = 86_400_000
  t.equal(moved(item({ repeat: { kind: 'monthly', days: [1] } }), '2026-12-01.1', { startMs: DAY, lengthMs: null }, 'all'), null)
  t.equal(moved(item({ repeat: { kind: 'lunar', days: [15] } }), '2026-11-23.1', { startMs: DAY, lengthMs: null }, 'following'), null)
  t.equal(moved(item({ repeat: { kind: 'rule', rrule: 'FREQ=DAILY;COUNT=5' } }), '2026-11-04.1', { startMs: 60_000, lengthMs: null }, 'following'), null)
  t.match(moved(item({ repeat: { kind: 'lunar', days: [15] } }), '2026-11-23.1', { startMs: 3_600_000, lengthMs: null }, 'all'), { steps: [{ change: { time: '06:00' } }] }, 'within the day it can')
  t.strictSame(moved(item(), '2026-11-04.1', { startMs: 0, lengthMs: 45 * MINUTE_MS }, 'all')?.steps, [{ kind: 'change', id: 'i-1', change: { durationMs: 45 * MINUTE_MS } }], 'longer')
  t.match(changed(item(), '2026-11-04.1', { title: 'Khác', clipIds: ['c'] }, 'this'), { steps: [{ change: { except: ['2026-11-04'] } }, { body: { title: 'Khác', clipIds: ['c'], firstDay: '2026-11-04', repeat: { kind: 'once' } } }] })
  t.notOk('sourceId' in (changed(item(), '2026-11-04.1', { clipIds: ['c'] }, 'this')?.steps[1] as { body: object }).body, 'one kind of content takes the place of the other')
})

t.test('undo leaves alone what somebody else has changed since', async (t) => {
  const [first, second, other]: Step[] = [{ kind: 'change', id: 'i-1', change: { title: 'A' } }, { kind: 'change', id: 'i-1', change: { title: 'B' } }, { kind: 'remove', id: 'i-2' }]
  const made: Step = { kind: 'create', body: bodyOf(item()) }
  t.strictSame(guarded([{ step: second!, tag: '"2"' }, { step: other!, tag: '"x"' }, { step: first!, tag: '"1"' }, { step: made, tag: null }]), [{ ...second!, tag: '"2"' }, { ...other!, tag: '"x"' }, first!, made], 'the tag of the last change of each')
})

t.test('undo brings back what was', async (t) => {
  fc.assert(fc.property(planned, fc.nat(20), shiftMs, (before, pick, startMs) => {
    const starts = startsOf(bodyOf(before))
    const plan = moved(before, `${starts[pick % starts.length]!.slice(0, 10)}.1`, { startMs, lengthMs: 60_000 }, 'all')
    if (plan === null) return
    deepStrictEqual(after(before, [...plan.steps, ...plan.steps.map((step) => inverseOf(step, before))]), [{ ...bodyOf(before), id: before.id }])
  }))
  t.strictSame(inverseOf({ kind: 'change', id: 'i-1', change: { clipIds: ['c'] } }, item()), { kind: 'change', id: 'i-1', change: { sourceId: 's-1' } }, 'the content too')
  t.strictSame(inverseOf({ kind: 'remove', id: 'i-1' }, item()), { kind: 'create', body: bodyOf(item()) })
  t.strictSame(inverseOf({ kind: 'create', body: bodyOf(item()) }, item({ id: 'i-2' })), { kind: 'remove', id: 'i-2' })
})

const scheduledOf = (items: readonly Item[], monday: string): Scheduled[] => items.flatMap((one) => {
  const plays = startsOf(bodyOf(one)).filter((start) => start >= monday && start < addDays(monday, 7)).map((start) => ({ occurrence: `${start.slice(0, 10)}.1`, from: new Date(instantOf(start)).toISOString(), until: new Date(instantOf(start) + one.playMs).toISOString(), orderId: null, state: 'planned' as const }))
  return plays.length === 0 ? [] : [{ item: one, mayPlan: true, plays }]
})

t.test('a week is copied: the other week plays all of it, nothing twice', async (t) => {
  fc.assert(fc.property(fc.array(planned, { minLength: 1, maxLength: 5 }), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 8 }), (made, week, ahead) => {
    const items = made.map((one, index) => ({ ...one, id: `i-${String(index)}` }))
    const [monday, target] = [addDays(FROM, 7 * week), addDays(FROM, 7 * (week + ahead))]
    const { bodies } = copyWeek(scheduledOf(items, monday), scheduledOf(items, target), monday, target, FROM)
    const there = [...items.map(bodyOf), ...bodies].flatMap(startsOf).filter((start) => start >= target && start < addDays(target, 7))
    for (const one of items) {
      const wanted = startsOf(bodyOf(one)).filter((start) => start >= monday && start < addDays(monday, 7)).map((start) => later(start, 7 * ahead * 86_400_000))
      for (const start of wanted) if (!there.includes(start)) throw new Error(`${start} is missing`)
    }
    const again = bodies.flatMap((body) => startsOf(body))
    ok(again.every((start) => start >= target && start < addDays(target, 7)), 'nothing in other weeks')
    const copiedAgain = copyWeek(scheduledOf(items, monday), [...scheduledOf(items, target), ...items.map((one) => ({ item: one, mayPlan: true, plays: scheduledOf([one], monday).flatMap(({ plays }) => plays.map((play) => ({ ...play, occurrence: `${addDays(dayOfPlay(play.occurrence), 7 * ahead)}.1` }))) }))], monday, target, FROM)
    deepStrictEqual(copiedAgain.bodies, [], 'what is there is not made again')
  }))
  const once = item({ repeat: { kind: 'once' }, firstDay: '2026-11-04' })
  t.match(copyWeek([{ ...scheduledOf([once], FROM)[0]!, mayPlan: false }], [], FROM, '2026-11-09', FROM), { bodies: [], foreign: 1 }, 'of a unit above')
  t.strictSame(copyWeek(scheduledOf([once], FROM), [], FROM, '2026-11-09', '2026-11-12').bodies, [], 'what is over')
})

t.test('a repetition goes through its form unchanged', async (t) => {
  fc.assert(fc.property(repeat, day, (one, firstDay) => {
    deepStrictEqual(repeatOf(repeatFormOf(one, firstDay)), one)
  }))
  t.equal(repeatFormOf({ kind: 'weekly', weekdays: ['MO', 'TU', 'WE', 'TH', 'FR'] }, FROM).pattern, 'weekdays')
  t.strictSame(readDays('15, 1', 31), [1, 15])
  t.equal(readDays('1, 32', 31), null)
  t.equal(readDays('một', 31), null)
})

t.test('a form says only what was changed, and takes what the server proposes', async (t) => {
  fc.assert(fc.property(planned, (one) => {
    deepStrictEqual(changeOf(one, formOf(one)), {})
  }))
  fc.assert(fc.property(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 1440 }), (start, minutes) => {
    const form = newItemForm(FROM, clockText(start * MINUTE_MS), minutes * MINUTE_MS, {})
    deepStrictEqual(lengthMsOf(form), minutes * MINUTE_MS, 'over midnight too')
  }))
  t.strictSame(changeOf(item(), { ...formOf(item()), time: '05:15', until: '05:45' }), { time: '05:15' })
  t.strictSame(changeOf(item(), { ...formOf(item()), content: 'clips', clipIds: ['c'], until: '' }), { clipIds: ['c'], durationMs: null })
  t.match(withChange(formOf(item()), { time: '06:10:00' }), { time: '06:10', until: '06:40' })
  t.match(withChange(formOf(item()), { durationMs: 600_000, rank: -1 }), { time: '05:00', until: '05:10', rank: -1 })
  t.match(requestOf({ ...newItemForm(FROM, '05:00', 1_800_000, { units: ['u'] }), title: ' Tin ', lastDay: '2026-12-01' }), { title: 'Tin', lastDay: null, durationMs: 1_800_000 }, 'one play has no last day')
})

const sayIn = (language: 'vi' | 'en') => (key: SentenceWord, values: Readonly<Record<string, string | number>> = {}) => String(new IntlMessageFormat(sentenceWords[language][key], language, undefined, { ignoreTag: true }).format(values))

t.test('a sentence says it', async (t) => {
  const vi = (more: Partial<Item>): string => itemSentence(item(more), '2026-11-21', sayIn('vi'))
  const en = (more: Partial<Item>): string => itemSentence(item(more), '2026-11-21', sayIn('en'))
  t.equal(vi({ repeat: { kind: 'weekly', weekdays: ['MO', 'TU', 'WE', 'TH', 'FR'] }, firstDay: '2026-12-01' }), 'Thứ 2–6, 05:00–05:30, từ 1/12')
  t.equal(en({ repeat: { kind: 'weekly', weekdays: ['MO', 'TU', 'WE', 'TH', 'FR'] }, firstDay: '2026-12-01' }), 'Mon–Fri, 05:00–05:30, from 1/12')
  t.equal(vi({}), 'Hằng ngày, 05:00–05:30')
  t.equal(vi({ repeat: { kind: 'weekly', weekdays: ['MO', 'WE', 'SU'], every: 2 }, lastDay: '2027-01-31' }), 'Thứ 2, 4, Chủ nhật, 2 tuần một lần, 05:00–05:30, đến hết 31/1/2027')
  t.equal(vi({ repeat: { kind: 'weekly', weekdays: ['SU'] } }), 'Chủ nhật, 05:00–05:30')
  t.equal(vi({ repeat: { kind: 'lunar', days: [1, 15] } }), 'Ngày 1 và 15 âm lịch hằng tháng, 05:00–05:30')
  t.equal(vi({ repeat: { kind: 'lunar', days: [10], months: [3] } }), 'Ngày 10 tháng 3 âm lịch, 05:00–05:30')
  t.equal(vi({ repeat: { kind: 'monthly', days: [1, -1] }, holidays: 'skip' }), 'Ngày 1 và cuối tháng hằng tháng, 05:00–05:30, trừ ngày lễ')
  t.equal(vi({ repeat: { kind: 'once' }, firstDay: '2026-12-01', time: '23:45:00' }), 'Một lần, Thứ 3 1/12, 23:45–00:15')
  t.equal(vi({ plays: 3, gapMs: 600_000, except: ['2026-12-25'] }), 'Hằng ngày, 05:00–05:30, 3 lượt, cách nhau 10 phút, trừ 25/12')
  t.equal(dayText('2027-01-05', '2026-11-21'), '5/1/2027')
})

t.test('days and times of Viet Nam', async (t) => {
  t.equal(wallOf(Date.parse('2026-11-21T17:30:00Z')), '2026-11-22T00:30:00')
  t.equal(houseDay(Date.parse('2026-11-21T16:59:59Z')), '2026-11-21')
  t.equal(instantOf('2026-11-22T00:30'), Date.parse('2026-11-21T17:30:00Z'))
  t.equal(mondayOf('2026-11-22'), '2026-11-16', 'a Sunday is the last of its week')
  t.equal(mondayOf('2026-11-23'), '2026-11-23')
})

t.test('plays by day, and how long each day sounds', async (t) => {
  const night = item({ time: '23:45:00', firstDay: '2026-11-04', repeat: { kind: 'once' } })
  const [shown] = scheduledOf([night], FROM)
  const sums = soundMsByDay([shown!], FROM, 7)
  t.equal(sums.get('2026-11-04'), 15 * MINUTE_MS)
  t.equal(sums.get('2026-11-05'), 15 * MINUTE_MS)
  t.equal(soundMsByDay([{ ...shown!, plays: shown!.plays.map((play) => ({ ...play, state: 'off' as const })) }], FROM, 7).get('2026-11-04'), 0)
  t.match(byDay(entriesOf([shown!], 'ban tin'), FROM, 7).map(({ entries }) => entries.length), [0, 0, 1, 0, 0, 0, 0])
  t.strictSame(entriesOf([shown!], 'nhạc'), [])
  t.equal(entriesOf([{ ...shown!, mayPlan: false }], '')[0]?.isMovable, false)
})

t.test('two at one item: what one of them has changed stays, and what both have is taken whole', (t) => {
  const base = formOf(item())
  t.strictSame(mergedForm(base, base, formOf(item({ title: 'Của họ' }))), formOf(item({ title: 'Của họ' })))
  const [mine, theirs] = [{ ...base, until: '05:45', title: 'Của tôi' }, { ...base, time: '07:00', until: '07:30', holidays: 'skip' as const }]
  t.strictSame(conflictsOf(base, mine, theirs), ['when'])
  t.match(mergedForm(base, mine, theirs), { title: 'Của tôi', time: '05:00', until: '05:45', holidays: 'play' }, 'no end of the one with the beginning of the other')
  t.strictSame(conflictsOf(base, { ...base, enabled: false }, { ...base, enabled: false }), [], 'both the same is no question')
  t.match(mergedForm(base, { ...base, acceptCollisions: true, reason: 'Họp', missed: 'skip' }, { ...base, rank: 3 }), { acceptCollisions: false, reason: 'Họp', missed: 'skip', rank: 3 })
  t.end()
})

t.test('an empty number is no number: nothing is asked or sent with another in its place', (t) => {
  const form = formOf(item({ plays: 3, class: 'priority', missed: 'late', lateLimitMs: MINUTE_MS }))
  t.strictSame([emptyNumbers(form), isCheckable(form)], [[], true])
  const empty = { ...form, plays: null, rank: null, lateMinutes: null, repeat: { ...form.repeat, every: null } }
  t.strictSame([emptyNumbers(empty), isCheckable(empty)], [['everyDays', 'plays', 'late', 'rank'], false])
  t.strictSame(requestOf(empty).repeat, { kind: 'daily' })
  for (const name of ['plays', 'rank', 'lateLimitMs']) t.notOk(name in requestOf(empty), name)
  t.strictSame(emptyNumbers({ ...form, gapMinutes: null }), ['gap'])
  t.strictSame(emptyNumbers({ ...form, plays: 1, gapMinutes: null, class: 'normal', rank: null, missed: 'join', lateMinutes: null, repeat: { ...form.repeat, pattern: 'once', every: null } }), [], 'what is not in sight may be empty')
  t.end()
})
