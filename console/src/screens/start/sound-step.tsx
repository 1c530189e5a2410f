import { CheckCircle2, Circle, Play, Volume2 } from 'lucide-react'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { streamUrl } from '../../api/streams.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Failure, Notice } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const TONE_HZ = 660
const TEST_MS = 20_000
/** Nobody waits longer than this for a sign of life. */
const LOOK_MS = 1000

/** @param props.clusterKey known only while the page that made the cluster is open */
export function SoundStep({ cluster, clusterKey }: { readonly cluster: Schemas['Cluster']; readonly clusterKey: string | null }) {
  const say = useWords(words)
  const [isLoudspeaker, setIsLoudspeaker] = useState(false)
  const [sounds, setSounds] = useState(false)
  const [order, setOrder] = useState<Schemas['Order'] | null>(null)
  const playing = useDeed()
  const [isFinished, setIsFinished] = useState(false)
  const path = { params: { path: { id: cluster.id } } }
  const { data: now } = api.useQuery('get', '/v1/clusters/{id}', path, { refetchInterval: LOOK_MS, enabled: isLoudspeaker })
  const { data: air } = api.useQuery('get', '/v1/clusters/{id}/on-air', path, { refetchInterval: LOOK_MS, enabled: order !== null })
  const isOnAir = order !== null && air?.onAir?.orderId === order.id
  const play = async () => {
    const source = done(await loa.POST('/v1/sources', { body: { kind: 'tone', name: say('toneName'), frequencyHz: TONE_HZ } }))
    return done(await loa.POST('/v1/orders', { body: { class: 'normal', title: say('orderTitle'), sourceId: source.id, targets: { clusters: [cluster.id] }, durationMs: TEST_MS } }))
  }
  if (isFinished) {
    return (
      <section className="card stack">
        <h1>{say('finished')}</h1>
        <p>{say('finishedText')}</p>
        <div className="row"><ButtonLink href="/account">{say('toAccount')}</ButtonLink><ButtonLink href="/clusters">{say('toImport')}</ButtonLink><ButtonLink href="/" look="primary">{say('toNow')}</ButtonLink></div>
      </section>
    )
  }
  return (
    <section className="card stack">
      <h1>{say('soundTitle')}</h1>
      {clusterKey === null ? <Notice action={<ButtonLink href={`/clusters/${cluster.id}`}>{say('toCluster')}</ButtonLink>}>{say('keyNeeded')}</Notice> : (
        <>
          <p>{say('soundText', { cluster: cluster.name })}</p>
          {isLoudspeaker
            ? <audio controls autoPlay src={streamUrl(`/listen/${encodeURIComponent(cluster.id)}.mp3?key=${encodeURIComponent(clusterKey)}`)} onPlaying={() => { setSounds(true) }} />
            : <Button large onPress={() => { setIsLoudspeaker(true) }}><Volume2 size={20} aria-hidden />{say('listen')}</Button>}
        </>
      )}
      <Button large look="primary" onPress={() => { void playing.run(play, setOrder) }} isDisabled={playing.isBusy || clusterKey !== null && now?.online !== true}><Play size={20} aria-hidden />{say('play')}</Button>
      <Failure text={playing.failure} />
      <ul className="start-signs" aria-live="polite">
        <Sign text={say('isOnline')} isDone={now?.online === true} />
        <Sign text={say('isOnAir')} isDone={isOnAir} />
        <Sign text={say('isHeard')} isDone={isOnAir && sounds} />
      </ul>
      {order !== null && <><p className="quiet">{say('notHeard')}</p><Button look="primary" onPress={() => { setIsFinished(true) }}>{say('heard')}</Button></>}
      <p className="small"><a href={`/clusters/${cluster.id}`}>{say('device')}</a></p>
    </section>
  )
}

function Sign({ text, isDone }: { readonly text: string; readonly isDone: boolean }) {
  const say = useWords(words)
  return <li data-done={isDone || undefined}>{isDone ? <CheckCircle2 size={22} aria-hidden /> : <Circle size={22} aria-hidden />}{text}<span className="visually-hidden">: {say(isDone ? 'done' : 'waiting')}</span></li>
}
