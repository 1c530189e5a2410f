import type { PostBody, Schemas } from '../../../../control/client/index.ts'
import { countTargets, NO_TARGETS, type DrawnTargets, type Targets } from '../../parts/targets/targets.ts'

export type AlertKind = Schemas['Alert']['kind']
export type Hazard = Schemas['Alert']['hazard']
export type Level = Schemas['Alert']['level']
type Template = Schemas['AlertTemplate']
type PrepareBody = PostBody<'/v1/alerts'>

export const KINDS: readonly AlertKind[] = ['real', 'exercise', 'test']
export const HAZARDS: readonly Hazard[] = ['flood', 'storm', 'dam-release', 'fire', 'epidemic', 'missing-person', 'all-clear', 'other']
export const LEVELS: readonly Level[] = [1, 2, 3, 4, 5]
export const WAYS = ['template', 'type', 'speak'] as const
export type Way = (typeof WAYS)[number]

interface LatLon { readonly lat: number; readonly lon: number }

/** An alert while somebody composes it. */
export interface Draft {
  readonly kind: AlertKind
  readonly way: Way
  readonly templateId: string | null
  /** What was filled in by hand; other slots fill themselves. */
  readonly slots: Readonly<Record<string, string>>
  /** null: as the template has it. */
  readonly level: Level | null
  readonly hazard: Hazard
  readonly title: string
  readonly text: string
  readonly targets: Targets
  readonly polygon: readonly LatLon[] | null
}

/** @param mine units at which the right is held; null: everywhere. Who has one place means that, until he says otherwise */
export const firstDraft = (mine: readonly string[] | null): Draft => ({ kind: 'real', way: 'template', templateId: null, slots: {}, level: null, hazard: 'other', title: '', text: '', targets: mine?.length === 1 ? { units: [...mine] } : NO_TARGETS, polygon: null })

/** A test names clusters only, so what else was chosen does not count for it; nor does an area. */
export const targetsFor = ({ kind, targets }: Pick<Draft, 'kind' | 'targets'>): Targets => (kind === 'test' ? (targets.clusters === undefined ? NO_TARGETS : { clusters: targets.clusters }) : targets)

const MOST_DECIMALS = 1e6
const FEWEST_CORNERS = 3

/** @returns null when nothing is chosen */
export function drawnTargets(draft: Pick<Draft, 'kind' | 'targets' | 'polygon'>, mine: readonly string[] | null): DrawnTargets | null {
  const targets = targetsFor(draft)
  const ring = draft.kind === 'test' || draft.polygon === null || draft.polygon.length < FEWEST_CORNERS ? null : draft.polygon.map(({ lat, lon }) => [Math.round(lon * MOST_DECIMALS) / MOST_DECIMALS, Math.round(lat * MOST_DECIMALS) / MOST_DECIMALS])
  if (ring === null) return countTargets(targets) === 0 ? null : targets
  // Without the right everywhere an area means only what lies within one's own units.
  return { ...targets, selection: { area: { type: 'Polygon', coordinates: [[...ring, ring[0]!]] }, ...(mine === null ? {} : { units: [...mine], match: 'all' }) } }
}

const MOST_SLOT_CHARACTERS = 300

/** Words for the slots of a template: what was filled in, else what follows from the rest. */
export function slotsOf(template: Pick<Template, 'slots'>, draft: Pick<Draft, 'slots'>, names: readonly string[], now: string): Record<string, string> {
  const own: Readonly<Record<string, string>> = { place: names.join(', ').slice(0, MOST_SLOT_CHARACTERS), time: now }
  return Object.fromEntries(template.slots.map((slot) => [slot, draft.slots[slot] ?? own[slot] ?? '']))
}

/** The text as it will be spoken; a slot without words stays in its braces. */
export const filledText = (text: string, slots: Readonly<Record<string, string>>, level: Level): string =>
  text.replaceAll(/\{([a-z][a-z0-9_]*)\}/g, (whole, name: string) => (name === 'level' ? String(level) : slots[name] === undefined || slots[name] === '' ? whole : slots[name]))

export type Missing = 'needWhat' | 'needSlots' | 'needTitle' | 'needText' | 'needMicrophone' | 'needWhere'

export interface Ready {
  readonly template: Template | null
  readonly slots: Readonly<Record<string, string>>
  readonly targets: DrawnTargets | null
  /** The microphone's; null: it is not open. */
  readonly sourceId: string | null
}

/** What has still to be done before it can be prepared, in the order of the screen. */
export function missingOf(draft: Draft, { template, slots, targets, sourceId }: Ready): Missing[] {
  const is = (missing: Missing, when: boolean): Missing[] => (when ? [missing] : [])
  return [
    ...(draft.way === 'template' ? [...is('needWhat', template === null), ...is('needSlots', Object.values(slots).some((words) => words.trim() === ''))] : is('needTitle', draft.title.trim() === '')),
    ...is('needText', draft.way === 'type' && draft.text.trim() === ''),
    ...is('needMicrophone', draft.way === 'speak' && sourceId === null),
    ...is('needWhere', targets === null),
  ]
}

/** Somebody who forgets to end what he says live blocks the loudspeakers no longer than this. */
const LIVE_MS = 3_600_000
const DEFAULT_LEVEL: Level = 3

/** What is sent. @returns null while something is missing */
export function bodyOf(draft: Draft, ready: Ready): PrepareBody | null {
  const { template, slots, targets, sourceId } = ready
  if (targets === null || missingOf(draft, ready).length > 0) return null
  if (draft.way === 'template') return { kind: draft.kind, templateId: template!.id, slots, targets, ...(draft.level === null ? {} : { level: draft.level }) }
  const about = { kind: draft.kind, hazard: draft.hazard, level: draft.level ?? DEFAULT_LEVEL, title: draft.title.trim(), targets }
  return draft.way === 'type' ? { ...about, parts: [{ language: 'vi', text: draft.text.trim() }] } : { ...about, sourceId: sourceId!, durationMs: LIVE_MS }
}

export const levelOf = (draft: Pick<Draft, 'level' | 'way'>, template: Template | null): Level => draft.level ?? (draft.way === 'template' && template !== null ? template.level : DEFAULT_LEVEL)
