import { newSecret } from './ids.ts'
import { keyTag, type IngestRules } from './ingest-port.ts'
import type { AddressPolicy, IcecastSourceRecord, RtmpSourceRecord, RtpStream, SourceRecord, Store, WhipSourceRecord } from './ports.ts'
import { ApiError } from './problem.ts'
import { readRtpDescription } from './rtp-description.ts'
import type { RtpBroadcast } from './rtp-port.ts'
import { invalid } from './validation.ts'

const SCHEMES = ['http:', 'https:', 'rtsp:', 'rtmp:', 'srt:', 'rtp:', 'udp:']

/** Query parameters whose value is, by their name, likely to be a secret (an SRT stream id carries user and session). */
const SECRET_PARAMETER = /pass|pwd|secret|token|key|auth|sig|cred|user|session|streamid/i

const MASK = '***'

/** A URL as it may be shown and logged: user information and secret-looking query values replaced. */
export function maskUrl(text: string): string {
  const [beforeFragment = ''] = text.split('#', 1)
  const [base = '', ...query] = beforeFragment.split('?')
  const shown = base.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, `$1${MASK}@`)
  if (query.length === 0) return shown
  const parameters = query.join('?').split('&').map((parameter) => {
    const [name = ''] = parameter.split('=', 1)
    return SECRET_PARAMETER.test(name) && parameter.includes('=') ? `${name}=${MASK}` : parameter
  })
  return `${shown}?${parameters.join('&')}`
}

/**
 * Checks the URLs of a relay by their letters: scheme, host, no plainly private address. Names are looked up only when the engine connects, and
 * checked again there.
 * @throws ApiError LOA_ERR_SOURCE_URL or LOA_ERR_PRIVATE_ADDRESS, naming the URL masked
 */
