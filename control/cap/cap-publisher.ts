import type { AlertRecord } from '../alerts/alert-port.ts'
import type { ControlClock, Store } from '../ports.ts'
import { CAP_XML_LIMITS } from './cap-desk.ts'
import type { CapMessage } from './cap-message.ts'
import { isTold, messagesOf } from './cap-out.ts'
import { writeCap } from './cap-writer.ts'
import { signCap, type CapSigningKey } from './signature.ts'
import { readXml, type XmlElement } from './xml.ts'

export interface CapPublisherPorts {
  readonly store: Pick<Store, 'alerts' | 'units' | 'clusters'>
  readonly clock: ControlClock
  /** Of our messages: an e-mail address or a domain that is ours. */
  readonly sender: string
  readonly key: CapSigningKey & { readonly pem: string }
}

/** A message of ours and where it stands: `version` 0 is the alert's own, 1 its Cancel. */
export interface Published {
  readonly alertId: string
  readonly message: CapMessage
  readonly isLatest: boolean
}

const MOST_LISTED = 100
const PAGE = 200

/** Our own alerts as signed messages of CAP. */
export class CapPublisher {
  readonly #ports: CapPublisherPorts

  constructor(ports: CapPublisherPorts) {
    this.#ports = ports
  }

  /** PEM, to be given to who is to believe our messages. */
  get certificate(): string {
    return this.#ports.key.pem
  }

  /**
   * The messages of an alert, signed; oldest first.
   * @returns empty when it was never on the air, or is a test
   */
  signed(alertId: string): readonly string[] {
    const alert = this.#ports.store.alerts.get(alertId)
    return alert === undefined || !isTold(alert) ? [] : messagesOf(alert, this.#ports).map((message) => `<?xml version="1.0" encoding="UTF-8"?>\n${signCap(writeCap(message), parse, this.#ports.key)}`)
  }

  /** The newest that others are to know of, newest first. */
  latest(): readonly Published[] {
    const { store, clock } = this.#ports
    const found: Published[] = []
    for (let after: number | null = null; ;) {
      const { items, next }: { readonly items: readonly AlertRecord[]; readonly next: number | null } = store.alerts.list({ after, limit: PAGE }, {}, clock.wallMs())
      for (const alert of items.filter(isTold)) {
        const messages = messagesOf(alert, this.#ports).toReversed()
        found.push(...messages.map((message, index) => ({ alertId: alert.id, message, isLatest: index === 0 })))
        if (found.length >= MOST_LISTED) return found.slice(0, MOST_LISTED)
      }
      if (next === null) return found
      after = next
    }
  }
}

const parse = (text: string): XmlElement => readXml(Buffer.from(text, 'utf8'), CAP_XML_LIMITS)
