import { useQueries } from '@tanstack/react-query'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'

/** When its live speaker is heard, ms since 1970: after the tone, and after what says that it is an exercise; null: not known yet, or nobody is live. */
export function useLiveAtMs({ sourceId, orderIds, playMs }: Pick<Schemas['Alert'], 'sourceId' | 'orderIds' | 'playMs'>): number | null {
  const orders = useQueries({ queries: (sourceId === null ? [] : orderIds).map((id) => api.queryOptions('get', '/v1/orders/{id}', { params: { path: { id } } })) })
  const live = orders.map(({ data }) => data).find((order) => order !== undefined && order.sourceId === sourceId)
  return live === undefined ? null : Date.parse(live.startsAt) + (live.tone ? playMs : 0)
}
