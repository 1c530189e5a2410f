import { concerns, alertConcerns } from './sight.ts'
import type { Broadcast, ControlClock, Store } from './ports.ts'
import type { Rights } from './rights.ts'
import type { ClipUsageView } from './schemas/clip.ts'

const MOST_SHOWN = 50

/** What needs a clip, as far as the caller sees it; of the rest only how many there are. */
export function clipUsage(clipId: string, rights: Rights, look: { readonly store: Store; readonly broadcast: Pick<Broadcast, 'clustersOf'>; readonly clock: ControlClock }): ClipUsageView {
  const { store, clock } = look
  const nowMs = clock.wallMs()
  const items = store.schedule.usersOf({ clipId })
  const alerts = store.alerts.usersOf({ clipId }, nowMs)
  const orders = store.orders.usersOf({ clipId }, nowMs)
  const users: ClipUsageView['users'][number][] = []
  const show = (kind: ClipUsageView['users'][number]['kind'], id: string, title: string): void => { if (users.length < MOST_SHOWN) users.push({ kind, id, title }) }
  for (const id of items) {
    const item = store.schedule.get(id)
    if (item !== undefined && concerns(item, rights, look)) show('schedule-item', id, item.title)
  }
  for (const id of orders) {
    const order = store.orders.get(id)
    if (order !== undefined && concerns(order, rights, look)) show('order', id, order.title)
  }
  for (const id of alerts) {
    const alert = store.alerts.get(id)
    const template = store.alertTemplates.get(id)
    if (alert !== undefined && alertConcerns(alert, rights, look)) show('alert', id, alert.title)
    if (template !== undefined && rights.touches('view', template.unitId)) show('alert-template', id, template.title)
  }
  return { users, otherUsers: items.length + alerts.length + orders.length - users.length }
}
