import sip, { type Address, type Message } from 'sip'

/**
 * SIP messages as text and as what we know of them. The package reads the parts that need a grammar; it is given a short, canonical message made of checked
 * lines, because on others it is slow (its expressions go back over long runs), forgets headers (compact forms), mixes up addresses of IPv6, or hangs.
 * Whatever goes back to the sender (Via, To, From, ...) goes back as it came.
 */

/** Header fields by their long name in lower case, in their order, unfolded. */
export type SipFields = ReadonlyMap<string, readonly string[]>

export interface SipRequest {
  readonly kind: 'request'
  readonly method: string
  readonly uri: string
  readonly fields: SipFields
  readonly callId: string
  readonly fromTag: string
  readonly toTag: string | null
  readonly seq: number
  readonly branch: string
  /** As the sender wrote itself into the topmost Via. */
  readonly sentBy: { readonly host: string; readonly port: number | null; readonly asksRport: boolean }
  /** URI of the first Contact. */
  readonly contact: string | null
  readonly callerId: string
  readonly body: string
  readonly parsed: Message
}

export interface SipResponse {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
  readonly fields: SipFields
  readonly callId: string
  readonly seq: number
  readonly method: string
  readonly branch: string
  /** Our address as the other side sees it (RFC 3581). */
  readonly seenAs: { readonly address: string | null; readonly port: number | null }
  readonly toTag: string | null
  readonly contact: string | null
  readonly body: string
  readonly parsed: Message
}

export type Read =
  | SipRequest
  | SipResponse
  /** A request that is wrong and can be told so. */
  | { readonly kind: 'wrong'; readonly method: string; readonly status: number; readonly reason: string; readonly fields: SipFields }
  | { readonly kind: 'junk' }

export const MAX_HEAD_BYTES = 8192
export const MAX_BODY_BYTES = 16_384
const MAX_LINES = 128
/** Of the lines that the package's expressions go over. */
const MAX_PARSED_LINE = 1024
const JUNK: Read = { kind: 'junk' }

