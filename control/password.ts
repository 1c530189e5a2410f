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

/** Where somebody proves himself. */
export type PasswordLane = 'web' | 'phone'

/**
 * So many at once, and others wait, each lane in a line of its own, served by turns: however many come by telephone, who logs in waits for one of them at most, and the other way round.
 * Node has four threads for this and for files; a flood must leave some of them, and 19 MiB each add up.
 */
export class Turnstile {
  readonly #atOnce: number
  #running = 0
  readonly #waiting: Readonly<Record<PasswordLane, (() => void)[]>> = { web: [], phone: [] }
  #served: PasswordLane = 'phone'

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** @throws ApiError LOA_ERR_BUSY when too many wait in this lane already */
  async inTurn<T>(lane: PasswordLane, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting[lane].length >= MOST_WAITING) throw new ApiError('LOA_ERR_BUSY', 'too many passwords are being checked', 'đang kiểm tra quá nhiều mật khẩu', { headers: { 'Retry-After': '2' } })
      await new Promise<void>((resolve) => this.#waiting[lane].push(resolve))
    } else this.#running++
    try {
      return await work()
    } finally {
      let next = this.#waiting[otherThan(this.#served)].shift()
      if (next !== undefined) this.#served = otherThan(this.#served)
      next ??= this.#waiting[this.#served].shift()
      // Who waits takes over the place; nobody can come between.
      if (next === undefined) this.#running--
      else next()
    }
  }
}

const otherThan = (lane: PasswordLane): PasswordLane => (lane === 'web' ? 'phone' : 'web')

/** Strangers may come in floods; those who were let in from the same address before do not wait behind them. */
const TURNSTILES = { strangers: new Turnstile(2), known: new Turnstile(1) } as const

const bytesOf = (password: string): Buffer => Buffer.from(password.normalize('NFC'))
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')

/**
 * @returns the hash with its salt and parameters, in the form of the Password Hashing Competition
 * @throws ApiError LOA_ERR_BUSY
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const tag = await TURNSTILES.known.inTurn('web', () => derive('argon2id', { message: bytesOf(password), nonce: salt, parallelism: LANES, tagLength: TAG_BYTES, memory: MEMORY_KIB, passes: PASSES }))
  return `$argon2id$v=19$m=${String(MEMORY_KIB)},t=${String(PASSES)},p=${String(LANES)}$${base64(salt)}$${base64(tag)}`
}

/** Of nobody's password. Checked in the place of a user that does not exist, so that the time does not tell. */
const NOBODY = `$argon2id$v=19$m=${String(MEMORY_KIB)},t=${String(PASSES)},p=${String(LANES)}$${base64(randomBytes(SALT_BYTES))}$${base64(randomBytes(TAG_BYTES))}`

/**
 * @param hash of `hashPassword`; undefined: there is no such user, which takes as long
 * @param from before which turnstile it stands, and there in which lane
 * @throws ApiError LOA_ERR_BUSY
 */
export async function verifyPassword(password: string, hash: string | undefined, from: keyof typeof TURNSTILES = 'strangers', lane: PasswordLane = 'web'): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash ?? NOBODY)
  if (match === null) throw new Error('a kept password hash is not readable')
  const [, memory, passes, parallelism, salt = '', tag = ''] = match
  const expected = Buffer.from(tag, 'base64')
  const found = await TURNSTILES[from].inTurn(lane, () => derive('argon2id', { message: bytesOf(password), nonce: Buffer.from(salt, 'base64'), parallelism: Number(parallelism), tagLength: expected.length, memory: Number(memory), passes: Number(passes) }))
  return timingSafeEqual(found, expected) && hash !== undefined
}
