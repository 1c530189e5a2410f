import { setImmediate as nextTurn } from 'node:timers/promises'
import { appendixOf, reportText } from '../../control/proof/report.ts'
import { countsOf, withLog, withStage, type ClusterProof } from '../../control/proof/proof.ts'
import type { BroadcastEvent, ClusterRecord, ConnectionInfo, OrderRecord, PlayLogRecord, RunningProof, SpeakerInfo, Store, Targets } from '../../control/ports.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import type { OnAirChange } from './on-air-board.ts'
import { ProofSheet, readProof } from './proof-sheet.ts'
import { neverRecords, toldRecords } from './air-beside.ts'
import { packed, packedSoon } from './pack-report.ts'

/** Devices send the log of a run when it is over; what comes within this time is in the report, which is due 10 s after the end. */
const GRACE_MS = 5000
/** What is new waits so long for the disk, so that ten thousand devices are some writes. */
const SETTLE_MS = 100
/** Written in one go: a few ms. */
const WRITE_SLICE = 500
/** House time and wall time may differ by so much. */
const EARLY_MS = 1000
const SEEN_EVERY_MS = 30_000
/** Clusters of all orders that are watched at once; some 400 bytes each. The rest is for emergencies. */
const MOST_PROOFS = 200_000
const MOST_PROOFS_WITH_EMERGENCIES = 400_000
/** Orders of which it is remembered that they have a report. */
const MOST_CLOSED = 1000
const RETRY_MS = 5000
const LOG_PAGE = 500

export interface ProofDeskPorts {
  readonly store: Pick<Store, 'proofs' | 'playLog' | 'airLog' | 'orders' | 'units' | 'clips' | 'clusters' | 'transaction'>
  readonly clock: Clock
  readonly wallMs: () => number
  readonly wallMsAt: (samples: number) => number
  readonly clusterOf: (clusterId: string) => ClusterRecord | undefined
  readonly clustersOf: (targets: Targets) => readonly string[]
  readonly connectionsOf: (clusterId: string) => readonly ConnectionInfo[]
  /** Orders that can still be felt. */
  readonly orders: () => Iterable<OrderRecord>
  /** Whether any of them has the order on air now or later. */
  readonly isPlanned: (clusterIds: Iterable<string>, orderId: string) => boolean
  readonly emit: (event: BroadcastEvent) => void
  readonly onError: (error: unknown) => void
}

/**
 * Watches how far each order comes on each of its clusters, keeps that on the disk as it happens, and closes a report some seconds after the order's end, which is
 * chained and never changed. What devices that were away tell later is added as appendices.
 */
export class ProofDesk {
  readonly #ports: ProofDeskPorts
  readonly #sheets = new Map<string, ProofSheet>()
  readonly #byCluster = new Map<string, Set<ProofSheet>>()
  readonly #closed = new Set<string>()
  /** Since when clusters are away that were seen. */
  readonly #awaySince = new Map<string, number>()
  /** Logs that came while a report was being written. */
  readonly #held = new Map<string, PlayLogRecord[]>()
  readonly #retryAt = new Map<string, number>()
  #closing: Promise<void> = Promise.resolve()
  #writeTimer: TimerHandle | null = null
  #proofs = 0
  #nextSeenMs = 0
  #isClosed = false

  constructor(ports: ProofDeskPorts) {
    this.#ports = ports
  }

  /** Takes up what an earlier process has left, and what began and ended without one. Clusters must be known. */
  start(): void {
    const { store, wallMs } = this.#ports
    const nowMs = wallMs()
    const seenAtMs = store.proofs.seenAtMs()
    for (const [orderId, rows] of Map.groupBy(store.proofs.open(), (row) => row.orderId)) {
      const order = store.orders.get(orderId)
      if (order === undefined) continue
      for (const row of rows) {
        const { openedAtMs, complete, proof } = readProof(row)
        const sheet = this.#sheets.get(orderId) ?? this.#addSheet(new ProofSheet(order, openedAtMs))
        sheet.complete &&= complete
        sheet.restore({ ...proof, isOnline: false, awaySinceMs: proof.isOnline ? seenAtMs ?? nowMs : proof.awaySinceMs })
        this.#index(proof.clusterId, sheet)
      }
    }
    if (seenAtMs !== null) for (const order of store.orders.overSince(seenAtMs - GRACE_MS, nowMs)) this.#open(order, nowMs)
  }

