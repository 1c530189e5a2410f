/** Stable codes of what can be wrong with a notification on its way. A retired code is not used again. */
export type NotifyErrorCode =
  | 'NOTIFY_ERR_PRIVATE_ADDRESS'
  | 'NOTIFY_ERR_CONNECT'
  | 'NOTIFY_ERR_TIMEOUT'
  | 'NOTIFY_ERR_STATUS'
  | 'NOTIFY_ERR_GONE'
  | 'NOTIFY_ERR_MAIL'
  | 'NOTIFY_ERR_NO_MAIL'
  | 'NOTIFY_ERR_FILE'

/** Thrown by the senders; the notifier makes a result of it. The message never holds a credential. */
export class NotifyError extends Error {
  override readonly name = 'NotifyError'
  readonly code: NotifyErrorCode
  /** As long as the receiver asked for, ms. */
  readonly retryAfterMs: number | undefined

  constructor(code: NotifyErrorCode, message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options)
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}
