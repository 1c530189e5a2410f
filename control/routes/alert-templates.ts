import { Type } from 'typebox'
import { both, may, maySee, somewhere } from '../access.ts'
import { checkUsable, findTemplate } from '../alerts/alert-draft.ts'
import type { AlertTemplateRecord } from '../alerts/alert-port.ts'
import { templateView } from '../alerts/alert-views.ts'
import { BUILT_IN_TEMPLATES } from '../alerts/templates.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import { fieldError } from '../order-rules.ts'
import { notFound, unknownIds } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { AlertTemplate, AlertTemplatePage, AlertTemplateQuery, ChangeAlertTemplate, CreateAlertTemplate, type ChangeAlertTemplateBody } from '../schemas/alert.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { cleanText } from '../text.ts'
import { checkStanding } from '../unit-change-rules.ts'

const tags = ['alerts']
const DEFAULTS = { voice: 'north', recordings: [], repeat: { times: 3, everyHours: null }, lifeMs: 6 * 3_600_000 } as const
const MAY_CHANGE = both(maySee('alert template'), may('emergency', at.alertTemplate))

export function alertTemplateRoutes(app: ControlApp, { store, clock, creations }: Context): void {
  const own = (id: string): AlertTemplateRecord => {
    const template = store.alertTemplates.get(id)
    if (template !== undefined) return template
    if (BUILT_IN_TEMPLATES.some((one) => one.id === id)) throw fieldError('LOA_ERR_IN_USE', 'id', 'is of a template that everybody has: make a copy of it', 'là mẫu dùng chung: hãy tạo bản sao')
    throw notFound('alert template', id)
  }

  const seen = (id: string, rights: Rights): ReturnType<typeof findTemplate> => {
    const template = findTemplate(id, store)
    if (template.unitId !== null && !rights.touches('view', template.unitId)) throw notFound('alert template', id)
    return template
  }

  app.post('/v1/alert-templates', {
    config: { access: may('emergency', at.bodyUnit('unitId')) },
    schema: { tags, summary: 'Make a template for alerts', description: 'A new one, or a copy of another to change.', headers: CreateHeaders, body: CreateAlertTemplate, response: { 201: named(AlertTemplate), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { unitId, from, ...body } = request.body
    if (store.units.get(unitId) === undefined) throw unknownIds([{ path: 'unitId', noun: 'unit', id: unitId }])
    checkStanding(store, 'unitId', [unitId])
    const nowMs = clock.wallMs()
    const { rights } = identityOf(request)
    const copied = from === undefined ? DEFAULTS : wordsOf(seen(from, rights))
    const made = complete({ ...copied, ...cleaned(body, copied.recordings, rights, store), id: newId('x', nowMs), unitId, createdAtMs: nowMs, changedAtMs: nowMs })
    const template = store.alertTemplates.insert(made)
    return { status: 201, location: `/v1/alert-templates/${template.id}`, body: templateView(template) }
  }))

  app.get('/v1/alert-templates', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List templates for alerts', description: 'Those that everybody has come first, on the first page, and are not counted. A unit has those of the units above it too.', querystring: AlertTemplateQuery, response: { 200: named(AlertTemplatePage), ...problems(400, 401) } },
  }, (request) => {
    const { unitId, hazard, ...query } = request.query
    const { rights } = identityOf(request)
    const page = readPage('alerttemplates', query)
    const { items, next } = store.alertTemplates.list(page, { ...(unitId === undefined ? {} : { unitId }), ...(hazard === undefined ? {} : { hazard }) })
    const everybodys = page.after === null && unitId === undefined ? BUILT_IN_TEMPLATES.filter((template) => hazard === undefined || template.hazard === hazard) : []
    return pageView('alerttemplates', { items: [...everybodys, ...items.filter((template) => rights.touches('view', template.unitId))], next }, templateView)
  })

  app.get('/v1/alert-templates/:id', {
    config: { access: maySee('alert template') },
    schema: { tags, summary: 'Show a template for alerts', params: IdParams, response: { 200: named(AlertTemplate), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const template = findTemplate(id, store)
    if (template.unitId !== null) sendEtag(reply, template)
    return templateView(template)
  })

  app.patch('/v1/alert-templates/:id', {
    config: { access: MAY_CHANGE },
    schema: { tags, summary: 'Change a template of a unit', headers: ChangeHeaders, params: IdParams, body: ChangeAlertTemplate, response: { 200: named(AlertTemplate), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 507) } },
  }, (request, reply) => {
    const template = store.transaction(() => {
      const before = own(request.params.id)
      checkMatch(request, before)
      return store.alertTemplates.replace({ ...before, ...cleaned(request.body, before.recordings, identityOf(request).rights, store), changedAtMs: clock.wallMs() })!
    })
    sendEtag(reply, template)
    return templateView(template)
  })

  app.delete('/v1/alert-templates/:id', {
    config: { access: MAY_CHANGE },
    schema: { tags, summary: 'Remove a template of a unit', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 412, 507) } },
  }, (request, reply) => {
    store.transaction(() => {
      const template = own(request.params.id)
      checkMatch(request, template)
      store.alertTemplates.remove(template.id)
    })
    void reply.status(204).send(null)
  })
}

type Store = Context['store']
type Words = Omit<AlertTemplateRecord, 'id' | 'unitId' | 'createdAtMs' | 'changedAtMs'>

/** What a copy takes over. */
const wordsOf = ({ hazard, title, level, text, voice, recordings, repeat, lifeMs }: Words): Words => ({ hazard, title, level, text, voice, recordings, repeat, lifeMs })

/**
 * What a request says of a template, as it is kept.
 * @param before recordings that were there and need no right
 * @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_FORBIDDEN or LOA_ERR_INVALID
 */
function cleaned({ durationMs, title, text, ...rest }: ChangeAlertTemplateBody, before: Words['recordings'], rights: Rights, store: Store): Partial<AlertTemplateRecord> {
  const unknown = (rest.recordings ?? []).flatMap(({ clipId: id }, index) => (store.clips.get(id) === undefined ? [{ path: `recordings[${String(index)}].clipId`, noun: 'clip' as const, id }] : []))
  if (unknown.length > 0) throw unknownIds(unknown)
  for (const [index, { clipId: id }] of (rest.recordings ?? []).entries()) {
    if (!before.some(({ clipId }) => clipId === id)) checkUsable(store.clips.get(id), { path: `recordings[${String(index)}].clipId`, noun: 'clip', id }, { rights }, store)
  }
  return { ...rest, ...(title === undefined ? {} : { title: cleanText('title', title) }), ...(text === undefined ? {} : { text: cleanText('text', text) }), ...(durationMs === undefined ? {} : { lifeMs: durationMs }) }
}

function complete(template: Partial<AlertTemplateRecord> & Omit<AlertTemplateRecord, 'hazard' | 'title' | 'level' | 'text'>): AlertTemplateRecord {
  const { hazard, title, level, text } = template
  if (hazard === undefined || title === undefined || level === undefined || text === undefined) throw fieldError('LOA_ERR_INVALID', 'from', 'or hazard, title, level and text must be given', 'hoặc hazard, title, level và text phải có')
  return { ...template, hazard, title, level, text }
}
