import { useMemo } from 'react'
import { api } from '../../api/client.ts'

const MOST = 1000

/** Names of sources by id, as far as they may be seen. */
export function useSourceNames(): ReadonlyMap<string, string> {
  const { data } = api.useQuery('get', '/v1/sources', { params: { query: { limit: MOST } } }, { staleTime: 60_000 })
  return useMemo(() => new Map(data?.items.map(({ id, name }) => [id, name])), [data])
}
