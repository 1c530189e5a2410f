import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import type { RtpBroadcast, RtpOutputRecord, RtpStatusInfo } from '../ports.ts'
import { notFound, unknownIds } from '../problem.ts'
import { checkRtpAddress, checkRtpOutput, checkRtpPortFree } from '../rtp-rules.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { CreateRtpOutput, RtpOutput, RtpOutputPage, RtpOutputQuery, type RtpOutputView } from '../schemas/rtp-output.ts'
import { cleanText } from '../text.ts'
import { formatTime } from '../time.ts'

const tags = ['rtp-outputs']

const DEFAULT = { codec: 'opus', ttl: 1, dscp: 46 } as const
const DEFAULT_PTIME_MS = { opus: 20, l16: 10, pcmu: 20 } as const

export function rtpOutputRoutes(app: ControlApp, { store, broadcast: { rtp }, clock, creations }: Context): void {
  app.post('/v1/rtp-outputs', {
    config: { access: may('maintain', at.bodyCluster('hears.clusterId')) },
    schema: { tags, summary: 'Send a cluster\'s sound by RTP', description: 'To a multicast group, or to one receiver. Every change on air goes through without a break in the stream.', headers: CreateHeaders, body: CreateRtpOutput, response: { 201: named(RtpOutput), ...problems(400, 401, 403, 409, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { body } = request
    const codec = body.codec ?? DEFAULT.codec
    const nowMs = clock.wallMs()
    const record: RtpOutputRecord = {
      id: newId('r', nowMs),
      name: cleanText('name', body.name),
      clusterId: body.hears.clusterId,
      mode: body.mode,
      address: checkRtpAddress(rtp, body.mode, body.address),
      port: body.port,
      codec,
      ptimeMs: body.ptimeMs ?? DEFAULT_PTIME_MS[codec],
      ttl: body.ttl ?? DEFAULT.ttl,
      dscp: body.dscp ?? DEFAULT.dscp,
      interface: body.interface ?? null,
      sap: body.sap ?? body.mode === 'multicast',
      createdAtMs: nowMs,
    }
    checkRtpOutput(record)
    if (store.clusters.get(record.clusterId) === undefined) throw unknownIds([{ path: 'hears.clusterId', noun: 'cluster', id: record.clusterId }])
    checkRtpPortFree(store.rtpOutputs.all(), record.address, record.port)
    const output = store.rtpOutputs.insert(record)
    return { status: 201, location: `/v1/rtp-outputs/${output.id}`, body: rtpOutputView(output, rtp), after: () => { rtp.outputsChanged() } }
  }))

  app.get('/v1/rtp-outputs', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List RTP outputs', description: 'With rights at some units only, a page may be short, or empty, and still have a `nextCursor`.', querystring: RtpOutputQuery, response: { 200: named(RtpOutputPage), ...problems(400, 401) } },
  }, (request) => {
    const { query } = request
    const { rights } = identityOf(request)
    const { items, next } = store.rtpOutputs.list(readPage('rtp', query), query.clusterId === undefined ? {} : { clusterId: query.clusterId })
    const seen = items.filter(({ clusterId }) => rights.holds('view', store.clusters.get(clusterId)?.unitId ?? null))
    return pageView('rtp', { items: seen, next }, (output) => rtpOutputView(output, rtp))
  })

  app.get('/v1/rtp-outputs/:id', {
    config: { access: may('view', at.rtpOutput) },
    schema: { tags, summary: 'Show an RTP output and how it is doing', params: IdParams, response: { 200: named(RtpOutput), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const output = store.rtpOutputs.get(id)
    if (output === undefined) throw notFound('rtp output', id)
    sendEtag(reply, output)
    return rtpOutputView(output, rtp)
  })

  app.get('/v1/rtp-outputs/:id/sdp', {
    config: { access: may('view', at.rtpOutput), tokenInQuery: true },
    schema: { tags, summary: 'The session description of an RTP output', description: 'For players and IP speakers (RFC 8866). The token may stand in `?access_token=`.', params: IdParams, querystring: Type.Object({ access_token: Type.Optional(Type.String({ maxLength: 256 })) }), produces: ['application/sdp'], response: { 200: Type.String(), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const output = store.rtpOutputs.get(id)
    if (output === undefined) throw notFound('rtp output', id)
    // Already text; the application's own serializer would make JSON of it.
    void reply.type('application/sdp').serializer((text: unknown) => text as string).send(rtp.sdp(output))
  })

  app.delete('/v1/rtp-outputs/:id', {
    config: { access: may('maintain', at.rtpOutput) },
    schema: { tags, summary: 'End an RTP output', description: 'Receivers are told by RTCP BYE, and by SAP if it was announced.', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      const output = store.rtpOutputs.get(id)
      if (output === undefined) throw notFound('rtp output', id)
      checkMatch(request, output)
      store.rtpOutputs.remove(id)
    })
    rtp.outputsChanged()
    void reply.status(204).send(null)
  })
}

function rtpOutputView(output: RtpOutputRecord, rtp: RtpBroadcast): RtpOutputView {
  const status = rtp.status(output.id)
  return {
    id: output.id,
    name: output.name,
    hears: { clusterId: output.clusterId },
    mode: output.mode,
    address: output.address,
    port: output.port,
    codec: output.codec,
    ptimeMs: output.ptimeMs as RtpOutputView['ptimeMs'],
    ttl: output.ttl,
    dscp: output.dscp,
    interface: output.interface,
    sap: output.sap,
    createdAt: formatTime(output.createdAtMs),
    status: status === null ? null : statusView(status),
  }
}

function statusView({ provenUntilMs, ...figures }: RtpStatusInfo): RtpOutputView['status'] {
  return { ...figures, provenUntil: provenUntilMs === null ? null : formatTime(provenUntilMs) }
}
