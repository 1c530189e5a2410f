import type { Logger } from 'pino'
import type { BroadcastEvent, CommandRecord, ConnectionInfo, DeviceRecord, Store } from '../../control/ports.ts'
import type { Clock } from '../../rooms/clock.ts'
import { houseMsAt } from '../../rooms/house-clock.ts'
import type { Plan } from '../../rooms/plan.ts'
import type { FanOutPeer } from '../link/control-server.ts'
import type { Assignment, ClusterCredential, EnrolRequest, LeaseRequest, Presence, SpeakerAck } from '../link/messages.ts'
import { NumberSequence } from '../signing/number-sequence.ts'
import { houseTimeText, Signer, type Signed, type Unsigned } from '../signing/signer.ts'
import type { SigningKeys } from '../signing/signing-keys.ts'
import { LeaseTable } from '../sinks/lease-table.ts'
import type { BundleMessage } from '../speaker-bundle/bundle-desk.ts'
import { CommandDesk } from './command-desk.ts'
import { CopyWatch } from './copy-watch.ts'
import { Enrolment, keyList } from './enrolment.ts'
import { OrderWindows, type OrderWindow } from './order-windows.ts'

/** Windows are looked at again so often; they reach far enough ahead for it. */
const WINDOWS_EVERY_MS = 5000
const HOUSEKEEPING_MS = 3_600_000
/** Old commands and codes are kept for so long after their end. */
const KEEP_MS = 90 * 24 * 3_600_000
/** The same alarm of the same cluster is told once in this time. */
const ALARM_EVERY_MS = 60_000
const KEYS_MESSAGE_MS = 24 * 3_600_000

export interface DispatchPorts {
  readonly store: Store
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly nowSamples: () => number
  readonly wallMs: () => number
  readonly planOf: (clusterId: string) => Plan
  /** Fan-outs that hold a native connection of the cluster. */
  readonly nativePeers: (clusterId: string) => readonly FanOutPeer[]
  /** A device was enrolled: fan-outs must know it before it says hello. */
  readonly enrolled: (clusterId: string) => void
  readonly emit: (event: BroadcastEvent) => void
  readonly logger: Logger
}

/**
 * Everything that is signed for devices: orders, commands and keys; and who is enrolled and served. Nothing here stands in the way of an
 * assignment: signing begins after it has been sent, in the thread pool.
 */
export class SpeakerDispatch {
  readonly #ports: DispatchPorts
  readonly #signer: Signer
  readonly #windows = new OrderWindows()
  readonly #desk: CommandDesk
  readonly #enrolment: Enrolment
  readonly #leases: LeaseTable
  /** Connections of enrolled devices, by cluster. */
  readonly #online = new Map<string, Set<string>>()
  readonly #touched = new Set<string>()
  readonly #devices = new Map<string, DeviceRecord>()
  readonly #copies = new CopyWatch()
  readonly #alarms = new Map<string, number>()
  #touchQueued = false
  #lookedMs = -Infinity
  #sweptMs: number
  #closed = false

