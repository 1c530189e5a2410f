import type { FieldError } from '../problem.ts'
import { cleanText } from '../text.ts'
import { invalid } from '../validation.ts'
import type { AlertRepeat, AlertTemplateRecord, Hazard, RiskLevel } from './alert-port.ts'

const HOUR_MS = 3_600_000

/** A template that everybody has; `unitId` is null. */
export interface BuiltInTemplate extends Omit<AlertTemplateRecord, 'unitId'> {
  readonly unitId: null
  readonly titleEn: string
}

/** Quyết định 18/2021: storm and flood news comes every two hours on the hour until there is newer. */
const EVERY_TWO_HOURS: AlertRepeat = { times: 3, everyHours: 2 }
const THREE_TIMES: AlertRepeat = { times: 3, everyHours: null }

function builtIn(hazard: Hazard, level: RiskLevel, title: string, titleEn: string, repeat: AlertRepeat, lifeHours: number, text: string): BuiltInTemplate {
  return { id: `builtin-${hazard}`, unitId: null, hazard, level, title, titleEn, text, voice: 'north', recordings: [], repeat, lifeMs: lifeHours * HOUR_MS, createdAtMs: 0, changedAtMs: 0 }
}

/** Short sentences, what to do before why, no foreign words: they are heard from a horn at three hundred metres. */
export const BUILT_IN_TEMPLATES: readonly BuiltInTemplate[] = [
  builtIn('flood', 3, 'Cảnh báo lũ', 'Flood warning', EVERY_TWO_HOURS, 24,
    'Cảnh báo lũ khẩn cấp. Nước sông tại {place} đang lên nhanh, rủi ro thiên tai cấp {level}. Thời gian: {time}. Đề nghị bà con ở vùng thấp khẩn trương di chuyển lên nơi cao, an toàn. Cắt điện trong nhà. Mang theo nước uống, thuốc men, giấy tờ quan trọng. Giúp đỡ người già, trẻ em và người khuyết tật. Không đi qua ngầm, tràn và dòng nước chảy xiết.'),
  builtIn('storm', 3, 'Cảnh báo bão', 'Storm warning', EVERY_TWO_HOURS, 24,
    'Tin bão khẩn cấp. Bão sẽ ảnh hưởng trực tiếp đến {place}, rủi ro thiên tai cấp {level}. Thời gian: {time}. Đề nghị bà con chằng chống nhà cửa, đưa tàu thuyền vào nơi trú tránh. Bà con ở nhà yếu, ven sông, ven biển di chuyển ngay đến nơi trú bão theo hướng dẫn của địa phương. Khi bão đổ bộ, tuyệt đối không ra khỏi nhà.'),
  builtIn('dam-release', 3, 'Thông báo xả lũ', 'Dam release warning', EVERY_TWO_HOURS, 12,
    'Thông báo xả lũ khẩn cấp. Hồ chứa {place} sẽ xả lũ. Thời gian: {time}. Mực nước hạ du sẽ lên nhanh. Đề nghị bà con hai bên bờ sông rời khỏi lòng sông, bãi bồi ngay lập tức. Đưa người, gia súc, tàu thuyền và tài sản lên nơi cao. Không vớt củi, không đánh bắt cá, không qua sông.'),
  builtIn('fire', 4, 'Báo cháy', 'Fire alarm', THREE_TIMES, 2,
    'Báo cháy khẩn cấp. Đang có cháy tại {place}. Thời gian: {time}. Đề nghị bà con ở gần rời khỏi khu vực ngay, đi theo hướng ngược chiều khói. Che mũi, miệng bằng khăn ướt, cúi thấp người khi có khói. Không quay lại lấy đồ. Nhường đường cho xe chữa cháy. Gọi một một bốn khi có người bị kẹt.'),
  builtIn('epidemic', 2, 'Thông báo dịch bệnh', 'Epidemic notice', THREE_TIMES, 24,
    'Thông báo khẩn về dịch bệnh. Tại {place} có ổ dịch mới. Thời gian: {time}. Đề nghị bà con đeo khẩu trang, rửa tay bằng xà phòng, hạn chế tụ tập đông người. Ai có sốt, ho, khó thở hoặc tiêu chảy, báo ngay cho trạm y tế xã, không tự ý dùng thuốc. Thực hiện đúng hướng dẫn của cán bộ y tế.'),
  builtIn('missing-person', 1, 'Tìm người mất tích', 'Missing person', THREE_TIMES, 12,
    'Thông báo tìm người mất tích. {name}, rời nhà tại {place}. Thời gian: {time}. Đặc điểm: {description}. Ai nhìn thấy xin báo ngay cho công an xã, số điện thoại {phone}. Xin trân trọng cảm ơn bà con.'),
  builtIn('all-clear', 1, 'Thông báo hết nguy hiểm', 'All clear', THREE_TIMES, 2,
    'Thông báo hết nguy hiểm. Tình hình tại {place} đã an toàn. Thời gian: {time}. Bà con có thể trở lại sinh hoạt bình thường. Trước khi vào nhà, kiểm tra điện, nước và tường nhà. Hãy giúp đỡ những gia đình gặp khó khăn. Xin cảm ơn bà con đã chấp hành tốt.'),
]

/** What is spoken around exercises and tests. */
export const FRAME_WORDS = { exercise: 'Đây là diễn tập. Đây là diễn tập.', test: 'Đây là thử nghiệm. Đây là thử nghiệm.' } as const

/** What is spoken when an alert is cancelled. */
export const cancelWords = (title: string): string => `Thông báo hủy. Thông báo hủy. Nội dung ${title}, phát trước đó, nay đã được hủy. Đề nghị bà con không làm theo thông báo trước, và trở lại sinh hoạt bình thường.`

const SLOT = /\{([a-z][a-z0-9_]{0,31})\}/g

/** Names of the slots of a text, each once, in order; `level` is filled by itself. */
export const slotsOf = (text: string): string[] => [...new Set([...text.matchAll(SLOT)].map(([, name]) => name!))].filter((name) => name !== 'level')

/**
 * Puts words into the slots of a text.
 * @throws ApiError LOA_ERR_INVALID naming every slot that is empty, and every word for which there is no slot
 */
export function fillSlots(text: string, slots: Readonly<Record<string, string>>, level: RiskLevel): string {
  const names = slotsOf(text)
  const errors: FieldError[] = [
    ...names.filter((name) => !Object.hasOwn(slots, name)).map((name) => ({ path: `slots.${name}`, message: 'is missing', messageVi: 'bị thiếu' })),
    ...Object.keys(slots).filter((name) => !names.includes(name)).map((name) => ({ path: `slots.${name}`, message: 'is no slot of the template', messageVi: 'không có trong mẫu' })),
  ]
  if (errors.length > 0) throw invalid(errors)
  return text.replaceAll(SLOT, (_whole, name: string) => (name === 'level' ? String(level) : cleanText(`slots.${name}`, slots[name]!)))
}
