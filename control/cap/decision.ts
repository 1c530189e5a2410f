import { capTimeMs, referenceKey, type CapInfo, type CapMessage } from './cap-message.ts'
import type { CapMessageRecord, CapSignature } from './cap-port.ts'

/** Why a message was dealt with as it was. Codes are stable. */
export const CAP_REASONS = {
  aired: ['pre-authorised, urgent, grave and certain: on the air without a hand', 'đã được ủy quyền trước, khẩn cấp, nghiêm trọng và chắc chắn: tự động phát'],
  'not-pre-authorised': ['the sender is not pre-authorised for all of this area', 'nơi gửi chưa được ủy quyền trước cho toàn bộ khu vực này'],
  'not-urgent': ['it is not Immediate or Expected, Extreme or Severe, and Observed or Likely at once', 'không đồng thời đạt mức khẩn cấp, nghiêm trọng và chắc chắn để tự động phát'],
  unsigned: ['it has no signature that can be verified', 'không có chữ ký kiểm tra được'],
  exercise: ['it is an exercise', 'là bản tin diễn tập'],
  restricted: ['its scope is Restricted: a person must judge whether it may be said aloud', 'phạm vi Restricted: cần người quyết định có được phát công khai hay không'],
  overruled: ['a person has corrected or cancelled what it updates', 'người trực đã đính chính hoặc hủy nội dung mà bản tin này cập nhật'],
  'no-area': ['it names no place that is known here; the whole unit of the sender is proposed', 'không nêu địa bàn nào được biết; đề xuất toàn bộ đơn vị của nơi gửi'],
  'no-words': ['it has no words in Vietnamese and no recording that can be used', 'không có nội dung tiếng Việt hoặc bản ghi âm dùng được'],
  'too-many': ['the sender has sent more in an hour than was agreed', 'nơi gửi đã gửi quá số bản tin thỏa thuận trong một giờ'],
  'cannot-prepare': ['no alert could be made of it', 'không lập được cảnh báo từ bản tin'],
  cancelled: ['it took back what was said before', 'đã hủy nội dung phát trước đó'],
  'cancel-by-hand': ['it wants an alert cancelled, and a person must do so', 'yêu cầu hủy cảnh báo: cần người thực hiện'],
  test: ['tests never go on the air', 'bản tin thử nghiệm không bao giờ được phát'],
  draft: ['drafts are nothing yet', 'bản nháp chưa có hiệu lực'],
  system: ['messages between systems are not for people', 'bản tin giữa các hệ thống, không dành cho người dân'],
  private: ['its scope is Private: it is not for the public', 'phạm vi Private: không dành cho công chúng'],
  acknowledgement: ['it acknowledges a message', 'là bản tin xác nhận'],
  error: ['it says that a message was not accepted', 'là bản tin báo lỗi'],
  empty: ['it has no info', 'không có phần thông tin (info)'],
  expired: ['it has expired', 'đã hết hiệu lực'],
  duplicate: ['the same message is kept already', 'bản tin này đã có'],
  'cancelled-before': ['a message that cancels it came before it', 'đã có bản tin hủy đến trước'],
  superseded: ['a newer message that stands in its place came before it', 'đã có bản tin mới hơn thay thế đến trước'],
  'nothing-to-cancel': ['what it cancels is not known here, or over', 'nội dung cần hủy không có ở đây hoặc đã kết thúc'],
  'nobody-there': ['no loudspeaker that it may reach stands in its area', 'không có cụm loa nào trong khu vực được phép'],
  'unknown-sender': ['its sender is not registered, or switched off', 'nơi gửi chưa đăng ký hoặc đã bị tắt'],
  'bad-signature': ['its signature is not right', 'chữ ký không đúng'],
  future: ['it says that it was sent in the future', 'thời điểm gửi ở tương lai'],
  flood: ['the sender sends far more than was agreed', 'nơi gửi gửi vượt xa mức thỏa thuận'],
  working: ['an alert is being made of it', 'đang lập cảnh báo'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>
export type CapReason = keyof typeof CAP_REASONS

/** Clocks differ by that much at most. */
export const FUTURE_SLACK_MS = 120_000
/** For messages that do not say when they expire. */
export const USUAL_LIFE_MS = 24 * 3_600_000
/** So many times `mostPerHour` are not even kept for a person. */
const FLOOD_FACTOR = 10

/** A message that is kept, with what has become of the alert that was made of it. `waiting`: for a person. */
export type KnownMessage = Pick<CapMessageRecord, 'id' | 'identifier' | 'sender' | 'sent' | 'msgType' | 'status' | 'signature' | 'references' | 'outcome'> & { readonly alert: KnownAlert | null }

export interface KnownAlert {
  readonly id: string
  readonly state: 'waiting' | 'on-air' | 'over'
  /** A person has corrected or cancelled it. */
  readonly byHand?: boolean
}

export interface DecisionInput {
  readonly message: CapMessage
  readonly signature: CapSignature
  /** Null: not registered, or switched off. */
  readonly sender: { readonly mostPerHour: number; readonly preAuthorised: boolean } | null
  /** What is kept of this sender that is this message, is referred to by it, or refers to it, near or far. */
  readonly known: readonly KnownMessage[]
  /** Of the sender in the last hour. */
  readonly recent: { readonly all: number; readonly aired: number }
  readonly nowMs: number
}

export type Decision =
  /**
   * `infos`: what is to be said. `replaces`: ids of alerts on the air that it stands in the place of, the newest first; `withdraws`: of those that wait for a
   * person and need not any more.
   */
  | { readonly action: 'air' | 'ask'; readonly reason: CapReason; readonly infos: readonly CapInfo[]; readonly replaces: readonly string[]; readonly withdraws: readonly string[] }
  /** `stops`: ids of alerts to be taken off the air; `withdraws`: of those not yet on it; `byHand`: of those that a person must cancel. */
  | { readonly action: 'cancel'; readonly reason: CapReason; readonly stops: readonly string[]; readonly withdraws: readonly string[]; readonly byHand: readonly string[] }
  | { readonly action: 'keep'; readonly reason: CapReason }
  | { readonly action: 'refuse'; readonly reason: CapReason }

const keep = (reason: CapReason): Decision => ({ action: 'keep', reason })
const refuse = (reason: CapReason): Decision => ({ action: 'refuse', reason })

/**
 * What to do with a message. Pure: the area and the words, which the decision does not know, can only make it more careful (`ask` in the place of `air`).
 * What is not signed changes nothing by itself, neither now nor by being known later.
 */
export function decide({ message, signature, sender, known, recent, nowMs }: DecisionInput): Decision {
  const { status, msgType, scope } = message
  const isSigned = signature === 'valid'
  if (sender === null) return refuse('unknown-sender')
  if (signature === 'broken') return refuse('bad-signature')
  if (capTimeMs(message.sent)! > nowMs + FUTURE_SLACK_MS) return refuse('future')
  const key = referenceKey(message)
  if (known.some((one) => referenceKey(one) === key && one.outcome !== 'refused' && (one.signature === 'valid' || !isSigned))) return keep('duplicate')
  if (msgType !== 'Cancel' && recent.all >= sender.mostPerHour * FLOOD_FACTOR) return refuse('flood')

  if (status === 'Draft') return keep('draft')
  if (status === 'Test') return keep('test')
  if (status === 'System') return keep('system')
  if (msgType === 'Ack') return keep('acknowledgement')
  if (msgType === 'Error') return keep('error')
  // An exercise says nothing about what is real, nor the other way round.
  const alike = known.filter((one) => one.status === status && one.outcome !== 'refused' && referenceKey(one) !== key)
  if (msgType === 'Cancel') return decideCancel(before(message, alike, isSigned), isSigned, sender.preAuthorised)
  if (scope === 'Private') return keep('private')

  const later = after(message, alike.filter((one) => one.signature === 'valid'))
  if (later.some((one) => one.msgType === 'Cancel')) return keep('cancelled-before')
  if (later.some((one) => one.msgType === 'Update')) return keep('superseded')
  const sentMs = capTimeMs(message.sent)!
  const live = message.infos.filter(({ expires }) => nowMs < (expires === null ? sentMs + USUAL_LIFE_MS : capTimeMs(expires)!))
  if (live.length === 0) return keep(message.infos.length === 0 ? 'empty' : 'expired')

  // It may have come before without a signature, and a person may have put it on the air: then it is there already.
  const unverified = known.filter((one) => referenceKey(one) === key && one.outcome !== 'refused')
  if (alertsOf(unverified, 'on-air').length > 0) return keep('duplicate')
  const earlier = msgType === 'Update' ? before(message, alike, isSigned) : []
  const placed = { replaces: alertsOf(earlier, 'on-air'), withdraws: isSigned ? alertsOf([...earlier, ...unverified], 'waiting') : [] }
  const grave = live.filter(isGrave)
  const ask = (reason: CapReason): Decision => ({ action: 'ask', reason, infos: grave.length > 0 ? grave : live, ...placed })
  if (!isSigned) return ask('unsigned')
  if (status === 'Exercise') return ask('exercise')
  if (scope === 'Restricted') return ask('restricted')
  if (grave.length === 0) return ask('not-urgent')
  if (!sender.preAuthorised) return ask('not-pre-authorised')
  // A person has said otherwise, and is not to be overruled by a program.
  if (earlier.some(({ alert }) => alert?.byHand === true)) return ask('overruled')
  if (recent.aired >= sender.mostPerHour) return ask('too-many')
  return { action: 'air', reason: 'aired', infos: grave, ...placed }
}

/** Urgent, grave and certain enough to need no person. */
export const isGrave = ({ urgency, severity, certainty }: CapInfo): boolean =>
  (urgency === 'Immediate' || urgency === 'Expected') && (severity === 'Extreme' || severity === 'Severe') && (certainty === 'Observed' || certainty === 'Likely')

/** Who signed a message may take it back before it is heard; off the air only who may put on it. */
function decideCancel(cancelled: readonly KnownMessage[], isSigned: boolean, isPreAuthorised: boolean): Decision {
  const [heard, waiting] = [alertsOf(cancelled, 'on-air'), alertsOf(cancelled, 'waiting')]
  const isWorking = cancelled.some(({ outcome, msgType }) => outcome === 'working' && msgType !== 'Cancel')
  if (heard.length + waiting.length === 0 && !(isWorking && isSigned)) return keep('nothing-to-cancel')
  const stops = isSigned && isPreAuthorised ? heard : []
  const withdraws = isSigned ? waiting : []
  const byHand = [...heard, ...waiting].filter((id) => !stops.includes(id) && !withdraws.includes(id))
  return { action: 'cancel', reason: byHand.length > 0 ? 'cancel-by-hand' : 'cancelled', stops, withdraws, byHand }
}

/** Newest first, each once. */
function alertsOf(messages: readonly KnownMessage[], state: KnownAlert['state']): string[] {
  const found = messages.filter(({ msgType, alert }) => msgType !== 'Cancel' && alert?.state === state).sort((a, b) => capTimeMs(b.sent)! - capTimeMs(a.sent)!)
  return [...new Set(found.map(({ alert }) => alert!.id))]
}

/**
 * The known messages that it refers to, and those that these refer to, of its own sender. From what is signed nothing leads on through what is not: anybody
 * could have given that its references.
 */
function before(message: Pick<CapMessage, 'sender' | 'references'>, known: readonly KnownMessage[], isSigned: boolean): KnownMessage[] {
  const wanted = new Set(message.references.map(referenceKey))
  const found: KnownMessage[] = []
  for (let grown = true; grown;) {
    grown = false
    for (const one of known) {
      if (found.includes(one) || one.sender !== message.sender || !wanted.has(referenceKey(one))) continue
      found.push(one)
      if (one.signature === 'valid' || !isSigned) for (const reference of one.references) wanted.add(referenceKey(reference))
      grown = true
    }
  }
  return found
}

/** The known messages that refer to it, and those that refer to these, of its own sender. */
function after(message: CapMessage, known: readonly KnownMessage[]): KnownMessage[] {
  const wanted = new Set([referenceKey(message)])
  const found: KnownMessage[] = []
  for (let grown = true; grown;) {
    grown = false
    for (const one of known) {
      if (found.includes(one) || one.sender !== message.sender || !one.references.some((reference) => wanted.has(referenceKey(reference)))) continue
      found.push(one)
      wanted.add(referenceKey(one))
      grown = true
    }
  }
  return found
}
