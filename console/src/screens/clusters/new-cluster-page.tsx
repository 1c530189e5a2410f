import { useState } from 'react'
import { useLocation } from 'wouter'
import schema from 'api-schema:POST /v1/clusters'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { ButtonLink } from '../../kit/button.tsx'
import { Notice, Page, Waiting } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { ClusterFields } from './cluster-form.tsx'
import { bodyOf, newValues, type ClusterValues } from './cluster-values.ts'
import { clusterWords } from './cluster-words.ts'
import { registerChanged } from './registry-data.ts'
import { ShownKey } from './shown-secret.tsx'

/** A cluster that is new; its key is shown once. */
export default function NewClusterPage() {
  const say = useWords(clusterWords)
  const { units, isReady } = useUnits()
  const rights = useRights()
  const own = units.all.filter(({ id }) => rights.at('manage', id))
  const [made, setMade] = useState<Schemas['ClusterWithKey'] | null>(null)
  return (
    <Page title={say('newTitle')} help={<p>{say('keyShown')}</p>}>
      {made !== null ? <Made cluster={made} /> : isReady ? <NewForm unitId={own.length === 1 ? (own[0]?.id ?? '') : ''} onMade={setMade} /> : <Waiting />}
    </Page>
  )
}

function NewForm({ unitId, onMade }: { readonly unitId: string; readonly onMade: (cluster: Schemas['ClusterWithKey']) => void }) {
  const say = useWords(clusterWords)
  const [, navigate] = useLocation()
  const form = useApiForm<ClusterValues>({
    schema, defaultValues: newValues(unitId), toBody: bodyOf,
    send: async (values) => {
      onMade(done(await loa.POST('/v1/clusters', { body: bodyOf(values) })))
      registerChanged()
    },
  })
  return <div className="card"><ClusterFields form={form} action={say('create')} onCancel={() => { navigate('/clusters') }} /></div>
}

function Made({ cluster: { id, name, key } }: { readonly cluster: Schemas['ClusterWithKey'] }) {
  const say = useWords(clusterWords)
  return <div className="card stack"><Notice tone="good">{say('made', { name })}</Notice><ShownKey value={key} /><div className="row end"><ButtonLink href={`/clusters/${id}`} look="primary">{say('toCluster')}</ButtonLink></div></div>
}
