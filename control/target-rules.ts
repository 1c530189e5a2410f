import type { Store, Targets } from './ports.ts'
import type { Noun } from './problem.ts'
import { cleanTags } from './text.ts'
import { invalid } from './validation.ts'

/** Targets as a request names them. */
interface Named {
  readonly units?: readonly string[]
  readonly clusters?: readonly string[]
  readonly tags?: readonly string[]
}

/** Each of them once. @throws ApiError LOA_ERR_INVALID when nothing is named */
export function readTargets({ units = [], clusters = [], tags = [] }: Named): Targets {
  const targets: Targets = { units: [...new Set(units)], clusters: [...new Set(clusters)], tags: cleanTags(tags) }
  if (targets.units.length + targets.clusters.length + targets.tags.length === 0) {
    throw invalid([{ path: 'targets', message: 'must name at least one unit, cluster or tag', messageVi: 'phải nêu ít nhất một đơn vị, cụm loa hoặc thẻ' }])
  }
  return targets
}

/** @returns every named unit and cluster that is not there, with its place in the request, as unknownIds takes them */
export function unknownTargets({ units = [], clusters = [] }: Named, store: Pick<Store, 'units' | 'clusters'>): { path: string; noun: Noun; id: string }[] {
  const lists = [['units', 'unit', units], ['clusters', 'cluster', clusters]] as const
  return lists.flatMap(([name, noun, ids]) => {
    const missing = new Set(store[name].missing(ids))
    return ids.flatMap((id, index) => (missing.has(id) ? [{ path: `targets.${name}[${String(index)}]`, noun, id }] : []))
  })
}
