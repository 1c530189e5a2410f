import { Download } from 'lucide-react'
import { useLanguage } from '../words/language.ts'
import { common } from '../words/common.ts'
import { useWords } from '../words/use-words.ts'

/** What is shown as a file, a workbook or CSV, in the language of the page. @param query what is shown, as the server is asked for it */
export function ExportLinks({ path, query }: { readonly path: string; readonly query: Readonly<Record<string, string>> }) {
  const say = useWords(common)
  const lang = useLanguage()
  return (['xlsx', 'csv'] as const).map((format) => <a key={format} className="button normal no-print" download href={`${path}?${new URLSearchParams({ ...query, format, lang }).toString()}`}><Download size={18} aria-hidden />{say('export')} {format.toUpperCase()}</a>)
}
