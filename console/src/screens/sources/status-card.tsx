import { LevelMeter } from '../../parts/listen/level-meter.tsx'
import { ListenButton } from '../../parts/listen/listen-button.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { type Source } from './sources.ts'
import { CauseText } from './cause-text.tsx'
import { StateBadge } from './state-badge.tsx'
import { words } from './words.ts'

export function StatusCard({ source }: { readonly source: Source }) {
  const say = useWords(words)
  const formats = useFormats()
  const { status, name, id } = source
  const decibels = (value: number | null): string => (value === null ? '–' : say('decibels', { value: formats.number(value, 0) }))
  return (
    <section className="card stack" aria-label={say('statusTitle')}>
      <div className="row"><h2 className="grow">{say('statusTitle')}</h2><StateBadge status={status} /></div>
      <div className="row"><LevelMeter dbfs={status === null || status.state === 'idle' ? null : (status.rmsDbfs ?? -60)} label={say('level', { name })} /><ListenButton hears={{ source: id }} label={name} /></div>
      {status === null || status.state === 'idle' ? <p className="small quiet">{say('idleHint')}</p> : (
        <dl className="source-facts">
          <div><dt>{say('loudness')}</dt><dd className="number">{decibels(status.rmsDbfs)}</dd></div>
          <div><dt>{say('peak')}</dt><dd className="number">{decibels(status.peakDbfs)}</dd></div>
          {status.clippedPercent > 0 && <div><dt>{say('clipped')}</dt><dd className="number">{formats.percent(status.clippedPercent / 100)}</dd></div>}
          {status.receivedBytes !== null && <div><dt>{say('received')}</dt><dd className="number">{formats.bytes(status.receivedBytes)}</dd></div>}
        </dl>
      )}
      {status?.urlIndex !== null && status?.urlIndex !== undefined && source.kind === 'relay' && <p>{say('urlInUse', { number: status.urlIndex + 1 })}</p>}
      {status !== null && status.title !== '' && <p>{status.title}</p>}
      {status?.cause != null && <p><CauseText cause={status.cause} /></p>}
      {source.kind === 'relay' && <><h3>{say('addresses')}</h3><ol className="stack tight urls">{source.urls.map((url, index) => <li key={url} data-used={status?.urlIndex === index || undefined}><code>{url}</code></li>)}</ol></>}
    </section>
  )
}
