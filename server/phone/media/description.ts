import { isIP } from 'node:net'
import { parse, parsePayloads, type MediaDescription, type SessionDescription } from 'sdp-transform'
import type { MediaAddress } from './latch.ts'
import { SRTP_KEY_BYTES, SRTP_SALT_BYTES, SRTP_TAG_BYTES, type SrtpSuite } from './srtp.ts'
import type { VoiceCodecName } from './voice-codec.ts'

/** Session descriptions (RFC 8866) of calls: what the other side says of its sound, read tolerantly, never trusted. */

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export interface OfferedCodec {
  readonly codec: VoiceCodecName
  readonly payloadType: number
}

export interface CryptoLine {
  readonly tag: number
  readonly suite: SrtpSuite
  readonly keyAndSalt: Buffer
}

/** The other side's sound, of its first audio line that can be used. */
export interface RemoteAudio {
  /** Which media line it is, and all of them, since an answer has a line for each (RFC 3264, 6). */
  readonly index: number
  readonly lines: readonly { readonly type: string; readonly protocol: string; readonly payloads: string }[]
  readonly protocol: string
  /** Null where it names none: on hold the old way (0.0.0.0), or a name instead of an address. */
  readonly address: MediaAddress | null
  readonly rtcpPort: number
  readonly rtcpMux: boolean
  readonly direction: Direction
  /** In its order. */
  readonly codecs: readonly OfferedCodec[]
  readonly events: readonly { readonly payloadType: number; readonly clockHz: number }[]
  readonly crypto: readonly CryptoLine[]
}

const PLAIN = ['RTP/AVP', 'RTP/AVPF']
const SECURE = ['RTP/SAVP', 'RTP/SAVPF']
/** RFC 3551, 6: types that need no rtpmap. */
const STATIC: Readonly<Record<number, string>> = { 0: 'PCMU/8000', 8: 'PCMA/8000' }
const MAX_SDP_BYTES = 16_384
const MAX_MEDIA_LINES = 16
const EVENT_NAME = 'telephone-event'

/** @returns null when it is no description, or holds no audio that we understand */
export function readDescription(sdp: string): RemoteAudio | null {
  if (sdp.length > MAX_SDP_BYTES || !sdp.startsWith('v=0')) return null
  let session: SessionDescription
  try {
    session = parse(sdp)
  } catch {
    return null
  }
  const { media } = session
  if (media.length === 0 || media.length > MAX_MEDIA_LINES) return null
  const lines = media.map((one) => ({ type: String(one.type), protocol: String(one.protocol), payloads: String(one.payloads ?? '0') }))
  const readable = media.map((one, index) => readAudio(session, one, index, lines)).filter((audio) => audio !== null)
  // Of an encrypted and a plain line the encrypted one is what the caller would rather have.
  return readable.find(({ protocol }) => SECURE.includes(protocol)) ?? readable[0] ?? null
}