const LONG_NAMES: Readonly<Record<string, string>> = {
  a: 'accept-contact', b: 'referred-by', c: 'content-type', d: 'request-disposition', e: 'content-encoding', f: 'from', i: 'call-id', j: 'reject-contact', k: 'supported',
  l: 'content-length', m: 'contact', n: 'identity-info', o: 'event', r: 'refer-to', s: 'subject', t: 'to', u: 'allow-events', v: 'via', x: 'session-expires', y: 'identity',
}
const ONCE = ['to', 'from', 'call-id', 'cseq', 'max-forwards', 'content-length', 'content-type', 'session-expires', 'min-se', 'expires']
const NEEDED = ['via', 'to', 'from', 'call-id', 'cseq']
const FIELD = /^([\w!%'*+.`~-]+)[ \t]*:[ \t]*(.*)$/
const MAX_SEQ = 2 ** 31

/** @returns where the head ends, without its empty line, or −1 */
export const headEnd = (text: string): number => text.indexOf('\r\n\r\n')

/** @param bytes one message: a datagram, or what the framing of a stream cut out */
export function readMessage(bytes: Buffer): Read {
  const text = bytes.toString('latin1').replace(/^(?:\r\n)+/, '')
  const end = headEnd(text)
  if (end === -1 || end > MAX_HEAD_BYTES || /\0|\r(?!\n)|(?<!\r)\n/.test(text.slice(0, end))) return JUNK
  const [start = '', ...lines] = text.slice(0, end).replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  if (lines.length > MAX_LINES) return JUNK
  const fields = new Map<string, string[]>()
  let broken = false
  for (const line of lines) {
    const match = FIELD.exec(line)
    if (match === null) {
      broken = true
      continue
    }
    const name = LONG_NAMES[match[1]!.toLowerCase()] ?? match[1]!.toLowerCase()
    const values = fields.get(name)
    if (values === undefined) fields.set(name, [match[2]!.trim()])
    else values.push(match[2]!.trim())
  }
  if (!NEEDED.every((name) => fields.has(name))) return JUNK
  return start.startsWith('SIP/') ? readResponse(start, fields, text.slice(end + 4), broken) : readRequest(start, fields, text.slice(end + 4), broken)
}

function readRequest(start: string, fields: SipFields, rest: string, broken: boolean): Read {
  const method = /^[^\s]+/.exec(start)?.[0] ?? ''
  const wrong = (status: number, reason: string): Read => ({ kind: 'wrong', method, status, reason, fields })
  const version = /SIP\/(\S+)$/i.exec(start)?.[1]
  if (version === undefined) return JUNK
  if (version !== '2.0') return wrong(505, 'Version Not Supported')
  const line = /^([\w!%'*+.`~-]+) ([^\s<>"]+) SIP\/2\.0$/i.exec(start)
  if (line === null) return wrong(400, 'Bad Request Line')
  if (broken) return wrong(400, 'Bad Header Line')
  const twice = ONCE.find((name) => (fields.get(name)?.length ?? 0) > 1)
  if (twice !== undefined) return wrong(400, `${twice} More Than Once`)
  const hops = first(fields, 'max-forwards')
  if (hops !== null && !(/^\d{1,10}$/.test(hops) && Number(hops) <= 255)) return wrong(400, 'Bad Max-Forwards')
  const body = bodyOf(fields, rest)
  if (body === null) return wrong(400, 'Bad Content-Length')
  const cseq = cseqOf(fields)
  if (cseq === null || cseq.method !== method) return wrong(400, 'Bad CSeq')
  const uri = line[2]!
  if (!/^[a-z][a-z0-9+.-]*:./i.test(uri)) return wrong(400, 'Bad Request-URI')
  if (!/^(?:sips?|tel):/i.test(uri)) return wrong(416, 'Unsupported URI Scheme')
  const parsed = parseHead(`${method} sip:x SIP/2.0`, fields)
  if (parsed === null) return wrong(400, 'Bad Via, To, From Or Contact')
  const { via, to, from, contact } = parsed
  const callId = first(fields, 'call-id')!
  const fromTag = from.params['tag'] ?? ''
  const branch = via.params['branch']
  if (branch === undefined || branch === null || callId === '' || !isAddress(to) || !isAddress(from)) return wrong(400, 'Bad Via, To Or From')
  return {
    kind: 'request', method, uri, fields, callId, fromTag, toTag: to.params['tag'] ?? null, seq: cseq.seq, branch,
    sentBy: { host: topViaHost(fields) ?? via.host, port: via.port ?? null, asksRport: Object.hasOwn(via.params, 'rport') },
    contact: contact ?? null, callerId: callerIdOf(from), body, parsed: parsed.message,
  }
}

function readResponse(start: string, fields: SipFields, rest: string, broken: boolean): Read {
  const line = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i.exec(start)
  const cseq = cseqOf(fields)
  const body = bodyOf(fields, rest)
  if (line === null || broken || cseq === null || body === null || (fields.get('via')?.length ?? 0) !== 1) return JUNK
  const parsed = parseHead(start, fields)
  const branch = parsed?.via.params['branch']
  if (parsed === null || branch === undefined || branch === null) return JUNK
  const { via, to, contact } = parsed
  const port = Number(via.params['rport'] ?? Number.NaN)
  return {
    kind: 'response', status: Number(line[1]), reason: line[2] ?? '', fields, callId: first(fields, 'call-id')!, seq: cseq.seq, method: cseq.method, branch,
    seenAs: { address: /[;\s]received\s*=\s*\[?([\da-f.:]+)/i.exec(first(fields, 'via')!)?.[1] ?? null, port: Number.isInteger(port) && port > 0 && port < 65_536 ? port : null },
    toTag: to.params['tag'] ?? null, contact: contact ?? null, body, parsed: parsed.message,
  }
}

interface Head {
  readonly message: Message
  readonly via: NonNullable<Message['headers']['via']>[number]
  readonly to: Address
  readonly from: Address
  readonly contact: string | undefined
}

/** Gives the package what it can read: one line each of what has a grammar, short, single spaces, no brackets in Via. */
function parseHead(start: string, fields: SipFields): Head | null {
  const lines = [['Via', topVia(fields)], ['To', first(fields, 'to')!], ['From', first(fields, 'from')!], ['Call-ID', first(fields, 'call-id')!], ['CSeq', first(fields, 'cseq')!]]
  const contact = first(fields, 'contact')
  if (contact !== null) lines.push(['Contact', contact])
  const short = lines.map(([name, value]) => `${name!}: ${value!.replace(/[ \t]{2,}/g, ' ')}`)
  if (short.some((line) => line.length > MAX_PARSED_LINE)) return null
  const message = sip.parse(Buffer.from(`${start}\r\n${short.join('\r\n')}\r\n\r\n`, 'latin1'))
  const { via: [via] = [], to, from, contact: contacts, cseq } = message?.headers ?? {}
  if (message === undefined || via === undefined || cseq === undefined || typeof to !== 'object' || typeof from !== 'object') return null
  return { message, via, to, from, contact: Array.isArray(contacts) ? contacts[0]?.uri : undefined }
}

/** The topmost Via alone, its IPv6 address hidden. */
const topVia = (fields: SipFields): string => cutAtComma(first(fields, 'via')!).replace(/\[[\da-f.:]*\]/gi, 'ipv6.invalid').replace(/;\s*received\s*=\s*[^;\s]*/gi, '')
const topViaHost = (fields: SipFields): string | undefined => /\[([\da-f.:]+)\]/i.exec(cutAtComma(first(fields, 'via')!))?.[1]

/** No comma stands in a Via but between two of them, or in a quoted comment. */
const cutAtComma = (text: string): string => /^(?:[^,"]|"(?:[^"\\]|\\.)*")*/.exec(text)?.[0] ?? text

/** What a To or From must be: balanced, and a URI with something behind the scheme. */
const isAddress = ({ uri }: Address): boolean => /^[a-z][a-z0-9+.-]*:[^\s"<>]+$/i.test(uri)

function callerIdOf(from: Address): string {
  const name = utf8((from.name ?? '').replace(/^"|"$/g, '').replace(/\\(.)/g, '$1').trim())
  const uri = utf8(from.uri)
  return (name === '' ? uri : `${name} <${uri}>`).replace(/\p{Cc}/gu, '').slice(0, 200)
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')

function cseqOf(fields: SipFields): { readonly seq: number; readonly method: string } | null {
  const match = /^(\d{1,10})[ \t]+(\S+)$/.exec(first(fields, 'cseq')!)
  return match === null || Number(match[1]) >= MAX_SEQ ? null : { seq: Number(match[1]), method: match[2]! }
}

/** Null: the length is none, or more than there is. Without it a datagram's body is all the rest (RFC 3261, 18.3). */
function bodyOf(fields: SipFields, rest: string): string | null {
  const length = first(fields, 'content-length')
  if (length === null) return rest
  if (!/^\d{1,9}$/.test(length) || Number(length) > rest.length) return null
  return rest.slice(0, Number(length))
}

/** First value of a field, or null. */
export const first = (fields: SipFields, name: string): string | null => fields.get(name)?.[0] ?? null

/** Tokens of a field that is a list, in lower case: Supported, Require, Allow. */
export const tokens = (fields: SipFields, name: string): string[] => (fields.get(name) ?? []).join(',').split(',').map((token) => token.trim().toLowerCase()).filter((token) => token !== '')

/** @returns the text of a response; `fields` of the request go back as they came. */
export function writeResponse(request: { readonly fields: SipFields }, options: {
  readonly status: number
  readonly reason: string
  /** Added to To when it has none. */
  readonly tag: string | null
  /** Where the request came from, told in its topmost Via (RFC 3261, 18.2.1; RFC 3581, 4). */
  readonly from: { readonly address: string; readonly port: number }
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}): Buffer {
  const { fields } = request
  const to = first(fields, 'to')!
  const headers: Record<string, unknown> = {
    via: withSource(fields, options.from),
    ...(fields.has('record-route') && options.status < 300 ? { 'record-route': fields.get('record-route')!.join(', ') } : {}),
    to: options.tag === null || hasTag(to) ? to : `${to};tag=${options.tag}`,
    from: first(fields, 'from'), 'call-id': first(fields, 'call-id'), CSeq: first(fields, 'cseq'),
    ...options.headers,
  }
  return Buffer.from(sip.stringify({ status: options.status, reason: options.reason, headers, content: options.body }), 'latin1')
}

/** Behind its URI. By hand: an expression that looks for `<...>` goes over a row of `<` again from each of them. */
function hasTag(address: string): boolean {
  const from = address.indexOf('<')
  const until = from === -1 ? -1 : address.indexOf('>', from)
  return /;\s*tag\s*=/i.test(until === -1 ? address : address.slice(0, from) + address.slice(until + 1))
}

function withSource(fields: SipFields, { address, port }: { readonly address: string; readonly port: number }): string {
  const [top = '', ...others] = fields.get('via') ?? []
  const own = cutAtComma(top)
  const bare = own.replace(/;\s*received\s*=\s*[^;\s]*/gi, '')
  const told = /;\s*rport\s*(?=;|$)/i.test(bare) ? bare.replace(/;\s*rport\s*(?=;|$)/i, `;rport=${String(port)}`) : bare
  return [`${told};received=${address}${top.slice(own.length)}`, ...others].join(', ')
}

/** @returns the text of a request that the package has given its branch */
export const writeRequest = (message: Message): Buffer => Buffer.from(sip.stringify(message), 'latin1')
