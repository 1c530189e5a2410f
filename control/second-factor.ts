import { Secret, TOTP } from 'otpauth'

const PERIOD_S = 30
/** Clocks of telephones are off by seconds, and people type slowly. */
const WINDOW = 1

const totpOf = (secret: string, login = ''): TOTP => new TOTP({ issuer: 'Loa', label: login, algorithm: 'SHA1', digits: 6, period: PERIOD_S, secret: Secret.fromBase32(secret) })

/** RFC 6238 with what every authenticator understands: SHA-1, 6 digits, 30 s. @returns 160 random bits, base 32 */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32

/** For the square code that an authenticator reads. */
export const totpUri = (secret: string, login: string): string => totpOf(secret, login).toString()

/**
 * @param usedStep the last 30 s for which a code was taken: none is taken twice (RFC 6238, 5.2)
 * @returns the 30 s that the code belongs to, or null when it is wrong
 */
export function totpStep(secret: string, code: string, nowMs: number, usedStep: number): number | null {
  const delta = totpOf(secret).validate({ token: code, timestamp: nowMs, window: WINDOW })
  if (delta === null) return null
  const step = Math.floor(nowMs / 1000 / PERIOD_S) + delta
  return step > usedStep ? step : null
}
