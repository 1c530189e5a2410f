import { Type, type Static } from 'typebox'
import { as, Code, Id, Name, named, Nullable, PageParams, pageOf, Tags } from './common.ts'

const Position = Type.Object({ lat: Type.Number({ minimum: -90, maximum: 90 }), lon: Type.Number({ minimum: -180, maximum: 180 }) }, { additionalProperties: false, description: 'WGS 84, degrees' })

const clusterFields = {
  id: Id('the cluster'),
  unitId: Id('unit it belongs to'),
  code: Code('C1'),
  name: Name('Cụm 1'),
  tags: Tags,
  position: Nullable(Position),
  enabled: Type.Boolean({ description: 'a disabled cluster cannot connect' }),
  online: Type.Boolean({ description: 'whether it is connected now' }),
  keyChangedAt: Type.String({ format: 'date-time' }),
  createdAt: Type.String({ format: 'date-time' }),
}

export const Cluster = as('Cluster', Type.Object(clusterFields, { additionalProperties: false }))
export type ClusterView = Static<typeof Cluster>

export const ClusterWithKey = as('ClusterWithKey', Type.Object({
  ...clusterFields,
  key: Type.String({ description: 'what the device connects with; shown only this once', examples: ['hV0m3kE1yq0N2bq8c9Qw4rT6uX7zA5sD3fG1hJ2kL0o'] }),
}, { additionalProperties: false }))

export const ClusterPage = as('ClusterPage', pageOf(named(Cluster)))

export const CreateCluster = Type.Object({
  unitId: Id('unit it belongs to'),
  code: Code('C1'),
  name: Name('Cụm 1'),
  tags: Type.Optional(Tags),
  position: Type.Optional(Nullable(Position)),
  enabled: Type.Optional(Type.Boolean({ default: true })),
}, { additionalProperties: false, examples: [{ unitId: 'u-1jz7k3m9xq4w0d2r8t5v6ya', code: 'C1', name: 'Cụm 1', tags: [], position: { lat: 21.0285, lon: 105.8542 } }] })

export const ChangeCluster = Type.Object({
  unitId: Type.Optional(Id('moves the cluster')),
  code: Type.Optional(Code('C1')),
  name: Type.Optional(Name('Cụm 1')),
  tags: Type.Optional(Tags),
  position: Type.Optional(Nullable(Position)),
  enabled: Type.Optional(Type.Boolean({ description: 'false disconnects the cluster and keeps it out' })),
}, { additionalProperties: false, minProperties: 1, examples: [{ enabled: false }] })

export const ClusterQuery = Type.Object({
  ...PageParams,
  unitId: Type.Optional(Type.String({ description: 'only clusters of this unit and the units below it' })),
  tag: Type.Optional(Type.String()),
  enabled: Type.Optional(Type.Boolean()),
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'part of the code or the name, in any case, with or without accents' })),
}, { additionalProperties: false })

export const OnAirOrder = Type.Object({
  orderId: Id('the order'),
  class: Type.Enum(['emergency', 'priority', 'normal']),
  title: Type.String(),
  sourceId: Nullable(Type.String()),
  clipIds: Nullable(Type.Array(Type.String())),
  since: Type.String({ format: 'date-time' }),
  until: Type.String({ format: 'date-time' }),
}, { additionalProperties: false })

export const ConnectionView = Type.Object({
  clusterId: Type.String(),
  connectionId: Type.String(),
  protocol: Type.Enum(['http', 'native']),
  format: Type.String({ examples: ['mp3-64'] }),
  remoteAddress: Type.String(),
  since: Type.String({ format: 'date-time' }),
}, { additionalProperties: false })

export const ClusterOnAir = as('ClusterOnAir', Type.Object({
  clusterId: Id('the cluster'),
  onAir: Nullable(OnAirOrder),
  connections: Type.Array(ConnectionView),
}, { additionalProperties: false, description: 'what the cluster plays now; `onAir` is null when it plays silence' }))
export type ClusterOnAirView = Static<typeof ClusterOnAir>
