import type { FastifyRequest } from 'fastify'
import type { Find, Look, Place, Thing } from './access.ts'
import type { AlertTargetsRequest } from './alerts/alert-request.ts'
import type { Targets } from './ports.ts'
import type { Grant, Right, Rights } from './rights.ts'
import { standingUnits } from './standing-units.ts'

/** How the places are found that a request touches. What the path names stands under `:id`. */
interface Finders {
  readonly unit: Find
  /** What the unit of the path stands under: to remove or move the unit changes that. */
  readonly parent: Find
  readonly cluster: Find
  readonly device: Find
  readonly rtpOutput: Find
  /** Where it lies; one about the server itself belongs to the whole tree. */
  readonly alarm: Find
  readonly channel: Find
  /** The channel it is for. */
  readonly notification: Find
  readonly ticket: Find
  /** Of a new ticket: the unit of its cluster, else its unit. */
  readonly ticketPlace: Find
  /** Every place where the order plays, and the unit in whose name it was given: who holds only one of them undoes nothing that stands above him. */
  readonly order: Find
  /** As `order`, of a schedule item. */
  readonly scheduleItem: Find
  /** The same of the item that the body names. */
  readonly bodyScheduleItem: Find
  /** The unit to which it belongs. */
  readonly source: Find
  readonly clip: Find
  readonly playlist: Find
  /** As `order`, of an alert: an area drawn for it that stays within units is these. */
  readonly alert: Find
  /** Every place that the targets of the body of an alert mean. */
  readonly alertTargets: Find
  /** The unit that has the template; nothing of one that everybody has. */
  readonly alertTemplate: Find
  /** The unit of the CAP sender. */
  readonly capSender: Find
  /** That of the sender of the feed. */
  readonly capFeed: Find
  /** That of the sender of the message when it came; of one who was not registered: the whole tree. */
  readonly capMessage: Find
  /** That of the CAP sender that the body names; nothing when it is left out. */
  bodyCapSender(path: string): Find
  /** As `alert`, of the alert that the body names. */
  bodyAlert(path: string): Find
  /** Every unit that heard it; of one that nobody heard: the whole tree. */
  readonly recording: Find
  /** Every unit at which the token holds a role. */
  readonly token: Find
  /** Every unit at which the user holds a role. */
  readonly user: Find
  /** The unit in whose name is called; of who has not proved who he is: the whole tree. */
  readonly phoneCall: Find
  readonly phoneKey: Find
  /** `targets` of the body: every unit, the unit of every cluster, and for a tag or a group the whole tree. */
  readonly targets: Find
  /** Every unit at which the body gives a role. */
  readonly roles: Find
  /** The cluster that the body names, such as `hears.clusterId`. */
  bodyCluster(path: string): Find
  /** The unit that the body names; left out or null: the whole tree. */
  bodyUnit(path: string): Find
  /** The same, but nothing when it is left out: for what may stay as it is. */
  changedUnit(path: string): Find
  /** Another finder, only when the body has this field. */
  when(path: string, find: Find): Find
}

const idOf = (request: FastifyRequest): string => (request.params as { readonly id: string }).id

const inBody = (request: FastifyRequest, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[name], request.body)

function ofCluster(id: string | undefined, look: Look, place: Omit<Place, 'unitId'>): Place[] {
  const unitId = id === undefined ? undefined : look.store.clusters.get(id)?.unitId
  return unitId === undefined ? [] : [{ unitId, ...place }]
}

/** A tag or a group belongs to no unit: clusters of any unit may come into it, today or tomorrow. */
export function placesOfTargets({ units = [], clusters = [], tags = [], groups = [] }: Partial<Targets>, look: Look): Place[] {
  const missing = new Set(look.store.units.missing(units))
  return [
    ...units.flatMap((unitId, index) => (missing.has(unitId) ? [] : [{ unitId, path: `targets.units[${String(index)}]` }])),
    ...clusters.flatMap((id, index) => ofCluster(id, look, { path: `targets.clusters[${String(index)}]` })),
    ...(tags.length === 0 ? [] : [{ unitId: null, path: 'targets.tags' }]),
    ...(groups.length === 0 ? [] : [{ unitId: null, path: 'targets.groups' }]),
  ]
}

