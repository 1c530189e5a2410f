import type { OrderClass, Targets } from '../records.ts'
import type { Store } from '../store-port.ts'
import type { NewOrder } from '../order-rules.ts'
import type { PolicyBreachView } from '../schemas/policy.ts'
import { ApiError, type FieldError } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { SEARCH_DAYS, searchFromMs } from '../schedule/collision-search.ts'
import { DEFAULT_ZONE } from '../schedule/item-rules.ts'
import { ClusterIndex, reachableClusters } from '../meant-clusters.ts'
import { occurrencesOf } from '../schedule/occurrences.ts'
import type { ScheduleItemRecord } from '../schedule/schedule-port.ts'
import { clipsMs } from '../mixing-rules.ts'
import { lengthOf } from '../schedule/scheduled-order.ts'
import { cleanText } from '../text.ts'
import { formatTime } from '../time.ts'
import { findFrameBreaches, ruleGroups, type FrameBreach } from './frame-check.ts'
import { breachesOf, effectivePolicy, NO_POLICY, type Stretch } from './policy.ts'
import type { BreachRecord, PolicyRule } from './policy-port.ts'

/** Sums of a day are looked at so far ahead: every weekday once. */
const DAY_RULE_DAYS = 7
const DAY_MS = 86_400_000
/** Of so many units at most the breaches are told: they mostly have one policy. */
const MOST_TOLD = 20

/** What is about to sound. */
export interface Subject {
  readonly subject: BreachRecord['subject']
  readonly id: string
  readonly title: string
  readonly class: OrderClass
  readonly targets: Targets
  readonly zone: string
  /** Of the unit in whose name it is. */
  readonly level: number
  /** By start. */
  readonly stretches: readonly Stretch[]
}

type Found = BreachRecord['breaches']

/** An order as policies see it: clips count as long as they last, not the time they may wait. */
export function orderSubject(order: NewOrder, store: Store): Subject {
  const contentMs = order.clipIds === null ? Infinity : clipsMs(order, store.clips)
  const stretch = { startsAtMs: order.startsAtMs, endsAtMs: Math.min(order.endsAtMs, order.startsAtMs + contentMs) }
  return { subject: 'order', id: order.id, title: order.title, class: order.class, targets: order.targets, zone: DEFAULT_ZONE, level: levelOf(order.issuerUnitId, store), stretches: [stretch] }
}

/** The plays of an item that collisions are looked for in, too. */
export function itemSubject(item: ScheduleItemRecord, store: Store, nowMs: number): Subject {
  const fromMs = searchFromMs(item, nowMs)
  const stretches = item.enabled ? occurrencesOf(item, lengthOf(item, store.clips), fromMs, fromMs + SEARCH_DAYS * DAY_MS) : []
  return { subject: 'schedule-item', id: item.id, title: item.title, class: item.class, targets: item.targets, zone: item.zone, level: levelOf(item.issuerUnitId, store), stretches }
}

const levelOf = (unitId: string, { units }: Pick<Store, 'units'>): number => units.get(unitId)?.level ?? Infinity

/** What it breaks of the policies of the units whose clusters it means; nothing for an emergency. */
export function findBreaches(subject: Subject, store: Store, nowMs: number): Found {
  const policies = store.policies.all()
  const { class: itsClass, targets, zone, stretches } = subject
  if (itsClass === 'emergency' || policies.size === 0 || stretches.length === 0) return []
  const meant = new ClusterIndex(reachableClusters(store)).meant(targets)
  const found: Found[number][] = []
  // Most units have the policy of one above them, and what else is planned is the same for all: each is worked out once.
  const ofPolicy = new Map<string, ReturnType<typeof breachesOf>>()
  let others: readonly Other[] | null = null
  for (const clusters of Map.groupBy(meant, ({ units: [unit] }) => unit ?? '').values()) {
    const lineage = clusters[0]!.units
    const policy = effectivePolicy(lineage, (id) => policies.get(id))
    const key = JSON.stringify({ ...policy, dayMs: null })
    const breaches = ofPolicy.get(key) ?? breachesOf({ ...policy, dayMs: null }, stretches, [], zone)
    ofPolicy.set(key, breaches)
    const beside = (): Stretch[] => {
      others ??= othersComing(subject, store, nowMs)
      const index = new ClusterIndex(clusters)
      return others.filter((other) => index.meansAny(other.targets)).flatMap((other) => other.stretches)
    }
    const ofDay = policy.dayMs === null ? [] : breachesOf({ ...NO_POLICY, dayMs: policy.dayMs }, stretches, beside(), zone)
    for (const { first: { startsAtMs, endsAtMs }, ...breach } of [...breaches, ...ofDay]) found.push({ unitId: lineage[0]!, startsAtMs, endsAtMs, ...breach })
    if (found.length >= MOST_TOLD) break
  }
  return found
}

