import { RotateCcw, X } from 'lucide-react'
import { Button } from '../../kit/button.tsx'
import { Badge, Progress } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { dismiss, retry, useUploads, type QueuedUpload } from './upload-queue.ts'
import { words } from './words.ts'

/** What is being uploaded, and what became of it. */
export function UploadPanel() {
  const say = useWords(words)
  const uploads = useUploads()
  if (uploads.length === 0) return null
  return <section className="card stack tight" aria-label={say('uploads')}><h2>{say('uploads')}</h2><ul className="stack tight">{uploads.map((upload) => <UploadRow key={upload.key} upload={upload} />)}</ul></section>
}

function UploadRow({ upload: { key, name, sizeBytes, sentBytes, resumedBytes, state, failure } }: { readonly upload: QueuedUpload }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { bytes } = useFormats()
  return (
    <li className="library-upload">
      <div className="row tight">
        <span className="grow library-name">{name}</span>
        {state === 'done' && <Badge tone="good">{say('done')}</Badge>}
        {state === 'failed' && <><Badge tone="warn">{say('failed')}</Badge><Button icon aria-label={sayCommon('retry')} onPress={() => { retry(key) }}><RotateCcw size={18} aria-hidden /></Button></>}
        <Button look="plain" icon aria-label={say(state === 'done' || state === 'failed' ? 'dismiss' : 'giveUp', { name })} onPress={() => { dismiss(key) }}><X size={18} aria-hidden /></Button>
      </div>
      {state !== 'done' && state !== 'failed' && <Progress label={say('uploadOf', { name })} share={sizeBytes === 0 ? 0 : sentBytes / sizeBytes} />}
      {state === 'failed' ? <p className="field-error" role="alert">{failure}</p> : state !== 'done' && <p className="small quiet number">{say(state, { sent: bytes(sentBytes), size: bytes(sizeBytes) })}{resumedBytes > 0 && ` · ${say('resumed', { size: bytes(resumedBytes) })}`}</p>}
    </li>
  )
}
