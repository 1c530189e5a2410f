import { currentLanguage, LOCALES, useLanguage, type Language } from './language.ts'

/** The loudspeakers' time, whatever the clock of the reader's computer is set to. */
export const HOUSE_ZONE = 'Asia/Ho_Chi_Minh'

type Moment = string | number | Date

const formatters = new Map<string, Intl.DateTimeFormat>()
function formatter(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = language + JSON.stringify(options)
  let made = formatters.get(id)
  if (made === undefined) formatters.set(id, made = new Intl.DateTimeFormat(LOCALES[language], { timeZone: HOUSE_ZONE, ...options }))
  return made
}

export interface Formats {
  /** `05:30` */
  readonly time: (moment: Moment) => string
  /** `05:30:12` */
  readonly seconds: (moment: Moment) => string
  /** `21/11/2026` */
  readonly day: (moment: Moment) => string
  /** `21/11 05:30` */
  readonly dayTime: (moment: Moment) => string
  /** `1:05:09`, `4:07` */
  readonly duration: (ms: number) => string
  readonly number: (value: number, maximumFractionDigits?: number) => string
  /** @param share 0–1 */
  readonly percent: (share: number, maximumFractionDigits?: number) => string
  readonly bytes: (bytes: number) => string
}

export function formatsOf(language: Language): Formats {
  const by = (options: Intl.DateTimeFormatOptions) => (moment: Moment) => formatter(language, options).format(new Date(moment))
  const number = (value: number, maximumFractionDigits = 0): string => value.toLocaleString(LOCALES[language], { maximumFractionDigits })
  return {
    time: by({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    seconds: by({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
    day: by({ day: '2-digit', month: '2-digit', year: 'numeric' }),
    dayTime: by({ day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    duration(ms) {
      const seconds = Math.max(0, Math.round(ms / 1000))
      const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
      const two = (value: number): string => String(value).padStart(2, '0')
      return hours > 0 ? `${String(hours)}:${two(minutes)}:${two(rest)}` : `${String(minutes)}:${two(rest)}`
    },
    number,
    percent: (share, maximumFractionDigits = 1) => share.toLocaleString(LOCALES[language], { style: 'percent', maximumFractionDigits }),
    bytes: (bytes) => (bytes < 1024 * 1024 ? `${number(bytes / 1024)} KB` : bytes < 1024 ** 3 ? `${number(bytes / 1024 ** 2, 1)} MB` : `${number(bytes / 1024 ** 3, 1)} GB`),
  }
}

export const currentFormats = (): Formats => formatsOf(currentLanguage())
export const useFormats = (): Formats => formatsOf(useLanguage())
