import createSchema from 'api-schema:POST /v1/users'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { done, everyItem, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useMe, useUnits } from '../../api/me.ts'
import { readAgain } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { FormText, SearchField } from '../../kit/fields.tsx'
import { Badge, Failure, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { common } from '../../words/common.ts'
import { matches } from '../../words/fold.ts'
import { roleWords } from '../../words/roles.ts'
import { useWords } from '../../words/use-words.ts'
import { RolesEditor, RolesText, type Roles } from './roles.tsx'
import { UserDialog } from './user-dialog.tsx'
import { words } from './words.ts'

type User = Schemas['User']
export const USERS_READ: ReadonlySet<string> = new Set(['/v1/users', '/v1/sessions'])

export async function readUsers(): Promise<readonly User[]> {
  const users: User[] = []
  for await (const user of everyItem<User>((cursor) => loa.GET('/v1/users', { params: { query: { limit: 1000, ...cursor } } }))) users.push(user)
  return users
}

export const useUsers = (isEnabled = true) => useQuery({ queryKey: ['get', '/v1/users', 'all'], queryFn: readUsers, enabled: isEnabled })

/** Who may log in, and what he may do where. */
export function Users() {
  const say = useWords(words)
  const sayRole = useWords(roleWords)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const query = useUsers()
  const [search, setSearch] = useState('')
  const [isNew, setIsNew] = useState(false)
  const [openId, setOpenId] = useState<string | null>(null)
  const textOf = ({ name, login, roles }: User): string => [name, login, ...roles.flatMap(({ role, unitId }) => [sayRole(role), unitId === null ? say('wholeTree') : units.name(unitId)])].join(' ')
  const open = query.data?.find(({ id }) => id === openId)
  return (
    <>
      <div className="row"><div className="grow"><SearchField label={sayCommon('search')} value={search} onChange={setSearch} /></div><Button look="primary" onPress={() => { setIsNew(true) }}><Plus size={18} aria-hidden />{say('newUser')}</Button></div>
      <Loaded query={query}>{(users) => (
        <DataTable label={say('users')} rows={users.filter((user) => matches(textOf(user), search))} keyOf={({ id }) => id} empty={sayCommon('noMatch')} columns={[
          { id: 'name', title: say('fullName'), cell: ({ id, name }) => <Button look="plain" onPress={() => { setOpenId(id) }} aria-label={say('editUser', { name })}>{name}</Button> },
          { id: 'login', title: say('login'), cell: ({ login }) => login },
          { id: 'roles', title: say('roles'), cell: ({ roles }) => <RolesText roles={roles} /> },
          { id: 'state', title: sayCommon('state'), cell: ({ enabled, secondFactor }) => <>{!enabled && <><Badge tone="warn">{say('disabled')}</Badge>{' '}</>}{secondFactor && <Badge tone="good">{say('secondFactor')}</Badge>}</> },
        ]} />
      )}</Loaded>
      {isNew && <NewUser onClose={() => { setIsNew(false) }} />}
      {open !== undefined && <UserDialog key={open.id} user={open} onClose={() => { setOpenId(null) }} />}
    </>
  )
}

interface Values { login: string; name: string; password: string; roles: Roles }
const toBody = ({ login, name, password, roles }: Values) => ({ login: login.trim(), name: name.trim(), password, roles })

function NewUser({ onClose }: { readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { data: me } = useMe()
  const where = me?.rights.find(({ right }) => right === 'people')?.unitIds
  const form = useApiForm<Values>({
    schema: createSchema,
    toBody,
    defaultValues: { login: '', name: '', password: '', roles: [{ role: 'viewer', unitId: where?.[0] ?? null }] },
    async send(values) {
      const user = done(await loa.POST('/v1/users', { body: toBody(values) }))
      readAgain(USERS_READ)
      toast(say('userCreated', { name: user.name }))
      onClose()
    },
  })
  const roles = form.watch('roles')
  return (
    <Dialog title={say('newUser')} isOpen onClose={onClose} isDismissable={false}>
      <form className="stack" onSubmit={form.onSubmit} noValidate>
        <FormText control={form.control} name="login" label={say('login')} autoComplete="off" autoFocus />
        <FormText control={form.control} name="name" label={say('fullName')} autoComplete="off" />
        <FormText control={form.control} name="password" type="password" label={say('password')} hint={say('passwordHint')} autoComplete="new-password" />
        <RolesEditor value={roles} onChange={(next) => { form.setValue('roles', next) }} />
        <Failure text={form.failure} />
        <div className="dialog-foot"><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button type="submit" look="primary" isDisabled={form.formState.isSubmitting}>{say('createUser')}</Button></div>
      </form>
    </Dialog>
  )
}
