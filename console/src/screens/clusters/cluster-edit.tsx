import { useState } from 'react'
import schema from 'api-schema:POST /v1/clusters'
import { done, ifUnchanged, LoaProblem } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Dialog } from '../../kit/dialogs.tsx'
import { toast } from '../../kit/toasts.tsx'
import { ConflictBoard } from '../../parts/conflict/conflict-board.tsx'
import { merged } from '../../parts/conflict/merge.ts'
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
  const nameOf = useFieldName()
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
        <ConflictBoard conflicts={conflictsOf(base.values, form.getValues(), theirs.values).map((one) => ({ ...one, field: nameOf(one.field) }))}
          onMine={() => {
            const next = merged(base.values, form.getValues(), theirs.values)
            setBase(theirs)
            setTheirs(null)
            form.reset(next)
          }}
          onTheirs={() => { registerChanged(); onClose() }} />
      )}
    </Dialog>
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
