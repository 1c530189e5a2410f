import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { Type } from 'typebox'
import { maySeeOwned, both, may } from '../access.ts'
import { identityOf } from '../auth.ts'
import { keepClip } from '../clip-rules.ts'
import { clipUsage } from '../clip-usage.ts'
import type { Context, ControlApp } from '../context.ts'
import { tagOf } from '../etag.ts'
import { at } from '../finders.ts'
import type { ClipRecord, ControlClock } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { sendSound } from '../recordings/send-sound.ts'
import { Clip, ClipAudioQuery, ClipPeaks, ClipUsage, TrimClip, type ClipPeaksView } from '../schemas/clip.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { RangeHeaders } from '../schemas/recording.ts'
import { cleanText } from '../text.ts'
import { invalid } from '../validation.ts'
import { clipView } from '../views.ts'

const tags = ['clips']
const WAV = { type: 'audio/wav', ending: 'wav' }
const BINARY = { schema: Type.String({ format: 'binary' }) }
const SOUND = Type.Unsafe<unknown>({ description: 'mono at 48 kHz', content: { 'audio/wav': BINARY, 'audio/ogg': BINARY } })
const MOST_NAME_CHARACTERS = 200

/** What `Accept` gives a media type by its name; 0: it is not named. */
const weightOf = (accept: string, type: string): number => Math.max(0, ...accept.split(',').map((range) => {
  const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
  if (name !== type) return 0
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  return weight === undefined ? 1 : Number(weight.slice(2)) || 0
}))

/** Opus only for who names it: many a player says that it takes everything. */
function acceptedFormat(accept: string): 'wav' | 'opus' {
  const opus = weightOf(accept, 'audio/ogg')
  return opus > 0 && opus >= weightOf(accept, 'audio/wav') ? 'opus' : 'wav'
}

/** Who wants to listen is rather given the clip itself than let wait longer. */
const MOST_WAIT_MS = 1500

/** @throws ApiError LOA_ERR_BUSY when it takes longer; it goes on being made */
async function soonEnough(copy: Promise<string>, clock: ControlClock): Promise<string> {
  const late = Promise.withResolvers<never>()
  const timer = clock.setTimer(MOST_WAIT_MS, () => { late.reject(new ApiError('LOA_ERR_BUSY', 'the copy is still being made: listen to format=wav meanwhile', 'bản nghe nhanh đang được tạo: hãy nghe format=wav trong lúc chờ', { headers: { 'Retry-After': '10' } })) })
  try {
    return await Promise.race([copy, late.promise])
  } finally {
    timer.cancel()
  }
}

/** What a clip sounds like, looks like, and where it is played; and parts of it as clips of their own. */
export function clipSoundRoutes(app: ControlApp, context: Context): void {
  const { store, clips, clock, creations, uploads, clipWork } = context
  const find = (id: string): ClipRecord => {
    const clip = store.clips.get(id)
    if (clip === undefined) throw notFound('clip', id)
    return clip
  }

  app.get('/v1/clips/:id/audio', {
    config: { access: maySeeOwned('clip') },
    schema: { tags, summary: 'Hear a clip as it goes out', description: 'WAV: exactly what goes out, 768 kbit/s. Ogg Opus: a copy at about 48 kbit/s for listening over a telephone network, made once, after the upload or when it is first asked for; 503 where that takes longer than 1.5 s.', params: IdParams, querystring: ClipAudioQuery, headers: RangeHeaders, response: { 200: SOUND, 206: SOUND, ...problems(400, 401, 404, 416, 422, 503, 507) } },
  }, async (request, reply) => {
    const { path: mezzanine, name } = find(request.params.id)
    const gone = (): never => { throw notFound('clip', request.params.id) }
    await stat(mezzanine).catch(gone)
    const { format = acceptedFormat(request.headers.accept ?? '') } = request.query
    const path = format === 'opus' ? await soonEnough(clips.listeningCopy(mezzanine), clock) : mezzanine
    const { size: bytes, mtimeMs } = await stat(path).catch(gone)
    void reply.header('Vary', [reply.getHeader('Vary') ?? [], 'Accept'].flat().join(', '))
    // A copy that was lost and is made again need not have the same bytes.
    const etag = tagOf(format === 'opus' ? `${path} ${String(bytes)} ${String(mtimeMs)}` : path)
    return sendSound(request, reply, { sound: { bytes, read: (from, until) => createReadStream(path, { start: from, end: until - 1 }) }, etag, name: name.replace(/\.[a-z0-9]{2,4}$/i, ''), isDownload: false, ...(format === 'wav' ? { format: WAV } : {}) })
  })

  app.get('/v1/clips/:id/peaks', {
    config: { access: maySeeOwned('clip') },
    schema: { tags, summary: 'How a clip looks, and how loud it is', description: 'Worked out once.', params: IdParams, response: { 200: named(ClipPeaks), ...problems(401, 404, 503) } },
  }, async (request): Promise<ClipPeaksView> => {
    const { path, durationMs } = find(request.params.id)
    const { peaks, integratedLufs, truePeakDbtp } = await clips.shape(path)
    return { durationMs, peaks: [...peaks], integratedLufs, truePeakDbtp }
  })

  app.get('/v1/clips/:id/usage', {
    config: { access: maySeeOwned('clip') },
    schema: { tags, summary: 'What plays a clip, or will', description: 'Orders and alerts that are not over, schedule items and templates: it cannot be removed before they are.', params: IdParams, response: { 200: named(ClipUsage), ...problems(401, 404) } },
  }, (request) => clipUsage(find(request.params.id).id, identityOf(request).rights, context))

  app.post('/v1/clips/:id/trim', {
    config: { access: both(maySeeOwned('clip'), may('write', at.clip)) },
    schema: { tags, summary: 'Make a clip of a part of another', description: 'It belongs to the same unit and is brought to the loudness of the house by itself. The original stays as it is.', headers: CreateHeaders, params: IdParams, body: TrimClip, response: { 201: named(Clip), 200: named(Clip), ...problems(400, 401, 403, 404, 409, 413, 415, 422, 503, 507) } },
  }, async (request, reply) => {
    const { params: { id }, body: { fromMs, toMs, name } } = request
    const original = find(id)
    if (fromMs >= toMs) throw invalid([{ path: 'toMs', message: 'must be after fromMs', messageVi: 'phải sau điểm đầu' }])
    if (toMs > original.durationMs) throw invalid([{ path: 'toMs', message: `is beyond the end, ${String(original.durationMs)} ms`, messageVi: `vượt quá điểm cuối, ${String(original.durationMs)} ms` }])
    const release = clipWork.begin()
    try {
      return await creations.runSlow(request, reply, JSON.stringify(request.body), async () => {
        const part = await uploads.newPath()
        try {
          await clips.cut(original.path, fromMs * 48, Math.min(original.durationSamples, toMs * 48), part)
          return await clips.prepare(part)
        } finally {
          await rm(part, { force: true })
        }
      }, (prepared) => {
        release()
        const { clip, created } = keepClip({ store, clock }, prepared, name === undefined ? `${original.name.slice(0, MOST_NAME_CHARACTERS - 4)} (2)` : cleanText('name', name), original.unitId)
        clips.beginListeningCopy(clip.path)
        return { status: created ? 201 : 200, location: `/v1/clips/${clip.id}`, body: clipView(clip) }
      })
    } finally {
      release()
    }
  })
}
