import { UINT32 } from './rtp-packet.ts'

/** From the NTP epoch (1900) to 1970 (RFC 5905, 6). */
const NTP_TO_UNIX_S = 2_208_988_800

/** A 64-bit NTP timestamp in its two halves. */
export interface NtpTime {
  readonly seconds: number
  /** In units of 2⁻³² s. */
  readonly fraction: number
}

/** @param unixMs ms since 1970, with fractions; NTP seconds wrap in 2036, which this follows (era 1). */
export function ntpTime(unixMs: number): NtpTime {
  const wholeSeconds = Math.floor(unixMs / 1000)
  const fraction = Math.floor(((unixMs - wholeSeconds * 1000) / 1000) * UINT32)
  return { seconds: (wholeSeconds + NTP_TO_UNIX_S) % UINT32, fraction: Math.min(fraction, UINT32 - 1) }
}

/** @returns ms since 1970, of the era that began in 1900. */
export const unixMsOfNtp = ({ seconds, fraction }: NtpTime): number => (seconds - NTP_TO_UNIX_S) * 1000 + (fraction / UINT32) * 1000

/** The middle 32 bits, in units of 2⁻¹⁶ s: what reports carry (RFC 3550, 4). */
export const ntpMiddle = ({ seconds, fraction }: NtpTime): number => (seconds % 0x1_0000) * 0x1_0000 + Math.floor(fraction / 0x1_0000)
