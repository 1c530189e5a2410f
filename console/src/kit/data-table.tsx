import type { ReactNode } from 'react'
import { Empty } from './surfaces.tsx'

export interface Column<Row> {
  readonly id: string
  readonly title: ReactNode
  readonly cell: (row: Row) => ReactNode
  readonly isNumber?: boolean
}

/**
 * Rows of one kind with their headings; the first column names the row. Of more than some hundred rows show pages. On a narrow window each row is a card, with
 * the headings before its values; the roles are said because what is no table to look at would else be none to a screen reader.
 */
export function DataTable<Row>({ label, rows, columns, keyOf, empty, openKey }: { readonly label: string; readonly rows: readonly Row[]; readonly columns: readonly Column<Row>[]; readonly keyOf: (row: Row) => string; readonly empty?: ReactNode; /** The row that is open beside it. */ readonly openKey?: string | null }) {
  if (rows.length === 0) return <Empty>{empty}</Empty>
  return (
    <div className="table-wrap" role="region" aria-label={label} tabIndex={0}>
      <table className="table cards" role="table">
        <caption className="visually-hidden">{label}</caption>
        <thead role="rowgroup"><tr role="row">{columns.map(({ id, title, isNumber }) => <th key={id} scope="col" role="columnheader" className={isNumber === true ? 'number' : undefined}>{title}</th>)}</tr></thead>
        <tbody role="rowgroup">
          {rows.map((row) => {
            const key = keyOf(row)
            return <tr key={key} role="row" data-open={key === openKey ? '' : undefined}>{columns.map(({ id, title, cell, isNumber }) => <td key={id} role="cell" className={isNumber === true ? 'number' : undefined} data-label={typeof title === 'string' ? title : undefined}><div>{cell(row)}</div></td>)}</tr>
          })}
        </tbody>
      </table>
    </div>
  )
}
