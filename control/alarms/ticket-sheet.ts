import type { Store } from '../store-port.ts'
import { formatTime } from '../time.ts'
import { ticketCost, ticketTimes } from './ticket-figures.ts'
import type { TicketRecord, TicketState } from './ticket-port.ts'

type Language = 'vi' | 'en'

const STATE_WORDS: Readonly<Record<TicketState, string>> = { open: 'mới', assigned: 'đã giao', 'on-site': 'tại hiện trường', 'waiting-part': 'chờ vật tư', done: 'xong', cancelled: 'hủy' }
const SEVERITY_WORDS: Readonly<Record<TicketRecord['severity'], string>> = { info: 'thông tin', warning: 'cảnh báo', critical: 'nghiêm trọng' }

const HEADINGS: readonly Readonly<Record<Language, string>>[] = [
  { vi: 'Số', en: 'Number' }, { vi: 'Nội dung', en: 'Title' }, { vi: 'Mã đơn vị', en: 'Unit code' }, { vi: 'Đơn vị', en: 'Unit' }, { vi: 'Mã cụm loa', en: 'Cluster code' }, { vi: 'Cụm loa', en: 'Cluster' },
  { vi: 'Mức độ', en: 'Severity' }, { vi: 'Trạng thái', en: 'State' }, { vi: 'Người xử lý', en: 'Assignee' }, { vi: 'Mở lúc', en: 'Opened at' }, { vi: 'Tiếp nhận lúc', en: 'Responded at' }, { vi: 'Đến nơi lúc', en: 'On site at' },
  { vi: 'Đóng lúc', en: 'Closed at' }, { vi: 'Tiếp nhận sau (phút)', en: 'Responded after (min)' }, { vi: 'Sửa xong sau (phút)', en: 'Repaired after (min)' }, { vi: 'Chờ vật tư (phút)', en: 'Waited for parts (min)' }, { vi: 'Vật tư', en: 'Parts' }, { vi: 'Chi phí (đồng)', en: 'Cost (VND)' },
]

export const TICKET_COLUMNS = HEADINGS.length

export const ticketHeadings = (language: Language): readonly string[] => HEADINGS.map((heading) => heading[language])

const minutes = (ms: number | null): string | number => (ms === null ? '' : Math.round(ms / 60_000))

/** A ticket as a row. */
export function ticketRow(ticket: TicketRecord, { units, clusters }: Pick<Store, 'units' | 'clusters'>, language: Language, nowMs: number): readonly (string | number)[] {
  const time = (ms: number | null): string => (ms === null ? '' : formatTime(ms))
  const unit = units.get(ticket.unitId)
  const cluster = ticket.clusterId === null ? undefined : clusters.get(ticket.clusterId)
  const { respondMs, repairMs, waitedMs } = ticketTimes(ticket, nowMs)
  const [severity, state] = language === 'vi' ? [SEVERITY_WORDS[ticket.severity], STATE_WORDS[ticket.state]] : [ticket.severity, ticket.state]
  return [
    ticket.number, ticket.title, unit?.code ?? '', unit?.name ?? ticket.unitId, cluster?.code ?? '', cluster?.name ?? ticket.clusterId ?? '',
    severity, state, ticket.assignee ?? '', time(ticket.openedAtMs), time(ticket.respondedAtMs), time(ticket.onSiteAtMs),
    time(ticket.closedAtMs), minutes(respondMs), minutes(repairMs), minutes(waitedMs), ticket.parts.map(({ name, quantity }) => `${String(quantity)} × ${name}`).join('; '), ticketCost(ticket),
  ]
}
