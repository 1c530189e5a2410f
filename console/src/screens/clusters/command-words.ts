import { defineWords } from '../../words/define-words.ts'

export const commandWords = defineWords({
  vi: {
    title: 'Điều khiển {name}', running: 'Lệnh đang thực hiện:', titleMany: 'Điều khiển {count} cụm loa', choose: 'Làm gì?', send: 'Gửi lệnh', another: 'Lệnh khác', close: 'Đóng',
    'volume': 'Âm lượng', 'mute': 'Tắt / bật tiếng', 'restart-stream': 'Kết nối lại luồng âm thanh', 'identify': 'Phát tiếng bíp để tìm', 'set-offset': 'Chỉnh độ trễ', 'set-frequency': 'Tần số FM', 'amplifier': 'Âm ly', 'refresh-bundle': 'Nạp lại nội dung lưu sẵn', 'reboot': 'Khởi động lại thiết bị',
    percent: '{percent} %', setVolume: 'Đặt âm lượng {percent} %', volumeNote: 'Lệnh khẩn cấp luôn phát đủ to, dù âm lượng này là bao nhiêu.', muted: 'Tắt tiếng', unmuted: 'Bật tiếng', muteNote: 'Lệnh khẩn cấp vẫn nghe được khi đang tắt tiếng.',
    on: 'Bật', off: 'Tắt', offsetMs: 'Phát muộn hơn (mili giây)', frequencyKhz: 'Tần số (kHz)', seconds: 'Kêu trong (giây)', identifyNote: 'Loa kêu bíp thật. Nên báo cho người đứng gần.',
    confirmTitle: 'Chắc chắn chứ?', confirmRestart: '{count, plural, other {# cụm loa sẽ ngắt tiếng vài giây.}}', confirmReboot: '{count, plural, other {# cụm loa sẽ im khoảng một phút rồi tự chạy lại.}} Không làm khi đang có lệnh khẩn cấp.', confirmAmplifier: '{count, plural, other {# cụm loa sẽ không còn tiếng cho đến khi bật lại.}}', confirmMany: 'Lệnh gửi cho {count} cụm loa cùng lúc.',
    sent: 'Đã gửi', received: 'Đã nhận', done: 'Đã làm xong', refused: 'Từ chối', failed: 'Không làm được', waiting: 'Chờ kết nối', delivered: 'Đã nhận, đang làm', expired: 'Hết hạn', ofAll: '{count} / {all}',
    waitNote: 'Cụm nào chưa kết nối sẽ nhận khi có mạng lại, trước {time}.', plainNote: 'Loa chỉ nghe qua HTTP không nhận được lệnh.', history: 'Lệnh đã gửi', none: 'Chưa gửi lệnh nào.', problems: 'Cụm chưa làm được', noneShown: 'Tất cả đã trả lời.',
  },
  en: {
    title: 'Control {name}', running: 'Commands on their way:', titleMany: 'Control {count, plural, one {# cluster} other {# clusters}}', choose: 'What to do?', send: 'Send the command', another: 'Another command', close: 'Close',
    'volume': 'Volume', 'mute': 'Mute or unmute', 'restart-stream': 'Connect the stream again', 'identify': 'Beep, to find it', 'set-offset': 'Set the delay', 'set-frequency': 'FM frequency', 'amplifier': 'Amplifier', 'refresh-bundle': 'Fetch what it keeps again', 'reboot': 'Restart the device',
    percent: '{percent} %', setVolume: 'Set the volume to {percent} %', volumeNote: 'Emergencies are always loud enough, whatever this volume is.', muted: 'Mute', unmuted: 'Unmute', muteNote: 'Emergencies are heard all the same.',
    on: 'On', off: 'Off', offsetMs: 'Play later by (ms)', frequencyKhz: 'Frequency (kHz)', seconds: 'Beep for (s)', identifyNote: 'It really beeps. Tell who stands near it.',
    confirmTitle: 'Are you sure?', confirmRestart: '{count, plural, one {# cluster will be silent for some seconds.} other {# clusters will be silent for some seconds.}}', confirmReboot: '{count, plural, one {# cluster will be silent for about a minute.} other {# clusters will be silent for about a minute.}} Do not do so during an emergency.', confirmAmplifier: '{count, plural, one {# cluster will make no sound until it is switched on again.} other {# clusters will make no sound until they are switched on again.}}', confirmMany: 'The command goes to {count} clusters at once.',
    sent: 'Sent', received: 'Received', done: 'Done', refused: 'Refused', failed: 'Failed', waiting: 'Waits for a connection', delivered: 'Received, at work', expired: 'Expired', ofAll: '{count} of {all}',
    waitNote: 'Who is not connected gets it on coming back, before {time}.', plainNote: 'Listeners over plain HTTP take no commands.', history: 'Commands sent', none: 'No command yet.', problems: 'Not done yet at', noneShown: 'All have answered.',
  },
})
