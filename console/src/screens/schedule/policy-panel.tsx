import { api } from '../../api/client.ts'
import { useUnits } from '../../api/me.ts'
import { Progress, Loaded } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { MINUTE_MS, WEEKDAYS } from './days.ts'
import { type Day } from '../../words/house-day.ts'
import { soundMsByDay } from './entries.ts'
import type { Scheduled } from './item-types.ts'
import { panelWords } from './panel-words.ts'
import { sentenceWords } from './sentence-words.ts'
import { weekdayPhrase } from './sentence.ts'

/** What holds at a unit, and how much of each day is used of it. */
export function PolicyPanel({ unitId, scheduled, from, days, headerOf }: { readonly unitId: string; readonly scheduled: readonly Scheduled[]; readonly from: Day; readonly days: number; readonly headerOf: (day: Day) => string }) {
  const say = useWords(panelWords)
  const sayDays = useWords(sentenceWords)
  const { units } = useUnits()
  const { dayTime } = useFormats()
  const policy = api.useQuery('get', '/v1/units/{id}/policy', { params: { path: { id: unitId } } })
  const breaches = api.useQuery('get', '/v1/policy-breaches', { params: { query: { limit: 100 } } })
  const sums = soundMsByDay(scheduled, from, days)
  const below = units.below(unitId)
  const here = (breaches.data?.items ?? []).filter(({ breaches: broken }) => broken.some((breach) => below.has(breach.unitId))).slice(0, 10)
  const windowText = ({ weekdays, from: start, to }: { readonly weekdays?: readonly (typeof WEEKDAYS)[number][] | null; readonly from: string; readonly to: string }): string =>
    `${start}–${to} ${weekdays === undefined || weekdays === null ? say('everyDay') : weekdayPhrase(WEEKDAYS.flatMap((weekday, index) => (weekdays.includes(weekday) ? [index] : [])), sayDays)}`
  return (
    <section className="card stack tight" aria-label={say('policy')}>
      <h2>{say('policy')}</h2>
      <Loaded query={policy}>
        {({ effective }) => {
          const { windows, quiet, playMs, dayMs, levelFrames } = effective
          const rules = [
            ...(windows === null ? [] : [say('windows', { list: windows.map(windowText).join('; ') })]),
            ...(quiet === null ? [] : [say('quiet', { list: quiet.map(windowText).join('; ') })]),
            ...(playMs === null ? [] : [say('playLimit', { minutes: Math.round(playMs / MINUTE_MS) })]),
            ...(dayMs === null ? [] : [say('dayLimit', { minutes: Math.round(dayMs / MINUTE_MS) })]),
            ...(levelFrames.length === 0 ? [] : [say('frames', { list: levelFrames.map(({ name, level, from: start, to }) => say('frame', { name, level, from: start, to })).join('; ') })]),
          ]
          return (
            <>
              {rules.length === 0 ? <p className="quiet">{say('noPolicy')}</p> : <ul>{rules.map((rule) => <li key={rule}>{rule}</li>)}</ul>}
              <h3 className="small quiet">{say('usedByDay')}</h3>
              <div className="minutes">
                {[...sums].map(([day, ms]) => {
                  const minutes = Math.round(ms / MINUTE_MS)
                  const overMs = dayMs === null ? 0 : ms - dayMs
                  return (
                    <div key={day}>
                      <span className="quiet">{headerOf(day)}</span>
                      <span className="number">{dayMs === null ? say('used', { minutes }) : say('usedOf', { minutes, limit: Math.round(dayMs / MINUTE_MS) })}</span>
                      {dayMs !== null && <div className={overMs > 0 ? 'over' : ''}><Progress label={headerOf(day)} share={ms / dayMs} /></div>}
                      {overMs > 0 && <span className="over">{say('over', { minutes: Math.round(overMs / MINUTE_MS) })}</span>}
                    </div>
                  )
                })}
              </div>
            </>
          )
        }}
      </Loaded>
      <details className="more-options">
        <summary>{say('breaches')} ({here.length})</summary>
        {here.length === 0 ? <p className="quiet">{say('noBreaches')}</p> : <ul>{here.map(({ at, title, reason, subjectId, breaches: broken }) => <li key={`${at} ${subjectId}`}><strong>{title}</strong>, {dayTime(at)}{broken.flatMap(({ length }) => (length === undefined ? [] : [`, ${say('usedOf', { minutes: Math.ceil(length.usedMs / MINUTE_MS), limit: Math.round(length.allowedMs / MINUTE_MS) })}`])).join('')}. {say('breachReason', { reason })}</li>)}</ul>}
      </details>
    </section>
  )
}
