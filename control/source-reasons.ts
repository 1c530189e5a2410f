/**
 * Why a source brings no sound, or none of its best: engines write these words, with a detail behind a colon where there is one, and what they wrote is
 * read back to its code, so that whoever reads it has it in his language. What an engine says beyond these is a detail of `other`.
 */
const REASONS = {
  'no-studio': { title: 'no studio is connected', titleVi: 'Chưa có ai kết nối để gửi âm thanh' },
  'studio-gone': { title: 'the studio has disconnected', titleVi: 'Bên gửi đã ngắt kết nối' },
  'studio-quiet': { title: 'the studio sent nothing for ten seconds', titleVi: 'Bên gửi không gửi gì trong mười giây' },
  'studio-stopped': { title: 'the studio sends no more', titleVi: 'Bên gửi đã ngừng gửi' },
  'taken-over': { title: 'another studio has taken over', titleVi: 'Người khác đã vào thay' },
  'key-revoked': { title: 'its key was taken back', titleVi: 'Khoá đã bị thu hồi' },
  'outside-window': { title: 'the time of this source is over', titleVi: 'Đã hết giờ của nguồn này' },
  unreadable: { title: 'the bytes are no sound that can be read', titleVi: 'Nội dung gửi đến không phải âm thanh đọc được' },
  'decoder-failed': { title: 'the decoder failed', titleVi: 'Không giải mã được âm thanh' },
  'decoder-ended': { title: 'the decoder was ended', titleVi: 'Bộ giải mã bị dừng' },
  'decoder-missing': { title: 'the decoder cannot be run', titleVi: 'Không chạy được bộ giải mã' },
  'stream-ended': { title: 'the stream has ended', titleVi: 'Luồng âm thanh đã kết thúc' },
  'no-sound': { title: 'no sound in time', titleVi: 'Không có âm thanh sau thời gian chờ' },
  stalled: { title: 'no sound any more', titleVi: 'Âm thanh bị ngắt quãng' },
  'call-ended': { title: 'the call has ended', titleVi: 'Cuộc gọi đã kết thúc' },
  'call-quiet': { title: 'no sound comes from the call', titleVi: 'Cuộc gọi không có âm thanh' },
  'sender-gone': { title: 'the sender sends no more', titleVi: 'Bên gửi RTP đã ngừng gửi' },
  'sender-rate': { title: 'the stream has a rate that cannot be played', titleVi: 'Tần số lấy mẫu của luồng không phát được' },
  strangers: { title: 'packets came that are not from the agreed senders, or of another payload type', titleVi: 'Có gói tin từ bên không được phép hoặc sai loại' },
  'client-left': { title: 'the client has hung up', titleVi: 'Người nói đã ngừng' },
  'client-gone': { title: 'the client has disconnected', titleVi: 'Người nói đã ngắt kết nối' },
  'client-quiet': { title: 'the client sent nothing for ten seconds', titleVi: 'Người nói không gửi gì trong mười giây' },
  'client-unreachable': { title: 'the client cannot be reached any more', titleVi: 'Mất liên lạc với người nói' },
  'client-unproven': { title: 'the client could not be authenticated', titleVi: 'Không xác thực được người nói' },
  'not-connected': { title: 'the client did not connect', titleVi: 'Trình duyệt không kết nối được, có thể do cổng âm thanh bị chặn' },
  'worker-died': { title: 'the WebRTC worker died', titleVi: 'Bộ phận WebRTC của máy chủ bị dừng, đang chạy lại' },
  'webrtc-off': { title: 'WebRTC is off', titleVi: 'Máy chủ chưa có WebRTC' },
  'out-of-reach': { title: 'its sound does not get to where it is mixed', titleVi: 'Âm thanh không đến được chỗ trộn tiếng trong máy chủ' },
  'no-interface': { title: 'there is no such network interface', titleVi: 'Không có giao diện mạng này' },
  'not-needed': { title: 'nobody needs it', titleVi: 'Hiện không ai cần nguồn này' },
  closed: { title: 'closed', titleVi: 'Đã đóng' },
  'no-input': { title: 'no input brings sound', titleVi: 'Không đầu vào nào có âm thanh' },
  silence: { title: 'digital silence', titleVi: 'Im lặng hoàn toàn' },
  'noise-floor': { title: 'nothing but the hiss or hum of a line', titleVi: 'Chỉ có tiếng xì hoặc ù của đường dây' },
  dc: { title: 'nothing but a constant: a dead sound card', titleVi: 'Card âm thanh của bên gửi bị hỏng' },
  noise: { title: 'nothing but noise', titleVi: 'Chỉ có tiếng ồn' },
  stuck: { title: 'the same sound over and over', titleVi: 'Âm thanh lặp đi lặp lại' },
  clipping: { title: 'its samples are cut off', titleVi: 'Âm thanh quá to, bị vỡ tiếng' },
  'wrong-format': { title: 'the samples make sense only in another format', titleVi: 'Âm thanh sai định dạng' },
  other: { title: 'the connection failed', titleVi: 'Không kết nối được' },
} as const

export type SourceReasonCode = keyof typeof REASONS
export const SOURCE_REASON_CODES = Object.keys(REASONS) as readonly SourceReasonCode[]

export interface SourceCause {
  readonly code: SourceReasonCode
  readonly title: string
  readonly titleVi: string
  /** In English, of a log; '' where there is none. */
  readonly detail: string
  /** Which of the addresses of a relay; null: none of them. */
  readonly urlIndex: number | null
}

/** As an engine says it. */
export const sourceReason = (code: Exclude<SourceReasonCode, 'other'>, detail = ''): string => `${REASONS[code].title}${detail === '' ? '' : `: ${detail}`}`

/** The longest first: one may begin as another does. */
const BY_LENGTH = SOURCE_REASON_CODES.filter((code) => code !== 'other').toSorted((a, b) => REASONS[b].title.length - REASONS[a].title.length)

/** What an engine said, with its code. @returns null when it said nothing */
export function sourceCause(reason: string): SourceCause | null {
  if (reason === '') return null
  const [, number, text = reason] = /^URL (\d+): (.*)$/s.exec(reason) ?? []
  const urlIndex = number === undefined ? null : Number(number) - 1
  for (const code of BY_LENGTH) {
    const { title } = REASONS[code]
    if (text === title || text.startsWith(`${title}: `)) return { code, ...REASONS[code], detail: text.slice(title.length + 2), urlIndex }
  }
  return { code: 'other', ...REASONS.other, detail: text, urlIndex }
}
