import type { Logger } from 'pino'
import type { BroadcastEvent, CommandRecord, ConnectionInfo, PlayLogRecord, SpeakerInfo, Store } from '../../control/ports.ts'
import type { Arbiter } from '../../rooms/arbiter/index.ts'
import type { Clock } from '../../rooms/clock.ts'
import { attentionTone } from '../attention-tone.ts'
import type { Config } from '../config.ts'
import type { FanOutPeer } from '../link/control-server.ts'
import type { Assignment, ClusterCredential, EnrolRequest, LeaseRequest, Presence, SpeakerAck, SpeakerLog, SpeakerStatus } from '../link/messages.ts'
import { listOf } from '../list-setting.ts'
import type { SigningKeys } from '../signing/signing-keys.ts'
import { BundleDesk } from '../speaker-bundle/bundle-desk.ts'
import { SpeakerFiles } from '../speaker-bundle/speaker-files.ts'
import type { PlanTime } from './plan-time.ts'
import { PlayLogDesk } from './play-log-desk.ts'
import type { PresenceBoard, PresenceChange } from './presence-board.ts'
import { SpeakerBoard } from './speaker-board.ts'
import { SpeakerDispatch } from './speaker-dispatch.ts'
import { VolumeBook } from './volume-book.ts'

/** A speaker may be out of step for so long while it finds its place after a cut or a change of its offset. */
const OUT_OF_STEP_HOLD_MS = 10_000

export interface SpeakerOfficePorts {
  readonly config: Config
  readonly store: Store
  readonly signing: SigningKeys
  readonly clock: Clock
  readonly time: PlanTime
  readonly arbiter: Arbiter
  readonly presence: PresenceBoard
  /** A device was enrolled: fan-outs must know it before it says hello. */
  readonly enrolled: (clusterId: string) => void
  readonly emit: (event: BroadcastEvent) => void
  /** A device has said something of itself. */
  readonly told: (info: SpeakerInfo) => void
  /** Runs that devices have logged, in the transaction in which they are kept. */
  readonly logged: (runs: readonly PlayLogRecord[]) => void
  readonly logger: Logger
}

/** Everything between control and native devices: what they are sent, what they say of themselves, what they have played. */
export class SpeakerOffice {
  readonly #time: PlanTime
  readonly #presence: PresenceBoard
  readonly #emit: (event: BroadcastEvent) => void
  readonly #told: (info: SpeakerInfo) => void
  readonly #board: SpeakerBoard
  readonly #dispatch: SpeakerDispatch
  readonly #playLogs: PlayLogDesk
  readonly #bundles: BundleDesk
  readonly #volumes: VolumeBook