/** As the API tells it. */
export const breachesView = (breaches: Found): PolicyBreachView['breaches'] => breaches.map(({ startsAtMs, endsAtMs, ...breach }) => ({ ...breach, from: formatTime(startsAtMs), until: formatTime(endsAtMs) }))

interface Other {
  readonly targets: Targets
  readonly stretches: readonly Stretch[]
}

/** What else is planned or ordered in the coming days. */
function othersComing(subject: Subject, store: Store, nowMs: number): Other[] {
  const untilMs = nowMs + DAY_RULE_DAYS * DAY_MS
  const planned = store.schedule.all()
    .filter(({ id, enabled }) => id !== subject.id && enabled)
    .map((item) => ({ targets: item.targets, stretches: occurrencesOf(item, lengthOf(item, store.clips), nowMs, untilMs) }))
  const scheduled = new Set(store.schedule.playsStarting(nowMs - DAY_MS, untilMs).map(({ orderId }) => orderId))
  const ordered = store.orders.unfinished(nowMs)
    .filter(({ id, class: itsClass }) => itsClass !== 'emergency' && !scheduled.has(id))
    .map((order) => ({ targets: order.targets, stretches: [order] }))
  return [...planned, ...ordered]
}

/** Nobody plans for good in a frame of another level but by the will of those who keep it. */
function refuseForeignFrames(frames: readonly FrameBreach[], rights: Rights, store: Store): void {
  const errors = frames.filter(({ keepers }) => !keepers.every((unitId) => rights.holds('plan', unitId))).slice(0, MOST_TOLD).map(({ frame: { name }, keepers, first }) => {
    const who = keepers.slice(0, 5).map((id) => store.units.get(id)?.name ?? id).join(', ')
    const at = formatTime(first.startsAtMs)
    return { path: 'ask', message: `is needed, or another time: at ${at} it falls into the frame '${name}', kept by ${who}`, messageVi: `cần nêu để xin phép, hoặc đổi giờ: lúc ${at} rơi vào khung giờ '${name}' của ${who}` }
  })
  if (errors.length > 0) throw policyError(errors)
}

const policyError = (errors: readonly FieldError[]): ApiError => new ApiError('LOA_ERR_POLICY', errors.map(({ path, message }) => `${path} ${message}`).join('; '), errors.map(({ path, messageVi }) => `${path} ${messageVi}`).join('; '), { errors })

const RULES_EN: Readonly<Record<PolicyRule, string>> = { hours: 'outside the allowed hours', quiet: 'in the quiet hours', play: 'longer than a play may be', day: 'more than may sound on a day', frame: 'in a frame of another level' }
const RULES_VI: Readonly<Record<PolicyRule, string>> = { hours: 'ngoài khung giờ được phép', quiet: 'trong giờ yên tĩnh', play: 'dài hơn thời lượng mỗi lượt phát', day: 'vượt tổng thời lượng trong ngày', frame: 'trong khung giờ của cấp khác' }

/**
 * Lets through what keeps to the policies; what breaks them needs a reason, which is reported. To be called in the transaction of the order or item.
 * @throws ApiError LOA_ERR_POLICY
 */
export function passPolicies(subject: Subject, { reason, by, rights }: { readonly reason: string | undefined; readonly by: string; readonly rights: Rights }, store: Store, nowMs: number): void {
  const frames = findFrameBreaches(subject, ruleGroups(subject, store))
  const breaches = [...findBreaches(subject, store, nowMs), ...frames.slice(0, MOST_TOLD).map(({ unitId, first: { startsAtMs, endsAtMs }, count }) => ({ unitId, rule: 'frame' as const, startsAtMs, endsAtMs, count }))]
  if (breaches.length === 0) return
  if (subject.subject === 'schedule-item') refuseForeignFrames(frames, rights, store)
  if (reason === undefined) {
    const errors = breaches.map(({ unitId, rule, startsAtMs }) => {
      const name = store.units.get(unitId)?.name ?? unitId
      return { path: 'reason', message: `is needed: at ${formatTime(startsAtMs)} it is ${RULES_EN[rule]} of ${name}`, messageVi: `cần nêu: lúc ${formatTime(startsAtMs)} ${RULES_VI[rule]} của ${name}` }
    })
    throw policyError(errors)
  }
  store.policies.report({ atMs: nowMs, by, subject: subject.subject, subjectId: subject.id, title: subject.title, class: subject.class, breaches, reason: cleanText('reason', reason) })
}
