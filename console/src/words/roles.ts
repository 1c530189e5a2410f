import { defineWords } from './define-words.ts'

/** Roles of people, by their names in the API. */
export const roleWords = defineWords({
  vi: { 'viewer': 'Người xem', 'writer': 'Người viết tin', 'editor': 'Biên tập', 'operator': 'Người vận hành', 'technician': 'Kỹ thuật viên', 'emergency-officer': 'Cán bộ khẩn cấp', 'administrator': 'Quản trị', 'auditor': 'Kiểm tra', 'cap-sender': 'Nơi gửi tin CAP' },
  en: { 'viewer': 'Viewer', 'writer': 'Writer', 'editor': 'Editor', 'operator': 'Operator', 'technician': 'Technician', 'emergency-officer': 'Emergency officer', 'administrator': 'Administrator', 'auditor': 'Auditor', 'cap-sender': 'CAP sender' },
})
