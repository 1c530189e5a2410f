import type { PhoneAnswer, PhoneNotice, PhoneQuestion } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { connectControl, type ControlLink } from '../link/control-link.ts'
import { LINK_VERSION } from '../link/messages.ts'
import type { ControlToPhone, PhoneBegan, PhoneEnded, PhoneRecorded, PhoneToControl } from '../link/phone-messages.ts'
import { controlSocket } from '../run-paths.ts'
import type { PhoneLineReport } from './phone-call.ts'

const LINES_MS = 1000
/** What control has not noted of calls that are over. */
const MOST_UNNOTED = 1000

/** What a call needs of control. */
export interface CallLink {
  began(call: Omit<PhoneBegan, 'type' | 'callId'>): void
  /** @throws when control cannot be asked, or went away while it was */
  ask(question: PhoneQuestion): Promise<PhoneAnswer>
  ended(reason: string): void
  recorded(recording: PhoneRecorded['recording']): void
}

export interface PhoneLinkOptions {
  readonly runDir: string
  readonly clock: Clock
  readonly report: () => PhoneLineReport
  readonly onNotice: (callId: string, notice: PhoneNotice) => void
}

interface Pending {
  readonly resolve: (answer: PhoneAnswer) => void
  readonly reject: (error: Error) => void
}

/** The telephone process's end of its connection to control. What became of calls while control was away is told when it is back. */
export class PhoneLink {
  readonly #options: PhoneLinkOptions
  readonly #link: ControlLink<PhoneToControl>
  readonly #pending = new Map<number, Pending>()
  readonly #live = new Set<string>()
  readonly #unnoted = new Map<string, PhoneEnded | PhoneRecorded>()
  #requests = 0
  #timer: TimerHandle | undefined

  constructor(options: PhoneLinkOptions) {
    this.#options = options
    this.#link = connectControl<ControlToPhone, PhoneToControl>(
      controlSocket(options.runDir),
      { type: 'hello', version: LINK_VERSION, role: 'phone', index: 0, pid: process.pid },
      { onConnect: () => { this.#connected() }, onMessage: (message) => { this.#hear(message) }, onDisconnect: () => { this.#disconnected() } },
    )
    this.#tellLines()
  }

  /** For one call, which control knows from its beginning on. */
  call(callId: string): CallLink {
    return {
      began: (call) => {
        this.#live.add(callId)
        this.#link.send({ type: 'phone-began', callId, ...call })
      },
      ask: (question) => this.#ask(callId, question),
      ended: (reason) => {
        if (this.#live.delete(callId)) this.#keep({ type: 'phone-ended', callId, reason })
      },
      recorded: (recording) => { this.#keep({ type: 'phone-recorded', callId, recording }) },
    }
  }

  close(): void {
    this.#timer?.cancel()
    this.#link.close()
    this.#disconnected()
  }

  #ask(callId: string, question: PhoneQuestion): Promise<PhoneAnswer> {
    if (!this.#link.connected) return Promise.reject(new Error('control is away'))
    const requestId = ++this.#requests
    return new Promise((resolve, reject) => {
      this.#pending.set(requestId, { resolve, reject })
      this.#link.send({ type: 'phone-ask', callId, requestId, question })
    })
  }

  #keep(message: PhoneEnded | PhoneRecorded): void {
    this.#unnoted.set(`${message.type} ${message.callId}`, message)
    if (this.#unnoted.size > MOST_UNNOTED) this.#unnoted.delete(this.#unnoted.keys().next().value!)
    this.#link.send(message)
  }

  #connected(): void {
    const ending = [...this.#unnoted.values()].filter(({ type }) => type === 'phone-ended').map(({ callId }) => callId)
    this.#link.send({ type: 'phone-calls', callIds: [...this.#live, ...ending] })
    for (const message of this.#unnoted.values()) this.#link.send(message)
    this.#sendLines()
  }

  #disconnected(): void {
    for (const { reject } of this.#pending.values()) reject(new Error('control went away'))
    this.#pending.clear()
  }

  #hear(message: ControlToPhone): void {
    switch (message.type) {
      case 'phone-answer':
        this.#pending.get(message.requestId)?.resolve(message.answer)
        this.#pending.delete(message.requestId)
        break
      case 'phone-notice':
        this.#options.onNotice(message.callId, message.notice)
        break
      case 'phone-noted':
        this.#unnoted.delete(`${message.what} ${message.callId}`)
        break
    }
  }

  #tellLines(): void {
    this.#timer = this.#options.clock.setTimer(LINES_MS, () => { this.#tellLines() })
    this.#sendLines()
  }

  #sendLines(): void {
    if (!this.#link.connected) return
    const { user, system } = process.cpuUsage()
    this.#link.send({ type: 'phone-lines', lines: this.#options.report(), cpuMsTotal: (user + system) / 1000, rssBytes: process.memoryUsage.rss() })
  }
}
