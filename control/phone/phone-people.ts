import type { AlertCaller } from '../alerts/alert-request.ts'
import { verifyPassword } from '../password.ts'
import type { ControlClock, PhoneKeyRecord, PhonePinRecord, Store, UserRecord } from '../ports.ts'
import { Rights } from '../rights.ts'
import { totpStep } from '../second-factor.ts'
import type { PhoneCaller, PinGuard, PinLock } from './pin-guard.ts'

/** Somebody who calls, with the rights that he has at this moment. */
export interface PhonePerson {
  readonly user: UserRecord
  readonly pin: PhonePinRecord
  readonly rights: Rights
}

export type Identified =
  | { readonly kind: 'right'; readonly person: PhonePerson }
  | { readonly kind: 'wrong'; readonly locks: readonly PinLock[] }
  | { readonly kind: 'locked' }

/** Finds out who calls. */
export class PhonePeople {
  readonly #store: Store
  readonly #clock: ControlClock
  readonly #guard: PinGuard
  readonly #pause: (ms: number) => Promise<void>

  constructor(store: Store, clock: ControlClock, guard: PinGuard, pause: (ms: number) => Promise<void>) {
    this.#store = store
    this.#clock = clock
    this.#guard = guard
    this.#pause = pause
  }

  /**
   * Whose number and PIN these are. A number that nobody has takes as long, and what is wrong is not told apart.
   * @throws ApiError LOA_ERR_BUSY
   */
  async identify(number: string, pin: string, caller: PhoneCaller): Promise<Identified> {
    const waitMs = this.#guard.waitMs(number, caller)
    if (waitMs > 0) await this.#pause(waitMs)
    if (!this.#guard.begin(number, caller)) return { kind: 'locked' }
    let isDecided = false
    try {
      const before = this.#store.phonePins.byNumber(number)
      const isRight = await verifyPassword(pin, before?.pinHash, this.#guard.isKnown(number, caller) ? 'known' : 'strangers', 'phone')
      const person = isRight && before !== undefined ? this.find(before.userId) : undefined
      isDecided = true
      if (person === undefined || person.pin.pinHash !== before?.pinHash) return { kind: 'wrong', locks: this.#guard.failed(number, caller) }
      // Who has a code to give as well is let in by that.
      if (person.pin.needsCode) this.#guard.undecided(number, caller)
      else this.#guard.succeeded(number, caller)
      return { kind: 'right', person }
    } finally {
      if (!isDecided) this.#guard.undecided(number, caller)
    }
  }

  /** The code of his authenticator, each taken once. */
  proveCode({ user: { id }, pin: { number } }: PhonePerson, code: string, caller: PhoneCaller): Identified {
    if (!this.#guard.begin(number, caller)) return { kind: 'locked' }
    const person = this.find(id)
    const secret = person?.user.totpSecret ?? null
    const step = secret === null || person === undefined ? null : totpStep(secret, code, this.#clock.wallMs(), person.user.totpUsedStep)
    if (person === undefined || step === null) return { kind: 'wrong', locks: this.#guard.failed(number, caller) }
    this.#store.users.update(id, { totpUsedStep: step })
    this.#guard.succeeded(number, caller)
    return { kind: 'right', person }
  }

  /** As he is now; undefined: he may not log in, or has no PIN any more. */
  find(userId: string): PhonePerson | undefined {
    const [user, pin] = [this.#store.users.get(userId), this.#store.phonePins.get(userId)]
    if (user?.enabled !== true || pin === undefined) return undefined
    return { user, pin, rights: new Rights(user.grants, (unitId) => this.#store.units.ancestors(unitId)) }
  }

  /** As `find`, for ending what he has begun: whatever has become of him meanwhile. */
  asCaller(userId: string, name: string, unitId: string): PhonePerson {
    return this.find(userId) ?? {
      user: { id: userId, login: '', name, grants: [], passwordHash: '', totpSecret: null, totpPending: null, totpUsedStep: 0, recoveryHashes: [], enabled: false, createdAtMs: 0 },
      pin: { userId, number: '', pinHash: '', unitId, language: 'vi', needsCode: false, callerIds: [], changedAtMs: 0 },
      rights: new Rights([], () => []),
    }
  }

  /** Whether he may put anything on the air in the name of his unit, which still is. */
  maySpeak({ pin: { unitId }, rights }: PhonePerson): boolean {
    return this.#store.units.get(unitId)?.endedAtMs === null && (rights.holds('air', unitId) || rights.holds('emergency', unitId))
  }

  /** What is behind his keys: of each his own, else that of his unit. */
  keys({ user, pin }: PhonePerson): readonly PhoneKeyRecord[] {
    const byKey = new Map<string, PhoneKeyRecord>()
    for (const key of this.#store.phoneKeys.of(pin.unitId, user.id)) {
      if (key.userId !== null || !byKey.has(key.key)) byKey.set(key.key, key)
    }
    return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  }
}

/** As whom alerts are prepared and confirmed: a call is a session of its own. */
export const callerOf = ({ user, rights }: PhonePerson, callId: string): AlertCaller => ({ kind: 'person', actorId: user.id, credentialId: callId, name: user.name, rights })
