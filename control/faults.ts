/**
 * What an operator reads of a fault, by its code; `message` of the event says which one and how much. Faults are told in
 * events; nothing is asked of who reads them but to look.
 */
const FAULTS = {
  LOA_FAULT_CLIP_MISSING: { title: 'A clip of an order is missing', titleVi: 'Thiếu tệp âm thanh của lệnh phát' },
  LOA_FAULT_ENGINE_GONE: { title: 'A sound engine has stopped and is started again', titleVi: 'Bộ xử lý âm thanh đã dừng và đang được khởi động lại' },
  LOA_FAULT_FAN_OUT_GONE: { title: 'A distributor has stopped and is started again', titleVi: 'Bộ phân phối đã dừng và đang được khởi động lại' },
  LOA_FAULT_IDENTITY_IN_USE: { title: 'A second device with the identity of a cluster was refused', titleVi: 'Đã từ chối thiết bị thứ hai dùng chung danh tính của một cụm loa' },
  LOA_FAULT_PHONE_GONE: { title: 'The telephone process has stopped and is started again', titleVi: 'Tiến trình điện thoại đã dừng và đang được khởi động lại' },
  LOA_FAULT_IN_STEP_AGAIN: { title: 'A cluster plays in step again', titleVi: 'Cụm loa đã phát đồng bộ trở lại' },
  LOA_FAULT_OUT_OF_STEP: { title: 'A cluster plays out of step with its neighbours', titleVi: 'Cụm loa phát lệch so với các cụm lân cận' },
  LOA_FAULT_STORE_DAMAGED: { title: 'The database is damaged: restore a backup', titleVi: 'Cơ sở dữ liệu bị hỏng: hãy phục hồi bản sao lưu' },
  LOA_FAULT_RECORDER_GONE: { title: 'The recorder has stopped and is started again', titleVi: 'Bộ ghi âm đã dừng và đang được khởi động lại' },
  LOA_FAULT_SOURCE_DOWN: { title: 'A source brings no sound', titleVi: 'Nguồn phát không có tín hiệu' },
  LOA_FAULT_SOURCE_FAULTY: { title: 'The sound of a source is faulty', titleVi: 'Âm thanh của nguồn phát bị lỗi' },
  LOA_FAULT_SOURCE_SILENT: { title: 'A source is silent', titleVi: 'Nguồn phát im lặng' },
  LOA_FAULT_SPEAKER_REFUSED: { title: 'A device refuses what it was sent', titleVi: 'Thiết bị từ chối nội dung được gửi tới' },
  LOA_FAULT_WALL_CLOCK_STEP: { title: 'The clock of the server has jumped', titleVi: 'Đồng hồ máy chủ bị nhảy giờ' },
} as const

/** Every code there is, for tests and documents. */
export const FAULT_CODES: readonly string[] = Object.keys(FAULTS)

/** @returns the code itself where there are no words for it. */
export function faultTitles(code: string): { readonly title: string; readonly titleVi: string } {
  return Object.hasOwn(FAULTS, code) ? FAULTS[code as keyof typeof FAULTS] : { title: code, titleVi: code }
}
