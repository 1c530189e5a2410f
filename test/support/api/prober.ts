import { isDeepStrictEqual } from 'node:util'
import type { LightMyRequestResponse } from 'fastify'
import { TOKENS, type Harness } from '../build-control.ts'
import { ApiDocument, type DocumentObject, type Operation } from './document.ts'
import type { Draw } from './draw.ts'
import { KnownThings } from './known-things.ts'
import { assemble, validParts, type ApiRequest, type Parts } from './request.ts'
import { spoil } from './spoil.ts'
import { StoreImage, withoutUse } from './store-image.ts'
import { ValidValues } from './valid-values.ts'

/** What `default` in the document stands for: what can happen to any request. */
const ANY_TIME = new Set([405, 414, 431])
/** Answers that change by themselves, or because of what was refused. */
const UNSTEADY = /audit-log|\/status$|\/metrics$|healthz|readyz|events$/
/** Of requests around which all lists are read: some sixty each time. */
const LISTED_SHARE = 0.01
/** Tells what hangs from what a busy machine is slow with: seconds in which this process came to its turn. */
const ANSWER_WITHIN_S = 60

export interface Violation {
  readonly rule: string
  readonly operation: string
  readonly detail: string
  readonly request: string
}

interface Answer {
  readonly status: number
  readonly media: string
  readonly headers: LightMyRequestResponse['headers']
  readonly bytes: Buffer
  /** Undefined when it is not JSON. */
  readonly body: unknown
}

/** Sends requests made from the OpenAPI document to an application, and holds every answer against what the document and good manners promise. */
export class Prober {
  readonly violations: Violation[] = []
  /** How often each operation answered with each status. */
  readonly statuses = new Map<string, Map<number, number>>()
  readonly operations: readonly Operation[]
  readonly #harness: Harness
  readonly #document: ApiDocument
  readonly #known: KnownThings
  readonly #values: ValidValues
  readonly #image: StoreImage
  readonly #callers: (string | null)[] = [TOKENS.admin, TOKENS.admin, TOKENS.admin, TOKENS.admin, TOKENS.admin, TOKENS.admin, TOKENS.admin, TOKENS.admin, TOKENS.admin, TOKENS.viewer, TOKENS.operator, null]

  constructor(harness: Harness) {
    this.#harness = harness
    this.#document = new ApiDocument(harness.app.swagger() as unknown as DocumentObject)
    this.operations = this.#document.operations
    this.#known = new KnownThings(this.#document)
    this.#values = new ValidValues(this.#document, this.#known, () => harness.clock.wallMs())
    this.#image = new StoreImage(harness.dataDir)
    this.#known.keepApart(Object.keys(TOKENS).map((caller) => `t-${caller}`))
  }

  close(): void {
    this.#image.close()
  }

  /** Lets somebody call as well. The callers' own ids are never named by requests. */
  addCaller(token: string, ids: readonly string[]): void {
    this.#callers.push(token)
    this.#known.keepApart(ids)
  }

  /** Makes what the document's own examples make, so that there is something to name. */
  async prepare(draw: Draw): Promise<void> {
    for (let round = 0; round < 3; round++) {
      for (const operation of this.operations) {
        if (operation.method !== 'POST' || operation.path.includes('{')) continue
        await this.#send(operation, this.#request(operation, validParts(draw, operation, this.#makers()), TOKENS.admin))
      }
    }
  }

