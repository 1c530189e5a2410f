import { X } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { RadioGroup, TextField } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { toast } from '../../kit/toasts.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { ifAsShown } from '../../parts/conflict/as-shown.ts'
import { ClusterMap } from '../../parts/map/map.tsx'
import type { MapPoint } from '../../parts/map/types.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { groupBody, namesSomething, NEW_GROUP, polygonOf, valuesOfGroup, type Group, type GroupValues } from './group-values.ts'
import { groupWords } from './group-words.ts'
import { useRegistry } from './registry-data.ts'

const GROUPS: ReadonlySet<string> = new Set(['/v1/groups', '/v1/groups/{id}', '/v1/groups/{id}/clusters'])

const shownOf = (group: Group): unknown => groupBody(valuesOfGroup(group), group)

/** Makes or changes a group, with whom it would mean seen while it is chosen. */
export function GroupDialog({ group, onClose }: { readonly group: Group | null; readonly onClose: () => void }) {
  const say = useWords(groupWords)
  const sayCommon = useWords(common)
  const { units } = useUnits()
  const [values, setValues] = useState<GroupValues>(group === null ? NEW_GROUP : valuesOfGroup(group))
  const [isRemoving, setIsRemoving] = useState(false)
  const set = (part: Partial<GroupValues>): void => { setValues({ ...values, ...part }) }
  const body = groupBody(values, group)
  const path = { id: group?.id ?? '' }
  const saving = useDeed({ reads: GROUPS, onDone: onClose, form: [values] })
  const removing = useDeed({ reads: GROUPS, onDone: onClose })
  const save = async () => {
    if (group === null) return done(await loa.POST('/v1/groups', { body }))
    const read = await loa.GET('/v1/groups/{id}', { params: { path } })
    return done(await loa.PATCH('/v1/groups/{id}', { params: { path, header: ifAsShown(read, shownOf, shownOf(group)) }, body }))
  }
  const remove = (): void => { void removing.run(async () => { done(await loa.DELETE('/v1/groups/{id}', { params: { path } })) }, () => { toast(sayCommon('removed')) }) }
  const isForeign = group !== null && group.area !== null && polygonOf(group.area) === null
  return (
    <>
      <Dialog title={group === null ? say('add') : say('edit', { name: group.name })} isOpen onClose={onClose} wide isDismissable={false}
        foot={<>{group !== null && <Button look="danger" onPress={() => { setIsRemoving(true) }}>{say('remove')}</Button>}<Button onPress={onClose}>{sayCommon('cancel')}</Button><Button look="primary" isDisabled={saving.isBusy || body.name === '' || !namesSomething(body)} onPress={() => { void saving.run(save, () => { toast(sayCommon('saved')) }) }}>{sayCommon('save')}</Button></>}>
        <TextField label={say('name')} value={values.name} onChange={(name) => { set({ name }) }} autoFocus maxLength={200} />
        <div className="columns">
          <div className="stack tight">
            <UnitPicker label={say('addUnit')} value={null} onChange={(id) => { if (id !== null && !values.units.includes(id)) set({ units: [...values.units, id] }) }} />
            <ul className="row tight">{values.units.map((id) => <li key={id} className="badge">{units.name(id)}<Button icon look="plain" aria-label={say('take', { name: units.name(id) })} onPress={() => { set({ units: values.units.filter((one) => one !== id) }) }}><X size={14} aria-hidden /></Button></li>)}</ul>
          </div>
          <TextField label={say('tags')} hint={say('tagsHint')} value={values.tags} onChange={(tags) => { set({ tags }) }} />
        </div>
        <RadioGroup label={say('match')} value={values.match} choices={[{ id: 'any', label: say('any') }, { id: 'all', label: say('allOf') }]} onChange={(match) => { set({ match }) }} />
        <Preview values={values} group={group} onPolygon={isForeign ? null : (polygon) => { set({ polygon }) }} />
        <Failure text={saving.failure} />
      </Dialog>
      <ConfirmDialog title={say('remove')} action={say('remove')} isOpen={isRemoving} onClose={() => { setIsRemoving(false); removing.forget() }} onConfirm={remove} isBusy={removing.isBusy} error={removing.failure}><p>{say('removeText', { name: group?.name ?? '' })}</p></ConfirmDialog>
    </>
  )
}

const MOST_LISTED = 200

function Preview({ values, group, onPolygon }: { readonly values: GroupValues; readonly group: Group | null; readonly onPolygon: ((polygon: GroupValues['polygon']) => void) | null }) {
  const say = useWords(groupWords)
  const registry = useRegistry()
  const looked = useDeferredValue(values)
  const { name: _, ...selection } = groupBody(looked, group)
  const isSomething = namesSomething({ name: '', ...selection })
  const { data } = api.useQuery('post', '/v1/groups/preview', { body: selection }, { enabled: isSomething, placeholderData: (before) => before })
  const meant = useMemo(() => new Set(isSomething ? data?.clusterIds : []), [data, isSomething])
  const rows = useMemo(() => registry.data ?? [], [registry.data])
  const points = useMemo(() => rows.flatMap(({ cluster: { id, name, position } }): MapPoint[] => (position === null ? [] : [{ ...position, id, label: name, look: meant.has(id) ? 'normal' : 'offline' }])), [rows, meant])
  const listed = rows.filter(({ cluster: { id } }) => meant.has(id)).slice(0, MOST_LISTED)
  return (
    <div className="stack tight">
      <h3>{say('area')}</h3>
      <p className="small quiet">{onPolygon === null ? say('areaKept') : say('areaHint')}</p>
      <ClusterMap points={points} polygon={values.polygon} {...(onPolygon === null ? {} : { onPolygon })} height="18rem" />
      <p role="status"><b>{!isSomething ? say('choose') : data === undefined ? '…' : data.targeted === 0 ? say('nobody') : say('preview', { count: data.targeted, online: data.online })}</b></p>
      {listed.length > 0 && <details><summary>{say('members')}</summary><ul className="report-list">{listed.map(({ cluster: { id, name, code } }) => <li key={id}>{name} <span className="small quiet">{code}</span></li>)}</ul></details>}
    </div>
  )
}
