import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hashSecret } from '../../control/ids.ts'
import { DEFAULT_INGEST_RULES } from '../../control/ingest-port.ts'
import { NO_EQUIPMENT } from '../../control/records.ts'
import { ROLES, type Grant, type Role } from '../../control/rights.ts'
import { alertRecord } from '../support/alert.ts'
import { putRecording, recordingSpan } from '../support/recording.ts'
import { scheduleItem } from '../support/schedule-item.ts'
import { makeKeys, message } from '../support/cap-samples.ts'
import { writeCap } from '../../control/cap/cap-writer.ts'
import { buildControl, multipart, START_MS, type Harness } from '../support/build-control.ts'

// Thousands of requests; the machine may have other things to do.
t.setTimeout(120_000)

/**
 * Every route × every role × where the role is held. The table says in its own words who may use what; a route that is not in it fails the test.
 *
 *   province ─┬─ own ── child        The role is held at `own` (or over the whole tree), and each route is tried on a thing in each unit.
 *             └─ sister
 */
const PLACES = ['own', 'child', 'sister', 'province'] as const
type Place = (typeof PLACES)[number]

interface World extends Harness {
  readonly units: Readonly<Record<Place, string>>
  readonly clusters: Readonly<Record<Place, string>>
  readonly sourceId: string
  /** A mezzanine. */
  readonly clipFile: string
  /** Makes ids and codes that were never used. */
  readonly fresh: () => string
}

/** Whoever may look: a sender of CAP messages sees nothing. */
const ALL = ROLES.filter((role) => role !== 'cap-sender')
const ADMINISTRATOR = ['administrator'] as const
const ON_AIR = ['operator', 'administrator'] as const
const TECHNICAL = ['technician', 'administrator'] as const
const COMMANDING = ['operator', 'technician', 'administrator'] as const
const OFFICER = ['emergency-officer'] as const
const WRITING = ['writer', 'editor', 'operator', 'emergency-officer', 'administrator'] as const
const EDITING = ['editor', 'operator', 'administrator'] as const
const AUDITING = ['auditor', 'administrator'] as const

