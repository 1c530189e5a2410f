import { useEffect, useState } from 'react'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { countTargets, type DrawnTargets, type Targets } from './targets.ts'
import { useNamed } from './use-choices.ts'

/** While somebody is choosing, the server is asked when he pauses. */
const PAUSE_MS = 150

export interface TargetSummary {
  readonly clusters: number
  readonly online: number
  readonly names: string[]
}

/** How many clusters targets mean now and how many of these are connected, as the server counts them; null until it has said, and when nothing is chosen. */
export function useTargetSummary(targets: Targets): TargetSummary | null {
  const reach = useReach(countTargets(targets) === 0 ? null : targets)
  const names = useNamed(targets).map(({ name }) => name)
  return reach === null ? null : { clusters: reach.targeted, online: reach.online, names }
}

/** The same of targets with an area drawn, and how many people live there. What was counted stays while it is counted anew. */
export function useReach(targets: DrawnTargets | null, kind: 'real' | 'exercise' | 'test' = 'real'): Schemas['TargetPreview'] | null {
  const wanted = JSON.stringify(targets)
  const [asked, setAsked] = useState(wanted)
  useEffect(() => {
    const timer = setTimeout(() => { setAsked(wanted) }, PAUSE_MS)
    return () => { clearTimeout(timer) }
  }, [wanted])
  const body = { targets: (JSON.parse(asked) ?? { everything: true }) as DrawnTargets, kind }
  const { data } = api.useQuery('post', '/v1/targets/preview', { body }, { enabled: asked !== 'null', placeholderData: (before) => before })
  return targets === null || asked === 'null' ? null : (data ?? null)
}
