import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import type { Figure, FigureCursor, FigureSpan, Store, UnitRecord } from '../ports.ts'
import { notFound } from '../problem.ts'
import { named, problems } from '../schemas/common.ts'
import { AirLogPage, FigureEntriesQuery, Figures, FiguresExportQuery, FiguresQuery, type FiguresView } from '../schemas/log.ts'
import { sendRows, sheetFile } from '../spreadsheet/sheet-answer.ts'
import { formatTime, readTime } from '../time.ts'
import { figureHeadings, figureKeyName } from '../figure-words.ts'
import { askedLanguage, sendLanguage } from '../language.ts'
import { airView } from '../log-views.ts'

const tags = ['logs']
const DESCRIPTION = 'From the air log alone, so anybody with its export comes to the same; with `map=now` what ended units sent is counted for their only successor. A run counts where it began; one that is on the air counts when it has ended.'

interface FigureQuery {
  readonly from: string
  readonly to: string
  readonly unitId?: string
  readonly by: FiguresView['by']
  readonly map?: FiguresView['map']
}

export function figureRoutes(app: ControlApp, { store }: Context): void {
  app.get('/v1/figures', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'Minutes planned, sent and sounded', description: DESCRIPTION, querystring: FiguresQuery, response: { 200: named(Figures), ...problems(400, 401, 404) } },
  }, async (request) => figuresOf(request, request.query, store))

  app.get('/v1/figures/export', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'The same as a file', description: DESCRIPTION, querystring: FiguresExportQuery, response: { 200: sheetFile('one row a key'), ...problems(400, 401, 404) } },
  }, async (request, reply) => {
    const { format = 'xlsx', lang = askedLanguage(request), ...query } = request.query
    const { by, items } = await figuresOf(request, query, store)
    sendLanguage(reply, lang)
    const rows = [
      figureHeadings(by, lang),
      ...items.map(({ key, name, runs, plannedMinutes, airMinutes, sentMinutes, soundedMinutes }) => [key, name ?? figureKeyName(by, key, lang), runs, plannedMinutes, airMinutes, sentMinutes, soundedMinutes]),
    ]
    return sendRows(reply, format, { name: `figures-${by}`, title: lang === 'vi' ? 'Số liệu' : 'Figures', columns: rows[0]!.length }, Readable.from([rows]))
  })

  app.get('/v1/figures/entries', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'What a figure is made of', description: 'The entries of the air log whose sums are the figure of `key`, by when they began. A page may be short, or empty, and still have a `nextCursor`.', querystring: FigureEntriesQuery, response: { 200: named(AirLogPage), ...problems(400, 401, 404) } },
  }, (request) => {
    const { by, key, map = 'then' } = request.query
    const heirOf = by === 'unit' && map === 'now' ? heirs(store.units.all()) : (id: string) => id
    const keys = [...new Set([key, ...store.units.all().map(({ id }) => id)])].filter((id) => heirOf(id) === key)
    return pageView('figures', store.airLog.entriesOf(readPage('figures', request.query), by, keys, spanOf(request, request.query, store)), airView)
  })
}

/** @throws ApiError when the times cannot be read, or the caller does not see the unit */
function spanOf(request: FastifyRequest, { from, to, unitId }: Pick<FigureQuery, 'from' | 'to' | 'unitId'>, store: Store): FigureSpan {
  const { rights } = identityOf(request)
  if (unitId !== undefined && (store.units.get(unitId) === undefined || !rights.holds('view', unitId))) throw notFound('unit', unitId)
  return { fromMs: readTime('from', from, 'LOA_ERR_BAD_REQUEST'), toMs: readTime('to', to, 'LOA_ERR_BAD_REQUEST'), within: unitId === undefined ? rights.roots('view') : [unitId] }
}

async function figuresOf(request: FastifyRequest, query: FigureQuery, store: Store): Promise<FiguresView> {
  const { by, map = 'then' } = query
  const span = spanOf(request, query, store)
  const keyOf = by === 'unit' && map === 'now' ? heirs(store.units.all()) : (key: string) => key
  const sums = new Map<string, Figure>()
  for (let after: FigureCursor | null = null; ;) {
    const { figures, next } = store.airLog.figures(by, span, after)
    for (const figure of figures) sums.set(keyOf(figure.key), plus(sums.get(keyOf(figure.key)), figure))
    if (next === null) break
    after = next
    await nextTurn()
  }
  const items = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { runs, plannedMs, airMs, sentMs, soundedMs }]) =>
    ({ key, name: nameOf(by, key, store), runs, plannedMinutes: minutes(plannedMs), airMinutes: minutes(airMs), sentMinutes: minutes(sentMs), soundedMinutes: minutes(soundedMs) }))
  return { from: formatTime(span.fromMs), to: formatTime(span.toMs), by, map, items }
}

function nameOf(by: FiguresView['by'], key: string, { units, sources }: Pick<Store, 'units' | 'sources'>): string | null {
  if (by === 'unit') return units.get(key)?.name ?? null
  return by === 'source' ? sources.get(key)?.name ?? null : null
}

const plus = (a: Figure | undefined, b: Figure): Figure =>
  a === undefined ? b : { key: b.key, runs: a.runs + b.runs, plannedMs: a.plannedMs + b.plannedMs, airMs: a.airMs + b.airMs, sentMs: a.sentMs + b.sentMs, soundedMs: a.soundedMs + b.soundedMs }

/** Who has taken over from a unit that ended; one that was handed to several stays itself, for nobody knows whose the minutes would be. */
function heirs(units: readonly UnitRecord[]): (id: string) => string {
  const heir = new Map(units.flatMap(({ id, successorIds }): [string, string][] => (successorIds.length === 1 ? [[id, successorIds[0]!]] : [])))
  return (id) => {
    let now = id
    // A unit is ended once, and by one that stood then, so no chain comes back to where it began.
    for (let next = heir.get(now); next !== undefined; next = heir.get(now)) now = next
    return now
  }
}

/** To the hundredth: sums are made of ms and rounded once. */
const minutes = (ms: number): number => Math.round(ms / 600) / 100
