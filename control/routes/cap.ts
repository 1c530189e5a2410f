import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import { CAP_XML_LIMITS, readCapDocument } from '../cap/cap-desk.ts'
import type { CapMessageRecord } from '../cap/cap-port.ts'
import { CAP_REASONS, type CapReason } from '../cap/decision.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { at } from '../finders.ts'
import { ApiError, notFound, type ProblemCode } from '../problem.ts'
import { CapBody, CapMessagePage, CapMessageView, CapQuery, type CapMessageJson } from '../schemas/cap.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { formatTime } from '../time.ts'

const tags = ['cap']
export const CAP_MEDIA_TYPE = 'application/cap+xml'

/** What a sender must be told by its status: it should not think that the message was taken. */
const REFUSALS: Readonly<Partial<Record<CapReason, ProblemCode>>> = { 'unknown-sender': 'LOA_ERR_CAP_SENDER', 'bad-signature': 'LOA_ERR_CAP_SIGNATURE', future: 'LOA_ERR_CAP' }
const ELEMENT_OF: Readonly<Partial<Record<CapReason, string>>> = { 'unknown-sender': 'sender', 'bad-signature': 'Signature', future: 'sent' }

/** Messages of others. */
export function capRoutes(app: ControlApp, { store, cap: { desk } }: Context): void {
  const known = (id: string): CapMessageRecord => {
    const message = store.capMessages.get(id)
    if (message === undefined) throw notFound('CAP message', id)
    return message
  }

  // In a scope of its own: only here are bodies XML, and so large.
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser([CAP_MEDIA_TYPE, 'application/common-alerting-protocol+xml', 'application/xml', 'text/xml'], { parseAs: 'buffer', bodyLimit: CAP_XML_LIMITS.bytes }, (_request, body, finish) => { finish(null, body) })
    scope.post('/v1/cap', {
      config: { access: somewhere('cap'), urgent: true, documentedBody: CapBody },
      bodyLimit: CAP_XML_LIMITS.bytes,
      schema: {
        tags,
        summary: 'Hand in a CAP 1.2 message',
        description: 'The token says who hands it in, and must hold `cap` at the unit of the sender; the signature says whose it is, and so what may come of it. When this answers, the message is kept and `outcome` says what has become of it: what goes on the air without a hand is on disk and told to the clusters. A message that came before is answered as then, with 200.',
        consumes: [CAP_MEDIA_TYPE],
        response: { 201: named(CapMessageView), 200: named(CapMessageView), ...problems(400, 401, 403, 413, 415, 422, 429, 503, 507) },
      },
    }, async (request, reply) => {
      const document = readCapDocument((request.body as Buffer | undefined) ?? Buffer.alloc(0))
      const sender = store.capSenders.bySender(document.message.sender)
      const { rights, actorId } = identityOf(request)
      if (sender !== undefined && !rights.holds('cap', sender.unitId)) {
        const [message, messageVi] = ['is of a sender whose messages you may not hand in', 'là của nơi gửi mà bạn không được chuyển bản tin']
        throw new ApiError('LOA_ERR_FORBIDDEN', `sender ${message}`, `sender ${messageVi}`, { errors: [{ path: 'sender', message, messageVi }] })
      }
      const { record, isNew } = await desk.take(document, { kind: 'request', id: actorId })
      const refusal = record.outcome === 'refused' ? REFUSALS[record.reason as CapReason] : undefined
      if (refusal !== undefined) {
        const [message, messageVi] = CAP_REASONS[record.reason as CapReason]
        throw new ApiError(refusal, message, messageVi, { errors: [{ path: ELEMENT_OF[record.reason as CapReason] ?? 'alert', message, messageVi }] })
      }
      return reply.status(isNew ? 201 : 200).header('Location', `/v1/cap/${record.id}`).send(viewOf(record))
    })
    done()
  })

  app.get('/v1/cap', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List CAP messages that came, newest first', querystring: CapQuery, response: { 200: named(CapMessagePage), ...problems(400, 401) } },
  }, (request) => {
    const { outcome, senderId, ...query } = request.query
    const filter = { within: identityOf(request).rights.roots('view'), ...(outcome === undefined ? {} : { outcome }), ...(senderId === undefined ? {} : { senderId }) }
    return pageView('cap', store.capMessages.list(readPage('cap', query), filter), viewOf)
  })

  app.get('/v1/cap/:id', {
    config: { access: may('view', at.capMessage) },
    schema: { tags, summary: 'Show a CAP message that came', params: IdParams, response: { 200: named(CapMessageView), ...problems(401, 404) } },
  }, ({ params: { id } }) => viewOf(known(id)))

  app.get('/v1/cap/:id/xml', {
    config: { access: may('view', at.capMessage) },
    schema: { tags, summary: 'The CAP message itself', description: 'In canonical form, with its signature.', params: IdParams, response: { 200: Type.Unsafe<unknown>({ description: 'the message', content: { [CAP_MEDIA_TYPE]: { schema: Type.String() } } }), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => reply.type(`${CAP_MEDIA_TYPE}; charset=utf-8`).serializer((body: string) => body).send(known(id).xml))
}

const viewOf = ({ receivedAtMs, reason, unitId: _unitId, xml: _xml, references, via, ...record }: CapMessageRecord): CapMessageJson => {
  const [detail, detailVi] = CAP_REASONS[reason as CapReason]
  return { ...record, via: { ...via }, references: references.map(({ sender, identifier, sent }) => ({ sender, identifier, sent })), receivedAt: formatTime(receivedAtMs), reason, detail, detailVi }
}
