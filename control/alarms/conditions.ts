import type { SourceStatusInfo } from '../broadcast-port.ts'
import type { RuleId } from './alarm-port.ts'
import type { Condition } from './alarm-engine.ts'
import type { PhoneFacts } from '../phone/phone-desk.ts'
import { soundFaultView } from '../sound-faults.ts'
import type { ServerHealth } from './health-port.ts'
import type { RecorderStatus } from '../recordings/recording-port.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Restarts are counted over this. */
export const RESTART_WINDOW_MS = 10 * MINUTE_MS
/** And wrong keys over this. */
export const WRONG_KEYS_WINDOW_MS = 10 * MINUTE_MS
/** A jump of the clock is a condition for so long; how long the alarm stays, its rule says. */
const STEP_SHOWN_MS = MINUTE_MS
/** What was raised for too little space is over only with so many points more than the threshold. */
const DISK_MARGIN_PERCENT = 2

/** One cluster of which something is to be said; one that works is not among them. */
export interface ClusterFact {
  readonly id: string
  readonly unitId: string
  readonly problems: readonly { readonly rule: Extract<RuleId, `cluster-${string}`>; readonly sinceMs?: number; readonly isUnsure?: true; readonly detail: string; readonly detailVi: string }[]
}

export interface SourceFact {
  readonly name: string
  /** To whom it belongs; null: the whole tree. */
  readonly unitId: string | null
  readonly status: SourceStatusInfo
}

/** An emergency that is on the air. */
export interface EmergencyFact {
  readonly orderId: string
  readonly title: string
  readonly unitId: string
  readonly startedAtMs: number
  /** Clusters that are meant and could prove it. */
  readonly meant: number
  /** Of these, the ones from whose devices its samples have come out. */
  readonly proved: number
}

export interface ChannelFact {
  readonly id: string
  readonly name: string
  readonly unitId: string | null
  /** When the oldest notification was queued that has not got through. */
  readonly oldestPendingMs: number | null
  /** First ms at which the certificate of its receiver is over, as it was last seen; null: it has shown none. */
  readonly certificateEndsAtMs: number | null
}

/** Everything that alarms follow from. */
export interface Facts {
  readonly nowMs: number
  readonly clusters: readonly ClusterFact[]
  /** Of sources that something on the air needs. */
  readonly sources: readonly SourceFact[]
  readonly emergencies: readonly EmergencyFact[]
  /** When a process of each role was last gone, in the last `RESTART_WINDOW_MS`. */
  readonly restarts: readonly { readonly role: string; readonly atMs: readonly number[] }[]
  /** How many wrong keys sources were tried with in the last `WRONG_KEYS_WINDOW_MS`. */
  readonly wrongKeys: readonly { readonly sourceId: string; readonly name: string; readonly unitId: string | null; readonly count: number }[]
  readonly clockSteps: readonly { readonly atMs: number; readonly message: string }[]
  readonly channels: readonly ChannelFact[]
  readonly health: ServerHealth
  readonly recorder: RecorderStatus
  /** Null: there is no telephone here. */
  readonly phone: PhoneFacts | null
}

export interface Judge {
  /** Of the rule at the unit (null: the whole tree). */
  readonly threshold: (rule: RuleId, unitId: string | null) => number
  /** Whether an alarm stands for it: it is over only well below the threshold. */
  readonly isOpen: (rule: RuleId, kind: Condition['subject']['kind'], id: string) => boolean
}

/** What of the facts is too much, by the thresholds that are set. Pure. */
export function conditionsOf(facts: Facts, judge: Judge): readonly Condition[] {
  return [...ofClusters(facts), ...ofSources(facts, judge), ...ofWrongKeys(facts, judge), ...ofEmergencies(facts, judge), ...ofProcesses(facts, judge), ...ofHealth(facts, judge), ...ofChannels(facts, judge), ...ofRecorder(facts), ...ofPhone(facts)]
}

/** A cluster of which the same is said gives the same conditions, however often it is asked: there may be 10 000 of them. */
const conditionsOfCluster = new WeakMap<ClusterFact, readonly Condition[]>()

function ofClusters({ clusters }: Facts): readonly Condition[] {
  return clusters.flatMap((fact) => {
    let conditions = conditionsOfCluster.get(fact)
    if (conditions === undefined) conditionsOfCluster.set(fact, conditions = fact.problems.map((problem) => ({ ...problem, subject: { kind: 'cluster', id: fact.id }, unitId: fact.unitId })))
    return conditions
  })
}

