import type { ControlApp } from './context.ts'
import { ApiError } from './problem.ts'

/** Anything else is 415. A JSON content type without a body is a request without a body: many clients always send the header. */
export function takeOnlyJson(app: ControlApp): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else if (holdsHalfCharacter(body as string)) done(new ApiError('LOA_ERR_BAD_JSON', 'a text holds half of a surrogate pair', 'có văn bản chứa nửa cặp ký tự thay thế (surrogate)'))
    else void parse(request, body as string, done)
  })
}

/**
 * Only an escape can make half a surrogate pair, which is no character (RFC 7493, 2.1) and would be kept as another text than the one that was
 * answered. Looked for in the JSON itself, because what has been parsed may be nested deeper than any recursion goes.
 */
function holdsHalfCharacter(json: string): boolean {
  if (!/\\u[dD][89a-fA-F]/.test(json)) return false
  let highEndsAt = -1
  for (const { 0: escape, 1: digits, index } of json.matchAll(/\\(?:u([\da-fA-F]{4})|.)/g)) {
    const unit = digits === undefined ? 0 : Number.parseInt(digits, 16)
    const isLow = unit >= 0xdc00 && unit <= 0xdfff
    if (highEndsAt < 0 ? isLow : !isLow || index !== highEndsAt) return true
    highEndsAt = unit >= 0xd800 && unit <= 0xdbff ? index + escape.length : -1
  }
  return highEndsAt >= 0
}
