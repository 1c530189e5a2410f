import { useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { problemCode, problemText } from '../../api/problem-text.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog } from '../../kit/dialogs.tsx'
import { Badge, Failure, Loaded, Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { LevelMeter } from '../../parts/listen/level-meter.tsx'
import { ListenButton } from '../../parts/listen/listen-button.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { rungs, type Rung, type SourceOf } from './sources.ts'
import { words, type SourceWord } from './words.ts'

const TONES = { plays: 'air', chosen: 'air', ready: 'good', waits: 'accent', faulty: 'warn', down: 'warn', unknown: 'off' } as const satisfies Readonly<Record<Rung['why'], string>>
const SWITCHED: ReadonlySet<string> = new Set(['/v1/sources', '/v1/sources/{id}', '/v1/sources/{id}/switches'])

/** The inputs as a ladder: which one sounds and why, and the way to choose another. */
export function StandbyCard({ source, nameOf }: { readonly source: SourceOf<'standby'>; readonly nameOf: (id: string) => string }) {
  const say = useWords(words)
  const { duration } = useFormats()
  const mayAir = useRights().at('air', source.unitId)
  const choosing = useDeed({ reads: SWITCHED })
  const [faulty, setFaulty] = useState<{ readonly id: string; readonly reason: string } | null>(null)
  const choose = (inputSourceId: string | null, force = false): void => {
    setFaulty(null)
    void choosing.run(async () => {
      try {
        done(await loa.POST('/v1/sources/{id}/switch', { params: { path: { id: source.id } }, body: { inputSourceId, force } }))
        return null
      } catch (error) {
        if (inputSourceId === null || problemCode(error) !== 'LOA_ERR_INPUT_FAULTY') throw error
        return { id: inputSourceId, reason: problemText(error) }
      }
    }, (refused) => {
      if (refused === null) toast(say('switched'))
      else setFaulty(refused)
    })
  }
  const levels = new Map((source.status?.standby?.inputs ?? []).map(({ sourceId, rmsDbfs }) => [sourceId, rmsDbfs]))
  const faultWord = (fault: string): string => (`fault_${fault}` in words.vi ? say(`fault_${fault}` as SourceWord) : fault)
  return (
    <section className="card stack tight">
      <h2>{say('ladderTitle')}</h2>
      <p className="small quiet">{say('ladderText')}</p>
      <ol className="ladder">
        {rungs(source).map(({ sourceId, why, goodForMs, fault }) => (
          <li key={sourceId} data-why={why} className="rung">
            <span className="grow"><strong>{nameOf(sourceId)}</strong><br /><Badge tone={TONES[why]}>{say(`rung_${why}`)}</Badge> <span className="small quiet">{fault !== null ? faultWord(fault) : goodForMs > 0 ? say('goodFor', { time: duration(goodForMs) }) : ''}</span></span>
            <LevelMeter dbfs={levels.get(sourceId) ?? null} label={say('level', { name: nameOf(sourceId) })} />
            <ListenButton hears={{ source: sourceId }} label={nameOf(sourceId)} />
            {mayAir && why !== 'plays' && why !== 'chosen' && why !== 'unknown' && <Button isDisabled={choosing.isBusy} onPress={() => { choose(sourceId) }}>{say('useThis')}</Button>}
          </li>
        ))}
      </ol>
      {source.pinned !== null && <Notice action={mayAir ? <Button isDisabled={choosing.isBusy} onPress={() => { choose(null) }}>{say('byRank')}</Button> : null}>{say('byRankHint')}</Notice>}
      <Failure text={choosing.failure} />
      <ConfirmDialog title={say('forceTitle')} action={say('useForce')} isOpen={faulty !== null} onClose={() => { setFaulty(null) }} onConfirm={() => { if (faulty !== null) choose(faulty.id, true) }}><p>{faulty?.reason}</p></ConfirmDialog>
    </section>
  )
}

export function SwitchesCard({ sourceId, nameOf }: { readonly sourceId: string; readonly nameOf: (id: string) => string }) {
  const say = useWords(words)
  const { dayTime, number } = useFormats()
  const switches = api.useQuery('get', '/v1/sources/{id}/switches', { params: { path: { id: sourceId }, query: { limit: 50 } } })
  return (
    <section className="card stack tight">
      <h2>{say('switchesTitle')}</h2>
      <Loaded query={switches}>{({ items }) => items.length === 0 ? <p className="small quiet">{say('noSwitches')}</p> : (
        <ul className="stack tight">{items.map(({ id, at, fromInputId, toInputId, cause, gapMs }) => (
          <li key={id}><span className="number small quiet">{dayTime(at)}</span> {fromInputId !== null && `${nameOf(fromInputId)} → `}<strong>{nameOf(toInputId)}</strong> <span className="small quiet">{say(`cause_${cause}`)}{gapMs > 0 && ` · ${say('gap', { ms: number(gapMs) })}`}</span></li>
        ))}</ul>
      )}</Loaded>
    </section>
  )
}
