import { defineWords } from '../../words/define-words.ts'

/** The past of what a device measures. */
export const measuredWords = defineWords({
  vi: {
    signal: 'Sóng 4G', signalHint: 'càng gần 0 càng mạnh', syncError: 'Lệch tiếng', syncErrorHint: 'trên 0 là phát chậm, dưới 0 là phát sớm', volume: 'Âm lượng', volumeHint: 'thực phát thấp hơn khi giảm theo giờ hoặc tắt tiếng', temperature: 'Nhiệt độ', temperatureHint: 'đo bên trong thiết bị',
    lowest: 'Thấp nhất', highest: 'Cao nhất', mean: 'Trung bình', set: 'Đã đặt', played: 'Thực phát',
    none: 'Không có số đo nào trong khoảng này. Loa nghe qua HTTP hoặc RTP không tự báo số đo; thiết bị mất kết nối cũng không báo.', notSaid: 'Thiết bị không báo trong khoảng này: {names}.',
  },
  en: {
    signal: 'Mobile signal', signalHint: 'the nearer to 0 the stronger', syncError: 'Out of step by', syncErrorHint: 'above 0 it plays late, below 0 early', volume: 'Volume', volumeHint: 'played is lower where hours lower it or it is muted', temperature: 'Temperature', temperatureHint: 'measured inside it',
    lowest: 'Lowest', highest: 'Highest', mean: 'Mean', set: 'As set', played: 'As played',
    none: 'Nothing was measured in this time. Loudspeakers that listen over HTTP or RTP tell no measurements; nor does a device that is not connected.', notSaid: 'The device did not say in this time: {names}.',
  },
})
