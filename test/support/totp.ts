import { TOTP } from 'otpauth'

/** What an authenticator shows at a moment. */
export const totpCode = (secret: string, atMs: number): string => new TOTP({ secret }).generate({ timestamp: atMs })
