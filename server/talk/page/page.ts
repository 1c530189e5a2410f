import type { TalkStatus } from '../talk-status.ts'
import { Kept } from './kept.ts'
import { Line, type LineState } from '../../../control/client/speak/line.ts'
import { Loudness } from '../../../control/client/speak/loudness.ts'
import { Microphone } from '../../../control/client/speak/microphone.ts'
import { isOnAir, type Obstacle, type Situation } from './screen.ts'
import { View } from './view.ts'
import { ScreenLock } from './screen-lock.ts'
import { WhipClient, type WhipSession } from '../../../control/client/speak/whip.ts'

const COUNT_FROM = 3
const TICK_MS = 100
/** How often the server is asked who hears: of a line that is up, and else. */
const ASK_LIVE_MS = 1000
const ASK_IDLE_MS = 3000
const ASK_TIMEOUT_MS = 5000
/** Answers that fail in a row until what was known is no longer shown. */
const MOST_FAILURES = 3
/** What the server says of the line is as old as this. */
const STATUS_AGE_MS = 3000

const OBSTACLE_OF: Readonly<Record<string, Obstacle>> = { NotAllowedError: 'denied', SecurityError: 'denied' }

/** The page: microphone, line, what the server says, and what is shown of them. */
export class TalkPage {
  readonly #sourceId: string
  readonly #kept: Kept
  readonly #view: View
  readonly #microphone = new Microphone(() => { this.#show() })
  readonly #loudness = new Loudness()
  readonly #screenLock = new ScreenLock()
  readonly #whip: WhipClient
  readonly #line: Line<WhipSession>
  #phase: Situation['phase'] = 'idle'
  #obstacle: Obstacle | null = null
  #keyWrong = false
  #paused = false
  #status: TalkStatus | null = null
  #failures = 0
  #seconds = 0
  #countdown: ReturnType<typeof setInterval> | undefined
  #connectedMs = Infinity
  #onAirMs = 0
  #tickMs = performance.now()
  #ask: ReturnType<typeof setTimeout> | undefined

