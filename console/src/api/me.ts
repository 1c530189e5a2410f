import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { everyItem, type Schemas } from '../../../control/client/index.ts'
import { api, loa } from './client.ts'
import type { Reading } from './pages.ts'
import { MyRights } from './rights.ts'
import { UnitTree } from './unit-tree.ts'

/** Who has logged in; an error of status 401: nobody has. */
export const useMe = () => api.useQuery('get', '/v1/me', {}, { retry: false, staleTime: 60_000 })

async function readUnits(): Promise<readonly Schemas['Unit'][]> {
  const units: Schemas['Unit'][] = []
  for await (const unit of everyItem((cursor) => loa.GET('/v1/units', { params: { query: { limit: 1000, ...cursor } } }))) units.push(unit)
  return units
}

const NO_UNITS = new UnitTree([])

/** All units that the reader sees, as a tree. Empty until they are read. */
export function useUnits(): { readonly units: UnitTree; readonly isReady: boolean; readonly query: Reading<readonly Schemas['Unit'][]> } {
  const query = useQuery({ queryKey: ['get', '/v1/units', 'tree'], queryFn: readUnits, staleTime: 5 * 60_000 })
  const { data } = query
  const units = useMemo(() => (data === undefined ? NO_UNITS : new UnitTree(data)), [data])
  return { units, isReady: data !== undefined, query }
}

export function useRights(): MyRights {
  const { data: me } = useMe()
  const { units } = useUnits()
  return useMemo(() => new MyRights(me?.rights ?? [], units.parents), [me, units])
}
