import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { NumberField, RadioGroup, Switch, TextField } from '../../kit/fields.tsx'
import { Badge, Failure, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { ifAsShown } from '../../parts/conflict/as-shown.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { hasWord, readMinutes, ruleChanges, THRESHOLD_WORDS, toldBy, writeMinutes, type RuleSettings } from './alarm-rule-form.ts'
import { alarmRuleWords } from './alarm-rule-words.ts'
import { SEVERITY_TONES } from './alarms.tsx'
import { useChannels } from './channels.tsx'
import { words } from './words.ts'

type Rule = Schemas['AlarmRule']
const READ: ReadonlySet<string> = new Set(['/v1/alarm-rules'])

/** When alarms are raised, how grave they are and who is told, for the whole tree or at one unit. */
export function AlarmRules() {
  const say = useWords(words)
  const sayRule = useWords(alarmRuleWords)
  const rights = useRights()
  const { units } = useUnits()
  const { number } = useFormats()
  const [unitId, setUnitId] = useState<string | null>(null)
  const [editing, setEditing] = useState<Rule | null>(null)
  const query = api.useQuery('get', '/v1/alarm-rules', { params: { query: unitId === null ? {} : { unitId } } })
  const channels = useChannels().data ?? []
  const lineage = unitId === null ? [] : units.path(unitId).map(({ id }) => id)
  const mayChange = rights.at('manage', unitId)
  const lasting = (ms: number): string => (ms === 0 ? sayRule('atOnceWord') : sayRule('after', { time: ms % 3_600_000 === 0 ? sayRule('hoursShort', { count: number(ms / 3_600_000) }) : ms % 60_000 === 0 ? sayRule('minutesShort', { count: number(ms / 60_000) }) : sayRule('secondsShort', { count: number(ms / 1000, 1) }) }))
  const unitOf = (unit: string): string => (hasWord(unit) ? sayRule(THRESHOLD_WORDS[unit]) : unit)
  return (
    <>
      <p className="quiet">{sayRule('help')}</p>
      <UnitPicker label={sayRule('where')} value={unitId} onChange={setUnitId} nullLabel={say('wholeTree')} />
      <Loaded query={query}>{({ items }) => (
        <DataTable label={say('rules')} rows={items} keyOf={({ rule }) => rule} columns={[
          { id: 'title', title: say('rules'), cell: ({ rule, title, own }) => <><strong>{title}</strong> {Object.keys(own).length > 0 && <Badge tone="accent">{sayRule('own')}</Badge>}<div className="small quiet system-words">{sayRule(rule)}</div></> },
          { id: 'severity', title: say('severity'), cell: ({ effective: { enabled, severity } }) => (enabled ? <Badge tone={SEVERITY_TONES[severity]}>{say(severity)}</Badge> : <Badge>{sayRule('off')}</Badge>) },
          { id: 'when', title: say('after'), cell: ({ effective: { holdMs, threshold }, thresholdUnit }) => <>{lasting(holdMs)}{threshold !== null && thresholdUnit !== null && <div className="small quiet">{say('threshold')}: {number(threshold, 2)} {unitOf(thresholdUnit)}</div>}</> },
          { id: 'told', title: sayRule('told'), cell: ({ rule, effective }) => {
            const told = toldBy(rule, effective, lineage, channels)
            if (told.length === 0 && !effective.opensTicket) return sayRule('screenOnly')
            return <ul>{told.map(({ id, name, level }) => <li key={id}>{level === 0 ? sayRule('atOnce', { name }) : sayRule('atLevel', { name, level })}</li>)}{effective.opensTicket && <li>{sayRule('opens')}</li>}</ul>
          } },
          { id: 'do', title: '', cell: (rule) => (mayChange ? <Button aria-label={`${sayRule('edit')}: ${rule.title}`} onPress={() => { setEditing(rule) }}>{sayRule('edit')}</Button> : null) },
        ]} />
      )}</Loaded>
      {editing !== null && <RuleDialog rule={editing} unitText={unitOf(editing.thresholdUnit ?? '')} lineage={lineage} onClose={() => { setEditing(null) }} />}
    </>
  )
}

function RuleDialog({ rule: { rule, title, unitId, own, effective, thresholdUnit }, unitText, lineage, onClose }: { readonly rule: Rule; readonly unitText: string; readonly lineage: readonly string[]; readonly onClose: () => void }) {
  const say = useWords(words)
  const sayRule = useWords(alarmRuleWords)
  const sayCommon = useWords(common)
  const channels = useChannels().data ?? []
  const [draft, setDraft] = useState<RuleSettings>(effective)
  const [minutes, setMinutes] = useState(writeMinutes(effective.escalateAfterMs))
  const saving = useDeed({ reads: READ, onDone: onClose, form: [draft, minutes] })
  const escalateAfterMs = readMinutes(minutes)
  const settings = { ...draft, escalateAfterMs: [...(escalateAfterMs ?? effective.escalateAfterMs)] }
  const changes = ruleChanges(effective, settings)
  const told = toldBy(rule, settings, lineage, channels)
  const put = (change: Partial<RuleSettings>): void => { setDraft({ ...draft, ...change }) }
  const send = (body: Partial<{ [Name in keyof RuleSettings]: RuleSettings[Name] | null }>): void => {
    void saving.run(async () => {
      const path = { rule }
      const before = await loa.GET('/v1/alarm-rules/{rule}', { params: { path, query: unitId === null ? {} : { unitId } } })
      done(await loa.PATCH('/v1/alarm-rules/{rule}', { params: { path, header: ifAsShown(before, (now) => now.own, own) }, body: { unitId, ...body } }))
    }, () => { toast(sayCommon('saved')) })
  }
  const ownNames = Object.keys(own)
  const reset = (): void => { send(Object.fromEntries(ownNames.map((name) => [name, null]))) }
  const foot = (
    <>
      {ownNames.length > 0 && <Button isDisabled={saving.isBusy} onPress={reset}>{sayRule('reset')}</Button>}
      <Button onPress={onClose}>{sayCommon('cancel')}</Button>
      <Button look="primary" isDisabled={saving.isBusy || escalateAfterMs === null || Object.keys(changes).length === 0} onPress={() => { send(changes) }}>{sayCommon('save')}</Button>
    </>
  )
  return (
    <Dialog title={title} isOpen onClose={onClose} isDismissable={false} foot={foot}>
      <p>{sayRule(rule)}</p>
      <Switch isSelected={draft.enabled} onChange={(enabled) => { put({ enabled }) }}>{sayRule('enabled')}</Switch>
      <RadioGroup label={sayRule('severity')} value={draft.severity} onChange={(severity) => { put({ severity }) }} choices={(['info', 'warning', 'critical'] as const).map((id) => ({ id, label: say(id) }))} />
      {thresholdUnit !== null && <NumberField label={sayRule('threshold', { unit: unitText })} value={draft.threshold} minValue={0} formatOptions={{ maximumFractionDigits: 2 }} onChange={(threshold) => { if (threshold !== null) put({ threshold }) }} />}
      <div className="columns">{(['holdMs', 'clearMs'] as const).map((name) => <NumberField key={name} label={sayRule(name)} value={draft[name] / 1000} minValue={0} maxValue={604_800} onChange={(seconds) => { put({ [name]: Math.round((seconds ?? 0) * 1000) }) }} />)}</div>
      <TextField label={sayRule('escalate')} hint={sayRule('escalateHint')} value={minutes} onChange={setMinutes} error={escalateAfterMs === null ? sayRule('badEscalate') : undefined} />
      <Switch isSelected={draft.opensTicket} onChange={(opensTicket) => { put({ opensTicket }) }}>{sayRule('opensTicket')}</Switch>
      <p role="status">{told.length === 0 ? sayRule('toldNobody') : `${sayRule('told')}: ${told.map(({ name, level }) => (level === 0 ? sayRule('atOnce', { name }) : sayRule('atLevel', { name, level }))).join('; ')}`}</p>
      <Failure text={saving.failure} />
    </Dialog>
  )
}
