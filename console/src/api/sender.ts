/** Nobody knows whether it was done. */
export class NoAnswer extends Error {
  override readonly name: string = 'NoAnswer'
}

/** The same of something that was sent before: what would be sent now is another thing. */
export class OtherNoAnswer extends NoAnswer {
  override readonly name = 'OtherNoAnswer'
}

/** For so long nothing may come of an answer, ms. Each piece of it begins the time anew: a slow line that still brings something is no dead one. */
export interface Patience {
  readonly readMs: number
  readonly writeMs: number
  /** A file goes up before anything can come back. */
  readonly fileMs: number
}

/** Words may have to be made into speech before a write is answered. */
export const PATIENCE: Patience = { readMs: 10_000, writeMs: 30_000, fileMs: 300_000 }

/** So long what got no answer keeps its key: who presses the button again means the same deed, who comes back later may not. */
const KEY_KEPT_MS = 120_000
/** Answers of something in between, which does not know what became of it. */
const NOBODY_ANSWERED: ReadonlySet<number> = new Set([502, 504])
/** Answers that none can be made of with a body, though some browsers give them an empty one. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])
/** Ask something with a body, and change nothing. */
const ASKS = /\/(?:check|preview)$/

type Send = (request: Request) => Promise<Response>

/** The network's own errors: the line is gone (`TypeError`), or it took too long. */
export const isLost = (error: unknown): boolean => error instanceof NoAnswer || error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')

/**
 * Sends requests so that none waits for ever. A read that gets no answer fails like one without a network (`TimeoutError`). Of a write nobody knows
 * whether it was done (`NoAnswer`): the same POST, sent again, goes under the key that it had, so the server does it once.
 * @param send as `fetch`
 */
export function sender(send: Send, patience: Patience = PATIENCE): Send {
  const lostKeys = new Map<string, { readonly key: string; readonly untilMs: number }>()
  return async (request) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD' || ASKS.test(new URL(request.url).pathname)
    if (isRead) return within(patience.readMs, send, request)
    const isFile = request.headers.get('Content-Type')?.startsWith('multipart/') === true
    const deed = request.method === 'POST' && !isFile ? `${request.url}\n${await request.clone().text()}` : null
    const kept = deed === null ? undefined : lostKeys.get(deed)
    if (kept !== undefined && kept.untilMs > Date.now()) request.headers.set('Idempotency-Key', kept.key)
    const key = request.headers.get('Idempotency-Key')
    for (const [old, { untilMs }] of lostKeys) if (untilMs <= Date.now()) lostKeys.delete(old)
    try {
      const answer = await whole(await within(isFile ? patience.fileMs : patience.writeMs, send, request))
      if (NOBODY_ANSWERED.has(answer.status)) throw new NoAnswer(`${String(answer.status)} of something in between`)
      if (deed !== null) lostKeys.delete(deed)
      return answer
    } catch (error) {
      if (!isLost(error)) throw error
      if (deed !== null && key !== null) lostKeys.set(deed, { key, untilMs: Date.now() + KEY_KEPT_MS })
      throw error instanceof NoAnswer ? error : new NoAnswer('no answer', { cause: error })
    }
  }
}

/** @throws DOMException TimeoutError, also while the body is read, when nothing has come for so long */
async function within(silenceMs: number, send: Send, request: Request): Promise<Response> {
  const silence = new AbortController()
  const giveUp = (): void => { silence.abort(new DOMException('nothing has come for too long', 'TimeoutError')) }
  let timer = setTimeout(giveUp, silenceMs)
  const heard = (): void => {
    clearTimeout(timer)
    timer = setTimeout(giveUp, silenceMs)
  }
  let answer: Response
  try {
    answer = await send(new Request(request, { signal: AbortSignal.any([request.signal, silence.signal]) }))
  } catch (error) {
    clearTimeout(timer)
    throw error
  }
  if (answer.body === null || BODILESS.has(answer.status)) {
    clearTimeout(timer)
    return answer
  }
  heard()
  const reader = answer.body.getReader()
  const heardBody = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (done) {
          clearTimeout(timer)
          controller.close()
          return
        }
        heard()
        controller.enqueue(value)
      } catch (error) {
        clearTimeout(timer)
        controller.error(error)
      }
    },
    async cancel(reason) {
      clearTimeout(timer)
      await reader.cancel(reason)
    },
  })
  return withBody(answer, heardBody)
}

/** An answer to a write has come when all of it has. */
const whole = async (answer: Response): Promise<Response> => (answer.body === null || BODILESS.has(answer.status) ? answer : withBody(answer, await answer.arrayBuffer()))

/** A response that is made has no address of its own, which refusals name. */
const withBody = ({ status, statusText, headers, url }: Response, body: ReadableStream<Uint8Array<ArrayBuffer>> | ArrayBuffer): Response => Object.defineProperty(new Response(body, { status, statusText, headers }), 'url', { value: url })
