import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AuditRecord, ControlClock, Store } from './ports.ts'
import { RefusalBound } from './refusal-bound.ts'

/** What a request has come to so far. */
export interface AuditTrail {
  /** Expected, and then known. */
  status: number
  readonly targetIds: string[]
  /** The status that stands in the log, written with the change; null: nothing is written yet. */
  writtenStatus: number | null
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A POST that changes nothing, because what it asks is too long for an address: only its refusals are kept. */
    readonly readsOnly?: true
  }
  interface FastifyRequest {
    audit: AuditTrail | null
    /** Code of the problem it was answered with. */
    problemCode: string | null
  }
}

const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
/** Refusals that are kept of reading requests too: somebody tried what he may not. */
const TELLING = new Set([401, 403, 429])
const SUM_EVERY_MS = 60_000
const MOST_FIELDS = 32
const MOST_FIELD_CHARACTERS = 64

/** For one step of what stands in the log as a whole: it succeeded, and is not worth an entry of its own. */
export function auditElsewhere(request: FastifyRequest): void {
  if (request.audit !== null) request.audit.writtenStatus = request.audit.status
}

/**
 * Keeps the audit log: one entry for each request that changes something, in the same transaction as the change, so that neither is without the
 * other; and one for each refusal, as far as the bound goes (refusal-bound.ts). A request that changed nothing and was not refused, such as a
 * stop that was repeated, is kept too.
 */
export function installAudit(app: FastifyInstance, store: Store, clock: ControlClock): void {
  const current = new AsyncLocalStorage<FastifyRequest>()
  const bound = new RefusalBound(clock)
  let timer: { cancel(): void } | null = null

  app.decorateRequest('audit', null)
  app.decorateRequest('problemCode', null)

  app.addHook('onRoute', (route) => {
    const methods = Array.isArray(route.method) ? route.method : [route.method]
    if (!methods.some((method) => CHANGING.has(method))) return
    const expected = successOf(route.schema?.response)
    const { handler } = route
    route.handler = function audited(this: FastifyInstance, request: FastifyRequest, reply: FastifyReply): unknown {
      request.audit = { status: expected, targetIds: [], writtenStatus: null }
      return current.run(request, () => handler.call(this, request, reply))
    }
  })

  store.beforeCommit(() => {
    const request = current.getStore()
    if (request?.audit?.writtenStatus !== null) return
    // Set before it is written: the entry is a change of this transaction too.
    request.audit.writtenStatus = request.audit.status
    store.auditLog.append(entryOf(request, request.audit.status, null, clock.wallMs()))
  })

  app.addHook('onResponse', (request, reply, done) => {
    try {
      noteResponse(request, reply)
    } catch (error) {
      request.log.error({ err: error }, 'the audit log could not be written')
    }
    done()
  })

  function noteResponse(request: FastifyRequest, { statusCode: status }: FastifyReply): void {
    const isChanging = CHANGING.has(request.method) && request.routeOptions.config.readsOnly !== true
    if (request.audit !== null && request.audit.writtenStatus === status) return
    if (!isChanging && !TELLING.has(status)) return
    // What was written says another end, because the transaction was undone or something failed after it: that must stand beside it.
    const isContradiction = request.audit !== null && request.audit.writtenStatus !== null
    if (status >= 400 && !isContradiction && !bound.take(request.ip)) return
    // An answer is sent in the context of its handler: this entry must not count as a change that wants one.
    if (request.audit !== null) request.audit.writtenStatus = status
    store.auditLog.append(entryOf(request, status, request.problemCode, clock.wallMs()))
  }

  /** Says how many refusals were not kept one by one. */
  function sum(): void {
    const { refusals } = bound.drain()
    if (refusals === 0) return
    store.auditLog.append({ atMs: clock.wallMs(), requestId: null, tokenId: null, tokenName: null, remoteAddress: null, method: 'SUM', route: 'refusals', targetIds: [], fields: [], status: 429, code: null, count: refusals })
  }

  function sumSafely(): void {
    try {
      sum()
    } catch (error) {
      app.log.error({ err: error }, 'the audit log could not be written')
    }
  }

  function sumLater(): void {
    timer = clock.setTimer(SUM_EVERY_MS, () => {
      sumSafely()
      sumLater()
    })
  }
  sumLater()

  app.addHook('onClose', (_instance, done) => {
    timer?.cancel()
    sumSafely()
    store.beforeCommit(null)
    done()
  })
}

/** For routes that make something: its status and id, before they are written. */
export function noteMade(request: FastifyRequest, status: number, body: object): void {
  if (request.audit === null) return
  request.audit.status = status
  const { id } = body as { readonly id?: unknown }
  if (typeof id === 'string') request.audit.targetIds.push(id)
}

/** So many ids stand in one entry: of an import the first, in the sequence of the file. */
const MOST_TARGETS = 500

/** For what changes many things at once: their ids, before they are written. */
export function noteTargets(request: FastifyRequest, ids: readonly string[]): void {
  request.audit?.targetIds.push(...ids.slice(0, MOST_TARGETS))
}

/** For what is only read, and is to stand in the log all the same. Call it before it is answered. */
export function auditReading(request: FastifyRequest, store: Pick<Store, 'auditLog'>, atMs: number, targetIds: readonly string[]): void {
  const entry = entryOf(request, 200, null, atMs)
  store.auditLog.append({ ...entry, targetIds: [...new Set([...entry.targetIds, ...targetIds])] })
}

function entryOf(request: FastifyRequest, status: number, code: string | null, atMs: number): AuditRecord {
  const { identity, audit } = request
  const inPath = Object.values((request.params ?? {}) as Readonly<Record<string, unknown>>).filter((value) => typeof value === 'string')
  return {
    atMs,
    requestId: request.id,
    tokenId: identity?.actorId ?? null,
    tokenName: identity?.name ?? null,
    remoteAddress: request.ip,
    method: request.method,
    // Not the path itself when nothing is there: whoever types a key in the wrong place must not have it kept.
    route: request.routeOptions.url ?? '(none)',
    targetIds: status === 404 || request.routeOptions.url === undefined ? [] : [...new Set([...inPath, ...(audit?.targetIds ?? [])])],
    // Only of a body that has passed its schema: other names may be anything.
    fields: audit === null ? [] : fieldsOf(request.body),
    status,
    code,
    count: 1,
  }
}

function fieldsOf(body: unknown): string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || ArrayBuffer.isView(body)) return []
  return Object.keys(body).slice(0, MOST_FIELDS).map((name) => name.slice(0, MOST_FIELD_CHARACTERS))
}

/** The status a route says it answers with when all goes well. */
function successOf(response: unknown): number {
  const status = Object.keys(response ?? {}).find((name) => /^2\d\d$/.test(name))
  return status === undefined ? 200 : Number(status)
}
