import type { AddressPolicy, IcecastSourceRecord, SourceRecord, Store, WhipSourceRecord } from './ports.ts'
import { ApiError } from './problem.ts'

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
export const hasKey = (source: SourceRecord): source is IcecastSourceRecord | WhipSourceRecord => source.kind === 'icecast' || source.kind === 'whip'

/** Path of the stream port that a WHIP source is sent to. */
export const whipPath = (sourceId: string): string => `/whip/${sourceId}`

/** Paths of the stream port that are not mounts. */
const RESERVED_MOUNT = /^\/(?:admin|listen|monitor|v1|whip|healthz|readyz|metrics)(?:\/|$)/

export function checkMount(mount: string): void {
  if (!RESERVED_MOUNT.test(mount)) return
  const [message, messageVi] = ['is a path of the server itself', 'là đường dẫn của hệ thống']
  throw new ApiError('LOA_ERR_INVALID', `mount ${message}`, `mount ${messageVi}`, { errors: [{ path: 'mount', message, messageVi }] })
}

/** @throws ApiError LOA_ERR_CYCLE when going from fallback to fallback would come back to `id`. */
export function checkFallback(id: string, fallbackSourceId: string | null, store: Store): void {
  const seen = new Set<string>()
  for (let next = fallbackSourceId; next !== null && !seen.has(next); next = store.sources.get(next)?.fallbackSourceId ?? null) {
    if (next === id) {
      const [message, messageVi] = ['leads back to the source itself', 'dẫn ngược về chính nguồn này']
      throw new ApiError('LOA_ERR_CYCLE', `fallbackSourceId ${message}`, `fallbackSourceId ${messageVi}`, { errors: [{ path: 'fallbackSourceId', message, messageVi }] })
    }
    seen.add(next)
  }
}
