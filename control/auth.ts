import type { FastifyInstance, FastifyRequest } from 'fastify'
import { equalHashes, hashSecret, newId, newSecret } from './ids.ts'
import type { ControlClock, Store, TokenRole } from './ports.ts'
import { ApiError } from './problem.ts'
import { FailureLimiter } from './rate-limit.ts'

/** Who is asking. `secret` seals what may only be read again with the same token. */
export interface Identity {
  readonly tokenId: string
  /** Name of the token, for people. */
  readonly name: string
  readonly role: TokenRole
  readonly secret: string
}

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity | null
  }
  interface FastifyContextConfig {
    /** The least role that may use the route; `public`: no token needed. A route without it cannot be registered. */
    role?: TokenRole | 'public'
    /** The token may also stand in the query, for browsers' event sources and WebSockets, which cannot set headers. */
    tokenInQuery?: boolean
    /** No token is needed from this machine itself. */
    openToLoopback?: boolean
  }
}

const RANK: Readonly<Record<TokenRole, number>> = { viewer: 0, operator: 1, admin: 2 }
const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="loa"' }

/** Puts the check before every route, and refuses to start with a route that does not say who may use it. */
export function installAuth(app: FastifyInstance, store: Store, clock: ControlClock): void {
  const limiter = new FailureLimiter(clock)
  app.decorateRequest('identity', null)
  app.addHook('onRoute', ({ url, config, schema }) => {
    // Routes of plugins (the reference page, the OpenAPI document) hide themselves and are public.
    if (config?.role === undefined && schema?.hide !== true) throw new Error(`route ${url} does not say who may use it`)
  })
  app.addHook('onRequest', (request, _reply, done) => {
    authenticate(request)
    done()
  })

  function authenticate(request: FastifyRequest): void {
    const { role = 'public', tokenInQuery = false, openToLoopback = false } = request.routeOptions.config
    if (role === 'public' || (openToLoopback && isFromThisMachine(request))) return
    const identity = identify(request, tokenInQuery, store)
    if (identity === undefined) {
      throw new ApiError('LOA_ERR_UNAUTHENTICATED', 'no token was sent', 'chưa gửi mã truy cập', { headers: CHALLENGE })
    }
    if (identity === null) {
      const waitSeconds = limiter.fail(request.ip)
      if (waitSeconds > 0) throw new ApiError('LOA_ERR_TOO_MANY', 'too many wrong tokens from this address', 'địa chỉ này đã gửi sai mã quá nhiều lần', { headers: { 'Retry-After': String(waitSeconds) } })
      throw new ApiError('LOA_ERR_UNAUTHENTICATED', 'the token is not known', 'mã truy cập không đúng', { headers: { 'WWW-Authenticate': 'Bearer realm="loa", error="invalid_token"' } })
    }
    request.identity = identity
    if (RANK[identity.role] < RANK[role]) {
      throw new ApiError('LOA_ERR_FORBIDDEN', `this needs the role ${role}; the token has ${identity.role}`, `cần vai trò ${role}; mã này có vai trò ${identity.role}`)
    }
  }
}

/** @returns undefined when no token was sent, null when it is not known. */
function identify(request: FastifyRequest, tokenInQuery: boolean, store: Store): Identity | null | undefined {
  const { authorization } = request.headers
  let secret: string | undefined
  if (authorization !== undefined) {
    secret = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
    if (secret === undefined) return null
  } else if (tokenInQuery) {
    const { access_token: token } = request.query as { access_token?: unknown }
    if (typeof token === 'string' && token !== '') secret = token
  }
  if (secret === undefined) return undefined
  const hash = hashSecret(secret)
  const token = store.tokens.byHash(hash)
  if (token === undefined || !equalHashes(token.hash, hash)) return null
  return { tokenId: token.id, name: token.name, role: token.role, secret }
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
        store.tokens.insert({ id: CONFIGURED_ID, name: 'LOA_ADMIN_TOKEN', role: 'admin', hash, createdAtMs: clock.wallMs() })
      }
      if (store.tokens.byHash(hash)?.role === 'admin') return { printed: null }
    }
    if (store.tokens.all().some(({ role }) => role === 'admin')) return { printed: null }
    const secret = newSecret()
    store.tokens.insert({ id: newId('t', clock.wallMs()), name: 'administrator', role: 'admin', hash: hashSecret(secret), createdAtMs: clock.wallMs() })
    return { printed: secret }
  })
}
