import type { Logger } from 'pino'
import type { Store } from '../../control/ports.ts'
import type { SourceAttempt } from '../link/messages.ts'

export interface AttemptDeskPorts {
  readonly store: Pick<Store, 'sources' | 'sourceAttempts' | 'sourceKeys' | 'transaction'>
  readonly wallMsAt: (samples: number) => number
  readonly logger: Logger
}

/** Keeps who wanted to send to sources, as fan-outs tell it. */
export class AttemptDesk {
  readonly #ports: AttemptDeskPorts

  constructor(ports: AttemptDeskPorts) {
    this.#ports = ports
  }

  /** What could not be kept, as with a full disk, is told in the log alone: nobody's sound waits for it. */
  note(items: readonly SourceAttempt[]): void {
    const { store, wallMsAt, logger } = this.#ports
    try {
      store.transaction(() => {
        for (const { atSamples, lastSamples, ...told } of items) {
          if (store.sources.get(told.sourceId) === undefined) continue
          const atMs = Math.floor(wallMsAt(atSamples))
          store.sourceAttempts.put({ ...told, atMs, lastAtMs: Math.floor(wallMsAt(lastSamples)) })
          if (told.accepted && told.keyId !== null) store.sourceKeys.used(told.keyId, atMs)
        }
      })
    } catch (error) {
      logger.error({ err: error, attempts: items.length }, 'attempts to send to a source could not be kept')
    }
  }
}
