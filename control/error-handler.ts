import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { CapError } from './cap/cap-error.ts'
import { ApiError, PROBLEMS, problemBody, type FieldError, type ProblemCode } from './problem.ts'
import { askedLanguage, localised, sendLanguage } from './language.ts'
import { StoreError } from './ports.ts'

interface Answer {
  readonly code: ProblemCode
  readonly detail: string
  readonly detailVi: string
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Errors of who makes clips and photos ready, by their stable code. */
export const CLIP_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  CLIP_ERR_UNREADABLE: 'LOA_ERR_CLIP_UNREADABLE',
  CLIP_ERR_EMPTY: 'LOA_ERR_CLIP_UNREADABLE',
  CLIP_ERR_TOO_LONG: 'LOA_ERR_CLIP_TOO_LONG',
  CLIP_ERR_DISK_FULL: 'LOA_ERR_DISK_FULL',
  CLIP_ERR_ABORTED: 'LOA_ERR_BUSY',
  PHOTO_ERR_UNREADABLE: 'LOA_ERR_PHOTO_UNREADABLE',
}

/** What the framework itself refuses, by its stable code. */
const FRAMEWORK_PROBLEMS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['LOA_ERR_MEDIA_TYPE', 'không hỗ trợ kiểu nội dung này'],
  FST_INVALID_MULTIPART_CONTENT_TYPE: ['LOA_ERR_MEDIA_TYPE', 'cần multipart/form-data'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['LOA_ERR_TOO_LARGE', 'nội dung vượt giới hạn'],
  FST_REQ_FILE_TOO_LARGE: ['LOA_ERR_TOO_LARGE', 'tệp vượt giới hạn'],
  FST_PARTS_LIMIT: ['LOA_ERR_TOO_LARGE', 'quá nhiều phần'],
  FST_FILES_LIMIT: ['LOA_ERR_TOO_LARGE', 'chỉ gửi một tệp mỗi lần'],
  FST_FIELDS_LIMIT: ['LOA_ERR_TOO_LARGE', 'quá nhiều trường'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['LOA_ERR_BAD_JSON', 'nội dung không phải JSON'],
  FST_ERR_MAX_PARAM_LENGTH: ['LOA_ERR_URI_TOO_LONG', 'địa chỉ quá dài'],
  HPE_HEADER_OVERFLOW: ['LOA_ERR_URI_TOO_LONG', 'địa chỉ hoặc tiêu đề quá dài'],
}

const DISK_FULL: Answer = { code: 'LOA_ERR_DISK_FULL', detail: 'nothing could be written: the disk is full or failing', detailVi: 'không ghi được: ổ đĩa đã đầy hoặc bị lỗi' }

/** The only place where errors become problems. Whatever it does not know is a fault of ours: 500, and nothing of it is told outside. */
export function explainError(error: unknown): Answer {
  if (error instanceof ApiError) return { code: error.code, detail: error.message, detailVi: error.detailVi, errors: error.errors, headers: error.headers }
  if (error instanceof StoreError) return explainStoreError(error)
  if (error instanceof CapError) return { code: 'LOA_ERR_CAP', detail: `${error.path} ${error.message}`, detailVi: `${error.path} ${error.messageVi}`, errors: [{ path: error.path, message: error.message, messageVi: error.messageVi }] }
  const { code, message, statusCode } = error as Partial<FastifyError>
  if (code !== undefined) {
    if (code === 'ENOSPC' || code === 'EDQUOT') return DISK_FULL
    const clip = CLIP_PROBLEMS[code]
    if (clip === 'LOA_ERR_DISK_FULL') return DISK_FULL
    if (clip !== undefined) return { code: clip, detail: message ?? PROBLEMS[clip].title, detailVi: PROBLEMS[clip].titleVi }
    const framework = FRAMEWORK_PROBLEMS[code]
    if (framework !== undefined) return { code: framework[0], detail: message ?? '', detailVi: framework[1] }
  }
  // A JSON parser's SyntaxError carries 400 from the framework, as does everything else that is wrong with a request as such.
  if (error instanceof SyntaxError && statusCode === 400) return { code: 'LOA_ERR_BAD_JSON', detail: error.message, detailVi: 'nội dung không phải JSON' }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return { code: 'LOA_ERR_BAD_REQUEST', detail: message ?? '', detailVi: 'yêu cầu không hợp lệ' }
  return { code: 'LOA_ERR_INTERNAL', detail: 'the request could not be carried out', detailVi: 'không thực hiện được yêu cầu' }
}

function explainStoreError(error: StoreError): Answer {
  switch (error.code) {
    case 'STORE_ERR_FULL':
    case 'STORE_ERR_IO':
      return DISK_FULL
    case 'STORE_ERR_CORRUPT':
      return { code: 'LOA_ERR_STORE_DAMAGED', detail: 'the database is damaged; what sounds goes on', detailVi: 'cơ sở dữ liệu bị hỏng; âm thanh đang phát không bị ngắt' }
    case 'STORE_ERR_CONFLICT':
      if (error.field === 'units.code' || error.field === 'clusters.code') return { code: 'LOA_ERR_CODE_TAKEN', detail: 'the code is in use', detailVi: 'mã đã được dùng' }
      if (error.field === 'clusters.imei') return { code: 'LOA_ERR_IMEI_TAKEN', detail: 'another cluster has this IMEI', detailVi: 'cụm loa khác đã có IMEI này' }
      if (error.field === 'users.login') return { code: 'LOA_ERR_LOGIN_TAKEN', detail: 'the login is in use', detailVi: 'tên đăng nhập đã được dùng' }
      if (error.field === 'cap_senders.sender') return { code: 'LOA_ERR_SENDER_TAKEN', detail: 'the sender is registered already', detailVi: 'nơi gửi đã được đăng ký' }
      if (error.field === 'sources.mount') return { code: 'LOA_ERR_MOUNT_TAKEN', detail: 'the mount is in use', detailVi: 'điểm phát đã được dùng' }
      if (error.field === 'phone_keys.key') return { code: 'LOA_ERR_KEY_TAKEN', detail: 'something else is behind this key', detailVi: 'phím này đã được dùng' }
      return { code: 'LOA_ERR_INTERNAL', detail: 'the request could not be carried out', detailVi: 'không thực hiện được yêu cầu' }
    case 'STORE_ERR_REFERENCE':
      return { code: 'LOA_ERR_IN_USE', detail: 'something else refers to it', detailVi: 'đang có mục khác tham chiếu đến' }
    case 'STORE_ERR_BUSY':
      return { code: 'LOA_ERR_BUSY', detail: 'the database is busy', detailVi: 'cơ sở dữ liệu đang bận', headers: { 'Retry-After': '1' } }
    case 'STORE_ERR_SCHEMA':
    case 'STORE_ERR_INTERNAL':
      return { code: 'LOA_ERR_INTERNAL', detail: 'the request could not be carried out', detailVi: 'không thực hiện được yêu cầu' }
  }
}

/** Sends an error as `application/problem+json`. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = explainError(error)
  const { status } = PROBLEMS[answer.code]
  request.problemCode = answer.code
  if (status >= 500) request.log.error({ err: error, code: answer.code }, 'request failed')
  for (const [name, value] of Object.entries(answer.headers ?? {})) void reply.header(name, value)
  const [path] = request.url.split('?', 1)
  const language = askedLanguage(request)
  sendLanguage(reply, language)
  return reply
    .status(status)
    .header('Content-Type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(localised(problemBody(answer.code, answer.detail, answer.detailVi, path ?? request.url, request.id, answer.errors), language)))
}
