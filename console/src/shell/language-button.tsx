import { Languages } from 'lucide-react'
import { queryClient } from '../api/query-client.ts'
import { Button } from '../kit/button.tsx'
import { setLanguage, useLanguage } from '../words/language.ts'
import { useWords } from '../words/use-words.ts'
import { words } from './words.ts'

/** What the server has said is read again in the other language. */
export function changeLanguage(language: 'vi' | 'en'): void {
  setLanguage(language)
  void queryClient.invalidateQueries()
}

/** For who has not logged in. */
export function LanguageButton() {
  const say = useWords(words)
  const language = useLanguage()
  return <Button look="plain" onPress={() => { changeLanguage(language === 'vi' ? 'en' : 'vi') }}><Languages size={18} aria-hidden />{say('language')}</Button>
}
