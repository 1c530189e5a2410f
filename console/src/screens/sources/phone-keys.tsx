import { Pencil, Plus } from 'lucide-react'
import { useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog } from '../../kit/dialogs.tsx'
import { Badge, Loaded } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { PhoneKeyDialog } from './phone-key-dialog.tsx'
import type { PhoneKey } from './phone-key-form.ts'
import { phoneWords } from './words-phone.ts'

const KEYS: ReadonlySet<string> = new Set(['/v1/phone/keys'])

/** What callers choose by the keys of their telephone. */
export function PhoneKeysCard() {
  const say = useWords(phoneWords)
  const common_ = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const keys = api.useQuery('get', '/v1/phone/keys', { params: { query: { limit: 200 } } })
  const [open, setOpen] = useState<{ readonly what: 'change' | 'remove'; readonly key: PhoneKey | null } | null>(null)
  const close = (): void => { setOpen(null) }
  return (
    <section className="card stack tight">
      <div className="row"><h2 className="grow">{say('keysTitle')}</h2>{rights.somewhere('manage') && <Button onPress={() => { setOpen({ what: 'change', key: null }) }}><Plus size={18} aria-hidden />{say('addKey')}</Button>}</div>
      <p className="small quiet">{say('keysText')}</p>
      <Loaded query={keys}>{({ items }) => items.length === 0 ? <p className="small quiet">{say('noKeys')}</p> : (
        <ul className="stack tight">{items.map((one) => (
          <li key={one.id} className="row key-row">
            <kbd className="phone-key">{one.key}</kbd>
            <span className="grow"><strong>{one.name}</strong> {one.class !== 'normal' && <Badge tone={one.class === 'emergency' ? 'emergency' : 'accent'}>{common_(one.class)}</Badge>}<br /><span className="small quiet">{units.name(one.unitId)} · {say(one.content.kind)}</span></span>
            {rights.at('manage', one.unitId) && <span className="row tight"><Button icon aria-label={say('changeKey', { key: one.key, name: one.name })} onPress={() => { setOpen({ what: 'change', key: one }) }}><Pencil size={18} aria-hidden /></Button><Button onPress={() => { setOpen({ what: 'remove', key: one }) }}>{say('removeKey')}</Button></span>}
          </li>
        ))}</ul>
      )}</Loaded>
      {open?.what === 'change' && <PhoneKeyDialog changed={open.key} onClose={close} />}
      {open?.what === 'remove' && open.key !== null && <RemoveKeyDialog removed={open.key} onClose={close} />}
    </section>
  )
}

function RemoveKeyDialog({ removed, onClose }: { readonly removed: PhoneKey; readonly onClose: () => void }) {
  const say = useWords(phoneWords)
  const removing = useDeed({ reads: KEYS, onDone: onClose })
  const remove = (): void => { void removing.run(async () => { done(await loa.DELETE('/v1/phone/keys/{id}', { params: { path: { id: removed.id } } })) }) }
  return <ConfirmDialog title={say('removeKeyTitle', { key: removed.key, name: removed.name })} action={say('removeKey')} isOpen onClose={onClose} isBusy={removing.isBusy} error={removing.failure} onConfirm={remove}><p>{say('removeKeyText')}</p></ConfirmDialog>
}
