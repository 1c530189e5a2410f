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
/** Anybody may ask, as often as he likes: the list is made once a second at most, and each message signed once. */
const LIST_MS = 1000
const MOST_SIGNED = 200

/** Our own alerts as signed messages of CAP. */
export class CapPublisher {
  readonly #ports: CapPublisherPorts
  #listed: { readonly atMs: number; readonly messages: readonly Published[] } = { atMs: -Infinity, messages: [] }
  /** By what is signed. */
  readonly #signed = new Map<string, string>()

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
    return alert === undefined || !isTold(alert, this.#ports.clock.wallMs()) ? [] : messagesOf(alert, this.#ports).map((message) => this.#sign(writeCap(message)))
  }

  /** The newest that others are to know of, newest first. */
  latest(): readonly Published[] {
    const nowMs = this.#ports.clock.wallMs()
    if (Math.abs(nowMs - this.#listed.atMs) >= LIST_MS) this.#listed = { atMs: nowMs, messages: this.#list(nowMs) }
    return this.#listed.messages
  }

  #sign(xml: string): string {
    const known = this.#signed.get(xml)
    if (known !== undefined) return known
    const signed = `<?xml version="1.0" encoding="UTF-8"?>\n${signCap(xml, parse, this.#ports.key)}`
    if (this.#signed.size >= MOST_SIGNED) this.#signed.delete(this.#signed.keys().next().value!)
    this.#signed.set(xml, signed)
    return signed
  }

  #list(nowMs: number): readonly Published[] {
    const { store } = this.#ports
    const found: Published[] = []
    for (let after: number | null = null; ;) {
      const { items, next }: { readonly items: readonly AlertRecord[]; readonly next: number | null } = store.alerts.list({ after, limit: PAGE }, {}, nowMs)
      for (const alert of items.filter((one) => isTold(one, nowMs))) {
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
