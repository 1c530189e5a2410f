import { Notice } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { CopyField } from './copy-field.tsx'
import { encoderFields, hasKey, type Source } from './sources.ts'
import { useStreamPlace } from './use-sources.ts'
import { words } from './words.ts'

/** Where encoders send to, without the key, which nobody can be told again. */
export function SendingCard({ source }: { readonly source: Source }) {
  const say = useWords(words)
  const place = useStreamPlace()
  if (!hasKey(source.kind)) return null
  return (
    <section className="card stack tight">
      <h2>{say('sendTitle')}</h2>
      <p className="small quiet">{say('sendText')} {say('programs', { names: say(`programs_${source.kind}`) })}</p>
      {encoderFields(source, place, null).map(({ word, value }) => <CopyField key={word} label={say(word)} value={value} />)}
      {source.kind === 'rtmp' && place.rtmpPort === null && <Notice tone="warn">{say('rtmpOff')}</Notice>}
      <p className="small quiet">{say('sendKeyHint')}{source.kind === 'rtmp' && ` ${say('rtmpHint')}`}</p>
    </section>
  )
}
