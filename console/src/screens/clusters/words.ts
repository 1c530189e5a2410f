import { defineWords } from '../../words/define-words.ts'

/** The register and what all parts of the screen share. */
export const words = defineWords({
  vi: {
    help: 'Danh sách mọi cụm loa bạn được xem. Gõ tên, mã, IMEI hoặc số SIM để tìm (không cần dấu). Bấm một tình trạng để chỉ xem những cụm đó. Bấm tên cụm loa để xem chi tiết.',
    help2: 'Tích chọn nhiều cụm rồi bấm «Điều khiển» để chỉnh âm lượng hoặc khởi động lại cùng lúc. Danh sách tự cập nhật, không cần tải lại trang.',
    searchHint: 'Tên, mã, IMEI, SIM…', register: 'Danh sách', groups: 'Nhóm', tickets: 'Sửa chữa', road: 'Đi sửa', count: '{count, number} cụm loa', of: '{shown} / {all} cụm loa', reading: 'đang đọc tiếp…', allUnits: 'Mọi đơn vị', allStates: 'Tất cả', filters: 'Bộ lọc', clear: 'Bỏ lọc',
    technology: 'Công nghệ', anyTechnology: 'Mọi công nghệ', condition: 'Cảnh báo', anyCondition: 'Không lọc', tag: 'Thẻ', anyTag: 'Mọi thẻ', unknownTechnology: 'Chưa rõ', working: 'Hoạt động', plays: 'Đang phát gì', selectAll: 'Chọn tất cả đang hiện', select: 'Chọn {name}', selected: 'Đã chọn {count} cụm loa',
    control: 'Điều khiển', codes: 'In mã kích hoạt', add: 'Thêm cụm loa', import: 'Nhập từ Excel', export: 'Xuất', toRegister: 'Danh sách cụm loa', noClusters: 'Chưa có cụm loa nào.', unselect: 'Bỏ chọn',
    exportHint: 'Tệp xuất gồm đúng các cụm loa đang hiện trong danh sách.', xlsx: 'Excel (.xlsx)', csv: 'CSV', registerState: 'Tình trạng sử dụng',
    ip: 'IP', fm: 'FM', wired: 'Có dây', planned: 'Dự kiến', active: 'Đang dùng', repair: 'Đang sửa', retired: 'Ngừng dùng', disabled: 'Không cho kết nối',
    'lost': 'Mất kết nối', 'silent': 'Không có tiếng', 'out-of-step': 'Lệch nhịp', 'muted': 'Tắt tiếng', 'unknown': 'Chưa rõ', 'never-seen': 'Chưa từng kết nối', 'playing': 'Đang phát', 'idle': 'Sẵn sàng', 'out-of-use': 'Không sử dụng',
    'amplifier-off': 'Âm ly tắt', 'storage-fault': 'Lỗi lưu trữ', 'off-mains': 'Mất điện lưới', 'hot': 'Quá nóng', 'wrong-clock': 'Sai đồng hồ', 'weak-signal': 'Sóng yếu', 'unverified': 'Chữ ký không hợp lệ', 'no-status': 'Không báo trạng thái', 'not-synchronised': 'Không đồng bộ',
  },
  en: {
    help: 'All clusters that you may see. Type a name, code, IMEI or SIM number to find one, accents are not needed. Press a state to see only those. Press the name of a cluster for its details.',
    help2: 'Tick several clusters and press «Control» to set their volume or restart them together. The list keeps itself up to date.',
    searchHint: 'Name, code, IMEI, SIM…', register: 'Register', groups: 'Groups', tickets: 'Repairs', road: 'On the road', count: '{count, plural, one {# cluster} other {# clusters}}', of: '{shown} of {all} clusters', reading: 'reading on…', allUnits: 'All units', allStates: 'All', filters: 'Filters', clear: 'Clear filters',
    technology: 'Technology', anyTechnology: 'Any technology', condition: 'Warning', anyCondition: 'Any', tag: 'Tag', anyTag: 'Any tag', unknownTechnology: 'Not known', working: 'Works', plays: 'On air', selectAll: 'Select all shown', select: 'Select {name}', selected: '{count, plural, one {# cluster selected} other {# clusters selected}}',
    control: 'Control', codes: 'Print enrolment codes', add: 'Add a cluster', import: 'Import from Excel', export: 'Export', toRegister: 'All clusters', noClusters: 'No clusters yet.', unselect: 'Unselect',
    exportHint: 'The file holds the clusters that the list shows.', xlsx: 'Excel (.xlsx)', csv: 'CSV', registerState: 'Use',
    ip: 'IP', fm: 'FM', wired: 'Wired', planned: 'Planned', active: 'In use', repair: 'In repair', retired: 'Retired', disabled: 'May not connect',
    'lost': 'Connection lost', 'silent': 'No sound', 'out-of-step': 'Out of step', 'muted': 'Muted', 'unknown': 'Not known yet', 'never-seen': 'Never connected', 'playing': 'Playing', 'idle': 'Ready', 'out-of-use': 'Not in use',
    'amplifier-off': 'Amplifier off', 'storage-fault': 'Storage fault', 'off-mains': 'Off the mains', 'hot': 'Too hot', 'wrong-clock': 'Wrong clock', 'weak-signal': 'Weak signal', 'unverified': 'Bad signature', 'no-status': 'Says nothing of itself', 'not-synchronised': 'Not synchronised',
  },
})
