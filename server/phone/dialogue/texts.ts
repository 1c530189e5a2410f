import type { PhoneLanguage, PhoneRefusal, PhoneSummary } from '../../../control/ports.ts'
import { numberWords } from './numbers.ts'

/** A piece of what the caller hears. Tones: `air` from now on he is heard, `pause` he is not, `hint` the time is nearly over, `wrong`. */
export type Segment = { readonly text: string } | { readonly tone: 'air' | 'pause' | 'hint' | 'wrong' }

type Words = Readonly<Record<PhoneLanguage, string>>

/** Everything that is said the same each time. */
export const TEXTS = {
  welcome: { vi: 'Hệ thống truyền thanh xin chào.', en: 'Welcome to the public address system.' },
  identify: { vi: 'Mời nhập mã số cá nhân, rồi mã PIN, và phím thăng. Nhập sai, bấm phím sao để nhập lại.', en: 'Key your personal number, then your PIN, then hash. Star clears what was keyed.' },
  wrong: { vi: 'Mã số hoặc mã PIN không đúng.', en: 'The number or the PIN is wrong.' },
  locked: { vi: 'Đã nhập sai quá nhiều lần. Cuộc gọi bị khóa và đã được báo động. Xin chào.', en: 'Too many wrong tries. This call is locked and has been reported. Goodbye.' },
  code: { vi: 'Mời nhập sáu số của ứng dụng xác thực.', en: 'Key the six digits of your authenticator.' },
  codeWrong: { vi: 'Mã xác thực không đúng.', en: 'The code is wrong.' },
  menu: { vi: 'Mời chọn nội dung.', en: 'Choose what to broadcast.' },
  press: { vi: 'Phím', en: 'Press' },
  repeat: { vi: 'Phím không, nghe lại.', en: 'Press zero to hear this again.' },
  noSuchKey: { vi: 'Phím này chưa được cài đặt.', en: 'Nothing is behind this key.' },
  wait: { vi: 'Xin chờ.', en: 'One moment.' },
  confirm: { vi: 'Phím một, xác nhận phát. Phím sao, chọn lại. Phím không, nghe lại.', en: 'Press one to confirm, star to choose again, zero to hear this again.' },
  three: { vi: 'Ba.', en: 'Three.' },
  two: { vi: 'Hai.', en: 'Two.' },
  one: { vi: 'Một.', en: 'One.' },
  before: { vi: 'Đang phát tín hiệu báo trước. Xin giữ máy.', en: 'The attention signal is on the air. Hold on.' },
  paused: { vi: 'Đã tạm dừng tiếng. Phím sao, nói tiếp.', en: 'Your voice is off the air. Press star to go on.' },
  ending: { vi: 'Đã tắt tiếng trên loa. Phím thăng, xác nhận kết thúc. Phím sao, nói tiếp.', en: 'Your voice is off the air. Press hash to confirm the end, star to go on.' },
  finished: { vi: 'Xác nhận đã kết thúc phát thanh. Xin cảm ơn.', en: 'Confirmed: the broadcast has ended. Thank you.' },
  timeUp: { vi: 'Đã hết thời gian phát thanh. Xin cảm ơn.', en: 'The time of the broadcast is over. Thank you.' },
  playing: { vi: 'Cảnh báo đang được phát. Có thể gác máy, cảnh báo vẫn phát. Phím sao, hủy cảnh báo.', en: 'The alert is on the air. You may hang up, it goes on. Press star to cancel it.' },
  sureCancel: { vi: 'Phím một, xác nhận hủy cảnh báo. Phím khác, quay lại.', en: 'Press one to cancel the alert, any other key to go back.' },
  cancelled: { vi: 'Xác nhận đã hủy cảnh báo. Xin chào.', en: 'Confirmed: the alert has been cancelled. Goodbye.' },
  waits: { vi: 'Quy định yêu cầu người thứ hai xác nhận trên hệ thống. Đang chờ.', en: 'The rule wants a second person to confirm in the system. Waiting for' },
  nobody: { vi: 'Hiện chưa có ai khác có quyền xác nhận.', en: 'Nobody else has the right to confirm at present.' },
  hold: { vi: 'Xin giữ máy. Phím thăng, rút lại.', en: 'Hold the line, or press hash to withdraw.' },
  still: { vi: 'Vẫn đang chờ người thứ hai.', en: 'Still waiting for the second person.' },
  withdrawn: { vi: 'Đã rút lại. Xin chào.', en: 'Withdrawn. Goodbye.' },
  stopped: { vi: 'Phát thanh đã bị dừng từ hệ thống. Xin chào.', en: 'The broadcast was stopped from the system. Goodbye.' },
  takenOver: { vi: 'Đường tiếng đã được nhường cho lệnh khẩn cấp. Xin chào.', en: 'An emergency has taken over the line. Goodbye.' },
  handedOver: { vi: 'Phát thanh đã được chuyển cho người nói khác. Xin chào.', en: 'The broadcast was handed over to another speaker. Goodbye.' },
  refused: { vi: 'Người thứ hai đã từ chối. Xin chào.', en: 'The second person has refused. Goodbye.' },
  expired: { vi: 'Đã quá thời hạn xác nhận. Xin chào.', en: 'The time to confirm is over. Goodbye.' },
  noKey: { vi: 'Chưa nhận được phím nào.', en: 'No key was received.' },
  goodbye: { vi: 'Cuộc gọi kết thúc. Xin chào.', en: 'The call ends. Goodbye.' },
  unreachable: { vi: 'Hệ thống đang bận. Xin gọi lại sau ít phút.', en: 'The system is busy. Please call again in a few minutes.' },
} as const satisfies Readonly<Record<string, Words>>
export type TextId = keyof typeof TEXTS

