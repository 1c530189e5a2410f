import type { Logger } from 'pino'
import { StoreError, type BroadcastEvent, type ConnectionInfo, type OrderRecord, type PlayLogRecord, type RunningProof, type SpeakerInfo, type Store, type Targets } from '../../control/ports.ts'
import type { Arbiter } from '../../rooms/arbiter/index.ts'
import type { Clock } from '../../rooms/clock.ts'
import { AirLogDesk } from './air-log-desk.ts'
import type { ClusterBook } from './cluster-book.ts'
import type { OnAirChange } from './on-air-board.ts'
import type { OrderBook } from './order-book.ts'
import type { PlanTime } from './plan-time.ts'
import type { PresenceBoard, PresenceChange } from './presence-board.ts'
import { ProofDesk } from './proof-desk.ts'
import { isPlanned } from './proof-sheet.ts'

export interface AirRecordsPorts {
  readonly store: Store
  readonly clock: Clock
  readonly time: PlanTime
  readonly arbiter: Arbiter
  readonly clusters: ClusterBook
  readonly orders: OrderBook
  readonly presence: PresenceBoard
  readonly clustersOf: (targets: Targets) => readonly string[]
  readonly emit: (event: BroadcastEvent) => void
  readonly logger: Logger
}

/** What is kept of what was on the air: what was sent (the air log), and what of it has come out of the loudspeakers (proofs and reports). */
export class AirRecords {
  readonly #time: PlanTime
  readonly #emit: (event: BroadcastEvent) => void
  readonly #logger: Logger
  #toldDamage = false
  readonly #log: AirLogDesk
  readonly #proofs: ProofDesk

  /** @param sameHouse whether only control was away: what was on air has gone on without it */
  constructor({ store, clock, time, arbiter, clusters, orders, presence, clustersOf, emit, logger }: AirRecordsPorts, sameHouse: boolean) {
    const { wallMs, wallMsAt, nowSamples } = time
    this.#time = time
    this.#emit = emit
    this.#logger = logger
    this.#log = new AirLogDesk({
      store: store.airLog,
      unitOf: (clusterId) => clusters.get(clusterId)?.unitId ?? null,
      orderOf: (orderId) => orders.get(orderId),
      isOnline: (clusterId) => presence.isOnline(clusterId),
      wallMs,
      wallMsAt,
      onError: (error) => {
        this.#failed(error, 'the air log could not be written')
      },
    }, sameHouse)
    this.#proofs = new ProofDesk({
      store,
      clock,
      wallMs,
      wallMsAt,
      clusterOf: (id) => clusters.get(id),
      clustersOf,
      connectionsOf: (id) => presence.of(id),
      orders: () => orders.all(),
      isPlanned: (clusterIds, orderId) => isPlanned(new Set(Array.from(clusterIds, (id) => arbiter.planOf(id))), orderId, nowSamples()),
      emit,
      onError: (error) => {
        this.#failed(error, 'how orders went could not be written')
      },
    })
  }

  /** Clusters and orders are known. */
  start(): void {
    this.#proofs.start()
  }

  orderChanged(order: OrderRecord): void {
    this.#proofs.orderChanged(order)
  }

  unitsChanged(): void {
    this.#log.unitsChanged(this.#time.nowSamples())
  }

  /** @param cutSamples when plans were last changed */
  look(changes: readonly OnAirChange[], nowSamples: number, cutSamples: number): void {
    this.#log.look(changes, nowSamples, cutSamples)
    this.#proofs.onAir(changes, nowSamples, cutSamples)
  }

  presence(joined: readonly ConnectionInfo[], left: PresenceChange['left']): void {
    this.#log.presence([...joined, ...left].map(({ clusterId }) => clusterId), this.#time.nowSamples())
    this.#proofs.presence(joined, left)
  }

  /** What a device has just said of itself. */
  readonly told = (info: SpeakerInfo): void => {
    this.#proofs.status(info)
  }

  /** Runs that devices have logged, in the transaction in which they are kept. */
  readonly logged = (runs: readonly PlayLogRecord[]): void => {
    this.#proofs.logged(runs)
  }

  /** To be called about once a second. */
  refresh(): void {
    this.#log.refresh(this.#time.nowSamples())
    this.#proofs.refresh()
  }

  proof(orderId: string): RunningProof | null {
    return this.#proofs.view(orderId)
  }

  /** Both write often, so a damaged database is noticed here before anybody asks for something. */
  #failed(error: unknown, what: string): void {
    this.#logger.error({ err: error }, what)
    if (!(error instanceof StoreError) || error.code !== 'STORE_ERR_CORRUPT' || this.#toldDamage) return
    this.#toldDamage = true
    this.#emit({ type: 'fault', code: 'LOA_FAULT_STORE_DAMAGED', message: error.message, role: 'control' })
  }

  close(): void {
    this.#log.close(this.#time.nowSamples())
    this.#proofs.close()
  }
}
