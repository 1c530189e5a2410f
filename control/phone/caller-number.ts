const WITHHELD: ReadonlySet<string> = new Set(['', 'anonymous', 'restricted', 'unavailable', 'unknown', 'private'])

/**
 * Which number calls, in one way of writing it, whatever name stands beside it: `"Bà Lan" <sip:+84912345678@trunk>` is 0912345678. What has letters stays a name.
 * @param callerId as the network gave it: it proves nothing
 * @returns '' when it is withheld
 */
export function callerNumber(callerId: string): string {
  const uri = /<([^<>]*)>$/.exec(callerId)?.[1] ?? callerId
  const user = (/^(?:sips?|tel):([^@;]*)/i.exec(uri)?.[1] ?? uri).trim().toLowerCase()
  if (WITHHELD.has(user)) return ''
  return /^[+\d().\- ]+$/.test(user) ? user.replace(/[^+\d]/g, '').replace(/^(?:\+|00)84/, '0') : user
}
