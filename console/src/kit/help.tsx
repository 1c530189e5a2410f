import { CircleHelp } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { common } from '../words/common.ts'
import { useWords } from '../words/use-words.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialogs.tsx'

/** Opens the plain words that every screen has about itself. */
export function HelpButton({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const say = useWords(common)
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Button look="plain" icon aria-label={say('help')} onPress={() => { setIsOpen(true) }}><CircleHelp size={20} aria-hidden /></Button>
      <Dialog title={`${say('help')}: ${title}`} isOpen={isOpen} onClose={() => { setIsOpen(false) }}><div className="stack">{children}</div></Dialog>
    </>
  )
}
