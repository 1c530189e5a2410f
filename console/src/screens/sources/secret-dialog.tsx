import { Printer } from 'lucide-react'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { QrCode } from '../../kit/qr-code.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { CopyField } from './copy-field.tsx'
import { encoderFields, talkLink, type Source } from './sources.ts'
import { useStreamPlace } from './use-sources.ts'
import { words } from './words.ts'

/** A key that the server has just told, and tells nobody again. It lives in this window's memory alone, until the dialog is closed. */
export interface Secret {
  readonly source: Source
  readonly key: string
}

const isOwnMachine = (host: string): boolean => host === 'localhost' || host === '127.0.0.1'

export function SecretDialog({ secret, onClose }: { readonly secret: Secret | null; readonly onClose: () => void }) {
  const say = useWords(words)
  const common_ = useWords(common)
  return (
    <Dialog title={say('secretTitle', { name: secret?.source.name ?? '' })} isOpen={secret !== null} onClose={onClose} isDismissable={false}
      foot={<><Button onPress={() => { print() }}><Printer size={18} aria-hidden />{common_('print')}</Button><Button look="primary" onPress={onClose}>{say('secretDone')}</Button></>}>
      {secret !== null && <Sheet source={secret.source} secret={secret.key} />}
    </Dialog>
  )
}

function Sheet({ source, secret }: { readonly source: Source; readonly secret: string }) {
  const say = useWords(words)
  const place = useStreamPlace()
  const link = source.kind === 'whip' ? talkLink(source, place, secret) : null
  return (
    <div className="stack secret-sheet">
      <div className="no-print"><Notice tone="warn">{say('secretOnce')}</Notice></div>
      {link !== null && (
        <section className="stack tight secret-talk">
          <h3>{say('talkTitle')}</h3>
          <QrCode text={link} label={say('qr', { name: source.name })} size={232} />
          <p>{say('talkScan')} <strong>{say('talkWarn')}</strong></p>
          {!place.isSecure && !isOwnMachine(place.host) && <Notice tone="warn">{say('talkHttps')}</Notice>}
          <CopyField label={say('link')} value={link} />
        </section>
      )}
      <section className="stack tight">
        <h3>{say('sendTitle')}</h3>
        <p className="small quiet">{say('sendText')}</p>
        {encoderFields(source, place, secret).map(({ word, value }) => <CopyField key={word} label={say(word)} value={value} />)}
      </section>
    </div>
  )
}
