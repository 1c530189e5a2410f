import { Type, type Static } from 'typebox'
import { as, Id, Name, named, Nullable, PageParams, pageOf } from './common.ts'

const closed = { additionalProperties: false }
const count = (description: string) => Type.Integer({ minimum: 0, description })

const Hears = Type.Object({ clusterId: Id('the cluster whose sound it carries') }, closed)
const Mode = Type.Enum(['multicast', 'unicast'], { description: '`multicast`: one packet for a whole zone; `unicast`: one receiver, which must prove its address first (server/protocol.md)' })
const Address = Type.String({ minLength: 2, maxLength: 45, description: 'multicast group (224.0.0.0/4 without 224.0.0.0/24, or ff00::/8) or address of the receiver; best a group of administrative scope (239.0.0.0/8)', examples: ['239.192.0.7'] })
const Port = Type.Integer({ minimum: 1024, maximum: 65534, description: 'UDP port of RTP; RTCP is one above it', examples: [5004] })
const Codec = Type.Enum(['opus', 'l16', 'pcmu'], { description: '`opus` (RFC 7587), `l16`: 16 bits at 48 kHz, `pcmu`: G.711 µ-law at 8 kHz (RFC 3551); mono all' })
const PtimeMs = Type.Enum([10, 20, 40, 60], { description: 'sound in one packet, ms; 10 not for opus. l16 fits into an Ethernet frame at 10 only, longer packets are fragmented' })
const Ttl = Type.Integer({ minimum: 0, maximum: 255, description: 'how many routers a multicast packet may pass, plus one; 0: this machine only' })
const Dscp = Type.Integer({ minimum: 0, maximum: 63, description: 'DiffServ code point; 46 is expedited forwarding' })
const Interface = Nullable(Type.String({ minLength: 1, maxLength: 45, pattern: '^[A-Za-z0-9_.:-]+$', description: 'name or address of the interface of the server that multicast leaves from; null: as its system routes', examples: ['eth0'] }))
const Sap = Type.Boolean({ description: 'announce it by SAP (RFC 2974); multicast only' })

const given = { name: Name('Loa IP tầng 1'), hears: Hears, mode: Mode, address: Address, port: Port, codec: Codec, ptimeMs: PtimeMs, ttl: Ttl, dscp: Dscp, interface: Interface, sap: Sap }

export const RtpOutput = as('RtpOutput', Type.Object({
  id: Id('the output'),
  ...given,
  createdAt: Type.String({ format: 'date-time' }),
  status: Nullable(Type.Object({
    state: Type.Enum(['sending', 'waiting-for-proof', 'failed']),
    reason: Type.String({ description: 'why it failed, or empty' }),
    ssrc: Type.Integer(),
    fanOut: count('number of the process that sends it'),
    packetsTotal: count('packets sent by that process'),
    bytesTotal: count('payload sent by that process'),
    sendErrorsTotal: count('packets that the system refused'),
    emptiedFramesTotal: count('Opus frames that could not share a packet with their neighbours and were left to concealment'),
    reportsTotal: count('receiver reports'),
    receivers: count('receivers that have reported lately'),
    worstLossPercent: Nullable(Type.Number({ description: 'of the receiver that is worst off, since its report before' })),
    worstJitterMs: Nullable(Type.Number()),
    worstRoundTripMs: Nullable(Type.Number()),
    provenUntil: Nullable(Type.String({ format: 'date-time', description: 'unicast: when the proof of address runs out' })),
  }, { additionalProperties: false, description: 'null when nothing sends it now' })),
}, closed))
export type RtpOutputView = Static<typeof RtpOutput>

export const RtpOutputPage = as('RtpOutputPage', pageOf(named(RtpOutput)))

export const CreateRtpOutput = Type.Object({
  name: given.name,
  hears: Hears,
  mode: Mode,
  address: Address,
  port: Port,
  codec: Type.Optional(Codec),
  ptimeMs: Type.Optional(PtimeMs),
  ttl: Type.Optional(Ttl),
  dscp: Type.Optional(Dscp),
  interface: Type.Optional(Interface),
  sap: Type.Optional(Sap),
}, {
  additionalProperties: false,
  description: 'left out: opus, 20 ms (l16: 10), TTL 1, DSCP 46, no interface, announced if multicast',
  examples: [{ name: 'Loa IP tầng 1', hears: { clusterId: 'c-1' }, mode: 'multicast', address: '239.192.0.7', port: 5004, codec: 'opus', ptimeMs: 20, ttl: 4, sap: true }],
})

export const RtpOutputQuery = Type.Object({ ...PageParams, clusterId: Type.Optional(Type.String({ maxLength: 128, description: 'only outputs that carry this cluster\'s sound' })) }, closed)
