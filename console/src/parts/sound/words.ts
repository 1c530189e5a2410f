import { defineWords } from '../../words/define-words.ts'

export const words = defineWords({
  vi: { from: 'Điểm đầu', to: 'Điểm cuối', seek: 'Vị trí nghe', play: 'Nghe {name}', pause: 'Dừng nghe {name}' },
  en: { from: 'Start', to: 'End', seek: 'Position', play: 'Listen to {name}', pause: 'Pause {name}' },
})
