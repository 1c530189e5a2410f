import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { common } from '../words/common.ts'
import { useWords } from '../words/use-words.ts'
import { Button } from './button.tsx'

/** Copies a text, and says at its own place that it has. @param what is copied: for an icon alone, which says so to screen readers */
export function CopyButton({ text, what }: { readonly text: string; readonly what?: string }) {
  const say = useWords(common)
  const [copied, setCopied] = useState<string | null>(null)
  const isCopied = copied === text
  const copy = async (): Promise<void> => { if (await copyText(text)) setCopied(text) }
  const sign = isCopied ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />
  return what === undefined
    ? <Button onPress={() => { void copy() }}>{sign}{say(isCopied ? 'copied' : 'copy')}</Button>
    : <Button icon look="plain" aria-label={isCopied ? say('copied') : say('copyWhat', { what })} onPress={() => { void copy() }}>{sign}</Button>
}

/** @returns whether the text is on the clipboard */
async function copyText(text: string): Promise<boolean> {
  // Pages over plain HTTP have no clipboard of their own, and a browser may refuse it.
  return (isSecureContext && await navigator.clipboard.writeText(text).then(() => true, () => false)) || copySelected(text)
}

/** As a hand copies: what is selected. */
function copySelected(text: string): boolean {
  const before = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.readOnly = true
  area.className = 'visually-hidden'
  // A dialog takes the focus back from what stands outside it.
  ;(before?.closest('[role=dialog], [role=alertdialog]') ?? document.body).append(area)
  area.select()
  // Deprecated, but nothing else copies on a page without a secure context.
  const isCopied = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return isCopied
}
