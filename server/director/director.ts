import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Broadcast, BroadcastEvent, ClusterRecord, CommandRecord, ConnectionInfo, OnAir, OrderRecord, SourceStatusInfo, SpeakerInfo, StatusInfo, Store, Targets } from '../../control/ports.ts'
import { Arbiter, type ArbiterOrder } from '../../rooms/arbiter/index.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import { msToSamples } from '../../rooms/grid.ts'
import type { HouseClock } from '../../rooms/house-clock.ts'
import { parseRoom, sourceRoom, type PlanSegment } from '../../rooms/plan.ts'
import { WallClock } from '../../rooms/wall-clock.ts'
import type { Config } from '../config.ts'
import { attentionTone } from '../attention-tone.ts'
import { ControlServer, type EnginePeer, type FanOutPeer } from '../link/control-server.ts'
import { frameJson } from '../link/framed-socket.ts'
import type { Assignment, ClusterCredential, EngineToControl, FanOutState, FanOutToControl, FanOutUpdate, SourceStatus } from '../link/messages.ts'
import type { SigningKeys } from '../signing/signing-keys.ts'
import { BundleDesk } from '../speaker-bundle/bundle-desk.ts'
import { SpeakerFiles } from '../speaker-bundle/speaker-files.ts'
import { AirLogDesk } from './air-log-desk.ts'
import { clipSpecs, EnginePlan, monitorRoomOf } from './engine-plan.ts'
import { historyOf } from './history.ts'
import { DirectorMetrics } from './metrics.ts'
import { OnAirBoard } from './on-air-board.ts'
import { arbiterOrder } from './order-input.ts'
import { PinFile, type Pin } from './pins.ts'
import { PlayLogDesk } from './play-log-desk.ts'
import { PresenceBoard, type PresenceChange } from './presence-board.ts'
import { ProcessBoard } from './process-board.ts'
import { RtpBoard } from './rtp-board.ts'
import { SpeakerBoard } from './speaker-board.ts'
import { unitDelays } from './unit-delays.ts'
import { SpeakerDispatch } from './speaker-dispatch.ts'

/** Engines are told of a room this long before it is needed, so that a relay is connected when its minute comes. */
const ENGINE_PREPARE_MS = 10_000
const REFRESH_MS = 1000
/** Short against the time an engine needs to start, long against the time an order takes to be accepted. */
const SETTLE_MS = 50
/** Orders over for this long are of no use to the arbiter: nothing they did can still be felt. */
const FORGET_AFTER_MS = 10_000
/** Fan-outs tell of the same cut within this time. */
const ONE_CUT_MS = 1000
/** A speaker may be out of step for so long while it finds its place after a cut or a change of its offset. */
const OUT_OF_STEP_HOLD_MS = 10_000

/**
 * Carries orders out: feeds the arbiter, tells fan-outs who hears what and engines what must run, and knows who is
 * connected and what every process says of itself. Control's API sees it as the Broadcast port.
 */
export class Director implements Broadcast {
  readonly #config: Config
  readonly #store: Store
  readonly #clock: Clock
  readonly #house: HouseClock
  readonly #wall: WallClock
  readonly #logger: Logger
  readonly #arbiter = new Arbiter()
  readonly #orders = new Map<string, OrderRecord>()
  /** The same orders as the arbiter has them. */
  readonly #inputs = new Map<string, ArbiterOrder>()
  readonly #pinFile: PinFile
  /** Where the control before this one had put the orders. */
  readonly #pins: Readonly<Record<string, Pin>>
  readonly #clusters = new Map<string, ClusterRecord>()
  #unitDelays: ReadonlyMap<string, number> = new Map()
  readonly #presence = new PresenceBoard()
  readonly #processes = new ProcessBoard()
  readonly #speakers: SpeakerBoard
  readonly #onAirBoard = new OnAirBoard()
  readonly rtp: RtpBoard
  readonly #enginePlan: EnginePlan
  readonly #sourceStatus = new Map<string, SourceStatusInfo>()
  readonly #listeners = new Set<(event: BroadcastEvent) => void>()
  readonly #metrics: DirectorMetrics
  readonly #dispatch: SpeakerDispatch
  readonly #playLogs: PlayLogDesk
  readonly #bundles: BundleDesk
  readonly #airLog: AirLogDesk
  /** When plans were last changed. */
  #cutSamples = 0
  readonly #server: ControlServer
  readonly #timers = new Map<'wake' | 'on-air' | 'refresh' | 'settle', TimerHandle>()
  /** Last state sent to each engine, to send only changes. */
  readonly #engineStates = new Map<number, string>()
  #changedClusters: Set<string> | null = null
  #registryReloadQueued = false
  #sentMonitorRooms = ''
  #lastCut: StatusInfo['lastCut'] = null
  #closed = false

