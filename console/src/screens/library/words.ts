import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: { help: '' },
  en: { help: '' },
})
