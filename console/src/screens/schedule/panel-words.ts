import { defineWords } from '../../words/define-words.ts'

/** Of the panels beside the calendar: policies, a cluster's day, copying a week, permissions. */
export const panelWords = defineWords({
  vi: {
    policy: 'Quy định và thời lượng', noPolicy: 'Đơn vị này không có quy định riêng.', windows: 'Được phát: {list}', quiet: 'Yên tĩnh: {list}', playLimit: 'Mỗi lượt tối đa {minutes} phút', dayLimit: 'Mỗi ngày tối đa {minutes} phút', frames: 'Khung giờ theo cấp: {list}', frame: '{from}–{to} {name} (cấp {level})', used: '{minutes} phút', usedOf: '{minutes}/{limit} phút', over: 'vượt {minutes} phút', usedByDay: 'Thời lượng đã xếp theo ngày', everyDay: 'hằng ngày',
    breaches: 'Những gì đã xếp trái quy định', breachReason: 'Lý do: {reason}', noBreaches: 'Chưa có gì trái quy định.',
    clusterDayTitle: '«{name}» phát gì ngày {day}', clusterDayHelp: 'Đây là những gì sẽ nghe được thật, sau khi xét mức ưu tiên và trùng giờ.', silent: 'Cả ngày không phát gì.', beneath: 'nhỏ tiếng bên dưới', lessHeard: 'Chỉ nghe được {heard}/{planned} phút',
    copyTitle: 'Chép lịch của tuần', copyFrom: 'Tuần {from}–{until}', copyTo: 'Sang tuần bắt đầu', copyPlan: 'Sẽ thêm {count} mục.', copyRepeated: '{count} lần phát đã tự lặp sang tuần đó, không chép lại.', copyForeign: '{count} mục của đơn vị khác không chép.', copyPast: 'Những ngày đã qua không chép.', copyDo: 'Chép', copyAnyway: 'Vẫn chép, chấp nhận trùng', copying: 'Đang chép {done}/{all}…', copyRefused: '{count} mục chưa chép được:',
    askingTitle: 'Đang xin phép ({count})', allow: 'Cho phép', allowReason: 'Lý do cho phép', refuse: 'Không cho', asks: '{unit} xin: {reason}', allowed: 'Đã cho phép «{title}»',
  },
  en: {
    policy: 'Rules and minutes', noPolicy: 'This unit has no rules.', windows: 'May sound: {list}', quiet: 'Quiet: {list}', playLimit: 'At most {minutes} minutes a play', dayLimit: 'At most {minutes} minutes a day', frames: 'Times of levels: {list}', frame: '{from}–{to} {name} (level {level})', used: '{minutes} min', usedOf: '{minutes}/{limit} min', over: '{minutes} min too much', usedByDay: 'Minutes planned by day', everyDay: 'every day',
    breaches: 'What was planned against the rules', breachReason: 'Reason: {reason}', noBreaches: 'Nothing breaks the rules.',
    clusterDayTitle: 'What “{name}” plays on {day}', clusterDayHelp: 'This is what will really be heard, after classes and collisions.', silent: 'Nothing all day.', beneath: 'quietly beneath', lessHeard: 'Only {heard} of {planned} minutes are heard',
    copyTitle: 'Copy the week', copyFrom: 'Week {from}–{until}', copyTo: 'To the week that begins on', copyPlan: '{count, plural, one {# item is added.} other {# items are added.}}', copyRepeated: '{count, plural, one {# play repeats} other {# plays repeat}} into that week by themselves and are not copied.', copyForeign: '{count, plural, one {# item} other {# items}} of other units are not copied.', copyPast: 'Days that are over are not copied.', copyDo: 'Copy', copyAnyway: 'Copy all the same', copying: 'Copying {done}/{all}…', copyRefused: '{count, plural, one {# item was} other {# items were}} not copied:',
    askingTitle: 'Asking for permission ({count})', allow: 'Allow', allowReason: 'Why it is allowed', refuse: 'Do not allow', asks: '{unit} asks: {reason}', allowed: '“{title}” allowed',
  },
})
