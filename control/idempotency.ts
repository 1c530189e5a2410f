import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { noteMade } from './audit.ts'
import { identityOf, type Identity } from './auth.ts'
import type { ControlClock, Store } from './ports.ts'
import { ApiError } from './problem.ts'

export const KEEP_MS = 24 * 3600 * 1000

/** What a route has made. */
export interface Creation {
  readonly status: number
  readonly body: object
  readonly location?: string
  /** Of what was made, for who changes or removes it only as it was made. */
  readonly etag?: string
  /** Told to others once all of it is durable; not repeated when a response is replayed. */
  readonly after?: () => void
}

interface Key {
  readonly scope: string
  readonly fingerprint: string
  readonly sealingKey: Buffer
}

/**
 * Runs what creates something, once for each Idempotency-Key (draft-ietf-httpapi-idempotency-key-header). The thing made and the response kept
 * for repetitions are written in one transaction, so there is no moment at which a crash could make the same thing twice. Only successes are
 * kept: a refused request may be corrected and sent again under the same key.
 *
 * A kept response may hold a key that is shown only once, so it is encrypted with a key derived from the caller's token and the
 * Idempotency-Key, neither of which is stored.
 */
export class Creations {
  readonly #store: Store
  readonly #clock: ControlClock
  readonly #running = new Map<string, Promise<unknown>>()

  constructor(store: Store, clock: ControlClock) {
    this.#store = store
    this.#clock = clock
  }

  /** Removes what is older than 24 h. */
  removeOld(): void {
    this.#store.idempotency.removeBefore(this.#clock.wallMs() - KEEP_MS)
  }

  /** For what is made without waiting: nothing can come between. */
  run(request: FastifyRequest, reply: FastifyReply, work: () => Creation): void {
    const key = readKey(request, JSON.stringify(request.body ?? null))
    if (key === null || this.#replay(key, reply) === null) this.#finish(key, reply, work)
  }

  /**
   * For what takes time before it can be written. Requests with the same key wait for each other.
   * @param fingerprint stands for the body
   * @param prepare the slow part; not run when a response is kept
   * @param work the quick part, as in `run`
   */
  async runSlow<T>(request: FastifyRequest, reply: FastifyReply, fingerprint: string, prepare: () => Promise<T>, work: (prepared: T) => Creation): Promise<FastifyReply> {
    const key = readKey(request, fingerprint)
    if (key === null) {
      const prepared = await prepare()
      return this.#finish(null, reply, () => work(prepared))
    }
    const before = this.#running.get(key.scope) ?? Promise.resolve()
    const mine = before.then(async () => {
      const kept = this.#replay(key, reply)
      if (kept !== null) return kept
      const prepared = await prepare()
      return this.#finish(key, reply, () => work(prepared))
    })
    const settled = mine.catch(() => undefined)
    this.#running.set(key.scope, settled)
    try {
      return await mine
    } finally {
      if (this.#running.get(key.scope) === settled) this.#running.delete(key.scope)
    }
  }

  #finish(key: Key | null, reply: FastifyReply, work: () => Creation): FastifyReply {
    const creation = this.#store.transaction(() => {
      const made = work()
      noteMade(reply.request, made.status, made.body)
      if (key !== null) {
        const sealed = seal(key.sealingKey, JSON.stringify({ location: made.location ?? null, etag: made.etag, body: made.body }))
        this.#store.idempotency.put({ scope: key.scope, fingerprint: key.fingerprint, status: made.status, sealed, createdAtMs: this.#clock.wallMs() })
      }
      return made
    })
    creation.after?.()
    return send(reply, creation)
  }

  /** @returns null when nothing is kept under the key. */
  #replay(key: Key, reply: FastifyReply): FastifyReply | null {
    const kept = this.#store.idempotency.get(key.scope)
    if (kept === undefined || kept.createdAtMs <= this.#clock.wallMs() - KEEP_MS) return null
    if (kept.fingerprint !== key.fingerprint) {
      throw new ApiError('LOA_ERR_IDEMPOTENCY_REUSED', 'this Idempotency-Key came with another request before', 'Idempotency-Key này đã đi kèm một yêu cầu khác')
    }
    const { location, etag, body } = JSON.parse(open(key.sealingKey, kept.sealed)) as { location: string | null; etag?: string; body: object }
    void reply.header('Idempotency-Replayed', 'true')
    return send(reply, { status: kept.status, body, ...(location === null ? {} : { location }), ...(etag === undefined ? {} : { etag }) })
  }
}

function send(reply: FastifyReply, { status, location, etag, body }: Creation): FastifyReply {
  if (location !== undefined) void reply.header('Location', location)
  if (etag !== undefined) void reply.header('ETag', etag)
  return reply.status(status).send(body)
}

function readKey(request: FastifyRequest, fingerprint: string): Key | null {
  const header = request.headers['idempotency-key']
  if (typeof header !== 'string') return null
  const { actorId, secret }: Identity = identityOf(request)
  const sealingKey = Buffer.from(hkdfSync('sha256', secret, header, 'loa idempotent response', 32))
  return {
    scope: createHash('sha256').update(`${actorId}\0${header}`).digest('base64url'),
    // With a key that is not kept: a body may hold a password, and a plain hash of it could be guessed at.
    fingerprint: createHmac('sha256', sealingKey).update([request.method, request.url, fingerprint].join('\0')).digest('base64url'),
    sealingKey,
  }
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

function seal(key: Buffer, text: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

function open(key: Buffer, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
}
