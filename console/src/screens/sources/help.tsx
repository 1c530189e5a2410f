import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

export function SourcesHelp() {
  const say = useWords(words)
  return <><p>{say('help')}</p><p>{say('helpListen')}</p><p>{say('helpNew')}</p></>
}
