import type { ReactNode } from 'react'
import { Empty } from './surfaces.tsx'

export interface Column<Row> {
  readonly id: string
  readonly title: ReactNode
  readonly cell: (row: Row) => ReactNode
  readonly isNumber?: boolean
}

/** Rows of one kind with their headings; the first column names the row. Of more than some hundred rows show pages. */
export function DataTable<Row>({ label, rows, columns, keyOf, empty, openKey }: { readonly label: string; readonly rows: readonly Row[]; readonly columns: readonly Column<Row>[]; readonly keyOf: (row: Row) => string; readonly empty?: ReactNode; /** The row that is open beside it. */ readonly openKey?: string | null }) {
  if (rows.length === 0) return <Empty>{empty}</Empty>
  return (
    <div className="table-wrap" role="region" aria-label={label} tabIndex={0}>
      <table className="table">
        <caption className="visually-hidden">{label}</caption>
        <thead><tr>{columns.map(({ id, title, isNumber }) => <th key={id} scope="col" className={isNumber === true ? 'number' : undefined}>{title}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => {
            const key = keyOf(row)
            return <tr key={key} data-open={key === openKey ? '' : undefined}>{columns.map(({ id, cell, isNumber }) => <td key={id} className={isNumber === true ? 'number' : undefined}>{cell(row)}</td>)}</tr>
          })}
        </tbody>
      </table>
    </div>
  )
}
