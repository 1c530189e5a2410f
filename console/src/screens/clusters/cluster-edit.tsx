import { useState } from 'react'
import schema from 'api-schema:POST /v1/clusters'
import { done, ifUnchanged, LoaProblem } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { toast } from '../../kit/toasts.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { ClusterFields } from './cluster-form.tsx'
import { bodyOf, changeOf, conflictsOf, valuesOf, type ClusterValues } from './cluster-values.ts'
import { clusterWords } from './cluster-words.ts'
import { registerChanged } from './registry-data.ts'
import { words } from './words.ts'

/** What was read to be changed, and the tag under which it may be. */
export interface Opened {
  readonly values: ClusterValues
  readonly tag: string
}

/** @throws LoaProblem */
export async function openCluster(id: string): Promise<Opened> {
  const answer = await loa.GET('/v1/clusters/{id}', { params: { path: { id } } })
  return { values: valuesOf(done(answer)), tag: ifUnchanged(answer)['if-match'] }
}

/** @throws LoaProblem status 412: somebody else was faster */
async function change(id: string, opened: Opened, values: ClusterValues): Promise<void> {
  const body = changeOf(opened.values, values)
  if (body === null) return
  done(await loa.PATCH('/v1/clusters/{id}', { params: { path: { id }, header: { 'if-match': opened.tag } }, body }))
}

/** Changes a cluster; when somebody else has changed it meanwhile, shows what differs and lets one choose. */
export function EditCluster({ id, opened: first, onClose }: { readonly id: string; readonly opened: Opened; readonly onClose: () => void }) {
  const say = useWords(clusterWords)
  const sayCommon = useWords(common)
  const [base, setBase] = useState(first)
  const [theirs, setTheirs] = useState<Opened | null>(null)
  const form = useApiForm<ClusterValues>({
    schema, defaultValues: first.values, toBody: bodyOf,
    send: async (values) => {
      try {
        await change(id, base, values)
      } catch (error) {
        if (!(error instanceof LoaProblem) || error.status !== 412) throw error
        setTheirs(await openCluster(id))
        return
      }
      registerChanged()
      toast(sayCommon('saved'))
      onClose()
    },
  })
  return (
    <Dialog title={say('edit')} isOpen onClose={onClose} wide isDismissable={false}>
      {theirs === null ? <ClusterFields form={form} action={sayCommon('save')} onCancel={onClose} /> : (
        <ConflictBoard base={base} mine={form.getValues()} theirs={theirs}
          onMine={() => {
            // My changes are put upon what is there now: what the other one changed elsewhere stays.
            const merged = mergedValues(base.values, form.getValues(), theirs.values)
            setBase(theirs)
            setTheirs(null)
            form.reset(merged)
          }}
          onTheirs={() => { registerChanged(); onClose() }} />
      )}
    </Dialog>
  )
}

/** What I have changed of `base`, on top of `theirs`. */
function mergedValues(base: ClusterValues, mine: ClusterValues, theirs: ClusterValues): ClusterValues {
  const merge = <T extends object>(was: T, wanted: T, is: T): T => Object.fromEntries(Object.entries(is).map(([name, value]) => {
    const [before, after] = [was[name as keyof T], wanted[name as keyof T]]
    if (typeof value === 'object' && value !== null) return [name, merge(before as object, after as object, value as object)]
    return [name, before === after ? value : after]
  })) as T
  return merge(base, mine, theirs)
}

function ConflictBoard({ base, mine, theirs, onMine, onTheirs }: { readonly base: Opened; readonly mine: ClusterValues; readonly theirs: Opened; readonly onMine: () => void; readonly onTheirs: () => void }) {
  const say = useWords(clusterWords)
  const nameOf = useFieldName()
  const conflicts = conflictsOf(base.values, mine, theirs.values)
  return (
    <div className="stack" role="alert">
      <h3>{say('conflictTitle')}</h3>
      {conflicts.length === 0 ? <p>{say('noConflict')}</p> : (
        <>
          <p>{say('conflictText')}</p>
          <div className="table-wrap"><table className="table">
            <thead><tr><th>{say('field')}</th><th>{say('mine')}</th><th>{say('theirs')}</th></tr></thead>
            <tbody>{conflicts.map(({ field, mine: own, theirs: other }) => <tr key={field}><th scope="row">{nameOf(field)}</th><td>{own}</td><td>{other}</td></tr>)}</tbody>
          </table></div>
        </>
      )}
      <div className="row end"><Button onPress={onTheirs}>{say('takeTheirs')}</Button><Button look="primary" onPress={onMine}>{say('keepMine')}</Button></div>
    </div>
  )
}

/** A field as the form calls it. */
export function useFieldName(): (field: string) => string {
  const say = useWords(clusterWords)
  const sayList = useWords(words)
  const sayCommon = useWords(common)
  const names: Readonly<Record<string, string>> = {
    unitId: sayCommon('unit'), unit: sayCommon('unit'), code: say('code'), name: say('name'), tags: say('tags'), position: say('position'), latitude: say('latitude'), longitude: say('longitude'), enabled: say('mayConnect'), state: sayList('registerState'),
    technology: sayList('technology'), imei: say('imei'), sim: say('sim'), maker: say('maker'), model: say('model'), amplifier: say('amplifierModel'), loudspeakers: say('loudspeakers'), buildYear: say('buildYear'), depreciatedOn: say('depreciatedOn'), keeper: say('keeper'), keeperPhone: say('keeperPhone'),
  }
  return (field) => names[field] ?? field
}
