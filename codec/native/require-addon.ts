import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
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

/**
 * A loader of the addon of that name in build/, for whom it is only loaded when it is first used.
 * @param what as for `requireAddon`, and throws as it does
 */
export function addonLoader<T>(name: string, what: string): () => T {
  let loaded: T | undefined
  return () => {
    loaded ??= requireAddon(fileURLToPath(new URL(`../../build/${name}.node`, import.meta.url)), what) as T
    return loaded
  }
}
