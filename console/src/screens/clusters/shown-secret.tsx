import { CopyButton } from '../../kit/copy-button.tsx'
import { QrCode } from '../../kit/qr-code.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { clusterWords } from './cluster-words.ts'

/** A secret that the server shows once and keeps nowhere. */
function Secret({ value }: { readonly value: string }) {
  return <div className="row"><code className="code-shown grow">{value}</code><CopyButton text={value} /></div>
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
