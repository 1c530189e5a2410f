import { Type, type Static } from 'typebox'
import { CONDITIONS, WORKING_STATES } from '../monitoring/cluster-state.ts'
import { CLUSTER_STATES, TECHNOLOGIES } from '../ports.ts'
import { SheetParams } from '../spreadsheet/sheet-answer.ts'
import { as, Code, Id, Name, named, Nullable, PageParams, pageOf, Tags } from './common.ts'
import { OrderAlert } from './order.ts'

const Position = Type.Object({ lat: Type.Number({ minimum: -90, maximum: 90 }), lon: Type.Number({ minimum: -180, maximum: 180 }) }, { additionalProperties: false, description: 'WGS 84, degrees' })

const State = Type.Enum([...CLUSTER_STATES], { description: '`active`: in use; `planned`, `repair`: only orders and commands that name the cluster itself mean it, so that it can be tried and nothing else sounds beside the technician; `retired`: nothing means it and it cannot connect' })
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 200, description })

const equipmentFields = {
  technology: Nullable(Type.Enum([...TECHNOLOGIES])),
  imei: Nullable(Type.String({ pattern: '^\\d{15}$', description: 'with its check digit; unique', examples: ['356938035643809'] })),
  sim: Nullable(Type.String({ pattern: '^\\+?\\d{6,22}$', description: 'number of the card or of the line', examples: ['8984048000012345678'] })),
  maker: Nullable(Text('maker of the receiver')),
  model: Nullable(Text('model of the receiver')),
  amplifier: Nullable(Text('model and power')),
  loudspeakers: Nullable(Type.Integer({ minimum: 0, maximum: 100, description: 'how many' })),
  buildYear: Nullable(Type.Integer({ minimum: 1950, maximum: 2100 })),
  depreciatedOn: Nullable(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'day by which it is written off', examples: ['2031-12-31'] })),
  keeper: Nullable(Text('who looks after it at the place')),
  keeperPhone: Nullable(Type.String({ pattern: '^\\+?\\d{3,15}$', description: 'his telephone number', examples: ['+84912345678'] })),
}
const Equipment = Type.Object(equipmentFields, { additionalProperties: false, description: 'what stands at the place; null where nobody has said' })
const ChangeEquipment = Type.Partial(Equipment, { additionalProperties: false, description: 'what is not named stays as it is' })

const clusterFields = {
  id: Id('the cluster'),
  unitId: Id('unit it belongs to'),
  code: Code('C1'),
  name: Name('Cụm 1'),
  tags: Tags,
  position: Nullable(Position),
  enabled: Type.Boolean({ description: 'a disabled cluster cannot connect' }),
  state: State,
  equipment: Equipment,
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
  state: Type.Optional(State),
  equipment: Type.Optional(ChangeEquipment),
}, { additionalProperties: false, examples: [{ unitId: 'u-1jz7k3m9xq4w0d2r8t5v6ya', code: 'C1', name: 'Cụm 1', tags: [], position: { lat: 21.0285, lon: 105.8542 } }] })

export const ChangeCluster = Type.Object({
  unitId: Type.Optional(Id('moves the cluster')),
  code: Type.Optional(Code('C1')),
  name: Type.Optional(Name('Cụm 1')),
  tags: Type.Optional(Tags),
  position: Type.Optional(Nullable(Position)),
  enabled: Type.Optional(Type.Boolean({ description: 'false disconnects the cluster and keeps it out' })),
  state: Type.Optional(State),
  equipment: Type.Optional(ChangeEquipment),
}, { additionalProperties: false, minProperties: 1, examples: [{ enabled: false }] })

const ClusterFilters = {
  unitId: Type.Optional(Type.String({ description: 'only clusters of this unit and the units below it' })),
  tag: Type.Optional(Type.String()),
  enabled: Type.Optional(Type.Boolean()),
  state: Type.Optional(State),
  technology: Type.Optional(Type.Enum([...TECHNOLOGIES])),
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'part of the code, the name, IMEI, SIM, maker, model or keeper, in any case, with or without accents' })),
}

export const ClusterQuery = Type.Object({
  ...PageParams,
  ...ClusterFilters,
}, { additionalProperties: false })

