import type { Logger } from 'pino'
import { PhoneDesk, type AlertDesk, type ControlClock, type Store } from '../../control/index.ts'
import type { Config } from '../config.ts'
import type { Director } from '../director/director.ts'
import { listOf } from '../list-setting.ts'
import { allowedPeers } from './allowed-peers.ts'
import { createPhoneRecordings } from './call-recording.ts'

export interface PhoneOffice {
  readonly desk: PhoneDesk
  readonly exchange: Director['phone']
  readonly recordings: ReturnType<typeof createPhoneRecordings>
}

/** Puts together what decides about calls, and lets it hear of them. */
export function openPhone({ config, store, director, alerts, houseWall, logger }: { readonly config: Config; readonly store: Store; readonly director: Director; readonly alerts: AlertDesk; readonly houseWall: ControlClock; readonly logger: Logger }): PhoneOffice {
  const recordings = createPhoneRecordings(config.dataDir)
  const desk = new PhoneDesk({
    store,
    broadcast: director,
    clock: houseWall,
    config,
    alerts,
    exchange: director.phone,
    recordings,
    isPeer: allowedPeers(listOf(config.sipAllowedPeers)),
    rules: config,
    onError: (error) => { logger.error({ err: error }, 'a call could not be served') },
  })
  director.phone.attach(desk)
  return { desk, exchange: director.phone, recordings }
}
