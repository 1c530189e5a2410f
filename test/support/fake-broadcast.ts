import { groupsOf, memberTest, unitMap } from '../../control/selection.ts'
import { sealPass, type MonitorPass } from '../../control/monitor-pass.ts'
import type { Broadcast, BroadcastEvent, ClusterRecord, CommandRecord, ConnectionInfo, OnAir, OrderRecord, RecorderStatus, RtpAnnouncement, RtpOutputRecord, Selection, RtpStatusInfo, SourceStatusInfo, SpeakerInfo, StatusInfo, Store, Targets, PreviewSegment, BroadcastWatcher, RunningProof, MonitorListener } from '../../control/ports.ts'
import { preview } from '../../server/director/preview.ts'
import { outputAddress } from '../../server/rtp/output-address.ts'

export const PASS_KEY = Buffer.alloc(32, 7)

/**
 * The broadcast port without processes or sound. It counts targets from the store as the real one does, remembers what it was told, and is
 * told by the test who is connected and what is on air.
 */
export class FakeBroadcast implements Broadcast {
  readonly calls: string[] = []
  readonly orders: OrderRecord[] = []
  readonly commands: { readonly command: CommandRecord; readonly clusterIds: readonly string[] }[] = []
  connected: ConnectionInfo[] = []
  readonly playing = new Map<string, OnAir>()
  readonly sources = new Map<string, SourceStatusInfo>()
  readonly reports = new Map<string, SpeakerInfo>()
  readonly proofs = new Map<string, RunningProof>()
  announcements: readonly RtpAnnouncement[] | null = null
  readonly rtpStatus = new Map<string, RtpStatusInfo>()
  readonly rtp = {
    address: outputAddress,
    outputsChanged: (): void => {
      this.calls.push('rtp outputs')
    },
    announcements: (): readonly RtpAnnouncement[] | null => this.announcements,
    status: (id: string): RtpStatusInfo | null => this.rtpStatus.get(id) ?? null,
    sdp: ({ name, address }: RtpOutputRecord): string => `v=0\r\ns=${name}\r\nc=IN IP4 ${address}\r\n`,
  }
  problems: readonly string[] = []
  readonly #store: Store
  readonly #listeners = new Set<(event: BroadcastEvent) => void>()
  readonly #watchers = new Set<BroadcastWatcher>()

  constructor(store: Store) {
    this.#store = store
  }

  get listeners(): number {
    return this.#listeners.size
  }

