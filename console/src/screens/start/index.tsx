import { useState } from 'react'
import { Link } from 'wouter'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { Waiting } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { ClusterStep } from './cluster-step.tsx'
import { SoundStep } from './sound-step.tsx'
import './start.css'
import { UnitStep } from './unit-step.tsx'
import { words } from './words.ts'

/** From nothing to the first sound. Where one stands is what is there already, so it can be left and come back to. */
export default function Start() {
  const say = useWords(words)
  const { units, isReady } = useUnits()
  const clusters = api.useQuery('get', '/v1/clusters', { params: { query: { limit: 1 } } })
  const [made, setMade] = useState<Schemas['ClusterWithKey'] | null>(null)
  if (!isReady || clusters.data === undefined) return <Waiting />
  const cluster = made ?? clusters.data.items[0]
  const step = units.all.length === 0 ? 1 : cluster === undefined ? 2 : 3
  return (
    <main className="start">
      <title>{`${say('title')} – Loa`}</title>
      <div className="row"><img src="/icon.svg" alt="" width={36} height={36} /><span className="grow quiet">{say('step', { step })}</span><Link href="/">{say('later')}</Link></div>
      <ol className="start-steps" aria-hidden>{[1, 2, 3].map((one) => <li key={one} data-reached={one <= step || undefined} />)}</ol>
      {step === 1 ? <UnitStep /> : cluster === undefined ? <ClusterStep onMade={setMade} /> : <SoundStep cluster={cluster} clusterKey={made?.key ?? null} />}
    </main>
  )
}
