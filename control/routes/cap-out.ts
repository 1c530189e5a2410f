import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { PUBLIC } from '../access.ts'
import { writeAtom } from '../cap/atom-writer.ts'
import type { Context, ControlApp } from '../context.ts'
import { notFound } from '../problem.ts'
import { IdParams, problems } from '../schemas/common.ts'
import { CAP_MEDIA_TYPE } from './cap.ts'

const tags = ['cap']
const inForm = (type: string, description: string) => Type.Unsafe<unknown>({ description, content: { [type]: { schema: Type.String() } } })
const FEED_CACHE_S = 5

/** Our alerts for others. What was said aloud in the street is public; what was not, and tests, are not here. */
export function capOutRoutes(app: ControlApp, { cap: { publisher }, startedAtMs }: Context): void {
  app.get('/v1/alerts/:id/cap', {
    config: { access: PUBLIC },
    schema: {
      tags,
      summary: 'An alert of ours as a signed CAP message',
      description: 'Of an alert that was on the air and is no test. When it was cancelled and nothing was said of that, `latest=false` gives the message from before the Cancel.',
      params: IdParams,
      querystring: Type.Object({ latest: Type.Optional(Type.Boolean({ default: true })) }, { additionalProperties: false }),
      response: { 200: inForm(CAP_MEDIA_TYPE, 'the message'), ...problems(400, 404) },
    },
  }, ({ params: { id }, query: { latest = true } }, reply) => {
    const messages = publisher.signed(id)
    const message = latest ? messages.at(-1) : messages[0]
    if (message === undefined) throw notFound('alert', id)
    return reply.type(`${CAP_MEDIA_TYPE}; charset=utf-8`).serializer((body: string) => body).send(message)
  })

  app.get('/v1/cap/feed.atom', {
    config: { access: PUBLIC },
    schema: { tags, summary: 'Our alerts as an Atom feed', description: 'The newest 100 messages, each with a link to it. Answers `If-None-Match` with 304.', response: { 200: inForm('application/atom+xml', 'RFC 4287'), 304: Type.Unsafe<unknown>({ description: 'nothing has changed', type: 'null' }), ...problems(400) } },
  }, (request, reply) => {
    const base = baseOf(request)
    const entries = publisher.latest().map(({ alertId, message, isLatest }) => ({ message, url: `${base}/v1/alerts/${alertId}/cap${isLatest ? '' : '?latest=false'}` }))
    const feed = writeAtom('Cảnh báo khẩn cấp', `${base}/v1/cap/feed.atom`, entries, startedAtMs)
    const etag = `"${createHash('sha256').update(feed).digest('base64url').slice(0, 22)}"`
    void reply.header('ETag', etag).header('Cache-Control', `public, max-age=${String(FEED_CACHE_S)}`)
    const isSame = request.headers['if-none-match'] === etag
    return reply.status(isSame ? 304 : 200).type('application/atom+xml; charset=utf-8').serializer((body: string) => body).send(isSame ? '' : feed)
  })

  app.get('/v1/cap/certificate.pem', {
    config: { access: PUBLIC },
    schema: { tags, summary: 'The certificate that our CAP messages are verified with', response: { 200: inForm('application/x-pem-file', 'PEM'), ...problems(400) } },
  }, (_request, reply) => reply.type('application/x-pem-file').serializer((body: string) => body).send(publisher.certificate))
}

const baseOf = ({ protocol, host }: FastifyRequest): string => `${protocol}://${host}`
