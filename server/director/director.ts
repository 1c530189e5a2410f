import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { sealPass, type MonitorPass } from '../../control/monitor-pass.ts'
import type { Broadcast, BroadcastEvent, BroadcastWatcher, CommandRecord, ConnectionInfo, MonitorListener, OnAir, OrderRecord, Selection, SourceStatusInfo, SpeakerInfo, StatusInfo, Store, Targets, PreviewSegment, RunningProof } from '../../control/ports.ts'
import { Arbiter } from '../../rooms/arbiter/index.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import type { HouseClock } from '../../rooms/house-clock.ts'
import { WallClock } from '../../rooms/wall-clock.ts'
import { isPhoneConfigured, type Config } from '../config.ts'
import { ControlServer, type EnginePeer, type FanOutPeer, type RecorderPeer } from '../link/control-server.ts'
import type { FanOutToControl, Presence } from '../link/messages.ts'
import type { SigningKeys } from '../signing/signing-keys.ts'
import { AirRecords } from './air-records.ts'
import { AttemptDesk } from './attempt-desk.ts'
import { ClusterBook } from './cluster-book.ts'
import { EngineDesk } from './engine-desk.ts'
import { FanOutDesk } from './fan-out-desk.ts'
import { DirectorMetrics } from './metrics.ts'
import { MonitorDesk } from './monitor-desk.ts'
import { OnAirBoard, wholeAt } from './on-air-board.ts'
import { OrderBook } from './order-book.ts'
import { PhoneBoard } from './phone-board.ts'
import { PinFile } from './pins.ts'
import { PlanTime } from './plan-time.ts'
import { PresenceBoard, type PresenceChange } from './presence-board.ts'
import { ProcessBoard } from './process-board.ts'
import { RecorderDesk } from './recorder-desk.ts'
import { RtpBoard } from './rtp-board.ts'
import { SpeakerOffice } from './speaker-office.ts'
import { TalkDesk } from './talk-desk.ts'
import { arbiterTargets } from './target-map.ts'
import { Watchers } from './watchers.ts'

const REFRESH_MS = 1000
/** Short against the time an engine needs to start, long against the time an order takes to be accepted. */
const SETTLE_MS = 50
/** Fan-outs tell of the same cut within this time. */
const ONE_CUT_MS = 1000
const GONE_FAULTS = { engine: 'LOA_FAULT_ENGINE_GONE', 'fan-out': 'LOA_FAULT_FAN_OUT_GONE', recorder: 'LOA_FAULT_RECORDER_GONE', phone: 'LOA_FAULT_PHONE_GONE' } as const

/**
 * Carries orders out: feeds the arbiter, and has its desks tell fan-outs who hears what, engines what must run and devices what they need to
 * know. Control's API sees it as the Broadcast port.
 */
export class Director implements Broadcast {
  readonly rtp: RtpBoard
  readonly recorder: RecorderDesk
  readonly phone: PhoneBoard
  readonly #config: Config
  readonly #clock: Clock
  readonly #house: HouseClock
  readonly #wall: WallClock
  readonly #time: PlanTime
  readonly #watchers = new Watchers()
  readonly #arbiter = new Arbiter()
  readonly #presence = new PresenceBoard()
  readonly #processes = new ProcessBoard()
  readonly #onAirBoard = new OnAirBoard()
  readonly #orders: OrderBook
  readonly #clusters: ClusterBook
  readonly #engines: EngineDesk
  readonly #fanOuts: FanOutDesk
  readonly #monitors: MonitorDesk
  readonly #monitorPassKey = randomBytes(32)
  readonly #speakers: SpeakerOffice
  readonly #records: AirRecords
  readonly #attempts: AttemptDesk
  readonly #metrics: DirectorMetrics
  readonly #talk: TalkDesk
  readonly #server: ControlServer
  readonly #timers = new Map<'wake' | 'on-air' | 'refresh' | 'settle', TimerHandle>()
  /** When plans were last changed. */
  #cutSamples = 0
  #changedClusters: Set<string> | null = null
  #registryReloadQueued = false
  #lastCut: StatusInfo['lastCut'] = null
  #closed = false

