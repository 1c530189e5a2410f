import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useEvents, type LoaEvent } from '../../api/events.ts'
import type { Reading } from '../../api/pages.ts'
import { readAgain } from '../../api/query-client.ts'
import type { Condition, Row, Working, WorkingState } from './cluster-filter.ts'

/** The first rows are there before ten thousand are read. */
const FIRST_PAGE = 200
const PAGE = 1000
/** Changes are put into the list together so often. */
const GATHER_MS = 250

type Cursor = string | null
interface PageOf<T> { readonly items: readonly T[]; readonly nextCursor: Cursor }

function usePages<T>(path: '/v1/clusters' | '/v1/cluster-states', read: (query: { readonly limit: number; readonly cursor?: string }) => Promise<PageOf<T>>) {
  const query = useInfiniteQuery({
    queryKey: ['get', path, 'registry'],
    queryFn: ({ pageParam }: { readonly pageParam: Cursor }) => read(pageParam === null ? { limit: FIRST_PAGE } : { limit: PAGE, cursor: pageParam }),
    initialPageParam: null as Cursor,
    getNextPageParam: (page: PageOf<T>) => page.nextCursor,
    staleTime: 5 * 60_000,
  })
  const { hasNextPage, isFetching, error, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetching && error === null) void fetchNextPage()
  }, [hasNextPage, isFetching, error, fetchNextPage])
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data])
  return { items, isComplete: query.data !== undefined && !hasNextPage, error, refetch: query.refetch, dataUpdatedAt: query.dataUpdatedAt, failureReason: query.failureReason }
}

const readClusters = async (query: { readonly limit: number; readonly cursor?: string }): Promise<Schemas['ClusterPage']> => done(await loa.GET('/v1/clusters', { params: { query } }))
const readStates = async (query: { readonly limit: number; readonly cursor?: string }): Promise<Schemas['ClusterStatePage']> => done(await loa.GET('/v1/cluster-states', { params: { query } }))

const workingOf = ({ state, online, conditions, onAir }: Schemas['ClusterState']): Working =>
  ({ state, online, conditions: conditions.map(({ code }) => code), title: onAir?.title ?? null, onAirClass: onAir?.class ?? null })

/** What events have said since the states were read. */
type Patch = Partial<Working>

function patchesOf({ type, data }: LoaEvent): Iterable<readonly [string, Patch]> {
  const ids = data['clusterIds'] as readonly string[] | undefined
  if (ids === undefined) return []
  if (type === 'state') {
    const patch: Patch = { state: data['state'] as WorkingState, online: data['online'] as boolean, conditions: data['conditions'] as readonly Condition[] }
    return ids.map((id) => [id, patch])
  }
  if (type !== 'on-air') return []
  const onAir = data['onAir'] as Schemas['ClusterState']['onAir']
  const patch: Patch = { title: onAir?.title ?? null, onAirClass: onAir?.class ?? null }
  return ids.map((id) => [id, patch])
}

function usePatches(readAt: number): ReadonlyMap<string, Patch> {
  const [{ since, patches }, setPatches] = useState<{ readonly since: number; readonly patches: ReadonlyMap<string, Patch> }>({ since: readAt, patches: new Map() })
  // What was read since says more than the events before it.
  if (since !== readAt) setPatches({ since: readAt, patches: new Map() })
  const waiting = useRef(new Map<string, Patch>())
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  useEffect(() => () => { if (timer.current !== null) clearTimeout(timer.current) }, [])
  useEvents(useCallback((event: LoaEvent) => {
    for (const [id, patch] of patchesOf(event)) waiting.current.set(id, { ...waiting.current.get(id), ...patch })
    if (waiting.current.size === 0) return
    timer.current ??= setTimeout(() => {
      timer.current = null
      const fresh = waiting.current
      waiting.current = new Map()
      setPatches((before) => {
        const next = new Map(before.patches)
        for (const [id, patch] of fresh) next.set(id, { ...next.get(id), ...patch })
        return { since: before.since, patches: next }
      })
    }, GATHER_MS)
  }, []))
  return patches
}

export interface Registry extends Reading<readonly Row[]> {
  /** Whether `data` is all there is. */
  readonly isComplete: boolean
}

/** All clusters that the reader sees, with how each works, kept up by events. The first are there before the last are read. */
export function useRegistry(): Registry {
  const clusters = usePages('/v1/clusters', readClusters)
  const states = usePages('/v1/cluster-states', readStates)
  const patches = usePatches(states.dataUpdatedAt)
  const read = useMemo(() => new Map(states.items?.map((state) => [state.clusterId, workingOf(state)])), [states.items])
  const data = useMemo(() => clusters.items?.map((cluster): Row => {
    const working = read.get(cluster.id) ?? null
    const patch = patches.get(cluster.id)
    return { cluster, working: working === null || patch === undefined ? working : { ...working, ...patch } }
  }), [clusters.items, read, patches])
  const { isComplete, error, refetch, dataUpdatedAt, failureReason } = clusters
  return { data, isComplete, error, refetch, dataUpdatedAt, failureReason }
}

/** After a change of the register that was made here. */
export function registerChanged(): void {
  readAgain(new Set(['/v1/clusters', '/v1/clusters/{id}', '/v1/cluster-states', '/v1/clusters/{id}/state', '/v1/clusters/{id}/units', '/v1/cluster-states/counts', '/v1/units/{id}/state']))
}
