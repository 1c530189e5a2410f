export type CapErrorCode = 'CAP_ERR_XML' | 'CAP_ERR_SIZE' | 'CAP_ERR_RULE' | 'CAP_ERR_KEY' | 'CAP_ERR_FETCH'

/** What is wrong with a document, and at which element of it; `problem.ts` knows it as LOA_ERR_CAP. */
export class CapError extends Error {
  override readonly name = 'CapError'
  readonly code: CapErrorCode
  /** `info[2].area[1].polygon[1]`, counted from 1 as people count; `alert` for the whole. */
  readonly path: string
  readonly messageVi: string

  constructor(code: CapErrorCode, path: string, message: string, messageVi: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.path = path
    this.messageVi = messageVi
  }
}