  constructor(ports: { config: Config; store: Store; signing: SigningKeys; clock: Clock; house: HouseClock; logger: Logger }) {
    this.#config = ports.config
    this.#store = ports.store
    this.#clock = ports.clock
    this.#house = ports.house
    this.#logger = ports.logger
    this.#pinFile = new PinFile(join(ports.config.runDir, 'pins.json'), ports.house.anchor)
    const kept = this.#pinFile.load()
    const { offsetMs, orders } = kept ?? { offsetMs: 0, orders: {} }
    this.#pins = orders
    this.#wall = new WallClock(ports.clock, ports.house, {
      offsetMs,
      onFault: (fault) => {
        this.#emit({ type: 'fault', code: fault.code, message: fault.message, role: 'control' })
        this.#logger.error({ fault }, 'the wall clock has stepped')
      },
      onAdopt: () => {
        this.#takeOrders()
      },
    })
    this.#speakers = new SpeakerBoard({ boundMs: ports.config.syncBoundMs, holdMs: OUT_OF_STEP_HOLD_MS })
    this.#enginePlan = new EnginePlan(ports.config.engineProcesses)
    this.rtp = new RtpBoard({ store: ports.store, clock: ports.clock, fanOutProcesses: ports.config.fanOutProcesses, wallMsAt: (samples) => this.#wall.wallMsAt(samples) })
    this.#dispatch = new SpeakerDispatch({
      store: ports.store,
      keys: ports.signing,
      clock: ports.clock,
      nowSamples: () => this.#nowSamples(),
      wallMs: () => this.wallMs(),
      planOf: (clusterId) => this.#arbiter.planOf(clusterId),
      nativePeers: (clusterId) => this.#presence.nativePeers(clusterId),
      enrolled: (clusterId) => {
        this.clusterChanged(clusterId)
        this.#applyClusterChanges()
      },
      emit: (event) => {
        this.#emit(event)
      },
      logger: ports.logger,
    })
    this.#playLogs = new PlayLogDesk({
      store: ports.store.playLog,
      clock: ports.clock,
      wallMs: () => this.wallMs(),
      wallMsAt: (samples) => this.#wall.wallMsAt(samples),
      deviceOf: (clusterId) => this.#dispatch.credentialOf(clusterId).device?.deviceId ?? null,
      onError: (error) => {
        ports.logger.error({ err: error }, 'play logs of devices could not be written')
      },
    })
    this.#bundles = new BundleDesk({
      clock: ports.clock,
      store: ports.store,
      files: new SpeakerFiles(ports.config),
      planAhead: (clusterIds, horizonSamples) => this.#arbiter.planAhead(clusterIds, horizonSamples),
      nowSamples: () => this.#nowSamples(),
      onlineDevices: () => this.#dispatch.onlineDevices(),
      send: (bundles) => {
        this.#dispatch.sendBundles(bundles)
      },
      attentionTone: () => attentionTone(ports.config),
      fillerClipIds: ports.config.fillerClips.split(',').map((id) => id.trim()).filter((id) => id !== ''),
      onError: (error) => {
        ports.logger.error({ err: error }, 'a sound could not be made ready for devices')
      },
    })
    this.#airLog = new AirLogDesk({
      store: ports.store.airLog,
      unitOf: (clusterId) => this.#clusters.get(clusterId)?.unitId ?? null,
      orderOf: (orderId) => this.#orders.get(orderId),
      isOnline: (clusterId) => this.#presence.isOnline(clusterId),
      wallMs: () => this.wallMs(),
      wallMsAt: (samples) => this.#wall.wallMsAt(samples),
      onError: (error) => {
        ports.logger.error({ err: error }, 'the air log could not be written')
      },
    }, kept !== undefined)
    this.#metrics = new DirectorMetrics(this.#processes, this.#presence, this.#sourceStatus)
    this.#server = new ControlServer({
      onEngine: (peer) => {
        this.#greetEngine(peer)
      },
      onFanOut: (peer) => {
        this.#greetFanOut(peer)
      },
      onEngineMessage: (peer, message) => {
        this.#hearEngine(peer, message)
      },
      onFanOutMessage: (peer, message) => {
        this.#hearFanOut(peer, message)
      },
      onGone: (peer) => {
        this.#forgetPeer(peer)
      },
    })
  }

  /** Reads the store, decides who is on air, and lets the other roles connect. */
  async start(socketPath: string): Promise<void> {
    this.#loadRegistry()
    this.#takeHistory()
    this.#takeOrders()
    this.#cutSamples = this.#nowSamples()
    this.#arbiter.advance(this.#cutSamples)
    this.#refresh()
    this.#watchOnAir()
    await this.#server.listen(socketPath)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const timer of this.#timers.values()) timer.cancel()
    this.#dispatch.close()
    this.rtp.close()
    this.#playLogs.flush()
    this.#airLog.close(this.#nowSamples())
    this.#bundles.close()
    this.#server.close()
  }

  /** Wall time for everything that is planned and recorded: the house's, which does not follow a clock that steps until that has proved true. */
  wallMs(): number {
    return Math.floor(this.#wall.wallMsAt(this.#nowSamples()))
  }

  // ── Broadcast ─────────────────────────────────────────────────────────────────────────────────────────────────────

  registryChanged(): void {
    if (this.#registryReloadQueued) return
    this.#registryReloadQueued = true
    this.#later(() => {
      this.#registryReloadQueued = false
      const before = new Set(this.#clusters.keys())
      this.#loadRegistry()
      const removed = [...before].filter((id) => !this.#clusters.has(id))
      this.#toFanOuts({ type: 'fan-out-update', clusters: [...this.#clusters.values()].map(this.#credential), removed, ...this.#sharedCredentials() })
      this.#takeOrders()
      this.#advance(false)
      this.#sendEngineStates()
    })
  }

  clusterChanged(id: string): void {
    this.#dispatch.deviceChanged(id)
    if (this.#changedClusters === null) {
      this.#changedClusters = new Set()
      this.#later(() => {
        this.#applyClusterChanges()
      })
    }
    this.#changedClusters.add(id)
  }

  sourceChanged(_id: string): void {
    this.#enginePlan.setSources(this.#store.sources.all())
    this.#toFanOuts({ type: 'fan-out-update', ...this.#sharedCredentials() })
    this.#sendEngineStates()
  }

  orderChanged(order: OrderRecord): void {
    if (this.#changedClusters !== null) this.#applyClusterChanges()
    this.#takeOrder(order)
    this.#advance(order.class === 'emergency')
    // It may begin long after what fan-outs are told of now.
    this.#bundles.changed()
    const room = this.#roomOf(order)
    if (room !== undefined) this.#toFanOuts({ type: 'fan-out-update', monitorRoomsAdded: { [order.id]: room } })
    this.#settleSoon()
  }

  clustersOf(targets: Targets): readonly string[] {
    if (this.#changedClusters !== null) this.#applyClusterChanges()
    return this.#arbiter.clustersOf(targets)
  }

  countTargets(targets: Targets): { targeted: number; online: number } {
    const ids = this.clustersOf(targets)
    let online = 0
    for (const id of ids) if (this.#presence.isOnline(id)) online += 1
    return { targeted: ids.length, online }
  }

  onAir(clusterId: string): OnAir | null {
    return this.#describe(this.#arbiter.onAir(clusterId, this.#nowSamples()))
  }

  connections(clusterId?: string): readonly ConnectionInfo[] {
    return this.#presence.of(clusterId)
  }

  speakers(): readonly SpeakerInfo[] {
    return this.#speakers.all()
  }

  speaker(clusterId: string): SpeakerInfo | null {
    return this.#speakers.of(clusterId)
  }

  sourceStatus(sourceId: string): SourceStatusInfo | null {
    return this.#sourceStatus.get(sourceId) ?? null
  }

  commandGiven(command: CommandRecord, clusterIds: readonly string[]): void {
    this.#dispatch.commandGiven(command, clusterIds)
    if (command.type === 'refresh-bundle') for (const id of clusterIds) this.#bundles.wants(id)
  }

  signingKeysChanged(): void {
    this.#dispatch.signingKeysChanged()
  }

  status(): StatusInfo {
    const processes = this.#processes
    return {
      processes: processes.processes(),
      clustersOnline: this.#presence.clustersOnline,
      connections: this.#presence.connections,
      connectionsByFormat: this.#presence.countByFormat(),
      programmes: processes.sumEngines(({ programmes }) => programmes),
      encoders: processes.sumEngines(({ encoders }) => encoders),
      framesTotal: processes.sumFanOuts(({ framesTotal }) => framesTotal),
      bytesTotal: processes.sumFanOuts(({ bytesTotal }) => bytesTotal),
      latenessMaxMs: processes.latenessMaxMs(),
      gapFramesTotal: processes.sumFanOuts(({ gapFramesTotal }) => gapFramesTotal),
      skipsTotal: processes.sumFanOuts(({ skipsTotal }) => skipsTotal),
      frozenTotal: processes.sumFanOuts(({ cutsFrozenTotal }) => cutsFrozenTotal),
      replacedTotal: processes.sumFanOuts(({ replacedTotal }) => replacedTotal),
      refusedTotal: processes.sumFanOuts(({ refusedTotal }) => refusedTotal),
      lastCut: this.#lastCut,
    }
  }

  subscribe(listener: (event: BroadcastEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  async metrics(): Promise<string> {
    return (await this.#metrics.text()) + this.rtp.metricsText()
  }

  ready(): { ready: boolean; problems: readonly string[] } {
    const problems: string[] = []
    if (this.#processes.engines.size < this.#config.engineProcesses) problems.push(`engines connected: ${String(this.#processes.engines.size)} of ${String(this.#config.engineProcesses)}`)
    if (this.#processes.fanOuts.size < this.#config.fanOutProcesses) problems.push(`fan-outs connected: ${String(this.#processes.fanOuts.size)} of ${String(this.#config.fanOutProcesses)}`)
    return { ready: problems.length === 0, problems }
  }

  // ── Registry and orders ───────────────────────────────────────────────────────────────────────────────────────────

  #loadRegistry(): void {
    const units = this.#store.units.all()
    this.#arbiter.setUnits(units)
    this.#unitDelays = unitDelays(units)
    const clusters = this.#store.clusters.all()
    const kept = new Set(clusters.map(({ id }) => id))
    for (const id of this.#clusters.keys()) {
      if (kept.has(id)) continue
      this.#clusters.delete(id)
      this.#arbiter.removeCluster(id)
    }
    for (const cluster of clusters) this.#clusters.set(cluster.id, cluster)
    this.#arbiter.upsertClusters(clusters)
    this.#enginePlan.setSources(this.#store.sources.all())
  }

  #applyClusterChanges(): void {
    const ids = this.#changedClusters
    this.#changedClusters = null
    if (ids === null) return
    const changed: ClusterRecord[] = []
    const removed: string[] = []
    for (const id of ids) {
      const cluster = this.#store.clusters.get(id)
      if (cluster === undefined) {
        this.#clusters.delete(id)
        this.#arbiter.removeCluster(id)
        removed.push(id)
        continue
      }
      this.#clusters.set(id, cluster)
      changed.push(cluster)
    }
    this.#arbiter.upsertClusters(changed)
    this.#toFanOuts({ type: 'fan-out-update', clusters: changed.map(this.#credential), removed })
    if (removed.length > 0) this.rtp.outputsChanged()
    this.#advance(false)
  }

  #takeHistory(): void {
    const nowMs = this.wallMs()
    const rules = { forgetAfterMs: FORGET_AFTER_MS, maxBackMs: 2 * this.#config.maxOrderMs }
    for (const order of historyOf(this.#store.orders.unfinished(nowMs), (sinceMs) => this.#store.orders.overSince(sinceMs, nowMs), nowMs, rules)) this.#takeOrder(order)
  }

  #takeOrders(): void {
    for (const order of this.#store.orders.unfinished(this.#wall.wallMsAt(this.#nowSamples()) - FORGET_AFTER_MS)) this.#takeOrder(order)
  }

  #takeOrder(order: OrderRecord): void {
    this.#orders.set(order.id, order)
    const converted = arbiterOrder(order, this.#store, (wallMs) => this.#wall.samplesAtWall(wallMs), this.#config.attentionToneMs)
    if (converted === null) {
      this.#emit({ type: 'fault', code: 'LOA_FAULT_CLIP_MISSING', message: `order ${order.id} names a clip that is no more` })
      return
    }
    const known = this.#inputs.get(order.id)
    const pin: Pin | undefined = known === undefined ? this.#pins[order.id] : [known.startSamples, known.endSamples, known.acceptedSamples, known.stoppedSamples]
    // What has begun stays where it is on the house clock, whatever the wall clock is found to be later.
    const input = pin === undefined || pin[0] > this.#nowSamples() ? converted : { ...converted, startSamples: pin[0], endSamples: pin[1], acceptedSamples: pin[2], stoppedSamples: pin[3] ?? converted.stoppedSamples }
    this.#inputs.set(order.id, input)
    this.#arbiter.upsertOrder(input)
  }

  /** Asks the arbiter and tells the fan-outs what has changed. */
  #advance(urgent: boolean): void {
    const atSamples = this.#nowSamples()
    const assignments = this.#arbiter.advance(atSamples)
    if (assignments.length > 0) {
      this.#cutSamples = atSamples
      this.#toFanOuts({ type: 'assign', urgent, atSamples, assignments })
      this.#dispatch.plansChanged(assignments)
      this.#bundles.changed()
      this.#settleSoon()
    }
    this.#setTimer('wake', this.#arbiter.nextWakeSamples(), () => {
      this.#advance(false)
      this.#sendEngineStates()
    })
  }

  /** Once for many orders: engines, monitors and those who watch are told what follows from new plans. */
  #settleSoon(): void {
    if (this.#timers.has('settle')) return
    this.#timers.set('settle', this.#clock.setTimer(SETTLE_MS, () => {
      this.#timers.delete('settle')
      this.#watchOnAir()
      this.#sendEngineStates()
      this.#savePins()
      const monitorRooms = this.#monitorRooms()
      const text = JSON.stringify(monitorRooms)
      if (text === this.#sentMonitorRooms) return
      this.#sentMonitorRooms = text
      this.#toFanOuts({ type: 'fan-out-update', monitorRooms })
    }))
  }

  /** Tells subscribers what has come on air, and comes back when the next segment begins or ends. */
  #watchOnAir(): void {
    const now = this.#nowSamples()
    const { changes, nextSamples } = this.#onAirBoard.look(this.#clusters.keys(), (id) => this.#arbiter.planOf(id), now)
    for (const { clusterIds, segment } of changes) this.#emit({ type: 'on-air', clusterIds, onAir: this.#describe(segment) })
    this.#airLog.look(changes, now, this.#cutSamples)
    this.#setTimer('on-air', nextSamples, () => {
      this.#watchOnAir()
    })
  }

  #savePins(): void {
    const orders = Object.fromEntries([...this.#inputs.values()].map((input): [string, Pin] => [input.id, [input.startSamples, input.endSamples, input.acceptedSamples, input.stoppedSamples]]))
    this.#pinFile.save({ offsetMs: this.#wall.offsetMs, orders })
  }

  #describe(segment: PlanSegment | null): OnAir | null {
    if (segment === null) return null
    const order = this.#orders.get(segment.orderId)
    return {
      orderId: segment.orderId,
      class: segment.class,
      title: segment.title,
      sourceId: order?.sourceId ?? null,
      clipIds: order?.clipIds ?? null,
      sinceMs: this.#wall.wallMsAt(segment.fromSamples),
      untilMs: this.#wall.wallMsAt(segment.untilSamples),
    }
  }

  /** Once a second: clock discipline, orders that are long over, rooms whose time has come near. */
  #refresh(): void {
    this.#wall.observe()
    const forgetBefore = this.#wall.wallMsAt(this.#nowSamples()) - FORGET_AFTER_MS
    for (const [id, { endsAtMs, stoppedAtMs }] of this.#orders) {
      if (Math.min(endsAtMs, stoppedAtMs ?? Infinity) > forgetBefore) continue
      this.#orders.delete(id)
      this.#inputs.delete(id)
      this.#arbiter.removeOrder(id)
    }
    this.#advance(false)
    this.#dispatch.refresh()
    this.#bundles.refresh()
    this.#airLog.refresh(this.#nowSamples())
    this.#sendEngineStates()
    for (const { clusterId, outOfStep, syncErrorMs } of this.#speakers.changes(this.wallMs())) {
      this.#emit({ type: 'fault', code: outOfStep ? 'LOA_FAULT_OUT_OF_STEP' : 'LOA_FAULT_IN_STEP_AGAIN', message: `cluster ${clusterId} plays ${syncErrorMs.toFixed(1)} ms ${syncErrorMs < 0 ? 'early' : 'late'}`, clusterId })
    }
    this.#timers.set('refresh', this.#clock.setTimer(REFRESH_MS, () => {
      this.#refresh()
    }))
  }

  // ── Engines ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #greetEngine(peer: EnginePeer): void {
    this.#processes.addEngine(peer)
    this.#engineStates.delete(peer.hello.index)
    this.#sendEngineStates()
    this.#logger.info({ engine: peer.hello.index, pid: peer.hello.pid }, 'engine connected')
  }

  #sendEngineStates(): void {
    const soon = this.#nowSamples() + msToSamples(ENGINE_PREPARE_MS)
    const rooms = new Set(this.#processes.monitoredRooms())
    for (const plan of this.#onAirBoard.plans()) {
      for (const { room, fromSamples, untilSamples } of plan) if (fromSamples <= soon && untilSamples > this.#nowSamples()) rooms.add(room)
    }
    // What an emergency has interrupted stays connected, however long it lasts, so that coming back finds it live.
    for (const { content, startSamples, endSamples, stoppedSamples } of this.#inputs.values()) {
      if (content.kind === 'open' && startSamples <= soon && Math.min(endSamples, stoppedSamples ?? Infinity) > this.#nowSamples()) rooms.add(sourceRoom(content.sourceId))
    }
    const states = this.#enginePlan.states(rooms, (orderId) => clipSpecs(this.#store, this.#orders.get(orderId)))
    for (const [index, state] of states.entries()) {
      const peer = this.#processes.engines.get(index)?.peer as EnginePeer | undefined
      if (peer === undefined) continue
      const text = JSON.stringify(state)
      if (this.#engineStates.get(index) === text) continue
      this.#engineStates.set(index, text)
      peer.send(state)
    }
  }

  #hearEngine(peer: EnginePeer, message: EngineToControl): void {
    switch (message.type) {
      case 'source-status':
        this.#noteSource(message)
        break
      case 'engine-stats':
        this.#processes.engineStats(peer, message)
        break
      case 'hello':
        break
    }
  }

  #noteSource({ type: _type, ...status }: SourceStatus): void {
    const before = this.#sourceStatus.get(status.sourceId)
    this.#sourceStatus.set(status.sourceId, status)
    if (before?.state === status.state && before.urlIndex === status.urlIndex && before.title === status.title) return
    this.#emit({ type: 'source', status })
    if (status.state === 'down' || status.state === 'silent') {
      this.#emit({ type: 'fault', code: status.state === 'down' ? 'LOA_FAULT_SOURCE_DOWN' : 'LOA_FAULT_SOURCE_SILENT', message: status.reason, sourceId: status.sourceId })
    }
  }

  // ── Fan-outs ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #greetFanOut(peer: FanOutPeer): void {
    this.#processes.addFanOut(peer)
    const byPlan = Map.groupBy(this.#clusters.keys(), (id) => this.#arbiter.planOf(id))
    const assignments: Assignment[] = [...byPlan].map(([plan, clusters]) => ({ clusters, plan }))
    const state: FanOutState = { type: 'fan-out-state', clusters: [...this.#clusters.values()].map(this.#credential), ...this.#sharedCredentials(), assignments, atSamples: this.#nowSamples() }
    peer.send(state)
    this.rtp.greet(peer)
    this.#logger.info({ fanOut: peer.hello.index, pid: peer.hello.pid }, 'fan-out connected')
  }

  #sharedCredentials(): Required<Pick<FanOutUpdate, 'icecastSources' | 'monitorTokenHashes' | 'monitorRooms'>> {
    const icecastSources = this.#store.sources.all().flatMap((source) => (source.kind === 'icecast' ? [{ id: source.id, mount: source.mount, keyHash: source.keyHash, takeover: source.takeover, engine: this.#enginePlan.engineOfSource(source.id) }] : []))
    return { icecastSources, monitorTokenHashes: this.#store.tokens.all().map(({ hash }) => hash), monitorRooms: this.#monitorRooms() }
  }

  #monitorRooms(): Record<string, string> {
    const rooms: Record<string, string> = {}
    for (const { id } of this.#store.sources.all()) rooms[id] = `src:${id}`
    for (const order of this.#orders.values()) {
      const room = monitorRoomOf(order)
      if (room !== null) rooms[order.id] = room
    }
    for (const plan of this.#onAirBoard.plans()) {
      for (const { room, orderId } of plan) if (parseRoom(room)?.kind === 'clips') rooms[orderId] = room
    }
    return rooms
  }

  /** Where an order sounds: its source, or the clips as the first of its clusters hears them. */
  #roomOf(order: OrderRecord): string | undefined {
    const [clusterId] = this.#arbiter.clustersOf(order.targets)
    return monitorRoomOf(order) ?? (clusterId === undefined ? undefined : this.#arbiter.planOf(clusterId).find((segment) => segment.orderId === order.id && parseRoom(segment.room)?.kind === 'clips')?.room)
  }

  #hearFanOut(peer: FanOutPeer, message: FanOutToControl): void {
    switch (message.type) {
      case 'presence': {
        const { joined, left, superseded } = this.#presence.apply(peer, message)
        for (const old of superseded) old.peer.send({ type: 'drop-connection', clusterId: old.clusterId, connectionId: old.connectionId, reason: 'replaced' })
        if (joined.length > 0) this.#emit({ type: 'join', connections: joined })
        this.#dispatch.presence(joined, message.left)
        for (const { clusterId, instanceId } of joined) if (instanceId !== undefined) this.#bundles.wants(clusterId)
        this.#noteLeft(left)
        this.#airLog.presence([...joined, ...left].map(({ clusterId }) => clusterId), this.#nowSamples())
        break
      }
      case 'rtp-status':
        this.rtp.hear(peer, message)
        break
      case 'cut-done':
        this.#noteCut(message)
        break
      case 'fan-out-stats':
        this.#processes.fanOutStats(peer, message)
        break
      case 'source-metadata': {
        const status = this.#sourceStatus.get(message.sourceId)
        if (status !== undefined) this.#noteSource({ type: 'source-status', ...status, title: message.title })
        break
      }
      case 'speaker-status':
        this.#speakers.note(message.clusterId, message.status, this.wallMs())
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
      case 'hello':
        break
    }
  }

  /** Every fan-out tells of its own listeners; those of one cut are one. */
  #noteCut({ orderId, listeners, elapsedMs }: Extract<FanOutToControl, { type: 'cut-done' }>): void {
    const nowMs = this.#clock.wallMs()
    const before = this.#lastCut?.orderId === orderId && nowMs - this.#lastCut.atMs < ONE_CUT_MS ? this.#lastCut : null
    this.#lastCut = { orderId, listeners: listeners + (before?.listeners ?? 0), elapsedMs: Math.max(elapsedMs, before?.elapsedMs ?? 0), atMs: before?.atMs ?? nowMs }
    this.#metrics.cut(elapsedMs)
  }

  #noteLeft(left: PresenceChange['left']): void {
    if (left.length === 0) return
    for (const { clusterId, connectionId } of left) this.#dispatch.gone(clusterId, connectionId)
    for (const { clusterId } of left) if (this.#presence.nativePeers(clusterId).length === 0) this.#speakers.forget(clusterId)
    this.#emit({ type: 'leave', connections: left })
  }

  #forgetPeer(peer: EnginePeer | FanOutPeer): void {
    this.#processes.remove(peer)
    if (this.#closed) return
    const { role, index } = peer.hello
    this.#emit({ type: 'fault', code: role === 'engine' ? 'LOA_FAULT_ENGINE_GONE' : 'LOA_FAULT_FAN_OUT_GONE', message: `${role} ${String(index)} is gone; it is started again`, role })
    if (role === 'engine') return
    this.rtp.gone(peer as FanOutPeer)
    this.#noteLeft(this.#presence.drop(peer as FanOutPeer))
  }

  #toFanOuts(message: Parameters<FanOutPeer['send']>[0]): void {
    if (this.#processes.fanOuts.size === 0) return
    const framed = frameJson(message)
    for (const { peer } of this.#processes.fanOuts.values()) peer.sendFramed(framed)
  }

  // ── Small things ──────────────────────────────────────────────────────────────────────────────────────────────────

  #nowSamples(): number {
    return Math.floor(this.#house.nowSamples())
  }

  #setTimer(name: 'wake' | 'on-air', atSamples: number, fire: () => void): void {
    this.#timers.get(name)?.cancel()
    if (!Number.isFinite(atSamples) || this.#closed) return
    this.#timers.set(name, this.#clock.setTimer(Math.max(1, this.#house.monotonicMsAt(atSamples) - this.#clock.monotonicMs()), fire))
  }

  /** After what is going on now, so that an answer or a cut does not wait for it. */
  #later(work: () => void): void {
    setImmediate(() => {
      if (!this.#closed) work()
    })
  }

  readonly #credential = ({ id, unitId, keyHash, enabled }: ClusterRecord): ClusterCredential => {
    const presentationDelayMs = this.#unitDelays.get(unitId)
    return { id, keyHash, enabled, ...(presentationDelayMs === undefined ? {} : { presentationDelayMs }), ...this.#dispatch.credentialOf(id) }
  }

  #emit(event: BroadcastEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
