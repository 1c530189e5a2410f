import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { isIngest, type Source } from './sources.ts'
import { formWords } from './words-form.ts'
import { words } from './words.ts'

/** How the source was set, in words. */
export function SettingsCard({ source, nameOf }: { readonly source: Source; readonly nameOf: (id: string) => string }) {
  const say = useWords(formWords)
  const title = useWords(words)('settingsTitle')
  const { number } = useFormats()
  const facts: (readonly [string, string])[] = [
    [say('fallback'), source.fallbackSourceId === null ? say('noFallback') : nameOf(source.fallbackSourceId)],
    [say('levelling'), say(`levelling_${source.levelling}`)],
    [say('watch'), say(`watch_${source.watch}`)],
    [say('silence'), source.silenceTimeoutMs === null ? say('silenceDefault') : number(source.silenceTimeoutMs / 1000)],
  ]
  if (isIngest(source)) {
    facts.push([say('takeover'), say(`takeover_${source.takeover}`)], [say('acceptsFrom'), say(`accepts_${source.acceptsFrom}`)])
    if (source.acceptsFrom === 'window') facts.push([say('lead'), number(source.leadTimeMs / 60_000)], [say('tail'), number(source.tailMs / 1000)])
  }
  if (source.kind === 'tone') facts.unshift([say('frequency'), number(source.frequencyHz)], [say('toneLevel'), number(source.levelDbfs)])
  if (source.kind === 'rtp') facts.unshift([say('group'), source.stream.group ?? '–'], [say('port'), String(source.stream.port)], [say('codec'), source.stream.codec], [say('senders'), source.senders.join(', ')])
  if (source.kind === 'standby') facts.unshift([say('returns'), say(`return_${source.return}`)], [say('returnAfter'), number(source.returnAfterMs / 1000)])
  return (
    <section className="card stack tight">
      <h2>{title}</h2>
      <dl className="source-facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </section>
  )
}
