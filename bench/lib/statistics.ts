/** Middle of the values; the mean of the two middle ones when their number is even; NaN when there are none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Smallest value that at least `share` of the values do not exceed; NaN when there are none. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return NaN
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!
}

/** Rounds for people: three figures, no tail of digits. */
export function round(value: number, digits = 3): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value
}

export function spread(values: readonly number[]): { readonly median: number; readonly min: number; readonly max: number; readonly runs: readonly number[] } {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), runs: values.map((value) => round(value, 4)) }
}
