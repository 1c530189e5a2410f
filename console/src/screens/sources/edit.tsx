import { Activity, AudioLines, Mic, Network, Phone, Radio, Repeat, Truck, Video } from 'lucide-react'
import { useState, type ComponentType } from 'react'
import { Button as AriaButton } from 'react-aria-components'
import { api } from '../../api/client.ts'
import { Loaded, Page } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { SourceForm } from './form.tsx'
import { SourcesHelp } from './help.tsx'
import type { Secret } from './secret-dialog.tsx'
import { KINDS, type SourceKind } from './sources.ts'
import { formWords } from './words-form.ts'
import { words } from './words.ts'

const ICONS: Readonly<Record<SourceKind, ComponentType<{ readonly size?: number; readonly 'aria-hidden'?: boolean }>>> = { whip: Mic, icecast: AudioLines, rtmp: Video, srt: Truck, rtp: Network, relay: Radio, standby: Repeat, phone: Phone, tone: Activity }

export function NewSource({ onSecret }: { readonly onSecret: (secret: Secret) => void }) {
  const say = useWords(formWords)
  const kindWords = useWords(words)
  const [kind, setKind] = useState<SourceKind | null>(null)
  return (
    <Page title={say('newTitle')} help={<SourcesHelp />}>
      {kind === null ? (
        <section className="stack tight">
          <h2>{say('chooseKind')}</h2>
          <div className="kind-choices">{KINDS.map((id) => {
            const Icon = ICONS[id]
            return <AriaButton key={id} className="kind-choice card" onPress={() => { setKind(id) }}><Icon size={24} aria-hidden /><span><strong>{kindWords(id)}</strong><br /><span className="small quiet">{say(`about_${id}`)}</span></span></AriaButton>
          })}</div>
        </section>
      ) : <SourceForm kind={kind} source={null} onSecret={onSecret} />}
    </Page>
  )
}

export function EditSource({ id, onSecret }: { readonly id: string; readonly onSecret: (secret: Secret) => void }) {
  const say = useWords(formWords)
  const source = api.useQuery('get', '/v1/sources/{id}', { params: { path: { id } } })
  return <Loaded query={source}>{(read) => <Page title={say('editTitle', { name: read.name })} help={<SourcesHelp />}><SourceForm kind={read.kind} source={read} onSecret={onSecret} /></Page>}</Loaded>
}
