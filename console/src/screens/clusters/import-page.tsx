import { useMutation } from '@tanstack/react-query'
import { ArrowLeft, Download, Upload } from 'lucide-react'
import { useRef, useState } from 'react'
import { done, LoaProblem } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { problemText } from '../../api/problem-text.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Notice, Page, Waiting } from '../../kit/surfaces.tsx'
import { useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { ImportReportView } from './import-report-view.tsx'
import type { ImportReport } from './import-report.ts'
import { importWords } from './import-words.ts'
import { registerChanged } from './registry-data.ts'
import { words } from './words.ts'

interface Looked {
  readonly report: ImportReport
  /** It is taken over only while it would still do what the report says. */
  readonly tag: string | null
}

async function send(file: File, dryRun: boolean, tag: string | null): Promise<Looked> {
  const form = new FormData()
  form.append('file', file, file.name)
  const answer = await loa.POST('/v1/clusters/import', { params: { query: { dryRun }, ...(tag === null ? {} : { header: { 'if-match': tag } }) }, body: { file: '' }, bodySerializer: () => form })
  return { report: done(answer), tag: answer.response.headers.get('ETag') }
}

/** A spreadsheet of clusters: looked at, mended as often as needed, and only then taken over. */
export default function ImportPage() {
  const say = useWords(importWords)
  const sayList = useWords(words)
  const language = useLanguage()
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File | null>(null)
  const [hasChanged, setHasChanged] = useState(false)
  const look = useMutation({ mutationFn: (chosen: File) => send(chosen, true, null) })
  const apply = useMutation({
    mutationFn: ({ chosen, tag }: { readonly chosen: File; readonly tag: string | null }) => send(chosen, false, tag),
    onSuccess: registerChanged,
    onError: (error, { chosen }) => {
      if (!(error instanceof LoaProblem) || error.status !== 412) return
      setHasChanged(true)
      apply.reset()
      look.mutate(chosen)
    },
  })
  const choose = (chosen: File): void => {
    setFile(chosen)
    setHasChanged(false)
    apply.reset()
    look.mutate(chosen)
  }
  const report = look.data?.report
  const writes = report === undefined ? 0 : report.created + report.updated
  return (
    <Page title={say('title')} help={<p>{say('help')}</p>} actions={<ButtonLink href="/clusters" look="plain"><ArrowLeft size={18} aria-hidden />{sayList('toRegister')}</ButtonLink>}>
      <section className="card stack">
        <p>{say('help')}</p>
        <input ref={input} type="file" hidden accept=".xlsx,.csv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" onChange={({ target }) => { const [chosen] = target.files ?? []; if (chosen !== undefined) choose(chosen); target.value = '' }} />
        <div className="row"><Button look={file === null ? 'primary' : 'normal'} large isDisabled={look.isPending || apply.isPending} onPress={() => { input.current?.click() }}><Upload size={20} aria-hidden />{file === null ? say('choose') : say('again')}</Button><a className="button plain" href={`/v1/clusters/export?format=xlsx&lang=${language}`} download><Download size={18} aria-hidden />{say('sample')}</a>{file !== null && <span className="quiet">{say('file', { name: file.name })}</span>}</div>
      </section>
      {look.isPending && <><Waiting /><p className="quiet">{say('checking')}</p></>}
      {look.error !== null && <Notice tone="bad">{problemText(look.error)}</Notice>}
      {apply.error !== null && <Notice tone="bad">{problemText(apply.error)}</Notice>}
      {apply.data !== undefined ? <Notice tone="good" action={<ButtonLink href="/clusters" look="primary">{say('toRegister')}</ButtonLink>}>{say('applied', { created: apply.data.report.created, updated: apply.data.report.updated })}</Notice> : report !== undefined && !look.isPending && (
        <>
          {hasChanged && <Notice tone="warn">{say('changed')}</Notice>}
          <Verdict report={report} />
          {report.errors.length === 0 && writes > 0 && file !== null && <div><Button look="primary" large isDisabled={apply.isPending} onPress={() => { apply.mutate({ chosen: file, tag: look.data?.tag ?? null }) }}>{say('apply', { count: writes })}</Button></div>}
          <ImportReportView report={report} />
        </>
      )}
    </Page>
  )
}

function Verdict({ report: { rows, created, updated, unchanged, badRows, errors } }: { readonly report: ImportReport }) {
  const say = useWords(importWords)
  const sums = [['rows', rows], ['created', created], ['updated', updated], ['unchanged', unchanged], ['bad', badRows]] as const
  return (
    <>
      <div className="report-sums">{sums.map(([word, count]) => <div key={word} className="card"><b className="number" data-sum={word}>{count}</b>{say(word)}</div>)}</div>
      {errors.length > 0 ? <Notice tone="warn">{say('hasErrors', { count: errors.length, rows: Math.max(badRows, 1) })}</Notice> : <Notice tone="good">{created + updated === 0 ? say('nothing') : say('good')}</Notice>}
    </>
  )
}
