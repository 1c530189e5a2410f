import type { Language } from '../language.ts'
import type { Store } from '../ports.ts'
import type { Sheet, SheetColumn } from '../spreadsheet/sheet-answer.ts'
import { formatTime } from '../time.ts'
import type { AlertRecord, AlertState, Hazard } from './alert-port.ts'
import { alertState } from './alert-state.ts'

type Words = Readonly<Record<Language, string>>

const KINDS: Readonly<Record<AlertRecord['kind'], Words>> = { real: { vi: 'thật', en: 'real' }, exercise: { vi: 'diễn tập', en: 'exercise' }, test: { vi: 'thử nghiệm', en: 'test' } }
const HAZARDS: Readonly<Record<Hazard, Words>> = {
  flood: { vi: 'lũ', en: 'flood' }, storm: { vi: 'bão', en: 'storm' }, 'dam-release': { vi: 'xả lũ', en: 'dam release' }, fire: { vi: 'cháy', en: 'fire' }, epidemic: { vi: 'dịch bệnh', en: 'epidemic' },
  'missing-person': { vi: 'tìm người', en: 'missing person' }, 'all-clear': { vi: 'hết nguy hiểm', en: 'all clear' }, other: { vi: 'khác', en: 'other' },
}
const STATES: Readonly<Record<AlertState, Words>> = {
  prepared: { vi: 'đã soạn', en: 'prepared' }, 'awaiting-second': { vi: 'chờ người thứ hai', en: 'waits for a second person' }, scheduled: { vi: 'chờ đến giờ', en: 'scheduled' }, 'on-air': { vi: 'đang phát', en: 'on air' },
  ended: { vi: 'đã xong', en: 'ended' }, cancelled: { vi: 'đã hủy', en: 'cancelled' }, expired: { vi: 'quá hạn', en: 'expired' }, refused: { vi: 'bị từ chối', en: 'refused' },
}

const column = (vi: string, en: string, cell: SheetColumn<AlertRecord>['cell']): SheetColumn<AlertRecord> => ({ heading: { vi, en }, cell })
const time = (ms: number | null): string | null => (ms === null ? null : formatTime(ms))

/** Alerts as rows: what was said, where, by whom, and what came of it. */
export const alertSheet = ({ units }: Pick<Store, 'units'>, nowMs: number): Sheet<AlertRecord> => ({
  name: 'alerts',
  title: { vi: 'Thông báo khẩn cấp', en: 'Alerts' },
  columns: [
    column('Nội dung', 'Title', ({ title }) => title),
    column('Loại', 'Kind', ({ kind }, language) => KINDS[kind][language]),
    column('Thiên tai, sự cố', 'Hazard', ({ hazard }, language) => HAZARDS[hazard][language]),
    column('Cấp độ rủi ro', 'Risk level', ({ level }) => level),
    column('Mã đơn vị', 'Unit code', ({ issuerUnitId }) => units.get(issuerUnitId)?.code ?? issuerUnitId),
    column('Đơn vị', 'Unit', ({ issuerUnitId }) => units.get(issuerUnitId)?.name ?? issuerUnitId),
    column('Soạn lúc', 'Prepared at', ({ prepared }) => time(prepared.atMs)),
    column('Người soạn', 'Prepared by', ({ prepared }) => prepared.name),
    column('Người xác nhận', 'Confirmed by', ({ confirmed }) => confirmed?.name ?? null),
    column('Người thứ hai', 'Second person', ({ approved }) => approved?.name ?? null),
    column('Phát từ', 'On air from', ({ onAirFromMs }) => time(onAirFromMs)),
    column('Kết thúc lúc', 'Ended at', ({ closed }) => time(closed?.by.atMs ?? null)),
    column('Tình trạng', 'State', (alert, language) => STATES[alertState(alert, nowMs)][language]),
    column('Số cụm loa', 'Clusters', ({ targeted }) => targeted),
    column('Số cụm có kết nối khi soạn', 'Clusters connected when prepared', ({ online }) => online),
    column('Id', 'Id', ({ id }) => id),
  ],
})
