import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { pinnedLookup, type AddressCheck } from './address-check.ts'
import { IcyReader } from './icy-reader.ts'
import { SourceError } from './source-error.ts'

const MAX_HOPS = 6
const MAX_PLAYLIST_BYTES = 64 * 1024

export interface HttpStreamOptions {
  /** Where a host may be reached; throws when it may not. */
  readonly addresses: AddressCheck
  /** For the answer's head, redirects included. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onTitle: (title: string) => void
}

/** What an http(s) URL turned out to be after redirects and plain playlists. */
export type HttpStream =
  | { readonly kind: 'sound'; readonly contentType: string; readonly finite: boolean; readonly body: Readable }
  /** A playlist of segments, to be read by who knows how. */
  | { readonly kind: 'hls'; readonly url: URL }

/**
 * Opens an http(s) stream. Each address that is connected to has been checked, the redirects' too, and the connection is
 * made to that very address (the name still goes into SNI and Host). User and password of the URL go out as Basic
 * authorization, and not to another host.
 * @throws SourceError
 */
export async function openHttpStream(url: URL, options: HttpStreamOptions): Promise<HttpStream> {
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = AbortSignal.any([options.signal, timeout])
  try {
    let next = url
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const answer = await get(next, options, signal)
      const status = answer.statusCode ?? 0
      if (status >= 300 && status < 400 && answer.headers.location !== undefined) {
        answer.destroy()
        next = follow(next, answer.headers.location)
        continue
      }
      if (status !== 200) {
        answer.destroy()
        throw new SourceError('SOURCE_ERR_HTTP', `${next.href} answers ${String(status)}`)
      }
      if (!isPlaylist(next, answer)) return sound(answer, options)
      const entry = await firstEntry(answer, next)
      if (entry === 'hls') return { kind: 'hls', url: next }
      next = follow(next, entry)
    }
    throw new SourceError('SOURCE_ERR_HTTP', `${url.href} redirects more than ${String(MAX_HOPS)} times`)
  } catch (error) {
    if (error instanceof SourceError) throw error
    if (timeout.aborted) throw new SourceError('SOURCE_ERR_TIMEOUT', `${url.href} did not answer within ${String(options.timeoutMs)} ms`)
    throw new SourceError('SOURCE_ERR_HTTP', `${url.href}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function get(url: URL, options: HttpStreamOptions, signal: AbortSignal): Promise<IncomingMessage> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new SourceError('SOURCE_ERR_SCHEME', `${url.href} is neither http nor https`)
  const addresses = await options.addresses(url.hostname)
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send(url, {
      agent: false, lookup: pinnedLookup(addresses),
      headers: { 'user-agent': 'Loa/1', accept: '*/*', 'icy-metadata': '1' },
    })
    const abort = (): void => { request.destroy(new Error('aborted')) }
    signal.addEventListener('abort', abort, { once: true })
    request.on('response', (answer) => {
      // The head is here: from now on only the caller ends the stream, by destroying its body.
      signal.removeEventListener('abort', abort)
      options.signal.addEventListener('abort', () => { answer.destroy() }, { once: true })
      resolve(answer)
    })
    request.on('error', (error) => {
      signal.removeEventListener('abort', abort)
      reject(error)
    })
    if (signal.aborted) abort()
    request.end()
  })
}

function follow(from: URL, location: string): URL {
  let to: URL
  try {
    to = new URL(location, from)
  } catch {
    throw new SourceError('SOURCE_ERR_HTTP', `${from.href} leads to what is no URL`)
  }
  if (to.origin === from.origin && to.username === '') {
    to.username = from.username
    to.password = from.password
  }
  return to
}

function sound(answer: IncomingMessage, options: HttpStreamOptions): HttpStream {
  const interval = Number(answer.headers['icy-metaint'])
  const contentType = (answer.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
  const finite = answer.headers['content-length'] !== undefined
  // An end in the middle is an end like any other; whoever reads sees that no more comes.
  answer.on('error', () => undefined)
  if (!Number.isInteger(interval) || interval <= 0) return { kind: 'sound', contentType, finite, body: answer }
  const body = new IcyReader(interval, options.onTitle)
  answer.on('close', () => { if (!answer.readableEnded) body.end() })
  body.on('close', () => { answer.destroy() })
  return { kind: 'sound', contentType, finite, body: answer.pipe(body) }
}

function isPlaylist(url: URL, answer: IncomingMessage): boolean {
  return /mpegurl|scpls/i.test(answer.headers['content-type'] ?? '') || /\.(?:m3u8?|pls)$/i.test(url.pathname)
}

/** Reads a playlist: `hls` when it is one of segments, else the first stream that it names (M3U, PLS). */
async function firstEntry(answer: IncomingMessage, url: URL): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_PLAYLIST_BYTES) break
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (/^#EXT-X-/m.test(text)) return 'hls'
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const entry = lines.map((line) => /^File\d+=(.+)$/i.exec(line)?.[1] ?? line).find((line) => line !== '' && !line.startsWith('#') && !line.startsWith('[') && !/^\w+=/.test(line))
  if (entry === undefined) throw new SourceError('SOURCE_ERR_PLAYLIST', `${url.href} is a playlist that names no stream`)
  return entry
}
