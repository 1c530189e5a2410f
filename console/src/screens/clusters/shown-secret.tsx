import { Copy } from 'lucide-react'
import { Button } from '../../kit/button.tsx'
import { QrCode } from '../../kit/qr-code.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { clusterWords } from './cluster-words.ts'

/** A secret that the server shows once and keeps nowhere. */
function Secret({ value }: { readonly value: string }) {
  const say = useWords(common)
  // Pages over plain HTTP have no clipboard: then it is selected by one press.
  const clipboard = globalThis.isSecureContext ? navigator.clipboard : null
  return <div className="row"><code className="code-shown grow">{value}</code>{clipboard !== null && <Button onPress={() => { void clipboard.writeText(value).then(() => { toast(say('copied')) }) }}><Copy size={18} aria-hidden />{say('copy')}</Button>}</div>
}

export function ShownKey({ value }: { readonly value: string }) {
  const say = useWords(clusterWords)
  return <div className="stack tight"><Notice tone="warn">{say('keyShown')}</Notice><Secret value={value} /></div>
}

export function ShownCode({ code, expiresAt }: { readonly code: string; readonly expiresAt: string }) {
  const say = useWords(clusterWords)
  const { dayTime } = useFormats()
  return <div className="stack tight"><p>{say('codeShown', { time: dayTime(expiresAt) })}</p><QrCode text={code} label={say('qr', { code })} /><Secret value={code} /></div>
}