export const ClusterExportQuery = Type.Object({
  ...SheetParams,
  ...ClusterFilters,
  search: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'words, each of which stands somewhere in code, name, IMEI, SIM, maker, model, keeper, his telephone or tags; without accents or case' })),
  technology: Type.Optional(Type.Enum([...TECHNOLOGIES, 'none'], { description: '`none`: nobody has said which' })),
  working: Type.Optional(Type.Enum([...WORKING_STATES], { description: 'only clusters that work like this now, as `state` of `/v1/cluster-states`' })),
  condition: Type.Optional(Type.Enum([...CONDITIONS], { description: 'only clusters that have this condition now' })),
}, { additionalProperties: false })

export const ClusterImportQuery = Type.Object({ dryRun: Type.Optional(Type.Boolean({ default: false, description: 'say what would be done and what is wrong, and do nothing' })) }, { additionalProperties: false })

export const UploadClusters = Type.Object({ file: Type.String({ format: 'binary', description: 'xlsx, or CSV in UTF-8; the first row holds the headings, as in an export' }) })

export const ClusterImport = as('ClusterImport', Type.Object({
  dryRun: Type.Boolean(),
  rows: Type.Integer({ minimum: 0 }),
  created: Type.Integer({ minimum: 0 }),
  updated: Type.Integer({ minimum: 0 }),
  unchanged: Type.Integer({ minimum: 0 }),
  badRows: Type.Integer({ minimum: 0 }),
  changes: Type.Array(Type.Object({
    line: Type.Integer({ description: 'in the file, from 1' }),
    code: Type.String(),
    name: Type.String(),
    clusterId: Nullable(Type.String({ description: 'null: it would be new' })),
    cells: Type.Array(Type.Object({
      column: Type.String({ description: 'as `key` in the API' }),
      before: Nullable(Type.Union([Type.String(), Type.Number()], { description: 'as an export writes it' })),
      after: Type.Union([Type.String(), Type.Number()]),
    }, { additionalProperties: false })),
  }, { additionalProperties: false }), { description: 'what the good rows would do, of a dry run only; at most 5 000' }),
  errors: Type.Array(Type.Object({
    line: Type.Integer({ description: 'in the file, from 1' }),
    column: Nullable(Type.String({ description: 'as `key` in the API' })),
    message: Type.String(),
    messageVi: Type.String(),
    messageEn: Type.Optional(Type.String()),
  }, { additionalProperties: false }), { description: 'at most 5 000' }),
}, { additionalProperties: false }))
export type ClusterImportView = Static<typeof ClusterImport>

export const OnAirOrder = Type.Object({
  orderId: Id('the order'),
  class: Type.Enum(['emergency', 'priority', 'normal']),
  title: Type.String(),
  sourceId: Nullable(Type.String()),
  clipIds: Nullable(Type.Array(Type.String())),
  since: Type.String({ format: 'date-time' }),
  until: Type.String({ format: 'date-time' }),
  alert: OrderAlert,
  under: Nullable(Type.Object({
    orderId: Id('the order'),
    class: Type.Enum(['priority', 'normal']),
    title: Type.String(),
    sourceId: Nullable(Type.String()),
  }, { additionalProperties: false, description: 'what goes on beneath it at a lower level; null: it is heard alone' })),
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

/** The multipart body of an upload, read as a stream. */
export const UploadPhoto = Type.Object({ file: Type.String({ format: 'binary', description: 'JPEG, PNG or WebP' }) })
export const PhotoQuery = Type.Object({ size: Type.Optional(Type.Enum(['full', 'thumbnail'], { default: 'full', description: 'at most 1600 or 320 pixels long' })) }, { additionalProperties: false })
export const ClusterPhoto = as('ClusterPhoto', Type.Object({
  clusterId: Id('the cluster'),
  sha256: Type.String({ description: 'of the picture as it is kept' }),
  sizeBytes: Type.Integer({ minimum: 1 }),
  createdAt: Type.String({ format: 'date-time' }),
  createdBy: Type.String({ description: 'id of the token or user' }),
}, { additionalProperties: false }))
export type ClusterPhotoView = Static<typeof ClusterPhoto>
