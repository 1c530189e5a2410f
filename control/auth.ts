import type { FastifyInstance, FastifyRequest } from 'fastify'
import { equalHashes, hashSecret, newId, newSecret } from './ids.ts'
import type { Access, Look } from './access.ts'
import type { ControlClock, Store } from './ports.ts'
import { isAdministered } from './people-rules.ts'
import { ApiError } from './problem.ts'
import { FailureLimiter } from './rate-limit.ts'
import { Rights, type Grant } from './rights.ts'
import { checkOwnPage, sessionCookie } from './session-cookie.ts'

/** Who is asking. `secret` seals what may only be read again with the same token. */
export interface Identity {
  /** Of the token or the user: who did it. */
  readonly actorId: string
  /** Of the token or the session: what ends when it is taken away. */
  readonly credentialId: string
  /** Null for a token. */
  readonly userId: string | null
  /** For people. */
  readonly name: string
  readonly rights: Rights
  /** First ms at which it is over. */
  readonly expiresAtMs: number
  readonly secret: string
}

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity | null
  }
  interface FastifyContextConfig {
    /** Who may use the route: see access.ts. A route without it cannot be registered. */
    access?: Access
    /** The token may also stand in the query, for browsers' event sources and WebSockets, which cannot set headers. */
    tokenInQuery?: boolean
    /** No token is needed from this machine itself. */
    openToLoopback?: boolean
  }
}

/** How exactly the last use of a token is known: it costs a write. */
const USE_NOTED_MS = 3_600_000
const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="loa"' }

/**
 * Puts the check before every route, and refuses to start with a route that does not say who may use it. Who has no token, or the right nowhere, is
 * refused before his request is read; whether he has it where it is needed is seen once his request has passed its schema.
 */
export function installAuth(app: FastifyInstance, look: Look, clock: ControlClock): void {
  const limiter = new FailureLimiter(clock)
  /** Of tokens, when their use was last kept. */
  const notedAtMs = new Map<string, number>()
  app.decorateRequest('identity', null)
  app.addHook('onRoute', ({ url, config, schema }) => {
    // Routes of plugins (the reference page, the OpenAPI document) hide themselves and are public.
    if (config?.access === undefined && schema?.hide !== true) throw new Error(`route ${url} does not say who may use it: give it config.access (control/access.ts)`)
  })
  app.addHook('onRequest', (request, _reply, done) => {
    authenticate(request)
    done()
  })
  app.addHook('preHandler', (request, _reply, done) => {
    const { identity, routeOptions: { config: { access } } } = request
    if (identity !== null) access?.check(request, identity.rights, look, clock.wallMs())
    done()
  })

  function noteUse(tokenId: string): void {
    const nowMs = clock.wallMs()
    if (nowMs - (notedAtMs.get(tokenId) ?? -Infinity) < USE_NOTED_MS) return
    notedAtMs.set(tokenId, nowMs)
    try {
      look.store.tokens.used(tokenId, nowMs)
    } catch {
      // A disk that takes nothing more keeps nobody out: whatever has to be kept says so itself.
    }
  }

  function authenticate(request: FastifyRequest): void {
    const { access, tokenInQuery = false, openToLoopback = false } = request.routeOptions.config
    if (access === undefined || access.anyOf === null || (openToLoopback && isFromThisMachine(request))) return
    const { anyOf } = access
    const identity = identify(request, tokenInQuery, look.store, clock.wallMs())
    if (identity === undefined) {
      throw new ApiError('LOA_ERR_UNAUTHENTICATED', 'no token was sent', 'chưa gửi mã truy cập', { headers: CHALLENGE })
    }
    if (identity === null) {
      const waitSeconds = limiter.fail(request.ip)
      if (waitSeconds > 0) throw new ApiError('LOA_ERR_TOO_MANY', 'too many wrong tokens from this address', 'địa chỉ này đã gửi sai mã quá nhiều lần', { headers: { 'Retry-After': String(waitSeconds) } })
      throw new ApiError('LOA_ERR_UNAUTHENTICATED', 'the token is not known', 'mã truy cập không đúng', { headers: { 'WWW-Authenticate': 'Bearer realm="loa", error="invalid_token"' } })
    }
    request.identity = identity
    if (identity.userId === null) noteUse(identity.credentialId)
    if (anyOf.length === 0 || anyOf.some((right) => identity.rights.somewhere(right))) return
    const names = (or: string): string => anyOf.map((right) => `'${right}'`).join(or)
    throw new ApiError('LOA_ERR_FORBIDDEN', `this needs the right ${names(' or ')}, which is held nowhere`, `cần quyền ${names(' hoặc ')}; không có ở đơn vị nào`)
  }
}

