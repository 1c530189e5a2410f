import type { Socket } from 'node:net'
import type { IngestRefusal, Opening } from '../sources/ingest-protocol.ts'
import type { Refusal } from './credentials.ts'
import { endSocket } from './end-socket.ts'

/** Stable codes of what the stream port answers when it does not play. */
export type StreamProblemCode =
  | 'STREAM_ERR_BAD_REQUEST'
  | 'STREAM_ERR_TIMEOUT'
  | 'STREAM_ERR_KEY_MISSING'
  | 'STREAM_ERR_KEY_WRONG'
  | 'STREAM_ERR_CLUSTER_DISABLED'
  | 'STREAM_ERR_PROOF_WRONG'
  | 'STREAM_ERR_CODE_WRONG'
  | 'STREAM_ERR_ENROLLED'
  | 'STREAM_ERR_IN_USE'
  | 'STREAM_ERR_BUSY'
  | 'STREAM_ERR_NOT_FOUND'
  | 'STREAM_ERR_FORMAT'
  | 'STREAM_ERR_NOT_READY'
  | 'STREAM_ERR_METHOD'
  | 'STREAM_ERR_MOUNT_BUSY'
  | 'STREAM_ERR_INGEST_UNAVAILABLE'
  | 'STREAM_ERR_OFFER'
  | 'STREAM_ERR_WEBRTC_OFF'
  | 'STREAM_ERR_ON_AIR'
  | 'STREAM_ERR_OUTSIDE_WINDOW'
  | 'STREAM_ERR_TOKEN'
  | 'STREAM_ERR_MONITORS_FULL'
  | 'STREAM_ERR_TOO_OFTEN'

interface ProblemText {
  readonly status: number
  readonly en: string
  readonly vi: string
}

