import type { Schemas } from '../../../../control/client/index.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Badge, type Tone } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import type { AlertKind } from './draft.ts'
import { words } from './words.ts'

type Alert = Schemas['Alert']

export const TONES: Readonly<Record<AlertKind, Tone>> = { real: 'emergency', exercise: 'exercise', test: 'test' }

/** @param props.more reads what comes after; null: that is all */
export function AlertList({ label, alerts, empty, more = null, isReading = false }: { readonly label: string; readonly alerts: readonly Alert[]; readonly empty?: string; readonly more?: (() => void) | null; readonly isReading?: boolean }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { dayTime } = useFormats()
  return (
    <section className="card stack tight" aria-label={label}>
      <h2>{label}</h2>
      {alerts.length === 0 && <p className="quiet">{empty}</p>}
      <ul className="alerts">
        {alerts.map(({ id, kind, title, state, prepared, confirmed, onAirFrom }) => (
          <li key={id} className="alert-row">
            <Badge tone={TONES[kind]}>{say(kind)}</Badge>
            <span className="grow"><strong className="alert-title">{title}</strong><br /><span className="small quiet">{say(state === 'ended' ? 'endedState' : state)} · {(confirmed ?? prepared).name} · {dayTime(onAirFrom ?? prepared.at)}</span></span>
            <ButtonLink href={`/emergency/${id}`} aria-label={`${say('see')}: ${title}`}>{say('see')}</ButtonLink>
          </li>
        ))}
      </ul>
      {more !== null && <div><Button onPress={more} isDisabled={isReading}>{sayCommon('more')}</Button></div>}
    </section>
  )
}
