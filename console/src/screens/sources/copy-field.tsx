import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../kit/button.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

/** Something to type elsewhere. Pages over plain HTTP have no clipboard: there it is selected, ready to be copied. */
export function CopyField({ label, value }: { readonly label: string; readonly value: string }) {
  const say = useWords(words)
  const common_ = useWords(common)
  const [isCopied, setIsCopied] = useState(false)
  const copy = async (): Promise<void> => {
    if ('clipboard' in navigator) {
      await navigator.clipboard.writeText(value)
      setIsCopied(true)
    }
  }
  return (
    <div className="copy-field">
      <span className="small quiet">{label}</span>
      <code>{value}</code>
      <Button icon look="plain" aria-label={isCopied ? common_('copied') : say('copyWhat', { what: label })} onPress={() => { void copy() }}>{isCopied ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />}</Button>
    </div>
  )
}
