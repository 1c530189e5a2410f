/** Moves a row that is wider than its place sideways, and nothing else, until the chosen one is in its middle. */
export function bringInSight(row: HTMLElement | null, chosen: string): void {
  const one = row?.querySelector<HTMLElement>(chosen)
  if (row == null || one == null) return
  const [place, own] = [row.getBoundingClientRect(), one.getBoundingClientRect()]
  row.scrollLeft += own.left + own.width / 2 - (place.left + place.width / 2)
}
