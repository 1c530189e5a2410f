import type { FastifyRequest } from 'fastify'
import { isInReach } from './belonging.ts'
import type { Broadcast, Store } from './ports.ts'
import { ApiError, notFound, type Noun } from './problem.ts'
import { heardParts } from './recordings/heard.ts'
import type { Right, Rights } from './rights.ts'
import { alertConcerns, concerns, alarmAim } from './sight.ts'

/**
 * Who may use a route, in one line beside it. `at` (finders.ts) finds the units that the request touches.
 *
 *   config: { access: may('manage', at.cluster) }                            the unit of the cluster named in the path
 *   config: { access: may('manage', at.cluster, at.changedUnit('unitId')) }  and that of the unit it is to move to
 *   config: { access: may('command', at.targets) }                           every place that the targets of the body mean
 *   config: { access: somewhere('view') }                                    at any unit: the handler shows only what lies in `identityOf(request).rights`
 *   config: { access: everywhere('manage') }                                 over the whole tree: the thing belongs to no unit
 *   config: { access: KNOWN }                                                it is about the caller himself
 *   config: { access: PUBLIC }
 *
 * A route without it cannot be registered.
 */
export interface Access {
  /** Who holds none of these anywhere is refused before his request is read. Empty: whoever is known; null: anybody. */
  readonly anyOf: readonly Right[] | null
  /**
   * Runs when the request has passed its schema and before its handler.
   * @throws ApiError LOA_ERR_FORBIDDEN, or LOA_ERR_NOT_FOUND for what the caller may not even see
   */
  check(request: FastifyRequest, rights: Rights, look: Look, nowMs: number): void
}

/** Where units are looked up. */
export interface Look {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'clustersOf'>
}

/** A place in the tree that a request touches. */
export interface Place {
  /** `null`: the whole tree. */
  readonly unitId: string | null
  /** Where the body names it, for the answer. */
  readonly path?: string
  /** What the path of the request names: who may not see it is told that there is none. */
  readonly thing?: Thing
}

export interface Thing {
  readonly noun: Noun
  readonly id: string
}

/** What finds the places. Nothing found means that what is named does not exist, which the handler says. */
export type Find = (request: FastifyRequest, look: Look) => readonly Place[]

export const PUBLIC: Access = { anyOf: null, check: () => undefined }

/** Whoever has a token or a session, whatever he may do: for what is about himself. */
export const KNOWN: Access = { anyOf: [], check: () => undefined }

/** One of the rights at any unit; the handler must show no more than what lies there. */
export const somewhere = (...anyOf: readonly [Right, ...Right[]]): Access => ({ anyOf, check: () => undefined })

/** The right over the whole tree: for what belongs to no unit. */
export const everywhere = (right: Right): Access => may(right, () => [{ unitId: null }])

/** The right at every place that the finders find. */
export const may = (right: Right, ...finders: readonly [Find, ...Find[]]): Access => mayAs({ anyOf: [right], of: () => right }, ...finders)

/** As `may`, where the right follows from the request. `of` answers null when what is named does not exist. */
export function mayAs(kind: { readonly anyOf: readonly Right[]; of(request: FastifyRequest, look: Look, nowMs: number): Right | null }, ...finders: readonly [Find, ...Find[]]): Access {
  return {
    anyOf: kind.anyOf,
    check(request, rights, look, nowMs) {
      const right = kind.of(request, look, nowMs)
      if (right === null || rights.roots(right) === null) return
      for (const place of finders.flatMap((find) => find(request, look))) demand(right, rights, place)
    },
  }
}

/** What is aimed at clusters, or is about them. */
const AIMED = {
  order: (store: Store, id: string) => store.orders.get(id),
  command: (store: Store, id: string) => store.commands.get(id),
  'schedule item': (store: Store, id: string) => store.schedule.get(id),
  alarm: (store: Store, id: string) => alarmAim(store.alarms.get(id)),
}

/** Whether somebody may see what is there under the id; undefined: nothing is. */
function isSeen(noun: Seen, id: string, rights: Rights, look: Look): boolean | undefined {
  const { store } = look
  if (noun === 'alert') {
    const alert = store.alerts.get(id)
    return alert && alertConcerns(alert, rights, look)
  }
  if (noun === 'alert template') {
    const template = store.alertTemplates.get(id)
    return template && rights.touches('view', template.unitId)
  }
  if (noun === 'recording') {
    const recording = store.recordings.get(id)
    return recording && (rights.roots('view') === null || heardParts(recording, rights, store).length > 0)
  }
  const aimed = AIMED[noun](store, id)
  return aimed && concerns(aimed, rights, look)
}

type Seen = keyof typeof AIMED | 'alert' | 'alert template' | 'recording'

/** To see what the path names: it must concern the caller. */
export function maySee(noun: Seen): Access {
  return {
    anyOf: ['view'],
    check(request, rights, look) {
      const { id } = request.params as { readonly id: string }
      if (isSeen(noun, id, rights, look) === false) throw notFound(noun, id)
    },
  }
}

/** What belongs to a unit: see belonging.ts. */
const OWNED = {
  source: (store: Store, id: string) => store.sources.get(id),
  clip: (store: Store, id: string) => store.clips.get(id),
  playlist: (store: Store, id: string) => store.playlists.get(id),
}

/** To see a source, clip or playlist that the path names. */
export function maySeeOwned(noun: keyof typeof OWNED): Access {
  return {
    anyOf: ['view'],
    check(request, rights, { store }) {
      const { id } = request.params as { readonly id: string }
      const owned = OWNED[noun](store, id)
      if (owned !== undefined && !isInReach(owned.unitId, 'view', rights, store)) throw notFound(noun, id)
    },
  }
}

/** The first says what may be seen, the second what may be done. */
export const both = (first: Access, second: Access): Access => ({
  anyOf: second.anyOf,
  check(request, rights, look, nowMs) {
    first.check(request, rights, look, nowMs)
    second.check(request, rights, look, nowMs)
  },
})

/** @throws ApiError LOA_ERR_FORBIDDEN, or LOA_ERR_NOT_FOUND for what the caller may not even see, when the right is not held there */
export function demand(right: Right, rights: Rights, place: Place): void {
  if (!rights.holds(right, place.unitId)) throw refusal(right, rights, place)
}

function refusal(right: Right, rights: Rights, { unitId, path, thing }: Place): ApiError {
  if (thing !== undefined && !rights.holds('view', unitId)) return notFound(thing.noun, thing.id)
  const [where, whereVi] = unitId === null ? ['over the whole tree', 'trên toàn hệ thống'] : [`at the unit '${unitId}'`, `tại đơn vị '${unitId}'`]
  const [message, messageVi] = [`needs the right '${right}' ${where}`, `cần quyền '${right}' ${whereVi}`]
  return new ApiError('LOA_ERR_FORBIDDEN', `this ${message}`, messageVi, path === undefined ? {} : { errors: [{ path, message, messageVi }] })
}
