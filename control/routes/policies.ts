import type { FastifyRequest } from 'fastify'
import { may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { breachSheet } from '../list-sheets.ts'
import { contradiction, heldFrames } from '../policy/level-frames.ts'
import { effectivePolicy, NO_POLICY } from '../policy/policy.ts'
import type { BreachRecord, LevelFrame, Policy } from '../policy/policy-port.ts'
import type { Page } from '../ports.ts'
import { notFound } from '../problem.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { PlainPageQuery } from '../schemas/log.ts'
import { ChangePolicy, PolicyBreachPage, UnitPolicy, type PolicyBreachView, type UnitPolicyView, BreachExportQuery } from '../schemas/policy.ts'
import { SheetFile, sendSheet } from '../spreadsheet/sheet-answer.ts'
import { cleanText } from '../text.ts'
import { breachesView } from '../policy/policy-check.ts'
import { formatTime } from '../time.ts'
import { invalid } from '../validation.ts'

const tags = ['policies']

export function policyRoutes(app: ControlApp, { store, broadcast }: Context): void {
  const own = (unitId: string): Policy => store.policies.get(unitId) ?? NO_POLICY
  const view = (unitId: string): UnitPolicyView => {
    const policies = store.policies.all()
    return { unitId, own: policyView(policies.get(unitId) ?? NO_POLICY), effective: effectiveView(store.units.ancestors(unitId), (id) => policies.get(id)) }
  }

  app.get('/v1/units/:id/policy', {
    config: { access: may('view', at.unit) },
    schema: { tags, summary: 'When and how long the clusters of a unit may sound', params: IdParams, response: { 200: named(UnitPolicy), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    if (store.units.get(id) === undefined) throw notFound('unit', id)
    sendEtag(reply, own(id))
    return view(id)
  })

  app.patch('/v1/units/:id/policy', {
    config: { access: may('manage', at.unit, at.parent) },
    schema: { tags, summary: 'Change the policy of a unit', description: 'A unit does not loosen its own: the right is needed above it. Counts for what is planned or ordered from now on. What breaks it needs a `reason` and is reported; emergencies pass.', headers: ChangeHeaders, params: IdParams, body: ChangePolicy, response: { 200: named(UnitPolicy), ...problems(400, 401, 403, 404, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body } = request
    if (body.levelFrames !== undefined && body.levelFrames !== null) checkFrames(body.levelFrames)
    store.transaction(() => {
      if (store.units.get(id) === undefined) throw notFound('unit', id)
      const before = own(id)
      checkMatch(request, before)
      const { windows, quiet, volume, levelFrames, ...lengths } = body
      const policy: Policy = { ...before, ...lengths, ...(windows === undefined ? {} : { windows: windowsOf(windows) }), ...(quiet === undefined ? {} : { quiet: windowsOf(quiet) }), ...(volume === undefined ? {} : { volume: volume?.map(({ weekdays = null, from, to, percent }) => ({ weekdays, from, to, percent })) ?? null }), ...(levelFrames === undefined ? {} : { levelFrames: framesOf(levelFrames) }) }
      if (Object.values(policy).every((rule) => rule === null)) store.policies.remove(id)
      else store.policies.put(id, policy)
    })
    broadcast.policiesChanged()
    sendEtag(reply, own(id))
    return view(id)
  })

  const seenBy = (request: FastifyRequest, { items, next }: Page<BreachRecord>): Page<BreachRecord> => {
    const { rights } = identityOf(request)
    const seen = items.flatMap((breach) => {
      const breaches = breach.breaches.filter(({ unitId }) => rights.holds('view', unitId))
      return breaches.length === 0 ? [] : [{ ...breach, breaches }]
    })
    return { items: seen, next }
  }

  app.get('/v1/policy-breaches/export', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'What was planned or ordered against a policy, as a spreadsheet', querystring: BreachExportQuery, response: { 200: SheetFile, ...problems(400, 401) } },
  }, (request, reply) => sendSheet(request, reply, breachSheet(store), (page) => seenBy(request, store.policies.breaches(page))))

  app.get('/v1/policy-breaches', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'What was planned or ordered against a policy, newest first', description: 'With rights at some units only, a page may be short, or empty, and still have a `nextCursor`.', querystring: PlainPageQuery, response: { 200: named(PolicyBreachPage), ...problems(400, 401) } },
  }, (request) => pageView('breaches', seenBy(request, store.policies.breaches(readPage('breaches', request.query))), breachView))
}

type WindowsBody = NonNullable<UnitPolicyView['own']['windows']>
const windowsOf = (windows: WindowsBody | null): Policy['windows'] => windows?.map(({ weekdays = null, from, to }) => ({ weekdays, from, to })) ?? null

const windowsView = (windows: Policy['windows']): WindowsBody | null => windows?.map(({ weekdays, from, to }) => ({ weekdays: weekdays === null ? null : [...weekdays], from, to })) ?? null
const rulesView = ({ windows, quiet, playMs, dayMs, volume }: Omit<Policy, 'levelFrames'>) => ({
  windows: windowsView(windows), quiet: windowsView(quiet), playMs, dayMs,
  volume: volume?.map(({ weekdays, from, to, percent }) => ({ weekdays: weekdays === null ? null : [...weekdays], from, to, percent })) ?? null,
})
const frameView = ({ name, level, from, to, weekdays }: LevelFrame) => ({ name, level, from, to, weekdays: weekdays === null ? null : [...weekdays] })
const policyView = (policy: Policy): UnitPolicyView['own'] => ({ ...rulesView(policy), levelFrames: policy.levelFrames?.map(frameView) ?? null })
const effectiveView = (lineage: readonly string[], own: (unitId: string) => Policy | undefined): UnitPolicyView['effective'] => ({
  ...rulesView(effectivePolicy(lineage, own)),
  levelFrames: heldFrames(lineage, own).map((frame) => ({ ...frameView(frame), unitId: frame.unitId })),
})

type FramesBody = NonNullable<UnitPolicyView['own']['levelFrames']>
const framesOf = (frames: FramesBody | null): Policy['levelFrames'] =>
  frames === null || frames.length === 0 ? null : frames.map(({ name, level, from, to, weekdays = null }, index) => ({ name: cleanText(`levelFrames[${String(index)}].name`, name), level, from, to, weekdays }))

/** @throws ApiError LOA_ERR_INVALID when two levels are promised the same time */
function checkFrames(frames: FramesBody): void {
  const pair = contradiction(framesOf(frames) ?? [])
  if (pair !== null) throw invalid([{ path: `levelFrames[${String(pair[1])}]`, message: `overlaps levelFrames[${String(pair[0])}], which is for another level`, messageVi: `trùng giờ với levelFrames[${String(pair[0])}] của cấp khác` }])
}

const breachView = ({ atMs, by, subject, subjectId, title, class: itsClass, breaches, reason }: BreachRecord): PolicyBreachView => ({
  at: formatTime(atMs), by, subject, subjectId, title, class: itsClass, reason,
  breaches: breachesView(breaches),
})
