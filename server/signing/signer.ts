import { sign, type KeyObject } from 'node:crypto'
import type { NumberSequence } from './number-sequence.ts'
import type { SigningKey } from './signing-keys.ts'

/** What is signed is this, followed by the bytes of the body; nothing else that is ever signed begins with it. */
export const SIGNED_PREFIX = 'loa-signed-1\n'

export type SignedKind = 'order' | 'command' | 'bundle' | 'keys' | 'device'

/** A message for one cluster, before it has a number. */
export interface Unsigned {
  readonly clusterId: string
  readonly kind: SignedKind
  /** House time as ms since 1970. */
  readonly expiresAtMs: number
  readonly fields: Readonly<Record<string, unknown>>
  /** Left out: the key that signs now. */
  readonly key?: SigningKey
}

export interface Signed {
  readonly clusterId: string
  readonly number: number
  /** The whole envelope as JSON. */
  readonly text: string
}

interface Job {
  readonly message: Unsigned
  readonly number: number
  readonly key: SigningKey
  readonly deliver: (signed: readonly Signed[]) => void
  text: string | null
  failed: boolean
}

/** Jobs in the thread pool at once: enough to keep its threads busy, few enough that a file waits for no more than a ms or two. */
const MOST_IN_FLIGHT = 32

export type SignFunction = (data: Buffer, key: KeyObject, done: (error: Error | null, signature: Buffer) => void) => void

/** Ed25519 in the thread pool: 40 µs a signature, none of it on the event loop. */
const signInPool: SignFunction = (data, key, done) => {
  sign(null, data, key, done)
}

/** The envelope of server/protocol.md, «Signed messages». */
export function envelopeText(keyId: string, body: Buffer, signature: Buffer): string {
  // Base64url and key ids need no escaping.
  return `{"type":"signed","keyId":"${keyId}","body":"${body.toString('base64url')}","signature":"${signature.toString('base64url')}"}`
}

/**
 * Numbers and signs messages. They are delivered in the order in which they were given, whichever thread was quicker, because a device refuses a
 * lower number after a higher one.
 */
export class Signer {
  readonly #currentKey: () => SigningKey
  readonly #numbers: NumberSequence
  readonly #houseMs: () => number
  readonly #sign: SignFunction
  readonly #onError: (error: Error) => void
  /** Delivered in this order; those before `#begun` are in the pool or done. */
  #queue: Job[] = []
  #begun = 0
  #inFlight = 0
  #flushQueued = false
  #closed = false
  signedTotal = 0
  failedTotal = 0

  constructor(ports: { currentKey: () => SigningKey; numbers: NumberSequence; houseMs: () => number; onError: (error: Error) => void; sign?: SignFunction }) {
    this.#currentKey = ports.currentKey
    this.#numbers = ports.numbers
    this.#houseMs = ports.houseMs
    this.#onError = ports.onError
    this.#sign = ports.sign ?? signInPool
  }

  /** Messages that are not yet delivered. */
  get pending(): number {
    return this.#queue.length
  }

  /** @param deliver called with one or more of the messages at a time, in their order, never before this returns */
  issue(messages: readonly Unsigned[], deliver: (signed: readonly Signed[]) => void): void {
    if (this.#closed) return
    const houseMs = this.#houseMs()
    for (const message of messages) {
      this.#queue.push({ message, number: this.#numbers.take(houseMs), key: message.key ?? this.#currentKey(), deliver, text: null, failed: false })
    }
    this.#fill()
  }

  /** One message; null when it could not be signed. */
  issueOne(message: Unsigned): Promise<Signed | null> {
    return new Promise((resolve) => {
      this.issue([message], ([signed]) => {
        resolve(signed ?? null)
      })
    })
  }

  /** Delivers nothing any more. */
  close(): void {
    this.#closed = true
    this.#queue = []
    this.#begun = 0
  }

  #fill(): void {
    while (this.#inFlight < MOST_IN_FLIGHT && this.#begun < this.#queue.length) {
      const job = this.#queue[this.#begun]!
      this.#begun += 1
      this.#inFlight += 1
      const body = bodyOf(job, this.#houseMs())
      this.#sign(Buffer.concat([PREFIX, body]), job.key.privateKey, (error, signature) => {
        this.#inFlight -= 1
        if (this.#closed) return
        if (error === null) {
          job.text = envelopeText(job.key.keyId, body, signature)
          this.signedTotal += 1
        } else {
          job.failed = true
          this.failedTotal += 1
          this.#onError(error)
        }
        this.#fill()
        this.#flushSoon()
      })
    }
  }

  /** Once for all that come out of the pool in one turn of the event loop. */
  #flushSoon(): void {
    if (this.#flushQueued) return
    this.#flushQueued = true
    setImmediate(() => {
      this.#flushQueued = false
      this.#flush()
    })
  }

  #flush(): void {
    const end = this.#queue.findIndex(({ text, failed }) => text === null && !failed)
    const done = this.#queue.splice(0, end === -1 ? this.#queue.length : end)
    this.#begun = Math.max(0, this.#begun - done.length)
    for (let from = 0; from < done.length;) {
      const { deliver } = done[from]!
      let until = from + 1
      while (until < done.length && done[until]!.deliver === deliver) until += 1
      deliver(done.slice(from, until).flatMap(({ message: { clusterId }, number, text }) => (text === null ? [] : [{ clusterId, number, text }])))
      from = until
    }
  }
}

const PREFIX = Buffer.from(SIGNED_PREFIX, 'utf8')

function bodyOf({ message: { kind, clusterId, expiresAtMs, fields }, number }: Job, issuedAtMs: number): Buffer {
  return Buffer.from(JSON.stringify({ kind, clusterId, number, issuedAt: houseTimeText(issuedAtMs), expiresAt: houseTimeText(expiresAtMs), ...fields }), 'utf8')
}

/** Times in signed messages: house time in ISO 8601, UTC, ms. */
export const houseTimeText = (houseMs: number): string => new Date(Math.round(houseMs)).toISOString()