function readAudio(session: SessionDescription, media: MediaDescription, index: number, lines: RemoteAudio['lines']): RemoteAudio | null {
  const protocol = String(media.protocol)
  if (media.type !== 'audio' || !(PLAIN.includes(protocol) || SECURE.includes(protocol)) || !isPort(media.port)) return null
  const codecs: OfferedCodec[] = []
  const events: { payloadType: number; clockHz: number }[] = []
  for (const payloadType of parsePayloads(String(media.payloads ?? ''))) {
    if (!Number.isInteger(payloadType) || payloadType < 0 || payloadType > 127) continue
    const map = media.rtp.find(({ payload }) => payload === payloadType)
    const name = (map === undefined ? STATIC[payloadType] : `${map.codec}/${String(map.rate)}`)?.toLowerCase()
    if (name === 'pcma/8000' || name === 'pcmu/8000') codecs.push({ codec: name === 'pcma/8000' ? 'pcma' : 'pcmu', payloadType })
    else if (name === 'opus/48000') codecs.push({ codec: 'opus', payloadType })
    else if (name?.startsWith(`${EVENT_NAME}/`) === true) events.push({ payloadType, clockHz: Number(map?.rate) })
  }
  if (codecs.length === 0) return null
  const crypto = (media.crypto ?? []).map(readCrypto).filter((line) => line !== null)
  if (SECURE.includes(protocol) && crypto.length === 0) return null
  const ip = String((media.connection ?? session.connection)?.ip ?? '').split('/', 1)[0]!
  const unreachable = isIP(ip) === 0 || ip === '0.0.0.0' || ip === '::'
  if (isMulticast(ip)) return null
  const rtcpPort = media.rtcp?.port
  return {
    index, lines, protocol, codecs, events, crypto,
    address: unreachable ? null : { address: ip, port: media.port },
    rtcpPort: rtcpPort !== undefined && isPort(rtcpPort) ? rtcpPort : media.port + 1,
    rtcpMux: media.rtcpMux !== undefined,
    direction: ip === '0.0.0.0' || ip === '::' ? 'inactive' : media.direction ?? session.direction ?? 'sendrecv',
  }
}

const isPort = (port: unknown): port is number => typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536
const isMulticast = (ip: string): boolean => /^(?:22[4-9]|23\d)\.|^ff/i.test(ip) || ip === '255.255.255.255'

/** Lines with a master key index or session parameters are passed over: we do not do what they ask (RFC 4568, 6.3 asks for exactly that). */
function readCrypto(line: { readonly id: number; readonly suite: string; readonly config: string; readonly sessionConfig?: string | undefined }): CryptoLine | null {
  const { suite, config, sessionConfig } = line
  if (!Number.isInteger(line.id) || !isSuite(suite) || (sessionConfig ?? '') !== '') return null
  const key = /^inline:([A-Za-z0-9+/]{40}={0,2})(?:\|2\^\d{1,2}|\|\d{1,15})?$/.exec(config)?.[1]
  const keyAndSalt = Buffer.from(key ?? '', 'base64')
  return keyAndSalt.length === SRTP_KEY_BYTES + SRTP_SALT_BYTES ? { tag: line.id, suite, keyAndSalt } : null
}

const isSuite = (suite: string): suite is SrtpSuite => Object.hasOwn(SRTP_TAG_BYTES, suite)

/** What both sides do from now on. */
export interface AgreedAudio {
  readonly codec: VoiceCodecName
  readonly payloadType: number
  readonly eventPayloadType: number | null
  readonly remote: MediaAddress | null
  readonly remoteRtcpPort: number
  readonly rtcpMux: boolean
  /** Whether the other side wants to hear us, and whether we want to hear it. */
  readonly sends: boolean
  readonly receives: boolean
  readonly held: boolean
  readonly crypto: { readonly tag: number; readonly suite: SrtpSuite; readonly remoteKey: Buffer } | null
}

/** @param wanted codecs that we may use, best first; @returns null when none is shared */
export function agree(remote: RemoteAudio, wanted: readonly VoiceCodecName[]): AgreedAudio | null {
  const chosen = wanted.map((name) => remote.codecs.find(({ codec }) => codec === name)).find((codec) => codec !== undefined)
  if (chosen === undefined) return null
  const clockHz = chosen.codec === 'opus' ? 48_000 : 8000
  const event = remote.events.find((one) => one.clockHz === clockHz) ?? remote.events[0]
  const [crypto] = remote.crypto
  const held = remote.direction === 'sendonly' || remote.direction === 'inactive'
  return {
    codec: chosen.codec,
    payloadType: chosen.payloadType,
    eventPayloadType: event?.payloadType ?? null,
    remote: remote.address,
    remoteRtcpPort: remote.rtcpPort,
    rtcpMux: remote.rtcpMux,
    sends: !held,
    // Music on hold is not what the caller says.
    receives: remote.direction === 'sendrecv',
    held,
    crypto: crypto === undefined ? null : { tag: crypto.tag, suite: crypto.suite, remoteKey: crypto.keyAndSalt },
  }
}

