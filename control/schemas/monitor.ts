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

export const CreateMonitorPass = Type.Union([
  Type.Object({ sourceId: Id('the source to hear') }, { additionalProperties: false }),
  Type.Object({ clusterId: Id('the cluster whose sound to hear') }, { additionalProperties: false }),
], { examples: [{ sourceId: 's-01HV5Y' }, { clusterId: 'c-01HV5Y' }] })
export type CreateMonitorPassBody = Static<typeof CreateMonitorPass>

export const MonitorPassSchema = as('MonitorPass', Type.Object({
  pass: Type.String({ description: 'the secret' }),
  whepPath: Type.String({ description: 'path of the stream port for WHEP', examples: ['/whep/source/s-01HV5Y'] }),
  mp3Path: Type.String({ description: 'path of the stream port for MP3', examples: ['/monitor/s-01HV5Y.mp3'] }),
  expiresAt: Type.String({ format: 'date-time', description: 'from then on it opens nothing' }),
}, { additionalProperties: false }))
