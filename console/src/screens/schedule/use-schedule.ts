import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { problemText } from '../../api/problem-text.ts'
import { toast } from '../../kit/toasts.tsx'
import { useWords } from '../../words/use-words.ts'
import { addDays, instantOf, type Day } from '../../words/house-day.ts'
import type { Item, Scheduled } from './item-types.ts'
import { readScheduled, runPlan, undo, type Consent } from './run-plan.ts'
import type { Plan } from './steps.ts'
import { words } from './words.ts'

/** Who plans elsewhere is seen at the latest after this; orders that follow from it come as events. */
const READ_AGAIN_MS = 60_000

export interface Filter {
  readonly unitId: string | null
  readonly clusterId: string | null
}

const isoOf = (day: Day): string => new Date(instantOf(`${day}T00:00`)).toISOString()

/** What is planned in some days of Viet Nam; what was shown stays while others are read. */
export function useScheduled(from: Day, days: number, { unitId, clusterId }: Filter) {
  const query = { from: isoOf(from), to: isoOf(addDays(from, days)), ...(unitId === null ? {} : { unitId }), ...(clusterId === null ? {} : { clusterId }) }
  return useQuery<readonly Scheduled[]>({ queryKey: ['get', '/v1/schedule-plays', query], queryFn: () => readScheduled(query), placeholderData: (before) => before, refetchInterval: READ_AGAIN_MS })
}

/** Carries out what somebody wants, of items as he has seen them, and says so, with a way back. @throws LoaProblem, ChangedElsewhere */
export function useRun(): (plan: Plan, text: string, consent?: Consent, seen?: readonly Item[]) => Promise<void> {
  const say = useWords(words)
  return useCallback(async (plan, text, consent, seen) => {
    const back = await runPlan(plan, consent, seen)
    const undone = say('undone')
    toast(text, () => { undo(back, undone).then(() => { toast(undone) }, (error: unknown) => { toast(problemText(error)) }) })
  }, [say])
}
