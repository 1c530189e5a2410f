import { join } from 'node:path'
import type { ChannelKind, ChannelRecord, NotificationRecord, Notifier, SendResult } from '../../control/ports.ts'
import { webhookHeaders } from '../../control/alarms/webhook-signature.ts'
import type { AddressCheck } from '../sources/address-check.ts'
import { appendLine, type FileSinkOptions } from './file-sink.ts'
import { sendMail, type MailOptions } from './mail-sender.ts'
import { NotifyError } from './notify-error.ts'
import { postWebhook, type Delivered } from './webhook-sender.ts'

export const NOTIFICATIONS_FOLDER = 'notifications'
const TIMEOUT_MS = 10_000
const FILES: FileSinkOptions = { maxBytes: 10 * 1024 * 1024, keep: 10 }

export interface NotifierOptions {
  readonly dataDir: string
  readonly addresses: AddressCheck
  readonly version: string
  /** Null: mail is not set up. */
  readonly mail: Omit<MailOptions, 'timeoutMs'> | null
  readonly timeoutMs?: number
  readonly ca?: string
}

/** Brings notifications out by webhook, mail or file. */
export class ChannelNotifier implements Notifier {
  readonly #options: NotifierOptions

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  isReady(kind: ChannelKind): boolean {
    return kind !== 'email' || this.#options.mail !== null
  }

  async send(channel: ChannelRecord, notifications: readonly [NotificationRecord, ...NotificationRecord[]], nowMs: number): Promise<SendResult> {
    try {
      const endsAtMs = (await this.#send(channel, notifications, nowMs))?.certificateEndsAtMs
      return endsAtMs == null ? { ok: true } : { ok: true, certificateEndsAtMs: endsAtMs }
    } catch (error) {
      if (!(error instanceof NotifyError)) return { ok: false, code: 'NOTIFY_ERR_CONNECT', message: error instanceof Error ? error.message : String(error) }
      const { code, message, retryAfterMs } = error
      return { ok: false, code, message, ...(code === 'NOTIFY_ERR_GONE' ? { isFinal: true } : {}), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
    }
  }

  async #send({ target }: ChannelRecord, notifications: readonly [NotificationRecord, ...NotificationRecord[]], nowMs: number): Promise<Delivered | null> {
    const { dataDir, addresses, version, mail, timeoutMs = TIMEOUT_MS, ca } = this.#options
    const authorities = ca === undefined ? {} : { ca }
    switch (target.kind) {
      case 'webhook': {
        const [{ id, payload }] = notifications
        return await postWebhook(target.url, payload, webhookHeaders(id, payload, target.keys, nowMs), { addresses, timeoutMs, userAgent: `Loa/${version}`, ...authorities })
      }
      case 'email':
        if (mail === null) throw new NotifyError('NOTIFY_ERR_NO_MAIL', 'no mail server is set (smtpHost, smtpFrom)')
        await sendMail(target.to, notifications, { ...mail, timeoutMs, ...authorities })
        return null
      case 'file':
        for (const { id, payload } of notifications) await appendLine(join(dataDir, NOTIFICATIONS_FOLDER, `${target.name}.jsonl`), `{"id":${JSON.stringify(id)},${payload.slice(1)}`, FILES)
        return null
    }
  }
}
