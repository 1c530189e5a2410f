import type { ClusterRecord, ConnectionInfo, OnAir, SpeakerInfo } from '../ports.ts'

/** How a cluster works (trạng thái hoạt động), the gravest first. Each cluster is in exactly one of these at each moment. */
export const WORKING_STATES = ['lost', 'silent', 'out-of-step', 'muted', 'unknown', 'never-seen', 'playing', 'idle', 'out-of-use'] as const
export type WorkingState = (typeof WORKING_STATES)[number]

/** What is to be said of a connected cluster besides its state, the gravest first; any number of them hold together. */
export const CONDITIONS = ['amplifier-off', 'storage-fault', 'off-mains', 'hot', 'wrong-clock', 'weak-signal', 'unverified', 'out-of-step', 'no-status', 'not-synchronised'] as const
export type ConditionCode = (typeof CONDITIONS)[number]

export interface Condition {
  readonly code: ConditionCode
  /** What was measured, in the unit of `CONDITION_UNITS`; null where there is nothing to measure. */
  readonly value: number | string | null
}

export interface Working {
  readonly state: WorkingState
  readonly conditions: readonly Condition[]
  /** Something is connected, or receives its RTP and says so. */
  readonly online: boolean
  /** The first ms at which all this may be otherwise by the passing of time alone; Infinity: never. */
  readonly untilMs: number
}

export interface ClusterFacts {
  readonly cluster: Pick<ClusterRecord, 'enabled' | 'state'>
  readonly connections: readonly Pick<ConnectionInfo, 'protocol' | 'sinceMs'>[]
  /** Receivers of its RTP outputs that have reported lately. */
  readonly rtpReceivers: number
  readonly speaker: SpeakerInfo | null
  readonly onAir: Pick<OnAir, 'class' | 'sinceMs'> | null
  readonly past: ClusterPast
}

/** What is remembered of a cluster, because no single message says it. */
export interface ClusterPast {
  /** It has been connected before. */
  readonly wasSeen: boolean
  /** Until then it is no fault of the cluster that it is not connected: this server has just started, or a process of it is gone. */
  readonly excusedUntilMs: number
  /** Since when each status has said that no sound leaves the loudspeaker; null: the last one did not. */
  readonly quietSinceMs: number | null
  /** Since when each status has said that it plays beyond the bound; null: the last one did not. */
  readonly beyondSinceMs: number | null
  /** It was too hot, or its signal too weak, by the last status that said so and has not come clear of the bound since. */
  readonly wasHot: boolean
  readonly wasWeak: boolean
}

export interface StateBounds {
  /** A native client that plays this far from its moment is out of step. */
  readonly syncBoundMs: number
  /** For so long before it counts. */
  readonly stepHoldMs: number
  /** A cluster on the air may be quiet for so long, and its presentation delay, before it is silent. */
  readonly silentAfterMs: number
  /** What a device said longer ago says nothing about now; it speaks every 10 s. */
  readonly statusFreshMs: number
  readonly hotC: number
  readonly weakSignalDbm: number
  /** How far its idea of the house clock may be off. */
  readonly clockErrorMs: number
  /** How far its own clock, by which it plays alone, may be off. */
  readonly wallErrorMs: number
}

/** What hangs about a bound is not told of again and again: it is over when it is so far on the good side. */
const CLEAR_OF_HEAT_C = 3
const CLEAR_OF_WEAK_DB = 3

export const STATE_BOUNDS: StateBounds = { syncBoundMs: 30, stepHoldMs: 10_000, silentAfterMs: 2000, statusFreshMs: 30_000, hotC: 75, weakSignalDbm: -105, clockErrorMs: 200, wallErrorMs: 2000 }

