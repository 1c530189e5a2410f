/** Stable codes of this folder's errors; match on these, never on the text. A retired code is not used again. */
export type CodecErrorCode =
  | 'CODEC_ERR_FORMAT'
  | 'CODEC_ERR_OPTION'
  | 'CODEC_ERR_FRAME_SIZE'
  | 'CODEC_ERR_CLOSED'
  | 'CODEC_ERR_NATIVE_MISSING'
  | 'CODEC_ERR_ENCODE'
  | 'CODEC_ERR_DECODE'

export class CodecError extends Error {
  override readonly name = 'CodecError'
  readonly code: CodecErrorCode

  constructor(code: CodecErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
