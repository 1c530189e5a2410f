import { defineWords } from '../words/define-words.ts'

export const bannerWords = defineWords({
  vi: { waiting: 'Chờ người thứ hai: {title}', onAir: 'Đang phát', real: 'KHẨN CẤP', exercise: 'DIỄN TẬP', test: 'THỬ NGHIỆM', see: 'Xem', by: '{name} đã xác nhận', more: 'và {count} cảnh báo khác', label: 'Cảnh báo đang diễn ra' },
  en: { waiting: 'Waiting for a second person: {title}', onAir: 'On air', real: 'EMERGENCY', exercise: 'EXERCISE', test: 'TEST', see: 'See', by: '{name} has confirmed', more: 'and {count} more', label: 'Alerts going on' },
})
