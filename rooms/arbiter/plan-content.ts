import type { Plan } from '../plan.ts'

/** What of `plan` is still to come or going on at `nowSamples`; `plan` itself when nothing is over. */
export function remainderOf(plan: Plan, nowSamples: number): Plan {
  let past = 0
  while (past < plan.length && plan[past]!.untilSamples <= nowSamples) past++
  return past === 0 ? plan : plan.slice(past)
}

/** Whether both mean the same from `nowSamples` on; when a segment going on has begun makes no difference. */
export function samePlanFrom(a: Plan, b: Plan, nowSamples: number): boolean {
  const x = remainderOf(a, nowSamples)
  const y = remainderOf(b, nowSamples)
  if (x.length !== y.length) return false
  return x.every((segment, index) => {
    const other = y[index]!
    return (
      segment.room === other.room &&
      segment.orderId === other.orderId &&
      segment.untilSamples === other.untilSamples &&
      (segment.fromSamples === other.fromSamples || (segment.fromSamples <= nowSamples && other.fromSamples <= nowSamples)) &&
      segment.class === other.class &&
      segment.title === other.title &&
      segment.under?.orderId === other.under?.orderId &&
      segment.under?.title === other.under?.title
    )
  })
}

/** Equal for equal plans only. */
export const planKey = (plan: Plan): string => {
  let key = ''
  // Order ids say the class and the title; lengths are not needed, for a room and an id hold no line feed.
  for (const { room, fromSamples, untilSamples, orderId, under } of plan) key += `${room}\n${String(fromSamples)}\n${String(untilSamples)}\n${orderId}\n${under?.orderId ?? ''}\n`
  return key
}
