/** What a problem is: its HTTP status, and its title in both languages. `help` says what to do about it. */
interface ProblemKind {
  readonly status: number
  readonly title: string
  readonly titleVi: string
  readonly help: string
  readonly helpVi: string
}

const kind = (status: number, title: string, titleVi: string, help: string, helpVi: string): ProblemKind => ({ status, title, titleVi, help, helpVi })

/**
 * Every problem the API answers with. Codes are stable: match on them, never on texts; a retired code is not used again.
 * `problems.md` lists them with the same words, which a test checks.
 */
export const PROBLEMS = {
  LOA_ERR_BAD_JSON: kind(400, 'The body is not JSON', 'Nội dung không phải JSON', 'Send one JSON value in UTF-8.', 'Gửi một giá trị JSON, mã hóa UTF-8.'),
  LOA_ERR_BAD_REQUEST: kind(400, 'The request cannot be read', 'Không đọc được yêu cầu', 'Correct the path, query or header named in `detail`.', 'Sửa đường dẫn, tham số hoặc tiêu đề nêu trong `detailVi`.'),
  LOA_ERR_UNAUTHENTICATED: kind(401, 'A valid token is needed', 'Cần mã truy cập hợp lệ', 'Send `Authorization: Bearer <token>` with a token that exists.', 'Gửi `Authorization: Bearer <mã>` với một mã đang có hiệu lực.'),
  LOA_ERR_FORBIDDEN: kind(403, 'You may not do that here', 'Bạn không có quyền làm việc này', 'Ask for a role that gives the right named in `detail` at that unit.', 'Xin cấp vai trò có quyền nêu trong `detailVi` tại đơn vị đó.'),
  LOA_ERR_LOGIN: kind(401, 'Login or password is wrong', 'Tên đăng nhập hoặc mật khẩu không đúng', 'Check both; ask an administrator when you have forgotten them.', 'Kiểm tra lại cả hai; nếu quên, hãy hỏi người quản trị.'),
  LOA_ERR_SECOND_FACTOR: kind(401, 'A valid code is needed as well', 'Cần thêm mã xác thực hợp lệ', 'Send the six digits of your authenticator, or a recovery code, as `code`; each is taken once.', 'Gửi sáu chữ số của ứng dụng xác thực, hoặc một mã khôi phục, trong `code`; mỗi mã chỉ dùng một lần.'),
  LOA_ERR_CROSS_SITE: kind(403, 'This page may not act for you', 'Trang này không được thay mặt bạn', 'Use the console of this server itself, or a token in `Authorization`.', 'Dùng bảng điều khiển của chính máy chủ này, hoặc mã truy cập trong `Authorization`.'),
  LOA_ERR_NOT_FOUND: kind(404, 'There is no such thing', 'Không tìm thấy', 'Check the id; it may have been removed.', 'Kiểm tra lại id; có thể đã bị xóa.'),
  LOA_ERR_NO_ROUTE: kind(404, 'There is no such address', 'Không có địa chỉ này', 'See /docs for all addresses.', 'Xem /docs để biết mọi địa chỉ.'),
  LOA_ERR_METHOD: kind(405, 'This method is not allowed here', 'Phương thức không được hỗ trợ', 'Use one of the methods in the `Allow` header.', 'Dùng một phương thức trong tiêu đề `Allow`.'),
  LOA_ERR_CODE_TAKEN: kind(409, 'The code is in use', 'Mã đã được dùng', 'Choose another `code`; codes are unique among units and among clusters.', 'Chọn `code` khác; mã là duy nhất giữa các đơn vị và giữa các cụm loa.'),
  LOA_ERR_IMEI_TAKEN: kind(409, 'The IMEI is in use', 'IMEI đã được dùng', 'One device stands in one place: correct the IMEI, or take it from the other cluster first.', 'Một thiết bị chỉ ở một nơi: sửa IMEI, hoặc gỡ khỏi cụm loa kia trước.'),
  LOA_ERR_LOGIN_TAKEN: kind(409, 'The login is in use', 'Tên đăng nhập đã được dùng', 'Choose another `login`.', 'Chọn `login` khác.'),
  LOA_ERR_SENDER_TAKEN: kind(409, 'The sender is registered already', 'Nơi gửi đã được đăng ký', 'Change the sender that is there.', 'Sửa nơi gửi đã có.'),
  LOA_ERR_MOUNT_TAKEN: kind(409, 'The mount is in use', 'Điểm phát đã được dùng', 'Choose another `mount`, or use the source that has it.', 'Chọn `mount` khác, hoặc dùng nguồn đang có điểm phát đó.'),
  LOA_ERR_IN_USE: kind(409, 'It is still in use', 'Đang được sử dụng', 'Remove or stop what `detail` names first.', 'Trước hết hãy xóa hoặc dừng những gì nêu trong `detailVi`.'),
  LOA_ERR_WRONG_KIND: kind(409, 'This kind cannot do that', 'Loại này không làm được việc đó', 'Only icecast, whip, rtmp and srt sources and webhooks have a key; only standby sources are switched.', 'Chỉ nguồn icecast, whip, rtmp, srt và webhook mới có khóa; chỉ nguồn dự phòng nóng mới chuyển đầu vào được.'),
  LOA_ERR_INPUT_FAULTY: kind(409, 'Something is wrong with that input', 'Đầu vào đó đang lỗi', 'Choose another input, or send `force` to take it all the same.', 'Chọn đầu vào khác, hoặc gửi `force` nếu vẫn muốn dùng.'),
  LOA_ERR_LAST_ADMIN: kind(409, 'The last administrator must stay', 'Phải giữ lại người quản trị cuối cùng', 'Make another administrator of the whole tree first.', 'Tạo một người quản trị toàn hệ thống khác trước.'),
  LOA_ERR_UNIT_ENDED: kind(409, 'The unit has ended', 'Đơn vị đã kết thúc', 'Use the unit that took its place; `detail` names it.', 'Dùng đơn vị kế thừa nêu trong `detailVi`.'),
  LOA_ERR_CHANGED: kind(412, 'Somebody else has changed it', 'Đã có người khác thay đổi', 'Read it again, look at what has changed, and send your change with the new `ETag` in `If-Match`.', 'Đọc lại, xem đã thay đổi gì, rồi gửi lại thay đổi của bạn kèm `ETag` mới trong `If-Match`.'),
  LOA_ERR_POLICY: kind(409, 'It breaks the rules of a unit for hours and minutes', 'Trái quy định của đơn vị về giờ và thời lượng phát', 'Choose another time or length, or send a `reason`: it is reported.', 'Chọn giờ hoặc thời lượng khác, hoặc gửi lý do (`reason`): việc này được ghi lại và báo cáo.'),
  LOA_ERR_ALERT_STATE: kind(409, 'The alert is not in a state for that', 'Trạng thái cảnh báo không cho phép', 'Read the alert again; prepare another when it is over.', 'Xem lại cảnh báo; nếu đã kết thúc, hãy soạn cảnh báo mới.'),
  LOA_ERR_SECOND_PERSON: kind(409, 'Another person must confirm', 'Cần người thứ hai xác nhận', 'Let somebody else with the right `emergency` confirm from his own session.', 'Để người khác có quyền `emergency` xác nhận từ phiên đăng nhập của họ.'),
  LOA_ERR_TEST_ZONE: kind(409, 'A test may not sound there', 'Không được phát thử nghiệm ở đó', 'Name clusters that are planned or under repair; for clusters in use choose an exercise.', 'Nêu các cụm loa đang lắp đặt hoặc sửa chữa; với cụm đang sử dụng, hãy chọn diễn tập.'),
  LOA_ERR_COLLISION: kind(409, 'Another schedule item plays there at that time', 'Trùng giờ với mục lịch phát khác', 'See POST /v1/schedule-items/check for the cures; or send `acceptCollisions`. Two priority items of one level must get different ranks first.', 'Xem cách xử lý ở POST /v1/schedule-items/check; hoặc gửi `acceptCollisions`. Hai mục ưu tiên cùng cấp phải được xếp thứ tự (rank) trước.'),
  LOA_ERR_ALARM_OVER: kind(409, 'The alarm is over', 'Cảnh báo đã kết thúc', 'Nothing is left to be acknowledged; read the alarm again.', 'Không còn gì để xác nhận; hãy đọc lại cảnh báo.'),
  LOA_ERR_DELIVERED: kind(409, 'The notification has been delivered', 'Thông báo đã được gửi', 'What was taken is not sent again; send a test to see whether the channel works.', 'Thông báo đã gửi thì không gửi lại; hãy gửi thử để kiểm tra kênh.'),
  LOA_ERR_TICKET_STATE: kind(409, 'The ticket cannot go into that state', 'Không chuyển được phiếu sang trạng thái đó', 'Read the ticket again; what was cancelled stays so: open another.', 'Đọc lại phiếu; phiếu đã hủy thì giữ nguyên: hãy mở phiếu khác.'),
  LOA_ERR_UPLOAD_OFFSET: kind(409, 'The upload goes on elsewhere', 'Lượt tải lên tiếp tục ở chỗ khác', 'Send the bytes from `Upload-Offset` on.', 'Gửi tiếp các byte từ vị trí `Upload-Offset`.'),
  LOA_ERR_TOO_LARGE: kind(413, 'The body is too large', 'Nội dung quá lớn', 'Send less; `detail` names the limit.', 'Gửi ít hơn; giới hạn nêu trong `detailVi`.'),
  LOA_ERR_URI_TOO_LONG: kind(414, 'The address is too long', 'Địa chỉ quá dài', 'Shorten the path or the query.', 'Rút ngắn đường dẫn hoặc tham số.'),
  LOA_ERR_MEDIA_TYPE: kind(415, 'This content type is not understood here', 'Không hỗ trợ kiểu nội dung này', 'Send application/json; clips as multipart/form-data; CAP messages as application/cap+xml.', 'Gửi application/json; tệp âm thanh gửi dạng multipart/form-data; bản tin CAP gửi dạng application/cap+xml.'),
  LOA_ERR_RANGE: kind(416, 'There is nothing in that range', 'Không có dữ liệu trong khoảng này', 'Ask for bytes that are there; `Content-Range` says how many there are.', 'Yêu cầu khoảng byte có thật; xem `Content-Range`.'),
  LOA_ERR_INVALID: kind(422, 'The body breaks the rules', 'Nội dung không hợp lệ', 'Correct every path listed in `errors`.', 'Sửa mọi mục liệt kê trong `errors`.'),
  LOA_ERR_UNKNOWN_ID: kind(422, 'Something named does not exist', 'Có mục không tồn tại', 'Remove or correct every id listed in `errors`.', 'Bỏ hoặc sửa mọi id liệt kê trong `errors`.'),
  LOA_ERR_SHEET: kind(422, 'The spreadsheet cannot be read', 'Không đọc được bảng tính', 'Send xlsx or CSV in UTF-8 with its headings in the first row.', 'Gửi tệp xlsx hoặc CSV UTF-8, dòng đầu là tên cột.'),
  LOA_ERR_IMPORT: kind(422, 'Rows of the spreadsheet are wrong', 'Bảng tính có dòng sai', 'Correct every line listed in `errors`; nothing was taken over.', 'Sửa mọi dòng liệt kê trong `errors`; chưa có gì được ghi.'),
  LOA_ERR_CAP: kind(422, 'This is no CAP 1.2 message that can be taken', 'Không phải bản tin CAP 1.2 hợp lệ', 'Correct the element named in `errors`; see the OASIS standard, section 3.2.', 'Sửa phần tử nêu trong `errors`; xem mục 3.2 của tiêu chuẩn OASIS.'),
  LOA_ERR_CAP_SENDER: kind(422, 'The sender of the message is not registered', 'Nơi gửi bản tin chưa đăng ký', 'Let an administrator register the `sender` at /v1/cap-senders, and send it again.', 'Đề nghị người quản trị đăng ký `sender` tại /v1/cap-senders rồi gửi lại.'),
  LOA_ERR_CAP_SIGNATURE: kind(422, 'The signature of the message is not right', 'Chữ ký của bản tin không đúng', 'Sign it with the key that is registered, and change nothing afterwards.', 'Ký bằng khóa đã đăng ký và không sửa gì sau khi ký.'),
  LOA_ERR_ORDER_TIME: kind(422, 'The times of the order are impossible', 'Thời gian lệnh phát không hợp lệ', 'Give an end after the start, in the future, within the longest length allowed.', 'Cho thời điểm kết thúc sau lúc bắt đầu, ở tương lai, trong độ dài cho phép.'),
  LOA_ERR_ORDER_CONTENT: kind(422, 'The order must name one thing to play', 'Lệnh phát phải nêu đúng một nội dung', 'Give either `sourceId` or `clipIds`.', 'Cho `sourceId` hoặc `clipIds`.'),
  LOA_ERR_SCHEDULE_TIME: kind(422, 'The days or times of the schedule item are impossible', 'Ngày giờ của mục lịch phát không hợp lệ', 'Correct every path listed in `errors`.', 'Sửa mọi mục liệt kê trong `errors`.'),
  LOA_ERR_SOURCE_URL: kind(422, 'A relay cannot use this URL', 'Không tiếp âm được từ URL này', 'Use http, https, rtsp, rtmp, srt, rtp or udp with a host.', 'Dùng http, https, rtsp, rtmp, srt, rtp hoặc udp, có tên máy chủ.'),
  LOA_ERR_PRIVATE_ADDRESS: kind(422, 'Relays from private addresses are switched off', 'Không cho phép tiếp âm từ địa chỉ nội bộ', 'Use a public address, or set allowPrivateSources (LOA_ALLOW_PRIVATE_SOURCES=true).', 'Dùng địa chỉ công cộng, hoặc bật allowPrivateSources (LOA_ALLOW_PRIVATE_SOURCES=true).'),
  LOA_ERR_UNIT_DATE: kind(422, 'The map cannot be changed from that date', 'Không thể đổi địa giới từ ngày đó', 'Choose a date at which the units and clusters were already where they are.', 'Chọn ngày mà các đơn vị và cụm loa đã ở đúng vị trí hiện nay.'),
  LOA_ERR_CYCLE: kind(422, 'This would make a circle', 'Tạo thành vòng lặp', 'A unit cannot stand below itself, nor a source be its own fallback.', 'Đơn vị không thể nằm dưới chính nó; nguồn không thể dự phòng cho chính nó.'),
  LOA_ERR_CLIP_UNREADABLE: kind(422, 'The file holds no sound that can be read', 'Tệp không có âm thanh đọc được', 'Send a sound file, such as MP3, WAV, FLAC, Ogg or M4A.', 'Gửi tệp âm thanh, ví dụ MP3, WAV, FLAC, Ogg hoặc M4A.'),
  LOA_ERR_PHOTO_UNREADABLE: kind(422, 'The file is no picture that can be read', 'Tệp không phải ảnh đọc được', 'Send JPEG, PNG or WebP.', 'Gửi ảnh JPEG, PNG hoặc WebP.'),
  LOA_ERR_CLIP_TOO_LONG: kind(422, 'The clip is too long', 'Tệp âm thanh quá dài', 'Cut it, or raise maxClipMs.', 'Cắt ngắn, hoặc tăng maxClipMs.'),
  LOA_ERR_WEAK_PASSWORD: kind(422, 'The password is too easy to guess', 'Mật khẩu quá dễ đoán', 'Use at least 12 characters that are not common words, names or rows of keys; three or four unrelated words are good.', 'Dùng ít nhất 12 ký tự, không gồm từ thông dụng, tên hoặc dãy phím; ba bốn từ không liên quan là tốt.'),
  LOA_ERR_IDEMPOTENCY_REUSED: kind(422, 'The Idempotency-Key was used for another request', 'Idempotency-Key đã dùng cho yêu cầu khác', 'Use a new key for each new request; repeat one only with the very same body.', 'Mỗi yêu cầu mới dùng một khóa mới; chỉ lặp lại khóa với đúng nội dung cũ.'),
  LOA_ERR_TOO_MANY: kind(429, 'Too many failed attempts', 'Quá nhiều lần thử sai', 'Wait as long as `Retry-After` says.', 'Chờ theo thời gian trong `Retry-After`.'),
  LOA_ERR_RATE: kind(429, 'Too many calls', 'Gọi quá nhiều lần', 'Wait as long as `Retry-After` says; `RateLimit` tells how much is left. Watch /v1/events rather than asking again and again.', 'Chờ theo thời gian trong `Retry-After`; `RateLimit` cho biết còn bao nhiêu. Nên theo dõi /v1/events thay vì hỏi liên tục.'),
  LOA_ERR_INTERNAL: kind(500, 'Something went wrong here', 'Lỗi của hệ thống', 'Try again; if it stays, look in the log for the `requestId`.', 'Thử lại; nếu vẫn lỗi, tìm `requestId` trong nhật ký.'),
  LOA_ERR_STORE_DAMAGED: kind(500, 'The database is damaged', 'Cơ sở dữ liệu bị hỏng', 'Stop the server, put the newest backup back with `loa restore FILE`, and look after the disk.', 'Dừng máy chủ, phục hồi bản sao lưu mới nhất bằng `loa restore TỆP` và kiểm tra ổ đĩa.'),
  LOA_ERR_BUSY: kind(503, 'Too much at once', 'Hệ thống đang bận', 'Try again after `Retry-After`.', 'Thử lại sau thời gian trong `Retry-After`.'),
  LOA_ERR_NO_SPEECH: kind(503, 'The server cannot speak text', 'Máy chủ không đọc được văn bản', 'Install espeak-ng on the server, or send recordings as clips.', 'Cài espeak-ng trên máy chủ, hoặc gửi bản ghi âm sẵn.'),
  LOA_ERR_HAND_OVER: kind(409, 'The order cannot be handed over', 'Không chuyển được lệnh phát', 'Hand over running orders of a source alone, to another source that gives sound; `detail` says what is missing.', 'Chỉ chuyển lệnh phát từ nguồn đang chạy, sang nguồn khác đang có tiếng; xem `detailVi`.'),
  LOA_ERR_DISK_FULL: kind(507, 'The disk is full', 'Ổ đĩa đã đầy', 'Free some space in the data folder; nothing of this request was kept.', 'Giải phóng chỗ trong thư mục dữ liệu; yêu cầu này chưa được ghi lại.'),
  LOA_ERR_KEY_TAKEN: kind(409, 'The telephone key is in use', 'Phím tắt đã được dùng', 'Choose another `key`, or change what is behind it.', 'Chọn `key` khác, hoặc sửa nội dung của phím đó.'),
  LOA_ERR_WEAK_PIN: kind(422, 'The PIN is too easy to guess', 'Mã PIN quá dễ đoán', 'Use 6 to 10 digits that are no row, no repetition, no date and not the number itself.', 'Dùng 6 đến 10 chữ số, không phải dãy liên tiếp, lặp lại, ngày tháng hay chính mã số.'),
  LOA_ERR_NO_NUMBER: kind(409, 'No personal number is left', 'Không còn mã số cá nhân', 'Remove the PIN of somebody who calls no more.', 'Xóa mã PIN của người không còn gọi.'),
} as const satisfies Readonly<Record<string, ProblemKind>>

