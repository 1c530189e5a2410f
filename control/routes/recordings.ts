import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { both, may, maySee, somewhere } from '../access.ts'
import { auditReading } from '../audit.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag, tagOf } from '../etag.ts'
import { at } from '../finders.ts'
import type { HouseSpan, KeptRecording, RecordingPiece } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { audible, endedUnitsHeard, heardParts, mayHear, missingIn, orderPieces, overlap, samplesToMs, type OrderPieces } from '../recordings/heard.ts'
import { keepDaysOf } from '../recordings/recording-keeper.ts'
import { sendSound } from '../recordings/send-sound.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { DEFAULT_ZONE } from '../schedule/item-rules.ts'
import { ChangeRecordingRules, HoldRecording, OrderRecording, OrderRecordingQuery, OrderSoundQuery, RangeHeaders, Recording, RecordingPage, RecordingQuery, RecordingRules, RecordingSoundQuery, RecordingUsage, type ListedRecordingView, type OrderRecordingView, type RecordingRulesView, type RecordingUsageView, type RecordingView } from '../schemas/recording.ts'
import { cleanText } from '../text.ts'
import { formatTime, readTime } from '../time.ts'

const tags = ['recordings']
const SOUND = Type.Unsafe<unknown>({ description: 'Ogg Opus; granule positions are places on the house clock', content: { 'audio/ogg': { schema: Type.String({ format: 'binary' }) } } })
/** A player asks for one range after another: that is one listening. */
const ONE_LISTENING_MS = 10 * 60_000
const MOST_LISTENINGS = 1000

