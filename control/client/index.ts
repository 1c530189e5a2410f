import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './types.ts'

/** What the API answers and takes, by name: `Schemas['Order']`. */
export type Schemas = components['schemas']
export type LoaClient = Client<paths>
/** What a POST there takes. */
export type PostBody<Path extends keyof paths> = paths[Path] extends { readonly post: { readonly requestBody: { readonly content: { readonly 'application/json': infer Body } } } } ? Body : never
export type ProblemBody = Schemas['Problem']

export interface LoaClientOptions {
  /** `http://loa.example.vn:8080`. */
  readonly url: string
  /** Of a program, or of a session. Left out: the cookie of the browser's session. */
  readonly token?: string
  /** Of the texts in answers, asked for each request where it changes; default: as the server has it. */
  readonly language?: 'vi' | 'en' | (() => 'vi' | 'en')
  /** What sends requests; default: `fetch` as it is. */
  readonly fetch?: (request: Request) => Promise<Response>
}

/**
 * The API with types made from its own description. Every POST carries an `Idempotency-Key`; to repeat one that may have been done already, send
 * its key again.
 *
 *   const loa = loaClient({ url, token })
 *   const unit = done(await loa.POST('/v1/units', { body: { code: 'X1', name: 'Xã Một' } }))
 */
export function loaClient({ url, token, language, fetch }: LoaClientOptions): LoaClient {
  const client = createClient<paths>({ baseUrl: url, ...(fetch === undefined ? {} : { fetch }) })
  client.use({
    onRequest({ request }) {
      if (token !== undefined) request.headers.set('Authorization', `Bearer ${token}`)
      if (language !== undefined) request.headers.set('Accept-Language', typeof language === 'string' ? language : language())
      if (request.method === 'POST' && !request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', newKey())
    },
  })
  return client
}

/** For an `Idempotency-Key`. `crypto.randomUUID` is not there for pages over plain HTTP. */
export const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** What the server refused; `problem` says why, with a stable code. */
export class LoaProblem extends Error {
  override readonly name = 'LoaProblem'
  readonly status: number
  readonly problem: ProblemBody | undefined

  constructor({ status, url }: Response, problem: ProblemBody | undefined) {
    super(`${new URL(url).pathname}: ${String(status)} ${problem === undefined ? '' : `${problem.code} ${problem.detail}`}`)
    this.status = status
    this.problem = problem
  }
}

interface Result<T> {
  readonly data?: T
  readonly error?: unknown
  readonly response: Response
}

/**
 * The body of an answer.
 * @throws LoaProblem when it was refused
 */
export function done<T>({ data, error, response }: Result<T>): T {
  if (!response.ok) throw new LoaProblem(response, typeof error === 'object' && error !== null && 'code' in error ? (error as ProblemBody) : undefined)
  return data as T
}

/**
 * For the change of what was read: it is done only while nobody else has changed it, else it is refused with 412.
 * @throws LoaProblem when it could not be read: nothing is written over what nobody has seen
 */
export function ifUnchanged(read: Result<unknown>): { readonly 'if-match': string } {
  done(read)
  return { 'if-match': read.response.headers.get('ETag') ?? '*' }
}

interface ListPage<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

/**
 * Everything in a list, page by page:
 *
 *   for await (const unit of everyItem((cursor) => loa.GET('/v1/units', { params: { query: { ...cursor } } }))) …
 */
export async function* everyItem<T>(read: (cursor: { readonly cursor?: string }) => Promise<Result<ListPage<T>>>): AsyncGenerator<T> {
  for (let cursor: { readonly cursor?: string } = {}; ;) {
    const { items, nextCursor } = done(await read(cursor))
    yield* items
    if (nextCursor === null) return
    cursor = { cursor: nextCursor }
  }
}

/** Sends a sound file, which the types of a document cannot carry. */
export async function uploadClip(loa: LoaClient, file: Blob, fileName: string): Promise<Schemas['Clip']> {
  const form = new FormData()
  form.append('file', file, fileName)
  return done(await loa.POST('/v1/clips', { body: { file: '' }, bodySerializer: () => form }))
}
