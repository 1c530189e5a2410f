import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { TalkAnswer, TalkRequest } from '../link/messages.ts'
import { PageFiles, type PageFile, type PageFileName } from '../talk/page-files.ts'
import type { ControlQuestions } from './control-questions.ts'
import type { Credentials } from './credentials.ts'
import { targetUrl } from './request-head.ts'
import { secretOf } from './rtc-front.ts'
import { problemBody, problemOfRefusal, STREAM_PROBLEMS, type StreamProblemCode } from './stream-problem.ts'

const PATH = /^\/talk\/(?:(talk\.(?:js|css))|([\w-]{1,64})(\/status)?)$/
/** An answer is good for so long for all who ask about one source. */
const FRESH_MS = 900
/** How often one source may be asked about in a second, by all who have its key. */
const MOST_A_SECOND = 10
/** Nothing but our own files, no form, no frame, and the microphone for nobody else. */
const PAGE_HEADERS = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
}

export type TalkQuestions = ControlQuestions<Omit<TalkRequest, 'requestId'>, TalkAnswer>

export interface TalkPorts {
  readonly credentials: Credentials
  readonly questions: TalkQuestions
  readonly monotonicMs: () => number
  /** House samples. */
  readonly nowSamples: () => number
}

interface Known {
  /** Being asked for, or what was answered last. */
  readonly answer: Promise<TalkAnswer | null>
  readonly askedMs: number
  secondMs: number
  asked: number
}

/** `/talk/…` on the stream port: the page from which a person speaks into a WHIP source, the same for every id, and for who has the source's key how it is on air. */
export class TalkEndpoint {
  readonly #credentials: Credentials
  readonly #questions: TalkQuestions
  readonly #monotonicMs: () => number
  readonly #nowSamples: () => number
  readonly #pages = new PageFiles()
  readonly #packed = new WeakMap<PageFile, Buffer>()
  /** By source; only of such as exist. */
  readonly #known = new Map<string, Known>()
  refused = 0

  constructor({ credentials, questions, monotonicMs, nowSamples }: TalkPorts) {
    this.#credentials = credentials
    this.#questions = questions
    this.#monotonicMs = monotonicMs
    this.#nowSamples = nowSamples
  }

  /** @returns whether the request was for here */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const match = PATH.exec(targetUrl(request.url)?.pathname ?? '')
    if (match === null) return false
    response.shouldKeepAlive = false
    const [, file, sourceId = '', status] = match
    if (request.method !== 'GET' && request.method !== 'HEAD') this.#refuse(response, 'STREAM_ERR_METHOD')
    else if (status === undefined) void this.#page(request, response, (file ?? 'talk.html') as PageFileName)
    else void this.#status(request, response, sourceId)
    return true
  }

  async #page(request: IncomingMessage, response: ServerResponse, name: PageFileName): Promise<void> {
    try {
      const file = await this.#pages.file(name)
      const packs = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
      const body = packs ? this.#pack(file) : file.body
      response.writeHead(200, { ...PAGE_HEADERS, 'content-type': file.contentType, 'content-length': body.length, 'vary': 'accept-encoding', ...(packs ? { 'content-encoding': 'gzip' } : {}) })
      response.end(request.method === 'HEAD' ? undefined : body)
    } catch {
      this.#refuse(response, 'STREAM_ERR_NOT_READY')
    }
  }

  #pack(file: PageFile): Buffer {
    let packed = this.#packed.get(file)
    if (packed === undefined) {
      packed = gzipSync(file.body, { level: 9 })
      this.#packed.set(file, packed)
    }
    return packed
  }

  async #status(request: IncomingMessage, response: ServerResponse, sourceId: string): Promise<void> {
    if (!this.#credentials.ready) {
      this.#refuse(response, 'STREAM_ERR_NOT_READY')
      return
    }
    const found = this.#credentials.sourceKey(`/whip/${sourceId}`, secretOf(request), this.#nowSamples())
    if (typeof found === 'string') {
      this.#refuse(response, problemOfRefusal(found))
      return
    }
    const answer = this.#ask(sourceId)
    if (answer === null) {
      this.#refuse(response, 'STREAM_ERR_TOO_OFTEN')
      return
    }
    const { status } = (await answer) ?? { status: null }
    if (status === null) this.#refuse(response, 'STREAM_ERR_NOT_READY')
    else response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).end(JSON.stringify(status))
  }

  /** @returns null when it was asked too often */
  #ask(sourceId: string): Known['answer'] | null {
    const nowMs = this.#monotonicMs()
    const known = this.#known.get(sourceId)
    const sameSecond = known !== undefined && nowMs - known.secondMs < 1000
    const asked = sameSecond ? known.asked + 1 : 1
    if (asked > MOST_A_SECOND) return null
    if (known !== undefined && nowMs - known.askedMs < FRESH_MS) {
      if (!sameSecond) known.secondMs = nowMs
      known.asked = asked
      return known.answer
    }
    this.#forgetOld(nowMs)
    const answer = this.#questions.ask({ type: 'talk-request', sourceId })
    this.#known.set(sourceId, { answer, askedMs: nowMs, secondMs: sameSecond ? known.secondMs : nowMs, asked })
    return answer
  }

  #forgetOld(nowMs: number): void {
    for (const [id, { askedMs, secondMs }] of this.#known) if (nowMs - Math.max(askedMs, secondMs) > 1000) this.#known.delete(id)
  }

  #refuse(response: ServerResponse, code: StreamProblemCode): void {
    this.refused += 1
    const { status } = STREAM_PROBLEMS[code]
    response.writeHead(status, {
      'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store',
      ...(status === 401 ? { 'www-authenticate': 'Bearer realm="Loa"' } : {}), ...(status === 405 ? { allow: 'GET, HEAD' } : {}), ...(status === 429 || status === 503 ? { 'retry-after': '1' } : {}),
    }).end(problemBody(code))
  }
}
