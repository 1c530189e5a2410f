import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Digest authentication (RFC 8760 over RFC 7616; RFC 2617 for old providers), both sides. The package's knows MD5 alone. */

export interface Credentials {
  readonly user: string
  readonly password: string
}

export interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | null
  readonly algorithm: 'MD5' | 'SHA-256'
  readonly session: boolean
  /** Whether `auth` is offered; without, the old way of RFC 2069. */
  readonly qop: boolean
}

const HASH = { 'MD5': 'md5', 'SHA-256': 'sha256' } as const
const hash = (algorithm: Challenge['algorithm'], ...parts: string[]): string => createHash(HASH[algorithm]).update(parts.join(':'), 'utf8').digest('hex')

/** @returns parameters of a `Digest` header, names in lower case, quotes taken off; null when it is another scheme */
export function readDigest(header: string): ReadonlyMap<string, string> | null {
  const start = /^\s*Digest\s+/i.exec(header)
  if (start === null || header.length > 4096) return null
  const found = new Map<string, string>()
  for (const match of header.slice(start[0].length).matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)) {
    found.set(match[1]!.toLowerCase(), match[3] ?? match[2]!.replace(/\\(.)/g, '$1'))
  }
  return found
}

/** The best challenge of those that came: SHA-256 before MD5 (RFC 8760, 2.4); null when there is none we can answer. */
export function chooseChallenge(headers: readonly string[]): Challenge | null {
  const challenges = headers.flatMap(splitChallenges).map(readChallenge).filter((one) => one !== null)
  return challenges.find(({ algorithm }) => algorithm === 'SHA-256') ?? challenges[0] ?? null
}

/** Several challenges may stand in one line, apart by commas. */
const splitChallenges = (header: string): string[] => header.split(/,\s*(?=Digest\s)/i)

function readChallenge(header: string): Challenge | null {
  const parameters = readDigest(header)
  const realm = parameters?.get('realm')
  const nonce = parameters?.get('nonce')
  if (parameters === null || realm === undefined || nonce === undefined) return null
  const algorithm = (parameters.get('algorithm') ?? 'MD5').toUpperCase()
  const base = algorithm.replace(/-SESS$/, '')
  const qops = parameters.get('qop')?.split(',').map((qop) => qop.trim().toLowerCase())
  if ((base !== 'MD5' && base !== 'SHA-256') || (qops !== undefined && !qops.includes('auth'))) return null
  return { realm, nonce, opaque: parameters.get('opaque') ?? null, algorithm: base, session: algorithm.endsWith('-SESS'), qop: qops !== undefined }
}

/** @param count how often this nonce has been used, this time included; @returns the value of Authorization or Proxy-Authorization */
export function answerChallenge(challenge: Challenge, credentials: Credentials, method: string, uri: string, count: number, cnonce = randomBytes(12).toString('hex')): string {
  const { realm, nonce, algorithm, session, qop, opaque } = challenge
  const nc = count.toString(16).padStart(8, '0')
  const response = digestOf(challenge, credentials, method, uri, nc, cnonce)
  const parts = [
    `username=${quoted(credentials.user)}`, `realm=${quoted(realm)}`, `nonce=${quoted(nonce)}`, `uri=${quoted(uri)}`, `response="${response}"`, `algorithm=${algorithm}${session ? '-sess' : ''}`,
    ...(qop ? ['qop=auth', `nc=${nc}`] : []),
    ...(qop || session ? [`cnonce="${cnonce}"`] : []),
    ...(opaque === null ? [] : [`opaque=${quoted(opaque)}`]),
  ]
  return `Digest ${parts.join(', ')}`
}

function digestOf({ realm, nonce, algorithm, session, qop }: Pick<Challenge, 'realm' | 'nonce' | 'algorithm' | 'session' | 'qop'>, { user, password }: Credentials, method: string, uri: string, nc: string, cnonce: string): string {
  const bare = hash(algorithm, user, realm, password)
  const secret = session ? hash(algorithm, bare, nonce, cnonce) : bare
  const asked = hash(algorithm, method, uri)
  return qop ? hash(algorithm, secret, nonce, nc, cnonce, 'auth', asked) : hash(algorithm, secret, nonce, asked)
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&').replace(/[\r\n]/g, '')}"`

const NONCE_MS = 60_000
const MAX_NONCES = 1000

/** Asks callers who they are. Nonces are ours by their seal, live for a minute, and each count of one is taken once. */
export class CallerProof {
  readonly #realm: string
  readonly #callers: readonly Credentials[]
  readonly #seal = randomBytes(32)
  /** Highest count of each nonce in use. */
  readonly #counts = new Map<string, number>()

  constructor(realm: string, callers: readonly Credentials[]) {
    this.#realm = realm
    this.#callers = callers
  }

  /** @returns values of WWW-Authenticate, the stronger first */
  challenges(nowMs: number, stale: boolean): string[] {
    const nonce = this.#nonce(nowMs)
    return (['SHA-256', 'MD5'] as const).map((algorithm) => `Digest realm=${quoted(this.#realm)}, nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`)
  }

  /** @returns `stale` when only the nonce is too old */
  check(headers: readonly string[], method: string, nowMs: number): 'proved' | 'wrong' | 'stale' | 'none' {
    const parameters = headers.map(readDigest).find((one) => one?.get('realm') === this.#realm)
    if (parameters === undefined || parameters === null) return 'none'
    const value = (name: string): string => parameters.get(name) ?? ''
    const nonce = value('nonce')
    const algorithm = value('algorithm').toUpperCase() === 'SHA-256' ? 'SHA-256' : 'MD5'
    const caller = this.#callers.find(({ user }) => user === value('username'))
    // A stranger's name costs the same work as a wrong password.
    const expected = digestOf({ realm: this.#realm, nonce, algorithm, session: false, qop: true }, caller ?? { user: value('username'), password: this.#seal.toString('hex') }, method, value('uri'), value('nc'), value('cnonce'))
    const given = Buffer.from(value('response').toLowerCase())
    const right = given.length === expected.length && timingSafeEqual(given, Buffer.from(expected))
    if (!right || caller === undefined || value('qop').toLowerCase() !== 'auth') return 'wrong'
    const madeMs = Number.parseInt(nonce.split('.', 1)[0]!, 36)
    if (nonce !== this.#nonce(madeMs) || nowMs - madeMs > NONCE_MS) return 'stale'
    const count = Number.parseInt(value('nc'), 16)
    if (!(count > (this.#counts.get(nonce) ?? 0))) return 'stale'
    this.#counts.delete(nonce)
    this.#counts.set(nonce, count)
    if (this.#counts.size > MAX_NONCES) this.#counts.delete(this.#counts.keys().next().value!)
    return 'proved'
  }

  #nonce(atMs: number): string {
    const time = Math.floor(atMs).toString(36)
    return `${time}.${createHmac('sha256', this.#seal).update(time).digest('base64url').slice(0, 24)}`
  }
}
