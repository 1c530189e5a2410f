import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'
import { ApiError } from './problem.ts'

/** OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane; some 35 ms on a core. */
const MEMORY_KIB = 19_456
const PASSES = 2
const LANES = 1
const SALT_BYTES = 16
const TAG_BYTES = 32

const MOST_WAITING = 64

const derive = promisify(argon2) as (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>

/** So many at once, and others wait. Node has four threads for this and for files; a flood must leave some of them, and 19 MiB each add up. */
class Queue {
  readonly #atOnce: number
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** @throws ApiError LOA_ERR_BUSY when too many wait already */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= MOST_WAITING) throw new ApiError('LOA_ERR_BUSY', 'too many passwords are being checked', 'đang kiểm tra quá nhiều mật khẩu', { headers: { 'Retry-After': '2' } })
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // Who waits takes over the place; nobody can come between.
      if (next === undefined) this.#running--
      else next()
    }
  }
}

/** Strangers may come in floods; those who were let in from the same address before do not wait behind them. */
const QUEUES = { strangers: new Queue(2), known: new Queue(1) } as const

const bytesOf = (password: string): Buffer => Buffer.from(password.normalize('NFC'))
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')

/**
 * @returns the hash with its salt and parameters, in the form of the Password Hashing Competition
 * @throws ApiError LOA_ERR_BUSY
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const tag = await QUEUES.known.inTurn(() => derive('argon2id', { message: bytesOf(password), nonce: salt, parallelism: LANES, tagLength: TAG_BYTES, memory: MEMORY_KIB, passes: PASSES }))
  return `$argon2id$v=19$m=${String(MEMORY_KIB)},t=${String(PASSES)},p=${String(LANES)}$${base64(salt)}$${base64(tag)}`
}

/** Of nobody's password. Checked in the place of a user that does not exist, so that the time does not tell. */
const NOBODY = `$argon2id$v=19$m=${String(MEMORY_KIB)},t=${String(PASSES)},p=${String(LANES)}$${base64(randomBytes(SALT_BYTES))}$${base64(randomBytes(TAG_BYTES))}`

/**
 * @param hash of `hashPassword`; undefined: there is no such user, which takes as long
 * @param from which queue it stands in
 * @throws ApiError LOA_ERR_BUSY
 */
export async function verifyPassword(password: string, hash: string | undefined, from: keyof typeof QUEUES = 'strangers'): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash ?? NOBODY)
  if (match === null) throw new Error('a kept password hash is not readable')
  const [, memory, passes, parallelism, salt = '', tag = ''] = match
  const expected = Buffer.from(tag, 'base64')
  const found = await QUEUES[from].inTurn(() => derive('argon2id', { message: bytesOf(password), nonce: Buffer.from(salt, 'base64'), parallelism: Number(parallelism), tagLength: expected.length, memory: Number(memory), passes: Number(passes) }))
  return timingSafeEqual(found, expected) && hash !== undefined
}
