import type { CommandRecord, Store, Targets } from './ports.ts'
import { unknownIds } from './problem.ts'
import type { ClusterCommandInput, CommandInput } from './schemas/command.ts'
import { readTargets, unknownTargets } from './target-rules.ts'
import { checkStanding } from './unit-change-rules.ts'

const DEFAULT_EXPIRY_MS = 600_000
const DEFAULT_IDENTIFY_MS = 3000

interface Given {
  readonly id: string
  readonly nowMs: number
  readonly createdBy: string
}

/** @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_UNIT_ENDED or LOA_ERR_INVALID */
export function commandTargets(named: CommandInput['targets'], store: Store): Targets {
  const targets = readTargets(named)
  const unknown = unknownTargets(named, store)
  if (unknown.length > 0) throw unknownIds(unknown)
  checkStanding(store, 'targets.units', targets.units)
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