/** The one map from code to status and words. */
export const STREAM_PROBLEMS: Readonly<Record<StreamProblemCode, ProblemText>> = {
  STREAM_ERR_BAD_REQUEST: { status: 400, en: 'The request could not be read.', vi: 'Không đọc được yêu cầu.' },
  STREAM_ERR_TIMEOUT: { status: 408, en: 'The request took too long to arrive.', vi: 'Yêu cầu đến quá chậm.' },
  STREAM_ERR_KEY_MISSING: { status: 401, en: 'Send the key: ?key=…, Authorization: Bearer …, Basic, or X-Loa-Key.', vi: 'Thiếu khoá: gửi ?key=…, Authorization: Bearer …, Basic hoặc X-Loa-Key.' },
  STREAM_ERR_KEY_WRONG: { status: 401, en: 'The id or the key is wrong. Keys are shown once, at creation; rotate the key to get a new one.', vi: 'Sai mã hoặc sai khoá. Khoá chỉ hiện một lần khi tạo; hãy đổi khoá để nhận khoá mới.' },
  STREAM_ERR_CLUSTER_DISABLED: { status: 403, en: 'This cluster is disabled. Enable it in the registry.', vi: 'Cụm loa này đang bị khoá. Hãy mở lại trong danh mục.' },
  STREAM_ERR_PROOF_WRONG: { status: 401, en: 'This device is not enrolled for the cluster, or its proof is wrong. Enrol it with a new code.', vi: 'Thiết bị chưa được cấp phép cho cụm loa này, hoặc chữ ký sai. Hãy cấp phép lại bằng mã mới.' },
  STREAM_ERR_CODE_WRONG: { status: 401, en: 'The enrolment code is unknown, used or over. Make a new one.', vi: 'Mã cấp phép không đúng, đã dùng hoặc hết hạn. Hãy tạo mã mới.' },
  STREAM_ERR_ENROLLED: { status: 403, en: 'A device is enrolled for this cluster: it alone is served, and the key opens nothing. Revoke the device to use the key.', vi: 'Cụm loa này đã có thiết bị được cấp phép: khoá không còn dùng được. Hãy thu hồi thiết bị nếu muốn dùng khoá.' },
  STREAM_ERR_BUSY: { status: 503, en: 'Too many devices fetch files now; try again in some seconds.', vi: 'Đang có quá nhiều thiết bị tải tệp; thử lại sau vài giây.' },
  STREAM_ERR_IN_USE: { status: 409, en: 'Another device with this identity is connected. Its disk was copied: enrol this one by itself, or wait until the other has been gone for 10 s.', vi: 'Một thiết bị khác có cùng danh tính đang kết nối. Hãy cấp phép riêng cho thiết bị này, hoặc chờ thiết bị kia ngắt quá 10 giây.' },
  STREAM_ERR_NOT_FOUND: { status: 404, en: 'Nothing is here. Listeners: /listen/{clusterId}.mp3 or .opus; native: /v1/speaker; monitors: /monitor/{id}.mp3; WHIP: /whip/{sourceId}; WHEP: /whep/source/{sourceId}, /whep/cluster/{clusterIdby phone: /talk/{sourceId}.', vi: 'Không có gì ở đây. Nghe: /listen/{clusterId}.mp3 hoặc .opus; thiết bị: /v1/speaker; giám sát: /monitor/{id}.mp3; WHIP: /whip/{sourceId}; WHEP: /whep/source/{sourceId}, /whep/cluster/{clusterIdnói bằng điện thoại: /talk/{sourceId}.' },
  STREAM_ERR_FORMAT: { status: 400, en: 'No such format. Use opus-16 to opus-64, mp3-32 to mp3-128, mp3-24k-16 to mp3-24k-48, or leave it out.', vi: 'Không có định dạng này. Dùng opus-16 đến opus-64, mp3-32 đến mp3-128, mp3-24k-16 đến mp3-24k-48, hoặc bỏ trống.' },
  STREAM_ERR_NOT_READY: { status: 503, en: 'Starting up; try again in a second.', vi: 'Đang khởi động; thử lại sau một giây.' },
  STREAM_ERR_METHOD: { status: 405, en: 'Use GET or HEAD here; PUT or SOURCE at a mount.', vi: 'Dùng GET hoặc HEAD; với mount dùng PUT hoặc SOURCE.' },
  STREAM_ERR_MOUNT_BUSY: { status: 409, en: 'Another studio is on this mount. End it first, or set the source to take over.', vi: 'Studio khác đang phát trên mount này. Hãy ngắt trước, hoặc cho phép giành quyền.' },
  STREAM_ERR_OFFER: { status: 422, en: 'The SDP offer cannot be taken: one audio medium that sends Opus is needed.', vi: 'Không nhận được SDP: cần một luồng âm thanh Opus.' },
  STREAM_ERR_WEBRTC_OFF: { status: 503, en: 'WebRTC is off on this server. Its administrator can build it with: npm run build:mediasoup', vi: 'Máy chủ này chưa bật WebRTC. Người quản trị có thể dựng bằng: npm run build:mediasoup' },
  STREAM_ERR_ON_AIR: { status: 409, en: 'This source is on the air: only a key of higher class may take it over.', vi: 'Nguồn này đang phát sóng: chỉ khoá có mức ưu tiên cao hơn mới được giành quyền.' },
  STREAM_ERR_OUTSIDE_WINDOW: { status: 403, en: 'This source takes sound only around the times of its orders.', vi: 'Nguồn này chỉ nhận tín hiệu quanh giờ phát đã đặt.' },
  STREAM_ERR_TOKEN: { status: 401, en: 'Send an API token or the token of a session: Authorization: Bearer …', vi: 'Gửi mã truy cập API hoặc mã phiên đăng nhập: Authorization: Bearer …' },
  STREAM_ERR_MONITORS_FULL: { status: 429, en: 'You have as many monitors as you may, or the server has. End one first.', vi: 'Đã đủ số người nghe giám sát cho phép. Hãy tắt bớt một phiên trước.' },
  STREAM_ERR_TOO_OFTEN: { status: 429, en: 'Asked too often; once a second is enough.', vi: 'Hỏi quá dày; mỗi giây một lần là đủ.' },
  STREAM_ERR_INGEST_UNAVAILABLE: { status: 503, en: 'The engine is not reachable; connect again in a second.', vi: 'Bộ máy phát chưa sẵn sàng; kết nối lại sau một giây.' },
}

