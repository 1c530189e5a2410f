import type { SourceReport, SourceSpec } from '../link/messages.ts'
import type { EngineSource } from './engine-source.ts'
import type { SourceContext } from './open-source.ts'
import { StudioLine, type StudioSession } from './studio-line.ts'

/** A source that is whoever is connected to it: a studio, a browser, a caller. */
export abstract class LineSource<Session extends StudioSession> implements EngineSource {
  protected readonly context: SourceContext
  protected readonly line: StudioLine<Session>

  constructor(context: SourceContext) {
    this.context = context
    this.line = new StudioLine(context.clock, () => { this.lineChanged() })
  }

  read(block: Float32Array, fromSamples: number): number {
    return this.line.read(block, fromSamples)
  }

  setForced(forced: boolean): void {
    this.line.forced = forced
  }

  setNeeded(needed: boolean): void {
    this.line.setNeeded(needed)
  }

  abstract update(spec: SourceSpec): boolean

  report(): SourceReport {
    return this.line.report()
  }

  close(): Promise<void> {
    return this.line.close()
  }

  /** What it reports of the line has changed, or some time has passed. */
  protected lineChanged(): void {
    this.context.changed()
  }
}
