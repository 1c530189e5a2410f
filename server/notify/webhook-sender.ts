import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { pinnedLookup, type AddressCheck } from '../sources/address-check.ts'
import { SourceError } from '../sources/source-error.ts'
import { NotifyError } from './notify-error.ts'

export interface Delivered {
  /** First ms at which the receiver's certificate is over; null: it was plain HTTP. */
  readonly certificateEndsAtMs: number | null
}

export interface WebhookOptions {
  readonly addresses: AddressCheck
  /** From the first look at the name to the last byte of the answer, ms. */
  readonly timeoutMs: number
  readonly userAgent: string
  /** Certificate authorities besides the usual ones, PEM. */
  readonly ca?: string
}

/** So much of an answer is read, for its status to be believed; the rest is not waited for. */
const MOST_ANSWER_BYTES = 64 * 1024

/**
 * Posts one webhook. The address is checked where it is connected to, so that no name leads inside; a redirect is not followed, it is a failure.
 * @throws NotifyError
 */
export async function postWebhook(url: string, body: string, headers: Readonly<Record<string, string>>, { addresses, timeoutMs, userAgent, ca }: WebhookOptions): Promise<Delivered> {
  const target = new URL(url)
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    const found = await Promise.race([addresses(target.hostname), aborted(deadline)])
    const bytes = Buffer.from(body)
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = send(target, {
        method: 'POST',
        agent: false,
        lookup: pinnedLookup(found),
        signal: deadline,
        headers: { ...headers, 'content-type': 'application/json', 'content-length': bytes.length, 'user-agent': userAgent, connection: 'close' },
        ...(ca === undefined ? {} : { ca }),
      }, resolve)
      outgoing.on('error', reject)
      outgoing.end(bytes)
    })
    const status = answer.statusCode ?? 0
    const certificateEndsAtMs = endOfCertificate(answer)
    await drain(answer)
    if (status >= 200 && status < 300) return { certificateEndsAtMs }
    if (status === 410) throw new NotifyError('NOTIFY_ERR_GONE', `${target.host} answered 410: it does not want any more`)
    const retryAfterMs = retryAfter(answer)
    throw new NotifyError('NOTIFY_ERR_STATUS', `${target.host} answered ${String(status)}`, retryAfterMs === undefined ? {} : { retryAfterMs })
  } catch (error) {
    throw toNotifyError(error, target.host, deadline.aborted, timeoutMs)
  }
}

function toNotifyError(error: unknown, host: string, isLate: boolean, timeoutMs: number): NotifyError {
  if (error instanceof NotifyError) return error
  if (isLate) return new NotifyError('NOTIFY_ERR_TIMEOUT', `${host} did not answer within ${String(timeoutMs / 1000)} s`, { cause: error })
  if (error instanceof SourceError && error.code === 'SOURCE_ERR_PRIVATE_ADDRESS') return new NotifyError('NOTIFY_ERR_PRIVATE_ADDRESS', `${host} leads to a private address; set allowPrivateWebhooks to send inside your own network`, { cause: error })
  const { code, message } = error as NodeJS.ErrnoException
  return new NotifyError('NOTIFY_ERR_CONNECT', `${host}: ${code ?? message}`, { cause: error })
}

const aborted = (signal: AbortSignal): Promise<never> => new Promise((_resolve, reject) => {
  signal.addEventListener('abort', () => { reject(signal.reason as Error) }, { once: true })
})

/** Reads the answer to its end, but no more of it than is bounded. */
async function drain(answer: IncomingMessage): Promise<void> {
  let bytes = 0
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length
    if (bytes > MOST_ANSWER_BYTES) break
  }
  answer.destroy()
}

function endOfCertificate({ socket }: IncomingMessage): number | null {
  const validTo = 'getPeerCertificate' in socket ? (socket as TLSSocket).getPeerCertificate().valid_to : undefined
  const endsAtMs = validTo === undefined ? NaN : Date.parse(validTo)
  return Number.isNaN(endsAtMs) ? null : endsAtMs
}

/** RFC 9110, 10.2.3: seconds; a date is not worth reading. */
function retryAfter({ headers }: IncomingMessage): number | undefined {
  const seconds = headers['retry-after']
  return seconds !== undefined && /^\d{1,7}$/.test(seconds) ? Number(seconds) * 1000 : undefined
}