  emit(event: BroadcastEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  connect(clusterId: string, protocol: 'http' | 'native' = 'native', sinceMs = 1_780_000_000_000): ConnectionInfo {
    const connection: ConnectionInfo = { clusterId, connectionId: `x${String(this.connected.length)}`, protocol, format: protocol === 'native' ? 'opus-32' : 'mp3-64', remoteAddress: '192.0.2.7', sinceMs }
    this.connected.push(connection)
    return connection
  }

  /** A device says how it is. */
  say(info: SpeakerInfo): void {
    this.reports.set(info.clusterId, info)
    for (const watcher of this.#watchers) watcher.speaker(info)
  }

  registryChanged(): void {
    this.calls.push('registry')
    for (const watcher of this.#watchers) watcher.registry(null)
  }

  readonly recorder: { status: RecorderStatus; setFull: (isFull: boolean) => void } = { status: { fault: null }, setFull: (isFull) => { this.calls.push(`recordings full: ${String(isFull)}`) } }

  policiesChanged(): void {
    this.calls.push('policies')
  }

  credentialsChanged(): void {
    this.calls.push('credentials')
  }

  clusterChanged(id: string): void {
    this.calls.push(`cluster ${id}`)
    for (const watcher of this.#watchers) watcher.registry([id])
  }

  sourceChanged(id: string): void {
    this.calls.push(`source ${id}`)
  }

  orderChanged(order: OrderRecord): void {
    this.calls.push(`order ${order.id}`)
    this.orders.push(order)
  }

  ordersChanged(orders: readonly OrderRecord[]): void {
    for (const order of orders) this.orderChanged(order)
  }

  preview(clusterId: string, orders: readonly OrderRecord[], fromMs: number, untilMs: number): readonly PreviewSegment[] {
    return preview(this.#store, this.#store.clusters.get(clusterId)!, orders, { fromMs, untilMs, attentionToneMs: 3000 })
  }

  clustersOf(targets: Targets): readonly string[] {
    return this.#store.clusters.all()
      .filter(({ enabled, state }) => enabled && state !== 'retired')
      .filter((cluster) => targets.clusters.includes(cluster.id) || (cluster.state === 'active' && this.#isMeant(cluster, targets)))
      .map(({ id }) => id)
  }

  #isMeant(cluster: ClusterRecord, targets: Targets): boolean {
    return cluster.tags.some((tag) => targets.tags.includes(tag)) || this.#store.units.ancestors(cluster.unitId).some((id) => targets.units.includes(id)) || (targets.groups ?? []).some((id) => groupsOf(cluster.id, this.#store).includes(id))
  }

  select(selection: Selection): readonly string[] {
    return this.#store.clusters.all().filter(memberTest(selection, unitMap(this.#store.units.all(), this.#store.units.endedMembers()))).map(({ id }) => id)
  }

  countTargets(targets: Targets): { targeted: number; online: number } {
    const meant = this.clustersOf(targets)
    return { targeted: meant.length, online: meant.filter((id) => this.connections(id).length > 0).length }
  }

  onAir(clusterId: string): OnAir | null {
    return this.playing.get(clusterId) ?? null
  }

  monitoring: readonly MonitorListener[] = []
  monitors(): readonly MonitorListener[] {
    return this.monitoring
  }

  monitorPass(pass: MonitorPass): string {
    return sealPass(PASS_KEY, pass)
  }

  connections(clusterId?: string): readonly ConnectionInfo[] {
    return clusterId === undefined ? this.connected : this.connected.filter((connection) => connection.clusterId === clusterId)
  }

  speakers(): readonly SpeakerInfo[] {
    return [...this.reports.values()]
  }

  speaker(clusterId: string): SpeakerInfo | null {
    return this.reports.get(clusterId) ?? null
  }

  proof(orderId: string): RunningProof | null {
    return this.proofs.get(orderId) ?? null
  }

  sourceStatus(sourceId: string): SourceStatusInfo | null {
    return this.sources.get(sourceId) ?? null
  }

  commandGiven(command: CommandRecord, clusterIds: readonly string[]): void {
    this.commands.push({ command, clusterIds })
  }

  signingKeysChanged(): void {
    this.calls.push('signing keys')
  }

  status(): StatusInfo {
    return {
      processes: [{ role: 'fan-out', index: 0, pid: 4711, connected: true, cpuMsTotal: 12.5, rssBytes: 50_000_000 }],
      clustersOnline: new Set(this.connected.map(({ clusterId }) => clusterId)).size,
      connections: this.connected.length,
      connectionsByFormat: Object.fromEntries([...Map.groupBy(this.connected, ({ format }) => format)].map(([format, list]) => [format, list.length])),
      programmes: 2,
      encoders: 3,
      framesTotal: 1000,
      bytesTotal: 200_000,
      latenessMaxMs: 3.25,
      gapFramesTotal: 0,
      skipsTotal: 1,
      frozenTotal: 0,
      replacedTotal: 0,
      refusedTotal: 2,
      lastCut: { orderId: 'o-1', listeners: 24, elapsedMs: 8.5, atMs: 1_780_000_000_000 },
    }
  }

  subscribe(listener: (event: BroadcastEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  watch(watcher: BroadcastWatcher): () => void {
    this.#watchers.add(watcher)
    return () => {
      this.#watchers.delete(watcher)
    }
  }

  metrics(): Promise<string> {
    return Promise.resolve('# TYPE loa_listeners gauge\nloa_listeners{format="mp3-64"} 0\n')
  }

  ready(): { ready: boolean; problems: readonly string[] } {
    return { ready: this.problems.length === 0, problems: this.problems }
  }
}
