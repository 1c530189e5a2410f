import { defineWords } from '../words/define-words.ts'

export const words = defineWords({
  vi: {
    now: 'Đang phát', emergency: 'Khẩn cấp', schedule: 'Lịch phát', library: 'Kho âm thanh', sources: 'Nguồn phát', clusters: 'Cụm loa', figures: 'Thống kê', system: 'Hệ thống',
    navigation: 'Màn hình', more: 'Thêm', skip: 'Đến nội dung chính', account: 'Tài khoản', logOut: 'Đăng xuất', stillIn: 'Chưa đăng xuất được vì máy chủ không trả lời. Hãy thử lại trước khi rời máy.', language: 'English', toDark: 'Nền tối', toLight: 'Nền sáng', wallOn: 'Chữ lớn cho màn hình tường', wallOff: 'Cỡ chữ thường', practice: 'Tập dượt', practiceBand: 'TẬP DƯỢT: không có loa thật nào phát. Cứ thử mọi thứ.', practiceTasks: 'Bài tập',
    linkLost: 'Mất kết nối với máy chủ từ {time}. Những gì bạn thấy là cũ; loa vẫn phát theo lịch đã nhận.', crashed: 'Màn hình này gặp lỗi.', reload: 'Tải lại', notHere: 'Không có trang này', toNow: 'Về màn hình Đang phát', noRight: 'Bạn không có quyền xem trang này.',
  },
  en: {
    now: 'Now', emergency: 'Emergency', schedule: 'Schedule', library: 'Library', sources: 'Sources', clusters: 'Clusters', figures: 'Figures', system: 'System',
    navigation: 'Screens', more: 'More', skip: 'To the main content', account: 'Account', logOut: 'Log out', stillIn: 'You are still logged in: the server does not answer. Try again before you leave this computer.', language: 'Tiếng Việt', toDark: 'Dark', toLight: 'Light', wallOn: 'Large type for a wall screen', wallOff: 'Normal type', practice: 'Practice', practiceBand: 'PRACTICE: no real loudspeaker sounds. Try everything.', practiceTasks: 'Tasks',
    linkLost: 'No link to the server since {time}. What you see is old; loudspeakers go on with the schedule they have.', crashed: 'This screen has failed.', reload: 'Load again', notHere: 'There is no such page', toNow: 'To the screen Now', noRight: 'You may not see this page.',
  },
})
export type ShellWord = keyof (typeof words)['vi']
