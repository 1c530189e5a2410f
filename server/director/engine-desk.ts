import type { Logger } from 'pino'
import type { BroadcastEvent, SourceStatusInfo, Store } from '../../control/ports.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import { hasKey } from '../../control/source-rules.ts'
import { msToSamples } from '../../rooms/grid.ts'
import { sourceRoom, type Plan, type RoomRef } from '../../rooms/plan.ts'
import type { EnginePeer } from '../link/control-server.ts'
import type { Announcements, EngineToControl, SourceStatus, SourceSwitch } from '../link/messages.ts'
import { airTimes, playsOf, type AirTime, type SourcePlay } from './air-times.ts'
import { EnginePlan } from './engine-plan.ts'
import type { OnAirBoard } from './on-air-board.ts'
import type { OrderBook } from './order-book.ts'
import { handOversOf, soundOf } from './order-sounds.ts'
import type { PlanTime } from './plan-time.ts'
import type { ProcessBoard } from './process-board.ts'

/** A room runs on for so long after it was wanted last: its last frames are made when their time is over, on a busy machine some time after. */
const LINGER_MS = 1000
/** Engines are told of a room this long before it is needed, so that a relay is connected when its minute comes. */
const PREPARE_MS = 10_000

export interface EngineDeskPorts {
  readonly store: Pick<Store, 'sources' | 'clips' | 'orders' | 'sourceSwitches'>
  readonly processes: ProcessBoard
  readonly orders: OrderBook
  readonly onAir: OnAirBoard
  readonly time: PlanTime
  readonly emit: (event: BroadcastEvent) => void
  readonly logger: Logger
}

/** Tells engines what must run, and knows what they say of their sources. */
export class EngineDesk {
  readonly #ports: EngineDeskPorts
  readonly #plan: EnginePlan
  #wanted: ReadonlySet<RoomRef> = new Set()
  /** Rooms that are not wanted any more, each with the house sample at which that was seen. */
  readonly #lingering = new Map<RoomRef, number>()
  /** Last state sent to each engine, to send only changes. */
  readonly #sent = new Map<number, string>()
  readonly #sources = new Map<string, SourceStatusInfo>()
  /** By engine: sources of others that it is to mix and does not hear. */
  readonly #missing = new Map<number, readonly string[]>()
  readonly #lastInputs: Map<string, string>
  /** By order: what is, will be or has lately been on the air. */
  readonly #plays = new Map<string, { readonly isEmergency: boolean; readonly plays: readonly SourcePlay[] }>()
  /** Null: nobody sends to any source. */
  #longestTailMs: number | null = null

  constructor(ports: EngineDeskPorts, engineProcesses: number) {
    this.#ports = ports
    this.#lastInputs = new Map(ports.store.sourceSwitches.lastInputs())
    this.#plan = new EnginePlan(engineProcesses)
  }

  /** What engines last said of each source. */
  get sources(): ReadonlyMap<string, SourceStatusInfo> {
    return this.#sources
  }

  engineOfSource(sourceId: string): number {
    return this.#plan.engineOfSource(sourceId)
  }

  /** Sources have changed. */
  readSources(): void {
    this.#plan.setSources(this.#ports.store.sources.all())
    this.#readTails()
  }

  greet(peer: EnginePeer): void {
    this.#ports.processes.addEngine(peer)
    this.#sent.delete(peer.hello.index)
    this.#missing.delete(peer.hello.index)
    this.tell()
    this.#ports.logger.info({ engine: peer.hello.index, pid: peer.hello.pid }, 'engine connected')
  }

