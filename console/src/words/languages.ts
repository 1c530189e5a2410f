import { defineWords } from './define-words.ts'
import { useWords } from './use-words.ts'

/** What recordings of alerts are spoken in besides Vietnamese (BCP 47). */
export const LANGUAGES = ['tyz', 'nut', 'hmn', 'mtq', 'jra', 'rad', 'km', 'cjm', 'en'] as const

export const languageWords = defineWords({
  vi: { vi: 'Việt', tyz: 'Tày', nut: 'Nùng', hmn: 'Hmông', mtq: 'Mường', jra: 'Gia Rai', rad: 'Ê Đê', km: 'Khmer', cjm: 'Chăm', en: 'Anh', spokenIn: 'Tiếng {language}' },
  en: { vi: 'Vietnamese', tyz: 'Tày', nut: 'Nùng', hmn: 'Hmông', mtq: 'Mường', jra: 'Gia Rai', rad: 'Ê Đê', km: 'Khmer', cjm: 'Chăm', en: 'English', spokenIn: '{language}' },
})

const isKnown = (language: string): language is (typeof LANGUAGES)[number] | 'vi' => language === 'vi' || LANGUAGES.some((one) => one === language)

/** The name of a language that something is spoken in; its code where it has none here. */
export function useLanguageNames(): (language: string) => string {
  const say = useWords(languageWords)
  return (language) => (isKnown(language) ? say(language) : language)
}