function ofSources({ sources }: Facts, { threshold }: Judge): Condition[] {
  return sources.flatMap(({ name, unitId, status: { sourceId, state, fault, reason, clippedPercent, standby } }) => {
    const make = (rule: RuleId, detail: string, detailVi: string): Condition => ({ rule, subject: { kind: 'source', id: sourceId }, unitId, detail: `${name}: ${detail}`, detailVi: `${name}: ${detailVi}` })
    const found: Condition[] = []
    if (standby !== undefined && state !== 'idle') {
      // What only one of several carries is one fault from silence.
      const [good, all] = [standby.inputs.filter(({ goodForMs }) => goodForMs > 0).length, standby.inputs.length]
      if (good < 2) found.push(make('source-last-input', `${String(good)} of ${String(all)} inputs are good`, `${String(good)}/${String(all)} đầu vào còn tốt`))
    }
    // Of clipping its own rule tells, with its own threshold.
    const words = fault === 'clipping' || state === 'idle' ? null : soundFaultView(fault)
    const share = clippedPercent.toFixed(2)
    if (state === 'down') found.push(make('source-down', reason === '' ? 'down' : reason, reason === '' ? 'mất tín hiệu' : reason))
    else if (words !== null) found.push(make(fault === 'silence' ? 'source-silent' : 'source-faulty', reason === '' ? words.title : reason, words.titleVi))
    else if (clippedPercent >= threshold('source-clipping', null)) found.push(make('source-clipping', `${share} % of its samples are cut off`, `${share} % số mẫu bị cắt đỉnh`))
    return found
  })
}

function ofWrongKeys({ wrongKeys }: Facts, { threshold }: Judge): Condition[] {
  return wrongKeys.filter(({ count }) => count >= threshold('source-wrong-keys', null)).map(({ sourceId, name, unitId, count }) =>
    ({ rule: 'source-wrong-keys', subject: { kind: 'source', id: sourceId }, unitId, detail: `${name}: ${String(count)} wrong keys in 10 min`, detailVi: `${name}: ${String(count)} lần sai khóa trong 10 phút` }))
}

function ofEmergencies({ emergencies }: Facts, { threshold }: Judge): Condition[] {
  return emergencies.flatMap(({ orderId, title, unitId, startedAtMs, meant, proved }) => {
    const missing = meant - proved
    if (meant === 0 || (missing * 100) / meant <= threshold('emergency-unproved', unitId)) return []
    const [of, is] = [String(meant), String(proved)]
    return [{ rule: 'emergency-unproved', subject: { kind: 'order', id: orderId }, unitId, sinceMs: startedAtMs, detail: `«${title}»: proved by ${is} of ${of} clusters`, detailVi: `«${title}»: ${is}/${of} cụm loa xác nhận đã phát` }]
  })
}

function ofProcesses({ nowMs, restarts, clockSteps }: Facts, { threshold }: Judge): Condition[] {
  const often = restarts.flatMap(({ role, atMs }): Condition[] => {
    const lately = atMs.filter((ms) => nowMs - ms < RESTART_WINDOW_MS).length
    return lately < threshold('process-restarts', null) ? [] : [{ rule: 'process-restarts', subject: { kind: 'server', id: role }, unitId: null, detail: `${role}: ${String(lately)} restarts in 10 min`, detailVi: `${role}: khởi động lại ${String(lately)} lần trong 10 phút` }]
  })
  const step = clockSteps.findLast(({ atMs }) => nowMs - atMs < STEP_SHOWN_MS)
  return step === undefined ? often : [...often, { rule: 'clock-step', subject: { kind: 'server', id: 'clock' }, unitId: null, sinceMs: step.atMs, detail: step.message, detailVi: `đồng hồ hệ thống nhảy giờ: ${step.message}` }]
}

function ofHealth({ nowMs, health: { disks, certificates, integrity, backup } }: Facts, { threshold, isOpen }: Judge): Condition[] {
  const found: Condition[] = []
  const note = (rule: RuleId, id: string, detail: string, detailVi: string): void => {
    found.push({ rule, subject: { kind: 'server', id }, unitId: null, detail, detailVi })
  }
  for (const { name, freeBytes, totalBytes } of disks) {
    const freePercent = (freeBytes * 100) / totalBytes
    if (freePercent >= threshold('disk', null) + (isOpen('disk', 'server', name) ? DISK_MARGIN_PERCENT : 0)) continue
    const free = `${(freeBytes / 2 ** 30).toFixed(1)} GiB (${freePercent.toFixed(1)} %)`
    note('disk', name, `${name}: ${free} free`, `${name}: còn trống ${free}`)
  }
  for (const { name, endsAtMs } of certificates) {
    const days = daysLeft(endsAtMs, nowMs)
    if (days < threshold('certificate', null)) note('certificate', name, ...endOf(name, days))
  }
  if (integrity !== null && integrity.problems.length > 0) note('integrity', 'database', integrity.problems.join('; '), `kiểm tra toàn vẹn thất bại: ${integrity.problems.join('; ')}`)
  if (backup !== null) {
    const hours = Math.floor((nowMs - (backup.lastAtMs ?? backup.dataSinceMs)) / HOUR_MS)
    if (hours >= threshold('backup-old', null)) note('backup-old', 'backup', backup.lastAtMs === null ? 'never backed up' : `the last backup is ${String(hours)} h old`, backup.lastAtMs === null ? 'chưa từng sao lưu' : `bản sao lưu gần nhất đã ${String(hours)} giờ`)
  }
  return found
}

