/** Stable codes of what can be wrong with a clip; match on these, never on the text. A retired code is not used again. */
export type ClipErrorCode = 'CLIP_ERR_UNREADABLE' | 'CLIP_ERR_EMPTY' | 'CLIP_ERR_TOO_LONG' | 'CLIP_ERR_DISK_FULL' | 'CLIP_ERR_ABORTED'

export class ClipError extends Error {
  override readonly name = 'ClipError'
  readonly code: ClipErrorCode

  constructor(code: ClipErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
