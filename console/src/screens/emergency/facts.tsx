import type { Schemas } from '../../../../control/client/index.ts'
import { clipAudioUrl, PlayButton } from '../../parts/sound/player.tsx'
import { useNamed } from '../../parts/targets/use-choices.ts'
import { words as targetWords } from '../../parts/targets/words.ts'
import { useFormats } from '../../words/formats.ts'
import { useLanguage } from '../../words/language.ts'
import { languageWords, useLanguageNames } from '../../words/languages.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

type Alert = Schemas['Alert']

/** What, where and to how many, in words that are read across a room. */
export function Facts({ alert }: { readonly alert: Alert }) {
  const say = useWords(words)
  const { number, dayTime } = useFormats()
  const language = useLanguage()
  const { colour, level, clusters, people, repeat, sourceId } = alert
  return (
    <dl className="alert-facts">
      <div className="fact fact-wide"><dt>{say('sayWhat')}</dt><dd>
        <strong className="fact-title">{alert.title}</strong>
        <span className="alert-level"><span className="level-dot" aria-hidden style={{ background: colour.hex }} />{say('level')} {level} ({language === 'vi' ? colour.nameVi : colour.name})</span>
        {sourceId !== null && <span>{say('live')}</span>}
        <Parts parts={alert.parts} />
        <span className="quiet">{sourceId !== null ? '' : `${repeat.everyHours === null ? say('repeats', { times: repeat.times }) : say('repeatsEvery', { times: repeat.times, hours: repeat.everyHours })} · `}{say('until', { time: dayTime(alert.expiresAt) })}</span>
      </dd></div>
      <div className="fact fact-wide"><dt>{say('sayWhere')}</dt><dd className="fact-where">{useWhere(alert)}</dd></div>
      <div className="fact"><dd className="fact-number number">{number(clusters.targeted)}</dd><dt>{say('clustersBig')}</dt></div>
      <div className="fact"><dd className="fact-number number" data-none={clusters.online === 0}>{number(clusters.online)}</dd><dt>{say('onlineBig')}</dt></div>
      {people.known !== null && <div className="fact"><dd className="fact-number number">{number(people.known)}</dd><dt>{say('peopleBig')}</dt></div>}
    </dl>
  )
}

/** What will sound, to read and to hear. */
function Parts({ parts }: Pick<Alert, 'parts'>) {
  const sayLanguage = useWords(languageWords)
  const languageName = useLanguageNames()
  return parts.map(({ language, text, clipId }) => {
    const name = sayLanguage('spokenIn', { language: languageName(language) })
    return <div key={clipId} className="alert-part"><PlayButton url={clipAudioUrl(clipId)} name={name} />{text === null ? <span>{name}</span> : <blockquote lang={language}>{text}</blockquote>}</div>
  })
}

/** The group that a drawn area is kept as has no name to show. */
function useWhere({ targets, selection }: Alert): string {
  const sayTargets = useWords(targetWords)
  const groups = selection === null ? targets.groups : targets.groups.slice(0, -1)
  const names = useNamed({ ...targets, groups }).map(({ name }) => name)
  return [...names, ...(selection === null ? [] : [sayTargets('drawn')])].join(', ')
}
