import type { Connect, Identity, Link } from '../ports.ts'
import { attemptTimeoutMs, retryDelayMs, type Ending } from './retry.ts'

const PROTOCOL = 1
/** A server that says nothing for so long is gone: it sends sound ten times a second, and answers the clock once a second. */
const SILENT_MS = 3000
const CLOSE_GOING = 1000

export interface Welcome {
  readonly format: string
  readonly codec: string
  readonly frameSamples: number
  readonly codecDelaySamples: number
  readonly presentationDelayMs: number
  readonly houseUs: number
}

export type Message = Readonly<Record<string, unknown>> & { readonly type: string }

export interface ConnectionEvents {
  welcome(welcome: Welcome): void
  message(message: Message): void
  audio(bytes: Buffer): void
  /** @param retryMs when the next attempt begins */
  lost(ending: Ending, retryMs: number): void
}

/**
 * - `waiting`: the next attempt has its time
 * - `opening`: a link is being opened
 * - `greeting`: hello was sent
 * - `live`: welcomed
 * - `stopped`
 */
export type ConnectionState = 'waiting' | 'opening' | 'greeting' | 'live' | 'stopped'

export interface ConnectionOptions {
  readonly connect: Connect
  readonly identity: Identity
  readonly format: string
  readonly capabilities: readonly string[]
  readonly random: () => number
  /** Sound before the live edge that is asked for, ms: what is still to be heard when it comes. */
  readonly burstMs: () => number
  readonly events: ConnectionEvents
}

/** Keeps one connection to the server: greets, notices silence, and comes back after every ending, each at its own pace. */
export class Connection {
  readonly #options: ConnectionOptions
  #state: ConnectionState = 'waiting'
  #link: Link | null = null
  #nextAttemptMs = -Infinity
  #deadlineMs = Infinity
  #nowMs = 0
  /** When the server was last heard, or the agent was started. */
  #heardMs = NaN
  #retryAfterMs: number | undefined
  #attemptsTotal = 0
  #connectionsTotal = 0

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  get state(): ConnectionState {
    return this.#state
  }

  get attemptsTotal(): number {
    return this.#attemptsTotal
  }

  get connectionsTotal(): number {
    return this.#connectionsTotal
  }

  /** Starts an attempt when it is time, ends what has taken too long. */
  turn(nowMs: number): void {
    this.#nowMs = nowMs
    if (Number.isNaN(this.#heardMs)) this.#heardMs = nowMs
    switch (this.#state) {
      case 'waiting':
        if (nowMs >= this.#nextAttemptMs) this.#open()
        break
      case 'opening':
      case 'greeting':
        if (nowMs > this.#deadlineMs) this.#link?.destroy()
        break
      case 'live':
        if (nowMs - this.#heardMs > SILENT_MS) this.#link?.destroy()
        break
      case 'stopped':
        break
    }
  }

  /** @returns false when there is nobody to send it to */
  send(message: object): boolean {
    if (this.#state !== 'live') return false
    this.#link?.sendText(JSON.stringify(message))
    return true
  }

  /** Ends this connection; the next one begins at once. */
  restart(): void {
    this.#link?.destroy()
    if (this.#state === 'waiting') this.#nextAttemptMs = -Infinity
  }

  /** For good. Idempotent. */
  stop(): void {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.#link?.close(CLOSE_GOING, 'going')
    this.#link = null
  }

  #open(): void {
    this.#state = 'opening'
    this.#attemptsTotal++
    this.#retryAfterMs = undefined
    this.#deadlineMs = this.#nowMs + attemptTimeoutMs(this.#nowMs - this.#heardMs)
    const isMine = (): boolean => this.#link === link && this.#state !== 'stopped'
    const link: Link = this.#options.connect({
      open: () => {
        if (isMine()) this.#greet(link)
      },
      text: (text) => {
        if (isMine()) this.#read(link, text)
      },
      binary: (bytes) => {
        if (!isMine() || this.#state !== 'live') return
        this.#heard()
        this.#options.events.audio(bytes)
      },
      closed: (code, reason) => {
        if (isMine()) this.#lost(code, reason)
      },
    })
    this.#link = link
  }

  #greet(link: Link): void {
    this.#state = 'greeting'
    const { identity, format, burstMs, capabilities } = this.#options
    link.sendText(JSON.stringify({ type: 'hello', protocol: PROTOCOL, clusterId: identity.clusterId, ...identity.hello(), format, burstMs: burstMs(), capabilities }))
  }

  #read(link: Link, text: string): void {
    const message = parse(text)
    if (message === undefined) return
    this.#heard()
    if (this.#state === 'greeting' && message.type === 'challenge' && typeof message['nonce'] === 'string') {
      const signature = this.#options.identity.prove(message['nonce'])
      if (signature !== null) link.sendText(JSON.stringify({ type: 'proof', signature }))
      return
    }
    if (this.#state === 'greeting' && message.type === 'welcome') {
      const welcome = readWelcome(message)
      if (welcome?.codec !== 'opus') {
        // No decoder for anything else is part of the agent; the server was asked for Opus.
        link.close(1003, `cannot play ${String(message['format'])}`)
        return
      }
      this.#state = 'live'
      this.#heard()
      this.#connectionsTotal++
      this.#options.events.welcome(welcome)
      return
    }
    if (typeof message['code'] === 'string' && typeof message['retryAfterMs'] === 'number') this.#retryAfterMs = Math.max(0, message['retryAfterMs'])
    if (this.#state === 'live') this.#options.events.message(message)
  }

  /** Time is the turn's, which is exact enough for what is measured in seconds. */
  #heard(): void {
    if (this.#state === 'live') this.#heardMs = this.#nowMs
  }

  #lost(code: number, reason: string): void {
    const ending: Ending = { code, reason, retryAfterMs: this.#retryAfterMs }
    const retryMs = retryDelayMs(ending, this.#nowMs - this.#heardMs, this.#options.random())
    this.#link = null
    this.#state = 'waiting'
    this.#nextAttemptMs = this.#nowMs + retryMs
    this.#options.events.lost(ending, retryMs)
  }
}

function parse(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string') return value as Message
  } catch {
    // Not ours to judge; what cannot be read is passed over.
  }
  return undefined
}

function readWelcome(message: Message): Welcome | undefined {
  const { format, codec, frameSamples, codecDelaySamples, presentationDelayMs, houseUs } = message
  if (typeof format !== 'string' || typeof codec !== 'string') return undefined
  for (const value of [frameSamples, codecDelaySamples, presentationDelayMs, houseUs]) if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return { format, codec, frameSamples: frameSamples as number, codecDelaySamples: codecDelaySamples as number, presentationDelayMs: presentationDelayMs as number, houseUs: houseUs as number }
}
