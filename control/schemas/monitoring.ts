import { Type, type Static } from 'typebox'
import { CONDITIONS, WORKING_STATES } from '../monitoring/cluster-state.ts'
import { TALLY_TECHNOLOGIES } from '../monitoring/state-tally.ts'
import { OnAirOrder } from './cluster.ts'
import { SheetParams } from '../spreadsheet/sheet-answer.ts'
import { as, Id, Nullable, PageParams, pageOf, Time } from './common.ts'

const strict = { additionalProperties: false }
const count = (description: string) => Type.Integer({ minimum: 0, description })

const STATES = `The gravest first: \`lost\` was connected and is not; \`silent\` should sound and no sound has left it for 2 s more than its presentation delay, or its amplifier is off; \`out-of-step\` has been beyond \`syncBoundMs\` for 10 s while on air;
\`muted\` by itself, or at volume 0, but for an emergency; \`unknown\` the server has just started and it has not come back yet; \`never-seen\`; \`playing\`; \`idle\` connected with nothing on air; \`out-of-use\` disabled, planned, in repair or retired.`

export const WorkingStateName = Type.Enum([...WORKING_STATES], { description: STATES })
export const ConditionName = Type.Enum([...CONDITIONS])
export const TechnologyName = Type.Enum([...TALLY_TECHNOLOGIES])

const Condition = Type.Object({
  code: ConditionName,
  title: Type.String(),
  titleVi: Type.String(),
  titleEn: Type.Optional(Type.String()),
  value: Type.Union([Type.Number(), Type.String(), Type.Null()], { description: 'what was measured; null where there is nothing to measure' }),
  unit: Nullable(Type.Enum(['°C', 'dBm', 'ms', 'frames'])),
}, strict)

const exampleState = {
  clusterId: 'c-1jz7k3m9xq4w0d2r8t5v6ya', unitId: 'u-1jz7k3m9xq4w0d2r8t5v6ya', technology: 'ip', state: 'idle', title: 'Ready, nothing on air', titleVi: 'Sẵn sàng, không phát', since: '2026-06-18T03:00:00.000Z', online: true, lastOnline: null,
  onAir: null, sound: 'silence', conditions: [{ code: 'hot', title: 'Too hot', titleVi: 'Quá nóng', value: 78, unit: '°C' }],
}

export const ClusterState = as('ClusterState', Type.Object({
  clusterId: Id('the cluster'),
  unitId: Id('its unit'),
  technology: TechnologyName,
  state: WorkingStateName,
  title: Type.String(),
  titleVi: Type.String(),
  titleEn: Type.Optional(Type.String()),
  since: Type.String({ format: 'date-time', description: 'since when it has been in this state' }),
  online: Type.Boolean({ description: 'connected, or a receiver of its RTP outputs reports' }),
  lastOnline: Nullable(Type.String({ format: 'date-time', description: 'when it was last online; null: it is, or never was' })),
  onAir: Nullable(OnAirOrder),
  sound: Nullable(Type.Enum(['silence', 'live', 'cached', 'filler'], { description: 'what leaves it by its own word; null: it does not say' })),
  conditions: Type.Array(Condition, { description: 'the gravest first; only of what is online' }),
}, { ...strict, examples: [exampleState] }))
export type ClusterStateView = Static<typeof ClusterState>

export const ClusterStatePage = as('ClusterStatePage', pageOf(ClusterState))

export const ClusterStateQuery = Type.Object({
  ...PageParams,
  unit: Type.Optional(Type.String({ maxLength: 128, description: 'only clusters of this unit and below it' })),
  state: Type.Optional(WorkingStateName),
  condition: Type.Optional(ConditionName),
  technology: Type.Optional(TechnologyName),
}, strict)

const by = <K extends string>(names: readonly K[]) => Type.Object(Object.fromEntries(names.map((name) => [name, Type.Integer({ minimum: 0 })])) as Record<K, ReturnType<typeof count>>, strict)

const counts = {
  total: count('clusters'),
  online: count('of them connected'),
  onAir: count('of them meant to sound now, whether they do or not'),
  byState: by(WORKING_STATES),
  byCondition: by(CONDITIONS),
  byTechnology: Type.Object({ ip: by(WORKING_STATES), fm: by(WORKING_STATES), wired: by(WORKING_STATES), unknown: by(WORKING_STATES) }, strict),
}

export const StateCounts = as('StateCounts', Type.Object(counts, { ...strict, description: 'each cluster is counted in one state, and in each of its conditions' }))
export type StateCountsView = Static<typeof StateCounts>

