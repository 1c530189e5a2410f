import type { AvailabilityView } from '../schemas/availability.ts'
import type { SheetRow } from '../spreadsheet/sheet-answer.ts'

interface Column {
  readonly en: string
  readonly vi: string
  readonly cell: (row: AvailabilityView) => string | number | null
}

const minutes = (ms: number): number => Math.round(ms / 600) / 100

const percent = (share: number | null): number | null => (share === null ? null : Math.round(share * 1e5) / 1e3)

const COLUMNS: readonly Column[] = [
  { en: 'Period', vi: 'Kỳ', cell: ({ period }) => period },
  { en: 'From', vi: 'Từ ngày', cell: ({ from }) => from },
  { en: 'To', vi: 'Đến ngày', cell: ({ to }) => to },
  { en: 'Code', vi: 'Mã', cell: ({ code }) => code },
  { en: 'Name', vi: 'Tên', cell: ({ name }) => name },
  { en: 'Clusters', vi: 'Số cụm loa', cell: ({ clusters }) => clusters },
  { en: 'Available, %', vi: 'Tỷ lệ sẵn sàng, %', cell: ({ availability }) => percent(availability) },
  { en: 'Sounded, %', vi: 'Tỷ lệ có tiếng khi phát, %', cell: ({ soundedShare }) => percent(soundedShare) },
  { en: 'Connected, min', vi: 'Có kết nối, phút', cell: ({ onlineMs }) => minutes(onlineMs) },
  { en: 'Lost, min', vi: 'Mất kết nối, phút', cell: ({ lostMs }) => minutes(lostMs) },
  { en: 'Unknown, min', vi: 'Không rõ, phút', cell: ({ unknownMs }) => minutes(unknownMs) },
  { en: 'Never connected, min', vi: 'Chưa từng kết nối, phút', cell: ({ neverSeenMs }) => minutes(neverSeenMs) },
  { en: 'Out of use, min', vi: 'Không sử dụng, phút', cell: ({ outOfUseMs }) => minutes(outOfUseMs) },
  { en: 'On air, min', vi: 'Trong giờ phát, phút', cell: ({ onAirMs }) => minutes(onAirMs) },
  { en: 'Sounded, min', vi: 'Có tiếng, phút', cell: ({ soundedMs }) => minutes(soundedMs) },
  { en: 'Of that out of step, min', vi: 'Trong đó phát lệch, phút', cell: ({ outOfStepMs }) => minutes(outOfStepMs) },
  { en: 'Silent on air, min', vi: 'Không có tiếng khi phát, phút', cell: ({ silentMs }) => minutes(silentMs) },
  { en: 'Muted on air, min', vi: 'Tắt tiếng khi phát, phút', cell: ({ mutedOnAirMs }) => minutes(mutedOnAirMs) },
  { en: 'Lost on air, min', vi: 'Mất kết nối khi phát, phút', cell: ({ lostOnAirMs }) => minutes(lostOnAirMs) },
]

export const availabilityHeadings = (language: 'vi' | 'en'): readonly string[] => COLUMNS.map((column) => column[language])

export const availabilityLine = (row: AvailabilityView): SheetRow => COLUMNS.map(({ cell }) => cell(row) ?? '')
