import type { Broadcast, BroadcastEvent, ClipRecord, ClusterRecord, CommandCounts, CommandRecord, ConnectionInfo, OnAir, OrderRecord, ScheduleItemRecord, SourceRecord, SourceStatusInfo, TokenRecord, UnitRecord, UserRecord } from './ports.ts'
import { faultTitles } from './faults.ts'
import { mixingView } from './mixing-rules.ts'
import { orderState } from './ports.ts'
import { plannedFields } from './schedule/item-rules.ts'
import { rruleOf } from './schedule/calendar.ts'
import { soundFaultView } from './sound-faults.ts'
import { maskUrl, whipPath, type KeyedSourceRecord, talkPath } from './source-rules.ts'
import { sourceCause } from './source-reasons.ts'
import { sourceSwitchView } from './source-views.ts'
import { targetsView } from './target-rules.ts'
import { formatTime } from './time.ts'
import type { ClipView } from './schemas/clip.ts'
import type { ClusterView } from './schemas/cluster.ts'
import type { CommandSummaryView } from './schemas/command.ts'
import type { ListedOrderView, OrderView } from './schemas/order.ts'
import type { UserView } from './schemas/people.ts'
import type { ScheduleItemView } from './schemas/schedule.ts'
import type { SourceView } from './schemas/source.ts'
import type { TokenView } from './schemas/token.ts'
import type { UnitView } from './schemas/unit.ts'

/** Records as the API shows them. Each field is named here, so nothing secret gets out because a record grew. */

export const unitView = (unit: UnitRecord): UnitView => ({ id: unit.id, code: unit.code, name: unit.name, parentId: unit.parentId, level: unit.level, presentationDelayMs: unit.presentationDelayMs, people: unit.people, contact: unit.contact === null ? null : { ...unit.contact }, createdAt: formatTime(unit.createdAtMs), endedAt: unit.endedAtMs === null ? null : formatTime(unit.endedAtMs), successorIds: [...unit.successorIds] })

export function clusterView(cluster: ClusterRecord, broadcast: Broadcast): ClusterView {
  return {
    id: cluster.id,
    unitId: cluster.unitId,
    code: cluster.code,
    name: cluster.name,
    tags: [...cluster.tags],
    position: cluster.position === null ? null : { ...cluster.position },
    enabled: cluster.enabled,
    state: cluster.state,
    equipment: { ...cluster.equipment },
    online: broadcast.connections(cluster.id).length > 0,
    keyChangedAt: formatTime(cluster.keyChangedAtMs),
    createdAt: formatTime(cluster.createdAtMs),
  }
}

export function sourceView(source: SourceRecord, broadcast: Broadcast): SourceView {
  const status = broadcast.sourceStatus(source.id)
  const common = {
    id: source.id,
    name: source.name,
    unitId: source.unitId,
    fallbackSourceId: source.fallbackSourceId,
    silenceTimeoutMs: source.silenceTimeoutMs,
    levelling: source.levelling,
    watch: source.watch,
    createdAt: formatTime(source.createdAtMs),
    status: status === null ? null : sourceStatusView(status),
  }
  switch (source.kind) {
    case 'icecast':
      return { ...common, kind: 'icecast', mount: source.mount, ...ingestFields(source) }
    case 'whip':
      return { ...common, kind: 'whip', path: whipPath(source.id), ...ingestFields(source), talkPath: talkPath(source.id), takeover: source.takeover }
    case 'relay':
      return { ...common, kind: 'relay', urls: source.urls.map(maskUrl) }
    case 'tone':
      return { ...common, kind: 'tone', frequencyHz: source.frequencyHz, levelDbfs: source.levelDbfs }
    case 'rtp':
      return { ...common, kind: 'rtp', stream: { ...source.stream }, senders: [...source.senders], interface: source.interface }
    case 'rtmp':
      return { ...common, kind: 'rtmp', ...ingestFields(source) }
    case 'srt':
      return { ...common, kind: 'srt', port: source.port, latencyMs: source.latencyMs }
    case 'standby':
      return { ...common, kind: 'standby', inputSourceIds: [...source.inputSourceIds], return: source.return, returnAfterMs: source.returnAfterMs, pinned: source.pinned === null ? null : { ...source.pinned } }
    case 'phone':
      return { ...common, kind: 'phone' }
  }
}

const ingestFields = ({ takeover, ingest: { acceptsFrom, leadTimeMs, tailMs } }: KeyedSourceRecord) => ({ takeover, acceptsFrom, leadTimeMs, tailMs })

/** JSON has no −Infinity, which is the level of digital silence. */
const level = (dbfs: number): number | null => (Number.isFinite(dbfs) ? dbfs : null)

const sourceStatusView = (status: SourceStatusInfo) => ({
  state: status.state,
  urlIndex: status.urlIndex,
  peakDbfs: level(status.peakDbfs),
  rmsDbfs: level(status.rmsDbfs),
  clippedPercent: status.clippedPercent,
  fault: soundFaultView(status.fault),
  reason: status.reason,
  cause: sourceCause(status.reason),
  title: status.title,
  receivedBytes: status.receivedBytes ?? null,
  standby: status.standby === undefined ? null : {
    inputSourceId: status.standby.inputSourceId,
    inputs: status.standby.inputs.map(({ sourceId, state, fault, goodForMs, peakDbfs, rmsDbfs, receivedBytes, reason }) => ({ sourceId, state, fault, goodForMs, peakDbfs: level(peakDbfs), rmsDbfs: level(rmsDbfs), receivedBytes, reason, cause: sourceCause(reason) })),
  },
})

