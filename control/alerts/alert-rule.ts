import type { Broadcast } from '../broadcast-port.ts'
import type { NewOrder } from '../order-rules.ts'
import { ApiError } from '../problem.ts'
import type { Store } from '../store-port.ts'
import type { AlertRecord, AlertRuleRecord } from './alert-port.ts'

export const DEFAULT_WAIT_MS = 10 * 60_000

/** What must be done before an alert is on the air. */
export interface AlertDemand {
  readonly persons: 1 | 2
  /** How long the second is waited for. */
  readonly waitMs: number
  /** Whether one may do without the second, giving a reason. */
  readonly breakGlass: boolean
}

const ONE_PERSON: AlertDemand = { persons: 1, waitMs: DEFAULT_WAIT_MS, breakGlass: true }

type RuleStore = Pick<Store, 'units' | 'clusters' | 'alertRules'>
type Meaning = Pick<Broadcast, 'clustersOf'>
type Judged = Pick<AlertRecord, 'purpose' | 'kind' | 'level' | 'targeted' | 'issuerUnitId' | 'targets'>

/** The rule that holds at a unit: of itself and those above it the nearest. */
export function ruleFor(unitId: string, store: Pick<Store, 'units' | 'alertRules'>): AlertRuleRecord | undefined {
  for (const id of store.units.ancestors(unitId)) {
    const rule = store.alertRules.get(id)
    if (rule !== undefined) return rule
  }
  return undefined
}

/**
 * The strictest of the rules that hold at the unit that issues it and at every unit meant: those that are named and those whose clusters it reaches.
 * What corrects or cancels an alert needs no second person: it goes where two have agreed to sound, and a false alarm must not wait for anybody.
 */
export function demandOf(alert: Judged, store: RuleStore, broadcast: Meaning): AlertDemand {
  if (alert.purpose === 'correction' || alert.purpose === 'cancellation') return ONE_PERSON
  const rules = new Map(store.alertRules.all().map((rule) => [rule.unitId, rule]))
  if (rules.size === 0) return ONE_PERSON
  const clusterIds = broadcast.clustersOf(alert.targets)
  // Groups and units may have grown since it was prepared.
  const judged = { ...alert, targeted: Math.max(alert.targeted, clusterIds.length) }
  // Most have no rule that could matter, and nobody looks for the units of ten thousand clusters then.
  if (![...rules.values()].some((rule) => wantsTwo(rule, judged))) return ONE_PERSON
  const unitIds = new Set([alert.issuerUnitId, ...alert.targets.units, ...store.clusters.unitsOf(clusterIds)])
  const holders = new Set([...unitIds].map((id) => store.units.ancestors(id).find((above) => rules.has(above))))
  return strictest([...rules.values()].filter(({ unitId }) => holders.has(unitId)), judged)
}

/** Of the rules that want two the shortest wait, and whether all of them let one do without. */
export function strictest(rules: readonly AlertRuleRecord[], alert: Pick<AlertRecord, 'kind' | 'level' | 'targeted'>): AlertDemand {
  return rules.filter((rule) => wantsTwo(rule, alert)).reduce<AlertDemand>((demand, { waitMs, breakGlass }) => ({
    persons: 2,
    waitMs: demand.persons === 1 ? waitMs : Math.min(demand.waitMs, waitMs),
    breakGlass: demand.breakGlass && breakGlass,
  }), ONE_PERSON)
}

const wantsTwo = ({ twoPersons }: AlertRuleRecord, { kind, level, targeted }: Pick<AlertRecord, 'kind' | 'level' | 'targeted'>): boolean =>
  twoPersons.some((fits) => fits.kinds.includes(kind) && level >= fits.level && targeted >= fits.clusters)

/**
 * An emergency that is given as a plain order has no second person. It counts as real and gravest, so where that needs two it must be an alert.
 * @throws ApiError LOA_ERR_SECOND_PERSON
 */
export function refuseIfTwoNeeded({ class: itsClass, issuerUnitId, targets }: NewOrder, store: RuleStore, broadcast: Meaning): void {
  if (itsClass !== 'emergency') return
  const { persons } = demandOf({ purpose: 'alert', kind: 'real', level: 5, targeted: broadcast.clustersOf(targets).length, issuerUnitId, targets }, store, broadcast)
  if (persons === 1) return
  throw new ApiError('LOA_ERR_SECOND_PERSON', 'the rule of a unit wants two persons: prepare it at POST /v1/alerts', 'quy định của đơn vị yêu cầu hai người xác nhận: hãy soạn tại POST /v1/alerts')
}
