import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Schemas } from '../../control/client/index.ts'
import { bodySchema, type ApiDocument } from '../../console/plugins/body-schema.ts'
import { schemaErrors, type FormSchema } from '../../console/src/forms/schema-errors.ts'
import { bodyOfKey, newKey, valuesOfKey } from '../../console/src/screens/sources/phone-key-form.ts'
import { bodyOf, linesOf, schemaFor, valuesFor, valuesOf, type Values } from '../../console/src/screens/sources/source-form.ts'
import { encoderFields, KINDS, needsLook, rungs, talkLink, usersOf, type Source, type SourceKind, type SourceOf } from '../../console/src/screens/sources/sources.ts'

const API = JSON.parse(readFileSync(join(import.meta.dirname, '../../control/openapi.json'), 'utf8')) as ApiDocument
const CREATE = bodySchema(API, 'POST', '/v1/sources') as FormSchema
const CHANGE = bodySchema(API, 'PATCH', '/v1/sources/{id}') as FormSchema
const FILLED: Partial<Record<SourceKind, Partial<Values>>> = { icecast: { mount: '/studio' }, relay: { urls: ['https://radio.example.vn/a'] }, rtp: { rtpBy: 'fields', senders: ['192.168.1.4'] }, standby: { inputSourceIds: ['a', 'b'] } }

