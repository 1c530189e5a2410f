import { defineWords } from '../../words/define-words.ts'

export const ticketWords = defineWords({
  vi: {
    help: 'Phiếu sửa chữa: việc cần làm ở một cụm loa. Mở phiếu từ trang cụm loa hoặc từ báo động. Người đi sửa bấm «Đã đến nơi», «Chờ vật tư», «Đã xong»; thời gian được tính tự động.',
    roadHelp: 'Dành cho người đi sửa, xem trên điện thoại. Phiếu gần bạn nhất ở trên cùng nếu bạn cho phép xem vị trí. Bấm số điện thoại để gọi người trông coi.',
    open: 'Chưa ai nhận', assigned: 'Đã giao', 'on-site': 'Đang sửa tại chỗ', 'waiting-part': 'Chờ vật tư', done: 'Đã xong', cancelled: 'Đã huỷ', toOpen: 'Mở lại', toAssigned: 'Nhận việc', 'toOn-site': 'Đã đến nơi', 'toWaiting-part': 'Chờ vật tư', toDone: 'Đã xong', toCancelled: 'Huỷ phiếu',
    unfinished: 'Chưa xong', all: 'Tất cả', critical: 'Nghiêm trọng', warning: 'Cảnh báo', info: 'Thường', newTicket: 'Mở phiếu', newTitle: 'Mở phiếu sửa chữa: {name}', title: 'Việc cần làm', titleHint: 'Ví dụ: Thay âm ly', note: 'Ghi chú', assignee: 'Giao cho', assigneeHint: 'Tên người hoặc tổ', severity: 'Mức độ',
    number: 'Phiếu {number}', opened: 'Mở {time}', none: 'Không có phiếu nào.', events: 'Diễn biến', addNote: 'Thêm ghi chú', outOfUse: 'Tạm ngưng cụm loa trong lúc sửa', parts: 'Vật tư', part: 'Tên vật tư', quantity: 'Số lượng', cost: 'Tiền (đồng)', addPart: 'Thêm vật tư', labour: 'Tiền công (đồng)', total: 'Tổng {amount} đ', saveCosts: 'Lưu chi phí', removePart: 'Bỏ {name}',
    repairTime: 'Sửa trong {time}', waited: 'chờ vật tư {time}', toTickets: 'Tất cả phiếu', toCluster: 'Xem cụm loa', mine: 'Của tôi', near: 'Sắp theo gần nhất', nearOff: 'Cho phép xem vị trí để sắp theo gần nhất', nearFailed: 'Không biết vị trí của bạn.', km: 'cách {km} km', noPlace: 'chưa có vị trí', way: 'Chỉ đường', call: 'Gọi {name}', beep: 'Kêu bíp', noneMine: 'Không có phiếu nào giao cho bạn.', state: 'Tình trạng', xlsx: 'Xuất Excel',
  },
  en: {
    help: 'Tickets: what is to be done at a cluster. Open one at the cluster or from an alarm. Who repairs presses «I am there», «Wait for parts», «Done»; times are kept by themselves.',
    roadHelp: 'For who is on the way, on a phone. The nearest is first if you let the page know where you are. Press a number to call the keeper.',
    open: 'Nobody on it', assigned: 'Assigned', 'on-site': 'Being repaired', 'waiting-part': 'Waits for parts', done: 'Done', cancelled: 'Cancelled', toOpen: 'Open again', toAssigned: 'Take it', 'toOn-site': 'I am there', 'toWaiting-part': 'Wait for parts', toDone: 'Done', toCancelled: 'Cancel it',
    unfinished: 'Unfinished', all: 'All', critical: 'Critical', warning: 'Warning', info: 'Minor', newTicket: 'Open a ticket', newTitle: 'Open a ticket: {name}', title: 'What is to be done', titleHint: 'Such as: change the amplifier', note: 'Note', assignee: 'Assigned to', assigneeHint: 'Name of somebody or of a team', severity: 'Severity',
    number: 'Ticket {number}', opened: 'Opened {time}', none: 'No tickets.', events: 'What was done', addNote: 'Add a note', outOfUse: 'Out of use while it is repaired', parts: 'Parts', part: 'Part', quantity: 'Quantity', cost: 'Cost (dong)', addPart: 'Add a part', labour: 'Labour (dong)', total: '{amount} dong in all', saveCosts: 'Save costs', removePart: 'Remove {name}',
    repairTime: 'Repaired in {time}', waited: 'waited {time} for parts', toTickets: 'All tickets', toCluster: 'To the cluster', mine: 'Mine', near: 'Nearest first', nearOff: 'Let the page know where you are to have the nearest first', nearFailed: 'Your place is not known.', km: '{km} km away', noPlace: 'no place known', way: 'The way there', call: 'Call {name}', beep: 'Beep', noneMine: 'No ticket is assigned to you.', state: 'State', xlsx: 'Export to Excel',
  },
})
