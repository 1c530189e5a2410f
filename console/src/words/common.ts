import { defineWords } from './define-words.ts'

/** What several screens say. The words of the house: docs call them by these names. */
export const common = defineWords({
  vi: {
    save: 'Lưu', cancel: 'Huỷ', close: 'Đóng', remove: 'Xoá', edit: 'Sửa', add: 'Thêm', search: 'Tìm', back: 'Quay lại', retry: 'Thử lại', more: 'Xem thêm', copy: 'Chép', copied: 'Đã chép', copyWhat: 'Chép {what}', none: 'Không có',
    yes: 'Có', no: 'Không', loading: 'Đang tải…', nothing: 'Chưa có gì ở đây', noMatch: 'Không tìm thấy', saved: 'Đã lưu', removed: 'Đã xoá', export: 'Xuất', print: 'In', undo: 'Hoàn tác', details: 'Chi tiết', help: 'Trợ giúp',
    unit: 'Đơn vị', cluster: 'Cụm loa', clusters: 'Cụm loa', name: 'Tên', code: 'Mã', state: 'Tình trạng', time: 'Giờ', day: 'Ngày', from: 'Từ', to: 'Đến',
    emergency: 'Khẩn cấp', priority: 'Ưu tiên', normal: 'Thông thường', class: 'Mức độ ưu tiên',
    online: 'Đang kết nối', offline: 'Mất kết nối',
    unsavedTitle: 'Bỏ những gì chưa lưu?', unsavedText: 'Những thay đổi chưa lưu sẽ mất.', discard: 'Bỏ',
    openCalendar: 'Mở lịch', earlierMonth: 'Tháng trước', laterMonth: 'Tháng sau',
    noAnswer: 'Máy chủ không trả lời: CHƯA BIẾT việc này đã được thực hiện hay chưa. Kiểm tra mạng rồi bấm lại; bấm lại thì việc đó vẫn chỉ được làm một lần.', noAnswerBefore: 'Máy chủ đã không trả lời: CHƯA BIẾT lần bấm trước đã được thực hiện hay chưa. Nội dung nay đã khác nên bấm nữa là một việc mới; hãy xem lại trước.', old: 'Đây là số liệu lúc {time}, chưa đọc lại được.', stillTrying: 'Máy chủ chưa trả lời. Đang thử lại…', requestFailed: 'Máy chủ không trả lời. Kiểm tra kết nối mạng rồi thử lại.', changedElsewhere: 'Người khác vừa thay đổi mục này, nên chưa ghi gì. Hãy mở lại để xem bản mới, rồi làm lại.', unknownError: 'Có lỗi xảy ra.',
  },
  en: {
    save: 'Save', cancel: 'Cancel', close: 'Close', remove: 'Remove', edit: 'Edit', add: 'Add', search: 'Search', back: 'Back', retry: 'Try again', more: 'Show more', copy: 'Copy', copied: 'Copied', copyWhat: 'Copy {what}', none: 'None',
    yes: 'Yes', no: 'No', loading: 'Loading…', nothing: 'Nothing here yet', noMatch: 'Nothing found', saved: 'Saved', removed: 'Removed', export: 'Export', print: 'Print', undo: 'Undo', details: 'Details', help: 'Help',
    unit: 'Unit', cluster: 'Cluster', clusters: 'Clusters', name: 'Name', code: 'Code', state: 'State', time: 'Time', day: 'Day', from: 'From', to: 'To',
    emergency: 'Emergency', priority: 'Priority', normal: 'Normal', class: 'Class',
    online: 'Online', offline: 'Offline',
    unsavedTitle: 'Discard what is not saved?', unsavedText: 'Your changes will be lost.', discard: 'Discard',
    openCalendar: 'Open calendar', earlierMonth: 'Earlier month', laterMonth: 'Later month',
    noAnswer: 'The server does not answer: it is NOT KNOWN whether this was done. Check the network and press again; that does nothing twice.', noAnswerBefore: 'The server did not answer: it is NOT KNOWN whether your last press was done. You have changed something since, so another press is something new; look first.', old: 'This is from {time} and could not be read again.', stillTrying: 'The server has not answered yet. Trying again…', requestFailed: 'The server does not answer. Check the network and try again.', changedElsewhere: 'Somebody else has just changed this, so nothing was saved. Open it again, look, and repeat your change.', unknownError: 'Something went wrong.',
  },
})
