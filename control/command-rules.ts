import type { CommandRecord, Store, Targets } from './ports.ts'
import { unknownIds, type Noun } from './problem.ts'
import type { ClusterCommandInput, CommandInput } from './schemas/command.ts'
import { cleanTags } from './text.ts'
import { invalid } from './validation.ts'

const DEFAULT_EXPIRY_MS = 600_000
const DEFAULT_IDENTIFY_MS = 3000

interface Given {
  readonly id: string
  readonly nowMs: number
  readonly createdBy: string
}

/** @throws ApiError LOA_ERR_UNKNOWN_ID or LOA_ERR_INVALID */
export function commandTargets({ units = [], clusters = [], tags = [] }: CommandInput['targets'], store: Store): Targets {
  const targets: Targets = { units: [...new Set(units)], clusters: [...new Set(clusters)], tags: cleanTags(tags) }
  if (targets.units.length + targets.clusters.length + targets.tags.length === 0) {
    throw invalid([{ path: 'targets', message: 'must name at least one unit, cluster or tag', messageVi: 'phải nêu ít nhất một đơn vị, cụm loa hoặc thẻ' }])
  }
  const unknown: { path: string; noun: Noun; id: string }[] = []
  const lists = [['units', 'unit', units], ['clusters', 'cluster', clusters]] as const
  for (const [name, noun, ids] of lists) {
    const missing = new Set(store[name].missing(ids))
    ids.forEach((id, index) => {
      if (missing.has(id)) unknown.push({ path: `targets.${name}[${String(index)}]`, noun, id })
    })
  }
  if (unknown.length > 0) throw unknownIds(unknown)
  return targets
}

export function makeCommand(body: ClusterCommandInput | CommandInput, targets: Targets, { id, nowMs, createdBy }: Given): CommandRecord {
  return { id, type: body.type, arguments: argumentsOf(body), targets, createdAtMs: nowMs, createdBy, expiresAtMs: nowMs + (body.expiresInMs ?? DEFAULT_EXPIRY_MS) }
}

function argumentsOf(body: ClusterCommandInput | CommandInput): CommandRecord['arguments'] {
  switch (body.type) {
    case 'volume':
      return { percent: body.percent }
    case 'mute':
      return { muted: body.muted }
    case 'identify':
      return { durationMs: body.durationMs ?? DEFAULT_IDENTIFY_MS }
    case 'set-offset':
      return { offsetMs: body.offsetMs }
    case 'set-frequency':
      return { frequencyKhz: body.frequencyKhz }
    case 'amplifier':
      return { on: body.on }
    case 'restart-stream':
    case 'refresh-bundle':
    case 'reboot':
      return {}
  }
}
