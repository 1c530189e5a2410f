import { Download } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { Button } from '../../kit/button.tsx'
import { SearchField, Select } from '../../kit/fields.tsx'
import { Badge, Empty } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { useFieldName } from './cluster-edit.tsx'
import { errorColumns, errorSheet, filterChanges, filterErrors, type ImportReport } from './import-report.ts'
import { importWords } from './import-words.ts'

/** So many rows at a time: nobody reads more, and old computers draw no more. */
const STEP = 200
const MOST_ERRORS = 5000

/** The mistakes of a sheet, or what it would change when it has none: to be searched, and taken along as a file. */
export function ImportReportView({ report }: { readonly report: ImportReport }) {
  return report.errors.length > 0 ? <Errors errors={report.errors} /> : report.changes.length > 0 ? <Changes changes={report.changes} /> : null
}

function Errors({ errors }: Pick<ImportReport, 'errors'>) {
  const say = useWords(importWords)
  const fieldName = useFieldName()
  const [column, setColumn] = useState<string | null>(null)
  const [search, setSearch] = useState('')
  const [most, setMost] = useState(STEP)
  const asked = useDeferredValue(search)
  const nameOf = (name: string | null): string => (name === null || name === '' ? say('wholeRow') : fieldName(name))
  const columns = useMemo(() => errorColumns(errors), [errors])
  const found = useMemo(() => filterErrors(errors, column, asked), [errors, column, asked])
  const save = (): void => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([errorSheet(errors, say('columnsInReport'), nameOf)], { type: 'text/csv' }))
    link.download = 'bao-cao-loi.csv'
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <section className="card stack">
      <div className="row"><h2 className="grow">{say('errors', { count: errors.length })}</h2><Button onPress={save}><Download size={18} aria-hidden />{say('report')}</Button></div>
      {errors.length >= MOST_ERRORS && <p className="small quiet">{say('mostErrors')}</p>}
      <div className="columns">
        <Select label={say('column')} value={column === null ? 'all' : `#${column}`} choices={[{ id: 'all', label: say('allColumns', { count: errors.length }) }, ...columns.map((each) => ({ id: `#${each.column}`, label: say('columnCount', { column: nameOf(each.column), count: each.count }) }))]} onChange={(id) => { setColumn(id === 'all' ? null : id.slice(1)) }} />
        <div className="field"><span className="field-label">{say('find')}</span><SearchField label={say('find')} value={search} onChange={setSearch} /></div>
      </div>
      <div className="table-wrap report-list" tabIndex={0}><table className="table">
        <thead><tr><th className="number">{say('line')}</th><th>{say('column')}</th><th>{say('what')}</th></tr></thead>
        <tbody>{found.slice(0, most).map(({ line, column: own, message }, index) => <tr key={index}><td className="number">{line}</td><td>{nameOf(own)}</td><td>{message}</td></tr>)}</tbody>
      </table></div>
      <Foot shown={Math.min(most, found.length)} all={found.length} onMore={() => { setMost(most + STEP) }} />
    </section>
  )
}

function Changes({ changes }: Pick<ImportReport, 'changes'>) {
  const say = useWords(importWords)
  const fieldName = useFieldName()
  const [search, setSearch] = useState('')
  const [most, setMost] = useState(STEP)
  const found = useMemo(() => filterChanges(changes, search), [changes, search])
  return (
    <section className="card stack">
      <h2>{say('changes', { count: changes.length })}</h2>
      <SearchField label={say('find')} value={search} onChange={setSearch} />
      <div className="table-wrap report-list" tabIndex={0}><table className="table">
        <thead><tr><th className="number">{say('line')}</th><th>{say('cluster')}</th><th>{say('change')}</th></tr></thead>
        <tbody>{found.slice(0, most).map(({ line, code, name, clusterId, cells }) => (
          <tr key={line}><td className="number">{line}</td><td>{name}<br /><span className="small quiet">{code}</span></td>
            <td>{clusterId === null ? <Badge tone="good">{say('isNew')}</Badge> : <ul>{cells.map(({ column, before, after }) => <li key={column}>{fieldName(column)}: <del className="quiet">{before}</del> → <b>{after === '' ? '—' : after}</b></li>)}</ul>}</td></tr>
        ))}</tbody>
      </table></div>
      <Foot shown={Math.min(most, found.length)} all={found.length} onMore={() => { setMost(most + STEP) }} />
    </section>
  )
}

function Foot({ shown, all, onMore }: { readonly shown: number; readonly all: number; readonly onMore: () => void }) {
  const say = useWords(importWords)
  const sayCommon = useWords(common)
  if (all === 0) return <Empty>{sayCommon('noMatch')}</Empty>
  return <div className="row"><span className="small quiet" role="status">{say('shown', { shown, all })}</span>{shown < all && <Button onPress={onMore}>{sayCommon('more')}</Button>}</div>
}
