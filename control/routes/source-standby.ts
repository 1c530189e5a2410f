import { Type } from 'typebox'
import { both, maySeeOwned } from '../access.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ApiError, notFound, unknownIds } from '../problem.ts'
import { IdParams, named, PageParams, problems } from '../schemas/common.ts'
import { Source } from '../schemas/source.ts'
import { SourceSwitchPage, SwitchInput } from '../schemas/source-ingest.ts'
import { mayTouchSound } from '../source-guard.ts'
import { sourceSwitchView } from '../source-views.ts'
import { sourceView } from '../views.ts'

const tags = ['sources']

const Query = Type.Object(PageParams, { additionalProperties: false })

/** What sounds of a source with hot standby. */
export function sourceStandbyRoutes(app: ControlApp, { store, broadcast, clock }: Context): void {
  app.post('/v1/sources/:id/switch', {
    config: { access: both(maySeeOwned('source'), mayTouchSound('air')) },
    schema: { tags, summary: 'Choose the input of a standby source', description: 'It is taken at once and is the first choice from then on: when it fails another one sounds, until it has been good again for long enough. While the source carries an emergency it takes the right `emergency`. Repeating it changes nothing.', params: IdParams, body: SwitchInput, response: { 200: named(Source), ...problems(400, 401, 403, 404, 409, 415, 422, 507) } },
  }, ({ params: { id }, body: { inputSourceId, force = false } }) => {
    const source = store.transaction(() => {
      const before = store.sources.get(id)
      if (before === undefined) throw notFound('source', id)
      if (before.kind !== 'standby') throw new ApiError('LOA_ERR_WRONG_KIND', `a ${before.kind} source has no inputs`, `nguồn loại ${before.kind} không có đầu vào`)
      if (inputSourceId !== null) {
        if (!before.inputSourceIds.includes(inputSourceId)) throw unknownIds([{ path: 'inputSourceId', noun: 'source', id: inputSourceId }])
        if (!force) refuseIfFaulty(id, inputSourceId)
      }
      return store.sources.replace({ ...before, pinned: inputSourceId === null ? null : { inputSourceId, force }, chosenAtMs: clock.wallMs() }) ?? before
    })
    broadcast.sourceChanged(id)
    return sourceView(source, broadcast)
  })

  /** Of a source that nobody needs its inputs rest, and nothing is known against them. */
  function refuseIfFaulty(id: string, inputSourceId: string): void {
    const status = broadcast.sourceStatus(id)
    const input = status?.standby?.inputs.find(({ sourceId }) => sourceId === inputSourceId)
    if (status === null || input === undefined || status.state === 'idle' || input.goodForMs > 0) return
    const why = input.fault ?? (input.reason === '' ? input.state : input.reason)
    throw new ApiError('LOA_ERR_INPUT_FAULTY', `${inputSourceId}: ${why}`, `${inputSourceId}: ${why}`)
  }

  app.get('/v1/sources/:id/switches', {
    config: { access: maySeeOwned('source') },
    schema: { tags, summary: 'How a standby source was switched', description: 'Newest first; the last 1 000 are kept.', params: IdParams, querystring: Query, response: { 200: named(SourceSwitchPage), ...problems(400, 401, 404) } },
  }, ({ params: { id }, query }) => {
    if (store.sources.get(id) === undefined) throw notFound('source', id)
    return pageView('switches', store.sourceSwitches.list(id, readPage('switches', query)), sourceSwitchView)
  })
}
