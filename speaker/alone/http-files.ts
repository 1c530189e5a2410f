import { request as requestHttp } from 'node:http'
import { request as requestHttps, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { Identity, LocalClock } from '../ports.ts'

const TIMEOUT_MS = 30_000
/** What is fetched ahead must not take the line from what is on air. */
const DEFAULT_MAX_BYTES_PER_SECOND = 128 * 1024

export interface HttpFilesOptions {
  /** Of the stream port: `ws://`, `wss://`, `http://` or `https://`. */
  readonly server: string
  readonly identity: Identity
  readonly clock: LocalClock
  /** House time as ms since 1970; null while it is not known. */
  readonly houseMs: () => number | null
  /** For https: certificate authority, pins. */
  readonly tls?: RequestOptions
  readonly maxBytesPerSecond?: number
}

/**
 * Fetches files from the stream port of the server, with the key of the cluster or the proof of the device, no faster than allowed.
 * @returns a function that opens one; it rejects when the server does not give it
 */
export function httpFiles(options: HttpFilesOptions): (path: string) => Promise<AsyncIterable<Uint8Array>> {
  const base = options.server.replace(/^ws/, 'http')
  return async (path) => {
    const url = new URL(path, base)
    // Only the server itself is asked, whatever a path may look like.
    if (url.origin !== new URL(base).origin) throw new Error(`${path} is not on the server`)
    const response = await open(url, proof(options, url.pathname), options.tls ?? {})
    return slowly(response, options.clock, options.maxBytesPerSecond ?? DEFAULT_MAX_BYTES_PER_SECOND)
  }
}

function proof({ identity, houseMs }: HttpFilesOptions, pathname: string): Record<string, string> {
  const { key, deviceId, instanceId } = identity.hello()
  const common = { 'x-loa-cluster': identity.clusterId }
  if (typeof key === 'string') return { ...common, 'x-loa-key': key }
  const nowMs = houseMs()
  if (nowMs === null) throw new Error('the house time is not known yet')
  const nonce = `file-${String(Math.floor(nowMs))}-${pathname.slice(pathname.lastIndexOf('/') + 1)}`
  const signature = identity.prove(nonce)
  if (signature === null || typeof deviceId !== 'string' || typeof instanceId !== 'string') throw new Error('the device cannot prove itself')
  return { ...common, 'x-loa-device': deviceId, 'x-loa-instance': instanceId, 'x-loa-nonce': nonce, 'x-loa-signature': signature }
}

function open(url: URL, headers: Record<string, string>, tls: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      if (response.statusCode === 200) {
        resolve(response)
        return
      }
      response.resume()
      reject(new Error(`${url.pathname}: the server answers ${String(response.statusCode)}`))
    }
    const request = url.protocol === 'https:' ? requestHttps(url, { ...tls, headers, timeout: TIMEOUT_MS }, take) : requestHttp(url, { headers, timeout: TIMEOUT_MS }, take)
    request.on('timeout', () => request.destroy(new Error('the server is silent')))
    request.on('error', reject)
    request.end()
  })
}

async function* slowly(response: IncomingMessage, clock: LocalClock, maxBytesPerSecond: number): AsyncGenerator<Uint8Array> {
  const startedMs = clock.monotonicMs()
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    yield chunk
    const aheadMs = (bytes / maxBytesPerSecond) * 1000 - (clock.monotonicMs() - startedMs)
    if (aheadMs > 0) await new Promise<void>((resolve) => clock.setTimer(aheadMs, resolve))
  }
  if (!response.complete) throw new Error('the line was cut')
}
