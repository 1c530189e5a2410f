import { defineWords } from '../../words/define-words.ts'

/** Parts of the sentence that tells when an item plays. */
export const sentenceWords = defineWords({
  vi: {
    once: 'Một lần, {weekday} {day}', daily: '{every, plural, =1 {Hằng ngày} other {# ngày một lần}}', weekly: '{weekdays}{every, plural, =1 {} other {, # tuần một lần}}', monthly: 'Ngày {days} hằng tháng', lunar: 'Ngày {days} âm lịch hằng tháng', lunarMonths: 'Ngày {days} tháng {months} âm lịch',
    dates: 'Các ngày {days}{more, plural, =0 {} other { và # ngày khác}}', rule: 'Theo quy tắc {rule}', lastDay: 'cuối tháng', dayFromEnd: 'thứ {day} từ cuối tháng', from: 'từ {day}', until: 'đến hết {day}', plays: '{plays} lượt, cách nhau {minutes} phút', noHolidays: 'trừ ngày lễ', onlyHolidays: 'chỉ ngày lễ', except: 'trừ {days}{more, plural, =0 {} other { và # ngày khác}}',
    and: '{first} và {last}', weekdayList: 'Thứ {list}', sunday: 'Chủ nhật', mo: '2', tu: '3', we: '4', th: '5', fr: '6', sa: '7', su: 'Chủ nhật',
  },
  en: {
    once: 'Once, {weekday} {day}', daily: '{every, plural, =1 {Every day} other {Every # days}}', weekly: '{weekdays}{every, plural, =1 {} other {, every # weeks}}', monthly: 'Day {days} of every month', lunar: 'Lunar day {days} of every month', lunarMonths: 'Day {days} of lunar month {months}',
    dates: 'On {days}{more, plural, =0 {} other { and # more days}}', rule: 'By the rule {rule}', lastDay: 'last', dayFromEnd: '{day} from the end', from: 'from {day}', until: 'until {day}', plays: '{plays} times, {minutes} minutes apart', noHolidays: 'not on public holidays', onlyHolidays: 'on public holidays only', except: 'except {days}{more, plural, =0 {} other { and # more days}}',
    and: '{first} and {last}', weekdayList: '{list}', sunday: 'Sun', mo: 'Mon', tu: 'Tue', we: 'Wed', th: 'Thu', fr: 'Fri', sa: 'Sat', su: 'Sun',
  },
})
export type SentenceWord = keyof (typeof sentenceWords)['vi']
