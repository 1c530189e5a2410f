import { KEY_CLASSES, type AttemptReason, type KeyClass } from '../../control/ingest-port.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import type { AdmissionSpec } from '../link/messages.ts'

/** Who wants to send, as the fan-out found by the key. */
export interface Publisher {
  readonly keyClass: KeyClass
  /** Says which key it was, without telling it. */
  readonly keyTag: string
}

export interface GateRules {
  readonly takeover: 'refuse' | 'replace'
  readonly admission: AdmissionSpec
}

export type GateVerdict =
  | { readonly accepted: true; readonly reason: Extract<AttemptReason, 'free' | 'took-over'> }
  | GateRefusal

export interface GateRefusal {
  readonly accepted: false
  readonly reason: Extract<AttemptReason, 'busy' | 'on-air' | 'outside-window' | 'key-revoked'>
  /** For `outside-window`: the house sample from which on it may come; null: no window is known. */
  readonly opensAtSamples: number | null
}

const RANK: Readonly<Record<KeyClass, number>> = { emergency: 1, priority: 2, normal: 3 }

/** A line that brings nothing for so long is dead: the studio comes again before its old connection is given up. */
const DEAD_MS = 2000

/** Whether a studio that is connected has been heard, and still sends. */
export const isAlive = ({ hasSound, quietMs }: { readonly hasSound: boolean; readonly quietMs: number }): boolean => hasSound && quietMs < DEAD_MS

const isWithin = (times: AdmissionSpec['airTimes'], nowSamples: number): boolean => times.some(([from, until]) => from <= nowSamples && nowSamples < until)

/**
 * Who may send to a source, and how long. A source on the air changes hands only to a right of higher class, in an emergency to that of
 * emergencies alone; before and after, to an equal one as its own rule says. Emergencies are not bound to windows. Pure but for who is there.
 */
export class StudioGate {
  #rules: GateRules
  #publisher: Publisher | undefined

  constructor(rules: GateRules) {
    this.#rules = rules
  }

  setRules(rules: GateRules): void {
    this.#rules = rules
  }

  /** @param there whether somebody is connected, and whether his line is alive: one that has gone dead is not on the air */
  judge(newcomer: Publisher, there: { readonly isAlive: boolean } | undefined, nowSamples: number): GateVerdict {
    const { takeover, admission } = this.#rules
    const refuse = (reason: GateRefusal['reason'], opensAtSamples: number | null = null): GateRefusal => ({ accepted: false, reason, opensAtSamples })
    if (admission.revokedKeyTags.includes(newcomer.keyTag)) return refuse('key-revoked')
    if (!this.#isOpen(newcomer, nowSamples)) return refuse('outside-window', this.#opensAt(nowSamples))
    if (there === undefined || this.#publisher === undefined) return { accepted: true, reason: 'free' }
    const above = RANK[this.#publisher.keyClass] - RANK[newcomer.keyClass]
    if (newcomer.keyClass !== 'emergency' && there.isAlive && this.#carriesEmergency(nowSamples)) return refuse('on-air')
    if (above > 0) return { accepted: true, reason: 'took-over' }
    if (above < 0 || takeover === 'refuse') return refuse('busy')
    return there.isAlive && this.isOnAir(nowSamples) ? refuse('on-air') : { accepted: true, reason: 'took-over' }
  }

  /** This one is on the line from now on. */
  took(publisher: Publisher): void {
    this.#publisher = publisher
  }

  /** Why who is on the line may stay no longer; null: he may. */
  endReason(nowSamples: number): string | null {
    if (this.#publisher === undefined) return null
    if (this.#rules.admission.revokedKeyTags.includes(this.#publisher.keyTag)) return sourceReason('key-revoked')
    return this.#isOpen(this.#publisher, nowSamples) ? null : sourceReason('outside-window')
  }

  isOnAir(nowSamples: number): boolean {
    return isWithin(this.#rules.admission.airTimes, nowSamples)
  }

  #carriesEmergency(nowSamples: number): boolean {
    return isWithin(this.#rules.admission.emergencyTimes, nowSamples)
  }

  #isOpen({ keyClass }: Publisher, nowSamples: number): boolean {
    const { window, airTimes } = this.#rules.admission
    return window === null || keyClass === 'emergency' || airTimes.some(([from, until]) => from - window.leadSamples <= nowSamples && nowSamples < until + window.tailSamples)
  }

  #opensAt(nowSamples: number): number | null {
    const { window, airTimes } = this.#rules.admission
    const opens = airTimes.map(([from]) => from - (window?.leadSamples ?? 0)).filter((at) => at > nowSamples)
    return opens.length === 0 ? null : Math.min(...opens)
  }
}

/** Those who are being connected at once, which takes a while: of one class the last to come wins, and nobody is kept out by one of a lower class, however often that one comes. */
export class ComingTurns {
  readonly #last: Record<KeyClass, number> = { emergency: 0, priority: 0, normal: 0 }
  #count = 0

  begin({ keyClass }: Publisher): number {
    this.#count += 1
    this.#last[keyClass] = this.#count
    return this.#count
  }

  isOvertaken(turn: number, { keyClass }: Publisher): boolean {
    return KEY_CLASSES.some((other) => RANK[other] <= RANK[keyClass] && this.#last[other] > turn)
  }
}
