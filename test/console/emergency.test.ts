import t from 'tap'
import { bodyOf, drawnTargets, filledText, firstDraft, levelOf, missingOf, slotsOf, targetsFor, type Draft, type Ready } from '../../console/src/screens/emergency/draft.ts'
import { dialled, shareOf, stagesOf } from '../../console/src/screens/emergency/stages.ts'
import { speakState } from '../../console/src/screens/emergency/speak-state.ts'

const TEMPLATE = { id: 'builtin-flood', level: 4, slots: ['place', 'time'] } as unknown as NonNullable<Ready['template']>
const draft = (more: Partial<Draft> = {}): Draft => ({ ...firstDraft(null), targets: { units: ['u1'] }, ...more })
const ready = (more: Partial<Ready> = {}): Ready => ({ template: TEMPLATE, slots: { place: 'xã Một', time: 'nay' }, targets: { units: ['u1'] }, sourceId: null, ...more })

t.test('who has one place means that; who has more says which', async (t) => {
  t.same(firstDraft(['u1']).targets, { units: ['u1'] })
  t.same([firstDraft(['u1', 'u2']).targets, firstDraft(null).targets], [{}, {}])
  t.match(firstDraft(null), { kind: 'real', way: 'template', templateId: null }, 'and no template is chosen for him')
})

t.test('slots fill themselves until somebody writes into them', async (t) => {
  t.same(slotsOf(TEMPLATE, { slots: {} }, ['xã Một', 'xã Hai'], 'bây giờ'), { place: 'xã Một, xã Hai', time: 'bây giờ' })
  t.same(slotsOf(TEMPLATE, { slots: { place: '' } }, ['xã Một'], 'nay'), { place: '', time: 'nay' }, 'emptied is empty')
  t.equal(slotsOf(TEMPLATE, { slots: {} }, ['x'.repeat(999)], '')['place']?.length, 300)
  t.equal(filledText('Tại {place}, cấp {level}: {name}', { place: '$& {time}', name: '' }, 4), 'Tại $& {time}, cấp 4: {name}', 'words are words')
})

t.test('what is missing is said in the order of the screen, and nothing is sent before', async (t) => {
  t.same(missingOf(draft(), ready({ template: null, slots: {}, targets: null })), ['needWhat', 'needWhere'])
  t.same(missingOf(draft(), ready({ slots: { place: ' ', time: 'nay' } })), ['needSlots'])
  t.same(missingOf(draft({ way: 'type' }), ready()), ['needTitle', 'needText'])
  t.same(missingOf(draft({ way: 'speak', title: 'x' }), ready()), ['needMicrophone'])
  for (const [given, with_] of [[draft(), ready({ targets: null })], [draft({ way: 'type' }), ready()], [draft({ way: 'speak', title: 'x' }), ready()]] as const) t.equal(bodyOf(given, with_), null)
})

t.test('each way says its own, and no more', async (t) => {
  t.same(bodyOf(draft({ title: 'cũ', text: 'cũ' }), ready()), { kind: 'real', templateId: 'builtin-flood', slots: { place: 'xã Một', time: 'nay' }, targets: { units: ['u1'] } })
  t.match(bodyOf(draft({ level: 5 }), ready()), { level: 5 })
  t.same(bodyOf(draft({ way: 'type', kind: 'exercise', title: ' Cháy ', text: ' Có cháy. ', hazard: 'fire' }), ready()), { kind: 'exercise', hazard: 'fire', level: 3, title: 'Cháy', parts: [{ language: 'vi', text: 'Có cháy.' }], targets: { units: ['u1'] } })
  t.match(bodyOf(draft({ way: 'speak', title: 'x' }), ready({ sourceId: 's1' })), { sourceId: 's1', durationMs: 3_600_000 })
  t.same([levelOf(draft(), TEMPLATE), levelOf(draft({ way: 'type' }), TEMPLATE), levelOf(draft({ level: 1 }), TEMPLATE)], [4, 3, 1])
})

t.test('an area is closed, and stays within one’s own units where the right does not reach everywhere', async (t) => {
  const polygon = [{ lat: 21, lon: 106 }, { lat: 21, lon: 106.1 }, { lat: 21.1, lon: 106.000000049 }]
  const area = { type: 'Polygon', coordinates: [[[106, 21], [106.1, 21], [106, 21.1], [106, 21]]] }
  t.same(drawnTargets(draft({ polygon, targets: {} }), null), { selection: { area } })
  t.same(drawnTargets(draft({ polygon }), ['u1', 'u2']), { units: ['u1'], selection: { area, units: ['u1', 'u2'], match: 'all' } })
  t.same(drawnTargets(draft({ polygon: polygon.slice(1), targets: {} }), null), null, 'two corners are no area')
  const test = draft({ kind: 'test', polygon, targets: { units: ['u1'], clusters: ['c1'] } })
  t.same([targetsFor(test), drawnTargets(test, null), drawnTargets({ ...test, targets: { units: ['u1'] } }, null)], [{ clusters: ['c1'] }, { clusters: ['c1'] }, null], 'a test names clusters only')
})

t.test('stages are of those who can prove anything', async (t) => {
  const counts = { targeted: 12, notProved: 2, connected: 9, received: 8, verified: 8, played: 5, heard: 0, red: 5 }
  t.same(stagesOf(counts).map(({ count, of }) => [count, of]), [[8, 10], [8, 10], [5, 10], [0, 10]])
  t.equal(shareOf({ word: 'stagePlayed', count: 5, of: 10 }), 0.5)
  t.equal(shareOf({ word: 'stagePlayed', count: 0, of: 0 }), 0)
  t.equal(dialled('+84 (912) 345-678'), '+84912345678')
})

t.test('who speaks is told that he is heard only while everything stands', async (t) => {
  const all = { phase: 'open', line: 'connected', isMuted: false, isLost: false } as const
  t.same(speakState(all, -1), ['micOnAir'])
  t.same(speakState(all, 1500), ['micTone', { seconds: 2 }])
  t.same(speakState(all, null), ['micReady'])
  t.same(speakState({ ...all, isLost: true }, -1), ['micGone'], 'pulled out in the middle')
  t.same(speakState({ ...all, line: 'reconnecting' }, -1), ['micLost'])
  t.same(speakState({ ...all, isMuted: true }, -1), ['micMuted'])
  t.same(speakState({ ...all, phase: 'off', isLost: true }, -1), ['needMicrophone'])
})