/** Where a channel leads, and why that fails, is for those alone who manage it: more people see its alarms. */
function ofChannels({ nowMs, channels }: Facts, { threshold }: Judge): Condition[] {
  return channels.flatMap(({ id, name, unitId, oldestPendingMs, certificateEndsAtMs }) => {
    const make = (rule: RuleId, [detail, detailVi]: Words): Condition => ({ rule, subject: { kind: 'channel', id }, unitId, detail, detailVi })
    const waitedMs = oldestPendingMs === null ? 0 : nowMs - oldestPendingMs
    const minutes = String(Math.floor(waitedMs / MINUTE_MS))
    const days = certificateEndsAtMs === null ? Infinity : daysLeft(certificateEndsAtMs, nowMs)
    return [
      ...(oldestPendingMs === null || waitedMs < threshold('notifications-stuck', null) * MINUTE_MS ? [] : [make('notifications-stuck', [`${name}: waiting for ${minutes} min`, `${name}: chờ gửi ${minutes} phút`])]),
      ...(days < threshold('certificate', null) ? [make('certificate', endOf(name, days))] : []),
    ]
  })
}

const RECORDER_FAULTS_VI = { full: 'hết chỗ lưu bản ghi', write: 'không ghi được lên ổ đĩa', slow: 'ổ đĩa quá chậm, bản ghi bị thiếu', gone: 'bộ ghi âm không chạy' } as const

/** What is on air goes on; only its recording is missing. */
function ofRecorder({ recorder: { fault } }: Facts): Condition[] {
  return fault === null ? [] : [{ rule: 'recording', subject: { kind: 'server', id: 'recorder' }, unitId: null, detail: `${fault.kind}: ${fault.message}`, detailVi: `${RECORDER_FAULTS_VI[fault.kind]}: ${fault.message}` }]
}
/** Never which PIN was tried. */
function ofPhone({ phone }: Facts): Condition[] {
  if (phone === null) return []
  const make = (rule: RuleId, id: string, [detail, detailVi]: Words, sinceMs?: number): Condition => ({ rule, subject: { kind: 'server', id }, unitId: null, detail, detailVi, ...(sinceMs === undefined ? {} : { sinceMs }) })
  const locks = phone.locks.map(({ what, id, atMs, callerId }) => {
    const words: Readonly<Record<typeof what, Words>> = {
      number: [`wrong PINs for the number ${id}, last from ${callerId}`, `nhập sai PIN của mã số ${id}, lần cuối từ ${callerId}`],
      line: [`wrong PINs from ${id}`, `nhập sai PIN từ ${id}`],
      all: ['so many wrong PINs in an hour that callers from unknown lines wait', 'quá nhiều PIN sai trong một giờ: máy lạ phải chờ'],
    }
    return make('phone-lockout', `phone ${what} ${id}`.trim(), words[what], atMs)
  })
  const { lines, configured } = phone
  if (!configured) return locks
  if (lines === null) return [...locks, make('phone-line', 'phone', ['the telephone process is not there', 'tiến trình điện thoại không hoạt động'])]
  const bad = lines.accounts.filter(({ state }) => state !== 'registered')
  return [...locks, ...bad.map(({ uri, state, reason }) => make('phone-line', uri, [`${uri}: ${state} ${reason}`.trim(), `${uri}: ${STATE_VI[state]} ${reason}`.trim()]))]
}

const STATE_VI = { registered: 'đã đăng ký', registering: 'đang đăng ký', refused: 'bị từ chối', unreachable: 'không liên lạc được' } as const

type Words = readonly [detail: string, detailVi: string]

const daysLeft = (endsAtMs: number, nowMs: number): number => Math.floor((endsAtMs - nowMs) / DAY_MS)
const endOf = (name: string, days: number): Words => (days < 0 ? [`${name} has ended`, `${name} đã hết hạn`] : [`${name} ends in ${String(days)} days`, `${name} hết hạn sau ${String(days)} ngày`])
