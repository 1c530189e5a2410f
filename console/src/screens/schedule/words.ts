import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: {
    help1: 'Mỗi ô là một lần phát: xem phát gì, lúc nào, cho ai. Bấm vào ô để xem, sửa, hoặc bỏ một lần.', help2: 'Để xếp lịch: bấm «Thêm mục», hoặc kéo chuột trên khoảng trống. Kéo ô để đổi giờ; kéo mép dưới để đổi thời lượng. Bấm nhầm thì bấm «Hoàn tác».', help3: 'Ô có viền nét đứt là của đơn vị khác giao xuống, bạn không đổi được. Ô mờ là mục đang tắt hoặc đang xin phép.', help4: 'Khi trùng giờ, máy chủ nói ngay và đưa cách giải quyết: bấm một nút là xong.',
    day: 'Ngày', week: 'Tuần', view: 'Cách xem', today: 'Hôm nay', earlier: 'Trước', later: 'Sau', chosenDay: 'Chọn ngày', allUnits: 'Tất cả đơn vị', allClusters: 'Mọi cụm loa', search: 'Tìm theo tên mục', filters: '{count, plural, =0 {Bộ lọc} other {Bộ lọc (#)}}', newItem: 'Thêm mục', copyWeek: 'Chép tuần', exportIcs: 'Xuất lịch (iCalendar)', exportXlsx: 'Xuất bảng (Excel)',
    empty: 'Chưa xếp gì', entry: '{title}, {from}–{until}, {state}', foreign: 'Của {unit}', foreignText: 'Mục này do {unit} giao. Bạn xem được nhưng không đổi được.',
    planned: 'Sẽ phát', scheduled: 'Đã giao lệnh', 'on-air': 'Đang phát', ended: 'Đã phát', stopped: 'Đã dừng', missed: 'Bỏ lỡ', off: 'Đang tắt', asking: 'Đang xin phép',
    edit: 'Sửa', skip: 'Bỏ lần này', removeItem: 'Xoá', duplicate: 'Nhân bản', clusterDay: 'Cụm này phát gì', which: 'Áp dụng cho lần nào?', this: 'Chỉ lần này', following: 'Lần này và các lần sau', allPlays: 'Mọi lần', cannotAll: 'Mục lặp theo tháng hoặc âm lịch không dời cả loạt sang ngày khác được; hãy chọn «Chỉ lần này».',
    moved: 'Đã dời «{title}»', madeItem: 'Đã thêm «{title}»', changedItem: 'Đã sửa «{title}»', removedItem: 'Đã xoá «{title}»', skipped: 'Đã bỏ một lần «{title}»', copied: 'Đã chép {count} mục', undone: 'Đã hoàn tác', applied: 'Đã sửa mục «{title}» để hết trùng',
    refusedTitle: 'Chưa đổi được', keepBoth: 'Vẫn đổi, chấp nhận trùng', withReason: 'Vẫn đổi, có lý do',
  },
  en: {
    help1: 'Each box is one play: what, when, for whom. Press it to look, to change it, or to leave one out.', help2: 'To plan: press «Add an item», or drag over an empty space. Drag a box to another time; drag its lower edge for another length. A slip is taken back by «Undo».', help3: 'A dashed box was given by another unit: you cannot change it. A pale one is off, or asks for permission.', help4: 'When two meet, the server says so at once with the ways out: one press each.',
    day: 'Day', week: 'Week', view: 'View', today: 'Today', earlier: 'Earlier', later: 'Later', chosenDay: 'Choose a day', allUnits: 'All units', allClusters: 'All clusters', search: 'Find by title', filters: '{count, plural, =0 {Filters} other {Filters (#)}}', newItem: 'Add an item', copyWeek: 'Copy a week', exportIcs: 'Export calendar (iCalendar)', exportXlsx: 'Export table (Excel)',
    empty: 'Nothing planned', entry: '{title}, {from}–{until}, {state}', foreign: 'Of {unit}', foreignText: 'This was given by {unit}. You can see it and cannot change it.',
    planned: 'Planned', scheduled: 'Order given', 'on-air': 'On air', ended: 'Played', stopped: 'Stopped', missed: 'Missed', off: 'Off', asking: 'Asks for permission',
    edit: 'Edit', skip: 'Leave this one out', removeItem: 'Remove', duplicate: 'Duplicate', clusterDay: 'What this cluster plays', which: 'Which plays?', this: 'This one only', following: 'This and all later ones', allPlays: 'All of them', cannotAll: 'A monthly or lunar item cannot go to another day as a whole; choose «This one only».',
    moved: '“{title}” moved', madeItem: '“{title}” added', changedItem: '“{title}” changed', removedItem: '“{title}” removed', skipped: 'One play of “{title}” left out', copied: '{count, plural, one {# item copied} other {# items copied}}', undone: 'Undone', applied: '“{title}” changed so that they no longer meet',
    refusedTitle: 'Not changed yet', keepBoth: 'Change it all the same', withReason: 'Change it, with a reason',
  },
})
export type ScheduleWord = keyof (typeof words)['vi']
