import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { problemText } from '../../api/problem-text.ts'
import { readAgain } from '../../api/query-client.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog } from '../../kit/dialogs.tsx'
import { Badge, Empty, Loaded, Notice } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import type { Cluster } from './cluster-filter.ts'
import { clusterWords } from './cluster-words.ts'
import { registerChanged } from './registry-data.ts'
import { ShownCode, ShownKey } from './shown-secret.tsx'

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
  const code = useMutation({ mutationFn: async () => done(await loa.POST('/v1/clusters/{id}/enrolment-codes', { params: { path: { id } }, body: {} })) })
  const key = useMutation({ mutationFn: async () => done(await loa.POST('/v1/clusters/{id}/rotate-key', { params: { path: { id } } })), onSuccess: () => { setAsked(null); registerChanged() } })
  const revoke = useMutation({ mutationFn: async (deviceId: string) => done(await loa.POST('/v1/devices/{id}/revoke', { params: { path: { id: deviceId } } })), onSuccess: () => { setAsked(null); readAgain(new Set(['/v1/clusters/{id}/devices'])) } })
  const remove = useMutation({
    mutationFn: async () => done(await loa.DELETE('/v1/clusters/{id}', { params: { path: { id } } })),
    onSuccess: () => { registerChanged(); toast(sayCommon('removed')); navigate('/clusters') },
  })
  const mayMaintain = rights.at('maintain', unitId)
  const work = asked?.what === 'key' ? key : asked?.what === 'remove' ? remove : revoke
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
        {mayMaintain && (code.data === undefined ? <Button look="primary" isDisabled={code.isPending} onPress={() => { code.mutate() }}>{say('newCode')}</Button> : <ShownCode code={code.data.code} expiresAt={code.data.expiresAt} />)}
        {code.error !== null && <Notice tone="bad">{problemText(code.error)}</Notice>}
      </section>
      <section className="card stack">
        <h2>{say('key')}</h2>
        <p className="quiet">{say('keyChanged', { time: dayTime(cluster.keyChangedAt) })}</p>
        {key.data !== undefined && <ShownKey value={key.data.key} />}
        {mayMaintain && <Button onPress={() => { setAsked({ what: 'key' }) }}>{say('newKey')}</Button>}
        {rights.at('manage', unitId) && <Button look="danger" onPress={() => { setAsked({ what: 'remove' }) }}>{say('remove')}</Button>}
      </section>
      {asked !== null && (
        <ConfirmDialog title={asked.what === 'key' ? say('newKey') : asked.what === 'remove' ? say('remove') : say('revokeTitle')} action={asked.what === 'key' ? say('newKey') : asked.what === 'remove' ? say('remove') : say('revoke')}
          isOpen onClose={() => { setAsked(null) }} isBusy={work.isPending} error={work.error === null ? null : problemText(work.error)}
          onConfirm={() => {
            if (asked.what === 'key') key.mutate()
            else if (asked.what === 'remove') remove.mutate()
            else revoke.mutate(asked.deviceId)
          }}>
          <p>{asked.what === 'key' ? say('newKeyText') : asked.what === 'remove' ? say('removeText') : say('revokeText')}</p>
        </ConfirmDialog>
      )}
    </div>
  )
}
