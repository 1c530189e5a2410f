/** The server's own words, by language. */
export type Words = Readonly<Record<'vi' | 'en', string>>

/** What a WHIP server said to an offer. `code` is a problem's code, '' when there was none. */
export type Offered<Session> =
  | { readonly kind: 'taken'; readonly session: Session }
  | { readonly kind: 'refused'; readonly code: string; readonly words: Words }
  /** No answer, or one that says to come again. */
  | { readonly kind: 'unreachable' }

/** How a session is: `gone`: the server knows it no more; `taken-over`: somebody else speaks in its place. */
export type Probed = 'alive' | 'gone' | 'taken-over' | 'unreachable'

export interface LinePorts<Session> {
  offer(): Promise<Offered<Session>>
  probe(session: Session): Promise<Probed>
  /** New ICE credentials on both sides. Never throws. */
  restartIce(session: Session): Promise<void>
  /** Ends it on both sides, as far as they can be reached. Never throws. */
  hangUp(session: Session): Promise<void>
  /** Calls once after so many ms. @returns takes it back */
  after(delayMs: number, call: () => void): () => void
  /** 0 to 1 */
  random(): number
  changed(state: LineState): void
}

export type LineState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  /** It was connected, or nearly, and comes back by itself. */
  | { readonly kind: 'reconnecting' }
  | { readonly kind: 'refused'; readonly code: string; readonly words: Words }

/** First wait before another try, ms; twice as long each time, up to the most. */
const FIRST_WAIT_MS = 500
const MOST_WAIT_MS = 8000
/** ICE and DTLS have so long. */
const CONNECT_MS = 8000
/** A lost connection often comes back by itself within this. */
const GRACE_MS = 1500
/** For so long the server may still hold a session of ours that we could not end, and call the line busy: it gives up after ten seconds. */
const GHOST_MS = 20_000
export const TAKEN_OVER = 'taken-over'

/** Keeps one line to the server up: offers, notices when the line is lost, and brings it back until it is hung up or refused. */
export class Line<Session> {
  readonly #ports: LinePorts<Session>
  #state: LineState = { kind: 'idle' }
  #session: Session | undefined
  #wasConnected = false
  #mayBeGhost = false
  #waits = 0
  /** Changes with everything that makes what is under way void. */
  #turn = 0
  #cancelTimer: () => void = () => undefined
  #cancelGhost: () => void = () => undefined

  constructor(ports: LinePorts<Session>) {
    this.#ports = ports
  }

  get state(): LineState {
    return this.#state
  }

  get session(): Session | undefined {
    return this.#session
  }

  /** @param mayBeGhost a session of an earlier page of ours may still be there */
  start(mayBeGhost = false): void {
    this.#wasConnected = false
    this.#waits = 0
    if (mayBeGhost) this.#rememberGhost()
    void this.#attempt()
  }

  /** Ends the line; resolves when the server knows. */
  async stop(): Promise<void> {
    this.#begin()
    this.#cancelGhost()
    this.#mayBeGhost = false
    this.#set({ kind: 'idle' })
    await this.#leave()
  }

  /** Media flow. */
  connected(session: Session): void {
    if (session !== this.#session || this.#state.kind === 'idle') return
    this.#begin()
    this.#wasConnected = true
    this.#waits = 0
    this.#set({ kind: 'connected' })
  }

  /** Media have stopped. @param forGood nothing but another offer helps */
  lost(session: Session, forGood: boolean): void {
    if (session !== this.#session || (this.#state.kind !== 'connected' && !forGood)) return
    const turn = this.#begin()
    this.#set({ kind: 'reconnecting' })
    if (forGood) void this.#look(turn, true)
    else this.#wait(GRACE_MS, () => void this.#look(turn, false))
  }

  /** Something says that the server has lost the session although media seem to flow, or the network is another one. */
  doubt(): void {
    if (this.#state.kind === 'connected') void this.#look(this.#begin(), false, true)
  }

  /** The network is back: what waits need not wait longer. */
  hurry(): void {
    if (this.#state.kind !== 'reconnecting' && this.#state.kind !== 'connecting') return
    this.#waits = 0
    const turn = this.#begin()
    if (this.#session === undefined) void this.#attempt()
    else void this.#look(turn, false)
  }

  async #attempt(): Promise<void> {
    const turn = this.#begin()
    this.#set({ kind: this.#wasConnected ? 'reconnecting' : 'connecting' })
    await this.#leave()
    if (turn !== this.#turn) return
    const offered = await this.#ports.offer()
    if (turn !== this.#turn) {
      if (offered.kind === 'taken') await this.#ports.hangUp(offered.session)
      return
    }
    if (offered.kind === 'taken') {
      this.#session = offered.session
      this.#wait(CONNECT_MS, () => { this.#again() })
    } else if (offered.kind === 'unreachable' || (offered.code === 'STREAM_ERR_MOUNT_BUSY' && this.#mayBeGhost)) this.#again()
    else this.#refuse(offered.code, offered.words)
  }

  async #look(turn: number, forGood: boolean, seemsWell = false): Promise<void> {
    const session = this.#session
    if (session === undefined) return
    const probed = await this.#ports.probe(session)
    if (turn !== this.#turn) return
    switch (probed) {
      case 'taken-over':
        this.#refuse(TAKEN_OVER, { vi: '', en: '' })
        break
      case 'gone':
        void this.#attempt()
        break
      case 'unreachable':
        if (seemsWell) break
        this.#wait(this.#nextWaitMs(), () => void this.#look(turn, forGood))
        break
      case 'alive':
        if (seemsWell) break
        if (forGood) {
          void this.#attempt()
          break
        }
        this.#wait(CONNECT_MS, () => { this.#again() })
        await this.#ports.restartIce(session)
        break
    }
  }

  #again(): void {
    this.#begin()
    if (this.#wasConnected) this.#set({ kind: 'reconnecting' })
    this.#wait(this.#nextWaitMs(), () => void this.#attempt())
  }

  #refuse(code: string, words: Words): void {
    this.#begin()
    this.#set({ kind: 'refused', code, words })
    void this.#leave()
  }

  /** Nothing that is under way counts any more. @returns the name of what begins now */
  #begin(): number {
    this.#cancelTimer()
    this.#cancelTimer = () => undefined
    this.#turn += 1
    return this.#turn
  }

  async #leave(): Promise<void> {
    const session = this.#session
    if (session === undefined) return
    this.#session = undefined
    this.#rememberGhost()
    await this.#ports.hangUp(session)
  }

  #rememberGhost(): void {
    this.#cancelGhost()
    this.#mayBeGhost = true
    this.#cancelGhost = this.#ports.after(GHOST_MS, () => { this.#mayBeGhost = false })
  }

  /** Whole waits would bring all who lost the same server back at the same moment. */
  #nextWaitMs(): number {
    const waitMs = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#waits)
    this.#waits += 1
    return waitMs * (0.5 + this.#ports.random() / 2)
  }

  #wait(delayMs: number, call: () => void): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#ports.after(delayMs, call)
  }

  #set(state: LineState): void {
    if (state.kind === this.#state.kind && state.kind !== 'refused') return
    this.#state = state
    this.#ports.changed(state)
  }
}