  constructor(sourceId: string) {
    this.#sourceId = sourceId
    this.#kept = new Kept(sourceId)
    this.#whip = new WhipClient(`/whip/${sourceId}`, () => this.#kept.key, () => this.#microphone.track, (session, state) => { this.#moved(session, state) })
    this.#line = new Line<WhipSession>({
      offer: async () => {
        const offered = await this.#whip.offer()
        if (offered.kind === 'taken') this.#kept.line = offered.session.location
        return offered
      },
      probe: (session) => this.#whip.probe(session),
      restartIce: (session) => this.#whip.restartIce(session),
      hangUp: async (session) => {
        this.#kept.line = ''
        await this.#whip.hangUp(session)
      },
      after: (delayMs, call) => {
        const timer = setTimeout(call, delayMs)
        return () => { clearTimeout(timer) }
      },
      random: Math.random,
      changed: (state) => { this.#lineChanged(state) },
    })
    this.#view = new View(this.#kept, {
      talk: () => { void this.#start() },
      retry: () => { this.#retry() },
      pause: () => { this.#pause(true) },
      resume: () => { this.#pause(false) },
      hangUp: () => { this.#hangUp() },
      key: (key) => { this.#takeKey(key) },
      microphone: () => { void this.#changeMicrophone() },
      redraw: () => { this.#show() },
    })
  }

  run(): void {
    this.#kept.takeKeyFromAddress()
    addEventListener('hashchange', () => {
      this.#kept.takeKeyFromAddress()
      this.#takeKey(this.#kept.key)
    })
    if (!isSecureContext) this.#obstacle = 'insecure'
    else if (typeof RTCPeerConnection === 'undefined' || (navigator.mediaDevices as MediaDevices | undefined)?.getUserMedia === undefined) this.#obstacle = 'unsupported'
    addEventListener('online', () => {
      this.#line.hurry()
      this.#line.doubt()
    })
    addEventListener('beforeunload', (event) => { if (this.#isBusy()) event.preventDefault() })
    addEventListener('pagehide', () => {
      if (this.#line.session !== undefined) void this.#whip.hangUp(this.#line.session)
      this.#kept.line = ''
    })
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.#askSoon(0) })
    setInterval(() => { this.#tick() }, TICK_MS)
    this.#askSoon(0)
    this.#show()
  }

  // ── What the person does ──────────────────────────────────────────────────────────────────────────────────────────

  async #start(): Promise<void> {
    if (this.#isBusy()) return
    this.#paused = false
    this.#obstacle = null
    this.#onAirMs = 0
    this.#setPhase('asking-microphone')
    if (!(await this.#openMicrophone())) {
      this.#setPhase('idle')
      return
    }
    void this.#screenLock.hold()
    this.#setPhase('connecting')
    const left = this.#kept.line
    if (left !== '') await this.#whip.hangUpAt(left)
    this.#line.start(left !== '')
    this.#askSoon(0)
  }

  #retry(): void {
    this.#obstacle = null
    if (this.#phase === 'live' && this.#line.state.kind === 'connected') void this.#changeMicrophone()
    else {
      void this.#line.stop()
      this.#setPhase('idle')
      void this.#start()
    }
  }

  #pause(paused: boolean): void {
    this.#paused = paused
    this.#show()
  }

  #hangUp(): void {
    clearInterval(this.#countdown)
    void this.#line.stop()
    this.#microphone.close()
    this.#screenLock.release()
    this.#setPhase('ended')
  }

  #takeKey(key: string): void {
    if (this.#isBusy()) this.#hangUp()
    this.#kept.key = key
    this.#keyWrong = false
    this.#status = null
    this.#setPhase('idle')
    this.#askSoon(0)
  }

  async #changeMicrophone(): Promise<void> {
    if (!this.#isBusy() || !(await this.#openMicrophone())) return
    this.#show()
    await this.#line.session?.sender.replaceTrack(this.#microphone.track ?? null)
  }

  /** @returns whether there is one; else the obstacle is set */
  async #openMicrophone(): Promise<boolean> {
    try {
      const track = await this.#microphone.open(this.#kept.microphone)
      track.enabled = false
      this.#loudness.reset()
      void this.#view.listMicrophones()
      return true
    } catch (error) {
      this.#obstacle = OBSTACLE_OF[error instanceof Error ? error.name : ''] ?? 'no-microphone'
      this.#show()
      return false
    }
  }

  // ── The line ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #moved(session: WhipSession, state: RTCPeerConnectionState): void {
    if (state === 'connected') this.#line.connected(session)
    else if (state === 'disconnected') this.#line.lost(session, false)
    else if (state === 'failed' || state === 'closed') this.#line.lost(session, true)
  }

  #lineChanged(state: LineState): void {
    this.#connectedMs = state.kind === 'connected' ? performance.now() : Infinity
    clearInterval(this.#countdown)
    if (state.kind === 'connected' && (this.#phase === 'connecting' || this.#phase === 'countdown')) this.#count()
    if (state.kind === 'refused') {
      this.#microphone.close()
      this.#screenLock.release()
    }
    this.#show()
  }

  #count(): void {
    this.#seconds = COUNT_FROM
    this.#setPhase('countdown')
    this.#countdown = setInterval(() => {
      this.#seconds -= 1
      if (this.#seconds === 0) {
        clearInterval(this.#countdown)
        this.#setPhase('live')
      } else this.#show()
    }, 1000)
  }

  // ── The server ────────────────────────────────────────────────────────────────────────────────────────────────────

  #askSoon(delayMs: number): void {
    clearTimeout(this.#ask)
    this.#ask = setTimeout(() => {
      void this.#askStatus().finally(() => { this.#askSoon(this.#isBusy() ? ASK_LIVE_MS : ASK_IDLE_MS) })
    }, delayMs)
  }

  async #askStatus(): Promise<void> {
    const { key } = this.#kept
    if (key === '' || this.#keyWrong || (document.hidden && !this.#isBusy())) return
    try {
      const response = await fetch(`/talk/${this.#sourceId}/status`, { headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(ASK_TIMEOUT_MS), cache: 'no-store' })
      if (key !== this.#kept.key) return
      if (response.ok) {
        this.#status = await response.json() as TalkStatus
        this.#failures = 0
        const lineIsOld = performance.now() - this.#connectedMs > STATUS_AGE_MS
        if (lineIsOld && (this.#status.state === 'down' || this.#status.state === 'idle')) this.#line.doubt()
      } else if (response.status === 401) this.#keyWrong = !this.#isBusy()
      else this.#fail()
    } catch {
      this.#fail()
    }
    this.#show()
  }

  #fail(): void {
    this.#failures += 1
    if (this.#failures >= MOST_FAILURES) this.#status = null
  }

  // ── What is shown ─────────────────────────────────────────────────────────────────────────────────────────────────

  #tick(): void {
    const nowMs = performance.now()
    if (isOnAir(this.#situation())) this.#onAirMs += nowMs - this.#tickMs
    this.#tickMs = nowMs
    if (!this.#isBusy()) return
    this.#loudness.push(this.#microphone.hear(), nowMs)
    this.#view.showLevel(this.#loudness.rmsDbfs, this.#loudness.verdict(nowMs), this.#onAirMs)
  }

  #isBusy(): boolean {
    return this.#phase !== 'idle' && this.#phase !== 'ended' && this.#line.state.kind !== 'refused'
  }

  #setPhase(phase: Situation['phase']): void {
    this.#phase = phase
    this.#show()
  }

  #situation(): Situation {
    return {
      obstacle: this.#obstacle, hasKey: this.#kept.key !== '', keyWrong: this.#keyWrong, phase: this.#phase, line: this.#line.state, paused: this.#paused,
      microphoneLost: this.#microphone.lost, status: this.#status, seconds: this.#seconds, wasOnAir: this.#onAirMs > 0,
    }
  }

  #show(): void {
    const { track } = this.#microphone
    // Until the countdown is over nothing is said into the line but silence.
    if (track !== undefined) track.enabled = this.#phase === 'live' && !this.#paused
    this.#view.show(this.#situation(), this.#onAirMs)
  }
}
