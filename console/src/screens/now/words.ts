import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: {
    helpWhat: 'Màn hình này cho biết ngay lúc này cụm loa nào đang phát gì, cụm nào im, cụm nào có lỗi. Mọi thứ tự cập nhật, không cần tải lại trang.',
    helpFind: 'Bấm một ô số để chỉ xem các cụm loa đó. Gõ vào ô tìm để tìm theo tên, mã hoặc đơn vị; gõ không dấu cũng được. Bấm một cụm loa để xem nó đang phát gì và sắp phát gì.',
    helpPlay: 'Nút «Phát ngay» phát một nguồn hoặc bản ghi ngay lập tức. Việc khẩn cấp thì bấm nút đỏ «Khẩn cấp».',
    quiet: 'Đang im', offline: 'Mất kết nối', normal: 'Đang phát', priority: 'Đang phát ưu tiên', fault: 'Có lỗi', emergency: 'Đang phát khẩn cấp', allClusters: 'Tất cả cụm loa',
    onAirTitle: 'Đang phát ({count, number})', nothingOnAir: 'Hiện không có gì đang phát.', more: 'Xem thêm {count} lệnh phát',
    sounding: '{sounding, number}/{meant, number} cụm loa đang phát', offlineOf: '{count, number} cụm mất kết nối', left: 'Còn {time}', until: 'đến {time}', recordings: '{count} bản ghi', exercise: 'Diễn tập', test: 'Thử', showClusters: 'Xem cụm loa', showAll: 'Bỏ lọc', toEmergency: 'Đến màn hình Khẩn cấp', over: 'Sắp xong',
    list: 'Danh sách', map: 'Bản đồ', search: 'Tìm cụm loa hoặc đơn vị', allUnits: 'Mọi đơn vị', noPosition: '{count, number} cụm loa chưa có vị trí nên không có trên bản đồ.', shown: 'Danh sách có {count, number} cụm loa', noClusters: 'Chưa có cụm loa nào. Thêm cụm loa ở màn hình «Cụm loa».',
    lost: 'Mất kết nối', silent: 'Đáng lẽ đang phát nhưng không có tiếng', 'out-of-step': 'Phát lệch nhịp', muted: 'Bị tắt tiếng', unknown: 'Chưa rõ', 'never-seen': 'Chưa từng kết nối', playing: 'Đang phát', idle: 'Sẵn sàng, đang im', 'out-of-use': 'Không sử dụng',
    playsNow: 'Đang phát', playsNext: 'Sắp phát hôm nay', nothingNext: 'Hôm nay không còn gì nữa.', page: 'Trang của cụm loa', playsNothing: 'Đang im.',
    stop: 'Dừng phát', stopTitle: 'Dừng «{title}»?', stopText: 'Sẽ im ngay trên {count, number} cụm loa. Không tiếp tục lại được; muốn phát nữa thì phải ra lệnh mới.', stopped: 'Đã dừng «{title}»',
    playNow: 'Phát ngay', what: 'Phát gì', title: 'Tên lệnh phát', where: 'Phát ở đâu', minutes: 'Trong bao nhiêu phút', given: 'Đã ra lệnh phát «{title}»', chooseWhat: 'Hãy chọn nguồn hoặc bản ghi', chooseWhere: 'Hãy chọn nơi phát', reach: '{clusters, number} cụm loa, {online, number} đang kết nối', reason: 'Lý do', reasonHint: 'Việc này trái quy định về giờ phát. Ghi lý do để vẫn phát; lý do được lưu lại.', clipLength: 'Bản ghi tự hết khi phát xong.', kindSource: 'Nguồn', kindClip: 'Bản ghi',
    priorityHint: 'Ưu tiên đi trước thông thường. Việc khẩn cấp thì dùng nút đỏ.',
  },
  en: {
    helpWhat: 'This screen tells which clusters play what right now, which are quiet and which have a fault. It keeps itself current; never load the page again.',
    helpFind: 'Press a number to see only those clusters. Type to find by name, code or unit, with or without accents. Press a cluster to see what it plays now and next.',
    helpPlay: '“Play now” puts a source or a recording on the air at once. For an emergency press the red button.',
    quiet: 'Quiet', offline: 'Offline', normal: 'On air', priority: 'On air, priority', fault: 'Fault', emergency: 'On air, emergency', allClusters: 'All clusters',
    onAirTitle: 'On air ({count, number})', nothingOnAir: 'Nothing is on the air now.', more: 'Show {count} more',
    sounding: '{sounding, number}/{meant, number} clusters sound', offlineOf: '{count, number} offline', left: '{time} left', until: 'until {time}', recordings: '{count, plural, one {# recording} other {# recordings}}', exercise: 'Exercise', test: 'Test', showClusters: 'Show clusters', showAll: 'Remove the filter', toEmergency: 'To the screen Emergency', over: 'Nearly over',
    list: 'List', map: 'Map', search: 'Find a cluster or unit', allUnits: 'All units', noPosition: '{count, plural, one {# cluster has no position and is} other {# clusters have no position and are}} not on the map.', shown: 'The list holds {count, plural, one {# cluster} other {# clusters}}', noClusters: 'There are no clusters yet. Add them on the screen “Clusters”.',
    lost: 'Offline', silent: 'Should sound and does not', 'out-of-step': 'Out of step', muted: 'Muted', unknown: 'Not known yet', 'never-seen': 'Never connected', playing: 'On air', idle: 'Ready, quiet', 'out-of-use': 'Out of use',
    playsNow: 'On air now', playsNext: 'Later today', nothingNext: 'Nothing more today.', page: 'Page of the cluster', playsNothing: 'Quiet.',
    stop: 'Stop', stopTitle: 'Stop “{title}”?', stopText: '{count, plural, one {# cluster falls} other {# clusters fall}} silent at once. It cannot be resumed; to play it again give a new order.', stopped: 'Stopped “{title}”',
    playNow: 'Play now', what: 'What', title: 'Name of the order', where: 'Where', minutes: 'For how many minutes', given: '“{title}” is ordered', chooseWhat: 'Choose a source or a recording', chooseWhere: 'Choose where', reach: '{clusters, plural, one {# cluster} other {# clusters}}, {online, number} online', reason: 'Reason', reasonHint: 'This is against the rules for playing times. Say why to play it all the same; it is kept.', clipLength: 'A recording ends by itself.', kindSource: 'Source', kindClip: 'Recording',
    priorityHint: 'Priority goes before normal. For an emergency use the red button.',
  },
})
