import { createRequire } from 'node:module'
import { CodecError } from '../codec-error.ts'

/**
 * Loads one of our addons.
 * @param what it is, for the operator
 * @throws CodecError `CODEC_ERR_NATIVE_MISSING` when it was not compiled, or for another machine.
 */
export function requireAddon(path: string, what: string): unknown {
  try {
    return createRequire(import.meta.url)(path) as unknown
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new CodecError('CODEC_ERR_NATIVE_MISSING', `${what} ${path} cannot be loaded (${reason ?? 'unknown reason'}). Run \`npm run setup\` to compile it.`, { cause })
  }
}
