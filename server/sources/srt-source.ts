import type { TimerHandle } from '../../rooms/clock.ts'
import type { SourceReport, SourceSpec, SrtSourceSpec } from '../link/messages.ts'
import { LineSource } from './line-source.ts'
import type { SourceContext } from './open-source.ts'
import { SrtSession } from './srt-session.ts'
import { isWatchedAlike, watchTimes } from './watch-times.ts'

/** After a connection; callers try again by themselves. */
const LISTEN_AGAIN_MS = 100
/** After a turn that could not even listen: the port is taken, or the program is not there. */
const RETRY_MS = 3000

/** An encoder that pushes by SRT to a port of its own. It listens always, one caller at a time: a second cannot connect while the first is there. */
export class SrtSource extends LineSource<SrtSession> {
  #spec: SrtSourceSpec
  #session: SrtSession
  #timer: TimerHandle | undefined
  #listenFault = ''
  #closed = false

  constructor(spec: SrtSourceSpec, context: SourceContext) {
    super(context)
    this.#spec = spec
    this.#session = this.#listen()
  }

  /** Another passphrase holds from the next connection on; who is on the line stays, if the old one was not taken back. */
  update(spec: SourceSpec): boolean {
    if (spec.kind !== 'srt' || !isWatchedAlike(spec, this.#spec) || spec.port !== this.#spec.port || spec.latencyMs !== this.#spec.latencyMs) return false
    const rekeyed = spec.passphrase !== this.#spec.passphrase
    const ends = spec.sessionsEndedAtMs !== this.#spec.sessionsEndedAtMs
    this.#spec = spec
    if (ends || (rekeyed && !this.#session.hasSound)) this.#session.end(ends ? 'its key was taken back' : 'the passphrase has changed', false)
    return true
  }

  override report(): SourceReport {
    const report = super.report()
    return this.line.session === undefined && this.#listenFault !== '' ? { ...report, state: 'down', reason: this.#listenFault } : report
  }

  override async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await Promise.all([this.#session.close(), super.close()])
  }

  #listen(): SrtSession {
    const { config, clock, logger } = this.context
    const session: SrtSession = new SrtSession({
      spec: this.#spec, host: config.host, ffmpegPath: config.ffmpegPath, watch: watchTimes(this.#spec, config.studioSilenceMs, config), clock,
      onSound: () => {
        this.#listenFault = ''
        this.line.take(session)
        logger.info({ sourceId: this.#spec.id, port: this.#spec.port }, 'studio is connected')
      },
      onEnd: () => { this.#ended(session) },
    })
    return session
  }

  #ended(session: SrtSession): void {
    const { clock, logger, changed } = this.context
    if (this.line.ended(session)) {
      logger.info({ sourceId: this.#spec.id, reason: session.endReason }, 'studio is gone')
    } else if (session.fault) {
      this.#listenFault = session.endReason ?? ''
      logger.warn({ sourceId: this.#spec.id, port: this.#spec.port, reason: session.endReason }, 'a turn of listening for SRT ended without sound')
      changed()
    }
    if (this.#closed) return
    this.#timer = clock.setTimer(session.fault ? RETRY_MS : LISTEN_AGAIN_MS, () => { this.#session = this.#listen() })
  }
}
