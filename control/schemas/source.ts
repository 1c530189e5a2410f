import { Type, type Static } from 'typebox'
import { LEVELLINGS, SOUND_FAULTS, WATCHES } from '../ports.ts'
import { SOURCE_REASON_CODES } from '../source-reasons.ts'
import { as, Id, Name, named, Nullable, OwnerId, PageParams, pageOf } from './common.ts'

const Mount = Type.String({ minLength: 2, maxLength: 200, pattern: '^(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$', description: 'path the encoder sends to; unique', examples: ['/studio'] })
const Takeover = Type.Enum(['refuse', 'replace'], { description: 'what happens to a second encoder while one is connected' })
const Urls = Type.Array(Type.String({ minLength: 1, maxLength: 2000 }), { minItems: 1, maxItems: 8, description: 'in order of preference; http, https, rtsp, rtmp, srt, rtp or udp', examples: [['https://radio.example.vn/vov1.m3u8']] })
const FrequencyHz = Type.Number({ minimum: 20, maximum: 20000, examples: [1500] })
const LevelDbfs = Type.Number({ minimum: -60, maximum: 0 })
export const RtpStream = as('RtpStream', Type.Object({
  group: Nullable(Type.String({ minLength: 2, maxLength: 45, description: 'multicast group; null: it is sent to an address of this server', examples: ['239.192.7.1'] })),
  port: Type.Integer({ minimum: 1024, maximum: 65535, examples: [5004] }),
  codec: Type.Enum(['opus', 'l16', 'l24'], { description: '`opus` (RFC 7587), `l16` and `l24`: 16 and 24 bits, big-endian (RFC 3551, RFC 3190)' }),
  payloadType: Type.Integer({ minimum: 0, maximum: 127, examples: [98] }),
  sampleRateHz: Type.Integer({ minimum: 8000, maximum: 192000, description: 'opus: 48000', examples: [48000] }),
  channels: Type.Integer({ minimum: 1, maximum: 8, description: 'mixed to one', examples: [2] }),
}, { additionalProperties: false, description: 'what a session description says of the stream' }))
const Sdp = Type.String({ minLength: 1, maxLength: 8000, description: 'session description (RFC 8866), as a device or its SAP announcement gives it; in place of `stream`. A source filter in it (RFC 4570) says the senders' })
const Senders = Type.Array(Type.String({ minLength: 2, maxLength: 45, examples: ['192.168.10.5'] }), { minItems: 1, maxItems: 8, description: 'addresses whose packets are believed; everybody else\'s are dropped and counted' })
const Interface = Nullable(Type.String({ minLength: 1, maxLength: 45, pattern: '^[A-Za-z0-9_.:-]+$', description: 'name or address of the interface it is heard at; null: as the system routes', examples: ['eth0'] }))
const SrtPort = Type.Integer({ minimum: 1024, maximum: 65535, description: 'UDP port that it listens on; each source has its own', examples: [9001] })
const LatencyMs = Type.Integer({ minimum: 20, maximum: 8000, description: 'SRT\'s own buffer, ms: three to four round trips', examples: [200] })
const SilenceTimeoutMs = Nullable(Type.Integer({ minimum: 1000, maximum: 600000, description: 'digitally silent for this long counts as down, ms; null: the setting of the server' }))
const LevellingField = Type.Enum([...LEVELLINGS], { description: 'how its sound is brought to the loudness of the house (`LOA_CLIP_LOUDNESS_LUFS`): `programme` slowly, `speech` faster and further, for telephones and talk; `off`: not at all. Tones never are' })
const WatchField = Type.Enum([...WATCHES], { description: 'what is looked for in its sound: `all` faults, digital `silence` alone, or nothing (`off`)' })
const Fallback = Nullable(Id('source played when this one brings no sound'))

