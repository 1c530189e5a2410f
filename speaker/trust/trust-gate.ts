import type { AckMessage, CommandResult, Gate, SignedMessage, VerifiedCommand } from '../ports.ts'
import { openEnvelope, type Opened, type SignedBody } from './envelope.ts'
import { houseMsOf, housePlaceOf, parseHouseTime } from './house-wall.ts'
import { KeyRing, type TrustedKey } from './keys.ts'
import { OrderWindows } from './order-windows.ts'
import type { NumberState, TrustFiles } from './trust-files.ts'

/** Messages that wait for the disk or for the house time; a server never has so many under way. */
const MOST_WAITING = 256
/** Answers that are remembered, for commands that come a second time. */
const MOST_ANSWERS = 64

type Run = (command: VerifiedCommand) => Promise<CommandResult>

interface Waiting {
  readonly message: SignedMessage
  readonly run: Run
  readonly answer: (ack: AckMessage | null) => void
}

interface Taken extends Waiting {
  readonly body: SignedBody
}

export interface TrustGateOptions {
  readonly clusterId: string
  readonly files: TrustFiles
  /** A bundle whose signature, target, number and time are good. @returns false when it is of no use */
  readonly onBundle?: (message: SignedMessage, body: unknown) => Promise<boolean>
  /** The disk does not keep what it should; sound goes on, commands are refused. */
  readonly onFault?: (error: unknown) => void
}

/**
 * The gate of an enrolled device: nothing is heard or obeyed that the server has not signed for this cluster, in its time, under a number above
 * all before it. The number is on the disk before anything follows from a message, so no message counts twice, whenever the power goes.
 * All time is house time; the device's own wall clock is asked nothing.
 */
export class TrustGate implements Gate {
  readonly verifies = true
  readonly refusals: Record<string, number> = {}
  readonly #options: TrustGateOptions
  #windows: OrderWindows
  /** As they will be when the number is on the disk. */
  #nextWindows: OrderWindows
  #keys: KeyRing
  #number: NumberState
  /** The count is lost: it begins again at the house time of the first message. */
  #isCountLost: boolean
  readonly #waiting: Waiting[] = []
  #houseUs: number | null = null
  #isBusy = false
  /** What takes its time (hooks, files) goes one after the other, and holds no order up. */
  #slow: Promise<void> = Promise.resolve()
  #kept: Promise<boolean> = Promise.resolve(true)

  private constructor(options: TrustGateOptions, keys: KeyRing, number: NumberState | null) {
    this.#options = options
    this.#keys = keys
    this.#number = number ?? { lastNumber: 0, commands: [] }
    this.#isCountLost = number === null
    this.#windows = new OrderWindows(number?.windows)
    this.#nextWindows = this.#windows
  }

  /** @returns null when the device is not enrolled */
  static async open(options: Omit<TrustGateOptions, 'clusterId'>): Promise<TrustGate | null> {
    const identity = await options.files.identity()
    if (identity === null) return null
    const keys = KeyRing.of((await options.files.keys()) ?? identity.keys) ?? KeyRing.of(identity.keys)
    return keys === null ? null : new TrustGate({ ...options, clusterId: identity.clusterId }, keys, await options.files.number())
  }

  get lastNumber(): number {
    return this.#number.lastNumber
  }

  get keyIds(): readonly string[] {
    return this.#keys.keys().map(({ keyId }) => keyId)
  }

  take(message: SignedMessage, houseUs: number | null, run: Run): Promise<AckMessage | null> {
    return new Promise((resolve) => {
      if (this.#waiting.length >= MOST_WAITING) {
        this.#count('overflow')
        resolve(null)
        return
      }
      this.#waiting.push({ message, run, answer: resolve })
      if (houseUs !== null) this.timeKnown(houseUs)
    })
  }

