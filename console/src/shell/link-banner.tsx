import { useLink } from '../api/events.ts'
import { useFormats } from '../words/formats.ts'
import { useWords } from '../words/use-words.ts'
import { words } from './words.ts'

/** Says plainly that what is shown is old. */
export function LinkBanner() {
  const link = useLink()
  const say = useWords(words)
  const { seconds } = useFormats()
  return <div role="alert">{link.state === 'lost' && <p className="shell-lost">{say('linkLost', { time: seconds(link.sinceMs) })}</p>}</div>
}