/** What was given to a unit that has ended, or in its name, is its successors' to stop: it sounds on their clusters. */
function ofAimed(aimed: { readonly issuerUnitId: string; readonly targets: Targets } | undefined, look: Look): Place[] {
  if (aimed === undefined) return []
  const unitIds = [aimed.issuerUnitId, ...placesOfTargets(aimed.targets, look).map(({ unitId }) => unitId)]
  return unitIds.flatMap((id) => (id === null ? [null] : standingUnits(id, look.store))).map((unitId) => ({ unitId }))
}

/** Whether the right is held at every place that something aimed concerns: for what is shown of it in a list. */
export const mayAimed = (right: Right, aimed: { readonly issuerUnitId: string; readonly targets: Targets }, rights: Rights, look: Look): boolean => rights.roots(right) === null || ofAimed(aimed, look).every(({ unitId }) => rights.holds(right, unitId))

const ofOwned = (owned: { readonly unitId: string | null } | undefined, store: Look['store']): Place[] =>
  owned === undefined ? [] : owned.unitId === null ? [{ unitId: null }] : standingUnits(owned.unitId, store).map((unitId) => ({ unitId }))
/** Where an area or circles can mean clusters: within units, or anywhere. */
function ofSelection(selection: { readonly units?: readonly string[]; readonly match?: string }, look: Look, path: string): Place[] {
  const { units = [], match = 'any' } = selection
  if (match !== 'all' || units.length === 0) return [{ unitId: null, path }]
  return placesOfTargets({ units }, look).map(({ unitId }) => ({ unitId, path }))
}

function ofAlert(id: string, look: Look): Place[] {
  const alert = look.store.alerts.get(id)
  if (alert === undefined) return []
  const { issuerUnitId, selection, targets } = alert
  if (selection === null) return ofAimed(alert, look)
  // The last group is the drawn area itself.
  return [...ofAimed({ issuerUnitId, targets: { ...targets, groups: (targets.groups ?? []).slice(0, -1) } }, look), ...ofSelection(selection, look, 'targets.selection')]
}

function ofCapSender(id: string, look: Look, thing?: Thing): Place[] {
  const sender = look.store.capSenders.get(id)
  return sender === undefined ? [] : [{ unitId: sender.unitId, ...(thing === undefined ? {} : { thing }) }]
}

/** Who has no role anywhere belongs to the whole tree. */
const ofGrants = (grants: readonly Grant[], thing: Thing): Place[] =>
  grants.length === 0 ? [{ unitId: null, thing }] : grants.map(({ unitId }) => ({ unitId, thing }))

