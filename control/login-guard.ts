import type { ControlClock } from './ports.ts'

/** Wrong tries before a wait, and the longest wait. */
const FREE_OF_PAIR = 5
const FREE_OF_ADDRESS = 20
/** Once an account has had so many wrong tries from anywhere, a strange address has one before it waits. */
const ATTACKED_AFTER = 50
const FREE_WHEN_ATTACKED = 1
/** Two guesses a minute find no password. */
const MOST_WAIT_KNOWN_MS = 30_000
const MOST_WAIT_MS = 15 * 60_000
/** Wrong tries are forgotten so long after the last. */
const FORGET_MS = 60 * 60_000
/** An address from which the right password came is no stranger for so long. */
const KNOWN_MS = 30 * 24 * 3_600_000
const MOST_KEPT = 20_000

interface Tally {
  readonly failures: number
  readonly lastMs: number
}

/**
 * Slows down who guesses passwords, without giving him a way to keep somebody else out. Waits belong to an account *from an address*, and to an
 * address; never to an account as such: whoever comes from another address, such as an emergency officer in the night, is not made to wait by
 * what others have tried. An account that is guessed at from many addresses leaves each strange one a single free try, so that a right password
 * always gets through at the first. Sessions and tokens are not touched by any of it.
 *
 * Waits double: 1 s after the fifth wrong try of a pair, 2 s after the sixth, at most 15 min. The account is counted by the login as it was typed, whether or
 * not there is such a user. All tables are bounded: beyond 20 000 entries the oldest is forgotten. Kept in memory: a restart forgets.
 */
export class LoginGuard {
  readonly #clock: ControlClock
  readonly #pairs = new Map<string, Tally>()
  readonly #addresses = new Map<string, Tally>()
  readonly #accounts = new Map<string, Tally>()
  readonly #known = new Map<string, number>()

  constructor(clock: ControlClock) {
    this.#clock = clock
  }

  /** @returns 0, or how many ms are to be waited before the next try, which must then not even be looked at */
  waitMs(account: string, address: string): number {
    const nowMs = this.#clock.wallMs()
    const network = networkOf(address)
    const pair = pairOf(account, network)
    const isKnown = this.isKnown(account, address)
    const isAttacked = (this.#current(this.#accounts, account, nowMs)?.failures ?? 0) >= ATTACKED_AFTER
    return Math.max(
      // Behind one address there may be an office: who guesses there can hold up who has been let in before for a moment only.
      this.#waitOf(this.#pairs, pair, isAttacked && !isKnown ? FREE_WHEN_ATTACKED : FREE_OF_PAIR, nowMs, isKnown ? MOST_WAIT_KNOWN_MS : MOST_WAIT_MS),
      // Who shares the address with somebody who guesses is not held up where he has been let in before.
      isKnown ? 0 : this.#waitOf(this.#addresses, network, FREE_OF_ADDRESS, nowMs),
    )
  }

  /** Whether somebody was let in with this login from there in the last 30 days. */
  isKnown(account: string, address: string): boolean {
    return (this.#known.get(pairOf(account, networkOf(address))) ?? -Infinity) > this.#clock.wallMs() - KNOWN_MS
  }

  /** A try is to be looked at. It counts as wrong from now on, so that a hundred at once are not one. */
  tried(account: string, address: string): void {
    this.#count(account, address, 1)
  }

  /** The password was right, but a code is missing: neither wrong nor a success. */
  undecided(account: string, address: string): void {
    this.#count(account, address, -1)
  }

  /** The right password, and the right code where one is needed. The address stays as suspicious as it was. */
  succeeded(account: string, address: string): void {
    this.#count(account, address, -1)
    const pair = pairOf(account, networkOf(address))
    this.#pairs.delete(pair)
    put(this.#known, pair, this.#clock.wallMs())
  }

  get size(): number {
    return Math.max(this.#pairs.size, this.#addresses.size, this.#accounts.size, this.#known.size)
  }

  #waitOf(tallies: Map<string, Tally>, key: string, free: number, nowMs: number, mostMs = MOST_WAIT_MS): number {
    const tally = this.#current(tallies, key, nowMs)
    if (tally === undefined || tally.failures < free) return 0
    const waitMs = Math.min(1000 * 2 ** (tally.failures - free), mostMs)
    return Math.max(0, tally.lastMs + waitMs - nowMs)
  }

  #count(account: string, address: string, change: 1 | -1): void {
    const nowMs = this.#clock.wallMs()
    const network = networkOf(address)
    for (const [tallies, key] of [[this.#pairs, pairOf(account, network)], [this.#addresses, network], [this.#accounts, account]] as const) {
      const failures = (this.#current(tallies, key, nowMs)?.failures ?? 0) + change
      if (failures > 0) put(tallies, key, { failures, lastMs: nowMs })
      else tallies.delete(key)
    }
  }

  /** A clock that was set back makes nobody wait for it. */
  #current(tallies: Map<string, Tally>, key: string, nowMs: number): Tally | undefined {
    const tally = tallies.get(key)
    return tally !== undefined && nowMs >= tally.lastMs && nowMs < tally.lastMs + FORGET_MS ? tally : undefined
  }
}

const pairOf = (account: string, network: string): string => `${network} ${account}`

/** Whoever has an IPv6 address has the /64 around it. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  if (tail !== undefined) {
    const rest = tail.split(':').filter((group) => group !== '')
    while (groups.length + rest.length < 8) groups.push('0')
    groups.push(...rest)
  }
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase()).join(':')
}

/** Keeps what is newest. */
function put<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.delete(key)
  entries.set(key, value)
  if (entries.size > MOST_KEPT) entries.delete(entries.keys().next().value!)
}