  constructor({ config, store, signing, clock, house, logger }: { config: Config; store: Store; signing: SigningKeys; clock: Clock; house: HouseClock; logger: Logger }) {
    this.#config = config
    this.#clock = clock
    this.#house = house
    const { emit } = this.#watchers
    const arbiter = this.#arbiter
    const processes = this.#processes
    const presence = this.#presence
    const onAir = this.#onAirBoard
    const pinFile = new PinFile(join(config.runDir, 'pins.json'), house.anchor)
    const kept = pinFile.load()
    this.#wall = new WallClock(clock, house, {
      offsetMs: kept?.offsetMs ?? 0,
      onFault: (fault) => {
        emit({ type: 'fault', code: fault.code, message: fault.message, role: 'control' })
        logger.error({ fault }, 'the wall clock has stepped')
      },
      onAdopt: () => {
        this.#orders.takeUnfinished()
      },
    })
    const time = new PlanTime(house, this.#wall)
    this.#time = time
    this.#orders = new OrderBook({ store, arbiter, time, pinFile, emit }, { attentionToneMs: config.attentionToneMs, maxOrderMs: config.maxOrderMs, pins: kept?.orders ?? {} })
    this.rtp = new RtpBoard({ store, clock, fanOutProcesses: config.fanOutProcesses, wallMsAt: time.wallMsAt })
    this.#speakers = new SpeakerOffice({
      config, store, signing, clock, time, arbiter, presence, emit, logger,
      told: (info) => {
        this.#watchers.speaker(info)
        this.#records.told(info)
      },
      logged: (runs) => {
        this.#records.logged(runs)
      },
      enrolled: (clusterId) => {
        this.clusterChanged(clusterId)
        this.#applyClusterChanges()
      },
    })
    this.#clusters = new ClusterBook({ store, arbiter, deviceOf: (clusterId) => this.#speakers.credentialOf(clusterId) })
    this.#engines = new EngineDesk({ store, processes, orders: this.#orders, onAir, time, emit, logger }, config.engineProcesses)
    this.#fanOuts = new FanOutDesk({ store, processes, arbiter, clusters: this.#clusters, orders: this.#orders, engines: this.#engines, onAir, time, monitorPassKey: this.#monitorPassKey })
    this.#monitors = new MonitorDesk(store, () => this.#time.wallMs(), config)
    this.#records = new AirRecords({ store, clock, time, arbiter, clusters: this.#clusters, orders: this.#orders, presence, clustersOf: (targets) => this.clustersOf(targets), emit, logger }, kept !== undefined)
    this.recorder = new RecorderDesk({
      store, config, time, logger,
      plans: () => new Set(Array.from(this.#clusters.ids(), (id) => arbiter.planOf(id))),
      plansOfUnits: () => Array.from(Map.groupBy(this.#clusters.ids(), (id) => arbiter.planOf(id)), ([plan, ids]) => [plan, new Set(ids.map((id) => this.#clusters.get(id)!.unitId))] as const),
    })
    this.#attempts = new AttemptDesk({ store, wallMsAt: time.wallMsAt, logger })
    this.#metrics = new DirectorMetrics(processes, presence, this.#engines.sources)
    this.#talk = new TalkDesk({
      store, arbiter, clusters: this.#clusters, orders: this.#orders, time,
      isOnline: (clusterId) => presence.isOnline(clusterId),
      sourceStatus: (sourceId) => this.#engines.sources.get(sourceId),
      monotonicMs: () => clock.monotonicMs(),
    })
    this.phone = new PhoneBoard({ configured: isPhoneConfigured(config), engineOfSource: (sourceId) => this.#engines.engineOfSource(sourceId), emit })
    this.#server = new ControlServer({
      onEngine: (peer) => {
        this.#engines.greet(peer)
      },
      onFanOut: (peer) => {
        this.#fanOuts.greet(peer)
        this.rtp.greet(peer)
        logger.info({ fanOut: peer.hello.index, pid: peer.hello.pid }, 'fan-out connected')
      },
      onEngineMessage: (peer, message) => {
        if (message.type === 'announcements') this.rtp.announced(message)
        else this.#engines.hear(peer, message)
      },
      onFanOutMessage: (peer, message) => {
        this.#hearFanOut(peer, message)
      },
      onRecorder: (peer) => {
        this.#processes.addRecorder(peer)
        this.recorder.greet(peer)
      },
      onRecorderMessage: (peer, message) => {
        this.recorder.hear(peer, message)
        if (message.type === 'recorder-stats') this.#processes.recorderStats(peer, message)
      },
      onGone: (peer) => {
        this.#forgetPeer(peer)
      },
      onPhone: (peer) => {
        this.phone.greet(peer)
        logger.info({ pid: peer.hello.pid }, 'telephone process connected')
      },
      onPhoneMessage: (peer, message) => {
        this.phone.hear(peer, message)
      },
      onPhoneGone: (peer) => {
        if (!this.#closed) this.phone.gone(peer)
      },
    })
  }

  /** Reads the store, decides who is on air, and lets the other roles connect. */
  async start(socketPath: string): Promise<void> {
    this.#readRegistry()
    this.#watchers.registry(null)
    this.#orders.takeHistory()
    this.#orders.takeUnfinished()
    this.#records.start()
    this.recorder.start()
    this.#cutSamples = this.#time.nowSamples()
    this.#arbiter.advance(this.#cutSamples)
    this.#refresh()
    this.#watchOnAir()
    await this.#server.listen(socketPath)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const timer of this.#timers.values()) timer.cancel()
    this.#speakers.close()
    this.rtp.close()
    this.#records.close()
    this.recorder.close(this.#time.nowSamples())
    this.#server.close()
  }

  /** Wall time for everything that is planned and recorded: the house's, which does not follow a clock that steps until that has proved true. */
  wallMs(): number {
    return this.#time.wallMs()
  }

  // ── Broadcast ─────────────────────────────────────────────────────────────────────────────────────────────────────

  credentialsChanged(): void {
    this.#fanOuts.credentialsChanged()
    this.#monitors.recheck()
  }

  policiesChanged(): void {
    this.#speakers.registryChanged()
  }

  registryChanged(): void {
    this.#speakers.registryChanged()
    if (this.#registryReloadQueued) return
    this.#registryReloadQueued = true
    this.#later(() => {
      this.#registryReloadQueued = false
      this.#fanOuts.registryChanged(this.#readRegistry())
      this.#orders.takeUnfinished()
      this.#advance(false)
      this.#engines.tell()
      this.#watchers.registry(null)
    })
  }

  clusterChanged(id: string): void {
    this.#speakers.deviceChanged(id)
    if (this.#changedClusters === null) {
      this.#changedClusters = new Set()
      this.#later(() => {
        this.#applyClusterChanges()
      })
    }
    this.#changedClusters.add(id)
  }

  sourceChanged(_id: string): void {
    this.#engines.readSources()
    this.#fanOuts.sourcesChanged()
    this.#engines.tell()
  }

  orderChanged(order: OrderRecord): void {
    if (this.#changedClusters !== null) this.#applyClusterChanges()
    this.#orders.take(order)
    this.#advance(order.class === 'emergency')
    this.#speakers.orderChanged()
    this.#fanOuts.orderChanged(order)
    this.#later(() => {
      this.#records.orderChanged(order)
    })
    this.#settleSoon()
  }

  ordersChanged(orders: readonly OrderRecord[]): void {
    if (this.#changedClusters !== null) this.#applyClusterChanges()
    for (const order of orders) this.#orders.take(order)
    this.#advance(false)
    this.#speakers.orderChanged()
    for (const order of orders) this.#records.orderChanged(order)
    this.#settleSoon()
  }

  preview(clusterId: string, orders: readonly OrderRecord[], fromMs: number, untilMs: number): readonly PreviewSegment[] {
    return this.#orders.preview(clusterId, orders, fromMs, untilMs)
  }

  clustersOf(targets: Targets): readonly string[] {
    if (this.#changedClusters !== null) this.#applyClusterChanges()
    return this.#arbiter.clustersOf(arbiterTargets(targets))
  }

  select(selection: Selection): readonly string[] {
    if (this.#changedClusters !== null) this.#applyClusterChanges()
    return this.#clusters.select(selection)
  }

  countTargets(targets: Targets): { targeted: number; online: number } {
    const ids = this.clustersOf(targets)
    let online = 0
    for (const id of ids) if (this.#presence.isOnline(id)) online += 1
    return { targeted: ids.length, online }
  }

  onAir(clusterId: string): OnAir | null {
    return this.#orders.describe(wholeAt(this.#arbiter.planOf(clusterId), this.#time.nowSamples()).segment)
  }

  connections(clusterId?: string): readonly ConnectionInfo[] {
    return this.#presence.of(clusterId)
  }

  monitors(): readonly MonitorListener[] {
    return this.#monitors.list()
  }

  monitorPass(pass: MonitorPass): string {
    return sealPass(this.#monitorPassKey, pass)
  }

  speakers(): readonly SpeakerInfo[] {
    return this.#speakers.speakers()
  }

  speaker(clusterId: string): SpeakerInfo | null {
    return this.#speakers.speaker(clusterId)
  }

  proof(orderId: string): RunningProof | null {
    return this.#records.proof(orderId)
  }

  sourceStatus(sourceId: string): SourceStatusInfo | null {
    return this.#engines.sources.get(sourceId) ?? null
  }

  commandGiven(command: CommandRecord, clusterIds: readonly string[]): void {
    this.#speakers.commandGiven(command, clusterIds)
  }

  signingKeysChanged(): void {
    this.#speakers.signingKeysChanged()
  }

  status(): StatusInfo {
    const totals = this.#processes.totals()
    return {
      ...totals,
      processes: [...totals.processes, ...this.phone.processes()],
      clustersOnline: this.#presence.clustersOnline,
      connections: this.#presence.connections,
      connectionsByFormat: this.#presence.countByFormat(),
      lastCut: this.#lastCut,
    }
  }

  subscribe(listener: (event: BroadcastEvent) => void): () => void {
    return this.#watchers.subscribe(listener)
  }

  watch(watcher: BroadcastWatcher): () => void {
    return this.#watchers.watch(watcher)
  }

  async metrics(): Promise<string> {
    return (await this.#metrics.text()) + this.rtp.metricsText() + this.recorder.metricsText()
  }

  ready(): { ready: boolean; problems: readonly string[] } {
    const problems: string[] = []
    if (this.#processes.engines.size < this.#config.engineProcesses) problems.push(`engines connected: ${String(this.#processes.engines.size)} of ${String(this.#config.engineProcesses)}`)
    if (this.#processes.fanOuts.size < this.#config.fanOutProcesses) problems.push(`fan-outs connected: ${String(this.#processes.fanOuts.size)} of ${String(this.#config.fanOutProcesses)}`)
    return { ready: problems.length === 0, problems }
  }

  // ── Registry and orders ───────────────────────────────────────────────────────────────────────────────────────────

  /** @returns clusters that are no more */
  #readRegistry(): string[] {
    const removed = this.#clusters.readAll()
    this.#engines.readSources()
    this.#records.unitsChanged()
    return removed
  }

  #applyClusterChanges(): void {
    const ids = this.#changedClusters
    this.#changedClusters = null
    if (ids === null) return
    const changes = this.#clusters.read(ids)
    this.#records.unitsChanged()
    this.#fanOuts.clustersChanged(changes)
    if (changes.removed.length > 0) this.rtp.outputsChanged()
    this.#advance(false)
    this.#watchers.registry([...ids])
  }

  /** Asks the arbiter and tells the fan-outs what has changed. */
  #advance(urgent: boolean): void {
    const atSamples = this.#time.nowSamples()
    const assignments = this.#arbiter.advance(atSamples)
    if (assignments.length > 0) {
      this.#cutSamples = atSamples
      this.#fanOuts.assign({ urgent, atSamples, assignments })
      this.recorder.plansChanged(atSamples)
      this.#speakers.plansChanged(assignments)
      // Whatever becomes of this process from here on, an emergency is heard.
      if (urgent) this.#engines.tell(assignments.map(({ plan }) => plan))
      this.#settleSoon()
    }
    this.#setTimer('wake', this.#arbiter.nextWakeSamples(), () => {
      this.#advance(false)
      this.#engines.tell()
    })
  }

  /** Once for many orders: engines, monitors and those who watch are told what follows from new plans. */
  #settleSoon(): void {
    if (this.#timers.has('settle')) return
    this.#timers.set('settle', this.#clock.setTimer(SETTLE_MS, () => {
      this.#timers.delete('settle')
      this.#watchOnAir()
      this.#engines.tell()
      this.#orders.savePins()
      this.#fanOuts.plansChanged()
    }))
  }

  /** Tells subscribers what has come on air, and comes back when the next segment begins or ends. */
  #watchOnAir(): void {
    const now = this.#time.nowSamples()
    const { changes, nextSamples } = this.#onAirBoard.look(this.#clusters.ids(), (id) => this.#arbiter.planOf(id), now)
    for (const { clusterIds, segment } of changes) this.#watchers.emit({ type: 'on-air', clusterIds, onAir: this.#orders.describe(segment) })
    this.#records.look(changes, now, this.#cutSamples)
    this.recorder.look(now, this.#cutSamples)
    this.#setTimer('on-air', nextSamples, () => {
      this.#watchOnAir()
    })
  }

  /** Once a second: clock discipline, orders that are long over, rooms whose time has come near. */
  #refresh(): void {
    this.#wall.observe()
    this.#orders.forgetOver()
    this.#advance(false)
    this.#speakers.refresh()
    this.#records.refresh()
    this.#monitors.recheck()
    this.#engines.tell()
    this.recorder.tell()
    this.#timers.set('refresh', this.#clock.setTimer(REFRESH_MS, () => {
      this.#refresh()
    }))
  }

  // ── Fan-outs ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #hearFanOut(peer: FanOutPeer, message: FanOutToControl): void {
    switch (message.type) {
      case 'presence':
        this.#notePresence(peer, message)
        break
      case 'rtp-status':
        this.rtp.hear(peer, message)
        break
      case 'cut-done':
        this.#noteCut(message)
        break
      case 'fan-out-stats':
        this.#processes.fanOutStats(peer, message)
        break
      case 'source-metadata':
        this.#engines.noteTitle(message.sourceId, message.title)
        break
      case 'talk-request':
        peer.send({ type: 'talk-answer', requestId: message.requestId, status: this.#talk.status(message.sourceId) })
        break
      case 'speaker-status':
      case 'speaker-ack':
      case 'speaker-log':
      case 'lease-request':
      case 'enrol-request':
        this.#speakers.hear(peer, message)
        break
      case 'source-attempts':
        this.#attempts.note(message.items)
        break
      case 'monitor-request':
        this.#monitors.request(peer, message)
        break
      case 'monitors':
        this.#monitors.told(peer, message)
        // Whoever has just come may hear what nobody else does: it is woken now.
        this.#engines.tell()
        break
      case 'hello':
        break
    }
  }

  #notePresence(peer: FanOutPeer, message: Presence): void {
    const { joined, left, superseded } = this.#presence.apply(peer, message)
    for (const old of superseded) old.peer.send({ type: 'drop-connection', clusterId: old.clusterId, connectionId: old.connectionId, reason: 'replaced' })
    if (joined.length > 0) this.#watchers.emit({ type: 'join', connections: joined })
    this.#speakers.presence(joined, message.left)
    this.#noteLeft(left)
    this.#records.presence(joined, left)
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
    this.#speakers.left(left)
    this.#watchers.emit({ type: 'leave', connections: left })
  }

  #forgetPeer(peer: EnginePeer | FanOutPeer | RecorderPeer): void {
    this.#processes.remove(peer)
    if (this.#closed) return
    const { role, index } = peer.hello
    this.#watchers.emit({ type: 'fault', code: GONE_FAULTS[role], message: `${role} ${String(index)} is gone; it is started again`, role })
    if (role === 'recorder') this.recorder.gone(peer as RecorderPeer)
    if (role !== 'fan-out') return
    this.rtp.gone(peer as FanOutPeer)
    this.#monitors.drop(peer as FanOutPeer)
    const left = this.#presence.drop(peer as FanOutPeer)
    this.#noteLeft(left)
    this.#records.presence([], left)
  }

  // ── Small things ──────────────────────────────────────────────────────────────────────────────────────────────────

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
}