export const problemOfRefusal = (refusal: Refusal): StreamProblemCode => {
  switch (refusal) {
    case 'missing-key':
      return 'STREAM_ERR_KEY_MISSING'
    case 'wrong-key':
    case 'unknown':
      return 'STREAM_ERR_KEY_WRONG'
    case 'enrolled':
      return 'STREAM_ERR_ENROLLED'
    case 'disabled':
      return 'STREAM_ERR_CLUSTER_DISABLED'
  }
}

/** How who was not let in to a source is answered. @param opening when it may come, where that is known */
export function problemOfGate(reason: IngestRefusal['reason'] | 'engine-away', { opensInMs, opensAtMs }: Partial<Opening>): { readonly code: StreamProblemCode; readonly detail?: string; readonly retryAfterS?: number } {
  switch (reason) {
    case 'busy':
      return { code: 'STREAM_ERR_MOUNT_BUSY' }
    case 'on-air':
      return { code: 'STREAM_ERR_ON_AIR' }
    case 'key-revoked':
      return { code: 'STREAM_ERR_KEY_WRONG' }
    case 'outside-window': {
      const code = 'STREAM_ERR_OUTSIDE_WINDOW'
      if (opensInMs === undefined || opensAtMs === undefined) return { code, detail: 'Nothing is planned with it. · Chưa có lịch phát nào dùng nguồn này.' }
      const at = new Date(opensAtMs).toISOString()
      return { code, detail: `Come again from ${at} on. · Hãy kết nối lại từ ${at}.`, retryAfterS: Math.max(1, Math.ceil(opensInMs / 1000)) }
    }
    case 'unknown':
    case 'bad-hello':
    case 'engine-away':
      return { code: 'STREAM_ERR_INGEST_UNAVAILABLE' }
  }
}

const REASON: Readonly<Record<number, string>> = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 408: 'Request Timeout', 409: 'Conflict', 414: 'URI Too Long', 431: 'Request Header Fields Too Large', 503: 'Service Unavailable', 505: 'HTTP Version Not Supported' }

function problemFields(code: StreamProblemCode, status = STREAM_PROBLEMS[code].status): object {
  const { en, vi } = STREAM_PROBLEMS[code]
  return { type: `/problems/${code}`, code, status, title: en, titleVi: vi }
}

/** The body of a problem (RFC 9457). `status` where the answer's is not that of the code. */
export function problemBody(code: StreamProblemCode, detail?: string, status?: number): string {
  return JSON.stringify({ ...problemFields(code, status), ...(detail === undefined ? {} : { detail }) })
}

/** How long a native device is to stay away, by status, ms: what only a person puts right; another's lease; a server that starts. */
const RETRY_AFTER_MS: Readonly<Record<number, number>> = { 400: 30_000, 401: 30_000, 403: 30_000, 408: 1000, 409: 12_000, 503: 1000 }

/** What a native device is told before its connection is closed. */
export function nativeProblem(code: StreamProblemCode): string {
  return JSON.stringify({ ...problemFields(code), retryAfterMs: RETRY_AFTER_MS[STREAM_PROBLEMS[code].status] })
}

/** Answers with a problem and ends the connection. */
export function respondProblem(socket: Socket, code: StreamProblemCode, options: { readonly status?: number; readonly detail?: string; readonly head?: boolean; readonly retryAfterS?: number } = {}): void {
  const status = options.status ?? STREAM_PROBLEMS[code].status
  const body = problemBody(code, options.detail, status)
  const lines = [
    `HTTP/1.1 ${String(status)} ${REASON[status] ?? 'Error'}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Cache-Control: no-store',
    'Connection: close',
    ...(status === 401 ? ['WWW-Authenticate: Basic realm="Loa", charset="UTF-8"'] : []),
    ...(options.retryAfterS !== undefined || status === 503 ? [`Retry-After: ${String(options.retryAfterS ?? 1)}`] : []),
  ]
  endSocket(socket, `${lines.join('\r\n')}\r\n\r\n${options.head === true ? '' : body}`)
}