const STATES = ['idle', 'connecting', 'live', 'silent', 'fallback', 'down'] as const
const State = Type.Enum([...STATES])
const AcceptsFrom = Type.Enum(['always', 'window'], { description: 'window: takes sound only while an order with it is on the air, and around that; a key of class emergency is taken always' })
const LeadTimeMs = Type.Integer({ minimum: 0, maximum: 86_400_000, description: 'for `window`: who sends may come so long before, ms', examples: [600_000] })
const TailMs = Type.Integer({ minimum: 0, maximum: 3_600_000, description: 'for `window`: and is cut so long after the end, ms', examples: [60_000] })
const InputIds = Type.Array(Id('a source that carries the same programme'), { minItems: 2, maxItems: 8, uniqueItems: true, description: 'by rank, the best first; all are kept open while the source is needed' })
const Return = Type.Enum(['automatic', 'manual'], { description: 'whether a better input is gone back to by itself' })
const ReturnAfterMs = Type.Integer({ minimum: 0, maximum: 3_600_000, description: 'it must have been good without a break for so long, ms; longer when it has failed more than once lately', examples: [10_000] })

export const SourceCause = as('SourceCause', Type.Object({
  code: Type.Enum([...SOURCE_REASON_CODES], { description: '`other`: what another program or the network said; it stands in `detail`' }),
  title: Type.String(),
  titleVi: Type.String(),
  detail: Type.String({ description: 'in English; empty where there is no more to say' }),
  urlIndex: Nullable(Type.Integer({ description: 'which of the addresses of a relay; null: none of them' })),
}, { additionalProperties: false, description: 'what `reason` says; null: nothing', examples: [{ code: 'studio-gone', title: 'the studio has disconnected', titleVi: 'Bên gửi đã ngắt kết nối', detail: '', urlIndex: null }] }))

const common = {
  id: Id('the source'),
  name: Name('Studio'),
  unitId: OwnerId,
  fallbackSourceId: Fallback,
  silenceTimeoutMs: SilenceTimeoutMs,
  levelling: LevellingField,
  watch: WatchField,
  createdAt: Type.String({ format: 'date-time' }),
  status: Nullable(Type.Object({
    state: Type.Enum([...STATES], { description: '`silent`: something comes, but nothing worth hearing; `fault` says why' }),
    urlIndex: Nullable(Type.Integer()),
    peakDbfs: Nullable(Type.Number()),
    rmsDbfs: Nullable(Type.Number()),
    clippedPercent: Type.Number({ minimum: 0, maximum: 100, description: 'samples of the last ten seconds that are cut off at full scale' }),
    fault: Nullable(Type.Object({ code: Type.Enum([...SOUND_FAULTS]), title: Type.String(), titleVi: Type.String(), titleEn: Type.Optional(Type.String()) }, { additionalProperties: false, description: 'what is wrong with the sound that comes; with `clipping` it is played all the same' })),
    reason: Type.String({ description: 'in English, as logs have it' }),
    cause: Nullable(named(SourceCause)),
    title: Type.String(),
    receivedBytes: Nullable(Type.Integer({ description: 'over the connection that there is; null: it is not counted' })),
    standby: Nullable(Type.Object({
      inputSourceId: Nullable(Id('the source that sounds as its input; null: none has yet')),
      inputs: Type.Array(Type.Object({
        sourceId: Id('the source'),
        state: State,
        fault: Nullable(Type.String({ description: 'what is wrong with what it brings', examples: ['silence'] })),
        goodForMs: Type.Integer({ minimum: 0, description: 'for how long it has brought good sound without a break; 0: it does not' }),
        peakDbfs: Nullable(Type.Number()),
        rmsDbfs: Nullable(Type.Number()),
        receivedBytes: Nullable(Type.Integer()),
        reason: Type.String(),
        cause: Nullable(named(SourceCause)),
      }, { additionalProperties: false }), { description: 'by rank' }),
    }, { additionalProperties: false, description: 'of a standby source: how each of its inputs is' })),
  }, { additionalProperties: false, description: 'null when nothing is known yet; a level is null when there is no sound at all' })),
}

