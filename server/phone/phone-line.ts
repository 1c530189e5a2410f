import type { Logger } from 'pino'
import type { Clock } from '../../rooms/clock.ts'
import type { PhoneLine } from './phone-call.ts'
import type { PhoneSettings } from './phone-settings.ts'
import { UserAgent, type SipFigures } from './sip/user-agent.ts'

export interface PhoneLineOptions {
  readonly settings: PhoneSettings
  readonly clock: Clock
  readonly logger: Logger
}

/** A phone line as it is when it stands: with its ports and figures. */
export interface OpenPhoneLine extends PhoneLine {
  /** Of UDP and TCP. */
  readonly port: number
  /** Null without TLS. */
  readonly tlsPort: number | null
  figures(): SipFigures
}

/**
 * Opens the SIP ports, begins to register, and takes calls. To be run in a process of its own: it reads what anybody sends.
 * @throws RangeError for an account, peer or range that cannot be read; the system's error when a port cannot be had
 */
export async function openPhoneLine({ settings, clock, logger }: PhoneLineOptions): Promise<OpenPhoneLine> {
  const agent = await UserAgent.open(settings, clock, logger)
  return {
    port: agent.port,
    tlsPort: agent.tlsPort,
    onCall: (take) => { agent.onCall(take) },
    report: () => agent.report(),
    figures: () => agent.figures,
    close: () => agent.close(),
  }
}
