import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import { DEFAULT_WAIT_MS, ruleFor } from '../alerts/alert-rule.ts'
import { ruleView } from '../alerts/alert-views.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import type { AlertRuleRecord } from '../ports.ts'
import { notFound } from '../problem.ts'
import { AlertRuleList, AlertRules, ChangeAlertRule } from '../schemas/alert.ts'
import { IdParams, named, problems } from '../schemas/common.ts'

const tags = ['alerts']

export function alertRuleRoutes(app: ControlApp, { store }: Context): void {
  const ownOrNone = (unitId: string): AlertRuleRecord => store.alertRules.get(unitId) ?? { unitId, twoPersons: [], waitMs: DEFAULT_WAIT_MS, breakGlass: true }
  const view = (unitId: string) => {
    const [own, effective] = [store.alertRules.get(unitId), ruleFor(unitId, store)]
    return { own: own === undefined ? null : ruleView(own), effective: effective === undefined ? null : ruleView(effective) }
  }

  app.get('/v1/alert-rules', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List the rules of units for two persons', response: { 200: named(AlertRuleList), ...problems(401) } },
  }, (request) => {
    const { rights } = identityOf(request)
    return { items: store.alertRules.all().filter(({ unitId }) => rights.touches('view', unitId)).map(ruleView) }
  })

  app.get('/v1/alert-rules/:id', {
    config: { access: may('view', at.unit) },
    schema: { tags, summary: 'When a unit wants two persons to confirm an alert', description: '`id` is of the unit.', params: IdParams, response: { 200: named(AlertRules), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    if (store.units.get(id) === undefined) throw notFound('unit', id)
    sendEtag(reply, ownOrNone(id))
    return view(id)
  })

  app.patch('/v1/alert-rules/:id', {
    config: { access: may('manage', at.unit, at.parent) },
    schema: { tags, summary: 'Say when a unit wants two persons', description: 'A unit does not loosen its own: the right is needed above it. Alerts that wait keep the number they were confirmed under.', headers: ChangeHeaders, params: IdParams, body: ChangeAlertRule, response: { 200: named(AlertRules), ...problems(400, 401, 403, 404, 412, 413, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body } = request
    const rule = store.transaction(() => {
      if (store.units.get(id) === undefined) throw notFound('unit', id)
      const before = ownOrNone(id)
      checkMatch(request, before)
      const changed = { ...before, ...body }
      store.alertRules.put(changed)
      return changed
    })
    sendEtag(reply, rule)
    return view(id)
  })

  app.delete('/v1/alert-rules/:id', {
    config: { access: may('manage', at.unit, at.parent) },
    schema: { tags, summary: 'Let the rule of the unit above hold', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      if (store.units.get(id) === undefined) throw notFound('unit', id)
      checkMatch(request, ownOrNone(id))
      store.alertRules.remove(id)
    })
    void reply.status(204).send(null)
  })
}
