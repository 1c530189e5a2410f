import type { SourceRecord } from '../../control/ports.ts'
import { hasKey, inputsOf } from '../../control/source-rules.ts'
import type { HandOver } from '../../rooms/arbiter/index.ts'

/** A stretch on the air: from and until, house samples. */
export type AirTime = readonly [fromSamples: number, untilSamples: number]

/** Further ahead than this many nobody needs to know: each that is over brings the next. */
const MOST_TOLD = 16

/** An order that plays a source, as far as it is planned. */
export interface SourcePlay extends Record<'fromSamples' | 'untilSamples', number> {
  readonly sourceId: string
}

/** The sources of a live order one after another, each to the end of the fade into the next. Two that fade into one another are both on the air. */
export function playsOf({ sourceId, handOvers = [] }: { readonly sourceId: string; readonly handOvers?: readonly HandOver[] }, startSamples: number, endSamples: number): SourcePlay[] {
  const turns = [{ sourceId, atSamples: startSamples }, ...handOvers]
  return turns.map(({ sourceId, atSamples }, index): SourcePlay => {
    const next = handOvers[index]
    return { sourceId, fromSamples: Math.max(startSamples, atSamples), untilSamples: Math.min(endSamples, next === undefined ? Infinity : next.atSamples + next.crossfadeSamples) }
  })
}

/**
 * When each of the sources that something sends to is on the air: itself, or a source that has it as an input or falls back on it.
 * @param keepUntil what was over before this house sample is left out
 * @returns by source, in order, without overlap; a source with none is not among them
 */
export function airTimes(sources: readonly SourceRecord[], plays: Iterable<SourcePlay>, keepUntil: number): ReadonlyMap<string, readonly AirTime[]> {
  const byId = new Map(sources.map((source) => [source.id, source]))
  const reached = new Map<string, ReadonlySet<string>>()
  const times = new Map<string, AirTime[]>()
  for (const { sourceId, fromSamples, untilSamples } of plays) {
    if (untilSamples <= keepUntil || untilSamples <= fromSamples) continue
    let ids = reached.get(sourceId)
    if (ids === undefined) reached.set(sourceId, ids = reachedFrom(sourceId, byId))
    for (const id of ids) {
      const known = times.get(id)
      if (known === undefined) times.set(id, [[fromSamples, untilSamples]])
      else known.push([fromSamples, untilSamples])
    }
  }
  return new Map([...times].map(([id, all]) => [id, merged(all).slice(0, MOST_TOLD)]))
}

/** Of the source and all that may sound in its place, those that something sends to. */
function reachedFrom(sourceId: string, byId: ReadonlyMap<string, SourceRecord>): ReadonlySet<string> {
  const found = new Set<string>()
  const look = (id: string): void => {
    const source = byId.get(id)
    if (source === undefined || found.has(id)) return
    found.add(id)
    for (const next of inputsOf(source)) look(next)
  }
  look(sourceId)
  return new Set([...found].filter((id) => hasKey(byId.get(id)!)))
}

function merged(times: readonly AirTime[]): AirTime[] {
  const all: AirTime[] = []
  for (const [from, until] of times.toSorted(([a], [b]) => a - b)) {
    const last = all.at(-1)
    if (last !== undefined && from <= last[1]) all[all.length - 1] = [last[0], Math.max(last[1], until)]
    else all.push([from, until])
  }
  return all
}