const REFUSALS: Readonly<Record<PhoneRefusal, Words>> = {
  'no-right': { vi: 'Tài khoản không có quyền phát nội dung này.', en: 'You have no right to broadcast this.' },
  'no-keys': { vi: 'Đơn vị chưa cài đặt phím tắt nào.', en: 'No keys have been prepared for your unit.' },
  'not-available': { vi: 'Nội dung này hiện không dùng được.', en: 'This is not available now.' },
  busy: { vi: 'Đường tiếng đang có người khác sử dụng.', en: 'Somebody else is using this line.' },
  policy: { vi: 'Ngoài giờ hoặc quá thời lượng cho phép của đơn vị.', en: 'The rules of a unit do not allow it at this hour or for so long.' },
  failed: { vi: 'Không thực hiện được.', en: 'That did not work.' },
}

/** What it weighs is said first, so that nobody takes an exercise for the real thing, or the other way round. */
const WEIGHT: Readonly<Record<'real' | 'exercise' | 'test' | 'emergency' | 'priority' | 'normal', Words>> = {
  real: { vi: 'Cảnh báo thật, khẩn cấp.', en: 'A real emergency alert.' },
  exercise: { vi: 'Diễn tập.', en: 'An exercise.' },
  test: { vi: 'Thử nghiệm.', en: 'A test.' },
  emergency: { vi: 'Lệnh khẩn cấp.', en: 'An emergency.' },
  priority: { vi: 'Phát ưu tiên.', en: 'A priority broadcast.' },
  normal: { vi: 'Phát thường.', en: 'A normal broadcast.' },
}

const CONTENT: Readonly<Record<PhoneSummary['content'], Words>> = {
  live: { vi: 'Nói trực tiếp.', en: 'Your own voice.' },
  template: { vi: 'Máy đọc theo mẫu.', en: 'Spoken by the server from a template.' },
}

const RISK: Words = { vi: 'Rủi ro thiên tai cấp', en: 'Risk level' }
const TO: Words = { vi: 'Phát tới', en: 'To' }
const CLUSTERS: Words = { vi: 'cụm loa', en: 'clusters' }
const ONLINE: Words = { vi: 'cụm đang trực tuyến.', en: 'of them online.' }

export const text = (id: TextId, language: PhoneLanguage): Segment => ({ text: TEXTS[id][language] })
export const refusalText = (why: PhoneRefusal, language: PhoneLanguage): Segment => ({ text: REFUSALS[why][language] })

/** Every piece that can be made beforehand. */
export const fixedTexts = (language: PhoneLanguage): readonly string[] =>
  [...Object.values(TEXTS), ...Object.values(REFUSALS), ...Object.values(WEIGHT), ...Object.values(CONTENT), RISK, TO, CLUSTERS, ONLINE].map((words) => words[language])

export function menuSegments(keys: readonly { readonly key: string; readonly name: string }[], language: PhoneLanguage): readonly Segment[] {
  return [text('menu', language), ...keys.flatMap(({ key, name }) => [{ text: `${TEXTS.press[language]} ${numberWords(Number(key), language)},` }, { text: `${name}.` }]), text('repeat', language)]
}

/** What is about to happen: how grave, what, where, to how many. */
export function summarySegments({ name, content, class: itsClass, alertKind, level, clusters, online }: PhoneSummary, language: PhoneLanguage): readonly Segment[] {
  const count = (value: number): string => numberWords(value, language)
  return [
    { text: WEIGHT[alertKind ?? itsClass][language] },
    { text: `${name}.` },
    { text: CONTENT[content][language] },
    ...(level === null ? [] : [{ text: `${RISK[language]} ${count(level)}.` }]),
    { text: `${TO[language]} ${count(clusters)} ${CLUSTERS[language]}, ${count(online)} ${ONLINE[language]}` },
    text('confirm', language),
  ]
}