export function checkRelayUrls(urls: readonly string[], addresses: AddressPolicy, allowPrivate: boolean, pathOf = (index: number) => `urls[${String(index)}]`): void {
  urls.forEach((text, index) => {
    const path = pathOf(index)
    const refuse = (message: string, messageVi: string, code: 'LOA_ERR_SOURCE_URL' | 'LOA_ERR_PRIVATE_ADDRESS' = 'LOA_ERR_SOURCE_URL'): never => {
      throw new ApiError(code, `${path} ${message}`, `${path} ${messageVi}`, { errors: [{ path, message, messageVi }] })
    }
    const url = URL.parse(text)
    // Control characters and spaces are dropped or encoded by the URL parser, but would reach the program that fetches.
    if (url === null || /[\s\p{Cc}]/u.test(text)) return refuse('is not a URL', 'không phải URL')
    if (!SCHEMES.includes(url.protocol)) return refuse(`must start with one of ${SCHEMES.map((scheme) => `${scheme}//`).join(', ')}`, 'có giao thức không được hỗ trợ')
    if (url.hostname === '') return refuse('must name a host', 'phải có tên máy chủ')
    if (!allowPrivate && addresses.isPrivateHost(url.hostname)) refuse(`names a private address (${maskUrl(text)})`, 'trỏ tới địa chỉ nội bộ', 'LOA_ERR_PRIVATE_ADDRESS')
  })
}

/** A URL that comes back exactly as it was shown keeps the credentials it had. */
export function unmaskUrls(given: readonly string[], kept: readonly string[]): readonly string[] {
  return given.map((url) => kept.find((known) => maskUrl(known) === url) ?? url)
}

/** Those that something sends to, and proves itself by a key. */
export type KeyedSourceRecord = IcecastSourceRecord | WhipSourceRecord | RtmpSourceRecord
export const hasKey = (source: SourceRecord): source is KeyedSourceRecord => source.kind === 'icecast' || source.kind === 'whip' || source.kind === 'rtmp'

/** A key that was taken back longer ago than so many others is over in every other way too: no fan-out takes it. */
const MOST_REVOKED = 50

/** With the keys of these hashes taken back: who came with them is cut. */
export const revoking = (before: IngestRules, hashes: readonly string[]): IngestRules => ({ ...before, revokedKeyTags: [...new Set([...before.revokedKeyTags, ...hashes.map(keyTag)])].slice(-MOST_REVOKED) })

/** A new key. That of an RTMP source names its source, because it is all that an encoder sends. */
export const newSourceKey = (kind: SourceRecord['kind'], id: string): string => (kind === 'rtmp' ? `${id}.${newSecret()}` : newSecret())

/** Under which name a fan-out knows who sends to a source. */
export const studioMount = (source: KeyedSourceRecord): string => (source.kind === 'icecast' ? source.mount : `/${source.kind}/${source.id}`)

/** Path of the stream port that a WHIP source is sent to. */
export const whipPath = (sourceId: string): string => `/whip/${sourceId}`

/** Path of the stream port with the page from which a person speaks into a WHIP source. */
export const talkPath = (sourceId: string): string => `/talk/${sourceId}`

/** Paths of the stream port that are not mounts. */
const RESERVED_MOUNT = /^\/(?:admin|listen|monitor|talk|v1|whip|whep|rtmp|healthz|readyz|metrics)(?:\/|$)/

export function checkMount(mount: string): void {
  if (!RESERVED_MOUNT.test(mount)) return
  const [message, messageVi] = ['is a path of the server itself', 'là đường dẫn của hệ thống']
  throw new ApiError('LOA_ERR_INVALID', `mount ${message}`, `mount ${messageVi}`, { errors: [{ path: 'mount', message, messageVi }] })
}

/** What may sound in the place of a source: its inputs, by rank, and at last its fallback. */
export const inputsOf = (source: SourceRecord): readonly string[] => [...(source.kind === 'standby' ? source.inputSourceIds : []), ...(source.fallbackSourceId === null ? [] : [source.fallbackSourceId])]

/**
 * @param source as it is to be
 * @throws ApiError LOA_ERR_CYCLE when going from input to input and fallback to fallback would come back to it
 */
export function checkFallback(source: SourceRecord, store: Pick<Store, 'sources'>): void {
  const seen = new Set<string>()
  const leadsBack = (id: string): boolean => {
    if (id === source.id) return true
    if (seen.has(id)) return false
    seen.add(id)
    const next = store.sources.get(id)
    return next !== undefined && inputsOf(next).some(leadsBack)
  }
  const refuse = (path: string): never => {
    const [message, messageVi] = ['leads back to the source itself', 'dẫn ngược về chính nguồn này']
    throw new ApiError('LOA_ERR_CYCLE', `${path} ${message}`, `${path} ${messageVi}`, { errors: [{ path, message, messageVi }] })
  }
  const inputs = source.kind === 'standby' ? source.inputSourceIds : []
  for (const [index, id] of inputs.entries()) if (leadsBack(id)) refuse(`inputSourceIds[${String(index)}]`)
  if (source.fallbackSourceId !== null && leadsBack(source.fallbackSourceId)) refuse('fallbackSourceId')
}

const wrong = (path: string, message: string, messageVi: string): ApiError => invalid([{ path, message, messageVi }])

/** What is given of an RTP source: a description, or what one would say. */
export interface RtpLine {
  readonly sdp?: string | undefined
  readonly stream?: RtpStream | undefined
  readonly senders?: readonly string[] | undefined
}

/**
 * The stream and who may send it, addresses in their canonical form. Senders are always named: RTP proves nothing, and whoever reaches the port would be on air.
 * @param before what holds where nothing is given
 */
export function rtpLine({ sdp, stream, senders }: RtpLine, rtp: Pick<RtpBroadcast, 'address'>, before?: { readonly stream: RtpStream; readonly senders: readonly string[] }): { readonly stream: RtpStream; readonly senders: readonly string[] } {
  if (sdp !== undefined && stream !== undefined) throw wrong('stream', 'is left out where sdp is given', 'không dùng cùng sdp')
  const described = sdp === undefined ? undefined : readRtpDescription(sdp)
  if (described !== undefined && !('stream' in described)) throw wrong('sdp', ...described)
  const chosen = described?.stream ?? stream ?? before?.stream
  if (chosen === undefined) throw wrong('sdp', 'or stream is needed', 'hoặc stream là bắt buộc')
  const allowed = senders ?? described?.senders ?? before?.senders
  if (allowed === undefined) throw wrong('senders', 'is needed where the description has no source filter: the addresses that may send', 'là bắt buộc khi SDP không có source-filter: các địa chỉ được phép gửi')
  return { stream: checkedStream(chosen, sdp === undefined ? 'stream' : 'sdp', rtp), senders: allowed.map((sender, index) => canonical(rtp, 'unicast', sender, `senders[${String(index)}]`)) }
}

function checkedStream(stream: RtpStream, path: string, rtp: Pick<RtpBroadcast, 'address'>): RtpStream {
  if (stream.port < MIN_PORT || stream.port > 65_535) throw wrong(path, 'names a port below 1024', 'có cổng nhỏ hơn 1024')
  if (stream.payloadType < 0 || stream.payloadType > 127) throw wrong(path, 'names a payload type that cannot be', 'có payload type không hợp lệ')
  if (stream.channels < 1 || stream.channels > MAX_CHANNELS) throw wrong(path, `must have 1 to ${String(MAX_CHANNELS)} channels`, `phải có từ 1 đến ${String(MAX_CHANNELS)} kênh`)
  if (stream.codec === 'opus' ? stream.sampleRateHz !== 48_000 : stream.sampleRateHz < 8000 || stream.sampleRateHz > 192_000) throw wrong(path, 'has a rate that cannot be played: 8 to 192 kHz, Opus 48 kHz', 'có tần số lấy mẫu không phát được: 8 đến 192 kHz, Opus 48 kHz')
  return { ...stream, group: stream.group === null ? null : canonical(rtp, 'multicast', stream.group, path) }
}

function canonical(rtp: Pick<RtpBroadcast, 'address'>, mode: 'multicast' | 'unicast', address: string, path: string): string {
  const judged = rtp.address(mode, address)
  if ('canonical' in judged) return judged.canonical
  throw mode === 'multicast' ? wrong(path, 'names no multicast group that may be used', 'không có nhóm multicast dùng được') : wrong(path, 'must be an address of a sender', 'phải là địa chỉ của máy gửi')
}

const MIN_PORT = 1024
const MAX_CHANNELS = 8

/** @throws ApiError LOA_ERR_IN_USE when another source listens there */
export function checkSrtPort(port: number, id: string, store: Store): void {
  const other = store.sources.all().find((source) => source.kind === 'srt' && source.port === port && source.id !== id)
  if (other !== undefined) throw new ApiError('LOA_ERR_IN_USE', `the source ${other.id} listens on port ${String(port)}`, `nguồn ${other.id} đang dùng cổng ${String(port)}`)
}
