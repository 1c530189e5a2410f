import { done, type LoaClient, type PostBody } from '../../control/client/index.ts'
import type { District } from './district.ts'

/** With which anybody becomes anybody on a server to practise on. */
export const PRACTICE_PASSWORD = 'tập dượt không sợ sai'

type Person = Pick<PostBody<'/v1/users'>, 'login' | 'name' | 'roles'>

/**
 * Somebody of each kind, for whoever tries what his work is like. An administrator is among them only where nobody but this machine can come in: he may
 * make the server fetch from anywhere.
 */
function people({ provinceId, communeIds }: District, withAdministrator: boolean): readonly Person[] {
  const [commune] = communeIds
  return [
    { login: 'lan', name: 'Lan – vận hành xã', roles: [{ role: 'operator', unitId: commune! }] },
    { login: 'hung', name: 'Hùng – trung tâm tỉnh', roles: [{ role: 'operator', unitId: provinceId }] },
    { login: 'mai', name: 'Mai – cán bộ khẩn cấp', roles: [{ role: 'emergency-officer', unitId: provinceId }] },
    { login: 'son', name: 'Sơn – người xác nhận thứ hai', roles: [{ role: 'emergency-officer', unitId: provinceId }] },
    { login: 'binh', name: 'Bình – kỹ thuật viên', roles: [{ role: 'technician', unitId: provinceId }] },
    { login: 'thu', name: 'Thu – người xem', roles: [{ role: 'viewer', unitId: provinceId }] },
    ...(withAdministrator ? [{ login: 'quantri', name: 'Quản trị viên', roles: [{ role: 'administrator' as const, unitId: null }] }] : []),
  ]
}

interface Item {
  readonly title: string
  readonly time: string
  readonly minutes: number
  readonly repeat: NonNullable<PostBody<'/v1/schedule-items'>['repeat']>
}

/** A week as communes have it: the station at dawn and at dusk, something of its own now and then. */
const WEEK: readonly Item[] = [
  { title: 'Tiếp sóng Đài Tiếng nói', time: '05:00', minutes: 30, repeat: { kind: 'daily' } },
  { title: 'Bản tin địa phương', time: '05:30', minutes: 15, repeat: { kind: 'weekly', weekdays: ['MO', 'WE', 'FR'] } },
  { title: 'Khuyến nông', time: '16:30', minutes: 20, repeat: { kind: 'weekly', weekdays: ['TU', 'TH'] } },
  { title: 'Tiếp sóng đài tỉnh', time: '17:00', minutes: 30, repeat: { kind: 'daily' } },
  { title: 'Thông báo cuối tuần', time: '08:00', minutes: 10, repeat: { kind: 'weekly', weekdays: ['SA', 'SU'] } },
]

/** People, templates and a schedule for the district, so that there is something to look at and to practise with. */
export async function furnish(loa: LoaClient, district: District, { withAdministrator }: { readonly withAdministrator: boolean }): Promise<void> {
  for (const person of people(district, withAdministrator)) done(await loa.POST('/v1/users', { body: { ...person, password: PRACTICE_PASSWORD } }))
  done(await loa.POST('/v1/alert-templates', { body: { unitId: district.provinceId, from: 'builtin-flood' } }))
  done(await loa.POST('/v1/groups', { body: { name: 'Ven sông', units: district.communeIds.slice(0, 1) } }))
  for (const { title, time, minutes, repeat } of WEEK) {
    done(await loa.POST('/v1/schedule-items', { body: { title, class: 'normal', sourceId: district.relayId, durationMs: minutes * 60_000, targets: { units: [district.provinceId] }, time, repeat } }))
  }
}
