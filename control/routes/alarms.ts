import { may, maySee, somewhere } from '../access.ts'
import { alarmView } from '../alarms/alarm-message.ts'
import { RULE_IDS, SEVERITIES, type AlarmFilter, type OwnRuleSettings, type RuleId } from '../alarms/alarm-port.ts'
import { effectiveSettings, RULES } from '../alarms/alarm-rules.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { ApiError, notFound } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { AcknowledgeAlarm, Alarm, AlarmCountQuery, AlarmCounts, AlarmPage, AlarmQuery, AlarmRule, AlarmRuleList, AlarmRuleParams, AlarmRuleQuery, ChangeAlarmRule, type AlarmCountsView, type AlarmRuleView } from '../schemas/alarm.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { cleanText } from '../text.ts'
import { invalid } from '../validation.ts'

const tags = ['alarms']

export function alarmRoutes(app: ControlApp, { store, alarms, clock }: Context): void {
  /** What lies in the caller's units, and what is about the whole of a unit above them. */
  const sightOf = (rights: Rights): Pick<AlarmFilter, 'within' | 'above'> => {
    const within = rights.roots('view')
    return { within, above: (within ?? []).flatMap((id) => store.units.ancestors(id)) }
  }

  app.get('/v1/alarms', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List alarms', description: 'Newest first: those of the caller\'s units, of whole units above them, and of the server itself. An alarm is raised once when its condition has held for its time, and stays open until that has been over for its time.', querystring: AlarmQuery, response: { 200: named(AlarmPage), ...problems(400, 401) } },
  }, (request) => pageView('alarms', store.alarms.list(readPage('alarms', request.query), { ...request.query, ...sightOf(identityOf(request).rights) }), alarmView))

  app.get('/v1/alarms/counts', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'How many alarms are open', querystring: AlarmCountQuery, response: { 200: named(AlarmCounts), ...problems(400, 401) } },
  }, (request): AlarmCountsView => {
    const byRule = store.alarms.count({ ...request.query, ...sightOf(identityOf(request).rights) })
    const sum = (pick: (count: (typeof byRule)[number]) => number): number => byRule.reduce((total, count) => total + pick(count), 0)
    return {
      open: sum(({ open }) => open),
      unacknowledged: sum(({ unacknowledged }) => unacknowledged),
      bySeverity: Object.fromEntries(SEVERITIES.map((severity) => [severity, sum((count) => (count.severity === severity ? count.open : 0))])),
      byRule: [...byRule],
    }
  })

  app.get('/v1/alarms/:id', {
    config: { access: maySee('alarm') },
    schema: { tags, summary: 'Show an alarm', params: IdParams, response: { 200: named(Alarm), ...problems(401, 404) } },
  }, ({ params: { id } }) => {
    const alarm = store.alarms.get(id)
    if (alarm === undefined) throw notFound('alarm', id)
    return alarmView(alarm)
  })

  app.post('/v1/alarms/:id/acknowledge', {
    config: { access: may('command', at.alarm) },
    schema: { tags, summary: 'Acknowledge an alarm', description: 'Somebody looks after it: it is escalated no more. It stays open until its condition is over. May be repeated; the first acknowledgement stays.', params: IdParams, body: AcknowledgeAlarm, response: { 200: named(Alarm), ...problems(400, 401, 403, 404, 409, 415, 422, 507) } },
  }, (request) => {
    const { params: { id }, body } = request
    const { actorId, name } = identityOf(request)
    if (store.alarms.get(id) === undefined) throw notFound('alarm', id)
    const alarm = alarms.acknowledge(id, { atMs: clock.wallMs(), by: actorId, name, note: body.note == null ? null : cleanText('note', body.note) })
    if (alarm === undefined) throw new ApiError('LOA_ERR_ALARM_OVER', 'the alarm is not open any more', 'cảnh báo đã kết thúc')
    return alarmView(alarm)
  })

  const ruleView = (rule: RuleId, unitId: string | null): AlarmRuleView => {
    const own = new Map(store.alarms.ownSettings().filter((one) => one.rule === rule).map((one) => [one.unitId, one.settings]))
    const { title, titleVi, thresholdUnit } = RULES[rule]
    const effective = effectiveSettings(rule, unitId === null ? [] : store.units.ancestors(unitId), (id) => own.get(id))
    const mutable = <T extends OwnRuleSettings>({ escalateAfterMs, ...rest }: T) => ({ ...rest, ...(escalateAfterMs === undefined ? {} : { escalateAfterMs: [...escalateAfterMs] }) })
    return { rule, title, titleVi, thresholdUnit, unitId, own: mutable(own.get(unitId) ?? {}), effective: { ...effective, escalateAfterMs: [...effective.escalateAfterMs] } }
  }

  app.get('/v1/alarm-rules', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'The rules for alarms', description: 'As they hold at a unit, or for the whole tree.', querystring: AlarmRuleQuery, response: { 200: named(AlarmRuleList), ...problems(400, 401, 404) } },
  }, (request) => {
    const { query: { unitId } } = request
    if (unitId !== undefined && (store.units.get(unitId) === undefined || !identityOf(request).rights.holds('view', unitId))) throw notFound('unit', unitId)
    return { items: RULE_IDS.filter((rule) => unitId === undefined || RULES[rule].isOfUnits).map((rule) => ruleView(rule, unitId ?? null)) }
  })

  app.get('/v1/alarm-rules/:rule', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'One rule for alarms', description: 'As it holds at a unit, or for the whole tree.', params: AlarmRuleParams, querystring: AlarmRuleQuery, response: { 200: named(AlarmRule), ...problems(400, 401, 404) } },
  }, (request, reply) => {
    const { params: { rule }, query: { unitId } } = request
    if (unitId !== undefined && (store.units.get(unitId) === undefined || !identityOf(request).rights.holds('view', unitId))) throw notFound('unit', unitId)
    const view = ruleView(rule, unitId ?? null)
    sendEtag(reply, view)
    return view
  })

  app.patch('/v1/alarm-rules/:rule', {
    config: { access: may('manage', at.bodyUnit('unitId')) },
    schema: { tags, summary: 'Change a rule', description: 'For a unit and all below it, or for the whole tree; counts from the next look on, some 2 s later.', headers: ChangeHeaders, params: AlarmRuleParams, body: ChangeAlarmRule, response: { 200: named(AlarmRule), ...problems(400, 401, 403, 404, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { rule }, body: { unitId = null, ...changes } } = request
    store.transaction(() => {
      if (unitId !== null && store.units.get(unitId) === undefined) throw notFound('unit', unitId)
      if (unitId !== null && !RULES[rule].isOfUnits) throw invalid([{ path: 'unitId', message: 'this rule is about the whole server', messageVi: 'quy tắc này áp dụng cho toàn máy chủ' }])
      if (changes.threshold != null && RULES[rule].thresholdUnit === null) throw invalid([{ path: 'threshold', message: 'this rule knows none', messageVi: 'quy tắc này không có ngưỡng' }])
      checkMatch(request, ruleView(rule, unitId))
      const { escalateAfterMs } = changes
      if (escalateAfterMs != null && escalateAfterMs.some((afterMs, index) => index > 0 && afterMs <= escalateAfterMs[index - 1]!)) throw invalid([{ path: 'escalateAfterMs', message: 'must rise', messageVi: 'phải tăng dần' }])
      const before = store.alarms.ownSettings().find((one) => one.rule === rule && one.unitId === unitId)?.settings ?? {}
      store.alarms.putOwnSettings(rule, unitId, Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null)))
    })
    const view = ruleView(rule, unitId)
    sendEtag(reply, view)
    return view
  })
}
