import type { NotificationRecord } from '../../control/ports.ts'
import type { AlarmMessage } from '../../control/alarms/alarm-message.ts'

type Message = AlarmMessage | { readonly type: 'test'; readonly timestamp: string; readonly data: { readonly message: string; readonly messageVi: string } }

const KINDS: Readonly<Record<AlarmMessage['type'], readonly [string, string]>> = {
  'alarm.raised': ['CẢNH BÁO', 'ALARM'],
  'alarm.escalated': ['CHƯA AI XỬ LÝ', 'ESCALATED'],
  'alarm.acknowledged': ['ĐÃ TIẾP NHẬN', 'ACKNOWLEDGED'],
  'alarm.cleared': ['ĐÃ HẾT', 'CLEARED'],
}
const SEVERITIES: Readonly<Record<string, readonly [string, string]>> = { critical: ['nghiêm trọng', 'critical'], warning: ['cảnh báo', 'warning'], info: ['thông tin', 'info'] }

export interface MailText {
  readonly subject: string
  readonly text: string
}

/**
 * One letter for all that waits, in Vietnamese and then in English. Pure.
 * @param zone of the times in it, such as `Asia/Ho_Chi_Minh`
 */
export function mailText(notifications: readonly Pick<NotificationRecord, 'payload'>[], zone: string): MailText {
  const messages = notifications.map(({ payload }) => JSON.parse(payload) as Message)
  const blocks = (language: 0 | 1): string => messages.map((message) => block(message, language, zone)).join('\n\n')
  return { subject: subjectOf(messages), text: `${blocks(0)}\n\n-- English --\n\n${blocks(1)}\n` }
}

function subjectOf(messages: readonly Message[]): string {
  const [first] = messages
  if (messages.length === 1 && first !== undefined) {
    return oneLine(first.type === 'test' ? '[Loa] Thông báo thử / test' : `[Loa] ${KINDS[first.type][0]}: ${first.data.titleVi} – ${first.data.detailVi}`)
  }
  const raised = messages.filter(({ type }) => type === 'alarm.raised').length
  const cleared = messages.filter(({ type }) => type === 'alarm.cleared').length
  return `[Loa] ${String(messages.length)} thông báo: ${String(raised)} cảnh báo mới, ${String(cleared)} đã hết`
}

/** No name breaks out of its line, and least of all out of a header. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 300)

function block(message: Message, language: 0 | 1, zone: string): string {
  const vi = language === 0
  const at = localTime(message.timestamp, zone)
  if (message.type === 'test') return `${vi ? message.data.messageVi : message.data.message}\n${at}`
  const { data } = message
  const lines = [
    `${KINDS[message.type][language]} (${SEVERITIES[data.severity]![language]}): ${vi ? data.titleVi : data.title}`,
    vi ? data.detailVi : data.detail,
    ...(data.unit === null ? [] : [`${vi ? 'Đơn vị' : 'Unit'}: ${data.unit.name} (${data.unit.code})`]),
    `${vi ? 'Bắt đầu' : 'Since'}: ${localTime(data.since, zone)}`,
    `${vi ? 'Lúc' : 'At'}: ${at}`,
    ...(data.acknowledged === null ? [] : [`${vi ? 'Tiếp nhận' : 'Acknowledged'}: ${data.acknowledged.name}${data.acknowledged.note === null ? '' : ` – ${data.acknowledged.note}`}`]),
    `${vi ? 'Mã' : 'Id'}: ${data.id}`,
  ]
  return lines.map(oneLine).join('\n')
}

const localTime = (iso: string, zone: string): string => `${new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(new Date(iso))} (${zone})`
