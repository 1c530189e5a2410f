import { Type, type Static } from 'typebox'
import { SPEAKER_SOUNDS, SPEAKER_STAGES } from '../ports.ts'
import { as, Id, Nullable } from './common.ts'
import { CreateOrder } from './order.ts'

const spread = {
  clusters: Type.Integer({ minimum: 1, description: 'that told their error within the last 20 s' }),
  p50Ms: Type.Number(),
  p95Ms: Type.Number(),
  p99Ms: Type.Number(),
  maxMs: Type.Number(),
}

export const Sync = as('Sync', Type.Object({
  boundMs: Type.Number({ description: 'a cluster beyond this for 10 s is a fault `LOA_FAULT_OUT_OF_STEP`' }),
  synchronised: Type.Integer({ minimum: 0, description: 'clusters that tell their error' }),
  notSynchronised: Type.Integer({ minimum: 0, description: 'connected clusters that cannot be in step (plain HTTP) or do not say how well they are; their error is not guessed' }),
  all: Nullable(Type.Object(spread, { additionalProperties: false })),
  byUnit: Type.Array(Type.Object({ unitId: Type.String(), ...spread }, { additionalProperties: false })),
  byOrder: Type.Array(Type.Object({ orderId: Type.String(), ...spread }, { additionalProperties: false })),
  worst: Type.Array(Type.Object({ clusterId: Type.String(), errorMs: Type.Number({ description: 'above 0: late' }), clockErrorMs: Nullable(Type.Number({ description: 'what its clock may be off besides' })) }, { additionalProperties: false })),
  histogram: Type.Array(Type.Object({ belowMs: Nullable(Type.Number({ description: 'null: no upper end' })), clusters: Type.Integer({ minimum: 0 }) }, { additionalProperties: false })),
}, { additionalProperties: false, description: 'how far connected clusters are from the moment at which their sound should leave them, without sign' }))
export type SyncView = Static<typeof Sync>

const number = Nullable(Type.Number())
const count = Nullable(Type.Integer({ minimum: 0 }))
const text = Nullable(Type.String())
const truth = Nullable(Type.Boolean())

export const Speaker = as('Speaker', Type.Object({
  clusterId: Id('the cluster'),
  at: Type.String({ format: 'date-time', description: 'when it said so' }),
  stage: Nullable(Type.Enum([...SPEAKER_STAGES], { description: 'how far what is on air has come: its bytes are there, its signature is right, its samples have left the device, something has heard them' })),
  orderId: text,
  playing: Nullable(Type.Enum([...SPEAKER_SOUNDS])),
  syncErrorUs: number, clockErrorUs: number, wallErrorMs: number, driftPpm: number, roundTripUs: number, cardPpm: number, correctionPpm: number, bufferMs: number, targetMs: number,
  lateFrames: count, lostFrames: count, concealedFrames: count, unverifiedFrames: count,
  volumePercent: number, hoursPercent: number, muted: truth, amplifier: truth, power: text, temperatureC: number, signalDbm: number, storageFault: text, version: text, identity: text,
}, { additionalProperties: false, description: 'what the device last said of itself; null where it said nothing' }))
export type SpeakerView = Static<typeof Speaker>

export const OffsetQuery = Type.Object({
  lat: Type.Number({ minimum: -90, maximum: 90 }),
  lon: Type.Number({ minimum: -180, maximum: 180 }),
  radiusM: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 5000, default: 700, description: 'clusters farther from the point than this are not heard there' })),
  unitId: Type.Optional(Type.String({ maxLength: 128, description: 'only clusters of this unit and the units below it' })),
}, { additionalProperties: false })

export const AcousticOffsets = as('AcousticOffsets', Type.Object({
  offsets: Type.Array(Type.Object({ clusterId: Type.String(), distanceM: Type.Number(), offsetMs: Type.Integer({ minimum: 0, description: 'to be given to the device as its offset' }) }, { additionalProperties: false })),
  withoutPosition: Type.Integer({ minimum: 0, description: 'clusters left out because nobody knows where they stand' }),
}, { additionalProperties: false }))

const { title, targets, startsAt, issuer, tone } = CreateOrder.properties
export const CreateStaggeredOrder = Type.Object({
  title,
  clipIds: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { minItems: 1, maxItems: 200, description: 'what is spoken; a live source cannot be spoken in turn' }),
  targets,
  startsAt: Type.Optional(startsAt),
  radiusM: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 10_000, default: 1000, description: 'clusters this near to each other never speak at once' })),
  pauseMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000, default: 1000, description: 'between one group and the next' })),
  issuer: Type.Optional(issuer),
  tone: Type.Optional(tone),
}, { additionalProperties: false, examples: [{ title: 'Cảnh báo lũ', clipIds: ['3f1c2e0a7a0f4a3c'], targets: { units: ['u-1jz7k3m9xq4w0d2r8t5v6ya'] }, radiusM: 800 }] })

export const StaggeredOrder = as('StaggeredOrder', Type.Object({
  groups: Type.Array(Type.Object({ orderId: Type.String(), startsAt: Type.String({ format: 'date-time' }), clusters: Type.Integer({ minimum: 1 }) }, { additionalProperties: false })),
  withoutPosition: Type.Integer({ minimum: 0, description: 'clusters that stand nowhere known: they speak last, together' }),
  finishedAt: Type.String({ format: 'date-time' }),
}, { additionalProperties: false, description: 'one emergency order for each group' }))
