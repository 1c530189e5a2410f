import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Fetched, Fetcher, FetchRequest } from '../../control/ports.ts'
import { pinnedLookup, type AddressCheck } from '../sources/address-check.ts'
import { redactUrls, SourceError } from '../sources/source-error.ts'

const MOST_REDIRECTS = 3

export type FetchErrorCode = 'FETCH_ERR_SCHEME' | 'FETCH_ERR_ADDRESS' | 'FETCH_ERR_TIMEOUT' | 'FETCH_ERR_SIZE' | 'FETCH_ERR_STATUS' | 'FETCH_ERR_REDIRECT' | 'FETCH_ERR_FAILED'

/** The message holds no credentials. */
export class FetchError extends Error {
  override readonly name = 'FetchError'
  readonly code: FetchErrorCode

  constructor(code: FetchErrorCode, message: string, options?: ErrorOptions) {
    super(redactUrls(message), options)
    this.code = code
  }
}

/**
 * Fetches documents by GET. Every address that is connected to was checked, those of redirects too, and the connection goes to that very address. Bound are
 * the time of all of it, whatever the other side does, and the bytes; what comes compressed is not taken. From https nothing leads to http. User and
 * password of a URL go to no other origin.
 */
export function createFetcher(addresses: AddressCheck): Fetcher {
  return {
    async fetch(asked) {
      const timeout = AbortSignal.timeout(asked.timeoutMs)
      try {
        let url = parse(asked.url)
        for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
          const answer = await open(url, asked, addresses, timeout)
          const { statusCode = 0, headers } = answer
          if (statusCode >= 300 && statusCode < 400 && statusCode !== 304 && headers.location !== undefined) {
            answer.destroy()
            url = follow(url, headers.location)
            continue
          }
          return await read(answer, url, asked, timeout)
        }
        throw new FetchError('FETCH_ERR_REDIRECT', `${asked.url} redirects more than ${String(MOST_REDIRECTS)} times`)
      } catch (error) {
        if (error instanceof FetchError) throw error
        if (timeout.aborted) throw new FetchError('FETCH_ERR_TIMEOUT', `${asked.url} took longer than ${String(asked.timeoutMs)} ms`)
        if (error instanceof SourceError) throw new FetchError('FETCH_ERR_ADDRESS', error.message, { cause: error })
        throw new FetchError('FETCH_ERR_FAILED', `${asked.url}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
      }
    },
  }
}

function parse(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw new FetchError('FETCH_ERR_SCHEME', `${text} is no http or https URL`)
  return url
}

function follow(from: URL, location: string): URL {
  const to = parse(location, from)
  if (from.protocol === 'https:' && to.protocol === 'http:') throw new FetchError('FETCH_ERR_REDIRECT', `${from.href} leads from https to http`)
  if (to.origin === from.origin && to.username === '') {
    to.username = from.username
    to.password = from.password
  }
  return to
}

async function open(url: URL, { etag, lastModified }: FetchRequest, addresses: AddressCheck, signal: AbortSignal): Promise<IncomingMessage> {
  const lookup = pinnedLookup(await addresses(url.hostname))
  signal.throwIfAborted()
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const headers = {
    'user-agent': 'Loa/1',
    accept: 'application/cap+xml, application/atom+xml, application/rss+xml, application/xml, text/xml, */*;q=0.5',
    'accept-encoding': 'identity',
    ...(etag == null ? {} : { 'if-none-match': etag }),
    ...(lastModified == null ? {} : { 'if-modified-since': lastModified }),
  }
  return new Promise((resolve, reject) => {
    const request = send(url, { agent: false, lookup, headers, signal })
    request.on('response', resolve)
    request.on('error', reject)
    request.end()
  })
}

async function read(answer: IncomingMessage, url: URL, { mostBytes }: FetchRequest, signal: AbortSignal): Promise<Fetched> {
  const { statusCode: status = 0, headers } = answer
  try {
    if (status !== 200 && status !== 304) throw new FetchError('FETCH_ERR_STATUS', `${url.href} answers ${String(status)}`)
    if (!['', 'identity'].includes(headers['content-encoding'] ?? '')) throw new FetchError('FETCH_ERR_FAILED', `${url.href} answers in an encoding that was not asked for`)
    const tooLarge = new FetchError('FETCH_ERR_SIZE', `${url.href} is larger than ${String(mostBytes)} bytes`)
    if (Number(headers['content-length'] ?? 0) > mostBytes) throw tooLarge
    const chunks: Buffer[] = []
    let bytes = 0
    if (status === 200) {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        signal.throwIfAborted()
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > mostBytes) throw tooLarge
      }
    }
    return { status, body: Buffer.concat(chunks), contentType: headers['content-type'] ?? '', etag: headers.etag ?? null, lastModified: headers['last-modified'] ?? null }
  } finally {
    answer.destroy()
  }
}
