/**
 * Moves a row that is wider than its place sideways, and nothing else, until the chosen one is in its middle; again whenever the place gets another width.
 * @returns ends it
 */
export function keepInSight(row: HTMLElement | null, chosen: string): () => void {
  if (row === null) return () => undefined
  // It tells the first width too.
  const widths = new ResizeObserver(() => {
    const one = row.querySelector<HTMLElement>(chosen)
    if (one === null) return
    const [place, own] = [row.getBoundingClientRect(), one.getBoundingClientRect()]
    row.scrollLeft += own.left + own.width / 2 - (place.left + place.width / 2)
  })
  widths.observe(row)
  return () => { widths.disconnect() }
}