  /** Messages that came before the first clock exchange are judged now. */
  timeKnown(houseUs: number): void {
    this.#houseUs = houseUs
    if (!this.#isBusy && this.#waiting.length > 0) void this.#work()
  }

  maySound(orderId: string | null, housePlace: number): boolean {
    return orderId !== null && this.#windows.holds(orderId, housePlace)
  }

  /** For what was kept on the disk: everything but the number is checked. @returns the body, or null */
  verifyStored(message: SignedMessage, houseUs: number): SignedBody | null {
    const opened = openEnvelope(message, { keys: this.#keys, clusterId: this.#options.clusterId, houseMs: houseMsOf(houseUs) })
    return 'body' in opened ? opened.body : null
  }

  /** One batch after the other: judged together, one write to the disk, then carried out in their sequence. */
  async #work(): Promise<void> {
    this.#isBusy = true
    while (this.#waiting.length > 0 && this.#houseUs !== null) {
      const houseUs = this.#houseUs
      const batch = this.#waiting.splice(0)
      const taken = this.#judge(batch, houseMsOf(houseUs))
      if (taken.length === 0) continue
      const isKept = await this.#keep()
      this.#windows = this.#nextWindows
      for (const one of taken) this.#carryOut(one, isKept)
    }
    this.#isBusy = false
  }

  #judge(batch: readonly Waiting[], houseMs: number): Taken[] {
    if (this.#isCountLost) {
      // Numbers are never below the house time in ms, so nothing from before this moment is taken again.
      this.#isCountLost = false
      this.#number = { ...this.#number, lastNumber: Math.floor(houseMs) }
    }
    const taken: Taken[] = []
    this.#nextWindows = new OrderWindows(this.#windows.entries())
    for (const one of batch) {
      const opened = openEnvelope(one.message, { keys: this.#keys, clusterId: this.#options.clusterId, houseMs, lastNumber: this.#number.lastNumber })
      if ('refusal' in opened) {
        one.answer(this.#refuse(opened))
        continue
      }
      if (opened.body.kind === 'order') {
        const [startsAtMs, endsAtMs] = [parseHouseTime(opened.body.startsAt), parseHouseTime(opened.body.endsAt)]
        if (Number.isNaN(startsAtMs) || Number.isNaN(endsAtMs)) {
          one.answer(this.#refuse({ refusal: 'malformed', kind: 'order', number: opened.body.number }))
          continue
        }
        this.#nextWindows.set(opened.body.orderId, housePlaceOf(startsAtMs), housePlaceOf(endsAtMs), housePlaceOf(houseMs))
      }
      if (opened.body.kind === 'keys') {
        const ring = usableRing(opened.body.keys, houseMs)
        if (ring === null) {
          one.answer(this.#refuse({ refusal: 'malformed', kind: 'keys', number: opened.body.number }))
          continue
        }
        // Those that follow in the batch may be signed by a key of which this one tells.
        this.#keys = ring
      }
      this.#number = { ...this.#number, lastNumber: opened.body.number }
      taken.push({ ...one, body: opened.body })
    }
    return taken
  }

  #carryOut({ body, message, run, answer }: Taken, isKept: boolean): void {
    const malformed = (): AckMessage => this.#refuse({ refusal: 'malformed', kind: body.kind, number: body.number })
    switch (body.kind) {
      case 'keys':
        this.#later(async () => {
          await this.#write(() => this.#options.files.writeKeys(this.#keys.keys()))
          answer(null)
        })
        break
      case 'bundle':
        this.#later(async () => {
          answer((await this.#options.onBundle?.(message, body)) === false ? malformed() : null)
        })
        break
      case 'order':
      case 'device':
        answer(null)
        break
      case 'command':
        this.#later(async () => {
          answer({ type: 'ack', commandId: body.commandId, number: body.number, ...(await this.#command(body, run, isKept)) })
        })
        break
    }
  }

  #later(work: () => Promise<void>): void {
    this.#slow = this.#slow.then(work).catch((error: unknown) => {
      this.#options.onFault?.(error)
    })
  }

  /** At most once: that it was begun is on the disk before it is, so a reboot does not follow itself for ever. */
  async #command({ commandId, number, command, arguments: given }: Extract<SignedBody, { kind: 'command' }>, run: Run, isKept: boolean): Promise<CommandResult> {
    const before = this.#number.commands.find((known) => known.commandId === commandId)
    if (before !== undefined) return { result: before.result, ...(before.reason === undefined ? {} : { reason: before.reason }) }
    if (!isKept) return { result: 'failed', reason: 'the disk does not keep the number of the message' }
    this.#remember(commandId, { result: 'done', reason: 'the device was restarted while it did this' })
    if (!(await this.#keep())) return { result: 'failed', reason: 'the disk does not keep the command' }
    const result = await runSafely(() => run({ commandId, number, command, arguments: given }))
    this.#remember(commandId, result)
    await this.#keep()
    return result
  }

  #remember(commandId: string, { result, reason }: CommandResult): void {
    const others = this.#number.commands.filter((known) => known.commandId !== commandId)
    this.#number = { ...this.#number, commands: [...others, { commandId, result, ...(reason === undefined ? {} : { reason }) }].slice(-MOST_ANSWERS) }
  }

  #refuse({ refusal, kind, number, commandId }: Extract<Opened, { refusal: unknown }>): AckMessage {
    this.#count(refusal)
    return { type: 'ack', commandId: commandId ?? `${(kind ?? 'unknown').slice(0, 32)}-${String(number ?? 0)}`, ...(number === undefined ? {} : { number }), result: 'refused', reason: refusal }
  }

  #count(reason: string): void {
    this.refusals[reason] = (this.refusals[reason] ?? 0) + 1
  }

  /** Writes the number as it is when its turn comes. */
  #keep(): Promise<boolean> {
    this.#kept = this.#kept.then(() => this.#write(() => this.#options.files.writeNumber({ ...this.#number, windows: this.#nextWindows.entries() })))
    return this.#kept
  }

  async #write(write: () => Promise<void>): Promise<boolean> {
    try {
      await write()
      return true
    } catch (error) {
      this.#count('disk')
      this.#options.onFault?.(error)
      return false
    }
  }
}

/** A ring of which no key is believed now would shut the device up for good. */
function usableRing(keys: readonly TrustedKey[], houseMs: number): KeyRing | null {
  const ring = KeyRing.of(keys)
  return ring !== null && keys.some(({ keyId }) => ring.refusal(keyId, houseMs) === null) ? ring : null
}

async function runSafely(run: () => Promise<CommandResult>): Promise<CommandResult> {
  try {
    return await run()
  } catch (error) {
    return { result: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}
