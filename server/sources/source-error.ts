/** Stable codes of what can be wrong with a source; match on these, never on the text. A retired code is not used again. */
export type SourceErrorCode =
  | 'SOURCE_ERR_PRIVATE_ADDRESS'
  | 'SOURCE_ERR_SCHEME'
  | 'SOURCE_ERR_RESOLVE'
  | 'SOURCE_ERR_HTTP'
  | 'SOURCE_ERR_TIMEOUT'
  | 'SOURCE_ERR_PLAYLIST'

/** The message never holds a credential: URLs in it have lost user, password and query. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly code: SourceErrorCode

  constructor(code: SourceErrorCode, message: string, options?: ErrorOptions) {
    super(redactUrls(message), options)
    this.code = code
  }
}

const URL_IN_TEXT = /\b([a-z][a-z0-9+.-]{1,15}:\/\/)([^\s'"<>]*)/gi

/**
 * Takes user, password, query and fragment out of every URL in a text, so that it may be logged and shown. Words around
 * stay as they are.
 */
export function redactUrls(text: string): string {
  return text.replace(URL_IN_TEXT, (_, scheme: string, rest: string) => {
    const slash = rest.search(/[/?#]/)
    // A password may hold any sign but those three, so everything before the last @ of the authority goes.
    const authority = (slash === -1 ? rest : rest.slice(0, slash)).replace(/^.*@/, '')
    const path = slash === -1 ? '' : rest.slice(slash).replace(/[?#].*$/, '')
    return `${scheme}${authority}${path}`
  })
}
