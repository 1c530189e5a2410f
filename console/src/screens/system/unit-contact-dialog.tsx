import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { TextField } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { ifAsShown } from '../../parts/conflict/as-shown.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const READ: ReadonlySet<string> = new Set(['/v1/units'])

/** Who is called when loudspeakers of a unit are silent in an emergency, and how many people live there. */
export function UnitContactDialog({ unit, onClose }: { readonly unit: Schemas['Unit']; readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const [name, setName] = useState(unit.contact?.name ?? '')
  const [phone, setPhone] = useState(unit.contact?.phone ?? '')
  const [people, setPeople] = useState(unit.people === null ? '' : String(unit.people))
  const saving = useDeed({ reads: READ, onDone: onClose, form: [name, phone, people] })
  const isHalf = (name.trim() === '') !== (phone.trim() === '')
  const save = async (): Promise<void> => {
    const path = { id: unit.id }
    const contact = name.trim() === '' ? null : { name: name.trim(), phone: phone.trim() }
    const before = await loa.GET('/v1/units/{id}', { params: { path } })
    done(await loa.PATCH('/v1/units/{id}', { params: { path, header: ifAsShown(before, (now) => [now.contact, now.people], [unit.contact, unit.people]) }, body: { contact, people: people === '' ? null : Number(people) } }))
  }
  return (
    <Dialog title={say('contactTitle', { unit: unit.name })} isOpen onClose={onClose}>
      <form className="stack" noValidate onSubmit={(event) => {
        event.preventDefault()
        if (!isHalf) void saving.run(save, () => { toast(sayCommon('saved')) })
      }}>
        <p>{say('contactText')}</p>
        <TextField label={say('contactName')} value={name} onChange={setName} error={isHalf && name.trim() === '' ? say('contactBoth') : undefined} />
        <TextField label={say('contactPhone')} type="tel" value={phone} onChange={setPhone} error={isHalf && phone.trim() === '' ? say('contactBoth') : undefined} />
        <TextField label={say('people')} inputMode="numeric" value={people} onChange={(text) => { setPeople(text.replaceAll(/\D/g, '')) }} />
        <Failure text={saving.failure} />
        <div className="dialog-foot"><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button type="submit" look="primary" isDisabled={saving.isBusy || isHalf}>{sayCommon('save')}</Button></div>
      </form>
    </Dialog>
  )
}