  /**
   * Tells each engine what must run now or soon, where that has changed.
   * @param urgent plans that nobody has looked at yet
   */
  tell(urgent: Iterable<Plan> = []): void {
    const { store, processes, orders, onAir, time } = this.#ports
    const now = time.nowSamples()
    const soon = now + msToSamples(PREPARE_MS)
    const rooms = new Set(processes.monitoredRooms())
    for (const plan of [...onAir.plans(), ...urgent]) {
      for (const { room, fromSamples, untilSamples } of plan) if (fromSamples <= soon && untilSamples > now) rooms.add(room)
    }
    // What an emergency has interrupted stays connected, however long it lasts, so that coming back finds it live.
    for (const { content, startSamples, endSamples, stoppedSamples } of orders.inputs()) {
      if (content.kind !== 'open' || startSamples > soon || Math.min(endSamples, stoppedSamples ?? Infinity) <= now) continue
      const before = content.handOvers?.findLast(({ atSamples, crossfadeSamples }) => atSamples + crossfadeSamples <= now)
      rooms.add(sourceRoom(before?.sourceId ?? content.sourceId))
      for (const { sourceId, atSamples } of content.handOvers ?? []) if (atSamples > (before?.atSamples ?? -Infinity) && atSamples <= soon) rooms.add(sourceRoom(sourceId))
    }
    for (const room of this.#wanted) if (!rooms.has(room)) this.#lingering.set(room, now)
    this.#wanted = new Set(rooms)
    for (const [room, since] of this.#lingering) {
      if (rooms.has(room) || now - since > msToSamples(LINGER_MS)) this.#lingering.delete(room)
      else rooms.add(room)
    }
    const states = this.#plan.states(rooms, (room) => soundOf(room, store, (orderId) => orders.get(orderId)), { ...this.#airTimes(now), lastInputs: this.#lastInputs })
    for (const [index, state] of states.entries()) {
      const peer = processes.engines.get(index)?.peer as EnginePeer | undefined
      if (peer === undefined) continue
      const text = JSON.stringify(state)
      if (this.#sent.get(index) === text) continue
      this.#sent.set(index, text)
      peer.send(state)
    }
  }

  #airTimes(now: number): Record<'airTimes' | 'emergencyTimes', ReadonlyMap<string, readonly AirTime[]>> {
    if (this.#longestTailMs === null) return { airTimes: new Map(), emergencyTimes: new Map() }
    for (const { id, class: orderClass, content, startSamples, endSamples, stoppedSamples } of this.#ports.orders.inputs()) {
      if (content.kind === 'open') this.#plays.set(id, { isEmergency: orderClass === 'emergency', plays: playsOf(content, startSamples, Math.min(endSamples, stoppedSamples ?? Infinity)) })
    }
    const keepUntil = now - msToSamples(this.#longestTailMs)
    for (const [id, { plays }] of this.#plays) if (plays.every(({ untilSamples }) => untilSamples <= keepUntil)) this.#plays.delete(id)
    const all = [...this.#plays.values()]
    const timesOf = (wanted: typeof all): ReadonlyMap<string, readonly AirTime[]> => airTimes(this.#plan.sources, wanted.flatMap(({ plays }) => plays), keepUntil)
    return { airTimes: timesOf(all), emergencyTimes: timesOf(all.filter(({ isEmergency }) => isEmergency)) }
  }

  /** Orders that are over are soon forgotten elsewhere; who sends has his time after them also when control has begun anew. */
  #readTails(): void {
    const { store, time } = this.#ports
    const tails = this.#plan.sources.flatMap((source) => (hasKey(source) ? [source.ingest.tailMs] : []))
    const before = this.#longestTailMs ?? 0
    this.#longestTailMs = tails.length === 0 ? null : Math.max(...tails)
    if (this.#longestTailMs === null || this.#longestTailMs <= before) return
    const nowMs = time.wallMs()
    for (const order of store.orders.overSince(nowMs - this.#longestTailMs, nowMs)) {
      const { id, sourceId, startsAtMs, endsAtMs, stoppedAtMs } = order
      if (sourceId !== null) this.#plays.set(id, { isEmergency: order.class === 'emergency', plays: playsOf({ sourceId, handOvers: handOversOf(order, time.samplesAtWall) }, time.samplesAtWall(startsAtMs), time.samplesAtWall(Math.min(endsAtMs, stoppedAtMs ?? Infinity))) })
    }
  }

  hear(peer: EnginePeer, message: Exclude<EngineToControl, Announcements>): void {
    switch (message.type) {
      case 'source-status':
        // One that has just moved elsewhere may still be told of by the engine where it was.
        if (peer.hello.index === this.#plan.engineOfSource(message.sourceId)) this.#hearStatus(message)
        break
      case 'engine-stats':
        this.#ports.processes.engineStats(peer, message)
        this.#noteMissing(peer.hello.index, message.missingSources)
        break
      case 'source-switch':
        this.#noteSwitch(message)
        break
      case 'hello':
        break
    }
  }

  /** A studio has sent a title; one of a source that no engine has told of is left out. */
  noteTitle(sourceId: string, title: string): void {
    const status = this.#sources.get(sourceId)
    if (status !== undefined) this.#note({ ...status, title })
  }

  #noteSwitch({ type: _type, atSamples, ...told }: SourceSwitch): void {
    const { store, time, emit, logger } = this.#ports
    const record = { ...told, atMs: Math.floor(time.wallMsAt(atSamples)) }
    try {
      // A source that is no more since then has no log.
      if (store.sources.get(record.sourceId) === undefined || !store.sourceSwitches.put(record)) return
    } catch (error) {
      logger.error({ err: error, record }, 'a switch of a source could not be kept')
    }
    this.#lastInputs.set(record.sourceId, record.toInputId)
    emit({ type: 'switch', record })
  }

  #hearStatus({ type: _type, ...status }: SourceStatus): void {
    this.#note(this.#asHeard(status))
  }

  /** What does not get from its engine to another that mixes it is not heard there, however well it is where it runs. */
  #asHeard(status: SourceStatusInfo): SourceStatusInfo {
    const away = [...this.#missing].find(([, sourceIds]) => sourceIds.includes(status.sourceId))
    return away === undefined ? status : { ...status, state: 'down', fault: null, reason: sourceReason('out-of-reach', `from engine ${String(this.engineOfSource(status.sourceId))} to engine ${String(away[0])}`) }
  }

  #noteMissing(engine: number, sourceIds: readonly string[]): void {
    this.#missing.set(engine, sourceIds)
    // Their engine tells the rest within a second; what is back is believed from then on.
    for (const id of sourceIds) {
      const status = this.#sources.get(id)
      if (status !== undefined) this.#note(this.#asHeard(status))
    }
  }

  #note(status: SourceStatusInfo): void {
    const before = this.#sources.get(status.sourceId)
    this.#sources.set(status.sourceId, status)
    if (before?.state === status.state && before.urlIndex === status.urlIndex && before.fault === status.fault && before.title === status.title && standbyText(before) === standbyText(status)) return
    this.#ports.emit({ type: 'source', status })
    const code = faultCode(status)
    if (code !== null) this.#ports.emit({ type: 'fault', code, message: status.reason, sourceId: status.sourceId })
  }
}

/** What of a source with hot standby is told at once. */
const standbyText = ({ standby }: SourceStatusInfo): string => JSON.stringify([standby?.inputSourceId, standby?.inputs.map(({ state, fault }) => [state, fault])])
function faultCode({ state, fault }: SourceStatusInfo): string | null {
  if (state === 'down') return 'LOA_FAULT_SOURCE_DOWN'
  if (fault === null) return null
  return fault === 'silence' ? 'LOA_FAULT_SOURCE_SILENT' : 'LOA_FAULT_SOURCE_FAULTY'
}
