import { Download, FileSpreadsheet, Plus, QrCode, SlidersHorizontal } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { Dialog, DialogTrigger, Popover } from 'react-aria-components'
import { useLocation, useSearch } from 'wouter'
import { useRights, useUnits } from '../../api/me.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { SearchField, Select } from '../../kit/fields.tsx'
import { Empty, Loaded } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { ClusterTable } from './cluster-table.tsx'
import { CONDITIONS, countStates, exportQuery, filterOf, filterRows, queryOf, tagsOf, TECHNOLOGIES, WORKING_STATES, type ClusterFilter, type Row } from './cluster-filter.ts'
import { CommandDialog } from './command-dialog.tsx'
import { ListPage } from './list-page.tsx'
import { useRegistry } from './registry-data.ts'
import { RunningCommands } from './running-commands.tsx'
import { words } from './words.ts'

/** All clusters, found and filtered in the page itself: a key pressed is answered at once, and nothing is asked of the server for it. */
export function RegisterPage() {
  const say = useWords(words)
  const rights = useRights()
  const registry = useRegistry()
  const query = useSearch()
  const [, navigate] = useLocation()
  const [search, setSearch] = useState('')
  const filter = useMemo((): ClusterFilter => ({ ...filterOf(new URLSearchParams(query)), search }), [query, search])
  const change = (part: Partial<ClusterFilter>): void => {
    if (part.search !== undefined) setSearch(part.search)
    navigate(`/clusters?${queryOf({ ...filter, ...part })}`, { replace: true })
  }
  const actions = (
    <div className="cluster-actions">
      {rights.at('manage', null) && <ButtonLink href="/clusters/import"><FileSpreadsheet size={18} aria-hidden />{say('import')}</ButtonLink>}
      {rights.somewhere('manage') && <ButtonLink href="/clusters/new" look="primary"><Plus size={18} aria-hidden />{say('add')}</ButtonLink>}
      {rights.somewhere('maintain') && <ButtonLink href="/clusters/codes"><QrCode size={18} aria-hidden />{say('codes')}</ButtonLink>}
      <ExportButton filter={filter} />
    </div>
  )
  return (
    <ListPage actions={actions} help={<><p>{say('help')}</p><p>{say('help2')}</p></>}>
      <Loaded query={registry}>{(rows) => <Register rows={rows} isComplete={registry.isComplete} filter={filter} onChange={change} />}</Loaded>
    </ListPage>
  )
}

