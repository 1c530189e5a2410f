import { defineWords } from '../../words/define-words.ts'

export const alertRuleWords = defineWords({
  vi: {
    help: 'Khi một dòng dưới đây đúng, người thứ hai phải xác nhận trước khi cảnh báo được phát. Đơn vị dưới theo quy tắc của đơn vị trên gần nhất.', add: 'Thêm trường hợp', remove: 'Bỏ trường hợp {number}', caseNumber: 'Trường hợp {number}', kinds: 'Loại cảnh báo', chooseKind: 'Chọn ít nhất một loại', level: 'Từ cấp rủi ro', clusters: 'Và từ số cụm loa (0: luôn luôn)', wait: 'Chờ người thứ hai (phút)', breakGlass: 'Được phát một mình khi không liên lạc được người thứ hai, phải ghi lý do', noBreakGlass: 'Không bao giờ được phát một mình', fits: '{kinds}: từ cấp {level}, {clusters, plural, =0 {mọi số cụm loa} other {từ # cụm loa}}', waits: 'Chờ người thứ hai {count} phút', setAt: 'theo quy tắc của {unit}', none: 'Không có trường hợp nào: một người xác nhận là đủ.', notHere: 'Đơn vị không tự nới quy tắc của mình: người quản trị của đơn vị trên mới sửa được.',
  },
  en: {
    help: 'When one of these fits, a second person must confirm before the alert goes out. A unit follows the nearest rule above it.', add: 'Add a case', remove: 'Remove case {number}', caseNumber: 'Case {number}', kinds: 'Kinds of alerts', chooseKind: 'Choose one kind at least', level: 'From risk level', clusters: 'And from so many clusters (0: always)', wait: 'Wait for the second (minutes)', breakGlass: 'One may do without the second, giving a reason', noBreakGlass: 'Never by one alone', fits: '{kinds}: from level {level}, {clusters, plural, =0 {any number of clusters} other {from # clusters}}', waits: 'The second is waited for {count} min', setAt: 'by the rule of {unit}', none: 'No case: one person is enough.', notHere: 'A unit does not loosen its own rule: administrators above it change it.',
  },
})
