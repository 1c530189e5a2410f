import { useState, type ReactNode } from 'react'
import { useRights, useUnits } from '../../api/me.ts'
import { Empty } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

/** A unit, the topmost at first, and what is said of it. A unit loosens no rule of its own: to change one takes the right above it. */
export function UnitChoice({ children }: { readonly children: (unitId: string, mayChange: boolean) => ReactNode }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { units } = useUnits()
  const [chosen, setChosen] = useState<string | null>(null)
  const unitId = chosen ?? units.roots[0]?.id ?? null
  return (
    <>
      <UnitPicker label={sayCommon('unit')} value={unitId} onChange={setChosen} />
      {unitId === null ? <Empty>{say('chooseUnit')}</Empty> : children(unitId, rights.at('manage', units.byId.get(unitId)?.parentId ?? null))}
    </>
  )
}