/** What went out, to be heard again. */
export function recordingRoutes(app: ControlApp, { store, clock, config, recordings }: Context): void {
  const listenings = new Map<string, number>()

  /** Every listening stands in the audit log, before its first byte goes out. */
  const noteListening = (request: FastifyRequest, ids: readonly string[]): void => {
    const nowMs = clock.wallMs()
    const key = `${identityOf(request).actorId} ${request.url}`
    const isGoingOn = /^bytes=[1-9-]/.test(request.headers.range ?? '') && nowMs - (listenings.get(key) ?? -Infinity) < ONE_LISTENING_MS
    listenings.delete(key)
    listenings.set(key, nowMs)
    if (listenings.size > MOST_LISTENINGS) listenings.delete(listenings.keys().next().value!)
    if (!isGoingOn) auditReading(request, store, nowMs, ids)
  }

  const find = (id: string): KeptRecording => {
    const recording = store.recordings.get(id)
    if (recording === undefined) throw notFound('recording', id)
    return recording
  }

  const show = (request: FastifyRequest, reply: FastifyReply, id: string): RecordingView => {
    const recording = find(id)
    sendEtag(reply, recording)
    return {
      ...listedView(recording),
      gaps: recording.gaps.map((gap) => placeView(recording, gap)),
      heard: heardParts(recording, identityOf(request).rights, store).map((part) => ({ orderId: part.orderId, unitId: part.unitId, class: part.class, title: part.title, ...momentsView(recording, part), ...placeView(recording, part) })),
    }
  }

  app.get('/v1/recordings', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'What was recorded, newest first', description: 'That which clusters in the caller\'s units heard. With an order or a unit: the recordings in which it was heard.', querystring: RecordingQuery, response: { 200: named(RecordingPage), ...problems(400, 401) } },
  }, (request) => {
    const { query: { from, to, unitId, orderId, sourceId, class: itsClass } } = request
    const { rights } = identityOf(request)
    const roots = rights.roots('view')
    const filter = {
      within: roots === null ? null : [...roots, ...endedUnitsHeard(rights, store)],
      ...(unitId === undefined ? {} : { unitId }), ...(orderId === undefined ? {} : { orderId }), ...(sourceId === undefined ? {} : { sourceId }), ...(itsClass === undefined ? {} : { class: itsClass }),
      ...(from === undefined ? {} : { fromMs: readTime('from', from, 'LOA_ERR_BAD_REQUEST') }), ...(to === undefined ? {} : { toMs: readTime('to', to, 'LOA_ERR_BAD_REQUEST') }),
    }
    return pageView('recordings', store.recordings.list(readPage('recordings', request.query), filter), listedView)
  })

  app.get('/v1/recordings/usage', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'How much the recordings take, by unit', response: { 200: named(RecordingUsage), ...problems(401) } },
  }, (request): RecordingUsageView => {
    const { rights } = identityOf(request)
    return { ...store.recordings.usage(), quotaBytes: config.recordingQuotaBytes === 0 ? null : config.recordingQuotaBytes, units: store.recordings.usageByUnit().filter(({ unitId }) => mayHear(unitId, rights, store)).map((unit) => ({ ...unit })) }
  })

  app.get('/v1/recordings/:id', {
    config: { access: maySee('recording') },
    schema: { tags, summary: 'Show a recording', params: IdParams, response: { 200: named(Recording), ...problems(401, 404) } },
  }, (request, reply) => show(request, reply, request.params.id))

  app.get('/v1/recordings/:id/audio', {
    config: { access: maySee('recording') },
    schema: { tags, summary: 'Hear a recording, or a part of it', description: 'Who sees some units only hears what they heard. Every listening stands in the audit log.', params: IdParams, querystring: RecordingSoundQuery, headers: RangeHeaders, response: { 200: SOUND, 206: SOUND, ...problems(400, 401, 404, 416) } },
  }, async (request, reply) => {
    const recording = find(request.params.id)
    const { fromMs = 0, toMs, download = false } = request.query
    const asked: HouseSpan = { fromSamples: recording.fromSamples + fromMs * 48, untilSamples: toMs === undefined ? recording.untilSamples : recording.fromSamples + toMs * 48 }
    const pieces = audible(recording, identityOf(request).rights, store).flatMap((piece) => overlap(piece, asked) ?? [])
    const isWhole = !recording.isOpen && pieces.length === 1 && pieces[0]!.fromSamples === recording.fromSamples && pieces[0]!.untilSamples === recording.untilSamples
    const sound = isWhole ? await recordings.whole(recording.file) : pieces.length === 0 ? undefined : await recordings.cut(pieces, recording.title)
    if (sound === undefined || sound.bytes === 0) throw notFound('recording', recording.id)
    noteListening(request, [recording.id])
    const etag = recording.sha256 === null ? null : isWhole ? `"${recording.sha256}"` : tagOf(JSON.stringify([recording.sha256, pieces]))
    return sendSound(request, reply, { sound, etag, name: nameOf(recording.title, recording.fromMs + samplesToMs((pieces[0]?.fromSamples ?? 0) - recording.fromSamples)), isDownload: download })
  })

  app.put('/v1/recordings/:id/hold', {
    config: { access: both(maySee('recording'), may('audit', at.recording)) },
    schema: { tags, summary: 'Keep a recording whatever the rules say', description: 'It is removed neither by age nor by the quota nor by a person until the hold is taken away.', headers: ChangeHeaders, params: IdParams, body: HoldRecording, response: { 200: named(Recording), ...problems(400, 401, 403, 404, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    const { actorId, name } = identityOf(request)
    store.transaction(() => {
      checkMatch(request, find(id))
      store.recordings.hold(id, { atMs: clock.wallMs(), by: actorId, name, reason: cleanText('reason', request.body.reason) })
    })
    return show(request, reply, id)
  })

  app.delete('/v1/recordings/:id/hold', {
    config: { access: both(maySee('recording'), may('audit', at.recording)) },
    schema: { tags, summary: 'Let a recording go again', headers: ChangeHeaders, params: IdParams, response: { 200: named(Recording), ...problems(401, 403, 404, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      checkMatch(request, find(id))
      store.recordings.hold(id, null)
    })
    return show(request, reply, id)
  })

  app.delete('/v1/recordings/:id', {
    config: { access: both(maySee('recording'), may('manage', at.recording)) },
    schema: { tags, summary: 'Remove a recording', description: 'The right is needed at every unit that heard it. One that is being written or on hold stays.', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 412, 507) } },
  }, async (request, reply) => {
    const { id } = request.params
    const { file } = store.transaction(() => {
      const recording = find(id)
      checkMatch(request, recording)
      if (recording.isOpen) throw new ApiError('LOA_ERR_IN_USE', 'it is being written', 'bản ghi đang được ghi')
      if (recording.hold !== null) throw new ApiError('LOA_ERR_IN_USE', `it is on hold: ${recording.hold.reason}`, `bản ghi đang được giữ lại: ${recording.hold.reason}`)
      store.recordings.remove(id)
      return recording
    })
    await recordings.remove(file)
    return reply.status(204).send(null)
  })

  /** @throws ApiError LOA_ERR_NOT_FOUND when no unit of the caller has heard the order */
  const ofOrder = (request: FastifyRequest<{ Params: { id: string } }>, { unitId, from, to }: { readonly unitId?: string; readonly from?: string; readonly to?: string }): OrderPieces => {
    const { id } = request.params
    const fromMs = from === undefined ? -Infinity : readTime('from', from, 'LOA_ERR_BAD_REQUEST')
    const toMs = to === undefined ? Infinity : readTime('to', to, 'LOA_ERR_BAD_REQUEST')
    const found = orderPieces(id, unitId, identityOf(request).rights, store)
    if (found === undefined) throw notFound('recording', id)
    const pieces = found.pieces.flatMap((piece) => {
      const { recording } = piece
      const samplesAt = (ms: number): number => recording.fromSamples + (ms - recording.fromMs) * 48
      return overlap(piece, { fromSamples: samplesAt(fromMs), untilSamples: samplesAt(toMs) }) ?? []
    })
    return { ...found, pieces }
  }

  app.get('/v1/orders/:id/recording', {
    config: { access: maySee('order') },
    schema: { tags, summary: 'Where what an order put on the air is found', description: 'With unit and times of an entry of the air log or of a device\'s log: the recording and the place in it, exact to the frame.', params: IdParams, querystring: OrderRecordingQuery, response: { 200: named(OrderRecording), ...problems(400, 401, 404) } },
  }, (request): OrderRecordingView => {
    const { unitId, pieces, heardSamples } = ofOrder(request, request.query)
    if (pieces.length === 0) throw notFound('recording', request.params.id)
    const isAll = request.query.from === undefined && request.query.to === undefined
    const recordedSamples = pieces.reduce((sum, piece) => sum + piece.untilSamples - piece.fromSamples, 0)
    const missingSamples = pieces.reduce((sum, piece) => sum + missingIn(piece.recording, piece), isAll ? heardSamples - recordedSamples : 0)
    const views = pieces.map((piece) => ({ recordingId: piece.recording.id, ...momentsView(piece.recording, piece), fromSamples: piece.fromSamples, untilSamples: piece.untilSamples, ...placeView(piece.recording, piece) }))
    return { orderId: request.params.id, unitId, from: views[0]!.from, until: views.at(-1)!.until, missingMs: Math.round(samplesToMs(missingSamples)), pieces: views }
  })

  app.get('/v1/orders/:id/recording/audio', {
    config: { access: maySee('order') },
    schema: { tags, summary: 'Hear what an order put on the air', description: 'Its tone and its programme one after another, as one unit heard them. Every listening stands in the audit log.', params: IdParams, querystring: OrderSoundQuery, headers: RangeHeaders, response: { 200: SOUND, 206: SOUND, ...problems(400, 401, 404, 416) } },
  }, async (request, reply) => {
    const { pieces } = ofOrder(request, request.query)
    const [first] = pieces
    if (first === undefined) throw notFound('recording', request.params.id)
    const title = store.orders.get(request.params.id)?.title ?? first.recording.title
    const parts: RecordingPiece[] = pieces.map(({ recording: { file }, fromSamples, untilSamples }) => ({ file, fromSamples, untilSamples }))
    const sound = await recordings.cut(parts, title)
    if (sound.bytes === 0) throw notFound('recording', request.params.id)
    noteListening(request, [...new Set(pieces.map(({ recording }) => recording.id))])
    const isOpen = pieces.some(({ recording }) => recording.isOpen)
    return sendSound(request, reply, { sound, etag: isOpen ? null : tagOf(JSON.stringify(parts)), name: nameOf(title, first.recording.fromMs + samplesToMs(first.fromSamples - first.recording.fromSamples)), isDownload: request.query.download ?? false })
  })

  const rulesView = (unitId: string): RecordingRulesView => {
    const days = store.recordings.keepDays()
    return { unitId, own: { keepDays: days.get(unitId) ?? null }, effective: { keepDays: keepDaysOf(store.units.ancestors(unitId), days, config.recordingKeepDays) } }
  }

  app.get('/v1/units/:id/recording-rules', {
    config: { access: may('view', at.unit) },
    schema: { tags, summary: 'How long recordings of a unit are kept', params: IdParams, response: { 200: named(RecordingRules), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    if (store.units.get(id) === undefined) throw notFound('unit', id)
    const view = rulesView(id)
    sendEtag(reply, view.own)
    return view
  })

  app.put('/v1/units/:id/recording-rules', {
    config: { access: may('manage', at.unit) },
    schema: { tags, summary: 'Set how long recordings of a unit are kept', description: 'Counts for those that are there already, too.', headers: ChangeHeaders, params: IdParams, body: ChangeRecordingRules, response: { 200: named(RecordingRules), ...problems(400, 401, 403, 404, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body: { keepDays } } = request
    store.transaction(() => {
      if (store.units.get(id) === undefined) throw notFound('unit', id)
      checkMatch(request, rulesView(id).own)
      store.recordings.putKeepDays(id, keepDays)
    })
    const view = rulesView(id)
    sendEtag(reply, view.own)
    return view
  })
}

const listedView = (recording: KeptRecording): ListedRecordingView => ({
  id: recording.id,
  kind: recording.kind,
  mode: recording.mode,
  format: recording.format,
  sourceId: recording.sourceId,
  orderId: recording.orderId,
  class: recording.class,
  title: recording.title,
  ...momentsView(recording, recording),
  fromSamples: recording.fromSamples,
  untilSamples: recording.untilSamples,
  bytes: recording.bytes,
  missingMs: Math.round(samplesToMs(missingIn(recording, recording))),
  open: recording.isOpen,
  sha256: recording.sha256,
  hold: recording.hold === null ? null : { at: formatTime(recording.hold.atMs), by: recording.hold.by, name: recording.hold.name, reason: recording.hold.reason },
})

/** Wall times of a part, as far from that of the recording's beginning as its samples are. */
function momentsView(recording: KeptRecording, part: HouseSpan): { from: string; until: string } {
  const momentOf = (samples: number): string => formatTime(Math.round(recording.fromMs + samplesToMs(samples - recording.fromSamples)))
  return { from: momentOf(part.fromSamples), until: momentOf(part.untilSamples) }
}

const placeView = (recording: KeptRecording, { fromSamples, untilSamples }: HouseSpan) => ({
  offsetSamples: fromSamples - recording.fromSamples,
  offsetMs: samplesToMs(fromSamples - recording.fromSamples),
  lengthMs: samplesToMs(untilSamples - fromSamples),
})

/** `Bản tin sáng 2026-06-18 05.00`, by the clocks of people. */
function nameOf(title: string, ms: number): string {
  const parts = new Map(new Intl.DateTimeFormat('en-CA', { timeZone: DEFAULT_ZONE, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(ms).map(({ type, value }) => [type, value]))
  return `${title} ${parts.get('year')!}-${parts.get('month')!}-${parts.get('day')!} ${parts.get('hour')!}.${parts.get('minute')!}`
}
