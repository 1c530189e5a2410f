import { SAMPLE_RATE_HZ } from '../codec/playback.ts'
import { Connection, type Message, type Welcome } from './client/connection.ts'
import { readAudioMessage } from './client/audio-message.ts'
import { HOUSE_EPOCH_WALL_MS, HouseTime } from './clock/house-time.ts'
import { nextPollMs } from './clock/poll-schedule.ts'
import { runCommand, type CommandTargets } from './commands.ts'
import { FrameBuffer, heldFrame } from './play-out/frame-buffer.ts'
import { Level } from './play-out/level.ts'
import { Line } from './play-out/line.ts'
import { PlayOut } from './play-out/play-out.ts'
import { NO_HOOKS, OPEN_GATE, type AloneSource, type CommandName, type CommandResult, type Connect, type Gate, type Hooks, type Identity, type LocalClock, type OnAir, type Output, type PlayedStretch, type PlayLog, type SignedMessage, type TimerHandle, type VerifiedCommand } from './ports.ts'
import { StageTracker } from './stage.ts'
import { isSameToEverybody, makeStatus, type Status } from './status.ts'

const STATUS_MS = 10_000
/** Changes are told at once, but not more often than this. */
const STATUS_PAUSE_MS = 500
/** How often it is looked whether there is one. */
const LOOK_MS = 100
/** Without any answer of a server for so long the device's own wall clock has to do. */
const GUESS_AFTER_MS = 5000
/** Of the presentation delay, so much sound would come too late to be heard: the engine's and the way's time. */
const BURST_MARGIN_MS = 100
const TURN_MS = 10
const CALM_TURN_MS = 20
const CALM_QUEUE_MS = 60
/** Bound of the protocol. */
const MAX_BURST_MS = 3000
/** Questions to the clock of which no answer came are forgotten after this. */
const ANSWER_MS = 10_000

export type AgentEvent =
  | { readonly event: 'connected'; readonly welcome: Welcome }
  | { readonly event: 'lost'; readonly code: number; readonly reason: string; readonly retryMs: number }
  | { readonly event: 'on-air'; readonly onAir: OnAir }
  | { readonly event: 'played'; readonly stretch: PlayedStretch }
  | { readonly event: 'clock-step' }
  | { readonly event: 'command'; readonly command: string; readonly result: CommandResult }
  | { readonly event: 'problem'; readonly message: Message }

export interface AgentOptions {
  readonly clock: LocalClock
  readonly connect: Connect
  readonly identity: Identity
  readonly output: Output
  /** Default: `OPEN_GATE`. */
  readonly gate?: Gate
  readonly alone?: AloneSource | null
  readonly playLog?: PlayLog
  readonly hooks?: Hooks
  /** What the device keeps on its disk, for the status. */
  readonly storage?: () => object
  readonly refreshBundle?: () => Promise<CommandResult>
  /** Default `opus-32`. */
  readonly format?: string
  /** 0 to 100, default 100. */
  readonly volumePercent?: number
  /** An emergency is heard at this volume at least. Default 80. */
  readonly emergencyVolumePercent?: number
  /** Later by so much, ms. Default 0. */
  readonly offsetMs?: number
  /** What the presentation delay is taken for until a server has told it, ms. Default 800. */
  readonly presentationDelayMs?: number
  /** False: everything is done but decoding, filtering and mixing; for fleets. Default true. */
  readonly decode?: boolean
  /** How often the card is filled, ms. Default 20 where at least 60 may wait in the card, otherwise 10: a board wakes up half as often. */
  readonly turnMs?: number
  /** The device's wall clock, for the time before any server has answered; left out: nothing is played then. */
  readonly wallMs?: () => number
  /** For waits; default Math.random. */
  readonly random?: () => number
  readonly version?: string
  readonly onEvent?: (event: AgentEvent) => void
}

/**
 * What runs at one loudspeaker. It owns no time, no socket and no sound card of its own: the same code runs on a board, in virtual time, and a
 * thousand times in one process. One timer drives everything.
 */
