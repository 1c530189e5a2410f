import type { PhoneDesk } from '../../control/index.ts'
import type { BroadcastEvent, PhoneExchange, PhoneLines, PhoneNotice, ProcessInfo } from '../../control/ports.ts'
import type { PhonePeer } from '../link/control-server.ts'
import type { PhoneToControl } from '../link/phone-messages.ts'

type Desk = Pick<PhoneDesk, 'connected' | 'gone' | 'began' | 'ask' | 'ended' | 'recorded'>

export interface PhoneBoardPorts {
  /** Whether such a process is to run. */
  readonly configured: boolean
  readonly engineOfSource: (sourceId: string) => number
  readonly emit: (event: BroadcastEvent) => void
}

/** Between the process that takes calls and the desk that decides what comes of them. */
export class PhoneBoard implements PhoneExchange {
  readonly #ports: PhoneBoardPorts
  #peer: PhonePeer | null = null
  #lines: PhoneLines | null = null
  #figures = { cpuMsTotal: 0, rssBytes: 0 }
  #desk: Desk | null = null
  readonly #listeners = new Set<() => void>()

  constructor(ports: PhoneBoardPorts) {
    this.#ports = ports
  }

  /** Who is to hear of calls. */
  attach(desk: Desk): void {
    this.#desk = desk
  }

  get configured(): boolean {
    return this.#ports.configured
  }

  /** The process, when it is there. */
  processes(): ProcessInfo[] {
    return this.#peer === null ? [] : [{ role: 'phone', index: 0, pid: this.#peer.hello.pid, connected: true, ...this.#figures }]
  }

  lines(): PhoneLines | null {
    return this.#lines
  }

  /** @returns ends it */
  watchLines(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  notice(callId: string, notice: PhoneNotice): void {
    this.#peer?.send({ type: 'phone-notice', callId, notice })
  }

  engineOfSource(sourceId: string): number {
    return this.#ports.engineOfSource(sourceId)
  }

  greet(peer: PhonePeer): void {
    this.#peer = peer
  }

  gone(peer: PhonePeer): void {
    // It may have come back before the old connection was seen to end.
    if (this.#peer !== peer) return
    this.#peer = null
    this.#setLines(null)
    this.#desk?.gone()
    this.#ports.emit({ type: 'fault', code: 'LOA_FAULT_PHONE_GONE', message: 'the telephone process is gone; it is started again', role: 'phone' })
  }

  hear(peer: PhonePeer, message: PhoneToControl): void {
    const desk = this.#desk
    if (desk === null || peer !== this.#peer) return
    switch (message.type) {
      case 'phone-calls':
        desk.connected(message.callIds)
        break
      case 'phone-lines':
        this.#figures = { cpuMsTotal: message.cpuMsTotal, rssBytes: message.rssBytes }
        this.#setLines(message.lines)
        break
      case 'phone-began':
        desk.began({ id: message.callId, callerId: message.callerId, remoteAddress: message.remoteAddress, startedAtMs: message.atWallMs })
        break
      case 'phone-ask': {
        const { callId, requestId } = message
        void desk.ask(callId, message.question).then((answer) => { peer.send({ type: 'phone-answer', callId, requestId, answer }) })
        break
      }
      case 'phone-ended':
        desk.ended(message.callId, message.reason)
        peer.send({ type: 'phone-noted', callId: message.callId, what: message.type })
        break
      case 'phone-recorded':
        desk.recorded(message.callId, message.recording)
        peer.send({ type: 'phone-noted', callId: message.callId, what: message.type })
        break
      case 'hello':
        break
    }
  }

  #setLines(lines: PhoneLines | null): void {
    if (JSON.stringify(lines) === JSON.stringify(this.#lines)) return
    this.#lines = lines
    for (const listener of this.#listeners) listener()
  }
}
