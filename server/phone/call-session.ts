import type { Logger } from 'pino'
import { OPUS_FRAME_SAMPLES } from '../../codec/index.ts'
import type { PhoneLanguage, PhoneNotice } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { AirLine } from './air-line.ts'
import type { CallRecording } from './call-recording.ts'
import { Dialogue } from './dialogue/dialogue.ts'
import type { DialogueAction, DialogueEvent } from './dialogue/dialogue-steps.ts'
import type { PhoneCall, PhoneCallEvents } from './phone-call.ts'
import type { CallLink } from './phone-link.ts'
import type { PromptBook } from './prompt-book.ts'

const SILENCE = new Float32Array(OPUS_FRAME_SAMPLES)

export interface CallSessionOptions {
  readonly id: string
  readonly call: PhoneCall
  readonly language: PhoneLanguage
  readonly mediaLostMs: number
  readonly link: CallLink
  readonly prompts: Pick<PromptBook, 'render'>
  readonly runDir: string
  /** Opened when the call is answered. */
  readonly record: () => CallRecording
  readonly clock: Clock
  readonly logger: Logger
  readonly onOver: () => void
}

/** Carries out what the dialogue of one call says, and tells it what happens. */
export class CallSession implements PhoneCallEvents {
  readonly #options: CallSessionOptions
  readonly #dialogue: Dialogue
  #recording: CallRecording | null = null
  #air: AirLine | null = null
  #isSecret = true
  #isOver = false
  /** Another with everything that is said: what comes late of an earlier one is nothing. */
  #saying = 0
  #timer: TimerHandle | undefined
  #armedMs = Infinity
  #over: Promise<void> | null = null

  constructor(options: CallSessionOptions) {
    this.#options = options
    this.#dialogue = new Dialogue(options.language, options.mediaLostMs)
    void this.#begin()
  }

  onDigit(key: string): void {
    this.#tell({ type: 'key', key })
  }

  onSound(pcm: Float32Array): void {
    if (this.#isOver) return
    this.#tell({ type: 'sound' })
    // In-band, keys are sound, and a PIN must not be kept.
    this.#recording?.push(this.#isSecret ? SILENCE : pcm)
    // A pause is silence and not nothing: nobody else's voice comes in its place.
    if (this.#dialogue.isHeard) this.#air?.send(pcm)
    else this.#air?.pause(pcm.length)
  }

  onHold(held: boolean): void {
    this.#tell({ type: 'held', held })
  }

  onEnd(reason: string): void {
    this.#tell({ type: 'ended', reason })
    this.#end(reason)
  }

  notice(notice: PhoneNotice): void {
    this.#tell({ type: 'notice', notice })
  }

  /** Resolves when all that is kept of it is on the disk. */
  async close(): Promise<void> {
    this.onEnd('the server is being stopped')
    this.#options.call.hangUp()
    await this.#over
  }

  async #begin(): Promise<void> {
    const { call, link, clock, record } = this.#options
    try {
      await call.answer()
    } catch (error) {
      this.onEnd(error instanceof Error ? error.message : String(error))
      return
    }
    if (this.#isOver) return
    this.#recording = record()
    link.began({ callerId: call.callerId, remoteAddress: call.remoteAddress, atWallMs: clock.wallMs() })
    this.#tell({ type: 'answered' })
  }

  #tell(event: DialogueEvent): void {
    for (const action of this.#dialogue.handle(event, this.#options.clock.monotonicMs())) this.#carryOut(action)
    this.#arm()
  }

  #carryOut(action: DialogueAction): void {
    const { call, link, runDir, clock, id } = this.#options
    switch (action.do) {
      case 'say':
        void this.#say(action)
        break
      case 'hush':
        this.#saying += 1
        call.stopPlaying()
        break
      case 'ask':
        link.ask(action.question).then((answer) => { this.#tell({ type: 'answer', answer }) }, () => { this.#tell({ type: 'no-answer' }) })
        break
      case 'open-air':
        this.#air?.close()
        this.#air = new AirLine(runDir, action.air, { callId: id, remoteAddress: call.remoteAddress, clock })
        break
      case 'close-air':
        this.#air?.close()
        this.#air = null
        break
      case 'secret':
        this.#isSecret = action.on
        break
      case 'hang-up':
        // Before the line says only that it was us.
        this.#end(action.reason)
        call.hangUp()
        break
      case 'air':
        // onSound asks the dialogue itself.
        break
    }
  }

  async #say({ segments, language }: Extract<DialogueAction, { do: 'say' }>): Promise<void> {
    const { call, prompts } = this.#options
    const mine = ++this.#saying
    call.stopPlaying()
    const pcm = await prompts.render(segments, language)
    if (mine !== this.#saying || this.#isOver) return
    if (await call.play(pcm).catch(() => true) && mine === this.#saying) this.#tell({ type: 'said' })
  }

  /** Sound comes fifty times a second, and puts off only when it is missed: the timer is set anew when it has to be sooner, or has fired. */
  #arm(): void {
    const { clock } = this.#options
    const dueMs = this.#isOver ? Infinity : this.#dialogue.dueMs
    if (dueMs >= this.#armedMs) return
    this.#timer?.cancel()
    this.#armedMs = dueMs
    this.#timer = clock.setTimer(Math.max(0, dueMs - clock.monotonicMs()), () => {
      this.#armedMs = Infinity
      this.#tell({ type: 'time' })
    })
  }

  #end(reason: string): void {
    if (this.#isOver) return
    const { link, logger, id, onOver } = this.#options
    this.#isOver = true
    this.#saying += 1
    this.#timer?.cancel()
    this.#air?.close()
    // First of all: what is on the air through it ends.
    link.ended(reason)
    logger.info({ callId: id, reason }, 'call has ended')
    this.#over = (async () => {
      const kept = await this.#recording?.close()
      if (kept !== undefined && kept !== null) link.recorded(kept)
      onOver()
    })()
  }
}
