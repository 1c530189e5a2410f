import { Type, type Static } from 'typebox'
import { BREAKDOWNS, PERIODS } from '../monitoring/availability-report.ts'
import { as, Nullable, PageParams, pageOf } from './common.ts'

const strict = { additionalProperties: false }
const ms = (description: string) => Type.Integer({ minimum: 0, description: `ms ${description}` })
const share = (description: string) => Nullable(Type.Number({ minimum: 0, maximum: 1, description }))
const Day = (description: string) => Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description })

const example = {
  period: '2026-06', from: '2026-06-01', to: '2026-06-18', unitId: 'u-1jz7k3m9xq4w0d2r8t5v6ya', clusterId: null, code: 'X1', name: 'Xã Một', clusters: 2, onlineMs: 3_000_000_000, lostMs: 100_000_000, unknownMs: 10_400_000, neverSeenMs: 0, outOfUseMs: 0,
  onAirMs: 64_800_000, soundedMs: 64_000_000, outOfStepMs: 60_000, silentMs: 300_000, mutedOnAirMs: 0, lostOnAirMs: 500_000, availability: 0.96774194, soundedShare: 0.98765432,
}

export const Availability = as('Availability', Type.Object({
  period: Type.String({ description: '`2026-06-18`, `2026-06` or `2026`' }),
  from: Type.String({ description: 'first day in the figures' }),
  to: Type.String({ description: 'last day in the figures' }),
  unitId: Nullable(Type.String()),
  clusterId: Nullable(Type.String()),
  code: Nullable(Type.String({ description: 'of the unit or cluster, as it is now' })),
  name: Nullable(Type.String()),
  clusters: Type.Integer({ minimum: 0, description: 'different clusters in the figures; all times are summed over them' }),
  onlineMs: ms('connected'),
  lostMs: ms('not connected, having been before'),
  unknownMs: ms('that this server did not see, being down or just started; counts neither way'),
  neverSeenMs: ms('before it first connected'),
  outOfUseMs: ms('disabled, planned, in repair or retired'),
  onAirMs: ms('in which something was to sound, and it is known what became of it: soundedMs + silentMs + mutedOnAirMs + lostOnAirMs'),
  soundedMs: ms('of onAirMs in which it played'),
  outOfStepMs: ms('of soundedMs out of step'),
  silentMs: ms('of onAirMs connected, but without sound'),
  mutedOnAirMs: ms('of onAirMs muted'),
  lostOnAirMs: ms('of onAirMs not connected'),
  availability: share('onlineMs / (onlineMs + lostMs); null: neither is known'),
  soundedShare: share('soundedMs / onAirMs; null: nothing was to sound'),
}, { ...strict, examples: [example] }))
export type AvailabilityView = Static<typeof Availability>

export const AvailabilityPage = as('AvailabilityPage', pageOf(Availability))

const filters = {
  unit: Type.Optional(Type.String({ maxLength: 128, description: 'a unit with everything below it, by the map of each day; without unit and cluster: all that the caller may see' })),
  cluster: Type.Optional(Type.String({ maxLength: 128, description: 'one cluster, wherever it stood' })),
  by: Type.Optional(Type.Enum([...BREAKDOWNS], { default: 'total', description: '`unit`: the units right below, and the unit itself for its own clusters; `cluster`: each cluster, in at most 31 periods' })),
  period: Type.Optional(Type.Enum([...PERIODS], { default: 'day', description: 'by the zone of the server (`timeZone`)' })),
  from: Type.Optional(Day('first day; default: of days this month, of months this year, of years all there is')),
  to: Type.Optional(Day('last day, included; default: today')),
}

export const AvailabilityQueryParams = Type.Object({ ...PageParams, ...filters }, strict)

export const AvailabilityExportQuery = Type.Object({
  ...filters,
  format: Type.Optional(Type.Enum(['xlsx', 'csv'], { default: 'xlsx' })),
  lang: Type.Optional(Type.Enum(['vi', 'en'], { default: 'vi', description: 'of the headings' })),
}, strict)
