import { auditWords } from './audit-words.ts'

export type AuditWord = keyof (typeof auditWords)['vi']
const isWord = (text: string): text is AuditWord => Object.hasOwn(auditWords.vi, text)

/** Kinds of things that somebody looks for: the first part of a route behind `/v1/`. */
export const AUDIT_KINDS = ['orders', 'alerts', 'schedule-items', 'clips', 'playlists', 'sources', 'clusters', 'commands', 'devices', 'groups', 'units', 'unit-changes', 'users', 'tokens', 'sessions', 'alert-templates', 'alert-rules', 'alarms', 'alarm-rules', 'notification-channels', 'tickets', 'recordings', 'phone', 'cap', 'signing-keys', 'backups'] as const satisfies readonly AuditWord[]

/**
 * What was done, as words: `/v1/orders/:id/stop` by POST is `orders`, `act-stop`.
 * @returns null where there are none, so that the route itself has to do
 */
export function auditAction(method: string, route: string): { readonly thing: AuditWord; readonly act: AuditWord } | null {
  const [thing = '', ...rest] = route.replace(/^\/v1\//, '').split('/')
  const last = rest.findLast((part) => !part.startsWith(':'))
  const act = last === undefined ? method : `act-${last}`
  return isWord(thing) && isWord(act) ? { thing, act } : isWord(thing) && isWord(method) ? { thing, act: method } : null
}
