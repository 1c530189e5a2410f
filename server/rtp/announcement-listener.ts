import type { Socket } from 'node:dgram'
import type { RtpAnnouncement } from '../../control/ports.ts'
import { SAP_PORT, sapGroup } from '../../codec/rtp/index.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { AnnouncementBoard, type AnnouncementChanges } from './announcement-board.ts'
import { findInterface } from './local-address.ts'
import { openSocket } from './transport.ts'

/** Of the scopes that studios use: global, administrative, organisation (RFC 2974, 3). */
const GROUPS = ['224.2.127.254', sapGroup('239.0.0.1'), sapGroup('239.192.0.1')]
/** A flood of announcements is told of at most so often. */
const TELL_MS = 1000
const EXPIRE_MS = 30_000
const RETRY_MS = 5000

/** Listens to what is announced in the network, and tells what has changed. */
export class AnnouncementListener {
  readonly #board = new AnnouncementBoard()
  readonly #clock: Clock
  readonly #interface: string
  readonly #tell: (changes: AnnouncementChanges) => void
  #socket: Socket | undefined
  #retry: TimerHandle | undefined
  #telling: TimerHandle | undefined
  #expiry: TimerHandle | undefined
  #closed = false

  /** @param interfaceName name or address of the interface to listen at; `any`: as the system routes */
  constructor(options: { readonly clock: Clock; readonly interfaceName: string; readonly tell: (changes: AnnouncementChanges) => void }) {
    this.#clock = options.clock
    this.#interface = options.interfaceName
    this.#tell = options.tell
    this.#open()
    this.#expire()
  }

  list(): readonly RtpAnnouncement[] {
    return this.#board.list()
  }

  close(): void {
    this.#closed = true
    for (const timer of [this.#retry, this.#telling, this.#expiry]) timer?.cancel()
    this.#drop()
  }

  #open(): void {
    const socket = openSocket(4, true)
    this.#socket = socket
    const fail = (): void => {
      if (this.#socket !== socket) return
      this.#drop()
      if (!this.#closed) this.#retry = this.#clock.setTimer(RETRY_MS, () => { this.#open() })
    }
    socket.on('error', fail)
    socket.on('message', (datagram) => { if (this.#board.take(datagram, this.#clock.monotonicMs())) this.#soon() })
    socket.bind(SAP_PORT, '0.0.0.0', () => {
      try {
        const at = this.#interface === 'any' ? undefined : findInterface(this.#interface, 4)?.multicastAddress
        for (const group of GROUPS) socket.addMembership(group, at)
      } catch {
        fail()
      }
    })
  }

  #soon(): void {
    this.#telling ??= this.#clock.setTimer(TELL_MS, () => {
      this.#telling = undefined
      this.#tell(this.#board.takeChanges())
    })
  }

  #expire(): void {
    this.#expiry = this.#clock.setTimer(EXPIRE_MS, () => {
      if (this.#board.expire(this.#clock.monotonicMs())) this.#soon()
      this.#expire()
    })
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    try {
      socket?.close()
    } catch {
      // It was never open.
    }
  }
}