const ingest = { takeover: Takeover, acceptsFrom: AcceptsFrom, leadTimeMs: LeadTimeMs, tailMs: TailMs }
const icecast = { ...common, kind: Type.Literal('icecast'), mount: Mount, ...ingest }
const whip = { ...common, kind: Type.Literal('whip'), path: Type.String({ description: 'path of the stream port that WHIP clients (RFC 9725) send their offer to, with the key as Bearer token', examples: ['/whip/s-01HV5Y'] }), ...ingest, talkPath: Type.String({ description: 'path of the stream port with a page from which a person speaks; append # and the key, which then never leaves the browser but as its proof', examples: ['/talk/s-01HV5Y'] }), takeover: Takeover }
const relay = { ...common, kind: Type.Literal('relay'), urls: Urls }
const rtp = { ...common, kind: Type.Literal('rtp'), stream: RtpStream, senders: Senders, interface: Interface }
const rtmp = { ...common, kind: Type.Literal('rtmp'), ...ingest }
const srt = { ...common, kind: Type.Literal('srt'), port: SrtPort, latencyMs: LatencyMs }
const tone = { ...common, kind: Type.Literal('tone'), frequencyHz: FrequencyHz, levelDbfs: LevelDbfs }
const standby = {
  ...common,
  kind: Type.Literal('standby'),
  inputSourceIds: InputIds,
  return: Return,
  returnAfterMs: ReturnAfterMs,
  pinned: Nullable(Type.Object({ inputSourceId: Id('the source'), force: Type.Boolean() }, { additionalProperties: false, description: 'the input that somebody has chosen; null: by rank' })),
}
const phone = { ...common, kind: Type.Literal('phone') }
const closed = { additionalProperties: false }

export const Source = as('Source', Type.Union([Type.Object(icecast, closed), Type.Object(whip, closed), Type.Object(relay, closed), Type.Object(tone, closed), Type.Object(rtp, closed), Type.Object(rtmp, closed), Type.Object(srt, closed), Type.Object(standby, closed), Type.Object(phone, closed)], { description: 'credentials in URLs are shown as ***' }))
export type SourceView = Static<typeof Source>

const key = Type.String({ description: 'password of the encoder (user `source`), Bearer token of the WHIP client, stream key of RTMP, passphrase of SRT; shown only this once' })
export const SourceWithKey = as('SourceWithKey', Type.Union([Type.Object({ ...icecast, key }, closed), Type.Object({ ...whip, key }, closed), Type.Object(relay, closed), Type.Object(tone, closed), Type.Object(rtp, closed), Type.Object({ ...rtmp, key }, closed), Type.Object({ ...srt, key }, closed), Type.Object(standby, closed), Type.Object(phone, closed)]))

export const SourcePage = as('SourcePage', pageOf(named(Source)))

const given = { name: Name('Studio'), unitId: Type.Optional(OwnerId), fallbackSourceId: Type.Optional(Fallback), silenceTimeoutMs: Type.Optional(SilenceTimeoutMs), levelling: Type.Optional(LevellingField), watch: Type.Optional(WatchField) }

export const RtpAnnouncement = as('RtpAnnouncement', Type.Object({
  session: Type.String({ description: 'user, number and address of its origin: the same as long as the session lives', examples: ['- 1311738121 192.168.1.1'] }),
  name: Type.String(),
  sdp: Type.String({ description: 'the session description, to make a source from' }),
  stream: Nullable(RtpStream),
  senders: Nullable(Type.Array(Type.String(), { description: 'from its source filter; null: it has none, and a source needs to be told' })),
  fault: Type.String({ description: 'why it cannot be a source, or empty' }),
  faultVi: Type.String(),
  faultEn: Type.Optional(Type.String()),
}, closed))

export const RtpAnnouncements = as('RtpAnnouncements', Type.Object({
  listening: Type.Boolean({ description: 'false: the server was not told to (`LOA_SAP_INTERFACE`)' }),
  items: Type.Array(named(RtpAnnouncement)),
}, closed))
const givenIngest = { takeover: Type.Optional(Takeover), acceptsFrom: Type.Optional(AcceptsFrom), leadTimeMs: Type.Optional(LeadTimeMs), tailMs: Type.Optional(TailMs) }