export const at: Finders = {
  phoneCall(request, { store }) {
    const call = store.phoneCalls.get(idOf(request))
    return call === undefined ? [] : [{ unitId: call.unitId, thing: { noun: 'phone call', id: call.id } }]
  },
  phoneKey(request, { store }) {
    const key = store.phoneKeys.get(idOf(request))
    return key === undefined ? [] : [{ unitId: key.unitId, thing: { noun: 'phone key', id: key.id } }]
  },
  unit(request, { store }) {
    const id = idOf(request)
    return store.units.get(id) === undefined ? [] : [{ unitId: id, thing: { noun: 'unit', id } }]
  },
  parent(request, { store }) {
    const unit = store.units.get(idOf(request))
    return unit === undefined ? [] : [{ unitId: unit.parentId }]
  },
  cluster: (request, look) => ofCluster(idOf(request), look, { thing: { noun: 'cluster', id: idOf(request) } }),
  device: (request, look) => ofCluster(look.store.devices.get(idOf(request))?.clusterId, look, { thing: { noun: 'device', id: idOf(request) } }),
  rtpOutput: (request, look) => ofCluster(look.store.rtpOutputs.get(idOf(request))?.clusterId, look, { thing: { noun: 'rtp output', id: idOf(request) } }),
  alarm(request, { store }) {
    const alarm = store.alarms.get(idOf(request))
    return alarm === undefined ? [] : [{ unitId: alarm.unitId, thing: { noun: 'alarm', id: alarm.id } }]
  },
  channel(request, { store }) {
    const channel = store.notifications.channel(idOf(request))
    return channel === undefined ? [] : [{ unitId: channel.unitId, thing: { noun: 'notification channel', id: channel.id } }]
  },
  notification(request, { store }) {
    const notification = store.notifications.get(idOf(request))
    const channel = notification === undefined ? undefined : store.notifications.channel(notification.channelId)
    return channel === undefined ? [] : [{ unitId: channel.unitId, thing: { noun: 'notification', id: idOf(request) } }]
  },
  ticket(request, { store }) {
    const ticket = store.tickets.get(idOf(request))
    return ticket === undefined ? [] : [{ unitId: ticket.unitId, thing: { noun: 'ticket', id: ticket.id } }]
  },
  ticketPlace: (request, look) => (inBody(request, 'clusterId') === undefined ? at.changedUnit('unitId')(request, look) : at.bodyCluster('clusterId')(request, look)),
  order: (request, look) => ofAimed(look.store.orders.get(idOf(request)), look),
  scheduleItem: (request, look) => ofAimed(look.store.schedule.get(idOf(request)), look),
  bodyScheduleItem: (request, look) => ofAimed(look.store.schedule.get((inBody(request, 'itemId') ?? '') as string), look),
  source: (request, { store }) => ofOwned(store.sources.get(idOf(request)), store),
  clip: (request, { store }) => ofOwned(store.clips.get(idOf(request)), store),
  playlist: (request, { store }) => ofOwned(store.playlists.get(idOf(request)), store),
  alert: (request, look) => ofAlert(idOf(request), look),
  capSender: (request, look) => ofCapSender(idOf(request), look, { noun: 'CAP sender', id: idOf(request) }),
  capFeed(request, look) {
    const feed = look.store.capFeeds.get(idOf(request))
    return feed === undefined ? [] : ofCapSender(feed.senderId, look, { noun: 'CAP feed', id: feed.id })
  },
  capMessage(request, { store }) {
    const message = store.capMessages.get(idOf(request))
    return message === undefined ? [] : [{ unitId: message.unitId, thing: { noun: 'CAP message', id: message.id } }]
  },
  bodyCapSender: (path) => (request, look) => ofCapSender((inBody(request, path) ?? '') as string, look),
  bodyAlert: (path) => (request, look) => ofAlert((inBody(request, path) ?? '') as string, look),
  alertTargets(request, look) {
    const { selection, everything = false, ...named } = inBody(request, 'targets') as AlertTargetsRequest
    const drawn = selection === undefined ? [] : ofSelection(selection, look, 'targets.selection')
    return [...placesOfTargets(named, look), ...drawn, ...(everything ? [{ unitId: null, path: 'targets.everything' }] : [])]
  },
  recording(request, { store }) {
    const recording = store.recordings.get(idOf(request))
    if (recording === undefined) return []
    const unitIds = [...new Set(store.recordings.spansOf(recording.room, recording).map(({ unitId }) => unitId))]
    return unitIds.length === 0 ? [{ unitId: null }] : unitIds.flatMap((id) => standingUnits(id, store)).map((unitId) => ({ unitId }))
  },
  alertTemplate(request, { store }) {
    const template = store.alertTemplates.get(idOf(request))
    return template === undefined ? [] : [{ unitId: template.unitId }]
  },
  token(request, { store }) {
    const token = store.tokens.get(idOf(request))
    return token === undefined ? [] : ofGrants(token.grants, { noun: 'token', id: token.id })
  },
  user(request, { store }) {
    const user = store.users.get(idOf(request))
    return user === undefined ? [] : ofGrants(user.grants, { noun: 'user', id: user.id })
  },
  targets: (request, look) => placesOfTargets(inBody(request, 'targets') as Partial<Targets>, look),
  roles: (request) => ((inBody(request, 'roles') ?? []) as readonly Grant[]).map(({ unitId }, index) => ({ unitId, path: `roles[${String(index)}].unitId` })),
  bodyCluster: (path) => (request, look) => ofCluster(inBody(request, path) as string | undefined, look, { path }),
  bodyUnit: (path) => (request, { store }) => {
    const unitId = (inBody(request, path) ?? null) as string | null
    return unitId !== null && store.units.get(unitId) === undefined ? [] : [{ unitId, path }]
  },
  changedUnit: (path) => at.when(path, at.bodyUnit(path)),
  when: (path, find) => (request, look) => (inBody(request, path) === undefined ? [] : find(request, look)),
}