const TEXTS: Readonly<Record<WorkingState | ConditionCode, { readonly title: string; readonly titleVi: string }>> = {
  lost: { title: 'Connection lost', titleVi: 'Mất kết nối' },
  silent: { title: 'On air, but no sound leaves it', titleVi: 'Đang trong giờ phát nhưng không có tiếng' },
  'out-of-step': { title: 'Plays out of step', titleVi: 'Phát lệch nhịp' },
  muted: { title: 'Muted', titleVi: 'Đang tắt tiếng' },
  unknown: { title: 'Not known yet', titleVi: 'Chưa rõ' },
  'never-seen': { title: 'Has never connected', titleVi: 'Chưa từng kết nối' },
  playing: { title: 'Playing', titleVi: 'Đang phát' },
  idle: { title: 'Ready, nothing on air', titleVi: 'Sẵn sàng, không phát' },
  'out-of-use': { title: 'Not in use', titleVi: 'Không sử dụng' },
  'amplifier-off': { title: 'The amplifier is off', titleVi: 'Âm ly đang tắt' },
  'storage-fault': { title: 'The device cannot keep what it should', titleVi: 'Thiết bị không lưu trữ được nội dung' },
  'off-mains': { title: 'Off the mains', titleVi: 'Mất điện lưới' },
  hot: { title: 'Too hot', titleVi: 'Quá nóng' },
  'wrong-clock': { title: 'Its clock is wrong', titleVi: 'Sai đồng hồ' },
  'weak-signal': { title: 'Weak signal', titleVi: 'Sóng yếu' },
  unverified: { title: 'It has kept silent for sound without a valid signature', titleVi: 'Đã chặn âm thanh không có chữ ký hợp lệ' },
  'no-status': { title: 'Connected, but says nothing of itself', titleVi: 'Có kết nối nhưng không báo trạng thái' },
  'not-synchronised': { title: 'Not synchronised with its neighbours', titleVi: 'Không đồng bộ với các cụm lân cận' },
}

/** Units of the values of conditions; null: text, or nothing. */
export const CONDITION_UNITS: Readonly<Record<ConditionCode, '°C' | 'dBm' | 'ms' | 'frames' | null>> = {
  'amplifier-off': null, 'storage-fault': null, 'off-mains': null, hot: '°C', 'wrong-clock': 'ms', 'weak-signal': 'dBm', unverified: 'frames', 'out-of-step': 'ms', 'no-status': null, 'not-synchronised': null,
}

/** What an operator reads. */
export const stateTitles = (code: WorkingState | ConditionCode): { readonly title: string; readonly titleVi: string } => TEXTS[code]

/** What a device says when the mains feed it (server/protocol.md); any other word means that they do not. */
const MAINS = 'mains'

/**
 * How a cluster works now, by what is known of it and nothing else. Pure and total.
 *
 * - `out-of-use`: disabled, or planned, in repair or retired, connected or not
 * - not connected: `never-seen`; `unknown` while that is this server's fault; else `lost`
 * - connected: `muted` (or at volume 0) by its own word, which an emergency overrides; on the air: `silent` when no sound has left it for too long,
 *   `out-of-step` when it has played beyond the bound for too long, else `playing`; nothing on the air: `idle`
 *
 * What a device has not said, or said too long ago, is not held against it.
 */
export function workingState(facts: ClusterFacts, bounds: StateBounds, nowMs: number): Working {
  const { cluster, connections, speaker, past } = facts
  const isNative = connections.some(({ protocol }) => protocol === 'native')
  const online = connections.length > 0 || facts.rtpReceivers > 0
  const staleAtMs = speaker === null ? -Infinity : speaker.atMs + bounds.statusFreshMs
  const fresh = isNative && nowMs < staleAtMs ? speaker : null
  const silentAtMs = silentFrom(facts, fresh, bounds)
  const outOfStepAtMs = fresh === null || past.beyondSinceMs === null ? Infinity : past.beyondSinceMs + bounds.stepHoldMs
  const speechDueMs = isNative ? connectedSince(connections) + bounds.statusFreshMs : Infinity

  const state = ((): WorkingState => {
    if (!cluster.enabled || cluster.state !== 'active') return 'out-of-use'
    if (!online) return past.wasSeen ? (nowMs < past.excusedUntilMs ? 'unknown' : 'lost') : 'never-seen'
    if (isMuted(fresh) && facts.onAir?.class !== 'emergency') return 'muted'
    if (facts.onAir === null) return 'idle'
    if (nowMs >= silentAtMs) return 'silent'
    return nowMs >= outOfStepAtMs ? 'out-of-step' : 'playing'
  })()
  const thresholds = [staleAtMs, silentAtMs, outOfStepAtMs, speechDueMs, online ? Infinity : past.excusedUntilMs]
  return { state, conditions: online ? conditionsOf(isNative, fresh, past, bounds, nowMs >= speechDueMs) : [], online, untilMs: Math.min(...thresholds.filter((atMs) => atMs > nowMs)) }
}

