import autocannon from 'autocannon'
import type { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** Requests a second. */
export const RATE = 300
/**
 * autocannon sends what it may send in a second at once, at the second's beginning, and fills gaps of one millisecond with
 * times nobody has waited. So many of them take turns, each on one connection, and the times are taken from their responses.
 */
const CANNONS = 30

export interface Answers {
  readonly latenciesMs: readonly number[]
  readonly notOk: number
  readonly failed: number
}

/** Sends the mixture at that rate, and says how long each answer took. */
export async function shoot(url: string, headers: Record<string, string>, requests: autocannon.Request[], seconds: number): Promise<Answers> {
  const latenciesMs: number[] = []
  let [notOk, failed] = [0, 0]
  const cannons: Promise<autocannon.Result>[] = []
  for (let index = 0; index < CANNONS; index += 1) {
    // Each begins at another place of the mixture.
    const mixture = requests.map((_, place) => requests[(place + index) % requests.length]!)
    const cannon = autocannon({ url, connections: 1, overallRate: RATE / CANNONS, duration: seconds, headers, requests: mixture }) as unknown as EventEmitter & Promise<autocannon.Result>
    void cannon.on('response', (_client: unknown, status: number, _bytes: number, latencyMs: number) => {
      latenciesMs.push(latencyMs)
      if (status < 200 || status > 299) notOk += 1
    })
    cannons.push(cannon)
    await delay(1000 / CANNONS)
  }
  for (const { errors } of await Promise.all(cannons)) failed += errors
  return { latenciesMs, notOk, failed }
}
