import type { Logger } from 'pino'
import type { Clock } from '../../rooms/clock.ts'
import type { HouseAnchor } from '../../rooms/house-clock.ts'
import type { Config } from '../config.ts'

export type Role = 'control' | 'engine' | 'fan-out' | 'recorder' | 'phone'

/** What the supervisor gives to every role. */
export interface RoleRuntime {
  readonly config: Config
  /** The same in all processes, so that all agree on the house clock. */
  readonly anchor: HouseAnchor
  /** 0-based number of the process within its role. */
  readonly index: number
  readonly clock: Clock
  readonly logger: Logger
}

/** A running role. */
export interface RunningRole {
  /** Idempotent; resolves when sockets are closed and children have ended. */
  close(): Promise<void>
}
