import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { CapDesk, CapPublisher, FeedPoller, type AlertDesk, type Broadcast, type ClipPreparer, type ControlClock, type Store } from '../../control/index.ts'
import type { Config } from '../config.ts'
import { CapKeyFile } from '../signing/cap-key.ts'
import { addressCheck } from '../sources/address-check.ts'
import { createFetcher } from './http-fetcher.ts'

export interface CapParts {
  readonly config: Config
  readonly store: Store
  readonly broadcast: Broadcast
  readonly alerts: AlertDesk
  readonly clips: ClipPreparer
  /** Wall time of the house. */
  readonly houseWall: ControlClock
  readonly logger: Logger
}

/** Puts together what takes CAP messages, polls feeds and signs ours. Desk and feeds are not started yet. */
export function openCap({ config, store, broadcast, alerts, clips, houseWall: clock, logger }: CapParts): { readonly desk: CapDesk; readonly feeds: FeedPoller; readonly publisher: CapPublisher } {
  const fetcher = createFetcher(addressCheck(config.allowPrivateSources))
  const onError = (error: unknown): void => {
    logger.error({ err: error }, 'a CAP message could not be dealt with')
  }
  const desk = new CapDesk({ store, broadcast, clock, config, clips, fetcher, alerts, onError })
  return {
    desk,
    feeds: new FeedPoller({ store, clock, fetcher, desk, onError }),
    publisher: new CapPublisher({ store, clock, sender: config.capSender === '' ? `loa@${hostname()}` : config.capSender, key: CapKeyFile.open(config.dataDir, clock.wallMs()) }),
  }
}
