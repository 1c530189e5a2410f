import type { SheetRow } from '../spreadsheet/sheet-answer.ts'
import { formatTime } from '../time.ts'
import { figuresOf, MEASURES, type Measure } from './measurement-cells.ts'
import type { Point } from './measurement-desk.ts'

const NAMES: Readonly<Record<Measure, { readonly vi: string; readonly en: string }>> = {
  syncErrorMs: { vi: 'Phát lệch, ms', en: 'Out of step, ms' },
  signalDbm: { vi: 'Sóng, dBm', en: 'Signal, dBm' },
  volumePercent: { vi: 'Âm lượng đặt, %', en: 'Volume as set, %' },
  playedPercent: { vi: 'Âm lượng phát, %', en: 'Volume as played, %' },
  temperatureC: { vi: 'Nhiệt độ, °C', en: 'Temperature, °C' },
}
const SPREAD = { vi: ['thấp nhất', 'trung bình', 'cao nhất'], en: ['lowest', 'mean', 'highest'] } as const

export const measurementHeadings = (language: 'vi' | 'en'): readonly string[] => [
  ...(language === 'vi' ? ['Từ lúc', 'Số lần báo'] : ['From', 'Reports']),
  ...MEASURES.flatMap(({ name }) => SPREAD[language].map((part) => `${NAMES[name][language]}, ${part}`)),
]

/** A step as a row; what no report said is empty. */
export function measurementRow({ fromMs, cell }: Point): SheetRow {
  const figures = figuresOf(cell)
  return [formatTime(fromMs), cell.reports, ...MEASURES.flatMap(({ name }) => {
    const { min, mean, max } = figures[name] ?? { min: '', mean: '', max: '' }
    return [min, mean, max]
  })]
}
