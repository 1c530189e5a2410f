import type { OrderAlert } from './alerts/alert-port.ts'
import type { MonitorPass } from './monitor-pass.ts'
import type { OrderClass, OrderRecord, Selection, Targets } from './records.ts'
import type { ProofNews, RunningProof } from './proof/proof-port.ts'
import type { SourceSwitchRecord, StandbyStatusInfo } from './ingest-port.ts'
import type { RecorderBroadcast } from './recordings/recording-port.ts'
import type { RtpBroadcast } from './rtp-port.ts'
import type { CommandCounts, CommandRecord } from './trust-port.ts'

/** What a cluster plays now; `sourceId`: the source that is heard, also after a hand-over. */
export interface OnAir {
  readonly orderId: string
  readonly class: OrderClass
  readonly title: string
  readonly sourceId: string | null
  readonly clipIds: readonly string[] | null
  readonly sinceMs: number
  readonly untilMs: number
  /** Left out: no alert gave the order. */
  readonly alert?: OrderAlert
  /** What goes on beneath it at a lower level. Left out: nothing. */
  readonly under?: { readonly orderId: string; readonly class: Exclude<OrderClass, 'emergency'>; readonly title: string; readonly sourceId: string | null }
}

/** A stretch of a previewed day; wall time. */
export interface PreviewSegment {
  readonly orderId: string
  readonly fromMs: number
  readonly untilMs: number
  /** It goes on at a lower level beneath another, which has a stretch of its own at the same time. Left out: it does not. */
  readonly beneath?: boolean
}

export interface ConnectionInfo {
  readonly clusterId: string
  readonly connectionId: string
  readonly protocol: 'http' | 'native'
  readonly format: string
  readonly remoteAddress: string
  readonly sinceMs: number
  /** Of an enrolled device. */
  readonly instanceId?: string
}

/** Somebody who monitors by WHEP. Never a cluster that sounds. */
export interface MonitorListener {
  readonly id: string
  /** Counts those who came; grows. */
  readonly sequence: number
  /** One of the two is what he hears; the other is null. */
  readonly sourceId: string | null
  readonly clusterId: string | null
  /** User or token. */
  readonly personId: string
  readonly personName: string
  readonly remoteAddress: string
  readonly sinceMs: number
}

/** How far an order has come in a speaker: its bytes are there, its signature is right, its samples have left the device, something has heard them. */
export const SPEAKER_STAGES = ['idle', 'received', 'verified', 'played', 'heard'] as const
export const SPEAKER_SOUNDS = ['silence', 'live', 'cached', 'filler'] as const

/** What a native client last said of itself; null where it said nothing. Fields as in server/protocol.md, `status`. */
export interface SpeakerInfo {
  readonly clusterId: string
  readonly atMs: number
  readonly stage: (typeof SPEAKER_STAGES)[number] | null
  readonly orderId: string | null
  readonly playing: (typeof SPEAKER_SOUNDS)[number] | null
  /** How much later than it should its sound leaves the device, by its own reckoning. */
  readonly syncErrorUs: number | null
  /** How far its idea of the house clock may be off. */
  readonly clockErrorUs: number | null
  /** How far ahead its own wall clock is, by which it plays when it starts without a network. */
  readonly wallErrorMs: number | null
  readonly driftPpm: number | null
  readonly roundTripUs: number | null
  readonly cardPpm: number | null
  readonly correctionPpm: number | null
  readonly bufferMs: number | null
  readonly targetMs: number | null
  readonly lateFrames: number | null
  readonly lostFrames: number | null
  readonly concealedFrames: number | null
  readonly unverifiedFrames: number | null
  readonly volumePercent: number | null
  /** Part of it at which it sounds now by the hours of its unit. */
  readonly hoursPercent: number | null
  readonly muted: boolean | null
  readonly amplifier: boolean | null
  readonly power: string | null
  readonly temperatureC: number | null
  readonly signalDbm: number | null
  /** Why it cannot keep what it should, such as `SPEAKER_ERR_DISK_FULL`. */
  readonly storageFault: string | null
  readonly version: string | null
  readonly identity: string | null
}

export const SOUND_FAULTS = ['silence', 'noise-floor', 'dc', 'noise', 'stuck', 'clipping', 'wrong-format'] as const
export type SoundFault = (typeof SOUND_FAULTS)[number]

export interface SourceStatusInfo {
  readonly sourceId: string
  readonly state: 'idle' | 'connecting' | 'live' | 'silent' | 'fallback' | 'down'
  /** Which of the URLs is in use, 0-based; null when none or not a relay. */
  readonly urlIndex: number | null
  readonly peakDbfs: number
  readonly rmsDbfs: number
  /** Samples of the last ten seconds that stand in runs at full scale, % of all. */
  readonly clippedPercent: number
  /** What is wrong with the sound that comes. */
  readonly fault: SoundFault | null
  readonly reason: string
  readonly title: string
  readonly receivedBytes?: number
  /** Of a source with hot standby. */
  readonly standby?: StandbyStatusInfo
}

