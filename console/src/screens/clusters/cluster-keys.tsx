import { useState } from 'react'
import { useLocation } from 'wouter'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog } from '../../kit/dialogs.tsx'
import { Badge, Empty, Failure, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import type { Cluster } from './cluster-filter.ts'
import { clusterWords } from './cluster-words.ts'
import { registerChanged } from './registry-data.ts'
import { ShownCode, ShownKey } from './shown-secret.tsx'

const DEVICES: ReadonlySet<string> = new Set(['/v1/clusters/{id}/devices'])

type Asked = { readonly what: 'key' } | { readonly what: 'remove' } | { readonly what: 'revoke'; readonly deviceId: string }

/** Who may connect in the name of the cluster: devices that were enrolled, codes for others, the key. */
export function ClusterKeys({ cluster }: { readonly cluster: Cluster }) {
  const say = useWords(clusterWords)
  const sayCommon = useWords(common)
  const { dayTime } = useFormats()
  const rights = useRights()
  const [, navigate] = useLocation()
  const [asked, setAsked] = useState<Asked | null>(null)
  const { id, unitId } = cluster
  const query = api.useQuery('get', '/v1/clusters/{id}/devices', { params: { path: { id } } })
  const [code, setCode] = useState<Schemas['EnrolmentCode'] | null>(null)
  const [key, setKey] = useState<string | null>(null)
  const enrolling = useDeed()
  const enrol = (): void => { void enrolling.run(async () => done(await loa.POST('/v1/clusters/{id}/enrolment-codes', { params: { path: { id } }, body: {} })), setCode) }
  const changing = useDeed({ reads: DEVICES, onDone: () => { setAsked((now) => (now === asked ? null : now)) } })
  const close = (): void => {
    setAsked(null)
    changing.forget()
    removing.forget()
  }
  const rotate = (): void => {
    void changing.run(async () => done(await loa.POST('/v1/clusters/{id}/rotate-key', { params: { path: { id } } })), (rotated) => {
      setKey(rotated.key)
      registerChanged()
    })
  }
  const revoke = (deviceId: string): void => { void changing.run(async () => done(await loa.POST('/v1/devices/{id}/revoke', { params: { path: { id: deviceId } } }))) }
  const removing = useDeed({ onDone: () => { navigate('/clusters') } })
  const remove = (): void => {
    void removing.run(async () => { done(await loa.DELETE('/v1/clusters/{id}', { params: { path: { id } } })) }, () => {
      registerChanged()
      toast(sayCommon('removed'))
    })
  }
  const mayMaintain = rights.at('maintain', unitId)
  const deed = asked?.what === 'remove' ? removing : changing
  return (
    <div className="cluster-grid">
      <section className="card stack">
        <h2>{say('devices')}</h2>
        <Loaded query={query}>{({ items }) => (items.length === 0 ? <Empty>{say('noDevices')}</Empty> : (
          <ul className="stack tight">{items.map((device) => (
            <li key={device.id} className="row"><span className="grow"><code>{device.id.slice(0, 16)}…</code> <span className="small quiet">{say('enrolled', { time: dayTime(device.enrolledAt) })} · {device.remoteAddress}</span></span>
              {device.revokedAt !== null ? <Badge>{say('revokedAt', { time: dayTime(device.revokedAt) })}</Badge> : mayMaintain && <Button look="danger" onPress={() => { setAsked({ what: 'revoke', deviceId: device.id }) }}>{say('revoke')}</Button>}</li>
          ))}</ul>
        ))}</Loaded>
        {mayMaintain && (code === null ? <Button look="primary" isDisabled={enrolling.isBusy} onPress={enrol}>{say('newCode')}</Button> : <ShownCode code={code.code} expiresAt={code.expiresAt} />)}
        <Failure text={enrolling.failure} />
      </section>
      <section className="card stack">
        <h2>{say('key')}</h2>
        <p className="quiet">{say('keyChanged', { time: dayTime(cluster.keyChangedAt) })}</p>
        {key !== null && <ShownKey value={key} />}
        {mayMaintain && <Button onPress={() => { setAsked({ what: 'key' }) }}>{say('newKey')}</Button>}
        {rights.at('manage', unitId) && <Button look="danger" onPress={() => { setAsked({ what: 'remove' }) }}>{say('remove')}</Button>}
      </section>
      {asked !== null && (
        <ConfirmDialog title={asked.what === 'key' ? say('newKey') : asked.what === 'remove' ? say('remove') : say('revokeTitle')} action={asked.what === 'key' ? say('newKey') : asked.what === 'remove' ? say('remove') : say('revoke')}
          isOpen onClose={close} isBusy={deed.isBusy} error={deed.failure}
          onConfirm={() => {
            if (asked.what === 'key') rotate()
            else if (asked.what === 'remove') remove()
            else revoke(asked.deviceId)
          }}>
          <p>{asked.what === 'key' ? say('newKeyText') : asked.what === 'remove' ? say('removeText') : say('revokeText')}</p>
        </ConfirmDialog>
      )}
    </div>
  )
}