  /** An order is new or was stopped. */
  orderChanged(order: OrderRecord): void {
    const sheet = this.#sheets.get(order.id)
    if (sheet !== undefined) sheet.order = order
    else if (order.startsAtMs <= this.#ports.wallMs()) this.#safely(() => this.#open(order, this.#ports.wallMs()))
  }

  /** @param cutSamples when plans were last changed */
  onAir(changes: readonly OnAirChange[], nowSamples: number, cutSamples: number): void {
    const { wallMs, wallMsAt } = this.#ports
    for (const { clusterIds, segment } of changes) {
      for (const id of clusterIds) for (const sheet of this.#byCluster.get(id) ?? []) sheet.onAir.delete(id)
      if (segment === null) continue
      const onAirMs = Math.round(wallMsAt(Math.min(nowSamples, Math.max(segment.fromSamples, cutSamples))))
      for (const { orderId } of segment.under === undefined ? [segment] : [segment, segment.under]) this.#noteOnAir(orderId, clusterIds, onAirMs, wallMs())
    }
    this.#writeSoon()
  }

  #noteOnAir(orderId: string, clusterIds: readonly string[], onAirMs: number, nowMs: number): void {
    const sheet = this.#sheetOf(orderId)
    if (sheet === undefined || sheet.isFrozen) return
    for (const id of clusterIds) {
      if (sheet.get(id) === undefined) this.#add(sheet, id, nowMs, true)
      const proof = sheet.get(id)
      if (proof === undefined) continue
      sheet.onAir.add(id)
      if (proof.onAirMs === null) sheet.put({ ...proof, onAirMs })
    }
  }

  presence(joined: readonly ConnectionInfo[], left: readonly { readonly clusterId: string }[]): void {
    const nowMs = this.#ports.wallMs()
    for (const { clusterId, protocol } of joined) {
      this.#awaySince.delete(clusterId)
      this.#change(clusterId, (proof) => ({ ...proof, isOnline: true, awaySinceMs: null, connectedMs: proof.connectedMs ?? nowMs, protocol: proof.protocol === 'native' ? 'native' : protocol }))
    }
    for (const { clusterId } of left) {
      if (this.#ports.connectionsOf(clusterId).length > 0) continue
      this.#awaySince.set(clusterId, nowMs)
      this.#change(clusterId, (proof) => ({ ...proof, isOnline: false, awaySinceMs: nowMs }))
    }
    this.#writeSoon()
  }

  /** What a device has just said of itself. */
  status(info: SpeakerInfo): void {
    if (info.orderId === null) return
    const sheet = this.#sheetOf(info.orderId)
    const proof = sheet?.get(info.clusterId)
    if (sheet === undefined || proof === undefined || sheet.isFrozen) return
    sheet.put(withStage(proof, info, sheet.order.class, this.#ports.wallMs()))
    this.#writeSoon()
  }

  /** Runs that devices have logged and that are new. To be called in the transaction in which they are kept: minutes and appendices are kept with them, or none of it. */
  logged(runs: readonly PlayLogRecord[]): void {
    const { store, wallMs } = this.#ports
    const told = toldRecords(runs, store, wallMs())
    if (told.length > 0) store.airLog.write({ ended: told, open: [], closed: [] })
    for (const [orderId, ofOrder] of Map.groupBy(runs, (run) => run.orderId)) {
      if (orderId === null) continue
      const sheet = this.#sheets.get(orderId)
      if (sheet?.isFrozen === true) this.#held.set(orderId, [...(this.#held.get(orderId) ?? []), ...ofOrder])
      else if (sheet === undefined && this.#hasReport(orderId)) this.#append(orderId, ofOrder)
    }
  }

  /** To be called about once a second. */
  refresh(): void {
    const nowMs = this.#ports.wallMs()
    for (const order of this.#ports.orders()) if (order.startsAtMs <= nowMs && !this.#sheets.has(order.id)) this.#safely(() => this.#open(order, nowMs))
    const due = [...this.#sheets.values()].filter((sheet) => !sheet.isFrozen && this.#isDue(sheet, nowMs)).sort((a, b) => weightOf(a) - weightOf(b))
    for (const sheet of due) {
      // Until it is written it is not looked at again.
      this.#retryAt.set(sheet.order.id, Infinity)
      this.#closing = this.#closing.then(() => this.#close(sheet))
    }
    this.#tell()
    this.#writeSoon()
    if (nowMs < this.#nextSeenMs) return
    this.#nextSeenMs = nowMs + SEEN_EVERY_MS
    this.#safely(() => { this.#ports.store.proofs.noteSeen(nowMs) })
  }

  /** How an order goes that has no report yet. */
  view(orderId: string): RunningProof | null {
    return this.#sheets.get(orderId)?.view() ?? null
  }

  /** Reports that are due are written. */
  async settled(): Promise<void> {
    await this.#closing
  }

  close(): void {
    this.#isClosed = true
    this.#writeTimer?.cancel()
    this.#safely(() => {
      for (const sheet of this.#sheets.values()) this.#save(sheet, Infinity)
      this.#ports.store.proofs.noteSeen(this.#ports.wallMs())
    })
  }

  // ── Sheets ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #sheetOf(orderId: string): ProofSheet | undefined {
    const sheet = this.#sheets.get(orderId)
    if (sheet !== undefined || this.#closed.has(orderId)) return sheet
    const nowMs = this.#ports.wallMs()
    return this.#safely(() => {
      const order = this.#ports.store.orders.get(orderId)
      const isNow = order !== undefined && order.startsAtMs <= nowMs + EARLY_MS && nowMs < Math.min(order.endsAtMs, order.stoppedAtMs ?? Infinity) + GRACE_MS
      return isNow ? this.#open(order, nowMs) : undefined
    })
  }

  /** Freezes the list of clusters. One that was withdrawn before it began, or has its report, has none. */
  #open(order: OrderRecord, nowMs: number): ProofSheet | undefined {
    if (order.stoppedAtMs !== null && order.stoppedAtMs <= order.startsAtMs) return undefined
    if (this.#hasReport(order.id)) return undefined
    const sheet = this.#addSheet(new ProofSheet(order, nowMs))
    for (const id of this.#ports.clustersOf(order.targets)) this.#add(sheet, id, nowMs, false)
    this.#writeSoon()
    return sheet
  }

  #addSheet(sheet: ProofSheet): ProofSheet {
    this.#sheets.set(sheet.order.id, sheet)
    return sheet
  }

  #add(sheet: ProofSheet, clusterId: string, nowMs: number, late: boolean): void {
    const cluster = this.#ports.clusterOf(clusterId)
    if (cluster === undefined) return
    if (this.#proofs >= (sheet.order.class === 'emergency' ? MOST_PROOFS_WITH_EMERGENCIES : MOST_PROOFS)) {
      sheet.complete = false
      return
    }
    const connections = this.#ports.connectionsOf(clusterId)
    const isOnline = connections.length > 0
    sheet.put({
      clusterId,
      code: cluster.code,
      name: cluster.name,
      unitId: cluster.unitId,
      sim: cluster.equipment.sim,
      late,
      protocol: !isOnline ? null : connections.some(({ protocol }) => protocol === 'native') ? 'native' : 'http',
      connectedMs: isOnline ? nowMs : null,
      awaySinceMs: isOnline ? null : this.#awaySince.get(clusterId) ?? null,
      isOnline,
      onAirMs: null, receivedMs: null, verifiedMs: null, playedMs: null, heardMs: null, blocked: null, verifies: false, soundedMs: null,
    })
    this.#index(clusterId, sheet)
  }

  #index(clusterId: string, sheet: ProofSheet): void {
    this.#proofs += 1
    const sheets = this.#byCluster.get(clusterId)
    if (sheets === undefined) this.#byCluster.set(clusterId, new Set([sheet]))
    else sheets.add(sheet)
  }

  #change(clusterId: string, change: (proof: ClusterProof) => ClusterProof): void {
    for (const sheet of this.#byCluster.get(clusterId) ?? []) if (!sheet.isFrozen) sheet.put(change(sheet.get(clusterId)!))
  }

  #forget(sheet: ProofSheet): void {
    this.#sheets.delete(sheet.order.id)
    this.#retryAt.delete(sheet.order.id)
    for (const id of sheet.clusterIds) {
      const sheets = this.#byCluster.get(id)
      if (sheets?.delete(sheet) === true) this.#proofs -= 1
      if (sheets?.size === 0) this.#byCluster.delete(id)
    }
  }

  #hasReport(orderId: string): boolean {
    if (this.#closed.has(orderId)) return true
    if (this.#ports.store.proofs.ofOrder(orderId).length === 0) return false
    this.#noteClosed(orderId)
    return true
  }

  #noteClosed(orderId: string): void {
    this.#closed.add(orderId)
    if (this.#closed.size > MOST_CLOSED) this.#closed.delete(this.#closed.values().next().value!)
  }

  // ── To the disk ───────────────────────────────────────────────────────────────────────────────────────────────────

  #writeSoon(): void {
    if (this.#isClosed) return
    this.#writeTimer ??= this.#ports.clock.setTimer(SETTLE_MS, () => {
      this.#writeTimer = null
      this.#safely(() => {
        let left = WRITE_SLICE
        for (const sheet of this.#sheets.values()) if (left > 0) left -= this.#save(sheet, left)
        if (left <= 0) this.#writeSoon()
      })
    })
  }