export class Agent {
  readonly house = new HouseTime()
  readonly level: Level
  readonly playOut: PlayOut
  readonly line: Line
  readonly #options: AgentOptions
  readonly #gate: Gate
  readonly #alone: AloneSource | null
  readonly #hooks: Hooks
  readonly #frames = new FrameBuffer()
  readonly #connection: Connection
  readonly #stages = new StageTracker()
  readonly #commandTargets: CommandTargets
  #timer: TimerHandle | null = null
  #running = false
  #nextTurnMs = 0
  #startedMs = 0
  #welcome: Welcome | null = null
  #onAir: OnAir | null = null
  #asked = 0
  #nextPollMs = Infinity
  #statusSentMs = -Infinity
  #lookedMs = -Infinity
  #lastStatus: Status | null = null
  /** What can be heard leaving, and since when: a sensor may tell of what was there before. */
  #sounding: { readonly orderId: string | null; readonly sinceMs: number } | null = null

  constructor(options: AgentOptions) {
    this.#options = options
    this.#gate = options.gate ?? OPEN_GATE
    this.#alone = options.alone ?? null
    this.#hooks = options.hooks ?? NO_HOOKS
    this.level = new Level({ volumePercent: options.volumePercent ?? 100, emergencyVolumePercent: options.emergencyVolumePercent ?? 80 })
    const delaySamples = Math.round(((options.presentationDelayMs ?? 800) * SAMPLE_RATE_HZ) / 1000)
    this.line = new Line({ frames: this.#frames, gate: this.#gate, alone: this.#alone, level: this.level, decode: options.decode ?? true, delaySamples })
    this.playOut = new PlayOut({ output: options.output, house: this.house, line: this.line, played: this.#played, offsetMs: options.offsetMs ?? 0 })
    const { connect, identity, format = 'opus-32', random = Math.random } = options
    this.#connection = new Connection({
      connect,
      identity,
      format,
      capabilities: ['clock', 'status', 'ack', 'emergency'],
      random,
      burstMs: () => Math.round(Math.min(MAX_BURST_MS, Math.max(0, this.presentationDelayMs - BURST_MARGIN_MS))),
      events: { welcome: this.#welcomed, message: this.#message, audio: this.#audio, lost: this.#lost },
    })
    this.#commandTargets = { level: this.level, playOut: this.playOut, hooks: this.#hooks, restartStream: () => { this.#connection.restart() }, refreshBundle: options.refreshBundle ?? null }
  }

  get connection(): Connection {
    return this.#connection
  }

  get frames(): FrameBuffer {
    return this.#frames
  }

  /** From a place on the house clock to its hearing, as the server told it last, ms. */
  get presentationDelayMs(): number {
    return (this.line.delaySamples * 1000) / SAMPLE_RATE_HZ
  }

  /** What the server says is on air; null when there is no connection. */
  get onAir(): OnAir | null {
    return this.#onAir
  }

  /** Does nothing when running. */
  start(): void {
    if (this.#running) return
    this.#running = true
    this.#startedMs = this.#options.clock.monotonicMs()
    this.#nextTurnMs = this.#startedMs
    this.#arm()
  }

  /** Says what has left, ends connection and output. Idempotent. */
  async stop(): Promise<void> {
    if (this.#running) {
      this.#running = false
      this.#timer?.cancel()
      this.#timer = null
      this.playOut.turn(this.#options.clock.monotonicMs())
      this.playOut.departures.flush()
      this.#connection.stop()
    }
    await this.#options.output.close()
    this.line.close()
  }

  /** House place of hearing (samples at 48 kHz) of the card's sample with this number, with a fraction; NaN when it carries none. For measurements. */
  placeOf(cardSample: number): number {
    return this.playOut.departures.placeOf(cardSample)
  }

  status(): Status {
    const { clock, wallMs } = this.#options
    const nowMs = clock.monotonicMs()
    const leaving = this.playOut.departures.leaving
    return makeStatus({
      stage: this.#stages.stage,
      orderId: this.#stages.orderId,
      playing: leaving?.playing ?? 'silence',
      syncErrorUs: this.playOut.syncErrorUs,
      clock: this.house.synchronised ? this.house.filter.quality(nowMs) : null,
      wallErrorMs: this.house.synchronised && wallMs !== undefined ? wallMs() - HOUSE_EPOCH_WALL_MS - this.house.usAt(nowMs) / 1000 : null,
      cardPpm: this.playOut.cardPpm,
      correctionPpm: this.playOut.correctionPpm,
      bufferMs: Math.max(0, ((this.#frames.endsAt - this.playOut.place) * 1000) / SAMPLE_RATE_HZ),
      targetMs: this.#welcome?.presentationDelayMs ?? null,
      lateFrames: this.#frames.lateFrames,
      lostFrames: this.#frames.lostFrames,
      concealedFrames: this.line.concealedFrames,
      unverifiedFrames: this.line.unverifiedFrames,
      hardCorrections: this.playOut.hardCorrectionsTotal,
      underrunSamples: this.playOut.underrunSamples,
      volumePercent: this.level.volumePercent,
      hoursPercent: this.level.hoursPercent,
      muted: this.level.muted,
      readings: this.#hooks.readings(),
      storage: this.#options.storage?.() ?? null,
      version: this.#options.version ?? null,
      identity: this.#options.identity.kind,
      refusals: this.#gate.refusals,
    })
  }

  #arm(): void {
    const { clock } = this.#options
    this.#timer = clock.setTimer(Math.max(0, this.#nextTurnMs - clock.monotonicMs()), this.#turn)
  }

  readonly #turn = (): void => {
    // Hot path: fifty to a hundred times a second in each agent.
    const { clock, output, turnMs = output.queueMs >= CALM_QUEUE_MS ? CALM_TURN_MS : TURN_MS } = this.#options
    const nowMs = clock.monotonicMs()
    this.#nextTurnMs = Math.max(this.#nextTurnMs + turnMs, nowMs)
    try {
      this.#connection.turn(nowMs)
      if (nowMs >= this.#nextPollMs) this.#ask(nowMs)
      if (!this.house.known) this.#guess(nowMs)
      this.playOut.turn(nowMs)
      if (nowMs - this.#statusSentMs >= STATUS_PAUSE_MS && nowMs - this.#lookedMs >= LOOK_MS) this.#tell(nowMs)
    } finally {
      // A turn that throws must not be the last one.
      if (this.#running) this.#arm()
    }
  }

  #guess(nowMs: number): void {
    const { wallMs } = this.#options
    if (wallMs !== undefined && nowMs - this.#startedMs > GUESS_AFTER_MS) this.house.guess(nowMs, wallMs())
  }

  #ask(nowMs: number): void {
    this.#asked++
    this.#nextPollMs = nowMs + nextPollMs(this.#asked, (this.#options.random ?? Math.random)())
    this.#connection.send({ type: 'clock', t1: this.#options.clock.monotonicMs() })
  }

  readonly #welcomed = (welcome: Welcome): void => {
    const nowMs = this.#options.clock.monotonicMs()
    this.#welcome = welcome
    this.line.delaySamples = Math.round((welcome.presentationDelayMs * SAMPLE_RATE_HZ) / 1000)
    this.#frames.beginConnection()
    this.playOut.settle(nowMs)
    this.#asked = 0
    this.#nextPollMs = nowMs
    this.#statusSentMs = nowMs - STATUS_MS
    this.#alone?.connected(true)
    this.#options.onEvent?.({ event: 'connected', welcome })
  }

  readonly #lost = ({ code, reason }: { code: number; reason: string }, retryMs: number): void => {
    this.#nextPollMs = Infinity
    if (this.#onAir !== null) this.#alone?.onAir(null)
    this.#onAir = null
    this.#alone?.connected(false)
    this.#options.onEvent?.({ event: 'lost', code, reason, retryMs })
  }

  readonly #audio = (bytes: Buffer): void => {
    const message = readAudioMessage(bytes)
    if (message === undefined || this.#welcome === null) return
    const orderId = this.#onAir?.orderId ?? null
    const frame = heldFrame(message, this.#welcome.codecDelaySamples, orderId)
    this.line.overtake(frame, this.playOut.place)
    if (!this.#frames.add(frame, this.line.decodedUntil) || orderId === null) return
    this.#stages.reached(orderId, 'received')
    if (this.#gate.verifies && this.#gate.maySound(orderId, frame.judgedAt)) this.#stages.reached(orderId, 'verified')
  }

  readonly #message = (message: Message): void => {
    switch (message.type) {
      case 'clock':
        this.#answered(message)
        break
      case 'on-air':
        this.#switched(message)
        break
      case 'signed':
        void this.#signed(message)
        break
      case 'command':
        void this.#unsignedCommand(message)
        break
      default:
        if (this.#alone?.message?.(message) === true) break
        if (typeof message['code'] === 'string') this.#options.onEvent?.({ event: 'problem', message })
    }
  }

  #answered({ t1, t2, t3 }: Message): void {
    const t4 = this.#options.clock.monotonicMs()
    if (typeof t1 !== 'number' || typeof t2 !== 'number' || typeof t3 !== 'number' || t4 - t1 > ANSWER_MS) return
    const verdict = this.house.filter.add(t1, t2, t3, t4)
    if (this.house.synchronised) this.#gate.timeKnown?.(this.house.usAt(t4))
    if (verdict !== 'step') return
    this.playOut.settle(t4)
    this.#options.onEvent?.({ event: 'clock-step' })
  }

  #switched(message: Message): void {
    const { orderId, class: orderClass, title, fromSamples, untilSamples } = message
    if (orderId !== null && typeof orderId !== 'string') return
    const onAir: OnAir = {
      orderId,
      ...(typeof orderClass === 'string' ? { class: orderClass } : {}),
      ...(typeof title === 'string' ? { title } : {}),
      ...(typeof fromSamples === 'number' ? { fromSamples } : {}),
      ...(typeof untilSamples === 'number' ? { untilSamples } : {}),
    }
    this.#onAir = onAir
    this.#stages.onAir(orderId)
    this.#alone?.onAir(onAir)
    this.#options.onEvent?.({ event: 'on-air', onAir })
  }

  async #signed({ keyId, body, signature }: Message): Promise<void> {
    if (typeof keyId !== 'string' || typeof body !== 'string' || typeof signature !== 'string') return
    const envelope: SignedMessage = { type: 'signed', keyId, body, signature }
    // What the board's own clock says is good enough to play by when alone, not to judge by.
    const houseUs = this.house.synchronised ? this.house.usAt(this.#options.clock.monotonicMs()) : null
    const ack = await this.#gate.take(envelope, houseUs, this.#run)
    if (ack !== null) this.#connection.send(ack)
  }

  /** Commands without a signature are for devices that can check none. */
  async #unsignedCommand(message: Message): Promise<void> {
    const { command, commandId } = message
    if (typeof command !== 'string') return
    const given = typeof message['arguments'] === 'object' && message['arguments'] !== null ? (message['arguments'] as Record<string, unknown>) : message
    const result: CommandResult = this.#gate.verifies ? { result: 'refused', reason: 'not signed' } : await this.#run({ command: command as CommandName, arguments: given })
    if (typeof commandId === 'string') this.#connection.send({ type: 'ack', commandId, ...result })
  }

  readonly #run = async (command: Pick<VerifiedCommand, 'command' | 'arguments'>): Promise<CommandResult> => {
    const result = await runCommand(command, this.#commandTargets)
    this.#options.onEvent?.({ event: 'command', command: command.command, result })
    return result
  }

  readonly #played = (stretch: PlayedStretch): void => {
    this.#options.playLog?.played(stretch)
    this.#options.onEvent?.({ event: 'played', stretch })
  }

  #tell(nowMs: number): void {
    this.#lookedMs = nowMs
    if (this.#connection.state !== 'live') return
    const leaving = this.playOut.departures.leaving
    if (leaving !== null) {
      this.#stages.reached(leaving.orderId, 'played')
      if (!leaving.audible || leaving.playing === 'silence') this.#sounding = null
      else if (this.#sounding?.orderId !== leaving.orderId) this.#sounding = { orderId: leaving.orderId, sinceMs: nowMs }
    }
    const { heard, heardFromMs = nowMs } = this.#hooks.readings()
    if (heard === true && this.#sounding !== null && heardFromMs >= this.#sounding.sinceMs) this.#stages.reached(this.#sounding.orderId, 'heard')
    const status = this.status()
    if (nowMs - this.#statusSentMs < STATUS_MS && this.#lastStatus !== null && isSameToEverybody(status, this.#lastStatus)) {
      return
    }
    this.#lastStatus = status
    this.#statusSentMs = nowMs
    this.#connection.send(status)
  }
}
