import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: { asTable: 'Xem bảng số', empty: 'Không có số liệu trong khoảng này' },
  en: { asTable: 'As a table', empty: 'No figures in this time' },
})