  /** @returns how many were written */
  #save(sheet: ProofSheet, most: number): number {
    if (sheet.isFrozen) return 0
    const proofs = sheet.unsaved(most)
    if (proofs.length === 0) return 0
    this.#ports.store.proofs.put(proofs)
    sheet.saved(proofs)
    return proofs.length
  }

  #isDue(sheet: ProofSheet, nowMs: number): boolean {
    if ((this.#retryAt.get(sheet.order.id) ?? 0) > nowMs) return false
    const { order } = sheet
    const endMs = Math.min(order.endsAtMs, order.stoppedAtMs ?? Infinity)
    // Clips have time left for what an emergency cuts away; when nothing was, they are over long before.
    const isDone = order.clipIds !== null && sheet.onAir.size === 0 && sheet.proofs().some(({ onAirMs }) => onAirMs !== null) && !this.#ports.isPlanned(sheet.clusterIds, order.id)
    sheet.doneAtMs = isDone ? sheet.doneAtMs ?? nowMs : null
    return nowMs >= Math.min(endMs, sheet.doneAtMs ?? Infinity) + GRACE_MS
  }

  async #close(sheet: ProofSheet): Promise<void> {
    const { store, wallMs, onError } = this.#ports
    const { id: orderId } = sheet.order
    if (this.#isClosed) return
    try {
      const runs: PlayLogRecord[] = []
      for (let after: number | null = null; ;) {
        const { items, next } = store.playLog.ofOrder(orderId, { after, limit: LOG_PAGE })
        runs.push(...items)
        if (next === null) break
        after = next
        await nextTurn()
      }
      // From here to the commit nothing changes: what devices log meanwhile is held for an appendix.
      sheet.isFrozen = true
      const proofs = new Map(sheet.proofs().map((proof) => [proof.clusterId, proof]))
      for (const run of runs) {
        const proof = proofs.get(run.clusterId)
        if (proof !== undefined) proofs.set(run.clusterId, withLog(proof, run))
      }
      const clusters = [...proofs.values()]
      const closedAtMs = wallMs()
      const names = new Map(store.units.all().map(({ id, name }) => [id, name]))
      const text = await reportText({ order: sheet.order, openedAtMs: sheet.openedAtMs, closedAtMs, complete: sheet.complete, clusters, unitName: (id) => names.get(id) ?? '' })
      const report = await packedSoon({ atMs: closedAtMs, kind: 'report', orderId }, text)
      if (this.#isClosed) return
      store.transaction(() => {
        store.proofs.append([report])
        store.airLog.write({ ended: neverRecords(sheet.order, clusters, store.clips, closedAtMs), open: [], closed: [] })
        this.#append(orderId, this.#held.get(orderId) ?? [])
      })
      this.#held.delete(orderId)
      this.#forget(sheet)
      this.#noteClosed(orderId)
      this.#ports.emit({ type: 'proof', state: 'closed', orders: [{ orderId, counts: countsOf(clusters) }] })
    } catch (error) {
      onError(error)
      // What was held is on the disk, and is read again.
      this.#held.delete(orderId)
      sheet.isFrozen = false
      this.#retryAt.set(orderId, wallMs() + RETRY_MS)
    }
  }

  #append(orderId: string, runs: readonly PlayLogRecord[]): void {
    const atMs = this.#ports.wallMs()
    const appendix = appendixOf(orderId, runs, atMs)
    if (appendix !== null) this.#ports.store.proofs.append([packed({ atMs, kind: 'appendix', orderId }, `${JSON.stringify(appendix)}\n`)])
  }

  #tell(): void {
    const orders = [...this.#sheets.values()].filter(({ hasNews }) => hasNews).map((sheet) => {
      sheet.hasNews = false
      return { orderId: sheet.order.id, counts: countsOf(sheet.proofs()) }
    })
    if (orders.length > 0) this.#ports.emit({ type: 'proof', state: 'running', orders })
  }

  /** A store that fails is told of, and costs no more than what was asked of it. */
  #safely<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.#ports.onError(error)
      return undefined
    }
  }
}

const weightOf = ({ order }: ProofSheet): number => (order.class === 'emergency' ? 0 : 1)
