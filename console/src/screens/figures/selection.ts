import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { houseDay } from '../../words/house-day.ts'
import { momentsOf, PERIODS, spanOf, type DaySpan, type Period } from './periods.ts'

/** What is shown, as it stands in the address: it can be kept, sent on, and gone back to. */
export interface Selection {
  readonly period: Period
  readonly span: DaySpan
  readonly moments: { readonly from: string; readonly to: string }
  readonly unitId: string | null
  readonly tab: string
  readonly by: string
  /** What is open: a figure of the breakdown. */
  readonly open: { readonly by: string; readonly key: string } | null
}

export type Change = Partial<Record<'period' | 'from' | 'to' | 'unit' | 'tab' | 'by' | 'openBy' | 'key', string | null>>

const DAY = /^\d{4}-\d{2}-\d{2}$/

export function useSelection(): readonly [Selection, (change: Change) => void, (change: Change) => string] {
  const [search, setSearch] = useSearchParams()
  const [today] = useState(() => houseDay(Date.now()))
  const period = PERIODS.find((one) => one === search.get('period')) ?? 'month'
  const [from, to] = [search.get('from') ?? '', search.get('to') ?? '']
  const span = DAY.test(from) && DAY.test(to) && from <= to ? { from, to } : spanOf('month', today)
  const [openBy, key] = [search.get('openBy'), search.get('key')]
  const changed = (before: URLSearchParams, change: Change): URLSearchParams => {
    const next = new URLSearchParams(before)
    for (const [name, value] of Object.entries(change)) if (value === null) next.delete(name); else next.set(name, value)
    return next
  }
  return [
    { period, span, moments: momentsOf(span), unitId: search.get('unit'), tab: search.get('tab') ?? 'minutes', by: search.get('by') ?? 'unit', open: openBy === null || key === null ? null : { by: openBy, key } },
    (change) => { setSearch((before) => changed(before, change), { replace: change.key === undefined }) },
    (change) => `/figures?${changed(search, change).toString()}`,
  ]
}