  /** One request, valid or spoilt, and everything that must hold of its answer. */
  async probe(draw: Draw, operation: Operation): Promise<void> {
    const { clock, broadcast, capDesk, speech } = this.#harness
    // What time sets off goes on by itself: what it writes is not written by the request that comes next.
    await clock.advanceAsync(draw.pick([0, 0, 1, 500, 5000, 60_000]))
    await capDesk.settled()
    let parts = validParts(draw, operation, this.#makers())
    const isSpoilt = draw.chance(0.6)
    if (isSpoilt) parts = spoil(draw, parts)
    const request = this.#request(operation, parts, draw.pick(this.#callers))
    const listing = draw.chance(LISTED_SHARE) ? await this.#listings() : null
    this.#image.look()
    const told = broadcast.calls.length + broadcast.commands.length
    const spoken = speech.spoken.length

    const answer = await this.#send(operation, request)
    if (answer === null) return

    // What was spoken is kept whatever becomes of its alert: only when it is there its length is known, and it need not be spoken again.
    const hasSpoken = speech.spoken.length > spoken
    const changed = this.#image.look().filter((table) => !hasSpoken || table !== 'clips')
    const wasTold = broadcast.calls.length + broadcast.commands.length > told
    if (operation.method === 'GET' && changed.length > 0) this.#report('a GET changes nothing', operation, request, `changed ${changed.join(', ')}`)
    if (answer.status >= 400) {
      if (changed.length > 0) this.#report('what is refused changes nothing', operation, request, `${String(answer.status)}, but changed ${changed.join(', ')}`)
      if (wasTold) this.#report('what is refused is told to nobody', operation, request, `${String(answer.status)}, but told ${String(broadcast.calls.at(-1))}`)
      if (listing !== null && !hasSpoken && !isDeepStrictEqual(listing, await this.#listings())) this.#report('what is refused changes no list', operation, request, String(answer.status))
      return
    }
    this.#checkTaken(operation, request, answer)
    if (answer.status === 201) await this.#checkMade(operation, request, answer)
    if (operation.method === 'DELETE') await this.#checkGone(operation, request)
  }

  #makers(): { readonly document: ApiDocument; readonly known: KnownThings; readonly values: ValidValues } {
    return { document: this.#document, known: this.#known, values: this.#values }
  }

  #request(operation: Operation, parts: Parts, token: string | null): ApiRequest {
    const request = assemble(operation, parts)
    return token === null ? request : { ...request, headers: { authorization: `Bearer ${token}`, ...request.headers } }
  }

  async #send(operation: Operation, request: ApiRequest): Promise<Answer | null> {
    const answer = await this.#inject(operation, request)
    if (answer === null) return null
    const counts = this.statuses.get(operation.name) ?? new Map<number, number>()
    this.statuses.set(operation.name, counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1))
    this.#checkAnswer(operation, request, answer)
    if (answer.status < 300) {
      this.#known.note(operation.path, answer.body)
      const { etag } = answer.headers
      if (typeof etag === 'string') this.#known.noteText('if-match', etag)
      for (const [, field, text] of request.payload?.toString('utf8', 0, 2000).matchAll(/"(login|password)":"([^"\\]+)"/g) ?? []) this.#known.noteText(field!, text!)
      if (/csv|sheet/.test(answer.media)) this.#known.noteFile(answer.bytes)
    }
    return answer
  }

