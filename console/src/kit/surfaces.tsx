import { AlertTriangle, CheckCircle2, Info } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { Tab as AriaTab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components'
import { useLink } from '../api/events.ts'
import type { Reading } from '../api/pages.ts'
import { problemText } from '../api/problem-text.ts'
import { common } from '../words/common.ts'
import { useFormats } from '../words/formats.ts'
import { useWords } from '../words/use-words.ts'
import { Button } from './button.tsx'
import { HelpButton } from './help.tsx'
import { keepInSight } from './in-sight.ts'

export type Tone = 'good' | 'warn' | 'air' | 'off' | 'emergency' | 'exercise' | 'test' | 'accent'

/** A word with a colour and, because colour alone is not seen by everybody, with a word always. */
export const Badge = ({ tone = 'off', icon, children }: { readonly tone?: Tone; readonly icon?: ReactNode; readonly children: ReactNode }) => <span className={`badge ${tone}`}>{icon}{children}</span>

export function Notice({ tone = 'info', children, action }: { readonly tone?: 'info' | 'warn' | 'bad' | 'good'; readonly children: ReactNode; readonly action?: ReactNode }) {
  const Icon = tone === 'good' ? CheckCircle2 : tone === 'info' ? Info : AlertTriangle
  return <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}><Icon size={18} aria-hidden /><div className="grow">{children}</div>{action}</div>
}

/** Why something was not done, where it was pressed. @param props.text as `useDeed` and `useApiForm` give it; null: nothing */
export const Failure = ({ text }: { readonly text: string | null }) => (text === null ? null : <Notice tone="bad">{text}</Notice>)

/** A screen: its name, what can be done on all of it, its help. `full` uses the whole width. */
export function Page({ title, actions, help, full = false, children }: { readonly title: string; readonly actions?: ReactNode; /** Plain words for who has never seen the screen. */ readonly help: ReactNode; readonly full?: boolean; readonly children: ReactNode }) {
  return (
    <div className={full ? 'page full' : 'page'}>
      <div className="page-head"><h1>{title}</h1><div className="no-print"><HelpButton title={title}>{help}</HelpButton></div><div className="page-acts no-print">{actions}</div></div>
      {children}
    </div>
  )
}

export const Empty = ({ icon, children }: { readonly icon?: ReactNode; readonly children?: ReactNode }) => {
  const say = useWords(common)
  return <div className="empty">{icon}{children ?? say('nothing')}</div>
}

/** What stands in the place of something that is read: waiting, why it failed with a way out, or the thing. What was read stays shown while it is read again; when that fails, with the word that it is old. */
export function Loaded<T>({ query, children }: { readonly query: Reading<T>; readonly children: (data: T) => ReactNode }) {
  if (query.data === undefined) return <NotYet query={query} />
  return <><Old readings={[query]} />{children(query.data)}</>
}

/** In the place of what has never been read: waiting, or why it failed. */
function NotYet({ query }: { readonly query: Reading<unknown> }) {
  const say = useWords(common)
  if (query.error !== null && query.error !== undefined) return <Notice tone="bad" action={<Button onPress={() => { query.refetch() }}>{say('retry')}</Button>}>{problemText(query.error)}</Notice>
  return <Waiting>{query.failureReason === null || query.failureReason === undefined ? undefined : say('stillTrying')}</Waiting>
}

/** Over what is shown though it could not be read again: from when it is. Gone as soon as it is read. When the link to the server is lost, the shell says so of everything. */
export function Old({ readings }: { readonly readings: readonly Reading<unknown>[] }) {
  const say = useWords(common)
  const { dayTime } = useFormats()
  const isLost = useLink().state === 'lost'
  const old = readings.filter(({ data, error }) => data !== undefined && error !== null && error !== undefined)
  const [first] = old
  return (
    <div className="old" role="status">
      {first !== undefined && !isLost && <p className="notice warn"><AlertTriangle size={18} aria-hidden /><span className="grow">{say('old', { time: dayTime(Math.min(...old.map(({ dataUpdatedAt }) => dataUpdatedAt))) })} {problemText(first.error)}</span><Button onPress={() => { for (const { refetch } of old) refetch() }}>{say('retry')}</Button></p>}
    </div>
  )
}

export const Waiting = ({ children }: { readonly children?: ReactNode }) => {
  const say = useWords(common)
  return <div className="empty" role="status"><div className="spinner" aria-hidden />{children ?? <span className="visually-hidden">{say('loading')}</span>}</div>
}

export const Progress = ({ label, share }: { readonly label: string; /** 0–1 */ readonly share: number }) => <div className="progress" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}><div style={{ width: `${String(Math.min(1, share) * 100)}%` }} /></div>

export interface TabItem { readonly id: string; readonly label: ReactNode; readonly content: ReactNode }
/** @param props.label names the whole for screen readers */
export function Tabs({ label, items, selected, onSelect }: { readonly label: string; readonly items: readonly TabItem[]; readonly selected: string; readonly onSelect: (id: string) => void }) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => keepInSight(list.current, '[aria-selected="true"]'), [selected])
  return (
    <AriaTabs className="tabs" selectedKey={selected} onSelectionChange={(key) => { onSelect(String(key)) }}>
      <TabList ref={list} aria-label={label} className="tab-list no-print">{items.map(({ id, label: title }) => <AriaTab key={id} id={id} className="tab">{title}</AriaTab>)}</TabList>
      {items.map(({ id, content }) => <TabPanel key={id} id={id}>{content}</TabPanel>)}
    </AriaTabs>
  )
}
