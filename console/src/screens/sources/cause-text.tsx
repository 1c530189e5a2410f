import type { Schemas } from '../../../../control/client/index.ts'
import { useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

/** Why there is no sound, or none from the first address; what a program or the network said of it stands small behind it, as it was said. */
export function CauseText({ cause: { title, titleVi, detail, urlIndex } }: { readonly cause: Schemas['SourceCause'] }) {
  const say = useWords(words)
  const text = useLanguage() === 'vi' ? titleVi : `${title.charAt(0).toUpperCase()}${title.slice(1)}`
  return <>{urlIndex === null ? text : say('atUrl', { number: urlIndex + 1, text })}{detail !== '' && <> <span className="small quiet">({detail})</span></>}</>
}