  async #inject(operation: Operation, request: ApiRequest): Promise<Answer | null> {
    const isStream = Object.values(operation.responses).some(({ content }) => content?.['text/event-stream'] !== undefined)
    let timer: NodeJS.Timeout | undefined
    let turns = 0
    const late = new Promise<null>((resolve) => { timer = setInterval(() => { if (++turns === ANSWER_WITHIN_S) resolve(null) }, 1000) })
    try {
      const { url, method, headers, payload } = request
      const response = await Promise.race([late, this.#harness.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }), ...(isStream ? { payloadAsStream: true } : {}) })])
      if (response === null) {
        this.#report('every request is answered', operation, request, `not within ${String(ANSWER_WITHIN_S)} s`)
        return null
      }
      const media = String(response.headers['content-type'] ?? '').split(';', 1)[0]!.trim()
      if (media === 'text/event-stream') {
        response.stream().destroy()
        return { status: response.statusCode, media, headers: response.headers, bytes: Buffer.alloc(0), body: undefined }
      }
      const bytes = isStream ? Buffer.concat(await response.stream().toArray() as Buffer[]) : response.rawPayload
      return { status: response.statusCode, media, headers: response.headers, bytes, body: /[/+]json$/.test(media) ? JSON.parse(bytes.toString('utf8')) : undefined }
    } catch (error) {
      // Addresses that the test's own client cannot send say nothing about the server.
      if (error instanceof TypeError && (error as NodeJS.ErrnoException).code === 'ERR_INVALID_URL') return null
      this.#report('every request is answered', operation, request, error instanceof Error ? (error.stack ?? error.message) : String(error))
      return null
    } finally {
      clearInterval(timer)
    }
  }

  #checkAnswer(operation: Operation, request: ApiRequest, { status, media, bytes, body }: Answer): void {
    const shown = bytes.toString('utf8', 0, 600)
    if (status >= 500) this.#report('never 5xx', operation, request, `${String(status)} ${shown}`)
    // A spoilt path may be another route's, whose answers are described there.
    if (!this.#isOf(operation, request)) return
    const described = operation.responses[String(status)] ?? (ANY_TIME.has(status) ? operation.responses['default'] : undefined)
    const key = operation.responses[String(status)] === undefined ? 'default' : String(status)
    if (described === undefined) {
      this.#report('every status is documented', operation, request, `${String(status)} ${shown}`)
      return
    }
    const medias = Object.keys(described.content ?? {})
    if (medias.length === 0) {
      if (bytes.length > 0) this.#report('no body where none is documented', operation, request, `${String(status)} ${shown}`)
      return
    }
    if (!medias.includes(media)) {
      this.#report('the content type is documented', operation, request, `${String(status)} ${media}, not ${medias.join(' or ')}`)
      return
    }
    if (body !== undefined) {
      const wrong = this.#document.checkResponse(operation, key, media, body)
      if (wrong !== null) this.#report('the body is what the document promises', operation, request, `${String(status)}: ${wrong} in ${shown}`)
    }
    if (status >= 400) {
      const { code, detail, detailVi, title, titleVi } = body as Readonly<Record<string, unknown>>
      if (![code, detail, detailVi, title, titleVi].every((text) => typeof text === 'string' && text !== '')) this.#report('problems speak both languages', operation, request, shown)
    }
  }

  #isOf(operation: Operation, { url }: ApiRequest): boolean {
    const path = url.split('?', 1)[0]!
    return new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path) && !/\/\.{1,2}(?:\/|$)|%(?:$|.$|[^0-9a-f].|.[^0-9a-f])/i.test(path) && !this.operations.some((other) => other.path === path && other.path !== operation.path)
  }

  /** What breaks the schema must not be taken. */
  #checkTaken(operation: Operation, request: ApiRequest, { status }: Answer): void {
    const json = operation.requestBody?.content['application/json']
    if (json === undefined || !this.#isOf(operation, request)) return
    // A parser may pass over a byte order mark: RFC 8259, 8.1.
    let sent: unknown
    try {
      sent = JSON.parse((request.payload ?? Buffer.alloc(0)).toString('utf8').replace(/^\ufeff/, ''))
    } catch {
      sent = undefined
    }
    if (sent === undefined && operation.requestBody?.required !== true) return
    const wrong = sent === undefined ? 'no JSON' : this.#document.checkRequest(operation, 'application/json', sent)
    if (wrong !== null) this.#report('what breaks the schema is refused', operation, request, `${String(status)}, although ${wrong}`)
  }

  /** What was made can be read, and reads as it was answered. */
  async #checkMade(operation: Operation, request: ApiRequest, { headers, body }: Answer): Promise<void> {
    const { location } = headers
    if (typeof location !== 'string') return
    const read = this.operations.find(({ method, path }) => method === 'GET' && new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(location))
    if (read === undefined) {
      this.#report('what was made can be read', operation, request, `nothing is documented at ${location}`)
      return
    }
    const readAs = (authorization: string) => this.#send(read, { method: 'GET', url: location, headers: { authorization }, payload: undefined })
    let found = await readAs(`Bearer ${TOKENS.admin}`)
    // Some things are nobody's but their maker's.
    const maker = request.headers['authorization']
    if (found?.status === 404 && typeof maker === 'string') found = await readAs(maker)
    if (found?.status !== 200) {
      this.#report('what was made can be read', operation, request, `${location} answers ${String(found?.status)}`)
      return
    }
    const made = body as Readonly<Record<string, unknown>>
    for (const [name, value] of Object.entries(found.body as object)) {
      if (name in made && !isDeepStrictEqual(value, made[name])) this.#report('what was made reads as it was answered', operation, request, `${name}: ${JSON.stringify(made[name])}, then ${JSON.stringify(value)}`)
    }
  }

  async #checkGone(operation: Operation, request: ApiRequest): Promise<void> {
    const [collection, id] = request.url.split('?', 1)[0]!.split('/').slice(-2) as [string, string]
    this.#known.forget(collection, decodeURIComponent(id))
    const again = await this.#send(operation, { ...request, headers: { ...request.headers, authorization: `Bearer ${TOKENS.admin}` } })
    if (again !== null && again.status !== 404) this.#report('what was removed is gone', operation, request, `removed again with ${String(again.status)}`)
    const read = this.operations.find(({ method, path }) => method === 'GET' && path === operation.path)
    if (read === undefined) return
    const found = await this.#send(read, { method: 'GET', url: request.url.split('?', 1)[0]!, headers: { authorization: `Bearer ${TOKENS.admin}` }, payload: undefined })
    if (found !== null && found.status !== 404) this.#report('what was removed is gone', operation, request, `still answers ${String(found.status)}`)
  }

  /** All lists, as an administrator sees them. */
  async #listings(): Promise<readonly unknown[]> {
    const lists = this.operations.filter(({ method, path, parameters, responses }) => method === 'GET' && !path.includes('{') && !UNSTEADY.test(path) && parameters.every(({ required = false }) => !required) && responses['200']?.content?.['application/json'] !== undefined)
    const answers: unknown[] = []
    for (const { path } of lists) {
      const answer = await this.#harness.app.inject({ url: path, headers: { authorization: `Bearer ${TOKENS.admin}` } })
      // A problem has the number of its request.
      answers.push(answer.statusCode === 200 ? JSON.parse(answer.payload, withoutUse) : answer.statusCode)
    }
    return answers
  }

  #report(rule: string, { name }: Operation, { method, url, headers, payload }: ApiRequest, detail: string): void {
    const { authorization, ...others } = headers
    const who = Object.entries(TOKENS).find(([, token]) => authorization === `Bearer ${token}`)?.[0] ?? String(authorization).slice(0, 30)
    const sent = payload === undefined ? '' : ` ${JSON.stringify(payload.toString('utf8', 0, 1500))}`
    this.violations.push({ rule, operation: name, detail: detail.slice(0, 1500), request: `${method} ${url.slice(0, 400)} as ${who} ${JSON.stringify(others).slice(0, 400)}${sent}` })
  }
}
