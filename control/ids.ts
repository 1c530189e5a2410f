import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_DIGITS = 9
const RANDOM_DIGITS = 13

/**
 * A new id: a letter for people, then the time and 65 random bits in base 32. Ids are opaque to everybody; that they sort by age only
 * makes databases and logs pleasant.
 */
export function newId(letter: 'b' | 'u' | 'c' | 's' | 'o' | 't' | 'k' | 'r' | 'p' | 'l' | 'm' | 'g' | 'i' | 'a' | 'x' | 'n' | 'h' | 'f' | 'w' | 'e' | 'y' | 'q', nowMs: number): string {
  let time = ''
  for (let rest = Math.max(0, Math.floor(nowMs)), n = 0; n < TIME_DIGITS; n++, rest = Math.floor(rest / 32)) time = DIGITS[rest % 32]! + time
  let random = ''
  for (const byte of randomBytes(RANDOM_DIGITS)) random += DIGITS[byte & 31]!
  return `${letter}-${time}${random}`
}

const CODE_DIGITS = 16

/** An enrolment code: 80 random bits in four groups of four, to be read out over a telephone. */
export function newCode(): string {
  const digits = Array.from(randomBytes(CODE_DIGITS), (byte) => DIGITS[byte & 31]!).join('')
  return digits.match(/.{4}/g)!.join('-')
}

/** A code as it is kept. What people mistake when they type (case, spaces, hyphens, o for 0, i and l for 1) makes no difference. */
export const hashCode = (code: string): string => hashSecret(code.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1'))

/** A key or token: 256 random bits, base64url. Shown once, kept only as its hash. Without a dash before it, which a command line takes for an option. */
export function newSecret(): string {
  for (;;) {
    const secret = randomBytes(32).toString('base64url')
    if (!secret.startsWith('-')) return secret
  }
}

/** SHA-256, base64url. No salt or stretching: these secrets are long and random, and every request must be checked quickly. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** Compares two hashes in a time that tells nothing about where they differ. */
export function equalHashes(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
