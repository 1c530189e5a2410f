import { Type, type Static } from 'typebox'
import { as, Id, named, Nullable, pageOf, PageParams } from './common.ts'

export const MonitorListenerSchema = as('MonitorListener', Type.Object({
  id: Type.String({ description: 'the monitor, as in the address of its session', examples: ['0-1c9e0a52-6a57-4d6e-8f0f-7d4f9a3f1b11'] }),
  sourceId: Nullable(Id('the source it hears; null: it hears a cluster')),
  clusterId: Nullable(Id('the cluster whose sound it hears; null: it hears a source')),
  personId: Type.String({ description: 'user, or token of a program' }),
  personName: Type.String(),
  remoteAddress: Type.String(),
  since: Type.String({ format: 'date-time' }),
}, { additionalProperties: false, description: 'somebody who monitors by WebRTC (WHEP); never a cluster that sounds' }))
export type MonitorListenerView = Static<typeof MonitorListenerSchema>

export const MonitorListenerPage = as('MonitorListenerPage', pageOf(named(MonitorListenerSchema)))
export const MonitorListenerQuery = Type.Object(PageParams, { additionalProperties: false })
