import { useState } from 'react'
import { done, ifUnchanged, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { problemText } from '../../api/problem-text.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { TextField } from '../../kit/fields.tsx'
import { Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
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
  const [error, setError] = useState<string | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const isHalf = (name.trim() === '') !== (phone.trim() === '')
  const save = async (): Promise<void> => {
    setIsBusy(true)
    setError(null)
    const path = { id: unit.id }
    try {
      const before = await loa.GET('/v1/units/{id}', { params: { path } })
      done(before)
      const contact = name.trim() === '' ? null : { name: name.trim(), phone: phone.trim() }
      done(await loa.PATCH('/v1/units/{id}', { params: { path, header: ifUnchanged(before) }, body: { contact, people: people === '' ? null : Number(people) } }))
      readAgain(READ)
      toast(sayCommon('saved'))
      onClose()
    } catch (failure) {
      setError(problemText(failure))
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <Dialog title={say('contactTitle', { unit: unit.name })} isOpen onClose={onClose}>
      <form className="stack" noValidate onSubmit={(event) => {
        event.preventDefault()
        if (!isHalf && !isBusy) void save()
      }}>
        <p>{say('contactText')}</p>
        <TextField label={say('contactName')} value={name} onChange={setName} error={isHalf && name.trim() === '' ? say('contactBoth') : undefined} />
        <TextField label={say('contactPhone')} type="tel" value={phone} onChange={setPhone} error={isHalf && phone.trim() === '' ? say('contactBoth') : undefined} />
        <TextField label={say('people')} inputMode="numeric" value={people} onChange={(text) => { setPeople(text.replaceAll(/\D/g, '')) }} />
        {error !== null && <Notice tone="bad">{error}</Notice>}
        <div className="dialog-foot"><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button type="submit" look="primary" isDisabled={isBusy || isHalf}>{sayCommon('save')}</Button></div>
      </form>
    </Dialog>
  )
}
