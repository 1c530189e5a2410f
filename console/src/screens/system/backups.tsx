import { Download, HardDriveDownload } from 'lucide-react'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useMe } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { TextField } from '../../kit/fields.tsx'
import { Failure, Loaded, Notice } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const BACKUPS: ReadonlySet<string> = new Set(['/v1/backups', '/v1/server-health'])
/** It is measured each half minute. */
const HEALTH_AGAIN_MS = 15_000
const OLD_MS = 7 * 86_400_000

/** When, where and how the last backup was made, one to be fetched now, the command that should run every day, and the way back. */
export function Backups() {
  const say = useWords(words)
  const { day, time, number } = useFormats()
  const [asks, setAsks] = useState(false)
  const [nowMs] = useState(() => Date.now())
  const health = api.useQuery('get', '/v1/server-health', {}, { refetchInterval: HEALTH_AGAIN_MS })
  const job = api.useQuery('get', '/v1/backups', {}, { refetchInterval: ({ state }) => (state.data?.current?.state === 'running' ? 1000 : false) })
  const ageText = (ms: number): string => say('ago', { value: ms < 2 * 86_400_000 ? say('hours', { count: number(ms / 3_600_000) }) : say('dayCount', { count: number(ms / 86_400_000) }) })
  return (
    <>
      <Loaded query={health}>{({ backup }) => {
        const last = backup?.lastAt ?? null
        const since = last ?? backup?.dataSince
        const ageMs = since === undefined ? 0 : nowMs - Date.parse(since)
        return (
          <Notice tone={ageMs > OLD_MS ? 'warn' : 'info'}>
            <dl className="system-facts">
              <dt>{say('lastBackup')}</dt><dd>{last === null ? say('never') : `${day(last)} ${time(last)} (${ageText(ageMs)})`}</dd>
              {last !== null && <><dt>{say('backupWhere')}</dt><dd>{backup?.lastFile ?? say('backupFetched')}</dd><dt>{say('backupChecked')}</dt><dd>{say('backupCheckedText')}</dd></>}
            </dl>
            {ageMs > OLD_MS && <p>{say('backupOld')}</p>}
          </Notice>
        )
      }}</Loaded>
      <section className="card stack">
        <p>{say('backupText')}</p>
        <Loaded query={job}>{({ current }) => (current === null ? null : <Job job={current} />)}</Loaded>
        <div className="row"><Button look="primary" onPress={() => { setAsks(true) }} isDisabled={job.data?.current?.state === 'running'}><HardDriveDownload size={18} aria-hidden />{say('backupNow')}</Button></div>
      </section>
      <section className="card stack tight">
        <h2>{say('dailyTitle')}</h2><p>{say('byCommand')}</p><pre className="system-code" tabIndex={0}>npm run loa -- backup /mnt/sao-luu/loa-$(date +%F).tar</pre>
      </section>
      <section className="card stack tight">
        <h2>{say('restoreTitle')}</h2>
        <ol className="system-steps">{(['restore1', 'restore2', 'restore3', 'restore4'] as const).map((step) => <li key={step}>{say(step)}</li>)}</ol>
        <pre className="system-code" tabIndex={0}>npm run loa -- restore /mnt/sao-luu/loa-2026-06-18.tar</pre>
      </section>
      {asks && <AskDialog onClose={() => { setAsks(false) }} />}
    </>
  )
}

function Job({ job: { id, by, state, bytes, expiresAt, problem } }: { readonly job: Schemas['Backup'] }) {
  const say = useWords(words)
  const { data: me } = useMe()
  const { time, bytes: bytesText } = useFormats()
  if (state === 'running') return <Notice>{say('backupRunning')}</Notice>
  if (state === 'failed') return <Notice tone="bad">{problem}</Notice>
  if (by !== me?.id) return <Notice>{say('backupOthers')}</Notice>
  return <Notice tone="good" action={<a className="button primary" download href={`/v1/backups/${encodeURIComponent(id)}/file`}><Download size={18} aria-hidden />{say('download')}</a>}>{say('backupReady', { size: bytesText(bytes ?? 0), time: expiresAt === null ? '' : time(expiresAt) })}</Notice>
}

function AskDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const making = useDeed({ reads: BACKUPS, onDone: onClose, form: [password, code] })
  const make = (): void => { void making.run(async () => done(await loa.POST('/v1/backups', { body: { password, ...(code.trim() === '' ? {} : { code: code.trim() }) } }))) }
  return (
    <Dialog title={say('backupNow')} isOpen onClose={onClose} foot={<><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button look="primary" onPress={make} isDisabled={making.isBusy || password === ''}>{say('backupNow')}</Button></>}>
      <p>{say('backupText')}</p>
      <TextField label={say('password')} type="password" value={password} onChange={setPassword} autoComplete="current-password" autoFocus />
      <TextField label={say('code')} value={code} onChange={setCode} autoComplete="one-time-code" inputMode="numeric" />
      <Failure text={making.failure} />
    </Dialog>
  )
}
