import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import type { Right } from '../../api/rights.ts'
import { matches } from '../../words/fold.ts'
import { useWords } from '../../words/use-words.ts'
import { keyOf, tagItem, unitItems, type TargetItem, type TargetKind, type Targets } from './targets.ts'
import { words } from './words.ts'

/** So many clusters are shown of those that answer a question. */
const MOST_CLUSTERS = 20
const LEAST_QUESTION = 2

/** What can be chosen where the reader holds the right: units always, groups and tags only where he holds it everywhere, clusters when they are asked for. */
export function useChoices(question: string, right: Right): readonly TargetItem[] {
  const { units } = useUnits()
  const rights = useRights()
  const isEverywhere = rights.at(right, null)
  const asked = question.trim()
  const groups = api.useQuery('get', '/v1/groups', { params: { query: { limit: 1000 } } }, { enabled: isEverywhere })
  const clusters = api.useQuery('get', '/v1/clusters', { params: { query: { search: asked, limit: MOST_CLUSTERS } } }, { enabled: asked.length >= LEAST_QUESTION && !asked.startsWith('#'), placeholderData: (before) => before })
  return useMemo(() => {
    const found = asked.length >= LEAST_QUESTION ? (clusters.data?.items ?? []) : []
    return [
      ...(isEverywhere ? tagItem(asked) : []),
      ...(isEverywhere ? (groups.data?.items ?? []).filter(({ name }) => matches(name, asked)).map(({ id, name }) => ({ key: keyOf('groups', id), kind: 'groups' as const, id, name, detail: '', depth: 0 })) : []),
      ...unitItems(units, asked, (unitId) => rights.at(right, unitId)),
      ...found.filter(({ unitId }) => rights.at(right, unitId)).map(({ id, name, code, unitId }) => ({ key: keyOf('clusters', id), kind: 'clusters' as const, id, name, detail: `${code} · ${units.name(unitId)}`, depth: 0 })),
    ]
  }, [asked, groups.data, clusters.data, units, rights, right, isEverywhere])
}

export interface NamedTarget {
  readonly key: string
  readonly kind: TargetKind
  readonly name: string
}

/** What is chosen, by name. */
export function useNamed(targets: Targets): readonly NamedTarget[] {
  const say = useWords(words)
  const { units } = useUnits()
  const groups = api.useQuery('get', '/v1/groups', { params: { query: { limit: 1000 } } }, { enabled: (targets.groups?.length ?? 0) > 0 })
  const clusters = useQueries({ queries: (targets.clusters ?? []).map((id) => ({ queryKey: ['get', '/v1/clusters/{id}', 'name', id], queryFn: async () => done(await loa.GET('/v1/clusters/{id}', { params: { path: { id } } })).name, staleTime: 5 * 60_000 })) })
  const unknown = say('unknown')
  return [
    ...(targets.units ?? []).map((id) => ({ key: keyOf('units', id), kind: 'units' as const, name: units.byId.get(id)?.name ?? unknown })),
    ...(targets.groups ?? []).map((id) => ({ key: keyOf('groups', id), kind: 'groups' as const, name: groups.data?.items.find((group) => group.id === id)?.name ?? unknown })),
    ...(targets.clusters ?? []).map((id, index) => ({ key: keyOf('clusters', id), kind: 'clusters' as const, name: clusters[index]?.data ?? unknown })),
    ...(targets.tags ?? []).map((tag) => ({ key: keyOf('tags', tag), kind: 'tags' as const, name: tag })),
  ]
}
