import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import type { ChannelKind, ChannelRecord, ChannelTarget, NotificationRecord } from '../alarms/notification-port.ts'
import { newWebhookSecret, rotateKeys } from '../alarms/webhook-signature.ts'
import { identityOf } from '../auth.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import { ApiError, notFound, unknownIds } from '../problem.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { ChangeChannel, ChannelQuery, CreateChannel, Notification, NotificationChannel, NotificationChannelPage, NotificationChannelWithSecret, NotificationPage, NotificationQuery, type ChannelView, type NotificationView } from '../schemas/notification.ts'
import { maskUrl } from '../source-rules.ts'
import { cleanText } from '../text.ts'
import { formatTime } from '../time.ts'
import { invalid } from '../validation.ts'

const tags = ['notifications']

/** Ways out for alarms, and what is to be sent there. */
export function notificationRoutes(app: ControlApp, { store, clock, creations, outbox, notifier, addresses, config }: Context): void {
  const { notifications } = store

  const view = (channel: ChannelRecord, queue = notifications.queues().find(({ channelId }) => channelId === channel.id)): ChannelView => {
    const { target } = channel
    return {
      id: channel.id,
      name: channel.name,
      unitId: channel.unitId,
      kind: target.kind,
      url: target.kind === 'webhook' ? maskUrl(target.url) : null,
      to: target.kind === 'email' ? [...target.to] : null,
      file: target.kind === 'file' ? target.name : null,
      minSeverity: channel.minSeverity,
      rules: channel.rules === null ? null : [...channel.rules],
      level: channel.level,
      enabled: channel.enabled,
      usable: notifier.isReady(target.kind),
      pending: queue?.pending ?? 0,
      waitingSince: queue === undefined ? null : formatTime(queue.oldestMs),
      lastError: queue?.lastError ?? null,
      createdAt: formatTime(channel.createdAtMs),
    }
  }

  /** A name that leads inside is found out when it is resolved, by whoever sends. */
  function checkUrl(text: string): string {
    const refuse = (message: string, messageVi: string): ApiError => invalid([{ path: 'url', message, messageVi }])
    const url = URL.parse(text)
    if (url === null || (url.protocol !== 'https:' && !(config.allowPrivateWebhooks && url.protocol === 'http:'))) throw refuse('must be an https URL', 'phải là địa chỉ https')
    if (url.hash !== '') throw refuse('must not have a fragment', 'không được có phần #')
    if (!config.allowPrivateWebhooks && addresses.isPrivateHost(url.hostname)) throw refuse('must not lead to a private address', 'không được trỏ tới địa chỉ nội bộ')
    return url.href
  }

  function newTarget(kind: ChannelKind, { url, to, file }: { readonly url?: string; readonly to?: readonly string[]; readonly file?: string }): ChannelTarget {
    const needed = { webhook: 'url', email: 'to', file: 'file' }[kind]
    const errors = Object.entries({ url, to, file }).flatMap(([path, value]) => {
      if (path === needed && value === undefined) return [{ path, message: 'is missing', messageVi: 'bị thiếu' }]
      return path !== needed && value !== undefined ? [{ path, message: `is not for ${kind}`, messageVi: `không dùng cho ${kind}` }] : []
    })
    if (errors.length > 0) throw invalid(errors)
    if (kind === 'webhook') return { kind, url: checkUrl(url!), keys: [{ secret: newWebhookSecret(), endsAtMs: null }] }
    return kind === 'email' ? { kind, to: to! } : { kind, name: file! }
  }

  const found = (id: string): ChannelRecord => {
    const channel = notifications.channel(id)
    if (channel === undefined) throw notFound('notification channel', id)
    return channel
  }

  app.post('/v1/notification-channels', {
    config: { access: may('manage', at.bodyUnit('unitId')) },
    schema: { tags, summary: 'Make a way out for alarms', description: 'A webhook gets each alarm by POST, signed as Standard Webhooks has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`), with the key in `secret`; it answers 2xx within 10 s. Each is sent until it is taken, at most for 72 h, so it may come twice, under the same `webhook-id`.', headers: CreateHeaders, body: CreateChannel, response: { 201: named(NotificationChannelWithSecret), ...problems(400, 401, 403, 409, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { name, unitId = null, kind, url, to, file, minSeverity = 'warning', rules = null, level = 0, enabled = true } = request.body
    if (unitId !== null && store.units.get(unitId) === undefined) throw unknownIds([{ path: 'unitId', noun: 'unit', id: unitId }])
    const nowMs = clock.wallMs()
    const target = newTarget(kind, { ...(url === undefined ? {} : { url }), ...(to === undefined ? {} : { to }), ...(file === undefined ? {} : { file }) })
    const channel = notifications.insertChannel({ id: newId('h', nowMs), name: cleanText('name', name), unitId, target, minSeverity, rules, level, enabled, createdAtMs: nowMs })
    return { status: 201, location: `/v1/notification-channels/${channel.id}`, body: { ...view(channel), secret: target.kind === 'webhook' ? target.keys[0]!.secret : null } }
  }))

  app.get('/v1/notification-channels', {
    config: { access: somewhere('manage') },
    schema: { tags, summary: 'List ways out', querystring: ChannelQuery, response: { 200: named(NotificationChannelPage), ...problems(400, 401, 403) } },
  }, (request) => {
    const queues = new Map(notifications.queues().map((queue) => [queue.channelId, queue]))
    return pageView('channels', notifications.listChannels(readPage('channels', request.query), { within: identityOf(request).rights.roots('manage') }), (channel) => view(channel, queues.get(channel.id)))
  })

  app.get('/v1/notification-channels/:id', {
    config: { access: may('manage', at.channel) },
    schema: { tags, summary: 'Show a way out and its queue', params: IdParams, response: { 200: named(NotificationChannel), ...problems(401, 403, 404) } },
  }, ({ params: { id } }, reply) => {
    const channel = found(id)
    sendEtag(reply, channel)
    return view(channel)
  })

  app.patch('/v1/notification-channels/:id', {
    config: { access: may('manage', at.channel) },
    schema: { tags, summary: 'Change a way out', headers: ChangeHeaders, params: IdParams, body: ChangeChannel, response: { 200: named(NotificationChannel), ...problems(400, 401, 403, 404, 412, 415, 422, 507) } },
  }, (request, reply) => {
    const { params: { id }, body: { name, url, to, ...changes } } = request
    const channel = store.transaction(() => {
      const before = found(id)
      checkMatch(request, before)
      const errors = [...(url !== undefined && before.target.kind !== 'webhook' ? ['url'] : []), ...(to !== undefined && before.target.kind !== 'email' ? ['to'] : [])]
      if (errors.length > 0) throw invalid(errors.map((path) => ({ path, message: `is not for ${before.target.kind}`, messageVi: `không dùng cho ${before.target.kind}` })))
      const target: ChannelTarget = before.target.kind === 'webhook' && url !== undefined && url !== maskUrl(before.target.url) ? { ...before.target, url: checkUrl(url) } : before.target.kind === 'email' && to !== undefined ? { kind: 'email', to } : before.target
      return notifications.replaceChannel({ ...before, ...changes, name: name === undefined ? before.name : cleanText('name', name), target })!
    })
    outbox.wake()
    sendEtag(reply, channel)
    return view(channel)
  })

  app.delete('/v1/notification-channels/:id', {
    config: { access: may('manage', at.channel) },
    schema: { tags, summary: 'Remove a way out', description: 'What waits for it is not sent.', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      checkMatch(request, found(id))
      notifications.removeChannel(id)
    })
    void reply.status(204).send(null)
  })

  app.post('/v1/notification-channels/:id/rotate-secret', {
    config: { access: may('manage', at.channel) },
    schema: { tags, summary: 'Give a webhook another key', description: 'For 24 h there are two signatures, by the new key and by the one before.', headers: CreateHeaders, params: IdParams, response: { 200: named(NotificationChannelWithSecret), ...problems(400, 401, 403, 404, 409, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const before = found((request.params).id)
    if (before.target.kind !== 'webhook') throw new ApiError('LOA_ERR_WRONG_KIND', 'only webhooks have a key', 'chỉ webhook mới có khóa')
    const keys = rotateKeys(before.target.keys, clock.wallMs())
    const channel = notifications.replaceChannel({ ...before, target: { ...before.target, keys } })!
    return { status: 200, body: { ...view(channel), secret: keys[0]!.secret } }
  }))

  app.post('/v1/notification-channels/:id/test', {
    config: { access: may('manage', at.channel) },
    schema: { tags, summary: 'Send a test', description: 'Queued as anything else; see what becomes of it at `GET /v1/notifications`.', headers: CreateHeaders, params: IdParams, response: { 201: named(Notification), ...problems(400, 401, 403, 404, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const notification = outbox.test(found(request.params.id))
    return { status: 201, body: notificationView(notification), after: () => { outbox.wake() } }
  }))

  app.get('/v1/notifications', {
    config: { access: somewhere('manage') },
    schema: { tags, summary: 'What was sent, and what waits', description: 'Newest first. Delivered and dead ones are kept for 30 days.', querystring: NotificationQuery, response: { 200: named(NotificationPage), ...problems(400, 401, 403) } },
  }, (request) => pageView('notifications', notifications.list(readPage('notifications', request.query), { ...request.query, within: identityOf(request).rights.roots('manage') }), notificationView))

  app.post('/v1/notifications/:id/retry', {
    config: { access: may('manage', at.notification) },
    schema: { tags, summary: 'Send a notification again', description: 'At once; also one that was given up.', params: IdParams, response: { 200: named(Notification), ...problems(401, 403, 404, 409, 507) } },
  }, ({ params: { id } }) => {
    const notification = notifications.get(id)
    if (notification === undefined) throw notFound('notification', id)
    const again = outbox.retry(notification)
    if (again === undefined) throw new ApiError('LOA_ERR_DELIVERED', 'it has been delivered', 'thông báo đã được gửi')
    outbox.wake()
    return notificationView(again)
  })
}

const notificationView = (notification: NotificationRecord): NotificationView => ({
  id: notification.id,
  channelId: notification.channelId,
  alarmId: notification.alarmId,
  kind: notification.kind,
  state: notification.state,
  attempts: notification.attempts,
  createdAt: formatTime(notification.createdAtMs),
  nextAttemptAt: notification.state === 'pending' ? formatTime(notification.nextAtMs) : null,
  doneAt: notification.doneAtMs === null ? null : formatTime(notification.doneAtMs),
  lastError: notification.lastError,
})