/** @returns undefined when nothing was sent, null when it is not known or not any more. */
function identify(request: FastifyRequest, tokenInQuery: boolean, store: Store, nowMs: number): Identity | null | undefined {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    const secret = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
    return secret === undefined ? null : holderOf(secret, store, nowMs)
  }
  const { access_token: token } = request.query as { access_token?: unknown }
  if (tokenInQuery && typeof token === 'string' && token !== '') return holderOf(token, store, nowMs)
  const cookie = sessionCookie(request)
  if (cookie === undefined) return undefined
  const identity = holderOf(cookie, store, nowMs)
  if (identity !== null) checkOwnPage(request)
  return identity
}

/** Whose secret it is, of a token or a session; null: of nobody, or not any more. */
export function holderOf(secret: string, store: Store, nowMs: number): Identity | null {
  const holder = holderOfHash(hashSecret(secret), store, nowMs)
  return holder === null ? null : { ...holder, secret }
}

/** The same, for who knows the hash only. */
export function holderOfHash(hash: string, store: Pick<Store, 'tokens' | 'sessions' | 'users' | 'units'>, nowMs: number): Omit<Identity, 'secret'> | null {
  const rightsOf = (grants: readonly Grant[]): Rights => new Rights(grants, (unitId) => store.units.ancestors(unitId))
  const token = store.tokens.byHash(hash)
  if (token !== undefined && equalHashes(token.hash, hash)) {
    const { id, name, grants, expiresAtMs = Infinity } = token
    return nowMs >= expiresAtMs ? null : { actorId: id, credentialId: id, userId: null, name, rights: rightsOf(grants), expiresAtMs }
  }
  const session = store.sessions.byHash(hash)
  if (session === undefined || !equalHashes(session.hash, hash) || nowMs >= session.expiresAtMs) return null
  const user = store.users.get(session.userId)
  if (user?.enabled !== true) return null
  return { actorId: user.id, credentialId: session.id, userId: user.id, name: user.name, rights: rightsOf(user.grants), expiresAtMs: session.expiresAtMs }
}

/** A reverse proxy on the same machine also comes from loopback, but says for whom. */
function isFromThisMachine({ ip, headers }: FastifyRequest): boolean {
  return /^(?:127\.|::1$|::ffff:127\.)/.test(ip) && headers['x-forwarded-for'] === undefined && headers.forwarded === undefined
}

/** The caller of a route that needs a token. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === null) throw new Error('the route is public: it has no identity')
  return request.identity
}

const CONFIGURED_ID = 't-configured'
/** The first token is for whoever sets the house up, and then for automation: it may do everything. */
const EVERYTHING: readonly Grant[] = [{ role: 'administrator', unitId: null }, { role: 'emergency-officer', unitId: null }]

/**
 * Makes sure that somebody can administer: takes over the configured token (and forgets the one configured before), or makes a random one
 * when there is no administrator at all.
 * @param configured LOA_ADMIN_TOKEN, or '' for none
 * @returns the token to print once, or null
 */
export function ensureAdminToken(store: Store, configured: string, clock: ControlClock): { readonly printed: string | null } {
  return store.transaction(() => {
    const hash = configured === '' ? null : hashSecret(configured)
    const known = store.tokens.get(CONFIGURED_ID)
    if (known !== undefined && known.hash !== hash) store.tokens.remove(CONFIGURED_ID)
    if (hash !== null) {
      if (known?.hash !== hash && store.tokens.byHash(hash) === undefined) {
        store.tokens.insert({ id: CONFIGURED_ID, name: 'LOA_ADMIN_TOKEN', grants: EVERYTHING, hash, createdAtMs: clock.wallMs() })
      }
    }
    if (isAdministered(store)) return { printed: null }
    const secret = newSecret()
    store.tokens.insert({ id: newId('t', clock.wallMs()), name: 'administrator', grants: EVERYTHING, hash: hashSecret(secret), createdAtMs: clock.wallMs() })
    return { printed: secret }
  })
}
