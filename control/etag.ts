import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { UnitRecord } from './ports.ts'
import { ApiError } from './problem.ts'

export const ChangeHeaders = Type.Object({
  'if-match': Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: 'the `ETag` under which it was read: when somebody has changed it since, nothing is done and the answer is 412. Left out: it is changed as it stands.', examples: ['"mT3xq0cJ2oQ8h1dFzP4kNA"'] })),
})

/** What follows from elsewhere, and secrets. */
const APART = new Set(['path', 'keyHash', 'keyChangedAtMs', 'passwordHash', 'totpSecret', 'totpPending', 'totpUsedStep', 'recoveryHashes'])

/** Stands for what is kept of a thing; what follows from elsewhere (its level, what it plays) and its key are no part of it. RFC 9110, 8.8.3. */
export function etagOf(record: object): string {
  // The level of a unit is its depth in the tree; that of an alert is its own.
  const kept = Object.entries(record).filter(([name]) => !APART.has(name) && !(name === 'level' && 'parentId' in record)).sort(([a], [b]) => (a < b ? -1 : 1))
  return tagOf(JSON.stringify(kept))
}

/** Stands for what units there are, what they are called and where they stand. */
export const mapTag = (units: readonly UnitRecord[]): string => tagOf(JSON.stringify(units.map(({ id, code, name, parentId, endedAtMs }) => [id, code, name, parentId, endedAtMs])))

export const tagOf = (text: string): string => `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`

export function sendEtag(reply: FastifyReply, record: object): void {
  void reply.header('ETag', etagOf(record))
}

/**
 * Call it in the transaction of the change. RFC 9110, 13.1.1: tags are compared strongly, so a weak one never matches.
 * @throws ApiError LOA_ERR_CHANGED
 */
export const checkMatch = (request: FastifyRequest, record: object): void => { checkTag(request, () => etagOf(record)) }

/** As `checkMatch`, of what has such a tag. It is made only when it is asked for. @throws ApiError LOA_ERR_CHANGED */
export function checkTag(request: FastifyRequest, tagNow: () => string): void {
  const header = request.headers['if-match']
  if (header === undefined || header.trim() === '*') return
  const tag = tagNow()
  if (header.split(',').some((one) => one.trim() === tag)) return
  throw new ApiError('LOA_ERR_CHANGED', 'it was changed since it was read', 'đã có người thay đổi sau khi bạn đọc', { headers: { ETag: tag } })
}
