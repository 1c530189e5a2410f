import type { Socket } from 'node:net'
import type { SourceReport, SourceSpec } from '../link/messages.ts'
import type { EngineSource } from './engine-source.ts'
import type { IngestHello, IngestReply } from './ingest-protocol.ts'
import { IngestSession } from './ingest-session.ts'
import type { SourceContext } from './open-source.ts'
import { StudioLine } from './studio-line.ts'

type StudioSpec = Extract<SourceSpec, { kind: 'icecast' | 'rtmp' }>

/** A studio that connects to us and sends bytes: by Icecast's protocol, or by RTMP. One at a time; whether a second is refused or takes over is the source's rule. */
export class IcecastSource implements EngineSource {
  readonly #context: SourceContext
  readonly #line: StudioLine<IngestSession>
  #spec: StudioSpec

  constructor(spec: StudioSpec, context: SourceContext) {
    this.#spec = spec
    this.#context = context
    this.#line = new StudioLine(context.clock, context.changed)
  }

  /** Takes a studio's bytes, or says why not. */
  accept(hello: IngestHello, socket: Socket): IngestReply {
    const takesOver = this.#line.session !== undefined
    if (takesOver && this.#spec.takeover === 'refuse') return { accepted: false, reason: 'busy' }
    const { config, clock, logger } = this.#context
    const session = new IngestSession({
      hello, socket, clock, ffmpegPath: config.ffmpegPath, silenceMs: this.#spec.silenceTimeoutMs ?? 0,
      onEnd: () => {
        if (this.#line.ended(session)) logger.info({ sourceId: this.#spec.id, reason: session.endReason }, 'studio is gone')
      },
    })
    this.#line.take(session)
    logger.info({ sourceId: this.#spec.id, contentType: hello.contentType, userAgent: hello.userAgent, remoteAddress: hello.remoteAddress, takesOver }, 'studio is connected')
    return { accepted: true }
  }

  read(block: Float32Array, fromSamples: number): number {
    return this.#line.read(block, fromSamples)
  }

  setNeeded(needed: boolean): void {
    this.#line.setNeeded(needed)
  }

  update(spec: SourceSpec): boolean {
    if (spec.kind !== this.#spec.kind || spec.silenceTimeoutMs !== this.#spec.silenceTimeoutMs) return false
    this.#spec = spec
    return true
  }

  report(): SourceReport {
    return this.#line.report()
  }

  close(): Promise<void> {
    return this.#line.close()
  }
}
