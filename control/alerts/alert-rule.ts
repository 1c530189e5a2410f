import type { Broadcast } from '../broadcast-port.ts'
import type { NewOrder } from '../order-rules.ts'
import { ApiError } from '../problem.ts'
import type { Store } from '../store-port.ts'
import type { AlertRecord, AlertRuleRecord } from './alert-port.ts'

export const DEFAULT_WAIT_MS = 10 * 60_000

/** The rule that holds for what a unit issues: of itself and those above it the nearest. */
export function ruleFor(unitId: string, store: Pick<Store, 'units' | 'alertRules'>): AlertRuleRecord | undefined {
  for (const id of store.units.ancestors(unitId)) {
    const rule = store.alertRules.get(id)
    if (rule !== undefined) return rule
  }
  return undefined
}

/**
 * How many persons must confirm it. What corrects or cancels an alert needs no second one: it goes where two have agreed to sound, and a false alarm must not
 * wait for anybody.
 */
export function personsNeeded(rule: AlertRuleRecord | undefined, { purpose, kind, level, targeted }: Pick<AlertRecord, 'purpose' | 'kind' | 'level' | 'targeted'>): 1 | 2 {
  if (rule === undefined || purpose === 'correction' || purpose === 'cancellation') return 1
  return rule.twoPersons.some((fits) => fits.kinds.includes(kind) && level >= fits.level && targeted >= fits.clusters) ? 2 : 1
}

/**
 * An emergency that is given as a plain order has no second person. It counts as real and gravest, so where that needs two it must be an alert.
 * @throws ApiError LOA_ERR_SECOND_PERSON
 */
export function refuseIfTwoNeeded({ class: itsClass, issuerUnitId, targets }: NewOrder, store: Pick<Store, 'units' | 'alertRules'>, broadcast: Pick<Broadcast, 'clustersOf'>): void {
  const rule = itsClass === 'emergency' ? ruleFor(issuerUnitId, store) : undefined
  if (rule === undefined || personsNeeded(rule, { purpose: 'alert', kind: 'real', level: 5, targeted: broadcast.clustersOf(targets).length }) === 1) return
  throw new ApiError('LOA_ERR_SECOND_PERSON', 'the rule of the unit wants two persons: prepare it at POST /v1/alerts', 'quy định của đơn vị yêu cầu hai người xác nhận: hãy soạn tại POST /v1/alerts')
}
