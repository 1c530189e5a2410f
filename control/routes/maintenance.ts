import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Type } from 'typebox'
import { everywhere, somewhere } from '../access.ts'
import { auditReading } from '../audit.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { newId } from '../ids.ts'
import type { BackupJob, LogVerification } from '../ports.ts'
import { ApiError, notFound } from '../problem.ts'
import { IdParams, named, problems } from '../schemas/common.ts'
import { Backup, BackupState, CreateBackup, LogVerificationAnswer, LogVerificationState, ServerHealthAnswer, type BackupView, type LogVerificationView, type ServerHealthView } from '../schemas/maintenance.ts'
import { formatTime } from '../time.ts'

const tags = ['status']

/** How the server's own files are, and what takes long with them. */
export function maintenanceRoutes(app: ControlApp, { store, clock, logins, maintenance }: Context): void {
  app.get('/v1/server-health', {
    config: { access: somewhere('maintain', 'manage', 'audit') },
    schema: { tags, summary: 'Disk, certificates, backups and damage', description: 'It names folders and files of the server: for those who look after something.', response: { 200: named(ServerHealthAnswer), ...problems(401, 403) } },
  }, (): ServerHealthView => {
    const { disks, certificates, integrity, backup } = maintenance.health()
    return {
      disks: disks.map(({ name, freeBytes, totalBytes }) => ({ name, freeBytes, totalBytes })),
      certificates: certificates.map(({ name, endsAtMs }) => ({ name, endsAt: formatTime(endsAtMs) })),
      integrity: integrity === null ? null : { at: formatTime(integrity.atMs), problems: [...integrity.problems] },
      backup: backup === null ? null : { lastAt: timeOrNull(backup.lastAtMs), lastFile: backup.lastFile, dataSince: formatTime(backup.dataSinceMs) },
    }
  })

  app.get('/v1/log-verification', {
    config: { access: everywhere('audit') },
    schema: { tags: ['logs'], summary: 'What the last verification of the logs has found', response: { 200: named(LogVerificationState), ...problems(401, 403) } },
  }, () => {
    const last = maintenance.verification()
    return { last: last === null ? null : verificationView(last) }
  })

  app.post('/v1/log-verification', {
    config: { access: everywhere('audit') },
    schema: { tags: ['logs'], summary: 'Verify the logs', description: 'Recomputes all chains and checks every checkpoint beside everything else, as `loa verify-log` does; asked again while it runs, it is the same one. It is given up after ten minutes. `GET` tells what came of it. Whoever holds this server holds its keys: a copy of a checkpoint kept elsewhere proves more.', response: { 202: named(LogVerificationAnswer), ...problems(401, 403, 507) } },
  }, (_request, reply) => {
    void reply.status(202)
    return verificationView(maintenance.verifyLogs())
  })

  app.get('/v1/backups', {
    config: { access: everywhere('manage') },
    schema: { tags, summary: 'The backup that was asked for last', response: { 200: named(BackupState), ...problems(401, 403) } },
  }, () => {
    const current = maintenance.backup()
    return { current: current === null ? null : backupView(current) }
  })

  app.post('/v1/backups', {
    config: { access: everywhere('manage') },
    schema: { tags, summary: 'Make a backup to be fetched', description: 'As `loa backup` makes it: database, clips, photos and signing keys. Whoever has the file can speak to every device, so it takes the password again, only who asked for it may fetch it, and it is removed after half an hour. One at a time.', body: CreateBackup, response: { 202: named(Backup), ...problems(400, 401, 403, 409, 415, 422, 429, 503, 507) } },
  }, async (request, reply) => {
    const asking = store.users.get(identityOf(request).userId ?? '')
    if (asking === undefined) throw new ApiError('LOA_ERR_FORBIDDEN', 'a token has no password of its own: log in as a user', 'mã truy cập không có mật khẩu: hãy đăng nhập bằng tài khoản người dùng')
    const { password, code } = request.body
    const job = await logins.prove({ login: asking.login, password, code, address: request.ip }, true, () => undefined, ({ id }) => maintenance.backUp(newId('b', clock.wallMs()), id))
    if (job === null) throw new ApiError('LOA_ERR_IN_USE', 'another backup is being made', 'đang tạo một bản sao lưu khác')
    request.audit?.targetIds.push(job.id)
    return reply.status(202).send(backupView(job))
  })

  app.get('/v1/backups/:id/file', {
    config: { access: everywhere('manage') },
    schema: { tags, summary: 'Fetch a backup', description: 'Stands in the audit log.', params: IdParams, response: { 200: Type.Unsafe<unknown>({ description: 'tar; `loa restore` takes it', content: { 'application/x-tar': { schema: Type.String({ format: 'binary' }) } } }), ...problems(401, 403, 404, 507) } },
  }, async (request, reply) => {
    const { id } = request.params
    const job = maintenance.backup()
    const path = job?.id === id && job.userId === identityOf(request).userId ? maintenance.backupFile(id) : null
    if (path === null) throw notFound('backup', id)
    const file = await open(path)
    const { size } = await file.stat()
    auditReading(request, store, clock.wallMs(), [id])
    const day = formatTime(job!.startedAtMs).slice(0, 10)
    return reply.type('application/x-tar').header('Content-Length', size).header('Cache-Control', 'no-store').header('Content-Disposition', `attachment; filename="loa-${day}.tar"`).send(createReadStream(path, { fd: file }))
  })
}

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : formatTime(ms))

const verificationView = ({ startedAtMs, endedAtMs, logs, checkpoints, unsigned, problems: found }: LogVerification): LogVerificationView => ({
  state: endedAtMs === null ? 'running' : found.length === 0 ? 'right' : 'wrong',
  startedAt: formatTime(startedAtMs),
  endedAt: timeOrNull(endedAtMs),
  logs: logs.map(({ log, entries, firstAtMs, lastAtMs }) => ({ log, entries, firstAt: timeOrNull(firstAtMs), lastAt: timeOrNull(lastAtMs) })),
  checkpoints,
  unsigned,
  problems: [...found],
})

const backupView = ({ id, userId, state, startedAtMs, bytes, expiresAtMs, problem }: BackupJob): BackupView =>
  ({ id, by: userId, state, startedAt: formatTime(startedAtMs), bytes, expiresAt: timeOrNull(expiresAtMs), problem })
