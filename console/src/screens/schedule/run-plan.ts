import { done, everyItem, ifUnchanged, LoaProblem } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { ChangedElsewhere } from '../../api/changed-elsewhere.ts'
import { problemCode } from '../../api/problem-text.ts'
import { readAgain } from '../../api/query-client.ts'
import { isSame } from '../../parts/conflict/merge.ts'
import { bodyOf, type Item, type Scheduled } from './item-types.ts'
import { guarded, inverseOf, type Plan, type Step } from './steps.ts'

/** What somebody has said about what stands against a change. */
export interface Consent {
  readonly acceptCollisions?: boolean
  readonly reason?: string
}

const TOUCHED: ReadonlySet<string> = new Set(['/v1/schedule-plays', '/v1/schedule-items', '/v1/schedule-items/{id}', '/v1/clusters/{id}/schedule', '/v1/schedule-items/check', '/v1/policy-breaches'])

/** Everything planned in some time, page by page. @param query `from` and `to` in ISO 8601 */
export async function readScheduled(query: { readonly from: string; readonly to: string; readonly unitId?: string; readonly clusterId?: string }): Promise<readonly Scheduled[]> {
  const found: Scheduled[] = []
  for await (const one of everyItem((cursor) => loa.GET('/v1/schedule-plays', { params: { query: { ...query, limit: 1000, ...cursor } } }))) found.push(one)
  return found
}

/**
 * Carries a plan out; when one of its requests is refused, those before it are taken back.
 * @param seen items as they were shown to who wants it: whatever somebody else has changed of them since is not written over
 * @returns what takes all of it back
 * @throws LoaProblem, ChangedElsewhere
 */
export async function runPlan({ steps, otherwise }: Plan, consent: Consent = {}, seen: readonly Item[] = []): Promise<readonly Step[]> {
  try {
    return await runSteps(steps, consent, seen)
  } catch (error) {
    if (otherwise === null || !isNothingLeft(error)) throw error
    return await runSteps(otherwise, consent, seen)
  } finally {
    readAgain(TOUCHED)
  }
}

/** Takes back what was done. What was there before may have met others, and may have had its reason. */
export const undo = (steps: readonly Step[], reason: string): Promise<readonly Step[]> => runPlan({ steps, otherwise: null }, { acceptCollisions: true, reason })

async function runSteps(steps: readonly Step[], consent: Consent, seen: readonly Item[]): Promise<readonly Step[]> {
  const back: Done[] = []
  const unmet = new Map(seen.map((item) => [item.id, item]))
  try {
    for (const step of steps) {
      const item = step.kind === 'create' ? undefined : unmet.get(step.id)
      back.unshift(await runStep(step, consent, item))
      // What it is after a step of ours nobody has seen.
      if (item !== undefined) unmet.delete(item.id)
    }
  } catch (error) {
    for (const step of guarded(back)) await runStep(step, { acceptCollisions: true }).catch(() => undefined)
    throw error
  }
  return guarded(back)
}

/** What takes a step back, and the tag of its item now. */
interface Done {
  readonly step: Step
  readonly tag: string | null
}

async function runStep(step: Step, consent: Consent, seen?: Item): Promise<Done> {
  if (step.kind === 'create') {
    const made = await loa.POST('/v1/schedule-items', { body: { ...step.body, ...consent } })
    return { step: inverseOf(step, done(made)), tag: made.response.headers.get('ETag') }
  }
  const path = { id: step.id }
  const read = await loa.GET('/v1/schedule-items/{id}', { params: { path } })
  const before: Item = done(read)
  if (seen !== undefined && !isSame(bodyOf(before), bodyOf(seen))) throw new ChangedElsewhere(before)
  const header = step.tag === undefined ? ifUnchanged(read) : { 'if-match': step.tag }
  if (step.kind === 'remove') {
    done(await loa.DELETE('/v1/schedule-items/{id}', { params: { path, header } }))
    return { step: inverseOf(step, before), tag: null }
  }
  const changed = await loa.PATCH('/v1/schedule-items/{id}', { params: { path, header }, body: { ...step.change, ...consent } })
  done(changed)
  return { step: inverseOf(step, before), tag: changed.response.headers.get('ETag') }
}

/** The server keeps no item that has no day to come. */
const isNothingLeft = (error: unknown): boolean => error instanceof LoaProblem && problemCode(error) === 'LOA_ERR_SCHEDULE_TIME' && (error.problem?.errors ?? []).some(({ path }) => path === 'repeat')