const common = { id: 's1', name: 'Nguồn', unitId: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', createdAt: '2026-01-01T00:00:00.000Z', status: null } as const
const standby = (told: SourceOf<'standby'>['status'], pinned: SourceOf<'standby'>['pinned'] = null): SourceOf<'standby'> => ({ ...common, kind: 'standby', inputSourceIds: ['a', 'b', 'c'], return: 'automatic', returnAfterMs: 0, pinned, status: told })
const status = { state: 'live', urlIndex: null, peakDbfs: -6, rmsDbfs: -18, clippedPercent: 0, fault: null, reason: '', cause: null, title: '', receivedBytes: null, standby: null } as const

t.test('what the form sends is what the API takes, for every kind', async (t) => {
  for (const kind of KINDS) {
    const values = { ...valuesFor(kind, 'u1'), name: 'Nguồn', ...FILLED[kind] }
    t.same(schemaErrors(schemaFor(CREATE, kind), bodyOf(kind, true, values)), [], kind)
    t.same(schemaErrors(CHANGE, bodyOf(kind, false, values)), [], `${kind}, changed`)
  }
})

t.test('faults are found beside the field of the kind, and no others', async (t) => {
  const paths = (kind: SourceKind, values: Partial<Values>): string[] => schemaErrors(schemaFor(CREATE, kind), bodyOf(kind, true, { ...valuesFor(kind, null), name: 'x', ...FILLED[kind], ...values })).map(({ path }) => path)
  t.same(paths('icecast', { mount: 'studio' }), ['mount'])
  t.same(paths('whip', { name: '' }), ['name'])
  t.same(paths('standby', { inputSourceIds: ['a'] }), ['inputSourceIds'])
  t.same(paths('relay', { urls: [] }), ['urls'])
  t.same(paths('srt', { port: 80 }), ['port'])
  t.same(paths('rtp', { stream: { group: '', port: 1, codec: 'l24', payloadType: 98, sampleRateHz: 48_000, channels: 2 } }), ['stream.port'])
})

t.test('a source that is read and sent back stays as it is', async (t) => {
  const source: Source = { ...common, kind: 'icecast', mount: '/a', takeover: 'replace', acceptsFrom: 'window', leadTimeMs: 1000, tailMs: 2000 }
  t.match(bodyOf('icecast', false, valuesOf(source)), { name: 'Nguồn', mount: '/a', takeover: 'replace', acceptsFrom: 'window', leadTimeMs: 1000, tailMs: 2000 })
  t.same(linesOf(' a \n\nb\n'), ['a', 'b'])
})

t.test('what is typed into encoders', async (t) => {
  const place = { host: 'loa.example.vn', port: 8010, isSecure: true, rtmpPort: 11935 }
  const whip: SourceOf<'whip'> = { ...common, kind: 'whip', path: '/whip/s1', talkPath: '/talk/s1', takeover: 'refuse', acceptsFrom: 'always', leadTimeMs: 0, tailMs: 0 }
  t.same(encoderFields(whip, place, null), [{ word: 'fieldUrl', value: 'https://loa.example.vn:8010/whip/s1' }])
  t.same(encoderFields(whip, place, 'k').at(-1), { word: 'fieldToken', value: 'k' })
  t.equal(talkLink(whip, place, 'k'), 'https://loa.example.vn:8010/talk/s1#k')
  const rtmp = { ...common, kind: 'rtmp', takeover: 'refuse', acceptsFrom: 'always', leadTimeMs: 0, tailMs: 0 } as Source
  t.same(encoderFields(rtmp, place, null), [{ word: 'fieldServer', value: 'rtmp://loa.example.vn:11935/live' }])
  t.same(encoderFields(rtmp, { ...place, rtmpPort: null }, 'k'), [{ word: 'fieldStreamKey', value: 'k' }], 'no address that nobody listens at')
  t.same(encoderFields({ ...common, kind: 'phone' }, place, null), [])
})

t.test('the ladder says why each input does not play', async (t) => {
  const input = { state: 'live', fault: null, goodForMs: 5000, peakDbfs: null, rmsDbfs: null, receivedBytes: null, reason: '', cause: null } as const
  const told = { ...status, standby: { inputSourceId: 'b', inputs: [{ ...input, sourceId: 'a' }, { ...input, sourceId: 'b' }, { ...input, sourceId: 'c', fault: 'noise', goodForMs: 0 }] } }
  t.same(rungs(standby(told)).map(({ why }) => why), ['waits', 'plays', 'faulty'])
  t.same(rungs(standby(told, { inputSourceId: 'b', force: false })).map(({ why }) => why), ['waits', 'chosen', 'faulty'])
  t.same(rungs(standby({ ...told, standby: { inputSourceId: 'a', inputs: [{ ...input, sourceId: 'a' }, { ...input, sourceId: 'b' }, { ...input, sourceId: 'c', goodForMs: 0 }] } })).map(({ why }) => why), ['plays', 'ready', 'down'])
  t.same(rungs(standby({ ...told, state: 'idle', standby: { inputSourceId: null, inputs: [{ ...input, sourceId: 'a', state: 'down', goodForMs: 0 }] } })).map(({ why }) => why), ['unknown', 'unknown', 'unknown'], 'what rests is not faulty')
  t.same(rungs(standby(null)).map(({ why }) => why), ['unknown', 'unknown', 'unknown'])
})

t.test('who leans on a source, and which need a look', async (t) => {
  const tone: Source = { ...common, id: 'b', kind: 'tone', frequencyHz: 1000, levelDbfs: -18 }
  t.same(usersOf('b', [standby(null), tone, { ...tone, id: 'd', fallbackSourceId: 'b' }]).map(({ id }) => id), ['s1', 'd'])
  t.notOk(needsLook(tone))
  t.notOk(needsLook({ ...tone, status }))
  t.ok(needsLook({ ...tone, status: { ...status, state: 'down' } }))
  t.ok(needsLook({ ...tone, status: { ...status, fault: { code: 'clipping', title: '', titleVi: '' } } }))
})

t.test('what a key of the telephone is made of is what the API takes, and comes back as it was', async (t) => {
  const schema = bodySchema(API, 'POST', '/v1/phone/keys') as FormSchema
  const live = { ...newKey('u1', 's1'), name: 'Toàn xã' }
  t.same(schemaErrors(schema, bodyOfKey(live)), [])
  t.match(bodyOfKey(live), { class: 'normal', alert: null, content: { kind: 'live', sourceId: 's1' } })
  const emergency = bodyOfKey({ ...live, class: 'emergency', hazard: 'flood', level: '4' })
  t.same(schemaErrors(schema, emergency), [])
  t.same(emergency.alert, { kind: 'exercise', hazard: 'flood', level: 4 }, 'an exercise unless it is said otherwise')
  const spoken = bodyOfKey({ ...live, contentKind: 'template', templateId: 'builtin-fire', slots: { place: 'thôn Đông', time: '' } })
  t.same(schemaErrors(schema, spoken), [])
  t.match(spoken, { class: 'emergency', content: { kind: 'template', slots: { place: 'thôn Đông' } } }, 'a template is an alert')
  const kept: Schemas['PhoneKey'] = { id: 'k', unitId: 'u1', userId: 'a', key: '9', name: 'Lũ', targets: { units: [], clusters: ['c'], tags: [], groups: [] }, class: 'emergency', alert: { kind: 'real', hazard: 'flood', level: 5 }, content: { kind: 'live', sourceId: 's1' }, mostMs: 60_000, onHangUp: 'keep', createdAt: '' }
  t.match(bodyOfKey(valuesOfKey(kept)), { userId: 'a', key: '9', targets: kept.targets, alert: kept.alert, content: kept.content, mostMs: 60_000, onHangUp: 'keep' })
})
