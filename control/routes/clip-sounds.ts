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
import type { ClipRecord } from '../ports.ts'
import { notFound } from '../problem.ts'
import { sendSound } from '../recordings/send-sound.ts'
import { Clip, ClipPeaks, ClipUsage, TrimClip, type ClipPeaksView } from '../schemas/clip.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { RangeHeaders } from '../schemas/recording.ts'
import { cleanText } from '../text.ts'
import { invalid } from '../validation.ts'
import { clipView } from '../views.ts'

const tags = ['clips']
const WAV = { type: 'audio/wav', ending: 'wav' }
const SOUND = Type.Unsafe<unknown>({ description: 'WAV, mono at 48 kHz', content: { 'audio/wav': { schema: Type.String({ format: 'binary' }) } } })
const MOST_NAME_CHARACTERS = 200

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
    schema: { tags, summary: 'Hear a clip as it goes out', params: IdParams, headers: RangeHeaders, response: { 200: SOUND, 206: SOUND, ...problems(400, 401, 404, 416) } },
  }, async (request, reply) => {
    const { path, name } = find(request.params.id)
    const { size: bytes } = await stat(path).catch(() => { throw notFound('clip', request.params.id) })
    return sendSound(request, reply, { sound: { bytes, read: (from, until) => createReadStream(path, { start: from, end: until - 1 }) }, etag: tagOf(path), name: name.replace(/\.[a-z0-9]{2,4}$/i, ''), isDownload: false, format: WAV })
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
        return { status: created ? 201 : 200, location: `/v1/clips/${clip.id}`, body: clipView(clip) }
      })
    } finally {
      release()
    }
  })
}