export const CreateSource = Type.Union([
  Type.Object({ kind: Type.Literal('icecast'), ...given, mount: Mount, ...givenIngest }, closed),
  Type.Object({ kind: Type.Literal('whip'), ...given, ...givenIngest }, closed),
  Type.Object({ kind: Type.Literal('relay'), ...given, urls: Urls }, closed),
  Type.Object({ kind: Type.Literal('tone'), ...given, frequencyHz: FrequencyHz, levelDbfs: Type.Optional(LevelDbfs) }, closed),
  Type.Object({ kind: Type.Literal('rtp'), ...given, sdp: Type.Optional(Sdp), stream: Type.Optional(RtpStream), senders: Type.Optional(Senders), interface: Type.Optional(Interface) }, closed),
  Type.Object({ kind: Type.Literal('rtmp'), ...given, ...givenIngest }, closed),
  Type.Object({ kind: Type.Literal('srt'), ...given, port: SrtPort, latencyMs: Type.Optional(LatencyMs) }, closed),
  Type.Object({ kind: Type.Literal('standby'), ...given, inputSourceIds: InputIds, return: Type.Optional(Return), returnAfterMs: Type.Optional(ReturnAfterMs) }, closed),
  Type.Object({ kind: Type.Literal('phone'), ...given }, closed),
], { examples: [{ kind: 'icecast', name: 'Studio', mount: '/studio' }, { kind: 'whip', name: 'Điện thoại chủ tịch xã', takeover: 'replace' }, { kind: 'relay', name: 'VOV1', urls: ['https://radio.example.vn/vov1.m3u8'] }, { kind: 'tone', name: 'Còi', frequencyHz: 1500 }, { kind: 'rtp', name: 'Bàn trộn', stream: { group: '239.192.7.1', port: 5004, codec: 'l24', payloadType: 98, sampleRateHz: 48000, channels: 2 }, senders: ['192.168.10.5'] }, { kind: 'rtmp', name: 'OBS' }, { kind: 'srt', name: 'Xe lưu động', port: 9001 }, { kind: 'standby', name: 'Buổi sáng', inputSourceIds: ['s-01HV5Y', 's-01HV5Z'] }] })
export type CreateSourceBody = Static<typeof CreateSource>

export const ChangeSource = Type.Object({
  name: Type.Optional(Name('Studio')),
  unitId: Type.Optional(OwnerId),
  fallbackSourceId: Type.Optional(Fallback),
  silenceTimeoutMs: Type.Optional(SilenceTimeoutMs),
  levelling: Type.Optional(LevellingField),
  watch: Type.Optional(WatchField),
  mount: Type.Optional(Mount),
  takeover: Type.Optional(Takeover),
  urls: Type.Optional(Urls),
  frequencyHz: Type.Optional(FrequencyHz),
  levelDbfs: Type.Optional(LevelDbfs),
  sdp: Type.Optional(Sdp),
  stream: Type.Optional(RtpStream),
  senders: Type.Optional(Senders),
  interface: Type.Optional(Interface),
  port: Type.Optional(SrtPort),
  latencyMs: Type.Optional(LatencyMs),
  acceptsFrom: Type.Optional(AcceptsFrom),
  leadTimeMs: Type.Optional(LeadTimeMs),
  tailMs: Type.Optional(TailMs),
  inputSourceIds: Type.Optional(InputIds),
  return: Type.Optional(Return),
  returnAfterMs: Type.Optional(ReturnAfterMs),
}, { additionalProperties: false, minProperties: 1, description: 'the kind stays; a URL sent back as it was shown, masked, keeps its credentials', examples: [{ name: 'Phòng thu' }] })
export type ChangeSourceBody = Static<typeof ChangeSource>

export const SourceQuery = Type.Object({ ...PageParams, kind: Type.Optional(Type.Enum(['icecast', 'whip', 'relay', 'tone', 'rtp', 'rtmp', 'srt', 'standby', 'phone'])) }, { additionalProperties: false })
