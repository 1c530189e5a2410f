import { Type, type Static } from 'typebox'
import { as, Id, Name, named, Nullable, OwnerId, PageParams, pageOf } from './common.ts'

const Mount = Type.String({ minLength: 2, maxLength: 200, pattern: '^(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$', description: 'path the encoder sends to; unique', examples: ['/studio'] })
const Takeover = Type.Enum(['refuse', 'replace'], { description: 'what happens to a second encoder while one is connected' })
const Urls = Type.Array(Type.String({ minLength: 1, maxLength: 2000 }), { minItems: 1, maxItems: 8, description: 'in order of preference; http, https, rtsp, rtmp, srt, rtp or udp', examples: [['https://radio.example.vn/vov1.m3u8']] })
const FrequencyHz = Type.Number({ minimum: 20, maximum: 20000, examples: [1500] })
const LevelDbfs = Type.Number({ minimum: -60, maximum: 0 })
const SilenceTimeoutMs = Nullable(Type.Integer({ minimum: 1000, maximum: 600000, description: 'digitally silent for this long counts as down, ms; null: the setting of the server' }))
const Fallback = Nullable(Id('source played when this one brings no sound'))

const common = {
  id: Id('the source'),
  name: Name('Studio'),
  unitId: OwnerId,
  fallbackSourceId: Fallback,
  silenceTimeoutMs: SilenceTimeoutMs,
  createdAt: Type.String({ format: 'date-time' }),
  status: Nullable(Type.Object({
    state: Type.Enum(['idle', 'connecting', 'live', 'silent', 'fallback', 'down']),
    urlIndex: Nullable(Type.Integer()),
    peakDbfs: Nullable(Type.Number()),
    rmsDbfs: Nullable(Type.Number()),
    clippedPercent: Type.Number({ minimum: 0, maximum: 100, description: 'samples of the last ten seconds that are cut off at full scale' }),
    reason: Type.String(),
    title: Type.String(),
  }, { additionalProperties: false, description: 'null when nothing is known yet; a level is null when there is no sound at all' })),
}

const icecast = { ...common, kind: Type.Literal('icecast'), mount: Mount, takeover: Takeover }
const whip = { ...common, kind: Type.Literal('whip'), path: Type.String({ description: 'path of the stream port that WHIP clients (RFC 9725) send their offer to, with the key as Bearer token', examples: ['/whip/s-01HV5Y'] }), takeover: Takeover }
const relay = { ...common, kind: Type.Literal('relay'), urls: Urls }
const tone = { ...common, kind: Type.Literal('tone'), frequencyHz: FrequencyHz, levelDbfs: LevelDbfs }
const closed = { additionalProperties: false }

export const Source = as('Source', Type.Union([Type.Object(icecast, closed), Type.Object(whip, closed), Type.Object(relay, closed), Type.Object(tone, closed)], { description: 'credentials in URLs are shown as ***' }))
export type SourceView = Static<typeof Source>

const key = Type.String({ description: 'password of the encoder (user `source`), Bearer token of the WHIP client; shown only this once' })
export const SourceWithKey = as('SourceWithKey', Type.Union([Type.Object({ ...icecast, key }, closed), Type.Object({ ...whip, key }, closed), Type.Object(relay, closed), Type.Object(tone, closed)]))

export const SourcePage = as('SourcePage', pageOf(named(Source)))

const given = { name: Name('Studio'), unitId: Type.Optional(OwnerId), fallbackSourceId: Type.Optional(Fallback), silenceTimeoutMs: Type.Optional(SilenceTimeoutMs) }

export const CreateSource = Type.Union([
  Type.Object({ kind: Type.Literal('icecast'), ...given, mount: Mount, takeover: Type.Optional(Takeover) }, closed),
  Type.Object({ kind: Type.Literal('whip'), ...given, takeover: Type.Optional(Takeover) }, closed),
  Type.Object({ kind: Type.Literal('relay'), ...given, urls: Urls }, closed),
  Type.Object({ kind: Type.Literal('tone'), ...given, frequencyHz: FrequencyHz, levelDbfs: Type.Optional(LevelDbfs) }, closed),
], { examples: [{ kind: 'icecast', name: 'Studio', mount: '/studio' }, { kind: 'whip', name: 'Điện thoại chủ tịch xã', takeover: 'replace' }, { kind: 'relay', name: 'VOV1', urls: ['https://radio.example.vn/vov1.m3u8'] }, { kind: 'tone', name: 'Còi', frequencyHz: 1500 }] })
export type CreateSourceBody = Static<typeof CreateSource>

export const ChangeSource = Type.Object({
  name: Type.Optional(Name('Studio')),
  unitId: Type.Optional(OwnerId),
  fallbackSourceId: Type.Optional(Fallback),
  silenceTimeoutMs: Type.Optional(SilenceTimeoutMs),
  mount: Type.Optional(Mount),
  takeover: Type.Optional(Takeover),
  urls: Type.Optional(Urls),
  frequencyHz: Type.Optional(FrequencyHz),
  levelDbfs: Type.Optional(LevelDbfs),
}, { additionalProperties: false, minProperties: 1, description: 'the kind stays; a URL sent back as it was shown, masked, keeps its credentials', examples: [{ name: 'Phòng thu' }] })
export type ChangeSourceBody = Static<typeof ChangeSource>

export const SourceQuery = Type.Object({ ...PageParams, kind: Type.Optional(Type.Enum(['icecast', 'whip', 'relay', 'tone'])) }, { additionalProperties: false })
