import { defineWords } from './define-words.ts'

/** Hazards of alerts, by their names in the API. */
export const hazardWords = defineWords({
  vi: { flood: 'Lũ', storm: 'Bão', 'dam-release': 'Xả lũ', fire: 'Cháy', epidemic: 'Dịch bệnh', 'missing-person': 'Tìm người mất tích', 'all-clear': 'Hết nguy hiểm', other: 'Việc khác' },
  en: { flood: 'Flood', storm: 'Storm', 'dam-release': 'Dam release', fire: 'Fire', epidemic: 'Epidemic', 'missing-person': 'Missing person', 'all-clear': 'All clear', other: 'Other' },
})