const isMuted = (speaker: SpeakerInfo | null): boolean => speaker !== null && (speaker.muted === true || speaker.volumePercent === 0)

const connectedSince = (connections: ClusterFacts['connections']): number => Math.max(...connections.map(({ sinceMs }) => sinceMs))

/** From when on it is silent, if nothing changes. */
function silentFrom({ onAir, connections, past }: ClusterFacts, fresh: SpeakerInfo | null, bounds: StateBounds): number {
  if (onAir === null || fresh === null || past.quietSinceMs === null) return Infinity
  return Math.max(onAir.sinceMs, connectedSince(connections), past.quietSinceMs) + (fresh.targetMs ?? 0) + bounds.silentAfterMs
}

function conditionsOf(isNative: boolean, speaker: SpeakerInfo | null, past: ClusterPast, bounds: StateBounds, isSpeechDue: boolean): readonly Condition[] {
  if (!isNative) return [{ code: 'not-synchronised', value: null }]
  if (speaker === null) return isSpeechDue ? [{ code: 'no-status', value: null }] : []
  const found: Partial<Record<ConditionCode, Condition['value']>> = {}
  const { amplifier, storageFault, power, temperatureC, signalDbm, unverifiedFrames, syncErrorUs, clockErrorUs } = speaker
  if (amplifier === false) found['amplifier-off'] = null
  if (storageFault !== null) found['storage-fault'] = storageFault
  if (power !== null && power.toLowerCase() !== MAINS) found['off-mains'] = power
  if (isHot(speaker, past, bounds)) found.hot = temperatureC
  if (isWeak(speaker, past, bounds)) found['weak-signal'] = signalDbm
  if (unverifiedFrames !== null && unverifiedFrames > 0) found.unverified = unverifiedFrames
  if (isBeyond(speaker, bounds)) found['out-of-step'] = syncErrorUs! / 1000
  if (syncErrorUs === null && clockErrorUs === null) found['not-synchronised'] = null
  const clockErrorMs = clockError(speaker, bounds)
  if (clockErrorMs !== null) found['wrong-clock'] = clockErrorMs
  return CONDITIONS.flatMap((code) => (found[code] === undefined ? [] : [{ code, value: found[code] }]))
}

/** Its own clock counts too: a device plays alone by it when it starts without a network. */
function clockError({ clockErrorUs, wallErrorMs }: SpeakerInfo, bounds: StateBounds): number | null {
  if (wallErrorMs !== null && Math.abs(wallErrorMs) > bounds.wallErrorMs) return wallErrorMs
  return clockErrorUs !== null && clockErrorUs > bounds.clockErrorMs * 1000 ? clockErrorUs / 1000 : null
}

const isHot = ({ temperatureC }: SpeakerInfo, { wasHot }: ClusterPast, { hotC }: StateBounds): boolean =>
  temperatureC !== null && (temperatureC >= hotC || (wasHot && temperatureC > hotC - CLEAR_OF_HEAT_C))

const isWeak = ({ signalDbm }: SpeakerInfo, { wasWeak }: ClusterPast, { weakSignalDbm }: StateBounds): boolean =>
  signalDbm !== null && (signalDbm <= weakSignalDbm || (wasWeak && signalDbm < weakSignalDbm + CLEAR_OF_WEAK_DB))

const isBeyond = ({ syncErrorUs }: SpeakerInfo, { syncBoundMs }: StateBounds): boolean => syncErrorUs !== null && Math.abs(syncErrorUs) > syncBoundMs * 1000

/** No sound leaves the loudspeaker, as far as the device knows. */
const isQuiet = ({ playing, amplifier }: SpeakerInfo): boolean => playing === 'silence' || amplifier === false

/** What is remembered once a device has said this. */
export function afterStatus(past: ClusterPast, speaker: SpeakerInfo, bounds: StateBounds): ClusterPast {
  return {
    ...past,
    quietSinceMs: isQuiet(speaker) ? (past.quietSinceMs ?? speaker.atMs) : null,
    beyondSinceMs: isBeyond(speaker, bounds) ? (past.beyondSinceMs ?? speaker.atMs) : null,
    wasHot: isHot(speaker, past, bounds),
    wasWeak: isWeak(speaker, past, bounds),
  }
}

export const NEVER_SEEN: ClusterPast = { wasSeen: false, excusedUntilMs: 0, quietSinceMs: null, beyondSinceMs: null, wasHot: false, wasWeak: false }
