/** First line and header fields of an HTTP request, as far as the stream port needs them. */
export interface RequestHead {
  readonly method: string
  /** Path without the query, percent-decoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** `HTTP/1.1`, `HTTP/1.0` or `ICE/1.0`. */
  readonly protocol: string
  /** Names in lower case; the last of equal names wins. */
  readonly headers: ReadonlyMap<string, string>
  /** Bytes of the buffer that the head took, blank line included. */
  readonly headBytes: number
}

export const MAX_HEAD_BYTES = 16 * 1024
const MAX_HEADERS = 100
const BLANK_LINE = '\r\n\r\n'

export type HeadResult =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'head'; readonly head: RequestHead }
  | { readonly kind: 'bad'; readonly status: 400 | 414 | 431 | 505; readonly reason: string }

/** Other than a tab; RFC 9110, 5.5. */
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/
/** All that anybody sends here; RFC 9110 allows more. */
const METHOD = /^[A-Z]{1,10}$/
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Reads a request head (RFC 9112, 2 and 3; and the `SOURCE /mount ICE/1.0` of old studio encoders) from what has come so far.
 * Strict: whatever Node's own parser would read differently is refused, so that nothing can be smuggled past either of them.
 */
export function readRequestHead(bytes: Buffer): HeadResult {
  const end = bytes.indexOf(BLANK_LINE)
  if (end < 0) {
    // As many bytes of the blank line may be here already, so that it does not matter how the head is cut.
    if (bytes.length > MAX_HEAD_BYTES + BLANK_LINE.length - 1) return { kind: 'bad', status: 431, reason: 'request head is too long' }
    if (looksLikeHttp(bytes)) return { kind: 'incomplete' }
    return { kind: 'bad', status: 400, reason: 'this is no HTTP request' }
  }
  if (end > MAX_HEAD_BYTES) return { kind: 'bad', status: 431, reason: 'request head is too long' }

  const [requestLine, ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const [method, target, protocol, ...more] = requestLine!.split(' ')
  if (method === undefined || target === undefined || protocol === undefined || more.length > 0 || !METHOD.test(method) || !target.startsWith('/')) {
    return { kind: 'bad', status: 400, reason: 'the request line must read: METHOD /path HTTP/1.1' }
  }
  if (!/^(?:HTTP\/1\.[01]|ICE\/1\.0)$/.test(protocol)) return { kind: 'bad', status: 505, reason: 'HTTP/1.1 and HTTP/1.0 are spoken here' }
  if (lines.length > MAX_HEADERS) return { kind: 'bad', status: 431, reason: 'too many header fields' }

  const headers = new Map<string, string>()
  for (const line of lines) {
    if (CONTROL.test(line)) return { kind: 'bad', status: 400, reason: 'control characters in a header field' }
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    if (colon < 1 || !TOKEN.test(name)) return { kind: 'bad', status: 400, reason: 'malformed header field' }
    headers.set(name.toLowerCase(), line.slice(colon + 1).trim())
  }

  const mark = target.indexOf('?')
  let path: string
  try {
    path = decodeURIComponent(mark < 0 ? target : target.slice(0, mark))
  } catch {
    return { kind: 'bad', status: 400, reason: 'the path is not valid percent-encoded UTF-8' }
  }
  return { kind: 'head', head: { method, path, query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)), protocol, headers, headBytes: end + BLANK_LINE.length } }
}

/** A request target in origin form as a URL; null for what is none. Never throws: targets come from anybody. */
export function targetUrl(target: string | undefined): URL | null {
  return target?.startsWith('/') === true ? URL.parse(`http://stream${target}`) : null
}

/** Whether the beginning could still become a request: a method in capitals, then a space. */
function looksLikeHttp(bytes: Buffer): boolean {
  return bytes.length === 0 || /^[A-Z]{1,10}(?: |$)/.test(bytes.toString('latin1', 0, 11))
}

/** The secret a client shows: `?key=`, `Authorization: Bearer`, the password of Basic, or `X-Loa-Key`. */
export function presentedKey(head: RequestHead): string | null {
  const fromQuery = head.query.get('key')
  if (fromQuery !== null) return fromQuery
  const header = head.headers.get('x-loa-key')
  if (header !== undefined) return header
  const authorization = head.headers.get('authorization')
  if (authorization === undefined) return null
  const [scheme, value = ''] = authorization.split(/\s+/, 2)
  if (/^bearer$/i.test(scheme!)) return value
  if (/^basic$/i.test(scheme!)) {
    const text = Buffer.from(value, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    return colon < 0 ? null : text.slice(colon + 1)
  }
  return null
}
