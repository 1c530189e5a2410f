import { randomUUID } from 'node:crypto'
import { msToSamples } from '../../rooms/grid.ts'
import type { SourceAttempt } from '../link/messages.ts'
import { ToldAgain } from '../link/told-again.ts'
import type { IngestOutcome } from '../sources/ingest-protocol.ts'
import type { Refusal, SourceKey } from './credentials.ts'

/** Refusals of one kind from one address within this time are told as one. */
const ONE_SAMPLES = msToSamples(60_000)
/** Refusals are told together, so that a flood of wrong keys is a few messages. */
const REPORT_MS = 1000
/** So many addresses are told apart at once, of all sources; what comes from others counts together. */
const MOST_APART = 100

export type Attempt = Pick<SourceAttempt, 'sourceId' | 'protocol' | 'accepted' | 'reason' | 'keyId' | 'keyClass' | 'remoteAddress' | 'userAgent'>

/** @param key what was found by the key that was shown */
export const refusedKey = (key: SourceKey | Refusal): Pick<Attempt, 'accepted' | 'reason' | 'keyId' | 'keyClass'> => ({ accepted: false, reason: key === 'missing-key' ? 'key-missing' : 'key-wrong', keyId: null, keyClass: null })

/** What an engine has answered. */
export function attemptOf(outcome: IngestOutcome): Pick<Attempt, 'accepted' | 'reason'> {
  if (outcome.accepted) return { accepted: true, reason: outcome.tookOver ? 'took-over' : 'free' }
  const { reason } = outcome
  return { accepted: false, reason: reason === 'unknown' || reason === 'bad-hello' || reason === 'engine-away' ? 'no-engine' : reason }
}

/** Tells control who wanted to send to a source, and what became of it; whatever comes, it stays a few entries. */
export class AttemptReporter {
  readonly #nowSamples: () => number
  readonly #told: ToldAgain<SourceAttempt>
  /** Refusals that more may be added to. */
  readonly #open = new Map<string, SourceAttempt>()
  readonly #changed = new Map<string, SourceAttempt>()
  #timer: NodeJS.Timeout | null = null

  /** @param nowSamples house samples */
  constructor(nowSamples: () => number, send: (items: readonly SourceAttempt[]) => void) {
    this.#nowSamples = nowSamples
    this.#told = new ToldAgain(send)
  }

  note(attempt: Attempt): void {
    const atSamples = Math.floor(this.#nowSamples())
    if (attempt.accepted) {
      this.#told.tell([{ ...attempt, id: randomUUID(), atSamples, lastSamples: atSamples, count: 1 }])
      return
    }
    for (const [name, known] of this.#open) if (atSamples - known.atSamples >= ONE_SAMPLES) this.#open.delete(name)
    const nameOf = (address: string): string => [attempt.sourceId, attempt.protocol, attempt.reason, address].join(' ')
    const remoteAddress = this.#open.has(nameOf(attempt.remoteAddress)) || this.#open.size < MOST_APART ? attempt.remoteAddress : ''
    const name = nameOf(remoteAddress)
    const known = this.#open.get(name)
    const entry = known === undefined ? { ...attempt, remoteAddress, id: randomUUID(), atSamples, lastSamples: atSamples, count: 1 } : { ...known, lastSamples: atSamples, count: known.count + 1 }
    this.#open.set(name, entry)
    this.#changed.set(entry.id, entry)
    this.#timer ??= setTimeout(() => {
      this.#report()
    }, REPORT_MS)
  }

  /** Control has come (back). */
  tellAll(): void {
    this.#report()
    this.#told.tellAll()
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #report(): void {
    this.close()
    this.#timer = null
    this.#told.tell([...this.#changed.values()])
    this.#changed.clear()
  }
}
