import { defineWords } from '../../words/define-words.ts'

export const importWords = defineWords({
  vi: {
    title: 'Nhập cụm loa từ Excel', help: 'Chọn tệp Excel hoặc CSV. Trang xem thử trước, chưa ghi gì. Sửa các dòng lỗi trong tệp rồi chọn lại tệp. Khi không còn lỗi, bấm «Ghi vào danh sách». Cụm có mã đã biết sẽ được sửa, mã mới sẽ được thêm; cụm không có trong tệp giữ nguyên.',
    choose: 'Chọn tệp', again: 'Chọn lại tệp', checking: 'Đang kiểm tra tệp…', sample: 'Tải tệp mẫu (danh sách hiện nay)', rows: 'dòng', created: 'thêm mới', updated: 'thay đổi', unchanged: 'giữ nguyên', bad: 'dòng lỗi', good: 'Tệp không có lỗi. Chưa ghi gì: xem các thay đổi dưới đây rồi bấm ghi.',
    hasErrors: '{count, plural, other {# lỗi}} trong {rows, plural, other {# dòng}}. Chưa ghi gì. Sửa trong tệp rồi chọn lại.', apply: 'Ghi {count, plural, other {# cụm loa}} vào danh sách', applied: 'Đã ghi: thêm {created}, sửa {updated}.', nothing: 'Tệp giống hệt danh sách hiện nay: không có gì để ghi.', changed: 'Danh sách vừa được người khác sửa. Đã kiểm tra lại tệp: hãy xem lại rồi ghi.',
    errors: 'Lỗi ({count})', changes: 'Thay đổi ({count})', line: 'Dòng', column: 'Cột', what: 'Lỗi', cluster: 'Cụm loa', change: 'Thay đổi', isNew: 'Mới', allColumns: 'Mọi cột ({count})', columnCount: '{column} ({count})', wholeRow: 'cả dòng', find: 'Tìm trong báo cáo', report: 'Tải báo cáo lỗi', shown: 'Đang hiện {shown} / {all}', mostErrors: 'Chỉ hiện 5.000 lỗi đầu.', file: 'Tệp: {name}',
    toRegister: 'Xem danh sách', columnsInReport: 'Dòng,Cột,Lỗi',
  },
  en: {
    title: 'Import clusters from Excel', help: 'Choose a file of Excel or CSV. It is looked at first, and nothing is written. Mend wrong rows in the file and choose it again. Without mistakes, press «Write». A code that is known changes that cluster, a new one adds one; clusters that are not in the file stay as they are.',
    choose: 'Choose a file', again: 'Choose the file again', checking: 'Looking at the file…', sample: 'Download a pattern (the register as it is)', rows: 'rows', created: 'new', updated: 'changed', unchanged: 'unchanged', bad: 'wrong rows', good: 'There are no mistakes. Nothing is written yet: look at the changes and press Write.',
    hasErrors: '{count, plural, one {# mistake} other {# mistakes}} in {rows, plural, one {# row} other {# rows}}. Nothing is written. Mend the file and choose it again.', apply: 'Write {count, plural, one {# cluster} other {# clusters}}', applied: 'Written: {created} new, {updated} changed.', nothing: 'The file is the same as the register: there is nothing to write.', changed: 'Somebody else has just changed the register. The file was looked at again: look too, then write.',
    errors: 'Mistakes ({count})', changes: 'Changes ({count})', line: 'Line', column: 'Column', what: 'Mistake', cluster: 'Cluster', change: 'Change', isNew: 'New', allColumns: 'All columns ({count})', columnCount: '{column} ({count})', wholeRow: 'whole row', find: 'Find in the report', report: 'Download the mistakes', shown: '{shown} of {all} shown', mostErrors: 'Only the first 5,000 are shown.', file: 'File: {name}',
    toRegister: 'To the register', columnsInReport: 'Line,Column,Mistake',
  },
})
