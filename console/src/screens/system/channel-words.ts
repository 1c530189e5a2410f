import { defineWords } from '../../words/define-words.ts'

export const channelWords = defineWords({
  vi: {
    help: 'Báo động được gửi tới những nơi này, ngoài màn hình. Nơi không gửi được thì máy thử lại, nhiều nhất 72 giờ. Nhắn tin SMS: dùng webhook của nhà cung cấp tin nhắn.', edit: 'Sửa nơi nhận', disabled: 'Đang tắt', enabled: 'Đang dùng', allRules: 'Mọi loại báo động', someRules: '{count} loại báo động', rules: 'Chỉ các loại', level: 'Khi nào gửi', levelNow: 'Ngay khi có báo động', levelLater: 'Lần nhắc {level}, khi chưa ai nhận', what: 'Nhận gì',
    urlKept: 'Địa chỉ được che mật khẩu; để nguyên thì không đổi.', rotate: 'Đổi khoá chữ ký', rotateText: 'Webhook «{name}» có khoá mới. Trong 24 giờ, tin mang cả chữ ký cũ và mới để bên nhận kịp đổi.', secretText: 'Chép khoá này sang bên nhận để kiểm tra chữ ký. Nó không hiện lại lần nào nữa.',
    testing: 'Đang gửi thử tới {name}…', testGood: '{name} đã nhận tin thử.', testBad: '{name} chưa nhận được: {reason}', unknownReason: 'không rõ lý do', sent: 'Đã gửi gần đây', nothingSent: 'Chưa gửi tin nào', tries: '{count} lần thử', again: 'Gửi lại', pending: 'Đang chờ', delivered: 'Đã nhận', dead: 'Đã bỏ', raised: 'Báo động mới', escalated: 'Nhắc lại', acknowledged: 'Có người nhận', cleared: 'Đã hết', test: 'Tin thử', waitsSince: 'Chờ từ {time}',
    none: 'Chưa có nơi nhận nào: báo động chỉ hiện trên màn hình.', server: 'Báo động của máy chủ chỉ gửi tới nơi nhận của «Toàn hệ thống».',
  },
  en: {
    help: 'Alarms go to these besides the screen. What does not get through is tried again for 72 hours at most. For SMS use the webhook of a message provider.', edit: 'Edit channel', disabled: 'Off', enabled: 'In use', allRules: 'Every kind of alarm', someRules: '{count, plural, one {# kind} other {# kinds}} of alarms', rules: 'Only these kinds', level: 'When', levelNow: 'As soon as an alarm is raised', levelLater: 'At level {level}, when nobody took it', what: 'Gets',
    urlKept: 'Credentials in the address are hidden; left as it is, it stays.', rotate: 'Rotate signing key', rotateText: 'The webhook “{name}” gets a new key. For 24 hours messages carry both signatures.', secretText: 'Copy this key to the receiver, which checks signatures with it. It is never shown again.',
    testing: 'Sending a test to {name}…', testGood: '{name} has taken the test.', testBad: '{name} has not taken it: {reason}', unknownReason: 'no reason is known', sent: 'Sent lately', nothingSent: 'Nothing was sent yet', tries: '{count, plural, one {# try} other {# tries}}', again: 'Send again', pending: 'Waiting', delivered: 'Taken', dead: 'Given up', raised: 'New alarm', escalated: 'Escalated', acknowledged: 'Acknowledged', cleared: 'Cleared', test: 'Test', waitsSince: 'Waiting since {time}',
    none: 'There are no channels: alarms are on screens only.', server: 'Alarms of the server go to channels of the whole tree only.',
  },
})
