import { useSyncExternalStore } from 'react'

export type Language = 'vi' | 'en'
/** Numbers and dates are written as in these places. */
export const LOCALES: Readonly<Record<Language, string>> = { vi: 'vi-VN', en: 'en-GB' }

const KEY = 'loa.language'
const listeners = new Set<() => void>()
let current: Language = read()

function read(): Language {
  try {
    return localStorage.getItem(KEY) === 'en' ? 'en' : 'vi'
  } catch {
    return 'vi' // a browser that keeps nothing
  }
}

/** Outside components; inside them use useLanguage. */
export const currentLanguage = (): Language => current

export function setLanguage(language: Language): void {
  current = language
  try {
    localStorage.setItem(KEY, language)
  } catch {
    // It holds until the page is closed.
  }
  document.documentElement.lang = language
  for (const listener of listeners) listener()
}

export function useLanguage(): Language {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, currentLanguage)
}
