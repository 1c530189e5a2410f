import { Type, type Static } from 'typebox'
import { LOG_NAMES } from '../log-port.ts'
import { as, Id, named, Nullable } from './common.ts'

const closed = { additionalProperties: false } as const
const When = (description: string) => Type.String({ format: 'date-time', description })
const Count = (description: string) => Type.Integer({ minimum: 0, description })

export const ServerHealthAnswer = as('ServerHealth', Type.Object({
  disks: Type.Array(Type.Object({ name: Type.String({ description: 'a folder on it' }), freeBytes: Count('free'), totalBytes: Count('in all') }, closed)),
  certificates: Type.Array(Type.Object({ name: Type.String({ description: 'its file' }), endsAt: When('when it ends; 1970: it cannot be read') }, closed)),
  integrity: Nullable(Type.Object({ at: When('of the last look at the whole database and the logs'), problems: Type.Array(Type.String()) }, closed)),
  backup: Nullable(Type.Object({ lastAt: Nullable(When('of the last backup that was made whole: its database was looked at, and the file was read back and compared')), lastFile: Nullable(Type.String({ description: 'where `loa backup` put it on the server; null: it was made to be fetched' })), dataSince: When('since when there is something to back up') }, closed)),
}, { ...closed, description: 'as measured in the last half minute; empty right after a start' }))
export type ServerHealthView = Static<typeof ServerHealthAnswer>

export const LogVerificationAnswer = as('LogVerification', Type.Object({
  state: Type.Enum(['running', 'right', 'wrong']),
  startedAt: When('when it began'),
  endedAt: Nullable(When('when it was done')),
  logs: Type.Array(Type.Object({ log: Type.Enum([...LOG_NAMES]), entries: Count('recomputed'), firstAt: Nullable(When('of the first entry')), lastAt: Nullable(When('of the last entry')) }, closed)),
  checkpoints: Count('checked'),
  unsigned: Count('entries after the last checkpoint: chained, but not yet signed'),
  problems: Type.Array(Type.String({ description: 'each names its place' }), { description: 'empty when all is right; the first twenty' }),
}, closed))
export type LogVerificationView = Static<typeof LogVerificationAnswer>
export const LogVerificationState = as('LogVerificationState', Type.Object({ last: Nullable(named(LogVerificationAnswer)) }, { ...closed, description: 'null: nobody has asked since the server began' }))

export const Backup = as('Backup', Type.Object({
  id: Id('the backup'),
  by: Type.String({ description: 'id of the user who asked for it; he alone may fetch it' }),
  state: Type.Enum(['running', 'ready', 'failed']),
  startedAt: When('when it began'),
  bytes: Nullable(Count('of the file')),
  expiresAt: Nullable(When('when the file is removed here')),
  problem: Nullable(Type.String({ description: 'why it failed' })),
}, closed))
export type BackupView = Static<typeof Backup>
export const BackupState = as('BackupState', Type.Object({ current: Nullable(named(Backup)) }, closed))
export const CreateBackup = Type.Object({
  password: Type.String({ minLength: 1, maxLength: 1024, description: 'of the user who asks' }),
  code: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'six digits or a recovery code, of who has a second factor' })),
}, { ...closed, examples: [{ password: 'bốn con mèo ngủ trưa' }] })
