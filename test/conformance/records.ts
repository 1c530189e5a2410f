import type { Test } from 'tap'
import { NO_EQUIPMENT, StoreError, type ClusterRecord, type OrderRecord } from '../../control/ports.ts'

/** What the suites of the store are told with. */
export const NOW_MS = 1_780_000_000_000

export const cluster = (id: string, unitId: string, more: Partial<ClusterRecord> = {}): ClusterRecord => ({ id, unitId, code: `code-${id}`, name: `Cụm ${id}`, tags: [], position: null, enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: `hash-${id}`, keyChangedAtMs: NOW_MS, createdAtMs: NOW_MS, ...more })

export const unit = (id: string, parentId: string | null = null) => ({ id, code: `code-${id}`, name: `Đơn vị ${id}`, parentId, presentationDelayMs: null, createdAtMs: NOW_MS })

export const ids = (page: { readonly items: readonly { readonly id: string }[] }): string[] => page.items.map(({ id }) => id)
export const FIRST = { after: null, limit: 100 }

export const throwsStoreError = (t: Test, work: () => unknown, code: string, field?: string): void => {
  try {
    work()
    t.fail(`nothing was thrown instead of ${code}`)
  } catch (error) {
    t.ok(error instanceof StoreError, 'a StoreError')
    t.equal((error as StoreError).code, code)
    if (field !== undefined) t.equal((error as StoreError).field, field)
  }
}

/** An order as it is given. */
export const newOrder = (id: string, more: Partial<OrderRecord> = {}) => ({
  id,
  class: 'normal' as const,
  title: 'Bản tin',
  sourceId: 's1',
  clipIds: null,
  targets: { units: [], clusters: [], tags: [] },
  startsAtMs: NOW_MS,
  endsAtMs: NOW_MS + 60_000,
  rank: 0,
  resume: 'continue' as const,
  issuerUnitId: 'u1',
  field: null,
  attentionTone: true,
  createdAtMs: NOW_MS,
  createdBy: 't1',
  ...more,
})