function Register({ rows, isComplete, filter, onChange }: { readonly rows: readonly Row[]; readonly isComplete: boolean; readonly filter: ClusterFilter; readonly onChange: (part: Partial<ClusterFilter>) => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { number } = useFormats()
  const rights = useRights()
  const { units } = useUnits()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [isCommanding, setIsCommanding] = useState(false)
  const [isMore, setIsMore] = useState(false)
  // What is typed is shown at once, the list as soon as there is time.
  const looked = useDeferredValue(filter)
  const within = useMemo(() => (looked.unit === null ? null : units.below(looked.unit)), [units, looked.unit])
  const shown = useMemo(() => filterRows(rows, looked, within), [rows, looked, within])
  const counts = useMemo(() => countStates(filterRows(rows, looked, within, 'state')), [rows, looked, within])
  const tags = useMemo(() => tagsOf(rows).slice(0, 200), [rows])
  const names = useMemo(() => new Map(rows.map(({ cluster: { id, name } }) => [id, name])), [rows])
  const isFiltered = shown.length !== rows.length
  const mayCommand = rights.somewhere('command')
  const chosen = useMemo(() => rows.filter(({ cluster: { id, unitId } }) => selected.has(id) && rights.at('command', unitId)).map(({ cluster: { id, name } }) => ({ id, name })), [rows, selected, rights])
  if (rows.length === 0 && isComplete) return <Empty>{say('noClusters')}</Empty>
  return (
    <>
      <div className="cluster-filters no-print">
        <SearchField label={say('searchHint')} value={filter.search} onChange={(search) => { onChange({ search }) }} />
        <UnitPicker label={sayCommon('unit')} value={filter.unit} nullLabel={say('allUnits')} onChange={(unit) => { onChange({ unit }) }} />
        <Button aria-expanded={isMore} onPress={() => { setIsMore(!isMore) }}><SlidersHorizontal size={18} aria-hidden />{say('filters')}</Button>
        {isMore && (
          <div className="columns cluster-more">
            <Select label={say('technology')} value={filter.technology ?? 'any'} choices={[{ id: 'any', label: say('anyTechnology') }, ...TECHNOLOGIES.map((id) => ({ id, label: say(id) })), { id: 'none', label: say('unknownTechnology') }]} onChange={(technology) => { onChange({ technology: technology === 'any' ? null : technology }) }} />
            <Select label={say('condition')} value={filter.condition ?? 'any'} choices={[{ id: 'any', label: say('anyCondition') }, ...CONDITIONS.map((id) => ({ id, label: say(id) }))]} onChange={(condition) => { onChange({ condition: condition === 'any' ? null : condition }) }} />
            <Select label={say('tag')} value={filter.tag === null ? '' : `#${filter.tag}`} choices={[{ id: '', label: say('anyTag') }, ...tags.map((tag) => ({ id: `#${tag}`, label: tag }))]} onChange={(tag) => { onChange({ tag: tag === '' ? null : tag.slice(1) }) }} />
          </div>
        )}
      </div>
      <div className="cluster-chips no-print" role="group" aria-label={say('working')}>
        <button type="button" className="cluster-chip" aria-pressed={filter.state === null} onClick={() => { onChange({ state: null }) }}>{say('allStates')}</button>
        {WORKING_STATES.filter((state) => (counts.get(state) ?? 0) > 0 || filter.state === state).map((state) => <button key={state} type="button" className="cluster-chip" aria-pressed={filter.state === state} onClick={() => { onChange({ state: filter.state === state ? null : state }) }}>{say(state)} <b className="number">{number(counts.get(state) ?? 0)}</b></button>)}
      </div>
      <div className="row tight cluster-counts">
        <span role="status">{isFiltered ? say('of', { shown: number(shown.length), all: number(rows.length) }) : say('count', { count: rows.length })}{isComplete ? '' : ` · ${say('reading')}`}</span>
        {isFiltered && <Button look="plain" onPress={() => { onChange({ search: '', unit: null, state: null, condition: null, technology: null, tag: null }) }}>{say('clear')}</Button>}
        {chosen.length > 0 && <><span className="grow" /><span>{say('selected', { count: chosen.length })}</span><Button look="plain" onPress={() => { setSelected(new Set()) }}>{say('unselect')}</Button><Button look="primary" onPress={() => { setIsCommanding(true) }}>{say('control')}</Button></>}
      </div>
      {mayCommand && <RunningCommands names={names} />}
      {shown.length === 0 && isComplete ? <Empty>{sayCommon('noMatch')}</Empty> : <ClusterTable rows={shown} selected={mayCommand ? selected : null} onSelect={setSelected} />}
      {isCommanding && <CommandDialog clusters={chosen} onClose={() => { setIsCommanding(false) }} />}
    </>
  )
}

function ExportButton({ filter }: { readonly filter: ClusterFilter }) {
  const say = useWords(words)
  const language = useLanguage()
  return (
    <DialogTrigger>
      <Button><Download size={18} aria-hidden />{say('export')}</Button>
      <Popover className="popover" placement="bottom end">
        <Dialog aria-label={say('export')} className="stack tight cluster-export">
          {(['xlsx', 'csv'] as const).map((format) => <a key={format} className="button normal" href={`/v1/clusters/export?${exportQuery(filter, format, language)}`} download>{say(format)}</a>)}
          <p className="small quiet">{say('exportHint')}</p>
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}