  constructor(ports: DispatchPorts) {
    this.#ports = ports
    const { store, keys, clock, wallMs } = ports
    const houseMs = (): number => houseMsAt(ports.nowSamples())
    this.#signer = new Signer({
      currentKey: () => keys.current,
      numbers: new NumberSequence(store.numbers, (error) => {
        this.#fault(error, 'numbers of signed messages could not be reserved')
      }),
      houseMs,
      onError: (error) => {
        this.#fault(error, 'a message could not be signed')
      },
    })
    this.#desk = new CommandDesk({
      store: store.commands,
      clock,
      wallMs,
      onProgress: (command, counts, isOver) => {
        ports.emit({ type: 'command', command, counts, isOver })
      },
      onError: (error) => {
        this.#fault(error, 'answers to commands could not be written')
      },
    })
    this.#enrolment = new Enrolment({ store: store.devices, keys, signer: this.#signer, wallMs, houseMs })
    this.#leases = new LeaseTable(() => clock.monotonicMs())
    this.#sweptMs = clock.monotonicMs()
    for (const device of store.devices.active()) this.#devices.set(device.clusterId, device)
  }

  /** Messages that are numbered and not yet handed to the fan-outs. */
  get pending(): number {
    return this.#signer.pending
  }

  /** What fan-outs are told of the device of a cluster. */
  credentialOf(clusterId: string): Pick<ClusterCredential, 'device'> {
    const device = this.#devices.get(clusterId)
    return device === undefined ? {} : { device: { deviceId: device.id, publicKey: device.publicKey } }
  }

  close(): void {
    this.#closed = true
    this.#signer.close()
    this.#desk.close()
  }

  /** A device was enrolled or revoked, or its cluster is new or gone. */
  deviceChanged(clusterId: string): void {
    const device = this.#ports.store.devices.activeOf(clusterId)
    if (device?.publicKey === this.#devices.get(clusterId)?.publicKey) return
    if (device === undefined) this.#devices.delete(clusterId)
    else this.#devices.set(clusterId, device)
    this.#leases.forget(clusterId)
    this.#windows.forget(clusterId)
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Plans changed and the fan-outs have been told. */
  plansChanged(assignments: readonly Assignment[]): void {
    for (const { clusters } of assignments) for (const id of clusters) if (this.#online.has(id)) this.#touched.add(id)
    if (this.#touchQueued || this.#touched.size === 0) return
    this.#touchQueued = true
    setImmediate(() => {
      this.#touchQueued = false
      const touched = [...this.#touched]
      this.#touched.clear()
      if (!this.#closed) this.#sendWindows(touched, false)
    })
  }

  presence(joined: readonly ConnectionInfo[], left: Presence['left']): void {
    const devices: string[] = []
    for (const { clusterId, connectionId, protocol, instanceId, remoteAddress } of joined) {
      if (protocol !== 'native') continue
      if (instanceId === undefined) {
        this.#sendPlainCommands(clusterId, this.#desk.openFor(clusterId))
        continue
      }
      this.#leases.joined(clusterId, instanceId, connectionId)
      if (this.#copies.joined(clusterId, remoteAddress, this.#ports.clock.monotonicMs())) this.#alarm('LOA_FAULT_IDENTITY_IN_USE', clusterId, `the device of cluster ${clusterId} comes from two places in turn, last ${remoteAddress}: its disk may have been copied`)
      const connections = this.#online.get(clusterId)
      if (connections === undefined) this.#online.set(clusterId, new Set([connectionId]))
      else connections.add(connectionId)
      devices.push(clusterId)
    }
    for (const { clusterId, connectionId, silentMs } of left) this.gone(clusterId, connectionId, silentMs ?? 0)
    if (devices.length === 0) return
    this.#sendKeys(devices)
    this.#sendWindows(devices, true)
    this.#sendSignedCommands(devices.map((clusterId) => ({ clusterId, commands: this.#desk.openFor(clusterId) })))
  }

  /** A connection has ended. */
  gone(clusterId: string, connectionId: string, silentMs = 0): void {
    this.#leases.left(clusterId, connectionId, silentMs)
    const connections = this.#online.get(clusterId)
    if (connections?.delete(connectionId) === true && connections.size === 0) this.#online.delete(clusterId)
  }

  /** To be called about once a second. */
  refresh(): void {
    const nowMs = this.#ports.clock.monotonicMs()
    this.#desk.sweep()
    if (nowMs - this.#lookedMs >= WINDOWS_EVERY_MS) {
      this.#lookedMs = nowMs
      this.#sendWindows(this.#online.keys(), false)
      for (const [key, atMs] of this.#alarms) if (nowMs - atMs >= ALARM_EVERY_MS) this.#alarms.delete(key)
    }
    if (nowMs - this.#sweptMs >= HOUSEKEEPING_MS) {
      this.#sweptMs = nowMs
      this.#forgetOld()
    }
  }

  commandGiven(command: CommandRecord, clusterIds: readonly string[]): void {
    this.#desk.add(command, clusterIds)
    this.#sendSignedCommands(clusterIds.filter((id) => this.#online.has(id)).map((clusterId) => ({ clusterId, commands: [command] })))
    for (const id of clusterIds) if (!this.#online.has(id)) this.#sendPlainCommands(id, [command])
  }

  /** Clusters whose enrolled device is connected. */
  onlineDevices(): Iterable<string> {
    return this.#online.keys()
  }

  sendBundles(bundles: readonly BundleMessage[]): void {
    this.#issue(bundles.map((bundle) => ({ ...bundle, kind: 'bundle' })))
  }

  signingKeysChanged(): void {
    this.#sendKeys([...this.#online.keys()])
  }

  acked({ clusterId, commandId, result, reason }: SpeakerAck): void {
    if (this.#desk.answered(clusterId, commandId, { result, ...(reason === undefined ? {} : { reason }) })) return
    if (result === 'refused') this.#alarm('LOA_FAULT_SPEAKER_REFUSED', clusterId, `the device refuses ${commandId}: ${reason ?? 'no reason given'}`)
  }

  lease(peer: FanOutPeer, { requestId, clusterId, instanceId, remoteAddress }: LeaseRequest): void {
    const granted = this.#leases.request(clusterId, instanceId)
    peer.send({ type: 'lease-answer', requestId, granted })
    if (!granted) this.#alarm('LOA_FAULT_IDENTITY_IN_USE', clusterId, `a second device with the identity of cluster ${clusterId} was refused, from ${remoteAddress}`)
  }

  async enrol(peer: FanOutPeer, { requestId, code, publicKey, remoteAddress }: EnrolRequest): Promise<void> {
    try {
      const enrolled = await this.#enrolment.enrol(code, publicKey, remoteAddress)
      if (enrolled !== null) {
        this.#ports.enrolled(enrolled.device.clusterId)
      }
      peer.send({ type: 'enrol-answer', requestId, text: enrolled?.text ?? null })
    } catch (error) {
      // The device asks again; a code that was used up by then needs another.
      this.#fault(error, 'a device could not be enrolled')
      peer.send({ type: 'enrol-answer', requestId, text: null })
    }
  }

  // ── What is sent ──────────────────────────────────────────────────────────────────────────────────────────────────

  #sendWindows(clusterIds: Iterable<string>, all: boolean): void {
    const due = this.#windows.due(clusterIds, this.#ports.planOf, this.#ports.nowSamples(), all)
    this.#issue(due.map(({ clusterId, window }) => ({ clusterId, kind: 'order', expiresAtMs: window.expiresAtMs, fields: orderFields(window) })))
  }

  #sendSignedCommands(given: readonly { readonly clusterId: string; readonly commands: readonly CommandRecord[] }[]): void {
    const houseMinusWallMs = houseMsAt(this.#ports.nowSamples()) - this.#ports.wallMs()
    const deliveries = new Map<string, (signed: readonly Signed[]) => void>()
    for (const { clusterId, commands } of given) {
      for (const { id, type, arguments: values, expiresAtMs } of commands) {
        let deliver = deliveries.get(id)
        if (deliver === undefined) deliveries.set(id, deliver = this.#deliverCommand(id))
        this.#signer.issue([{ clusterId, kind: 'command', expiresAtMs: expiresAtMs + houseMinusWallMs, fields: { commandId: id, command: type, arguments: values } }], deliver)
      }
    }
  }

  #deliverCommand(commandId: string): (signed: readonly Signed[]) => void {
    return (signed) => {
      this.#deliver(signed)
      this.#desk.delivered(commandId, signed.map(({ clusterId }) => clusterId).filter((id) => this.#ports.nativePeers(id).length > 0))
    }
  }

  /** To clients that come with a key: they have nothing to check a signature by. */
  #sendPlainCommands(clusterId: string, commands: readonly CommandRecord[]): void {
    const items = commands.map((command) => ({ clusterId, text: JSON.stringify({ type: 'command', commandId: command.id, command: command.type, arguments: command.arguments }) }))
    const peers = items.length === 0 ? [] : this.#ports.nativePeers(clusterId)
    for (const peer of peers) peer.send({ type: 'speaker-messages', items })
    if (peers.length > 0) for (const { id } of commands) this.#desk.delivered(id, [clusterId])
  }

  /** While more than one key is believed, a device is told of all by the oldest, which it knows. */
  #sendKeys(clusterIds: readonly string[]): void {
    const { keys, wallMs, nowSamples } = this.#ports
    const valid = keys.validAt(wallMs())
    if (valid.length < 2) return
    const key = keys.oldestValidAt(wallMs())
    const list = keyList(keys, wallMs())
    this.#issue(clusterIds.map((clusterId) => ({ clusterId, kind: 'keys', expiresAtMs: houseMsAt(nowSamples()) + KEYS_MESSAGE_MS, fields: { keys: list }, key })))
  }

  #issue(messages: readonly Unsigned[]): void {
    if (messages.length === 0) return
    this.#signer.issue(messages, this.#deliver)
  }

  /** One function for all messages, so that what is ready at the same time goes out together. */
  readonly #deliver = (signed: readonly Signed[]): void => {
    const byPeer = new Map<FanOutPeer, { clusterId: string; text: string }[]>()
    for (const { clusterId, text } of signed) {
      for (const peer of this.#ports.nativePeers(clusterId)) {
        const items = byPeer.get(peer)
        if (items === undefined) byPeer.set(peer, [{ clusterId, text }])
        else items.push({ clusterId, text })
      }
    }
    for (const [peer, items] of byPeer) peer.send({ type: 'speaker-messages', items })
  }

  #fault(error: unknown, what: string): void {
    this.#ports.logger.error({ err: error }, what)
  }

  #alarm(code: string, clusterId: string, message: string): void {
    const key = `${code} ${clusterId}`
    if (this.#alarms.has(key)) return
    this.#alarms.set(key, this.#ports.clock.monotonicMs())
    this.#ports.emit({ type: 'fault', code, message, clusterId })
  }

  #forgetOld(): void {
    try {
      this.#ports.store.commands.removeBefore(this.#ports.wallMs() - KEEP_MS)
      this.#ports.store.devices.removeCodesBefore(this.#ports.wallMs() - KEEP_MS)
    } catch (error) {
      this.#fault(error, 'old commands could not be removed')
    }
  }
}

const orderFields = ({ orderId, class: orderClass, title, startsAtMs, endsAtMs }: OrderWindow): Readonly<Record<string, unknown>> => ({ orderId, class: orderClass, title, startsAt: houseTimeText(startsAtMs), endsAt: houseTimeText(endsAtMs) })
