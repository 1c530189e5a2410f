import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { TextField } from '../../kit/fields.tsx'
import { Badge, Empty, Failure, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { ifAsShown } from '../../parts/conflict/as-shown.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { RolesEditor } from './roles.tsx'
import { TypedConfirm } from './secret.tsx'
import { USERS_READ } from './users.tsx'
import { words } from './words.ts'

type User = Schemas['User']
type Change = { readonly name?: string; readonly roles?: User['roles']; readonly password?: string; readonly enabled?: boolean; readonly secondFactor?: false }

const shownOf = ({ name, roles, enabled }: User): unknown => [name, roles, enabled]

/** One user: name, roles, password, second factor, sessions, and the way out. */
export function UserDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const [shown, setShown] = useState(user)
  const [name, setName] = useState(user.name)
  const [roles, setRoles] = useState(user.roles)
  const [password, setPassword] = useState('')
  const [asks, setAsks] = useState<'factor' | 'password' | 'remove' | null>(null)
  const changing = useDeed({ reads: USERS_READ, form: [name, roles, password] })
  const path = { id: user.id }
  const change = (body: Change): void => {
    void changing.run(async () => {
      const before = await loa.GET('/v1/users/{id}', { params: { path } })
      return done(await loa.PATCH('/v1/users/{id}', { params: { path, header: ifAsShown(before, shownOf, shownOf(shown)) }, body }))
    }, (now) => {
      setShown(now)
      setAsks(null)
      setPassword('')
      toast(sayCommon('saved'))
    })
  }
  return (
    <Dialog title={say('editUser', { name: user.name })} isOpen onClose={onClose} wide>
      <div className="row tight"><span className="quiet">{user.login}</span>{!user.enabled && <Badge tone="warn">{say('disabled')}</Badge>}{user.secondFactor && <Badge tone="good">{say('secondFactor')}</Badge>}</div>
      <TextField label={say('fullName')} value={name} onChange={setName} />
      <RolesEditor value={roles} onChange={setRoles} />
      <div className="row"><Button look="primary" isDisabled={changing.isBusy || name.trim() === ''} onPress={() => { change({ name: name.trim(), roles }) }}>{say('saveChanges')}</Button></div>
      <div className="row" style={{ alignItems: 'end' }}><div className="grow"><TextField label={say('newPassword')} type="password" value={password} onChange={setPassword} hint={say('passwordHint')} autoComplete="new-password" /></div><Button isDisabled={changing.isBusy || password === ''} onPress={() => { setAsks('password') }}>{say('resetPassword')}</Button></div>
      <Failure text={asks === null ? changing.failure : null} />
      <Sessions userId={user.id} />
      <div className="row">
        <Button isDisabled={changing.isBusy} onPress={() => { change({ enabled: !user.enabled }) }}>{say(user.enabled ? 'disable' : 'enable')}</Button>
        {user.secondFactor && <Button look="danger" onPress={() => { setAsks('factor') }}>{say('takeFactor')}</Button>}
        <Button look="danger" onPress={() => { setAsks('remove') }}>{say('removeUser')}</Button>
      </div>
      <ConfirmDialog title={say('takeFactor')} action={say('takeFactor')} isOpen={asks === 'factor'} onClose={() => { setAsks(null) }} onConfirm={() => { change({ secondFactor: false }) }} isBusy={changing.isBusy} error={changing.failure}>{say('takeFactorText', { name: user.name })}</ConfirmDialog>
      <ConfirmDialog title={say('resetPassword')} action={say('resetPassword')} isOpen={asks === 'password'} onClose={() => { setAsks(null) }} onConfirm={() => { change({ password }) }} isBusy={changing.isBusy} error={changing.failure}>{say('resetText')}</ConfirmDialog>
      <TypedConfirm title={say('removeUser')} text={say('removeUserText', { name: user.name })} word={user.login} action={say('removeUser')} isOpen={asks === 'remove'} onClose={() => { setAsks(null) }} work={async () => {
        done(await loa.DELETE('/v1/users/{id}', { params: { path } }))
        readAgain(USERS_READ)
        onClose()
      }} />
    </Dialog>
  )
}

function Sessions({ userId }: { readonly userId: string }) {
  const say = useWords(words)
  const { dayTime } = useFormats()
  const query = api.useQuery('get', '/v1/sessions', {})
  const ending = useDeed({ reads: USERS_READ })
  const end = (id: string): void => { void ending.run(async () => { done(await loa.DELETE('/v1/sessions/{id}', { params: { path: { id } } })) }) }
  return (
    <section className="stack tight">
      <h3>{say('sessions')}</h3>
      <Loaded query={query}>{({ items }) => {
        const own = items.filter((session) => session.userId === userId)
        if (own.length === 0) return <Empty>{say('noSessions')}</Empty>
        return <ul className="stack tight">{own.map(({ id, remoteAddress, userAgent, createdAt, current }) => <li key={id} className="row"><span className="grow">{remoteAddress} · {say('since')} {dayTime(createdAt)} <span className="small quiet">{userAgent}</span></span>{current ? <Badge>{say('thisSession')}</Badge> : <Button isDisabled={ending.isBusy} onPress={() => { end(id) }}>{say('endSession')}</Button>}</li>)}</ul>
      }}</Loaded>
      <Failure text={ending.failure} />
    </section>
  )
}
