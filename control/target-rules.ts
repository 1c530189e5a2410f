import type { Store, Targets } from './ports.ts'
import type { Noun } from './problem.ts'
import { cleanTags } from './text.ts'
import { invalid } from './validation.ts'

/** Targets as a request names them. */
interface Named {
  readonly units?: readonly string[]
  readonly clusters?: readonly string[]
  readonly tags?: readonly string[]
  readonly groups?: readonly string[]
}

/** Each of them once. @throws ApiError LOA_ERR_INVALID when nothing is named */
export function readTargets({ units = [], clusters = [], tags = [], groups = [] }: Named): Targets {
  const targets: Targets = { units: [...new Set(units)], clusters: [...new Set(clusters)], tags: cleanTags(tags), ...(groups.length === 0 ? {} : { groups: [...new Set(groups)] }) }
  if (targets.units.length + targets.clusters.length + targets.tags.length + groups.length === 0) {
    throw invalid([{ path: 'targets', message: 'must name at least one unit, cluster, tag or group', messageVi: 'phải nêu ít nhất một đơn vị, cụm loa, thẻ hoặc nhóm' }])
  }
  return targets
}

/** @returns every named unit, cluster and group that is not there, with its place in the request, as unknownIds takes them */
export function unknownTargets({ units = [], clusters = [], groups = [] }: Named, store: Pick<Store, 'units' | 'clusters' | 'groups'>): { path: string; noun: Noun; id: string }[] {
  const lists = [['units', 'unit', units], ['clusters', 'cluster', clusters], ['groups', 'group', groups]] as const
  return lists.flatMap(([name, noun, ids]) => {
    const missing = new Set(store[name].missing(ids))
    return ids.flatMap((id, index) => (missing.has(id) ? [{ path: `targets.${name}[${String(index)}]`, noun, id }] : []))
  })
}

/** Targets as the API shows them. */
export const targetsView = ({ units, clusters, tags, groups = [] }: Targets): { units: string[]; clusters: string[]; tags: string[]; groups: string[] } => ({ units: [...units], clusters: [...clusters], tags: [...tags], groups: [...groups] })