  constructor({ config, store, signing, clock, time, arbiter, presence, enrolled, emit, told, logged, logger }: SpeakerOfficePorts) {
    this.#time = time
    this.#presence = presence
    this.#emit = emit
    this.#told = told
    const { nowSamples, wallMs, wallMsAt } = time
    this.#board = new SpeakerBoard({ boundMs: config.syncBoundMs, holdMs: OUT_OF_STEP_HOLD_MS })
    this.#dispatch = new SpeakerDispatch({
      store,
      keys: signing,
      clock,
      nowSamples,
      wallMs,
      planOf: (clusterId) => arbiter.planOf(clusterId),
      nativePeers: (clusterId) => presence.nativePeers(clusterId),
      enrolled,
      emit,
      logger,
    })
    this.#playLogs = new PlayLogDesk({
      store: {
        take: (entries) => store.transaction(() => {
          const taken = store.playLog.take(entries)
          logged(taken)
          return taken
        }),
      },
      clock,
      wallMs,
      wallMsAt,
      deviceOf: (clusterId) => this.credentialOf(clusterId).device?.deviceId ?? null,
      onError: (error) => {
        logger.error({ err: error }, 'play logs of devices could not be written')
      },
    })
    this.#volumes = new VolumeBook(store, () => time.offsetMs)
    this.#bundles = new BundleDesk({
      clock,
      store,
      files: new SpeakerFiles(config),
      planAhead: (clusterIds, horizonSamples) => arbiter.planAhead(clusterIds, horizonSamples),
      volumeOf: (clusterId) => this.#volumes.of(clusterId),
      nowSamples,
      onlineDevices: () => this.#dispatch.onlineDevices(),
      send: (bundles) => {
        this.#dispatch.sendBundles(bundles)
      },
      attentionTone: () => attentionTone(config),
      fillerClipIds: listOf(config.fillerClips),
      onError: (error) => {
        logger.error({ err: error }, 'a sound could not be made ready for devices')
      },
    })
  }

  close(): void {
    this.#dispatch.close()
    this.#playLogs.flush()
    this.#bundles.close()
  }

  /** What fan-outs are told of the device of a cluster. */
  credentialOf(clusterId: string): Pick<ClusterCredential, 'device'> {
    return this.#dispatch.credentialOf(clusterId)
  }

  /** What the connected devices last said of themselves. */
  speakers(): SpeakerInfo[] {
    return this.#board.all()
  }

  speaker(clusterId: string): SpeakerInfo | null {
    return this.#board.of(clusterId)
  }

  // ── What control has decided ──────────────────────────────────────────────────────────────────────────────────────

  /** Plans changed and the fan-outs have been told. */
  plansChanged(assignments: readonly Assignment[]): void {
    this.#dispatch.plansChanged(assignments)
    this.#bundles.changed()
  }

  /** An order may begin long after what plans reach now. */
  orderChanged(): void {
    this.#bundles.changed()
  }

  /** Units or policies have changed. */
  registryChanged(): void {
    this.#volumes.forget()
    this.#bundles.changed()
  }

  /** A device was enrolled or revoked, or its cluster is new, changed or gone. */
  deviceChanged(clusterId: string): void {
    this.registryChanged()
    this.#dispatch.deviceChanged(clusterId)
  }

  commandGiven(command: CommandRecord, clusterIds: readonly string[]): void {
    this.#dispatch.commandGiven(command, clusterIds)
    if (command.type === 'refresh-bundle') for (const id of clusterIds) this.#bundles.wants(id)
  }

  signingKeysChanged(): void {
    this.#dispatch.signingKeysChanged()
  }

  /** To be called about once a second. */
  refresh(): void {
    this.#dispatch.refresh()
    this.#bundles.refresh()
    for (const { clusterId, outOfStep, syncErrorMs } of this.#board.changes(this.#time.wallMs())) {
      this.#emit({ type: 'fault', code: outOfStep ? 'LOA_FAULT_OUT_OF_STEP' : 'LOA_FAULT_IN_STEP_AGAIN', message: `cluster ${clusterId} plays ${syncErrorMs.toFixed(1)} ms ${syncErrorMs < 0 ? 'early' : 'late'}`, clusterId })
    }
  }

  // ── What fan-outs say ─────────────────────────────────────────────────────────────────────────────────────────────

  /** @param left as the fan-out said it */
  presence(joined: readonly ConnectionInfo[], left: Presence['left']): void {
    this.#dispatch.presence(joined, left)
    for (const { clusterId, instanceId } of joined) if (instanceId !== undefined) this.#bundles.wants(clusterId)
  }

  /** Connections that the presence board has dropped. */
  left(connections: PresenceChange['left']): void {
    for (const { clusterId, connectionId } of connections) this.#dispatch.gone(clusterId, connectionId)
    for (const { clusterId } of connections) if (this.#presence.nativePeers(clusterId).length === 0) this.#board.forget(clusterId)
  }

  hear(peer: FanOutPeer, message: SpeakerStatus | SpeakerAck | SpeakerLog | LeaseRequest | EnrolRequest): void {
    switch (message.type) {
      case 'speaker-status':
        this.#note(message)
        break
      case 'speaker-ack':
        this.#dispatch.acked(message)
        break
      case 'speaker-log':
        this.#playLogs.take(peer, message)
        break
      case 'lease-request':
        this.#dispatch.lease(peer, message)
        break
      case 'enrol-request':
        void this.#dispatch.enrol(peer, message)
        break
    }
  }

  #note({ clusterId, status }: SpeakerStatus): void {
    const info = this.#board.note(clusterId, status, this.#time.wallMs())
    if (info !== null) this.#told(info)
  }
}
