import * as Type from 'typebox'
import type { Static } from 'typebox'
import { checkerOf } from '../checker.ts'

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const IsoTime = Type.String({ minLength: 20, maxLength: 40 })
const HouseSamples = Type.Integer({ minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991 })

/** One stretch of the coming 48 h during which one order is on air. */
const BundleItem = Type.Object({
  orderId: Type.String({ minLength: 1, maxLength: 128 }),
  class: Type.Enum(['emergency', 'priority', 'normal']),
  title: Type.String({ maxLength: 1000 }),
  startsAt: IsoTime,
  endsAt: IsoTime,
  /** The same two on the house clock; these count. */
  fromSamples: HouseSamples,
  untilSamples: HouseSamples,
  /** House sample at which the first sample of the first clip stands, before `fromSamples` when part of it has been heard. */
  anchorSamples: HouseSamples,
  /** Played one after another; empty for what can only come over the network. */
  clips: Type.Array(Sha256, { maxItems: 1000 }),
  resume: Type.Enum(['continue', 'skip']),
})
export type BundleItem = Static<typeof BundleItem>

const BundleFile = Type.Object({
  sha256: Sha256,
  bytes: Type.Integer({ minimum: 1, maximum: 2 ** 32 }),
  /** `ogg-opus`: mono, one stream. */
  format: Type.Literal('ogg-opus'),
  durationSamples: Type.Integer({ minimum: 1 }),
  /** On the stream port of the server. */
  path: Type.String({ pattern: '^/[\\x21-\\x7e]*$', maxLength: 512 }),
})
export type BundleFile = Static<typeof BundleFile>

const MinuteOfWeek = Type.Integer({ minimum: 0, maximum: 10_080 })

const BundleBody = Type.Object({
  kind: Type.Literal('bundle'),
  bundleId: Type.String({ minLength: 1, maxLength: 128 }),
  validFrom: IsoTime,
  validUntil: IsoTime,
  items: Type.Array(BundleItem, { maxItems: 5000 }),
  fillers: Type.Array(Sha256, { maxItems: 1000 }),
  files: Type.Array(BundleFile, { maxItems: 5000 }),
  /** Parts of the week, which goes round from this house sample, in which it sounds at a part of its volume. */
  volume: Type.Optional(Type.Object({
    weekFromSamples: HouseSamples,
    hours: Type.Array(Type.Object({ from: MinuteOfWeek, until: MinuteOfWeek, percent: Type.Integer({ minimum: 0, maximum: 100 }) }), { maxItems: 1000 }),
  })),
}, { additionalProperties: true })

const bundleSchema = checkerOf(BundleBody)

/** What the cluster plays when it is alone. Already verified: see `kind: "bundle"` in server/protocol.md. */
export type Bundle = Static<typeof BundleBody>

/** @returns null when it is not a bundle, when a clip has no file, or when two items overlap: then nothing of it is used. */
export function parseBundle(body: unknown): Bundle | null {
  if (!bundleSchema.Check(body)) return null
  const files = new Set(body.files.map(({ sha256 }) => sha256))
  let untilSamples = -Infinity
  for (const item of body.items) {
    if (item.fromSamples < untilSamples || item.untilSamples <= item.fromSamples) return null
    untilSamples = item.untilSamples
    if (item.clips.some((sha256) => !files.has(sha256))) return null
  }
  return body.fillers.every((sha256) => files.has(sha256)) ? body : null
}
