import { createHmac, randomBytes } from 'node:crypto'
import type { WebhookKey } from './notification-port.ts'

const PREFIX = 'whsec_'
const SECRET_BYTES = 32
/** After another key was made the one before it signs as well for so long. */
export const KEY_OVERLAP_MS = 24 * 3_600_000

export const newWebhookSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64')

/**
 * The headers of a webhook as Standard Webhooks has them (https://www.standardwebhooks.com): HMAC-SHA256 over id, second and body. With two keys there are two
 * signatures, and the receiver takes what one of them has made.
 * @param body exactly as it is sent
 */
export function webhookHeaders(id: string, body: string, keys: readonly WebhookKey[], nowMs: number): { readonly 'webhook-id': string; readonly 'webhook-timestamp': string; readonly 'webhook-signature': string } {
  const timestamp = String(Math.floor(nowMs / 1000))
  const signatures = keys
    .filter(({ endsAtMs }) => endsAtMs === null || nowMs < endsAtMs)
    .map(({ secret }) => `v1,${createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64')).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

/** A new key first, the one before it for a while longer; older ones go. */
export const rotateKeys = (keys: readonly WebhookKey[], nowMs: number): readonly WebhookKey[] =>
  [{ secret: newWebhookSecret(), endsAtMs: null }, ...keys.filter(({ endsAtMs }) => endsAtMs === null).slice(0, 1).map(({ secret }) => ({ secret, endsAtMs: nowMs + KEY_OVERLAP_MS }))]
