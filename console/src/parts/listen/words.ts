import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: {
    listen: 'Nghe', stop: 'Thôi nghe', listenTo: 'Nghe {what}', stopListening: 'Thôi nghe {what}', connecting: 'Đang nối…', late: 'Chậm vài giây', reconnecting: 'Đang nối lại…',
    level: 'Mức âm thanh', levelText: '{dbfs} dB', silent: 'im lặng', unknown: 'chưa biết', blocked: 'Không nghe được. Kiểm tra mạng tới máy chủ rồi bấm Nghe lần nữa.',
  },
  en: {
    listen: 'Listen', stop: 'Stop', listenTo: 'Listen to {what}', stopListening: 'Stop listening to {what}', connecting: 'Connecting…', late: 'Some seconds late', reconnecting: 'Reconnecting…',
    level: 'Sound level', levelText: '{dbfs} dB', silent: 'silent', unknown: 'not known', blocked: 'Cannot be heard. Check the network to the server, then press Listen again.',
  },
})