export const UnitState = as('UnitState', Type.Object({
  unitId: Id('the unit'),
  ...counts,
  children: Type.Array(Type.Object({ unitId: Id('the unit'), code: Type.String(), name: Type.String(), total: count('clusters'), online: count('of them connected'), onAir: count('of them meant to sound'), byState: by(WORKING_STATES) }, strict), { description: 'the same of each unit right below it, with everything below that' }),
}, strict))
export type UnitStateView = Static<typeof UnitState>

export const StateHistoryQuery = Type.Object({
  from: Type.Optional(Time('beginning of what is asked for; left out: a day before `to`')),
  to: Type.Optional(Time('end; left out: now')),
}, strict)

const exampleHistory = {
  clusterId: 'c-1jz7k3m9xq4w0d2r8t5v6ya', from: '2026-06-17T03:00:00.000Z', to: '2026-06-18T03:00:00.000Z',
  items: [{ state: 'idle', onAir: false, from: '2026-06-17T03:00:00.000Z', to: '2026-06-17T22:00:00.000Z' }, { state: 'playing', onAir: true, from: '2026-06-17T22:00:00.000Z', to: '2026-06-18T03:00:00.000Z' }],
}

export const StateHistory = as('StateHistory', Type.Object({
  clusterId: Id('the cluster'),
  from: Type.String({ format: 'date-time' }),
  to: Type.String({ format: 'date-time', description: 'up to when the log is complete, a few seconds ago at most' }),
  items: Type.Array(Type.Object({
    state: WorkingStateName,
    onAir: Type.Boolean({ description: 'whether something was to sound' }),
    from: Type.String({ format: 'date-time' }),
    to: Type.String({ format: 'date-time' }),
  }, strict), { description: 'in order, without overlap; a hole: nothing is kept of that time. `unknown`: this server did not see it' }),
}, { ...strict, examples: [exampleHistory] }))
export type StateHistoryView = Static<typeof StateHistory>

export const MeasurementQuery = Type.Object({
  ...StateHistoryQuery.properties,
  stepMs: Type.Optional(Type.Integer({ minimum: 300_000, maximum: 86_400_000, description: 'steps at least so long; left out: as short as there are' })),
}, strict)

export const MeasurementExportQuery = Type.Object({ ...SheetParams, ...MeasurementQuery.properties }, strict)

const measured = (description: string) => Nullable(Type.Object({ min: Type.Number(), mean: Type.Number(), max: Type.Number() }, { ...strict, description }))

const exampleMeasurements = {
  clusterId: 'c-1jz7k3m9xq4w0d2r8t5v6ya', from: '2026-06-17T03:00:00.000Z', to: '2026-06-18T03:00:00.000Z', stepMs: 300_000,
  items: [{ at: '2026-06-17T22:00:00.000Z', reports: 30, syncErrorMs: { min: -0.42, mean: 0.108, max: 0.9 }, signalDbm: { min: -91, mean: -84.333, max: -80 }, volumePercent: { min: 60, mean: 60, max: 60 }, playedPercent: { min: 30, mean: 30, max: 30 }, temperatureC: null }],
}

export const Measurements = as('Measurements', Type.Object({
  clusterId: Id('the cluster'),
  from: Type.String({ format: 'date-time' }),
  to: Type.String({ format: 'date-time', description: 'the last step may not be over yet' }),
  stepMs: Type.Integer({ description: 'how long each step is: 5, 10, 15, 20, 30 minutes, 1, 2, 3, 4, 6, 8, 12 hours, or a day' }),
  items: Type.Array(Type.Object({
    at: Type.String({ format: 'date-time', description: 'beginning of the step' }),
    reports: Type.Integer({ minimum: 1, description: 'how often the device said how it is' }),
    syncErrorMs: measured('how much later than it should its sound left the device, by its own reckoning, ms; while it sounds'),
    signalDbm: measured('of its network, dBm'),
    volumePercent: measured('as it is set'),
    playedPercent: measured('the volume at which it plays: as it is set, lowered by the hours of its unit, 0 while it is muted; an emergency has a volume of its own'),
    temperatureC: measured('°C'),
  }, strict), { maxItems: 602, description: 'in order; a step without a report is left out, nothing is filled in. null: no report of it said so' }),
}, { ...strict, examples: [exampleMeasurements] }))
export type MeasurementsView = Static<typeof Measurements>
