import type { PostBody, Schemas } from '../../../../control/client/index.ts'

export type Template = Schemas['AlertTemplate']
type Body = PostBody<'/v1/alert-templates'>

/** What the form of a template holds: numbers that are chosen stand as texts. */
export interface TemplateValues {
  readonly unitId: string
  readonly hazard: Template['hazard']
  readonly title: string
  readonly level: string
  readonly text: string
  readonly voice: Template['voice']
  readonly times: number
  /** `0`: not repeated. */
  readonly everyHours: string
  readonly hours: number
  readonly recordings: Template['recordings']
}

const HOUR_MS = 3_600_000
/** Slowly, as a horn is understood: letters in a second. */
const LETTERS_PER_SECOND = 12

/** @param unitId of whoever makes it; of one that is changed its own is kept */
export function valuesOf(template: Template | null, unitId: string): TemplateValues {
  if (template === null) return { unitId, hazard: 'flood', title: '', level: '3', text: '', voice: 'north', times: 3, everyHours: '0', hours: 6, recordings: [] }
  const { hazard, title, level, text, voice, recordings, repeat: { times, everyHours }, durationMs } = template
  return { unitId: template.unitId ?? unitId, hazard, title, level: String(level), text, voice, times, everyHours: String(everyHours ?? 0), hours: durationMs / HOUR_MS, recordings }
}

/** As it is sent. */
export function bodyOf({ unitId, hazard, title, level, text, voice, times, everyHours, hours, recordings }: TemplateValues): Body {
  return {
    unitId, hazard, title: title.trim(), level: Number(level) as Template['level'], text: text.trim(), voice, recordings: [...recordings],
    repeat: { times, everyHours: everyHours === '0' ? null : (Number(everyHours) as NonNullable<Template['repeat']['everyHours']>) },
    durationMs: Math.round(hours * HOUR_MS),
  }
}

/** The text as it would sound with these words in its slots; a slot without a word keeps its name. */
export const sampleOf = (text: string, samples: Readonly<Record<string, string>>): string => text.replaceAll(/\{([a-z][a-z0-9_]{0,31})\}/g, (_whole, name: string) => samples[name] ?? `… (${name})`)

/** About how long it takes to be read once, s. */
export const readSeconds = (text: string): number => Math.ceil(text.length / LETTERS_PER_SECOND)
