import type { Language } from './language.ts'
import type { FigureKey } from './log-port.ts'
import type { Field, OrderClass } from './records.ts'

type Words = Readonly<Record<Language, string>>

const KEYS: Readonly<Record<FigureKey, Words>> = {
  unit: { vi: 'Đơn vị', en: 'Unit' }, source: { vi: 'Nguồn', en: 'Source' }, field: { vi: 'Lĩnh vực', en: 'Field' }, class: { vi: 'Mức độ ưu tiên', en: 'Class' }, day: { vi: 'Ngày', en: 'Day' },
  week: { vi: 'Tuần từ thứ Hai', en: 'Week from Monday' }, month: { vi: 'Tháng', en: 'Month' }, quarter: { vi: 'Quý', en: 'Quarter' }, year: { vi: 'Năm', en: 'Year' },
}
const HEADINGS: Readonly<Record<Language, readonly string[]>> = {
  vi: ['Tên', 'Số lượt phát', 'Phút theo kế hoạch', 'Phút lên sóng', 'Phút đã gửi', 'Phút đã phát ra loa'],
  en: ['Name', 'Runs', 'Minutes planned', 'Minutes on air', 'Minutes sent', 'Minutes sounded'],
}
const CLASSES: Readonly<Record<OrderClass, Words>> = { emergency: { vi: 'khẩn cấp', en: 'emergency' }, priority: { vi: 'ưu tiên', en: 'priority' }, normal: { vi: 'thông thường', en: 'normal' } }
const FIELDS: Readonly<Record<Field | 'none', Words>> = {
  general: { vi: 'thông tin chung', en: 'general information' }, sudden: { vi: 'thông tin đột xuất', en: 'sudden events' }, law: { vi: 'pháp luật, chính sách', en: 'law and policy' }, steering: { vi: 'chỉ đạo, điều hành', en: 'steering' },
  knowledge: { vi: 'kiến thức, kinh nghiệm', en: 'knowledge' }, 'good-deeds': { vi: 'người tốt, việc tốt', en: 'good deeds' }, none: { vi: 'chưa ghi lĩnh vực', en: 'no field given' },
}

export const figureHeadings = (by: FigureKey, language: Language): readonly string[] => [KEYS[by][language], ...HEADINGS[language]]

/** What people call a key that is no name of theirs; empty: it says itself. */
export function figureKeyName(by: FigureKey, key: string, language: Language): string {
  const words: Readonly<Record<string, Words>> = by === 'class' ? CLASSES : by === 'field' ? FIELDS : by === 'source' ? { clips: { vi: 'tệp âm thanh', en: 'clips' } } : {}
  return words[key]?.[language] ?? ''
}
