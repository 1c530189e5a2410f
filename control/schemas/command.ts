import { Type, type Static } from 'typebox'
import { COMMAND_TYPES } from '../trust-port.ts'
import { as, Id, Nullable, PageParams, pageOf } from './common.ts'

/** What a device can be told to do. Numbers and switches only: no argument is text, so none can carry a program. */
const each = {
  volume: { percent: Type.Integer({ minimum: 0, maximum: 100 }) },
  mute: { muted: Type.Boolean() },
  'restart-stream': {},
  identify: { durationMs: Type.Optional(Type.Integer({ minimum: 500, maximum: 60_000, default: 3000, description: 'how long it beeps' })) },
  'set-offset': { offsetMs: Type.Number({ minimum: -2000, maximum: 2000, description: 'it plays this much later: distance, amplifier, FM chain' }) },
  'set-frequency': { frequencyKhz: Type.Integer({ minimum: 50_000, maximum: 110_000, description: 'of the FM receiver' }) },
  amplifier: { on: Type.Boolean() },
  'refresh-bundle': {},
  reboot: {},
}

/** Of both ways to give a command. */
const common = {
  expiresInMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: 7 * 24 * 3_600_000, default: 600_000, description: 'who connects within this time still gets it' })),
}

const CommandTargets = Type.Object({
  units: Type.Optional(Type.Array(Type.String(), { maxItems: 20_000, description: 'with everything below them' })),
  clusters: Type.Optional(Type.Array(Type.String(), { maxItems: 20_000 })),
  tags: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 50 })),
  groups: Type.Optional(Type.Array(Type.String(), { maxItems: 1000, description: 'saved selections' })),
}, { additionalProperties: false, description: 'a cluster is meant when any of them names it' })

const strict = { additionalProperties: false }

export const ClusterCommandBody = Type.Union([
  Type.Object({ type: Type.Literal('volume'), ...each.volume, ...common }, strict),
  Type.Object({ type: Type.Literal('mute'), ...each.mute, ...common }, strict),
  Type.Object({ type: Type.Literal('restart-stream'), ...common }, strict),
  Type.Object({ type: Type.Literal('identify'), ...each.identify, ...common }, strict),
  Type.Object({ type: Type.Literal('set-offset'), ...each['set-offset'], ...common }, strict),
  Type.Object({ type: Type.Literal('set-frequency'), ...each['set-frequency'], ...common }, strict),
  Type.Object({ type: Type.Literal('amplifier'), ...each.amplifier, ...common }, strict),
  Type.Object({ type: Type.Literal('refresh-bundle'), ...common }, strict),
  Type.Object({ type: Type.Literal('reboot'), ...common }, strict),
], { examples: [{ type: 'volume', percent: 60 }] })
export type ClusterCommandInput = Static<typeof ClusterCommandBody>

const target = { targets: CommandTargets }

export const CommandBody = Type.Union([
  Type.Object({ type: Type.Literal('volume'), ...each.volume, ...common, ...target }, strict),
  Type.Object({ type: Type.Literal('mute'), ...each.mute, ...common, ...target }, strict),
  Type.Object({ type: Type.Literal('restart-stream'), ...common, ...target }, strict),
  Type.Object({ type: Type.Literal('identify'), ...each.identify, ...common, ...target }, strict),
  Type.Object({ type: Type.Literal('set-offset'), ...each['set-offset'], ...common, ...target }, strict),
  Type.Object({ type: Type.Literal('set-frequency'), ...each['set-frequency'], ...common, ...target }, strict),
  Type.Object({ type: Type.Literal('amplifier'), ...each.amplifier, ...common, ...target }, strict),
  Type.Object({ type: Type.Literal('refresh-bundle'), ...common, ...target }, strict),
  Type.Object({ type: Type.Literal('reboot'), ...common, ...target }, strict),
], { examples: [{ type: 'volume', percent: 60, targets: { units: ['u-1jz7k3m9xq4w0d2r8t5v6ya'] } }] })
export type CommandInput = Static<typeof CommandBody>

const count = (description: string) => Type.Integer({ minimum: 0, description })

const summary = {
  id: Id('the command'),
  type: Type.Enum([...COMMAND_TYPES]),
  arguments: Type.Record(Type.String(), Type.Union([Type.Number(), Type.Boolean()])),
  targets: Type.Object({ units: Type.Array(Type.String()), clusters: Type.Array(Type.String()), tags: Type.Array(Type.String()), groups: Type.Array(Type.String()) }, strict),
  createdAt: Type.String({ format: 'date-time' }),
  createdBy: Type.String({ description: 'id of the token or user' }),
  expiresAt: Type.String({ format: 'date-time' }),
  clusters: Type.Object({
    targeted: count('clusters meant when it was given'),
    delivered: count('to whose connection it was handed'),
    done: count('that answered: done'),
    refused: count('that answered: refused'),
    failed: count('that answered: failed'),
    waiting: count('not answered yet: not connected, or busy with it'),
    expired: count('not answered in time'),
  }, strict),
}

const CommandSummary = Type.Object(summary, strict)
export type CommandSummaryView = Static<typeof CommandSummary>

export const Command = as('Command', Type.Object({
  ...summary,
  problems: Type.Array(Type.Object({ clusterId: Type.String(), result: Type.Enum(['refused', 'failed']), reason: Nullable(Type.String()) }, strict), { description: 'clusters that refused or failed, 100 at most' }),
}, strict))
export type CommandView = Static<typeof Command>

export const CommandPage = as('CommandPage', pageOf(CommandSummary))

export const CommandListQuery = Type.Object({ ...PageParams }, strict)

const RESULTS = ['done', 'refused', 'failed', 'open'] as const

/** What has become of a command at one cluster. */
const ofOne = {
  state: Type.Enum(['waiting', 'delivered', 'done', 'refused', 'failed', 'expired'], { description: '`waiting`: not handed to it yet; `delivered`: handed to its connection, no answer yet' }),
  reason: Nullable(Type.String({ description: 'why it refused or failed' })),
  deliveredAt: Nullable(Type.String({ format: 'date-time' })),
  answeredAt: Nullable(Type.String({ format: 'date-time' })),
}

export const CommandResult = as('CommandResult', Type.Object({ clusterId: Id('the cluster'), ...ofOne }, strict))
export type CommandResultView = Static<typeof CommandResult>

const { id, type, arguments: given, createdAt, createdBy, expiresAt } = summary
export const CommandOfCluster = as('CommandOfCluster', Type.Object({ id, type, arguments: given, createdAt, createdBy, expiresAt, ...ofOne }, strict))
export type CommandOfClusterView = Static<typeof CommandOfCluster>
export const CommandOfClusterPage = as('CommandOfClusterPage', pageOf(CommandOfCluster))

export const CommandResultPage = as('CommandResultPage', pageOf(CommandResult))

export const CommandResultQuery = Type.Object({ ...PageParams, result: Type.Optional(Type.Enum([...RESULTS], { description: '`open`: those that have not answered' })) }, strict)
