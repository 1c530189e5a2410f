/** A clip as it stands in a list; the same clip may stand there twice, so each place has a key of its own. */
export interface Place {
  readonly key: string
  readonly id: string
  readonly name: string
  readonly durationMs: number
}

type Clip = Omit<Place, 'key'>

export const placesOf = (clips: readonly Clip[]): readonly Place[] => clips.map(({ id, name, durationMs }, index) => ({ key: `kept-${String(index)}`, id, name, durationMs }))

/** At the end, under a key that none of them has. */
export function withClip(places: readonly Place[], { id, name, durationMs }: Clip): readonly Place[] {
  const used = new Set(places.map(({ key }) => key))
  let number = places.length
  while (used.has(`new-${String(number)}`)) number++
  return [...places, { key: `new-${String(number)}`, id, name, durationMs }]
}

/** One place up (−1) or down (1); at the end of the list nothing moves. */
export function shifted(places: readonly Place[], key: string, by: -1 | 1): readonly Place[] {
  const from = places.findIndex((place) => place.key === key)
  const other = places[from + by]
  if (from < 0 || other === undefined) return places
  return places.map((place, at) => (at === from ? other : at === from + by ? places[from]! : place))
}

/** What was dragged stands before or after the place where it was let go, in the order it had. */
export function dropped(places: readonly Place[], keys: ReadonlySet<unknown>, target: unknown, position: 'before' | 'after'): readonly Place[] {
  if (keys.has(target)) return places
  const rest = places.filter(({ key }) => !keys.has(key))
  const at = rest.findIndex(({ key }) => key === target)
  if (at < 0) return places
  const cut = position === 'before' ? at : at + 1
  return [...rest.slice(0, cut), ...places.filter(({ key }) => keys.has(key)), ...rest.slice(cut)]
}

export const lengthMs = (places: readonly Pick<Place, 'durationMs'>[]): number => places.reduce((sum, { durationMs }) => sum + durationMs, 0)

export const isSameOrder = (places: readonly Pick<Place, 'id'>[], clips: readonly Pick<Clip, 'id'>[]): boolean => places.length === clips.length && places.every(({ id }, at) => clips[at]!.id === id)

/** The address at which the schedule opens a new item with these clips. */
export const scheduleHref = (clips: readonly Pick<Clip, 'id'>[]): string => `/schedule?clips=${clips.map(({ id }) => encodeURIComponent(id)).join(',')}`
