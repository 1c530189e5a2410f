import { useQuery } from '@tanstack/react-query'
import { Camera, Pencil, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useRights, useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { Empty, Failure, Loaded } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { ClusterMap } from '../../parts/map/map.tsx'
import type { LatLon } from '../../parts/map/types.ts'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { EditCluster, openCluster, useFieldName, type Opened } from './cluster-edit.tsx'
import type { Cluster } from './cluster-filter.ts'
import { clusterWords } from './cluster-words.ts'
import { registerChanged } from './registry-data.ts'
import { words } from './words.ts'

const EQUIPMENT = ['technology', 'imei', 'sim', 'maker', 'model', 'amplifier', 'loudspeakers', 'buildYear', 'depreciatedOn', 'keeper', 'keeperPhone'] as const

/** What stands at the place, where that is, how it looks, and whose it was. */
export function ClusterRecord({ cluster }: { readonly cluster: Cluster }) {
  const rights = useRights()
  const mayManage = rights.at('manage', cluster.unitId)
  return <div className="cluster-grid"><EquipmentCard cluster={cluster} mayManage={mayManage} /><PlaceCard cluster={cluster} mayManage={mayManage} /><PhotoCard cluster={cluster} mayChange={rights.at('maintain', cluster.unitId)} /><UnitsCard id={cluster.id} /></div>
}

function EquipmentCard({ cluster, mayManage }: { readonly cluster: Cluster; readonly mayManage: boolean }) {
  const say = useWords(clusterWords)
  const sayList = useWords(words)
  const nameOf = useFieldName()
  const [opened, setOpened] = useState<Opened | null>(null)
  const opening = useDeed()
  const { equipment, tags } = cluster
  const shown = EQUIPMENT.filter((name) => equipment[name] !== null)
  return (
    <section className="card stack">
      <div className="row"><h2 className="grow">{say('equipment')}</h2>{mayManage && <Button isDisabled={opening.isBusy} onPress={() => { void opening.run(async () => openCluster(cluster.id), setOpened) }}><Pencil size={16} aria-hidden />{say('edit')}</Button>}</div>
      <Failure text={opening.failure} />
      {shown.length === 0 && tags.length === 0 ? <Empty /> : (
        <dl className="facts">
          {shown.map((name) => <FactOf key={name} name={nameOf(name)}>{name === 'technology' && equipment.technology !== null ? sayList(equipment.technology) : name === 'keeperPhone' && equipment.keeperPhone !== null ? <a href={`tel:${equipment.keeperPhone}`}>{equipment.keeperPhone}</a> : equipment[name]}</FactOf>)}
          {tags.length > 0 && <FactOf name={say('tags')}>{tags.join(' ')}</FactOf>}
        </dl>
      )}
      {opened !== null && <EditCluster id={cluster.id} opened={opened} onClose={() => { setOpened(null) }} />}
    </section>
  )
}

const FactOf = ({ name, children }: { readonly name: string; readonly children: React.ReactNode }) => <><dt>{name}</dt><dd className="number">{children}</dd></>

function PlaceCard({ cluster: { id, name, position }, mayManage }: { readonly cluster: Cluster; readonly mayManage: boolean }) {
  const say = useWords(clusterWords)
  const sayCommon = useWords(common)
  const [picked, setPicked] = useState<LatLon | null>(null)
  const { data: state } = api.useQuery('get', '/v1/clusters/{id}/state', { params: { path: { id } } })
  const saving = useDeed({ form: [picked] })
  const save = (place: LatLon): void => {
    void saving.run(async () => done(await loa.PATCH('/v1/clusters/{id}', { params: { path: { id } }, body: { position: place } })), () => {
      setPicked(null)
      registerChanged()
      toast(sayCommon('saved'))
    })
  }
  const look = state === undefined || !state.online ? 'offline' : state.onAir?.class === 'normal' ? 'normal' : state.onAir?.class ?? 'quiet'
  const place = picked ?? position
  return (
    <section className="card stack">
      <h2>{say('position')}</h2>
      <p className="number">{place === null ? say('noPosition') : `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`} <span className="small quiet">{mayManage ? say('placeHere') : ''}</span></p>
      <ClusterMap points={position === null ? [] : [{ ...position, id, label: name, look }]} selectedId={id} {...(mayManage ? { pick: picked, onPick: (at: LatLon) => { setPicked({ lat: Math.round(at.lat * 1e6) / 1e6, lon: Math.round(at.lon * 1e6) / 1e6 }) } } : {})} height="18rem" />
      <Failure text={saving.failure} />
      {picked !== null && <div className="row end"><Button onPress={() => { setPicked(null) }}>{sayCommon('cancel')}</Button><Button look="primary" isDisabled={saving.isBusy} onPress={() => { save(picked) }}>{say('savePlace')}</Button></div>}
    </section>
  )
}

function PhotoCard({ cluster: { id, name }, mayChange }: { readonly cluster: Cluster; readonly mayChange: boolean }) {
  const say = useWords(clusterWords)
  const input = useRef<HTMLInputElement>(null)
  const photo = useQuery({
    queryKey: ['get', '/v1/clusters/{id}/photo', id],
    queryFn: async () => {
      const response = await fetch(`/v1/clusters/${id}/photo`, { method: 'GET', cache: 'no-cache' })
      return response.ok ? await response.blob() : null
    },
    select: (blob) => (blob === null ? null : URL.createObjectURL(blob)),
    staleTime: Infinity,
  })
  const changing = useDeed()
  const send = async (file: File | null): Promise<void> => {
    if (file === null) {
      done(await loa.DELETE('/v1/clusters/{id}/photo', { params: { path: { id } } }))
      return
    }
    const form = new FormData()
    form.append('file', file, file.name)
    done(await loa.POST('/v1/clusters/{id}/photo', { params: { path: { id } }, body: { file: '' }, bodySerializer: () => form }))
  }
  const change = (file: File | null): void => { void changing.run(async () => send(file).then(async () => photo.refetch())) }
  const has = typeof photo.data === 'string'
  return (
    <section className="card stack">
      <h2>{say('photo')}</h2>
      {has ? <img className="cluster-photo" src={photo.data ?? ''} alt={say('photoOf', { name })} /> : <Empty icon={<Camera size={32} aria-hidden />}>{say('noPhoto')}</Empty>}
      <Failure text={changing.failure} />
      {mayChange && (
        <div className="row">
          <input ref={input} type="file" accept="image/jpeg,image/png,image/webp" hidden onChange={({ target }) => { const [file] = target.files ?? []; if (file !== undefined) change(file); target.value = '' }} />
          <Button isDisabled={changing.isBusy} onPress={() => { input.current?.click() }}><Camera size={16} aria-hidden />{has ? say('changePhoto') : say('addPhoto')}</Button>
          {has && <Button look="danger" isDisabled={changing.isBusy} onPress={() => { change(null) }}><Trash2 size={16} aria-hidden />{say('removePhoto')}</Button>}
        </div>
      )}
    </section>
  )
}

function UnitsCard({ id }: { readonly id: string }) {
  const say = useWords(clusterWords)
  const { units } = useUnits()
  const { day } = useFormats()
  const query = api.useQuery('get', '/v1/clusters/{id}/units', { params: { path: { id } } })
  return (
    <section className="card stack">
      <h2>{say('units')}</h2>
      <Loaded query={query}>{({ items }) => <ul className="stack tight">{[...items].reverse().map(({ unitId, from, until }) => <li key={from}>{units.name(unitId)} <span className="small quiet">{say('unitSpan', { from: day(from), until: until === null ? say('today') : day(until) })}</span></li>)}</ul>}</Loaded>
    </section>
  )
}
