import { mayAs, type Access, type Look } from './access.ts'
import { at } from './finders.ts'
import { sourceNow } from './mixing-rules.ts'
import { rightFor } from './order-rules.ts'
import { orderState } from './ports.ts'
import type { FastifyRequest } from 'fastify'
import type { Right } from './rights.ts'

/** Whether an emergency sounds from the source now, or from one that has it as an input or falls back on it, however far up. */
export function carriesEmergency(sourceId: string, store: Look['store'], nowMs: number): boolean {
  const reached = new Set([sourceId])
  // What is added on the way is looked at as well.
  for (const id of reached) {
    const sounds = store.orders.usersOf({ sourceId: id }, nowMs).some((orderId) => {
      const order = store.orders.get(orderId)
      return order?.class === 'emergency' && sourceNow(order) === id && orderState(order, nowMs) === 'on-air'
    })
    if (sounds) return true
    for (const user of [...store.sources.fallbackUsers(id), ...store.sources.inputUsers(id)]) reached.add(user)
  }
  return false
}

/**
 * The right to touch what sounds from the source of the path: the usual one, but `emergency` while it carries an emergency, which nobody
 * ends or bends who could not give it.
 * @param touches whether this request can change what is heard; left out: every one can
 */
export const mayTouchSound = (usual: Right, touches: (request: FastifyRequest) => boolean = () => true): Access => mayAs({
  anyOf: [...new Set([usual, rightFor('emergency')])],
  of: (request, { store }, nowMs) => (touches(request) && carriesEmergency((request.params as { readonly id: string }).id, store, nowMs) ? rightFor('emergency') : usual),
}, at.source)
