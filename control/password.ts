import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'
import { ApiError } from './problem.ts'

/** OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane; some 35 ms on a core. */
const MEMORY_KIB = 19_456
const PASSES = 2
const LANES = 1
const SALT_BYTES = 16
const TAG_BYTES = 32

/** Node has four threads for this and for files; a flood of logins must leave some of them, and 19 MiB each add up. */
const AT_ONCE = 2
const MOST_WAITING = 64

const derive = promisify(argon2) as (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>

let running = 0
const waiting: (() => void)[] = []

/** @throws ApiError LOA_ERR_BUSY when too many wait already */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MOST_WAITING) throw new ApiError('LOA_ERR_BUSY', 'too many passwords are being checked', 'đang kiểm tra quá nhiều mật khẩu', { headers: { 'Retry-After': '2' } })
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else running++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    // Who waits takes over the place; nobody can come between.
    if (next === undefined) running--
    else next()
  }
}

const bytesOf = (password: string): Buffer => Buffer.from(password.normalize('NFC'))
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')

/** @returns the hash with its salt and parameters, in the form of the Password Hashing Competition */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const tag = await inTurn(() => derive('argon2id', { message: bytesOf(password), nonce: salt, parallelism: LANES, tagLength: TAG_BYTES, memory: MEMORY_KIB, passes: PASSES }))
  return `$argon2id$v=19$m=${String(MEMORY_KIB)},t=${String(PASSES)},p=${String(LANES)}$${base64(salt)}$${base64(tag)}`
}

/** Of nobody's password. Checked in the place of a user that does not exist, so that the time does not tell. */
const NOBODY = `$argon2id$v=19$m=${String(MEMORY_KIB)},t=${String(PASSES)},p=${String(LANES)}$${base64(randomBytes(SALT_BYTES))}$${base64(randomBytes(TAG_BYTES))}`

/** @param hash of `hashPassword`; undefined: there is no such user, which takes as long */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash ?? NOBODY)
  if (match === null) throw new Error('a kept password hash is not readable')
  const [, memory, passes, parallelism, salt = '', tag = ''] = match
  const expected = Buffer.from(tag, 'base64')
  const found = await inTurn(() => derive('argon2id', { message: bytesOf(password), nonce: Buffer.from(salt, 'base64'), parallelism: Number(parallelism), tagLength: expected.length, memory: Number(memory), passes: Number(passes) }))
  return timingSafeEqual(found, expected) && hash !== undefined
}
