import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: {
    title: 'Tập dượt', help: 'Trên máy chủ tập dượt có một huyện ảo với 24 cụm loa đang chạy. Không có loa thật nào phát. Làm lần lượt các bài; mỗi bài tự đánh dấu khi xong.',
    notHere: 'Đây là máy chủ thật: mọi lệnh ở đây ra loa thật.', toServer: 'Mở máy chủ tập dượt', noServer: 'Chưa có máy chủ tập dượt. Người kỹ thuật chạy lệnh này trên bất kỳ máy tính nào, rồi đặt địa chỉ vào LOA_PRACTICE_URL:',
    progress: 'Xong {done} trên {all} bài', open: 'Làm', done: 'Đã xong', notYours: 'Vai trò của bạn không làm bài này', again: 'Làm lại từ đầu',
    lookTitle: 'Xem loa nào đang phát gì', lookText: 'Mở Đang phát, tìm cụm «Chợ Sớm» (gõ không dấu cũng được).',
    orderTitle: 'Phát một thông báo ngay', orderText: 'Ở Đang phát, bấm «Phát ngay», chọn một xã, phát 1 phút.',
    stopTitle: 'Dừng lệnh phát', stopText: 'Dừng chính lệnh bạn vừa phát.',
    scheduleTitle: 'Đặt một lịch phát', scheduleText: 'Ở Lịch phát, thêm bản tin 05:00 sáng mai cho một xã.',
    exerciseTitle: 'Phát khẩn cấp (diễn tập)', exerciseText: 'Ở Khẩn cấp, chọn mẫu «lũ», loại diễn tập, một xã, rồi xác nhận. Nhìn bảng bằng chứng đầy lên.',
    endTitle: 'Kết thúc khẩn cấp', endText: 'Bấm kết thúc và mở báo cáo.',
  },
  en: {
    title: 'Practice', help: 'The practice server has a made-up district with 24 living clusters. No real loudspeaker sounds. Do the tasks one by one; each ticks itself off.',
    notHere: 'This is a real server: every order here sounds from real loudspeakers.', toServer: 'Open the practice server', noServer: 'There is no practice server yet. A technician runs this on any computer and puts its address into LOA_PRACTICE_URL:',
    progress: '{done} of {all} tasks done', open: 'Do it', done: 'Done', notYours: 'Not for your role', again: 'Begin again',
    lookTitle: 'See what sounds where', lookText: 'Open Now and find the cluster «Chợ Sớm» (without accents too).',
    orderTitle: 'Play an announcement now', orderText: 'In Now press «Play now», choose a commune, one minute.',
    stopTitle: 'Stop an order', stopText: 'Stop the order that you have just given.',
    scheduleTitle: 'Put something into the schedule', scheduleText: 'In Schedule add a bulletin at 05:00 tomorrow for a commune.',
    exerciseTitle: 'Give an emergency (exercise)', exerciseText: 'In Emergency choose the template «flood», an exercise, one commune, and confirm. Watch the board of proof fill.',
    endTitle: 'End the emergency', endText: 'Press end, and open the report.',
  },
})
