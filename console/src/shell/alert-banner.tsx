import { useCallback, useRef } from 'react'
import { useLocation } from 'wouter'
import type { Schemas } from '../../../control/client/index.ts'
import { api } from '../api/client.ts'
import { useEvents, type LoaEvent } from '../api/events.ts'
import { useRights } from '../api/me.ts'
import { ButtonLink } from '../kit/button.tsx'
import { playSound } from '../kit/sounds.ts'
import { useWords } from '../words/use-words.ts'
import { bannerWords } from './alert-banner-words.ts'
import { EMERGENCY_PATH } from './screens.ts'

type Alert = Schemas['Alert']

/** More would push the screen away; the emergency screen has all. */
const MOST_SHOWN = 3

/** On every screen: which alerts are on the air, and which wait for a second person, so that nobody has to be looking for them. */
export function AlertBanner() {
  const say = useWords(bannerWords)
  const rights = useRights()
  const [location] = useLocation()
  const query = (state: Alert['state']) => ({ params: { query: { state, limit: 50 } } })
  const enabled = rights.somewhere('view')
  const waiting = api.useQuery('get', '/v1/alerts', query('awaiting-second'), { enabled }).data?.items ?? []
  const onAir = api.useQuery('get', '/v1/alerts', query('on-air'), { enabled }).data?.items ?? []
  useAlertSounds()
  const all = [...waiting.filter(({ issuer }) => rights.at('emergency', issuer)), ...onAir].filter(({ id }) => location !== `${EMERGENCY_PATH}/${id}`)
  // There they stand in the list of what goes on.
  if (all.length === 0 || location === EMERGENCY_PATH) return null
  return (
    <ul className="alert-banners" aria-label={say('label')} aria-live="polite">
      {all.slice(0, MOST_SHOWN).map(({ id, kind, title, state, confirmed }) => (
        <li key={id} className="alert-banner" data-kind={kind}>
          <strong>{say(kind)}</strong>
          <span className="grow alert-banner-text">{state === 'on-air' ? `${say('onAir')}: ${title}` : `${say('waiting', { title })} – ${say('by', { name: confirmed?.name ?? '' })}`}</span>
          <ButtonLink href={`${EMERGENCY_PATH}/${id}`} aria-label={`${say('see')}: ${title}`}>{say('see')}</ButtonLink>
        </li>
      ))}
      {all.length > MOST_SHOWN && <li className="alert-banner" data-kind={all[MOST_SHOWN]?.kind}>{say('more', { count: all.length - MOST_SHOWN })}</li>}
    </ul>
  )
}

/** Once for each change: whoever sits at the screen looks up. */
function useAlertSounds(): void {
  const rights = useRights()
  const heard = useRef(new Set<string>())
  useEvents(useCallback(({ type, data }: LoaEvent) => {
    if (type !== 'alert') return
    const { id, state, kind, issuer } = data as unknown as Pick<Alert, 'id' | 'state' | 'kind' | 'issuer'>
    const what = `${id} ${state}`
    if (heard.current.has(what)) return
    heard.current.add(what)
    if (state === 'on-air') playSound(kind)
    else if (state === 'awaiting-second' && rights.at('emergency', issuer)) playSound('waiting')
  }, [rights]))
}
