import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useMe, useRights } from '../../api/me.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { DataTable } from '../../kit/data-table.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { Select, TextField } from '../../kit/fields.tsx'
import { Badge, Failure, Loaded } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { RolesEditor, RolesText, type Roles } from './roles.tsx'
import { SecretDialog, TypedConfirm } from './secret.tsx'
import { words } from './words.ts'

const TOKENS: ReadonlySet<string> = new Set(['/v1/tokens'])
/** After how many days a new token ends; 0: never. */
const LIVES = [30, 90, 365, 0] as const
/** It is said in time that a token ends. */
const SOON_MS = 14 * 86_400_000
const SIGNING: ReadonlySet<string> = new Set(['/v1/signing-keys'])

/** Tokens of programs, and the keys that devices believe. */
export function Keys() {
  const rights = useRights()
  return <>{rights.somewhere('people') && <Tokens />}{rights.at('maintain', null) && <SigningKeys />}</>
}

function Tokens() {
  const say = useWords(words)
  const { day, time } = useFormats()
  const query = api.useQuery('get', '/v1/tokens', {})
  const [isNew, setIsNew] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const [removing, setRemoving] = useState<{ readonly id: string; readonly name: string } | null>(null)
  return (
    <section className="stack tight">
      <div className="row"><h2 className="grow">{say('tokens')}</h2><Button look="primary" onPress={() => { setIsNew(true) }}><KeyRound size={18} aria-hidden />{say('newToken')}</Button></div>
      <p className="quiet">{say('tokenHelp')}</p>
      <Loaded query={query}>{({ items }) => (
        <DataTable label={say('tokens')} rows={items} keyOf={({ id }) => id} columns={[
          { id: 'name', title: say('tokenName'), cell: ({ name }) => name },
          { id: 'roles', title: say('roles'), cell: ({ roles }) => <RolesText roles={roles} /> },
          { id: 'created', title: say('created'), cell: ({ createdAt }) => day(createdAt) },
          { id: 'used', title: say('lastUsed'), cell: ({ lastUsedAt }) => (lastUsedAt === null ? say('neverUsed') : `${day(lastUsedAt)} ${time(lastUsedAt)}`) },
          { id: 'ends', title: say('expires'), cell: ({ expiresAt }) => <Ends expiresAt={expiresAt} /> },
          { id: 'do', title: '', cell: (token) => <Button look="danger" aria-label={`${say('removeToken')}: ${token.name}`} onPress={() => { setRemoving(token) }}>{say('removeToken')}</Button> },
        ]} />
      )}</Loaded>
      {isNew && <NewToken onClose={() => { setIsNew(false) }} onSecret={setSecret} />}
      <SecretDialog title={say('tokenValue')} text={say('tokenOnce')} secret={secret} onClose={() => { setSecret(null) }} />
      {removing !== null && <TypedConfirm title={say('removeToken')} text={say('removeTokenText', { name: removing.name })} word={removing.name} action={say('removeToken')} isOpen onClose={() => { setRemoving(null) }} work={async () => {
        done(await loa.DELETE('/v1/tokens/{id}', { params: { path: { id: removing.id } } }))
        readAgain(TOKENS)
      }} />}
    </section>
  )
}

function Ends({ expiresAt }: { readonly expiresAt: string | null }) {
  const say = useWords(words)
  const { day } = useFormats()
  const [nowMs] = useState(() => Date.now())
  if (expiresAt === null) return say('noEnd')
  const leftMs = Date.parse(expiresAt) - nowMs
  return leftMs > SOON_MS ? day(expiresAt) : <><span className="number">{day(expiresAt)}</span> <Badge tone="warn">{say(leftMs > 0 ? 'endsSoon' : 'ended')}</Badge></>
}

function NewToken({ onClose, onSecret }: { readonly onClose: () => void; readonly onSecret: (secret: string) => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const { data: me } = useMe()
  const [name, setName] = useState('')
  const [roles, setRoles] = useState<Roles>([{ role: 'viewer', unitId: me?.rights.find(({ right }) => right === 'people')?.unitIds?.[0] ?? null }])
  const [life, setLife] = useState<`${(typeof LIVES)[number]}`>('365')
  // The same for each press, so that the same token is asked for again when no answer came.
  const [nowMs] = useState(() => Date.now())
  const creating = useDeed({ reads: TOKENS, onDone: onClose, form: [name, roles, life] })
  const create = (): void => {
    const body = { name: name.trim(), roles, ...(life === '0' ? {} : { expiresAt: new Date(nowMs + Number(life) * 86_400_000).toISOString() }) }
    void creating.run(async () => done(await loa.POST('/v1/tokens', { body })), ({ token }) => { onSecret(token) })
  }
  return (
    <Dialog title={say('newToken')} isOpen onClose={onClose} foot={<><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button look="primary" onPress={create} isDisabled={creating.isBusy || name.trim() === ''}>{say('newToken')}</Button></>}>
      <TextField label={say('tokenName')} value={name} onChange={setName} autoFocus />
      <RolesEditor value={roles} onChange={setRoles} />
      <Select label={say('expires')} hint={say('expiresHint')} value={life} onChange={setLife} choices={LIVES.map((days) => ({ id: `${days}` as const, label: days === 0 ? say('noEnd') : say('afterDays', { count: days }) }))} />
      <Failure text={creating.failure} />
    </Dialog>
  )
}

function SigningKeys() {
  const say = useWords(words)
  const { day } = useFormats()
  const query = api.useQuery('get', '/v1/signing-keys', {})
  const [isRotating, setIsRotating] = useState(false)
  return (
    <section className="stack tight">
      <div className="row"><h2 className="grow">{say('signingKeys')}</h2><Button look="danger" onPress={() => { setIsRotating(true) }}>{say('rotate')}</Button></div>
      <Loaded query={query}>{({ items }) => (
        <DataTable label={say('signingKeys')} rows={items} keyOf={({ keyId }) => keyId} columns={[
          { id: 'key', title: say('key'), cell: ({ keyId }) => <code>{keyId}</code> },
          { id: 'since', title: say('since'), cell: ({ notBefore }) => day(notBefore) },
          { id: 'state', title: '', cell: ({ signs, notAfter }) => (signs ? <Badge tone="good">{say('signs')}</Badge> : notAfter === null ? null : say('notAfter', { time: day(notAfter) })) },
        ]} />
      )}</Loaded>
      <TypedConfirm title={say('rotate')} text={say('rotateText')} word={say('rotateWord')} action={say('rotate')} isOpen={isRotating} onClose={() => { setIsRotating(false) }} work={async () => {
        done(await loa.POST('/v1/signing-keys/rotate', { body: {} }))
        readAgain(SIGNING)
      }} />
    </section>
  )
}