export const clipView = (clip: ClipRecord): ClipView => ({
  id: clip.id,
  name: clip.name,
  unitId: clip.unitId,
  durationMs: clip.durationMs,
  loudnessLufs: clip.loudnessLufs,
  sizeBytes: clip.sizeBytes,
  createdAt: formatTime(clip.createdAtMs),
})

export function orderView(order: OrderRecord, nowMs: number, broadcast: Broadcast): OrderView {
  const { targeted, online } = broadcast.countTargets(order.targets)
  return { ...listedOrderView(order, nowMs), clusters: { targeted, online } }
}

export function listedOrderView(order: OrderRecord, nowMs: number): ListedOrderView {
  return {
    id: order.id,
    number: order.number,
    class: order.class,
    title: order.title,
    sourceId: order.sourceId,
    clipIds: order.clipIds === null ? null : [...order.clipIds],
    targets: targetsView(order.targets),
    startsAt: formatTime(order.startsAtMs),
    endsAt: formatTime(order.endsAtMs),
    rank: order.rank,
    resume: order.resume,
    issuer: order.issuerUnitId,
    field: order.field,
    tone: order.attentionTone,
    state: orderState(order, nowMs),
    stoppedAt: order.stoppedAtMs === null ? null : formatTime(order.stoppedAtMs),
    createdAt: formatTime(order.createdAtMs),
    createdBy: order.createdBy,
    alert: order.alert === undefined ? null : { ...order.alert },
    mixing: mixingView(order.mixing),
    handOvers: (order.handOvers ?? []).map(({ sourceId, atMs, crossfadeMs, by }) => ({ sourceId, at: formatTime(atMs), crossfadeMs, by })),
  }
}

/** @param playMs length of one play */
export function scheduleItemView(item: ScheduleItemRecord, playMs: number): ScheduleItemView {
  return {
    id: item.id,
    version: item.version,
    title: item.title,
    class: item.class,
    sourceId: item.sourceId,
    clipIds: item.clipIds === null ? null : [...item.clipIds],
    ...plannedFields(item),
    playMs,
    rrule: rruleOf(item.repeat),
    ask: item.ask,
    createdAt: formatTime(item.createdAtMs),
    createdBy: item.createdBy,
    changedAt: formatTime(item.changedAtMs),
    changedBy: item.changedBy,
  }
}

export const tokenView = (token: TokenRecord): TokenView => ({ id: token.id, name: token.name, roles: token.grants.map(({ role, unitId }) => ({ role, unitId })), createdAt: formatTime(token.createdAtMs), expiresAt: token.expiresAtMs === undefined ? null : formatTime(token.expiresAtMs), lastUsedAt: token.lastUsedAtMs === undefined ? null : formatTime(token.lastUsedAtMs) })

export const userView = (user: UserRecord): UserView => ({
  id: user.id,
  login: user.login,
  name: user.name,
  roles: user.grants.map(({ role, unitId }) => ({ role, unitId })),
  secondFactor: user.totpSecret !== null,
  enabled: user.enabled,
  createdAt: formatTime(user.createdAtMs),
})

export const onAirView = (onAir: OnAir) => ({
  orderId: onAir.orderId,
  class: onAir.class,
  title: onAir.title,
  sourceId: onAir.sourceId,
  clipIds: onAir.clipIds === null ? null : [...onAir.clipIds],
  since: formatTime(onAir.sinceMs),
  until: formatTime(onAir.untilMs),
  alert: onAir.alert === undefined ? null : { ...onAir.alert },
  under: onAir.under === undefined ? null : { ...onAir.under },
})

export const connectionView = (connection: ConnectionInfo) => ({
  clusterId: connection.clusterId,
  connectionId: connection.connectionId,
  protocol: connection.protocol,
  format: connection.format,
  remoteAddress: connection.remoteAddress,
  since: formatTime(connection.sinceMs),
})

/** @param isOver nobody will answer any more */
export function commandSummary(command: CommandRecord, { open, ...counts }: CommandCounts, isOver: boolean): CommandSummaryView {
  return {
    id: command.id,
    type: command.type,
    arguments: { ...command.arguments },
    targets: targetsView(command.targets),
    createdAt: formatTime(command.createdAtMs),
    createdBy: command.createdBy,
    expiresAt: formatTime(command.expiresAtMs),
    clusters: { ...counts, waiting: isOver ? 0 : open, expired: isOver ? open : 0 },
  }
}

/** What stands under `data` in an event. */
export function eventData(event: BroadcastEvent): object {
  switch (event.type) {
    case 'on-air':
      return { clusterIds: event.clusterIds, onAir: event.onAir === null ? null : onAirView(event.onAir) }
    case 'join':
      return { connections: event.connections.map(connectionView) }
    case 'leave':
      return { connections: event.connections.map(({ clusterId, connectionId, reason }) => ({ clusterId, connectionId, reason })) }
    case 'fault':
      return { code: event.code, ...faultTitles(event.code), message: event.message, clusterId: event.clusterId ?? null, sourceId: event.sourceId ?? null, role: event.role ?? null }
    case 'proof':
      return { state: event.state, orders: event.orders }
    case 'command':
      return { ...commandSummary(event.command, event.counts, event.isOver), isOver: event.isOver }
    case 'switch':
      return sourceSwitchView(event.record)
    case 'source':
      return { sourceId: event.status.sourceId, ...sourceStatusView(event.status) }
  }
}