/** Our own side of a description. */
export interface LocalAudio {
  readonly sessionId: number
  /** Grows when the description changes (RFC 3264, 8). */
  readonly version: number
  readonly address: string
  readonly port: number
  /** Ours, when the call is encrypted. */
  readonly keyAndSalt: Buffer | null
}

const MIRRORED: Readonly<Record<Direction, Direction>> = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' }
const RTPMAP: Readonly<Record<VoiceCodecName, string>> = { opus: 'opus/48000/2', pcma: 'PCMA/8000', pcmu: 'PCMU/8000' }
const KEYS = '0-11'

/** The answer to an offer (RFC 3264, 6): its lines, of which all but the one we take are refused. */
export function writeAnswer(local: LocalAudio, remote: RemoteAudio, agreed: AgreedAudio): string {
  const event = remote.events.find(({ payloadType }) => payloadType === agreed.eventPayloadType)
  const taken = [
    `m=audio ${String(local.port)} ${remote.protocol} ${[agreed.payloadType, ...(event === undefined ? [] : [event.payloadType])].join(' ')}`,
    ...payloadLines(agreed.codec, agreed.payloadType),
    ...(event === undefined ? [] : eventLines(event.payloadType, event.clockHz)),
    'a=ptime:20',
    `a=${MIRRORED[remote.direction]}`,
    ...(remote.rtcpMux ? ['a=rtcp-mux'] : []),
    ...(agreed.crypto === null || local.keyAndSalt === null ? [] : [cryptoLine(agreed.crypto.tag, agreed.crypto.suite, local.keyAndSalt)]),
  ]
  const refused = (line: RemoteAudio['lines'][number]): string => `m=${line.type} 0 ${line.protocol} ${line.payloads}`
  return joined([...head(local), ...remote.lines.flatMap((line, index) => (index === remote.index ? taken : [refused(line)]))])
}

/** An offer of ours, for a call that came without one: in the clear, since nothing is known of the other side. */
export function writeOffer(local: LocalAudio, wanted: readonly VoiceCodecName[]): string {
  const codecs = wanted.map((codec) => ({ codec, payloadType: OFFERED_TYPES[codec] }))
  return joined([
    ...head(local),
    `m=audio ${String(local.port)} RTP/AVP ${[...codecs.map(({ payloadType }) => payloadType), OFFERED_EVENT].join(' ')}`,
    ...codecs.flatMap(({ codec, payloadType }) => payloadLines(codec, payloadType)),
    ...eventLines(OFFERED_EVENT, 8000),
    'a=ptime:20',
    'a=sendrecv',
  ])
}

const OFFERED_TYPES: Readonly<Record<VoiceCodecName, number>> = { opus: 96, pcma: 8, pcmu: 0 }
const OFFERED_EVENT = 101

function head({ sessionId, version, address }: LocalAudio): string[] {
  const family = isIP(address) === 6 ? 'IP6' : 'IP4'
  return ['v=0', `o=loa ${String(sessionId)} ${String(version)} IN ${family} ${address}`, 's=-', `c=IN ${family} ${address}`, 't=0 0']
}

const payloadLines = (codec: VoiceCodecName, type: number): string[] => [
  `a=rtpmap:${String(type)} ${RTPMAP[codec]}`,
  ...(codec === 'opus' ? [`a=fmtp:${String(type)} useinbandfec=1;stereo=0;sprop-stereo=0;maxaveragebitrate=32000`] : []),
]
const eventLines = (type: number, clockHz: number): string[] => [`a=rtpmap:${String(type)} ${EVENT_NAME}/${String(clockHz)}`, `a=fmtp:${String(type)} ${KEYS}`]
const cryptoLine = (tag: number, suite: SrtpSuite, keyAndSalt: Buffer): string => `a=crypto:${String(tag)} ${suite} inline:${keyAndSalt.toString('base64')}`
const joined = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`
