import FullCalendar, { type EventChangeInfo, type EventInput } from '@fullcalendar/react'
import interactionPlugin from '@fullcalendar/react/interaction'
import viLocale from '@fullcalendar/react/locales/vi'
import '@fullcalendar/react/skeleton.css'
import classicTheme from '@fullcalendar/react/themes/classic'
import '@fullcalendar/react/themes/classic/palette.css'
import '@fullcalendar/react/themes/classic/theme.css'
import timeGridPlugin from '@fullcalendar/react/timegrid'
import { memo, useMemo } from 'react'
import { useUnits } from '../../api/me.ts'
import { useLanguage } from '../../words/language.ts'
import { useWords, type Say } from '../../words/use-words.ts'
import { wallOf, type Day } from '../../words/house-day.ts'
import type { Entry } from './entries.ts'
import type { Shift } from './move.ts'
import { ownerOf, useStateText } from './play-text.ts'
import { words } from './words.ts'

export interface WeekGridProps {
  readonly from: Day
  readonly days: 1 | 7
  readonly entries: readonly Entry[]
  readonly mayPlan: boolean
  readonly onOpen: (entry: Entry) => void
  /** A hand has moved or stretched it; `revert` puts it back where it was. */
  readonly onShift: (entry: Entry, shift: Shift, revert: () => void) => void
  /** An empty space was chosen. */
  readonly onEmpty: (day: Day, time: string, lengthMs: number) => void
  readonly headerOf: (day: Day) => string
}

/** Says of an item where it was taken hold of by the hand alone. By itself the calendar asks of the middle of its slot where it goes, which is minutes off when it snaps to less than a slot. */
const handPlugin: typeof interactionPlugin = {
  ...interactionPlugin,
  componentInteractions: (interactionPlugin.componentInteractions ?? []).map((Kind) => class extends Kind {
    constructor(settings: ConstructorParameters<typeof Kind>[0]) {
      super({ ...settings, useEventCenter: false })
    }
  }),
}
const PLUGINS = [timeGridPlugin, handPlugin, classicTheme]
/** The calendar reckons in UTC and is given what clocks in Viet Nam show, so the zone of the reader's computer never matters. */
const asUtc = (wall: string): string => `${wall}Z`
const dayOf = (date: Date): Day => date.toISOString().slice(0, 10)
const entryOf = (props: Readonly<Record<string, unknown>>): Entry => props['entry'] as Entry

/** A week or a day as a grid of time, to look at and to move things in. */
export default function WeekGrid({ from, days, entries, mayPlan, onOpen, onShift, onEmpty, headerOf }: WeekGridProps) {
  const say = useWords(words)
  const language = useLanguage()
  const { units } = useUnits()
  const stateText = useStateText()
  const events = useMemo((): EventInput[] => entries.map((entry) => ({
    id: entry.key, title: entry.shown.item.title, start: asUtc(entry.startWall), end: asUtc(entry.endWall), editable: entry.isMovable, extendedProps: { entry },
    className: ['play', entry.shown.item.class, entry.play.state, ...(entry.shown.mayPlan ? [] : ['foreign'])].join(' '),
  })), [entries])
  const shift = ({ event, oldEvent, revert }: EventChangeInfo): void => {
    if (event.start === null || oldEvent.start === null) return
    const lengthMs = (one: typeof event): number | null => (one.start === null || one.end === null ? null : one.end.getTime() - one.start.getTime())
    onShift(entryOf(event.extendedProps), { startMs: event.start.getTime() - oldEvent.start.getTime(), lengthMs: lengthMs(event) === lengthMs(oldEvent) ? null : lengthMs(event) }, revert)
  }
  return (
    <div className="week-grid">
      <FullCalendar
        key={`${String(days)} ${from} ${language}`} plugins={PLUGINS} initialView={days === 7 ? 'timeGridWeek' : 'timeGridDay'} initialDate={from} timeZone="UTC" now={() => asUtc(wallOf(Date.now()))} nowIndicator firstDay={1}
        locale={language === 'vi' ? viLocale : 'en-gb'} headerToolbar={false} allDaySlot={false} height="100%" slotDuration="00:30:00" snapDuration="00:05:00" slotHeaderInterval="01:00:00" scrollTime="04:30:00" slotHeaderFormat={{ hour: '2-digit', minute: '2-digit', hour12: false }}
        eventTimeFormat={{ hour: '2-digit', minute: '2-digit', hour12: false }} events={events} eventInteractive eventOverlap slotEventOverlap={false} slotMinHeight={32} eventMinHeight={18} eventShortHeight={34} editable={false} eventDurationEditable eventLongPressDelay={400} selectLongPressDelay={600} dragRevertDuration={0}
        selectable={mayPlan} selectMirror select={({ start, end }) => { onEmpty(dayOf(start), start.toISOString().slice(11, 16), end.getTime() - start.getTime()) }}
        eventClick={({ event, jsEvent }) => { jsEvent.preventDefault(); onOpen(entryOf(event.extendedProps)) }} eventDrop={shift} eventResize={shift}
        dayHeaderContent={({ date }) => headerOf(dayOf(date))}
        eventContent={({ event, timeText }) => {
          const entry = event.extendedProps['entry'] as Entry | undefined
          return entry === undefined ? timeText : <PlayBox entry={entry} timeText={timeText} owner={entry.shown.mayPlan ? '' : ownerOf(entry, units)} say={say} stateText={stateText} />
        }}
      />
    </div>
  )
}

interface PlayBoxProps {
  readonly entry: Entry
  readonly timeText: string
  /** Empty: it may be planned by whoever looks. */
  readonly owner: string
  readonly say: Say<keyof (typeof words)['vi']>
  readonly stateText: (entry: Entry) => string
}

/** While a hand drags one, the calendar asks for all of them at every step: only what has changed is worked out again. */
const PlayBox = memo(function PlayBox({ entry, timeText, owner, say, stateText }: PlayBoxProps) {
  const { play: { state }, shown: { item: { title } }, startWall, endWall } = entry
  return (
    <div className="play-box" title={title}>
      <span className="visually-hidden">{say('entry', { title, from: startWall.slice(11, 16), until: endWall.slice(11, 16), state: stateText(entry) })} </span>
      <strong aria-hidden>{title}</strong>
      <span aria-hidden className="play-time">{timeText}{owner === '' ? '' : ` · ${owner}`}{state === 'planned' || state === 'scheduled' ? '' : ` · ${stateText(entry)}`}</span>
    </div>
  )
})
