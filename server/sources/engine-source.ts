import type { PcmSource } from '../../rooms/pcm-source.ts'
import type { SourceReport, SourceSpec } from '../link/messages.ts'

/** One source as an engine runs it. Its sound is read on the house grid; a source that has none says so and is bridged. */
export interface EngineSource extends PcmSource {
  report(): SourceReport
  /** Whether a programme needs it now, or did within the last seconds. A source may rest while it is not needed. */
  setNeeded(needed: boolean): void
  /** Whether what it brings is given out whatever is wrong with it; left out: it never holds anything back. */
  setForced?(forced: boolean): void
  /** Takes over what can change while it runs. @returns false when it has to be made anew */
  update(spec: SourceSpec): boolean
  /** Idempotent; resolves when its children have ended. */
  close(): Promise<void>
}
