import { createTransport } from 'nodemailer'
import type { NotificationRecord } from '../../control/ports.ts'
import { mailText } from './mail-text.ts'
import { NotifyError } from './notify-error.ts'

export interface MailOptions {
  readonly host: string
  readonly port: number
  /** `tls` from the first byte, `starttls` and nothing without it, `none` in plain text. */
  readonly security: 'tls' | 'starttls' | 'none'
  /** Empty: without logging in. */
  readonly user: string
  readonly password: string
  readonly from: string
  readonly timeoutMs: number
  /** Certificate authorities besides the usual ones, PEM. */
  readonly ca?: string
}

const ZONE = 'Asia/Ho_Chi_Minh'

/**
 * Sends one letter with all of them to all addresses.
 * @throws NotifyError
 */
export async function sendMail(to: readonly string[], notifications: readonly [NotificationRecord, ...NotificationRecord[]], { host, port, security, user, password, from, timeoutMs, ca }: MailOptions): Promise<void> {
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === '' ? {} : { auth: { user, pass: password } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    ...(ca === undefined ? {} : { tls: { ca } }),
    // A letter is made of texts alone; nothing in it may name a file or an address to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const { subject, text } = mailText(notifications, ZONE)
  let timer: NodeJS.Timeout | undefined
  try {
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => { reject(new NotifyError('NOTIFY_ERR_TIMEOUT', `${host} did not take the letter in time`)) }, 3 * timeoutMs)
    })
    // The same letter again has the same id, so that a mailbox can tell.
    await Promise.race([transport.sendMail({ from, to: [...to], subject, text, messageId: `<${notifications[0].id}@loa>`, headers: { 'Auto-Submitted': 'auto-generated' } }), late])
  } catch (error) {
    if (error instanceof NotifyError) throw error
    const { code, responseCode } = error as { readonly code?: string; readonly responseCode?: number }
    throw new NotifyError('NOTIFY_ERR_MAIL', `${host}: ${code ?? 'failed'}${responseCode === undefined ? '' : ` (${String(responseCode)})`}`, { cause: error })
  } finally {
    clearTimeout(timer)
    transport.close()
  }
}
