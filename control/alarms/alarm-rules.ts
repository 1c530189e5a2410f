import type { OwnRuleSettings, RuleId, RuleSettings, Subject } from './alarm-port.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

interface Rule {
  readonly title: string
  readonly titleVi: string
  /** What `threshold` counts; null: the rule has none. */
  readonly thresholdUnit: string | null
  /** Clusters of a unit that have it within a minute of each other make one alarm for the unit. */
  readonly isGrouped: boolean
  /** Whether units may have settings of their own; else only the whole tree. */
  readonly isOfUnits: boolean
  readonly defaults: RuleSettings
}

const ATTENDED = [15 * MINUTE_MS, HOUR_MS] as const

const rule = (title: string, titleVi: string, more: Partial<Omit<Rule, 'defaults'>>, defaults: Partial<RuleSettings>): Rule => ({
  title,
  titleVi,
  thresholdUnit: null,
  isGrouped: false,
  isOfUnits: false,
  ...more,
  defaults: { enabled: true, severity: 'warning', holdMs: 0, clearMs: MINUTE_MS, threshold: null, escalateAfterMs: ATTENDED, opensTicket: false, ...defaults },
})

const OF_CLUSTERS = { isGrouped: true, isOfUnits: true } as const

/** Every rule there is, each with a measurement of this system behind it (conditions.ts), and what holds where nobody has said otherwise. */
export const RULES: Readonly<Record<RuleId, Rule>> = {
  'cluster-lost': rule('A cluster is lost', 'Cụm loa mất kết nối', OF_CLUSTERS, { holdMs: 5 * MINUTE_MS, clearMs: 30 * SECOND_MS }),
  'cluster-silent': rule('A cluster is silent while it should play', 'Cụm loa im lặng khi đang phải phát', OF_CLUSTERS, { holdMs: MINUTE_MS, clearMs: 30 * SECOND_MS }),
  'cluster-out-of-step': rule('A cluster plays out of step', 'Cụm loa phát lệch nhịp', OF_CLUSTERS, { holdMs: 10 * SECOND_MS }),
  'cluster-power': rule('A cluster has no mains power', 'Cụm loa mất điện lưới', OF_CLUSTERS, { holdMs: 2 * MINUTE_MS }),
  'cluster-equipment': rule('The equipment of a cluster is faulty', 'Thiết bị của cụm loa bị lỗi', OF_CLUSTERS, { holdMs: MINUTE_MS }),
  'source-down': rule('A source brings no sound', 'Nguồn phát không có tín hiệu', {}, { severity: 'critical', holdMs: 10 * SECOND_MS, clearMs: 30 * SECOND_MS }),
  'source-silent': rule('A source is silent', 'Nguồn phát im lặng', {}, { clearMs: 30 * SECOND_MS }),
  'source-clipping': rule('A source is overdriven', 'Nguồn phát bị méo (quá mức)', { thresholdUnit: '% of samples' }, { holdMs: 10 * SECOND_MS, threshold: 0.1 }),
  'emergency-unproved': rule('An emergency is not proved to play everywhere', 'Lệnh khẩn cấp chưa được xác nhận phát ở đủ các cụm', { thresholdUnit: '% of clusters', isOfUnits: true }, { severity: 'critical', holdMs: 30 * SECOND_MS, clearMs: 0, threshold: 10, escalateAfterMs: [2 * MINUTE_MS, 5 * MINUTE_MS] }),
  'process-restarts': rule('A process of the server restarts again and again', 'Tiến trình máy chủ khởi động lại nhiều lần', { thresholdUnit: 'restarts in 10 min' }, { severity: 'critical', threshold: 3 }),
  disk: rule('The disk is nearly full', 'Ổ đĩa sắp đầy', { thresholdUnit: '% free' }, { severity: 'critical', holdMs: 30 * SECOND_MS, threshold: 10 }),
  integrity: rule('The database or a log is damaged', 'Cơ sở dữ liệu hoặc nhật ký bị hỏng', {}, { severity: 'critical' }),
  certificate: rule('A certificate ends soon', 'Chứng thư số sắp hết hạn', { thresholdUnit: 'days' }, { threshold: 21, escalateAfterMs: [] }),
  'clock-step': rule('The clock of the server has jumped', 'Đồng hồ máy chủ bị nhảy giờ', {}, { clearMs: 10 * MINUTE_MS }),
  'notifications-stuck': rule('Notifications do not get through', 'Thông báo không gửi được', { thresholdUnit: 'minutes' }, { threshold: 15 }),
  // The detectors have waited already.
  'source-faulty': rule('The sound of a source is faulty', 'Âm thanh của nguồn phát bị lỗi', {}, { severity: 'critical', clearMs: 30 * SECOND_MS }),
  'backup-old': rule('There is no recent backup', 'Đã lâu chưa sao lưu', { thresholdUnit: 'hours' }, { threshold: 7 * 24, escalateAfterMs: [] }),
  recording: rule('What is on air is not recorded', 'Không ghi âm được chương trình đang phát', {}, { severity: 'critical', holdMs: 5 * SECOND_MS, clearMs: 15 * SECOND_MS }),
  'source-last-input': rule('A source with standby runs on its last input', 'Nguồn dự phòng nóng chỉ còn một đầu vào', {}, { holdMs: 10 * SECOND_MS, clearMs: 30 * SECOND_MS }),
  'source-wrong-keys': rule('Somebody tries wrong keys at a source', 'Có người thử sai khóa của nguồn phát', { thresholdUnit: 'wrong keys in 10 min' }, { threshold: 20, clearMs: 10 * MINUTE_MS }),
  'phone-lockout': rule('Somebody guesses at PINs by telephone', 'Có người dò mã PIN qua điện thoại', {}, { clearMs: 10 * MINUTE_MS }),
  'phone-line': rule('No calls can come in', 'Không nhận được cuộc gọi', {}, { severity: 'critical', holdMs: 30 * SECOND_MS, clearMs: 30 * SECOND_MS }),
}

/**
 * What holds at a unit: of each setting what the nearest unit upwards says, then what is said for the whole tree, then the default.
 * @param lineage the unit and those above it, nearest first; empty: the whole tree
 * @param own what a unit says (null: the whole tree)
 */
export function effectiveSettings(rule: RuleId, lineage: readonly string[], own: (unitId: string | null) => OwnRuleSettings | undefined): RuleSettings {
  return Object.assign({}, RULES[rule].defaults, ...[null, ...lineage.toReversed()].map(own)) as RuleSettings
}

/** The same for each rule and subject, and for nothing else. */
export const alarmKey = (rule: RuleId, { kind, id }: Subject): string => `${rule} ${kind} ${id}`
