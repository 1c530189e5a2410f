import { Siren } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { api } from '../../api/client.ts'
import { useMe, useUnits } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { Button } from '../../kit/button.tsx'
import { RadioGroup } from '../../kit/fields.tsx'
import { Loaded, Notice, Tabs } from '../../kit/surfaces.tsx'
import { useReach } from '../../parts/targets/targets-summary.tsx'
import { useNamed } from '../../parts/targets/use-choices.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { usePrepare } from './act.ts'
import { useComposeKeys } from './compose-keys.ts'
import { setDraft, useDraft } from './draft-store.ts'
import { bodyOf, drawnTargets, firstDraft, KINDS, missingOf, slotsOf, targetsFor, type Draft, type Way } from './draft.ts'
import { KindBand } from './kind-band.tsx'
import { useSpeaking } from './microphone.ts'
import { SpeakFields, TemplateChoice, TypeFields } from './what.tsx'
import { Where } from './where.tsx'
import { words } from './words.ts'

/** Where the reader gives emergencies; null: everywhere. */
export function useMine(): readonly string[] | null {
  const { data: me } = useMe()
  return me?.rights.find(({ right }) => right === 'emergency')?.unitIds ?? null
}

/** Step 1: what and where. Nothing sounds of it. */
export function Compose() {
  const say = useWords(words)
  const [, navigate] = useLocation()
  const mine = useMine()
  const draft = useDraft() ?? firstDraft(mine)
  const change = (next: Partial<Draft>): void => { setDraft({ ...draft, ...next }) }
  const readTemplates = api.useQuery('get', '/v1/alert-templates', { params: { query: { limit: 1000 } } })
  const templates = readTemplates.data?.items ?? []
  const template = templates.find(({ id }) => id === draft.templateId) ?? null
  const { sourceId } = useSpeaking()
  const names = useNamed(targetsFor(draft)).map(({ name }) => name)
  const slots = template === null ? {} : slotsOf(template, draft, names, say('nowSpoken'))
  const targets = drawnTargets(draft, mine)
  const ready = { template, slots, targets, sourceId }
  const missing = missingOf(draft, ready)
  const prepare = usePrepare()
  const [isAsked, setIsAsked] = useState(false)
  const { isReady } = useUnits()
  const isReading = readTemplates.isPending || !isReady
  const wishes = useRef({ number: 0, review: false })
  const review = (): void => {
    const body = bodyOf(draft, ready)
    if (body !== null && !prepare.isPending) prepare.mutate(body, { onSuccess: ({ id }) => { navigate(`/emergency/${id}`) } })
    else if (isReading) wishes.current.review = true
    else setIsAsked(true)
  }
  const choose = (number: number): void => {
    const chosen = templates[number - 1]
    if (draft.way !== 'template') return
    if (chosen !== undefined) change({ templateId: chosen.id })
    else if (readTemplates.isPending) wishes.current.number = number
  }
  // What was pressed while it was being read is done now, one after the other.
  useEffect(() => {
    const { number, review: isWished } = wishes.current
    if (isReading) return
    wishes.current = { number: 0, review: number > 0 && isWished }
    if (number > 0) choose(number)
    else if (isWished) review()
  })
  const box = useRef<HTMLDivElement>(null)
  useComposeKeys({ templates: box, onNumber: choose, onReview: review })
  return (
    <form className="stack" data-kind={draft.kind} noValidate onSubmit={(event) => { event.preventDefault(); review() }}>
      <KindBand kind={draft.kind} />
      <RadioGroup label={say('kind')} value={draft.kind} onChange={(kind) => { change({ kind }) }} choices={KINDS.map((id) => ({ id, label: say(id) }))} />
      <section className="card stack" aria-labelledby="emergency-what">
        <h2 id="emergency-what">{say('what')}</h2>
        <Tabs label={say('ways')} selected={draft.way} onSelect={(way) => { change({ way: way as Way }) }} items={[
          { id: 'template', label: say('template'), content: <Loaded query={readTemplates}>{() => <TemplateChoice draft={draft} change={change} templates={templates} template={template} slots={slots} box={box} />}</Loaded> },
          { id: 'type', label: say('type'), content: <TypeFields draft={draft} change={change} /> },
          { id: 'speak', label: say('speak'), content: <SpeakFields draft={draft} change={change} unitId={mine?.[0] ?? null} /> },
        ]} />
      </section>
      <section className="card stack" aria-labelledby="emergency-where">
        <h2 id="emergency-where">{say('where')}</h2>
        <Where draft={draft} change={change} mine={mine} />
      </section>
      <div className="emergency-foot">
        <Reach draft={draft} targets={targets} />
        {missing[0] !== undefined && <span className={isAsked ? 'field-error' : 'small quiet'} role="status">{say(missing[0])}</span>}
        {prepare.error !== null && <Notice tone="bad">{problemText(prepare.error)}</Notice>}
        <Button type="submit" look="emergency" large isDisabled={missing.length > 0 || prepare.isPending} aria-keyshortcuts="Control+Enter"><Siren size={22} aria-hidden />{say(prepare.isPending ? 'preparing' : 'review')}</Button>
      </div>
    </form>
  )
}

function Reach({ draft, targets }: { readonly draft: Draft; readonly targets: ReturnType<typeof drawnTargets> }) {
  const say = useWords(words)
  const { number } = useFormats()
  const reach = useReach(targets, draft.kind)
  if (targets === null) return <strong className="grow">{say('noReach')}</strong>
  if (reach === null) return <span className="grow quiet">{say('counting')}</span>
  return <strong className="grow" aria-live="polite">{say('reach', { clusters: number(reach.targeted), online: number(reach.online) })}{reach.people.known !== null && ` · ${say('people', { people: number(reach.people.known) })}`}</strong>
}