export interface ProcessInfo {
  readonly role: 'control' | 'engine' | 'fan-out' | 'recorder' | 'phone'
  readonly index: number
  readonly pid: number
  readonly connected: boolean
  readonly cpuMsTotal: number
  readonly rssBytes: number
}

/** Counters since the processes started; sums over all of a role. */
export interface StatusInfo {
  readonly processes: readonly ProcessInfo[]
  readonly clustersOnline: number
  readonly connections: number
  readonly connectionsByFormat: Readonly<Record<string, number>>
  readonly programmes: number
  readonly encoders: number
  readonly framesTotal: number
  readonly bytesTotal: number
  readonly latenessMaxMs: number
  readonly gapFramesTotal: number
  readonly skipsTotal: number
  readonly frozenTotal: number
  readonly replacedTotal: number
  readonly refusedTotal: number
  /** The last emergency that was cut in or out. */
  readonly lastCut: { readonly orderId: string; readonly listeners: number; readonly elapsedMs: number; readonly atMs: number } | null
}

/** What happened, for those who watch. Many clusters in one event, so that 10 000 changing at once are a handful of events. */
export type BroadcastEvent =
  | { readonly type: 'on-air'; readonly clusterIds: readonly string[]; readonly onAir: OnAir | null }
  | { readonly type: 'join'; readonly connections: readonly ConnectionInfo[] }
  | { readonly type: 'leave'; readonly connections: readonly { readonly clusterId: string; readonly connectionId: string; readonly reason: string }[] }
  | { readonly type: 'fault'; readonly code: string; readonly message: string; readonly clusterId?: string; readonly sourceId?: string; readonly role?: string }
  | { readonly type: 'source'; readonly status: SourceStatusInfo }
  /** A source with hot standby has taken another input. */
  | { readonly type: 'switch'; readonly record: SourceSwitchRecord }
  /** How orders go, at most once a second; `closed`: their reports are written. */
  | { readonly type: 'proof'; readonly state: 'running' | 'closed'; readonly orders: readonly ProofNews[] }
  /** Something came back of a command, or it is over; several times a second at most. */
  | { readonly type: 'command'; readonly command: CommandRecord; readonly counts: CommandCounts; readonly isOver: boolean }

/** What happens too often for those who watch events, or is of no use to them. */
export interface BroadcastWatcher {
  /** A device has said how it is. */
  speaker(info: SpeakerInfo): void
  /** These clusters are new, changed or gone; null: any may be, and units too. What follows from it is known by now. */
  registry(clusterIds: readonly string[] | null): void
}

/** The side that carries orders out, as the API sees it. Changes are told after they are durable. */
export interface Broadcast {
  readonly rtp: RtpBroadcast
  readonly recorder: RecorderBroadcast
  /** Units, clusters, groups or sources changed: read them again. Cheap, may be called often. */
  registryChanged(): void
  /** Tokens or sessions came or went: who may monitor no more is cut. */
  credentialsChanged(): void
  /** One cluster was created, changed, disabled, got another key, or was removed. */
  clusterChanged(id: string): void
  sourceChanged(id: string): void
  /** Units have other policies: devices are told what is of their volume. */
  policiesChanged(): void
  /** An order was accepted or stopped. Recomputes and sends before it returns: an emergency waits for nothing. */
  orderChanged(order: OrderRecord): void
  /** Orders of the schedule were given or withdrawn: as `orderChanged` for many at once, none of them urgent. */
  ordersChanged(orders: readonly OrderRecord[]): void
  /** What the cluster would play of these orders alone in [fromMs, untilMs), by the rules of what goes on air. Nothing is kept. */
  preview(clusterId: string, orders: readonly OrderRecord[], fromMs: number, untilMs: number): readonly PreviewSegment[]
  clustersOf(targets: Targets): readonly string[]
  /** The clusters that a selection means now. */
  select(selection: Selection): readonly string[]
  countTargets(targets: Targets): { readonly targeted: number; readonly online: number }
  onAir(clusterId: string): OnAir | null
  connections(clusterId?: string): readonly ConnectionInfo[]
  /** Who monitors by WHEP now. */
  monitors(): readonly MonitorListener[]
  /** Seals a pass so that the stream port believes it. */
  monitorPass(pass: MonitorPass): string
  /** What the connected native clients last said of themselves; a client that has said nothing is not among them. */
  speakers(): readonly SpeakerInfo[]
  speaker(clusterId: string): SpeakerInfo | null
  /** How far an order has come on its clusters; null: it has not begun, or has its report. */
  proof(orderId: string): RunningProof | null
  sourceStatus(sourceId: string): SourceStatusInfo | null
  /** A command was given: those who are connected get it now, the others when they come. */
  commandGiven(command: CommandRecord, clusterIds: readonly string[]): void
  /** Another key signs now. */
  signingKeysChanged(): void
  status(): StatusInfo
  /** @returns a function that ends the subscription; idempotent. */
  subscribe(listener: (event: BroadcastEvent) => void): () => void
  /** @returns as `subscribe` */
  watch(watcher: BroadcastWatcher): () => void
  /** Prometheus text format. */
  metrics(): Promise<string>
  ready(): { readonly ready: boolean; readonly problems: readonly string[] }
}
