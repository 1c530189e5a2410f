import type { ReactNode } from 'react'
import { api } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { problemCode } from '../../api/problem-text.ts'
import { Badge, Loaded } from '../../kit/surfaces.tsx'
import { ListenButton } from '../../parts/listen/listen-button.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import type { Cluster } from './cluster-filter.ts'
import { clusterWords } from './cluster-words.ts'

/** Devices say how they are every 10 s. */
const READ_EVERY_MS = 5000

/** What is on the air at the cluster, and what its device measures. */
export function ClusterNow({ cluster: { id, name, unitId, equipment } }: { readonly cluster: Cluster }) {
  const say = useWords(clusterWords)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { dayTime, time } = useFormats()
  const query = api.useQuery('get', '/v1/clusters/{id}/state', { params: { path: { id } } })
  return (
    <>
      <section className="card stack">
        <div className="row"><h2 className="grow">{say('now')}</h2>{(query.data?.onAir ?? null) !== null && <ListenButton hears={{ cluster: id }} label={name} />}</div>
        <Loaded query={query}>{({ onAir, online, lastOnline, conditions }) => (
          <dl className="facts">
            <dt>{say('onAir')}</dt><dd>{onAir === null ? say('nothingOnAir') : <><Badge tone={onAir.class === 'emergency' ? 'emergency' : 'air'}>{sayCommon(onAir.class)}</Badge> {onAir.title} <span className="quiet">{say('until', { time: time(onAir.until) })}</span></>}</dd>
            <dt>{sayCommon('state')}</dt><dd>{online ? sayCommon('online') : lastOnline === null ? sayCommon('offline') : say('lastOnline', { time: dayTime(lastOnline) })}</dd>
            {conditions.filter(({ value }) => value !== null).map(({ code, title, value, unit }) => <Fact key={code} name={title}>{value} {unit}</Fact>)}
            {equipment.keeper !== null && rights.at('view', unitId) && <Fact name={say('keeper')}>{equipment.keeper} {equipment.keeperPhone !== null && <a href={`tel:${equipment.keeperPhone}`}>{equipment.keeperPhone}</a>}</Fact>}
          </dl>
        )}</Loaded>
      </section>
      <section className="card stack"><Measured id={id} /></section>
    </>
  )
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => <><dt>{name}</dt><dd className="number">{children}</dd></>

function Measured({ id }: { readonly id: string }) {
  const say = useWords(clusterWords)
  const { seconds, number } = useFormats()
  const query = api.useQuery('get', '/v1/clusters/{id}/speaker', { params: { path: { id } } }, { refetchInterval: READ_EVERY_MS, retry: false })
  if (problemCode(query.error) !== null && query.data === undefined) return <><h2>{say('measured')}</h2><p className="quiet">{say('noMeasure')}</p></>
  return (
    <Loaded query={query}>{(it) => (
      <>
        <h2>{say('measured')} <span className="small quiet">{say('said', { time: seconds(it.at) })}</span></h2>
        <dl className="facts">
          {it.syncErrorUs !== null && <Fact name={say('syncError')}>{number(it.syncErrorUs / 1000, 1)} ms</Fact>}
          {it.volumePercent !== null && <Fact name={say('volume')}>{number(it.volumePercent)} %{it.hoursPercent !== null && it.hoursPercent !== 100 ? ` × ${number(it.hoursPercent)} %` : ''}{it.muted === true && ` · ${say('mutedNow')}`}</Fact>}
          {it.signalDbm !== null && <Fact name={say('signal')}>{number(it.signalDbm)} dBm</Fact>}
          {it.temperatureC !== null && <Fact name={say('temperature')}>{number(it.temperatureC, 1)} °C</Fact>}
          {it.power !== null && <Fact name={say('power')}>{it.power === 'mains' || it.power === 'battery' ? say(it.power) : it.power}</Fact>}
          {it.amplifier !== null && <Fact name={say('amplifier')}>{say(it.amplifier ? 'on' : 'off')}</Fact>}
          {it.bufferMs !== null && <Fact name={say('buffer')}>{number(it.bufferMs)} ms</Fact>}
          {it.lostFrames !== null && <Fact name={say('lost')}>{number(it.lostFrames)}</Fact>}
          {it.version !== null && <Fact name={say('version')}>{it.version}</Fact>}
        </dl>
      </>
    )}</Loaded>
  )
}
