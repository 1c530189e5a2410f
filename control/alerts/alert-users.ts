import type { Store } from '../store-port.ts'
import { ApiError } from '../problem.ts'
import type { AlertNeeds } from './alert-port.ts'

/** @throws ApiError LOA_ERR_IN_USE when an alert that is not over, or a template, needs it */
export function refuseIfAlerted(store: Pick<Store, 'alerts'>, what: AlertNeeds, nowMs: number): void {
  const ids = store.alerts.usersOf(what, nowMs)
  if (ids.length > 0) throw new ApiError('LOA_ERR_IN_USE', `alerts or their templates need it: cancel or change ${ids.join(', ')} first`, `đang dùng trong cảnh báo hoặc mẫu cảnh báo: hãy hủy hoặc sửa ${ids.join(', ')} trước`)
}
