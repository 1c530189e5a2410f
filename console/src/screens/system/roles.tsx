import { Plus, X } from 'lucide-react'
import type { Schemas } from '../../../../control/client/index.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Select } from '../../kit/fields.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { roleWords } from '../../words/roles.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

export type Roles = Schemas['User']['roles']
export type Role = Roles[number]['role']
const ROLES: readonly Role[] = ['viewer', 'writer', 'editor', 'operator', 'technician', 'emergency-officer', 'administrator', 'auditor', 'cap-sender']

/** `Quản trị – Toàn hệ thống` of each. */
export function RolesText({ roles }: { readonly roles: Roles }) {
  const say = useWords(words)
  const sayRole = useWords(roleWords)
  const { units } = useUnits()
  return <ul>{roles.map(({ role, unitId }) => <li key={`${role} ${unitId ?? ''}`}>{sayRole(role)} – {unitId === null ? say('wholeTree') : units.name(unitId)}</li>)}</ul>
}

/** Roles, each at a unit where the reader may give them. */
export function RolesEditor({ value, onChange }: { readonly value: Roles; readonly onChange: (roles: Roles) => void }) {
  const say = useWords(words)
  const sayRole = useWords(roleWords)
  const rights = useRights()
  const put = (index: number, change: Partial<Roles[number]>): void => { onChange(value.map((one, at) => (at === index ? { ...one, ...change } : one))) }
  return (
    <fieldset className="stack tight" style={{ border: 0, padding: 0, margin: 0 }}>
      <legend className="field-label">{say('roles')}</legend>
      {value.map((one, index) => (
        <div key={index} className="system-role">
          <Select label={say('role')} value={one.role} onChange={(role) => { put(index, { role }) }} choices={ROLES.map((id) => ({ id, label: sayRole(id) }))} />
          <UnitPicker label={say('roleAt')} value={one.unitId} onChange={(unitId) => { put(index, { unitId }) }} filter={(id) => rights.at('people', id)} {...(rights.at('people', null) ? { nullLabel: say('wholeTree') } : {})} />
          <Button look="plain" icon aria-label={say('removeRole', { role: sayRole(one.role) })} onPress={() => { onChange(value.filter((_, at) => at !== index)) }} isDisabled={value.length === 1}><X size={18} aria-hidden /></Button>
        </div>
      ))}
      <Button onPress={() => { onChange([...value, { role: 'viewer', unitId: value.at(-1)?.unitId ?? null }]) }}><Plus size={18} aria-hidden />{say('addRole')}</Button>
    </fieldset>
  )
}