interface Call {
  readonly url: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

interface Rule {
  /** `unit`: only where the role reaches; `tree`: only when it is held over the whole tree; `any`: wherever it is held; `known`: by any token; `public`: without one. */
  readonly where: 'unit' | 'tree' | 'any' | 'known' | 'public'
  readonly roles: readonly Role[]
  /** The request for a thing in that unit. What it would remove is made first. */
  call(world: World, place: Place): Call
}

const unit = (roles: readonly Role[], call: Rule['call']): Rule => ({ where: 'unit', roles, call })
const tree = (roles: readonly Role[], url: string, body?: object): Rule => ({ where: 'tree', roles, call: () => ({ url, ...(body === undefined ? {} : { body }) }) })
const any = (roles: readonly Role[], url: string, body?: object): Rule => ({ where: 'any', roles, call: () => ({ url, ...(body === undefined ? {} : { body }) }) })
const open = (url: string, body?: object): Rule => ({ where: 'public', roles: [], call: () => ({ url, ...(body === undefined ? {} : { body }) }) })
/** What only a user who has logged in may do, and these callers are all tokens. */
const NO_TOKEN: readonly Role[] = []

function newUnit({ store, fresh }: World, parentId: string): string {
  return store.units.insert({ id: fresh(), code: fresh(), name: 'x', parentId, presentationDelayMs: null, createdAtMs: 0 }).id
}

function newCluster({ store, fresh }: World, unitId: string): string {
  return store.clusters.insert({ id: fresh(), unitId, code: fresh(), name: 'x', tags: [], position: null, enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: fresh(), keyChangedAtMs: 0, createdAtMs: 0 }).id
}

function newDevice({ store, fresh }: World, clusterId: string): string {
  store.devices.addCode({ hash: fresh(), clusterId, createdAtMs: 0, createdBy: 't', expiresAtMs: Number.MAX_SAFE_INTEGER })
  const hash = fresh()
  store.devices.addCode({ hash, clusterId, createdAtMs: 0, createdBy: 't', expiresAtMs: START_MS * 2 })
  return store.devices.enrol(hash, { id: fresh(), publicKey: 'p', remoteAddress: '192.0.2.1' }, START_MS)!.id
}

let port = 1024
function newOutput({ store, fresh }: World, clusterId: string): string {
  return store.rtpOutputs.insert({ id: fresh(), name: 'x', clusterId, mode: 'multicast', address: '239.1.1.1', port: port += 2, codec: 'opus', ptimeMs: 20, ttl: 1, dscp: 46, interface: null, sap: false, createdAtMs: 0 }).id
}

const CAP_KEY = makeKeys().pem

function newCapSender({ store, fresh }: World, unitId: string): string {
  return store.capSenders.insert({ id: fresh(), name: 'x', sender: fresh(), keys: [CAP_KEY], unitId, preAuthorisedUnitIds: [], geocodeNames: [], mostPerHour: 10, enabled: true, createdAtMs: 0 }).id
}

function newCapFeed(world: World, unitId: string): string {
  return world.store.capFeeds.insert({ id: world.fresh(), name: 'x', senderId: newCapSender(world, unitId), url: 'https://a.example/', intervalMs: 60_000, enabled: false, createdAtMs: 0 }).id
}

function newCapMessage({ store, fresh }: World, unitId: string | null): string {
  return store.capMessages.insert({ id: fresh(), receivedAtMs: 0, via: { kind: 'request', id: 't' }, senderId: null, unitId, sender: 'x', identifier: fresh(), sent: '2026-06-18T10:00:00+07:00', status: 'Test', msgType: 'Alert', scope: 'Public', references: [], signature: 'absent', outcome: 'kept', reason: 'test', alertId: null, repeats: 0, xml: '<alert/>' }).id
}

function newOrder({ store, fresh, sourceId }: World, unitId: string, orderClass: 'normal' | 'emergency' = 'normal'): string {
  return store.orders.insert({ id: fresh(), class: orderClass, title: 'x', sourceId, clipIds: null, targets: { units: [unitId], clusters: [], tags: [] }, startsAtMs: START_MS, endsAtMs: START_MS + 3_600_000, rank: 0, resume: 'skip', issuerUnitId: unitId, field: null, attentionTone: false, createdAtMs: START_MS, createdBy: 't' }).id
}

function newItem({ store, fresh, sourceId }: World, unitId: string): string {
  return store.schedule.insert({ ...scheduleItem(fresh()), sourceId, targets: { units: [unitId], clusters: [], tags: [] }, issuerUnitId: unitId, createdAtMs: START_MS, changedAtMs: START_MS, enabled: false }).id
}

/** What belongs to the upper unit is seen below it: the sister's stands in its place. */
const belowOrBeside = ({ units }: World, at: Place): string => (at === 'province' ? units.sister : units[at])

const newSource = ({ store, fresh }: World, unitId: string): string =>
  store.sources.insert({ id: fresh(), kind: 'tone', name: 'x', unitId, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', frequencyHz: 1000, levelDbfs: -12, createdAtMs: 0 }).id

const newStudio = ({ store, fresh }: World, unitId: string): string =>
  store.sources.insert({ id: fresh(), kind: 'whip', name: 'x', unitId, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', takeover: 'refuse', keyHash: fresh(), ingest: DEFAULT_INGEST_RULES, createdAtMs: 0 }).id

const newStandby = ({ store, fresh, sourceId }: World, unitId: string): string =>
  store.sources.insert({ id: fresh(), kind: 'standby', name: 'x', unitId, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', inputSourceIds: [sourceId, 'x'], return: 'automatic', returnAfterMs: 0, pinned: null, chosenAtMs: null, createdAtMs: 0 }).id

const newPlaylist = ({ store, fresh }: World, unitId: string | null): string => store.playlists.insert({ id: fresh(), name: 'x', unitId, clipIds: [], createdAtMs: 0 }).id
const newClip = ({ store, fresh }: World, unitId: string | null, path?: string): string =>
  store.clips.insert({ id: fresh(), name: 'x', unitId, path: path ?? `/nowhere/${fresh()}`, durationMs: 1000, durationSamples: 48_000, loudnessLufs: null, sizeBytes: 1, createdAtMs: 0 }).id

function newCommand({ store, fresh }: World, clusterId: string): string {
  const id = fresh()
  store.commands.insert({ id, type: 'reboot', arguments: {}, targets: { units: [], clusters: [clusterId], tags: [] }, createdAtMs: 0, createdBy: 't', expiresAtMs: START_MS * 2 }, [clusterId])
  return id
}

const newAlert = ({ store, fresh }: World, unitId: string): string =>
  store.alerts.insert(alertRecord(fresh(), START_MS, { parts: [{ language: 'vi', text: null, clipId: 'clip' }], targets: { units: [unitId], clusters: [], tags: [] }, issuerUnitId: unitId }), []).id

const newTemplate = ({ store, fresh }: World, unitId: string): string =>
  store.alertTemplates.insert({ id: fresh(), unitId, hazard: 'fire', title: 'x', level: 1, text: 'x', voice: 'north', recordings: [], repeat: { times: 1, everyHours: null }, lifeMs: 60_000, createdAtMs: 0, changedAtMs: 0 }).id

const newUnitChange = ({ store, fresh }: World): string =>
  store.unitChanges.insert({ id: fresh(), atMs: START_MS * 2, note: null, steps: [], state: 'planned', result: null, problem: null, createdAtMs: 0, createdBy: 't' }).id

function newToken({ store, fresh }: World, grants: readonly Grant[]): { readonly id: string; readonly secret: string } {
  const secret = `${fresh()}-secret`
  return { id: store.tokens.insert({ id: fresh(), name: 'x', grants, hash: hashSecret(secret), createdAtMs: 0 }).id, secret }
}

function newUser({ store, fresh }: World, grants: readonly Grant[]): string {
  return store.users.insert({ id: fresh(), login: fresh(), name: 'x', grants, passwordHash: '', totpSecret: null, totpPending: null, totpUsedStep: 0, recoveryHashes: [], enabled: true, createdAtMs: 0 }).id
}

const newSession = ({ store, fresh }: World, userId: string): string =>
  store.sessions.insert({ id: fresh(), userId, hash: fresh(), remoteAddress: '192.0.2.1', userAgent: '', createdAtMs: 0, expiresAtMs: START_MS * 2 }).id

function newAlarm({ store, fresh }: World, unitId: string | null): string {
  const id = fresh()
  store.alarms.insert({ id, rule: 'cluster-lost', severity: 'warning', subject: { kind: 'cluster', id: fresh() }, unitId, sinceMs: 0, raisedAtMs: 0, clearedAtMs: null, level: 0, members: null, detail: 'x', detailVi: 'x', acknowledged: null })
  return id
}

function newChannel({ store, fresh }: World, unitId: string | null, kind: 'file' | 'webhook' = 'file'): string {
  const target = kind === 'file' ? { kind, name: 'x' } : { kind, url: 'https://x.vn', keys: [] }
  return store.notifications.insertChannel({ id: fresh(), name: 'x', unitId, target, minSeverity: 'info', rules: null, level: 5, enabled: true, createdAtMs: 0 }).id
}

function newNotification(w: World, unitId: string | null): string {
  const id = w.fresh()
  w.store.notifications.enqueue({ id, channelId: newChannel(w, unitId), alarmId: null, kind: 'test', payload: '{}', createdAtMs: 0, state: 'dead', attempts: 1, nextAtMs: 0, lastError: null, doneAtMs: 0 })
  return id
}

function newTicket({ store, fresh }: World, unitId: string): string {
  const ticket = { id: fresh(), title: 'x', unitId, clusterId: null, alarmId: null, severity: 'info', state: 'open', assignee: null, parts: [], labourVnd: null, openedAtMs: 0, openedBy: null, respondedAtMs: null, onSiteAtMs: null, closedAtMs: null, waitedMs: 0, waitingSinceMs: null, clusterStateBefore: null } as const
  return store.tickets.insert(ticket, { atMs: 0, by: null, name: 'x', state: 'open', note: null }).id
}

/** Of an order, as its unit heard it. */
function newRecording({ store, dataDir, fresh }: World, unitId: string, orderId = fresh()): { readonly id: string; readonly orderId: string } {
  const { id, room } = putRecording(store.recordings, join(dataDir, 'recordings'), { id: fresh(), room: `src:${fresh()}` })
  store.recordings.putSpan(recordingSpan(room, orderId, unitId, 0, 48_000))
  return { id, orderId }
}

const order = ({ sourceId }: World, unitId: string, orderClass: 'normal' | 'emergency'): object => ({ class: orderClass, title: 'x', sourceId, targets: { units: [unitId] }, issuer: unitId, durationMs: 1000 })
const item = ({ sourceId }: World, unitId: string): object => ({ class: 'normal', title: 'x', sourceId, targets: { units: [unitId] }, issuer: unitId, durationMs: 1000, time: '05:00', firstDay: '2026-07-01' })
const alert = ({ sourceId }: World, targets: object, issuer: string): object => ({ kind: 'real', hazard: 'fire', level: 1, title: 'x', sourceId, targets, issuer, durationMs: 60_000 })
const CLIP = multipart(Buffer.alloc(960))

/** Where a route asks for different rights by what is sent, it stands here more than once, told apart by what follows the `#`. */
function newCall({ store, fresh }: World, unitId: string, alertId: string | null = null): string {
  return store.phoneCalls.insert({ id: fresh(), callerId: '', remoteAddress: '', startedAtMs: 0, endedAtMs: START_MS, state: 'ended', userId: 'p', userName: '', unitId, keyId: null, keyName: null, orderId: null, alertId, wrongTries: 0, result: '', recording: null }).id
}

const phoneKey = (world: World, unitId: string): object => ({ unitId, key: '1', name: 'x', targets: { units: [world.units.own] }, class: 'normal', content: { kind: 'live', sourceId: world.sourceId } })

function newPhoneKey({ store, fresh }: World, unitId: string): string {
  const userId = newUser({ store, fresh } as World, [])
  return store.phoneKeys.insert({ id: fresh(), unitId, userId, key: '1', name: 'x', targets: { units: [unitId], clusters: [], tags: [] }, class: 'normal', alert: null, content: { kind: 'live', sourceId: 's' }, mostMs: 60_000, onHangUp: 'stop', createdAtMs: 0 }).id
}

const RULES: Readonly<Record<string, Rule>> = {
  'POST /v1/units': unit(ADMINISTRATOR, (w, at) => ({ url: '/v1/units', body: { code: w.fresh(), name: 'x', parentId: w.units[at] } })),
  'POST /v1/units # a root': { ...tree(ADMINISTRATOR, ''), call: (w) => ({ url: '/v1/units', body: { code: w.fresh(), name: 'x' } }) },
  'GET /v1/units': any(ALL, '/v1/units'),
  'GET /v1/units/export': any(ALL, '/v1/units/export?format=csv'),
  'GET /v1/policy-breaches/export': any(ALL, '/v1/policy-breaches/export?format=csv'),
  'GET /v1/users/export': any(ADMINISTRATOR, '/v1/users/export?format=csv'),
  'GET /v1/units/{id}': unit(ALL, (w, at) => ({ url: `/v1/units/${w.units[at]}` })),
  'PATCH /v1/units/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/units/${w.units[at]}`, body: { name: 'Xã' } })),
  'PATCH /v1/units/{id} # moved to': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/units/${newUnit(w, w.units.own)}`, body: { parentId: w.units[at] } })),
  'PATCH /v1/units/{id} # moved from': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/units/${newUnit(w, w.units[at])}`, body: { parentId: w.units.own } })),
  'DELETE /v1/units/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/units/${newUnit(w, w.units[at])}` })),
  'POST /v1/unit-changes/check': { ...tree(ADMINISTRATOR, ''), call: (w) => ({ url: '/v1/unit-changes/check', body: { steps: [{ kind: 'rename', unitId: w.units.own, name: 'Xã' }] } }) },
  'POST /v1/unit-changes': { ...tree(ADMINISTRATOR, ''), call: (w) => ({ url: '/v1/unit-changes', body: { steps: [{ kind: 'rename', unitId: w.units.own, name: 'Xã' }] } }) },
  'GET /v1/unit-changes': tree(ALL, '/v1/unit-changes'),
  'GET /v1/unit-changes/{id}': { ...tree(ALL, ''), call: (w) => ({ url: `/v1/unit-changes/${newUnitChange(w)}` }) },
  'POST /v1/unit-changes/{id}/cancel': { ...tree(ADMINISTRATOR, ''), call: (w) => ({ url: `/v1/unit-changes/${newUnitChange(w)}/cancel` }) },
  'GET /v1/unit-map': any(ALL, '/v1/unit-map?at=2026-01-01T00:00:00Z'),
  'GET /v1/units/{id}/history': unit(ALL, (w, at) => ({ url: `/v1/units/${w.units[at]}/history` })),
  'GET /v1/clusters/{id}/units': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/units` })),
  'GET /v1/units/{id}/policy': unit(ALL, (w, at) => ({ url: `/v1/units/${w.units[at]}/policy` })),
  'PATCH /v1/units/{id}/policy': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/units/${newUnit(w, w.units[at])}/policy`, body: { playMs: null } })),
  'GET /v1/policy-breaches': any(ALL, '/v1/policy-breaches'),
  'POST /v1/clusters': unit(ADMINISTRATOR, (w, at) => ({ url: '/v1/clusters', body: { unitId: w.units[at], code: w.fresh(), name: 'x' } })),
  'GET /v1/clusters': any(ALL, '/v1/clusters'),
  'POST /v1/clusters/import': { where: 'tree', roles: ADMINISTRATOR, call: () => ({ url: '/v1/clusters/import', body: CLIP.payload, headers: CLIP.headers }) },
  'GET /v1/clusters/export': any(ALL, '/v1/clusters/export?format=csv'),
  'GET /v1/clusters/{id}': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}` })),
  'PATCH /v1/clusters/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}`, body: { enabled: true } })),
  'PATCH /v1/clusters/{id} # moved to': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/clusters/${newCluster(w, w.units.own)}`, body: { unitId: w.units[at] } })),
  'DELETE /v1/clusters/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/clusters/${newCluster(w, w.units[at])}` })),
  'POST /v1/clusters/{id}/rotate-key': unit(TECHNICAL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/rotate-key` })),
  'GET /v1/clusters/{id}/on-air': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/on-air` })),
  'GET /v1/clusters/{id}/state': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/state` })),
  'GET /v1/cluster-board': any(ALL, '/v1/cluster-board'),
  'GET /v1/clusters/{id}/state-history': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/state-history` })),
  'GET /v1/clusters/{id}/measurements': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/measurements` })),
  'GET /v1/clusters/{id}/measurements/export': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/measurements/export?format=csv` })),
  'GET /v1/clusters/{id}/commands': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/commands` })),
  'GET /v1/cluster-states': any(ALL, '/v1/cluster-states'),
  'GET /v1/cluster-states/counts': any(ALL, '/v1/cluster-states/counts'),
  'GET /v1/availability': any(ALL, '/v1/availability'),
  'GET /v1/availability/export': any(ALL, '/v1/availability/export?format=csv'),
  'GET /v1/units/{id}/state': unit(ALL, (w, at) => ({ url: `/v1/units/${w.units[at]}/state` })),
  'GET /v1/clusters/{id}/schedule': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/schedule` })),
  'POST /v1/schedule-items': unit(EDITING, (w, at) => ({ url: '/v1/schedule-items', body: { ...item(w, w.units[at]), acceptCollisions: true } })),
  'POST /v1/schedule-items # in the name of': unit(EDITING, (w, at) => ({ url: '/v1/schedule-items', body: { ...item(w, w.units.own), issuer: w.units[at], acceptCollisions: true } })),
  'POST /v1/schedule-items/check': unit(EDITING, (w, at) => ({ url: '/v1/schedule-items/check', body: item(w, w.units[at]) })),
  'GET /v1/schedule-items': any(ALL, '/v1/schedule-items'),
  'GET /v1/schedule-plays': any(ALL, '/v1/schedule-plays'),
  'GET /v1/schedule-plays # of a unit': unit(ALL, (w, at) => ({ url: `/v1/schedule-plays?unitId=${at === 'province' ? w.units.sister : w.units[at]}` })),
  'GET /v1/schedule-items/export': any(ALL, '/v1/schedule-items/export'),
  'GET /v1/schedule-items/{id}': unit(ALL, (w, at) => ({ url: `/v1/schedule-items/${newItem(w, at === 'province' ? w.units.sister : w.units[at])}` })),
  'GET /v1/schedule-items/{id}/plays': unit(ALL, (w, at) => ({ url: `/v1/schedule-items/${newItem(w, at === 'province' ? w.units.sister : w.units[at])}/plays` })),
  'PATCH /v1/schedule-items/{id}': unit(EDITING, (w, at) => ({ url: `/v1/schedule-items/${newItem(w, w.units[at])}`, body: { title: 'y' } })),
  'PATCH /v1/schedule-items/{id} # given other targets': unit(EDITING, (w, at) => ({ url: `/v1/schedule-items/${newItem(w, w.units.own)}`, body: { targets: { units: [w.units[at]] } } })),
  'DELETE /v1/schedule-items/{id}': unit(EDITING, (w, at) => ({ url: `/v1/schedule-items/${newItem(w, at === 'province' ? w.units.sister : w.units[at])}` })),
  'GET /v1/clusters/{id}/play-log': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/play-log` })),
  'GET /v1/clusters/{id}/speaker': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/speaker` })),
  'GET /v1/clusters/{id}/devices': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/devices` })),
  'POST /v1/clusters/{id}/commands': unit(COMMANDING, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/commands`, body: { type: 'reboot' } })),
  'POST /v1/clusters/{id}/photo': unit(TECHNICAL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/photo`, body: CLIP.payload, headers: CLIP.headers })),
  'GET /v1/clusters/{id}/photo': unit(ALL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/photo` })),
  'DELETE /v1/clusters/{id}/photo': unit(TECHNICAL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/photo` })),
  'POST /v1/enrolment-codes': unit(TECHNICAL, (w, at) => ({ url: '/v1/enrolment-codes', body: { targets: { units: [w.units[at]] } } })),
  'POST /v1/clusters/{id}/enrolment-codes': unit(TECHNICAL, (w, at) => ({ url: `/v1/clusters/${w.clusters[at]}/enrolment-codes`, body: {} })),
  'POST /v1/devices/{id}/revoke': unit(TECHNICAL, (w, at) => ({ url: `/v1/devices/${newDevice(w, w.clusters[at])}/revoke` })),
  'GET /v1/commands': any(ALL, '/v1/commands'),
  'GET /v1/commands/{id}/clusters': unit(ALL, (w, at) => ({ url: `/v1/commands/${newCommand(w, w.clusters[at])}/clusters` })),
  'POST /v1/commands': unit(COMMANDING, (w, at) => ({ url: '/v1/commands', body: { type: 'reboot', targets: { clusters: [w.clusters.own, w.clusters[at]] } } })),
  'POST /v1/commands # by unit': unit(COMMANDING, (w, at) => ({ url: '/v1/commands', body: { type: 'reboot', targets: { units: [w.units.child, w.units[at]] } } })),
  'POST /v1/commands # by tag': tree(COMMANDING, '/v1/commands', { type: 'reboot', targets: { tags: ['ven-song'] } }),
  'GET /v1/commands/{id}': unit(ALL, (w, at) => ({ url: `/v1/commands/${newCommand(w, w.clusters[at])}` })),
  'POST /v1/groups': tree(ADMINISTRATOR, '/v1/groups', { name: 'x', tags: ['a'] }),
  'GET /v1/groups': any(ALL, '/v1/groups'),
  'GET /v1/groups/{id}': any(ALL, '/v1/groups/g'),
  'GET /v1/groups/{id}/clusters': any(ALL, '/v1/groups/g/clusters'),
  'POST /v1/microphones': unit(OFFICER, (w, at) => ({ url: '/v1/microphones', body: { unitId: w.units[at] } })),
  'POST /v1/targets/preview': any(ALL, '/v1/targets/preview', { targets: { tags: ['a'] } }),
  'POST /v1/groups/preview': any(ALL, '/v1/groups/preview', { tags: ['a'] }),
  'PATCH /v1/groups/{id}': tree(ADMINISTRATOR, '/v1/groups/g', { name: 'x' }),
  'DELETE /v1/groups/{id}': tree(ADMINISTRATOR, '/v1/groups/g'),
  'POST /v1/commands # by group': tree(COMMANDING, '/v1/commands', { type: 'reboot', targets: { groups: ['g'] } }),
  'POST /v1/cap': unit(['emergency-officer', 'cap-sender'], (w, at) => {
    const { sender } = w.store.capSenders.get(newCapSender(w, w.units[at]))!
    return { url: '/v1/cap', body: Buffer.from(writeCap(message({ sender, status: 'Test' }))), headers: { 'content-type': 'application/cap+xml' } }
  }),
  'GET /v1/cap': any(ALL, '/v1/cap'),
  'GET /v1/cap/{id}': unit(ALL, (w, at) => ({ url: `/v1/cap/${newCapMessage(w, w.units[at])}` })),
  'GET /v1/cap/{id}/xml': unit(ALL, (w, at) => ({ url: `/v1/cap/${newCapMessage(w, w.units[at])}/xml` })),
  'GET /v1/cap/{id} # of nobody known': { ...tree(ALL, ''), call: (w) => ({ url: `/v1/cap/${newCapMessage(w, null)}` }) },
  'GET /v1/cap/feed.atom': open('/v1/cap/feed.atom'),
  'GET /v1/cap/certificate.pem': open('/v1/cap/certificate.pem'),
  'GET /v1/alerts/{id}/cap': {
    ...open(''),
    call(w) {
      const alert = w.store.alerts.get(newAlert(w, w.units.own))!
      w.store.alerts.replace({ ...alert, onAirFromMs: START_MS })
      return { url: `/v1/alerts/${alert.id}/cap` }
    },
  },
  'POST /v1/cap-senders': unit(ADMINISTRATOR, (w, at) => ({ url: '/v1/cap-senders', body: { name: 'x', sender: w.fresh(), keys: [CAP_KEY], unitId: w.units[at] } })),
  'GET /v1/cap-senders': any(ALL, '/v1/cap-senders'),
  'GET /v1/cap-senders/{id}': unit(ALL, (w, at) => ({ url: `/v1/cap-senders/${newCapSender(w, w.units[at])}` })),
  'PATCH /v1/cap-senders/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/cap-senders/${newCapSender(w, w.units[at])}`, body: { name: 'y' } })),
  'PATCH /v1/cap-senders/{id} # to another unit': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/cap-senders/${newCapSender(w, w.units.own)}`, body: { unitId: w.units[at] } })),
  // Who is an administrator only lets nobody speak without a hand.
  'PATCH /v1/cap-senders/{id} # pre-authorised': unit([], (w, at) => ({ url: `/v1/cap-senders/${newCapSender(w, w.units[at])}`, body: { preAuthorisedUnitIds: [w.units[at]] } })),
  'DELETE /v1/cap-senders/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/cap-senders/${newCapSender(w, w.units[at])}` })),
  'POST /v1/cap-feeds': unit(ADMINISTRATOR, (w, at) => ({ url: '/v1/cap-feeds', body: { name: 'x', senderId: newCapSender(w, w.units[at]), url: 'https://a.example/' } })),
  'GET /v1/cap-feeds': any(ALL, '/v1/cap-feeds'),
  'GET /v1/cap-feeds/{id}': unit(ALL, (w, at) => ({ url: `/v1/cap-feeds/${newCapFeed(w, w.units[at])}` })),
  'POST /v1/cap-feeds/{id}/poll': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/cap-feeds/${newCapFeed(w, w.units[at])}/poll` })),
  'PATCH /v1/cap-feeds/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/cap-feeds/${newCapFeed(w, w.units[at])}`, body: { name: 'y' } })),
  'PATCH /v1/cap-feeds/{id} # of another sender': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/cap-feeds/${newCapFeed(w, w.units.own)}`, body: { senderId: newCapSender(w, w.units[at]) } })),
  'DELETE /v1/cap-feeds/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/cap-feeds/${newCapFeed(w, w.units[at])}` })),
  'GET /v1/signing-keys': any(ALL, '/v1/signing-keys'),
  'POST /v1/signing-keys/rotate': tree(ADMINISTRATOR, '/v1/signing-keys/rotate', {}),
  'POST /v1/sources': unit(ADMINISTRATOR, (w, at) => ({ url: '/v1/sources', body: { kind: 'tone', name: 'x', frequencyHz: 1000, unitId: w.units[at] } })),
  'POST /v1/sources # of the whole tree': tree(ADMINISTRATOR, '/v1/sources', { kind: 'tone', name: 'x', frequencyHz: 1000, unitId: null }),
  'GET /v1/rtp-announcements': any(ADMINISTRATOR, '/v1/rtp-announcements'),
  'GET /v1/sources': any(ALL, '/v1/sources'),
  'GET /v1/sources/{id}': unit(ALL, (w, at) => ({ url: `/v1/sources/${newSource(w, belowOrBeside(w, at))}` })),
  'GET /v1/sources/{id} # of the whole tree': { ...any(ALL, ''), call: (w) => ({ url: `/v1/sources/${w.sourceId}` }) },
  'PATCH /v1/sources/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/sources/${newSource(w, w.units[at])}`, body: { name: 'x' } })),
  'PATCH /v1/sources/{id} # given to': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/sources/${newSource(w, w.units.own)}`, body: { unitId: w.units[at] } })),
  'PATCH /v1/sources/{id} # of the whole tree': { ...tree(ADMINISTRATOR, ''), call: (w) => ({ url: `/v1/sources/${w.sourceId}`, body: { name: 'x' } }) },
  'DELETE /v1/sources/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/sources/${newSource(w, w.units[at])}` })),
  'POST /v1/sources/{id}/rotate-key': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/sources/${newStudio(w, w.units[at])}/rotate-key` })),
  'POST /v1/sources/{id}/keys': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/sources/${newStudio(w, w.units[at])}/keys`, body: { label: 'x' } })),
  'GET /v1/sources/{id}/keys': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/sources/${newStudio(w, w.units[at])}/keys` })),
  'DELETE /v1/sources/{id}/keys/{keyId}': unit(ADMINISTRATOR, (w, at) => {
    const id = newStudio(w, w.units[at])
    const key = w.store.sourceKeys.insert({ id: w.fresh(), sourceId: id, label: 'x', class: 'normal', keyHash: w.fresh(), createdAtMs: 0, expiresAtMs: null, isReplaced: false, lastUsedAtMs: null })
    return { url: `/v1/sources/${id}/keys/${key.id}` }
  }),
  'GET /v1/sources/{id}/attempts': unit(ALL, (w, at) => ({ url: `/v1/sources/${newStudio(w, w.units[at])}/attempts` })),
  'GET /v1/sources/{id}/switches': unit(ALL, (w, at) => ({ url: `/v1/sources/${newSource(w, belowOrBeside(w, at))}/switches` })),
  'POST /v1/sources/{id}/switch': unit(ON_AIR, (w, at) => ({ url: `/v1/sources/${newStandby(w, w.units[at])}/switch`, body: { inputSourceId: null } })),
  'POST /v1/clips': unit(WRITING, (w, at) => ({ url: `/v1/clips?unitId=${w.units[at]}`, body: CLIP.payload, headers: CLIP.headers })),
  'POST /v1/clips # of his unit': { where: 'any', roles: WRITING, call: () => ({ url: '/v1/clips', body: CLIP.payload, headers: CLIP.headers }) },
  'GET /v1/clips': any(ALL, '/v1/clips'),
  'GET /v1/clips/{id}': unit(ALL, (w, at) => ({ url: `/v1/clips/${newClip(w, belowOrBeside(w, at))}` })),
  'GET /v1/clips/{id} # of the whole tree': { ...any(ALL, ''), call: (w) => ({ url: `/v1/clips/${newClip(w, null)}` }) },
  'PATCH /v1/clips/{id}': unit(EDITING, (w, at) => ({ url: `/v1/clips/${newClip(w, w.units[at])}`, body: { name: 'x' } })),
  'PATCH /v1/clips/{id} # given to': unit(EDITING, (w, at) => ({ url: `/v1/clips/${newClip(w, w.units.own)}`, body: { unitId: w.units[at] } })),
  'PATCH /v1/clips/{id} # of the whole tree': { ...tree(EDITING, ''), call: (w) => ({ url: `/v1/clips/${newClip(w, null)}`, body: { name: 'x' } }) },
  'GET /v1/clips/{id}/audio': unit(ALL, (w, at) => ({ url: `/v1/clips/${newClip(w, belowOrBeside(w, at), w.clipFile)}/audio` })),
  'GET /v1/clips/{id}/peaks': unit(ALL, (w, at) => ({ url: `/v1/clips/${newClip(w, belowOrBeside(w, at))}/peaks` })),
  'GET /v1/clips/{id}/usage': unit(ALL, (w, at) => ({ url: `/v1/clips/${newClip(w, belowOrBeside(w, at))}/usage` })),
  'POST /v1/clips/{id}/trim': unit(WRITING, (w, at) => ({ url: `/v1/clips/${newClip(w, w.units[at], w.clipFile)}/trim`, body: { fromMs: 0, toMs: 1 } })),
  'POST /v1/playlists': unit(WRITING, (w, at) => ({ url: '/v1/playlists', body: { name: 'x', unitId: w.units[at] } })),
  'POST /v1/playlists # of the whole tree': tree(WRITING, '/v1/playlists', { name: 'x', unitId: null }),
  'POST /v1/playlists # with a clip of': unit(WRITING, (w, at) => ({ url: '/v1/playlists', body: { name: 'x', unitId: w.units.own, clipIds: [newClip(w, belowOrBeside(w, at))] } })),
  'GET /v1/playlists': any(ALL, '/v1/playlists'),
  'GET /v1/playlists/{id}': unit(ALL, (w, at) => ({ url: `/v1/playlists/${newPlaylist(w, belowOrBeside(w, at))}` })),
  'GET /v1/playlists/{id} # of the whole tree': { ...any(ALL, ''), call: (w) => ({ url: `/v1/playlists/${newPlaylist(w, null)}` }) },
  'PATCH /v1/playlists/{id}': unit(EDITING, (w, at) => ({ url: `/v1/playlists/${newPlaylist(w, w.units[at])}`, body: { name: 'x' } })),
  'PATCH /v1/playlists/{id} # given to': unit(EDITING, (w, at) => ({ url: `/v1/playlists/${newPlaylist(w, w.units.own)}`, body: { unitId: w.units[at] } })),
  'PATCH /v1/playlists/{id} # of the whole tree': { ...tree(EDITING, ''), call: (w) => ({ url: `/v1/playlists/${newPlaylist(w, null)}`, body: { name: 'x' } }) },
  'DELETE /v1/playlists/{id}': unit(EDITING, (w, at) => ({ url: `/v1/playlists/${newPlaylist(w, w.units[at])}` })),
  'POST /v1/clip-uploads': unit(WRITING, (w, at) => ({ url: '/v1/clip-uploads', body: { name: 'x', sizeBytes: 1, unitId: w.units[at] } })),
  // Uploads are seen by who began them: whoever may write at all is told that this one is none of his.
  'GET /v1/clip-uploads': any(WRITING, '/v1/clip-uploads'),
  'GET /v1/clip-uploads/{id}': any(WRITING, '/v1/clip-uploads/x'),
  'PATCH /v1/clip-uploads/{id}': { ...any(WRITING, ''), call: () => ({ url: '/v1/clip-uploads/x', body: Buffer.from('x'), headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' } }) },
  'POST /v1/clip-uploads/{id}/clip': any(WRITING, '/v1/clip-uploads/x/clip'),
  'DELETE /v1/clip-uploads/{id}': any(WRITING, '/v1/clip-uploads/x'),
  'DELETE /v1/clips/{id}': unit(EDITING, (w, at) => ({ url: `/v1/clips/${newClip(w, w.units[at])}` })),
  'GET /v1/phone/lines': any(ALL, '/v1/phone/lines'),
  'GET /v1/phone/calls': any(ALL, '/v1/phone/calls'),
  'GET /v1/phone/calls/{id}': unit(ALL, (w, at) => ({ url: `/v1/phone/calls/${newCall(w, w.units[at])}` })),
  'GET /v1/phone/calls/{id}/recording': unit(AUDITING, (w, at) => ({ url: `/v1/phone/calls/${newCall(w, w.units[at])}/recording` })),
  'POST /v1/phone/calls/{id}/hang-up': unit(ON_AIR, (w, at) => ({ url: `/v1/phone/calls/${newCall(w, w.units[at])}/hang-up` })),
  'POST /v1/phone/calls/{id}/hang-up # emergency': unit(OFFICER, (w, at) => ({ url: `/v1/phone/calls/${newCall(w, w.units[at], 'a1')}/hang-up` })),
  'POST /v1/phone/keys': unit(ADMINISTRATOR, (w, at) => ({ url: '/v1/phone/keys', body: phoneKey(w, w.units[at]) })),
  'GET /v1/phone/keys': any(ALL, '/v1/phone/keys'),
  'GET /v1/phone/keys/{id}': unit(ALL, (w, at) => ({ url: `/v1/phone/keys/${newPhoneKey(w, w.units[at])}` })),
  'PUT /v1/phone/keys/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/phone/keys/${newPhoneKey(w, w.units[at])}`, body: phoneKey(w, w.units.own) })),
  'PUT /v1/phone/keys/{id} # to': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/phone/keys/${newPhoneKey(w, w.units.own)}`, body: phoneKey(w, w.units[at]) })),
  'DELETE /v1/phone/keys/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/phone/keys/${newPhoneKey(w, w.units[at])}` })),
  'GET /v1/users/{id}/phone-pin': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/users/${newUser(w, [{ role: 'viewer', unitId: w.units[at] }])}/phone-pin` })),
  'PUT /v1/users/{id}/phone-pin': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/users/${newUser(w, [{ role: 'viewer', unitId: w.units[at] }])}/phone-pin`, body: { pin: '111111', unitId: w.units.own } })),
  'PUT /v1/users/{id}/phone-pin # in the name of': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/users/${newUser(w, [{ role: 'viewer', unitId: w.units.own }])}/phone-pin`, body: { pin: '111111', unitId: w.units[at] } })),
  'DELETE /v1/users/{id}/phone-pin': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/users/${newUser(w, [{ role: 'viewer', unitId: w.units[at] }])}/phone-pin` })),
  'GET /v1/me/phone-pin': any(NO_TOKEN, '/v1/me/phone-pin'),
  'PUT /v1/me/phone-pin': any(NO_TOKEN, '/v1/me/phone-pin', { pin: '739264', unitId: 'u', password: 'x' }),
  'POST /v1/me/phone-pin/remove': any(NO_TOKEN, '/v1/me/phone-pin/remove', { password: 'x' }),
  'POST /v1/orders': unit(ON_AIR, (w, at) => ({ url: '/v1/orders', body: order(w, w.units[at], 'normal') })),
  'POST /v1/orders # emergency': unit(OFFICER, (w, at) => ({ url: '/v1/orders', body: order(w, w.units[at], 'emergency') })),
  'POST /v1/orders # in the name of': unit(ON_AIR, (w, at) => ({ url: '/v1/orders', body: { ...order(w, w.units.own, 'normal'), issuer: w.units[at] } })),
  'POST /v1/orders # by tag': { ...tree(ON_AIR, ''), call: (w) => ({ url: '/v1/orders', body: { ...order(w, w.units.own, 'normal'), targets: { units: [w.units.own], tags: ['ven-song'] } } }) },
  'POST /v1/orders # by group': { ...tree(ON_AIR, ''), call: (w) => ({ url: '/v1/orders', body: { ...order(w, w.units.own, 'normal'), targets: { units: [w.units.own], groups: ['g'] } } }) },
  // Own, lower, sister: used or not. Of the upper unit it may be used everywhere below.
  'POST /v1/orders # with a clip of': unit(ON_AIR, (w, at) => ({ url: '/v1/orders', body: { class: 'normal', title: 'x', clipIds: [newClip(w, belowOrBeside(w, at))], targets: { units: [w.units.own] }, issuer: w.units.own } })),
  'POST /v1/schedule-items # with a source of': unit(EDITING, (w, at) => ({ url: '/v1/schedule-items', body: { ...item(w, w.units.own), sourceId: newSource(w, belowOrBeside(w, at)), acceptCollisions: true } })),
  'GET /v1/orders': any(ALL, '/v1/orders'),
  'GET /v1/orders/{id}': unit(ALL, (w, at) => ({ url: `/v1/orders/${newOrder(w, at === 'province' ? w.units.sister : w.units[at])}` })),
  'GET /v1/orders/{id}/proof': unit(ALL, (w, at) => ({ url: `/v1/orders/${newOrder(w, at === 'province' ? w.units.sister : w.units[at])}/proof` })),
  'GET /v1/orders/{id}/report': unit(ALL, (w, at) => ({ url: `/v1/orders/${newOrder(w, at === 'province' ? w.units.sister : w.units[at])}/report` })),
  'GET /v1/orders/{id}/report/export': unit(ALL, (w, at) => ({ url: `/v1/orders/${newOrder(w, at === 'province' ? w.units.sister : w.units[at])}/report/export` })),
  'POST /v1/orders/{id}/stop': unit(ON_AIR, (w, at) => ({ url: `/v1/orders/${newOrder(w, w.units[at])}/stop` })),
  'POST /v1/orders/{id}/stop # emergency': unit(OFFICER, (w, at) => ({ url: `/v1/orders/${newOrder(w, w.units[at], 'emergency')}/stop` })),
  'POST /v1/orders/{id}/hand-over': unit(ON_AIR, (w, at) => ({ url: `/v1/orders/${newOrder(w, w.units[at])}/hand-over`, body: { sourceId: newSource(w, w.units.own), force: true } })),
  'POST /v1/orders/{id}/hand-over # emergency': unit(OFFICER, (w, at) => ({ url: `/v1/orders/${newOrder(w, w.units[at], 'emergency')}/hand-over`, body: { sourceId: newSource(w, w.units.own), force: true } })),
  'POST /v1/orders/{id}/hand-over # to a source of': unit(ON_AIR, (w, at) => ({ url: `/v1/orders/${newOrder(w, w.units.own)}/hand-over`, body: { sourceId: newSource(w, belowOrBeside(w, at)), force: true } })),
  'POST /v1/alerts': unit(OFFICER, (w, at) => ({ url: '/v1/alerts', body: alert(w, { units: [w.units[at]] }, w.units[at]) })),
  'POST /v1/alerts # in the name of': unit(OFFICER, (w, at) => ({ url: '/v1/alerts', body: alert(w, { units: [w.units.own] }, w.units[at]) })),
  'POST /v1/alerts # in an area within units': unit(OFFICER, (w, at) => ({ url: '/v1/alerts', body: alert(w, { selection: { units: [w.units[at]], circles: [{ lat: 21, lon: 105, radiusM: 1 }], match: 'all' } }, w.units.own) })),
  'POST /v1/alerts # in any area': { ...tree(OFFICER, ''), call: (w) => ({ url: '/v1/alerts', body: alert(w, { selection: { units: [w.units.own], circles: [{ lat: 21, lon: 105, radiusM: 1 }] } }, w.units.own) }) },
  'POST /v1/alerts # everywhere': { ...tree(OFFICER, ''), call: (w) => ({ url: '/v1/alerts', body: alert(w, { everything: true }, w.units.own) }) },
  'POST /v1/alerts # in place of another': unit(OFFICER, (w, at) => ({ url: '/v1/alerts', body: { ...alert(w, { units: [w.units.own] }, w.units.own), replaces: newAlert(w, w.units[at]) } })),
  'GET /v1/alerts': any(ALL, '/v1/alerts'),
  'GET /v1/alerts/{id}': unit(ALL, (w, at) => ({ url: `/v1/alerts/${newAlert(w, at === 'province' ? w.units.sister : w.units[at])}` })),
  'GET /v1/alerts/{id}/clusters': unit(ALL, (w, at) => ({ url: `/v1/alerts/${newAlert(w, at === 'province' ? w.units.sister : w.units[at])}/clusters` })),
  'POST /v1/alerts/{id}/confirm': unit(OFFICER, (w, at) => ({ url: `/v1/alerts/${newAlert(w, w.units[at])}/confirm`, body: {} })),
  'POST /v1/alerts/{id}/approve': unit(OFFICER, (w, at) => ({ url: `/v1/alerts/${newAlert(w, w.units[at])}/approve` })),
  'POST /v1/alerts/{id}/refuse': unit(OFFICER, (w, at) => ({ url: `/v1/alerts/${newAlert(w, w.units[at])}/refuse`, body: {} })),
  'POST /v1/alerts/{id}/finish': unit(OFFICER, (w, at) => ({ url: `/v1/alerts/${newAlert(w, w.units[at])}/finish` })),
  'POST /v1/alerts/{id}/cancel': unit(OFFICER, (w, at) => ({ url: `/v1/alerts/${newAlert(w, w.units[at])}/cancel`, body: {} })),
  'POST /v1/alerts/{id}/correct': unit(OFFICER, (w, at) => ({ url: `/v1/alerts/${newAlert(w, w.units[at])}/correct`, body: { sourceId: w.sourceId } })),
  'POST /v1/alert-templates': unit(OFFICER, (w, at) => ({ url: '/v1/alert-templates', body: { unitId: w.units[at], from: 'builtin-fire' } })),
  'GET /v1/alert-templates': any(ALL, '/v1/alert-templates'),
  'GET /v1/alert-templates/{id}': unit(ALL, (w, at) => ({ url: `/v1/alert-templates/${newTemplate(w, at === 'province' ? w.units.sister : w.units[at])}` })),
  'PATCH /v1/alert-templates/{id}': unit(OFFICER, (w, at) => ({ url: `/v1/alert-templates/${newTemplate(w, w.units[at])}`, body: { title: 'y' } })),
  'DELETE /v1/alert-templates/{id}': unit(OFFICER, (w, at) => ({ url: `/v1/alert-templates/${newTemplate(w, w.units[at])}` })),
  'GET /v1/alert-rules': any(ALL, '/v1/alert-rules'),
  'GET /v1/alert-rules/{id}': unit(ALL, (w, at) => ({ url: `/v1/alert-rules/${w.units[at]}` })),
  'PATCH /v1/alert-rules/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/alert-rules/${newUnit(w, w.units[at])}`, body: { breakGlass: true } })),
  'DELETE /v1/alert-rules/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/alert-rules/${newUnit(w, w.units[at])}` })),
  'POST /v1/rtp-outputs': unit(TECHNICAL, (w, at) => ({ url: '/v1/rtp-outputs', body: { name: 'x', hears: { clusterId: w.clusters[at] }, mode: 'multicast', address: '239.1.1.1', port: port += 2 } })),
  'GET /v1/rtp-outputs': any(ALL, '/v1/rtp-outputs'),
  'GET /v1/monitors': any(ALL, '/v1/monitors'),
  'POST /v1/monitor-passes': unit(ALL, (w, at) => ({ url: '/v1/monitor-passes', body: { clusterId: w.clusters[at] } })),
  'POST /v1/monitor-passes # a source': unit(ALL, (w, at) => ({ url: '/v1/monitor-passes', body: { sourceId: newSource(w, belowOrBeside(w, at)) } })),
  'GET /v1/rtp-outputs/{id}': unit(ALL, (w, at) => ({ url: `/v1/rtp-outputs/${newOutput(w, w.clusters[at])}` })),
  'GET /v1/rtp-outputs/{id}/sdp': unit(ALL, (w, at) => ({ url: `/v1/rtp-outputs/${newOutput(w, w.clusters[at])}/sdp` })),
  'DELETE /v1/rtp-outputs/{id}': unit(TECHNICAL, (w, at) => ({ url: `/v1/rtp-outputs/${newOutput(w, w.clusters[at])}` })),
  'GET /v1/alarms': any(ALL, '/v1/alarms'),
  'GET /v1/alarms/counts': any(ALL, '/v1/alarms/counts'),
  'GET /v1/alarms/{id}': unit(ALL, (w, at) => ({ url: `/v1/alarms/${newAlarm(w, w.units[at])}` })),
  'GET /v1/alarms/{id} # of the server': { ...any(ALL, ''), call: (w) => ({ url: `/v1/alarms/${newAlarm(w, null)}` }) },
  'POST /v1/alarms/{id}/acknowledge': unit(COMMANDING, (w, at) => ({ url: `/v1/alarms/${newAlarm(w, w.units[at])}/acknowledge`, body: {} })),
  'POST /v1/alarms/{id}/acknowledge # of the server': { ...tree(COMMANDING, ''), call: (w) => ({ url: `/v1/alarms/${newAlarm(w, null)}/acknowledge`, body: {} }) },
  'GET /v1/alarm-rules': any(ALL, '/v1/alarm-rules'),
  'GET /v1/alarm-rules # of a unit': unit(ALL, (w, at) => ({ url: `/v1/alarm-rules?unitId=${w.units[at]}` })),
  'GET /v1/alarm-rules/{rule}': any(ALL, '/v1/alarm-rules/disk'),
  'GET /v1/alarm-rules/{rule} # of a unit': unit(ALL, (w, at) => ({ url: `/v1/alarm-rules/cluster-lost?unitId=${w.units[at]}` })),
  'PATCH /v1/alarm-rules/{rule}': tree(ADMINISTRATOR, '/v1/alarm-rules/disk', { threshold: 9 }),
  'PATCH /v1/alarm-rules/{rule} # of a unit': unit(ADMINISTRATOR, (w, at) => ({ url: '/v1/alarm-rules/cluster-lost', body: { unitId: w.units[at], holdMs: 9 } })),
  'POST /v1/notification-channels': tree(ADMINISTRATOR, '/v1/notification-channels', { name: 'x', kind: 'file', file: 'x' }),
  'POST /v1/notification-channels # of a unit': unit(ADMINISTRATOR, (w, at) => ({ url: '/v1/notification-channels', body: { name: 'x', kind: 'file', file: 'x', unitId: w.units[at] } })),
  'GET /v1/notification-channels': any(ADMINISTRATOR, '/v1/notification-channels'),
  'GET /v1/notification-channels/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/notification-channels/${newChannel(w, w.units[at])}` })),
  'PATCH /v1/notification-channels/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/notification-channels/${newChannel(w, w.units[at])}`, body: { level: 1 } })),
  'DELETE /v1/notification-channels/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/notification-channels/${newChannel(w, w.units[at])}` })),
  'POST /v1/notification-channels/{id}/rotate-secret': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/notification-channels/${newChannel(w, w.units[at], 'webhook')}/rotate-secret` })),
  'POST /v1/notification-channels/{id}/test': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/notification-channels/${newChannel(w, w.units[at])}/test` })),
  'GET /v1/notifications': any(ADMINISTRATOR, '/v1/notifications'),
  'POST /v1/notifications/{id}/retry': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/notifications/${newNotification(w, w.units[at])}/retry` })),
  'POST /v1/tickets': unit(TECHNICAL, (w, at) => ({ url: '/v1/tickets', body: { title: 'x', unitId: w.units[at] } })),
  'POST /v1/tickets # for a cluster': unit(TECHNICAL, (w, at) => ({ url: '/v1/tickets', body: { title: 'x', unitId: w.units.own, clusterId: w.clusters[at] } })),
  'GET /v1/tickets': any(ALL, '/v1/tickets'),
  'GET /v1/tickets/export': any(ALL, '/v1/tickets/export?format=csv'),
  'GET /v1/ticket-figures': any(ALL, '/v1/ticket-figures?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z'),
  'GET /v1/tickets/{id}': unit(ALL, (w, at) => ({ url: `/v1/tickets/${newTicket(w, w.units[at])}` })),
  'GET /v1/tickets/{id}/events': unit(ALL, (w, at) => ({ url: `/v1/tickets/${newTicket(w, w.units[at])}/events` })),
  'PATCH /v1/tickets/{id}': unit(TECHNICAL, (w, at) => ({ url: `/v1/tickets/${newTicket(w, w.units[at])}`, body: { title: 'y' } })),
  'GET /v1/sync': any(ALL, '/v1/sync'),
  'GET /v1/acoustics/offsets': unit(ALL, (w, at) => ({ url: `/v1/acoustics/offsets?lat=21&lon=105&unitId=${w.units[at]}` })),
  'POST /v1/staggered-orders': unit(OFFICER, (w, at) => ({ url: '/v1/staggered-orders', body: { title: 'x', clipIds: [newClip(w, null)], targets: { units: [w.units[at]] } } })),
  'POST /v1/tokens': unit(ADMINISTRATOR, (w, at) => ({ url: '/v1/tokens', body: { name: 'x', roles: [{ role: 'viewer', unitId: w.units.own }, { role: 'emergency-officer', unitId: w.units[at] }] } })),
  'POST /v1/tokens # over the whole tree': tree(ADMINISTRATOR, '/v1/tokens', { name: 'x', roles: [{ role: 'viewer', unitId: null }] }),
  'GET /v1/tokens': any(ADMINISTRATOR, '/v1/tokens'),
  'DELETE /v1/tokens/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/tokens/${newToken(w, [{ role: 'viewer', unitId: w.units[at] }]).id}` })),
  'DELETE /v1/tokens/{id} # over the whole tree': { ...tree(ADMINISTRATOR, ''), call: (w) => ({ url: `/v1/tokens/${newToken(w, [{ role: 'viewer', unitId: null }]).id}` }) },
  'POST /v1/users': unit(ADMINISTRATOR, (w, at) => ({ url: '/v1/users', body: { login: w.fresh(), name: 'x', password: 'bốn con mèo ngủ trưa', roles: [{ role: 'viewer', unitId: w.units.own }, { role: 'writer', unitId: w.units[at] }] } })),
  'GET /v1/users': any(ADMINISTRATOR, '/v1/users'),
  'GET /v1/users/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/users/${newUser(w, [{ role: 'viewer', unitId: w.units.own }, { role: 'viewer', unitId: w.units[at] }])}` })),
  'PATCH /v1/users/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/users/${newUser(w, [{ role: 'viewer', unitId: w.units[at] }])}`, body: { name: 'y' } })),
  'PATCH /v1/users/{id} # given a role': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/users/${newUser(w, [{ role: 'viewer', unitId: w.units.own }])}`, body: { roles: [{ role: 'viewer', unitId: w.units[at] }] } })),
  'PATCH /v1/users/{id} # of no role': { ...tree(ADMINISTRATOR, ''), call: (w) => ({ url: `/v1/users/${newUser(w, [])}`, body: { name: 'y' } }) },
  'DELETE /v1/users/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/users/${newUser(w, [{ role: 'viewer', unitId: w.units[at] }])}` })),
  'POST /v1/sessions': open('/v1/sessions', { login: '', password: '' }),
  'GET /v1/sessions': { where: 'known', roles: ROLES, call: () => ({ url: '/v1/sessions' }) },
  'DELETE /v1/sessions/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/sessions/${newSession(w, newUser(w, [{ role: 'viewer', unitId: w.units[at] }]))}` })),
  'GET /v1/console': { where: 'known', roles: ROLES, call: () => ({ url: '/v1/console' }) },
  'GET /v1/me': { where: 'known', roles: ROLES, call: () => ({ url: '/v1/me' }) },
  'POST /v1/me/password': any(NO_TOKEN, '/v1/me/password', { password: 'x', newPassword: 'bốn con mèo ngủ trưa' }),
  'POST /v1/me/second-factor': any(NO_TOKEN, '/v1/me/second-factor', { password: 'x' }),
  'POST /v1/me/second-factor/confirm': any(NO_TOKEN, '/v1/me/second-factor/confirm', { code: '123456' }),
  'POST /v1/me/second-factor/remove': any(NO_TOKEN, '/v1/me/second-factor/remove', { password: 'x' }),
  'GET /v1/audit-log': tree(AUDITING, '/v1/audit-log?limit=1'),
  'GET /v1/audit-log/export': tree(AUDITING, '/v1/audit-log/export?to=2000-01-01T00:00:00Z'),
  'GET /v1/air-log': any(ALL, '/v1/air-log'),
  'GET /v1/air-log/export': any(ALL, '/v1/air-log/export'),
  'GET /v1/log-checkpoints': any(ALL, '/v1/log-checkpoints'),
  'GET /v1/server-health': any(['technician', 'administrator', 'auditor'], '/v1/server-health'),
  'GET /v1/log-verification': tree(AUDITING, '/v1/log-verification'),
  'POST /v1/log-verification': tree(AUDITING, '/v1/log-verification'),
  'GET /v1/backups': tree(ADMINISTRATOR, '/v1/backups'),
  // A token has no password: it is refused whatever it may.
  'POST /v1/backups': tree([], '/v1/backups', { password: 'x' }),
  'GET /v1/backups/{id}/file': tree(ADMINISTRATOR, '/v1/backups/b-none/file'),
  'GET /v1/figures': any(ALL, '/v1/figures?by=unit&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z'),
  'GET /v1/figures/entries': any(ALL, '/v1/figures/entries?by=class&key=normal&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z'),
  'GET /v1/figures/export': any(ALL, '/v1/figures/export?by=day&format=csv&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z'),
  'GET /v1/alerts/{id}/proof': unit(ALL, (w, at) => ({ url: `/v1/alerts/${newAlert(w, at === 'province' ? w.units.sister : w.units[at])}/proof` })),
  'GET /v1/alerts/{id}/report': unit(ALL, (w, at) => ({ url: `/v1/alerts/${newAlert(w, at === 'province' ? w.units.sister : w.units[at])}/report` })),
  'GET /v1/alerts/export': any(ALL, '/v1/alerts/export?format=csv'),
  'GET /v1/alerts/{id}/report/export': unit(ALL, (w, at) => ({ url: `/v1/alerts/${newAlert(w, at === 'province' ? w.units.sister : w.units[at])}/report/export` })),
  'GET /v1/reports': tree(ALL, '/v1/reports'),
  'GET /v1/recordings': any(ALL, '/v1/recordings'),
  'GET /v1/recordings/usage': any(ALL, '/v1/recordings/usage'),
  'GET /v1/recordings/{id}': unit(ALL, (w, at) => ({ url: `/v1/recordings/${newRecording(w, w.units[at]).id}` })),
  'GET /v1/recordings/{id}/audio': unit(ALL, (w, at) => ({ url: `/v1/recordings/${newRecording(w, w.units[at]).id}/audio` })),
  'PUT /v1/recordings/{id}/hold': unit(AUDITING, (w, at) => ({ url: `/v1/recordings/${newRecording(w, w.units[at]).id}/hold`, body: { reason: 'x' } })),
  'DELETE /v1/recordings/{id}/hold': unit(AUDITING, (w, at) => ({ url: `/v1/recordings/${newRecording(w, w.units[at]).id}/hold` })),
  'DELETE /v1/recordings/{id}': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/recordings/${newRecording(w, w.units[at]).id}` })),
  'GET /v1/orders/{id}/recording': unit(ALL, (w, at) => ({ url: `/v1/orders/${newRecording(w, w.units[at], newOrder(w, w.units[at])).orderId}/recording` })),
  'GET /v1/orders/{id}/recording/audio': unit(ALL, (w, at) => ({ url: `/v1/orders/${newRecording(w, w.units[at], newOrder(w, w.units[at])).orderId}/recording/audio` })),
  'GET /v1/units/{id}/recording-rules': unit(ALL, (w, at) => ({ url: `/v1/units/${w.units[at]}/recording-rules` })),
  'PUT /v1/units/{id}/recording-rules': unit(ADMINISTRATOR, (w, at) => ({ url: `/v1/units/${w.units[at]}/recording-rules`, body: { keepDays: 1 } })),
  'GET /v1/status': any(ALL, '/v1/status'),
  'GET /v1/setup': open('/v1/setup'),
  'GET /healthz': open('/healthz'),
  'GET /readyz': open('/readyz'),
  'GET /metrics': any(ALL, '/metrics'),
  // Refused for what it asks for: the stream would not end.
  'GET /v1/events': any(ALL, '/v1/events?types=gossip'),
}

async function buildWorld(): Promise<World> {
  const h = await buildControl()
  let count = 0
  const fresh = (): string => `x${String(count++)}`
  const bare = { ...h, fresh, units: {}, clusters: {}, sourceId: '' } as unknown as World
  const province = h.store.units.insert({ id: 'u-province', code: 'T', name: 'Tỉnh', parentId: null, presentationDelayMs: null, createdAtMs: 0 }).id
  const own = newUnit(bare, province)
  const units = { province, own, sister: newUnit(bare, province), child: newUnit(bare, own) }
  const clusters = Object.fromEntries(PLACES.map((place) => [place, newCluster(bare, units[place])])) as Record<Place, string>
  const source = h.store.sources.insert({ id: 's', kind: 'tone', name: 'x', unitId: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', frequencyHz: 1000, levelDbfs: -12, createdAtMs: 0 })
  h.broadcast.registryChanged()
  const clipFile = join(h.dataDir, 'clips', 'x.pcm')
  writeFileSync(clipFile, Buffer.alloc(96_000))
  return { ...h, fresh, units, clusters, sourceId: source.id, clipFile }
}

/** May: whatever comes of it, it is not for want of a right. A thing that may not even be seen is not there. */
async function isAllowed(world: World, rule: Rule, route: string, place: Place, secret: string | null): Promise<boolean> {
  const { url, body, headers } = rule.call(world, place)
  const [method = ''] = route.split(' ')
  const answer = await world.app.inject({ method: method as 'GET', url, ...(body === undefined ? {} : { payload: body }), headers: { ...headers, ...(secret === null ? {} : { authorization: `Bearer ${secret}` }) }, remoteAddress: '192.0.2.1' })
  if (answer.statusCode >= 500) throw new Error(`${route} at ${place}: ${answer.body}`)
  if (answer.statusCode === 401 || answer.statusCode === 403 || /LOA_ERR_UNKNOWN_ID.*there is no (?:source|clip) /.test(answer.body)) return false
  // Of what the handler itself does not find, something in the path exists only for some.
  return !(answer.statusCode === 404 && /there is no (?:unit|cluster|device|order|alert|alert template|alarm|notification channel|notification|ticket|command|schedule item|source|clip|playlist|rtp output|token|user|session|CAP sender|CAP feed|CAP message|recording|phone call|phone key) /.test(answer.body))
}

t.test('every route stands in the table', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const document = h.app.swagger() as unknown as { readonly paths: Readonly<Record<string, object>> }
  const routes = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
  t.same([...new Set(Object.keys(RULES).map((name) => name.split(' #', 1)[0]))].sort(), routes.sort())
})

for (const role of ROLES) {
  t.test(`${role}: every route, in his unit, below, beside and above it, and over the whole tree`, async (t) => {
    const world = await buildWorld()
    t.teardown(() => world.close())
    const atUnit = newToken(world, [{ role, unitId: world.units.own }]).secret
    const overAll = newToken(world, [{ role, unitId: null }]).secret
    const wrong: string[] = []
    const expect = async (rule: Rule, route: string, place: Place, secret: string, expected: boolean, how: string): Promise<void> => {
      if (await isAllowed(world, rule, route, place, secret) !== expected) wrong.push(`${route}: ${role} ${how} should ${expected ? '' : 'not '}be allowed in ${place}`)
    }
    for (const [route, rule] of Object.entries(RULES)) {
      const given = rule.where === 'public' || rule.roles.includes(role)
      await expect(rule, route, 'own', overAll, given, 'of the whole tree')
      const places = rule.where === 'unit' ? PLACES : (['own'] as const)
      for (const place of places) await expect(rule, route, place, atUnit, given && (rule.where === 'unit' ? place === 'own' || place === 'child' : rule.where !== 'tree'), 'of his unit')
    }
    t.same(wrong, [])
  })
}

t.test('without a token only what is public, with a token of no role nothing more', async (t) => {
  const world = await buildWorld()
  t.teardown(() => world.close())
  const { secret } = newToken(world, [])
  for (const [route, rule] of Object.entries(RULES)) {
    t.equal(await isAllowed(world, rule, route, 'own', null), rule.where === 'public', route)
    t.equal(await isAllowed(world, rule, route, 'own', secret), rule.where === 'public' || rule.where === 'known', `${route} without a role`)
  }
})
