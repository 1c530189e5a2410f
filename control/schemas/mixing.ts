import { Type, type Static } from 'typebox'
import { Id, Nullable } from './common.ts'

const DuckDb = Type.Integer({ minimum: 0, maximum: 60, default: 12, description: 'how much lower what is on air goes on beneath it, dB' })
const AttackMs = Type.Integer({ minimum: 10, maximum: 5000, default: 300, description: 'how long it takes to go down' })
const ReleaseMs = Type.Integer({ minimum: 10, maximum: 5000, default: 1000, description: 'how long it takes to come back' })
export const CrossfadeMs = Type.Integer({ minimum: 0, maximum: 10_000, description: 'how long two that follow one another sound together, ms; never more than half of either' })
const OVER = 'it lays itself over what is on air, of its own class and level or below, which goes on beneath it; null: it takes its place'

/** How an order is mixed, as a request says it. */
export const MixingBody = Type.Object({
  over: Type.Optional(Nullable(Type.Object({ duckDb: Type.Optional(DuckDb), attackMs: Type.Optional(AttackMs), releaseMs: Type.Optional(ReleaseMs) }, { additionalProperties: false, description: OVER }))),
  introClipId: Type.Optional(Nullable(Id('a clip that is heard before it'))),
  outroClipId: Type.Optional(Nullable(Id('a clip that is heard after it; of a source, before its planned end'))),
  crossfadeMs: Type.Optional(CrossfadeMs),
}, { additionalProperties: false, description: 'how it is mixed with itself and with what it meets; not for emergencies, which are heard alone and at once. Devices that play alone, without the server, do not mix: they play what is laid over alone, and each clip until the next begins', examples: [{ over: { duckDb: 15 } }, { introClipId: '3f1c2e0a7a0f4a3c', crossfadeMs: 2000 }] })
export type MixingBodyView = Static<typeof MixingBody>

/** How it is mixed, as it is shown. */
export const Mixing = Nullable(Type.Object({
  over: Nullable(Type.Object({ duckDb: DuckDb, attackMs: AttackMs, releaseMs: ReleaseMs }, { additionalProperties: false, description: OVER })),
  introClipId: Nullable(Type.String()),
  outroClipId: Nullable(Type.String()),
  crossfadeMs: CrossfadeMs,
}, { additionalProperties: false, description: 'how it is mixed; null: it sounds as it is, alone' }))

export const HandOver = Type.Object({
  sourceId: Id('the source that is heard from then on'),
  crossfadeMs: Type.Optional(Type.Integer({ minimum: 10, maximum: 10_000, default: 1000, description: 'how long both sound, ms' })),
  force: Type.Optional(Type.Boolean({ default: false, description: 'also to a source that gives no sound now' })),
}, { additionalProperties: false, examples: [{ sourceId: 's-1jz7k3m9xq4w0d2r8t5v6ya', crossfadeMs: 1000 }] })

export const HandOvers = Type.Array(Type.Object({
  sourceId: Type.String(),
  at: Type.String({ format: 'date-time' }),
  crossfadeMs: Type.Integer(),
  by: Type.String({ description: 'id of the token or user' }),
}, { additionalProperties: false }), { description: 'the sources it was handed over to, one after the other; `sourceId` is the one it began with' })
