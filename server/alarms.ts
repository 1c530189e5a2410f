import type { Logger } from 'pino'
import { AlarmDesk, FactsObserver, Outbox, type Broadcast, type ControlClock, type Monitor, type Notifier, type PhoneDesk, type Store } from '../control/index.ts'
import type { Clock } from '../rooms/clock.ts'
import type { Config } from './config.ts'
import { checkIntegrity } from './health/integrity-check.ts'
import { HealthProbe } from './health/health-probe.ts'
import { Maintenance } from './health/maintenance.ts'
import { listOf } from './list-setting.ts'
import { ChannelNotifier } from './notify/notifier.ts'
import { addressCheck } from './sources/address-check.ts'
import { version } from './version.ts'

export interface Alarms {
  readonly alarms: AlarmDesk
  readonly outbox: Outbox
  readonly notifier: Notifier
  readonly maintenance: Maintenance
  /** Begins to measure, to look and to send. */
  start(): void
  close(): void
}

export interface AlarmsPorts {
  readonly config: Config
  readonly store: Store
  readonly broadcast: Broadcast
  readonly monitor: Monitor
  readonly phone: Pick<PhoneDesk, 'facts'>
  /** Wall time of the house. */
  readonly houseWall: ControlClock
  readonly clock: Clock
  readonly logger: Logger
}

/** Puts together what raises alarms and sends them on. */
export function openAlarms({ config, store, broadcast, monitor, phone, houseWall, clock, logger }: AlarmsPorts): Alarms {
  const { dataDir, smtpHost, smtpPort, smtpSecurity, smtpUser, smtpPassword, smtpFrom, integrityCheckHours } = config
  const health = new HealthProbe({
    dataDir,
    certificateFiles: listOf(config.certificateFiles),
    integrityCheckHours,
    clock,
    checkIntegrity,
    onError: (error) => {
      logger.error({ err: error }, 'the server could not be measured')
    },
  })
  const maintenance = new Maintenance({ dataDir, minFreeDiskBytes: config.minFreeDiskBytes, health, clock })
  const notifier = new ChannelNotifier({
    dataDir,
    addresses: addressCheck(config.allowPrivateWebhooks),
    version,
    mail: smtpHost === '' ? null : { host: smtpHost, port: smtpPort, security: smtpSecurity as 'tls' | 'starttls' | 'none', user: smtpUser, password: smtpPassword, from: smtpFrom },
  })
  const outbox = new Outbox({
    store,
    notifier,
    clock: houseWall,
    random: Math.random,
    onError: (error) => {
      logger.error({ err: error }, 'notifications could not be sent or kept')
    },
  })
  const observer = new FactsObserver({ store, broadcast, watch: monitor.board, health, outbox, phone, clock: houseWall })
  const alarms = new AlarmDesk({
    store,
    observer,
    outbox,
    clock: houseWall,
    onError: (error) => {
      logger.error({ err: error }, 'alarms could not be kept')
    },
  })
  return {
    alarms,
    outbox,
    notifier,
    maintenance,
    start() {
      health.start()
      outbox.start()
      alarms.start()
    },
    close() {
      alarms.close()
      outbox.close()
      observer.close()
      health.close()
      maintenance.close()
    },
  }
}
