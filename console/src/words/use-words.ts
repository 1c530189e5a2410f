import { IntlMessageFormat } from 'intl-messageformat'
import { useCallback } from 'react'
import type { Words } from './define-words.ts'
import { LOCALES, useLanguage, type Language } from './language.ts'

export type WordValues = Readonly<Record<string, string | number>>
export type Say<Key extends string> = (key: Key, values?: WordValues) => string

const formats = new Map<string, IntlMessageFormat>()

/** A text with its values put in. Never parsed as HTML: names may hold anything. */
export function format(text: string, language: Language, values: WordValues = {}): string {
  if (!text.includes('{') && !text.includes("'")) return text
  const id = `${language}:${text}`
  let message = formats.get(id)
  if (message === undefined) formats.set(id, message = new IntlMessageFormat(text, LOCALES[language], undefined, { ignoreTag: true }))
  return String(message.format(values))
}

/** Says texts in the language of the reader: `const say = useWords(words); say('clusters', { count: 3 })`. */
export function useWords<Key extends string>(words: Words<Key>): Say<Key> {
  const language = useLanguage()
  return useCallback((key, values) => format(words[language][key], language, values), [words, language])
}