export type ProblemCode = keyof typeof PROBLEMS

/** One thing that is wrong, with the place in the request: `targets.units[0]`. */
export interface FieldError {
  readonly path: string
  readonly message: string
  readonly messageVi: string
}

/** RFC 9457, with our extensions: `code`, texts in both languages (language.ts), `errors`, `requestId`. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly titleVi: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
  readonly detailVi: string
  readonly instance: string
  readonly requestId: string
  readonly errors?: readonly FieldError[]
}

export interface ApiErrorOptions extends ErrorOptions {
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown anywhere in a handler; error-handler.ts turns it into a problem. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ProblemCode
  readonly detailVi: string
  readonly errors: readonly FieldError[]
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProblemCode, detail: string, detailVi: string, options: ApiErrorOptions = {}) {
    super(detail, options)
    this.code = code
    this.detailVi = detailVi
    this.errors = options.errors ?? []
    this.headers = options.headers ?? {}
  }
}

const NOUNS_VI = { photo: 'ảnh', unit: 'đơn vị', cluster: 'cụm loa', source: 'nguồn', clip: 'tệp âm thanh', playlist: 'danh sách phát', order: 'lệnh phát', 'schedule item': 'mục lịch phát', token: 'mã truy cập', alert: 'cảnh báo', 'alert template': 'mẫu cảnh báo', 'CAP sender': 'nơi gửi CAP', 'CAP feed': 'nguồn tin CAP', 'CAP message': 'bản tin CAP', command: 'lệnh điều khiển', 'unit change': 'thay đổi đơn vị', group: 'nhóm', device: 'thiết bị', user: 'người dùng', session: 'phiên đăng nhập', 'rtp output': 'đầu ra RTP', report: 'báo cáo của lệnh phát', alarm: 'báo động', 'notification channel': 'kênh thông báo', notification: 'thông báo', ticket: 'phiếu sửa chữa', recording: 'bản ghi', 'source key': 'khóa của nguồn', 'phone call': 'cuộc gọi', 'phone key': 'phím tắt', 'phone PIN': 'mã PIN điện thoại', 'call recording': 'bản ghi âm cuộc gọi', backup: 'bản sao lưu', upload: 'lượt tải lên' } as const
export type Noun = keyof typeof NOUNS_VI

export const notFound = (noun: Noun, id: string): ApiError => new ApiError('LOA_ERR_NOT_FOUND', `there is no ${noun} '${id}'`, `không có ${NOUNS_VI[noun]} '${id}'`)

/** One problem that names every id that does not exist. */
export function unknownIds(found: readonly { readonly path: string; readonly noun: Noun; readonly id: string }[]): ApiError {
  const errors = found.map(({ path, noun, id }) => ({ path, message: `there is no ${noun} '${id}'`, messageVi: `không có ${NOUNS_VI[noun]} '${id}'` }))
  return new ApiError('LOA_ERR_UNKNOWN_ID', errors.map(({ path, message }) => `${path}: ${message}`).join('; '), errors.map(({ path, messageVi }) => `${path}: ${messageVi}`).join('; '), { errors })
}

export function problemBody(code: ProblemCode, detail: string, detailVi: string, instance: string, requestId: string, errors: readonly FieldError[] = []): ProblemBody {
  const { status, title, titleVi } = PROBLEMS[code]
  return { type: `/problems/${code}`, title, titleVi, status, code, detail, detailVi, instance, requestId, ...(errors.length > 0 ? { errors } : {}) }
}
