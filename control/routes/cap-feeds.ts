import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import type { CapFeedRecord } from '../cap/cap-port.ts'
import { nextPollMs } from '../cap/feed-poller.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import { fieldError } from '../order-rules.ts'
import { notFound, unknownIds } from '../problem.ts'
import { CapFeed, CapFeedPage, CapPageQuery, ChangeCapFeed, CreateCapFeed, type CapFeedView } from '../schemas/cap.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { checkRelayUrls, maskUrl, unmaskUrls } from '../source-rules.ts'
import { cleanText } from '../text.ts'
import { formatTime } from '../time.ts'

const tags = ['cap']

/** Where messages of registered senders are fetched from. */
export function capFeedRoutes(app: ControlApp, { store, clock, config, addresses, creations, cap: { feeds } }: Context): void {
  const known = (id: string): CapFeedRecord => {
    const feed = store.capFeeds.get(id)
    if (feed === undefined) throw notFound('CAP feed', id)
    return feed
  }

  /** @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_SOURCE_URL or LOA_ERR_PRIVATE_ADDRESS */
  function check({ senderId, url }: CapFeedRecord): void {
    if (store.capSenders.get(senderId) === undefined) throw unknownIds([{ path: 'senderId', noun: 'CAP sender', id: senderId }])
    if (!/^https?:\/\//i.test(url)) throw fieldError('LOA_ERR_SOURCE_URL', 'url', 'must start with http:// or https://', 'phải bắt đầu bằng http:// hoặc https://')
    checkRelayUrls([url], addresses, config.allowPrivateSources, () => 'url')
  }

  function viewOf(feed: CapFeedRecord): CapFeedView {
    const { polledAtMs, succeededAtMs, failures, problem } = store.capFeeds.state(feed.id)
    const { createdAtMs, url, ...plain } = feed
    const time = (ms: number | null): string | null => (ms === null ? null : formatTime(ms))
    return { ...plain, url: maskUrl(url), createdAt: formatTime(createdAtMs), polledAt: time(polledAtMs), succeededAt: time(succeededAtMs), failures, problem, nextPollAt: formatTime(Math.max(clock.wallMs(), nextPollMs(feed, { ...store.capFeeds.state(feed.id) }))) }
  }

  app.post('/v1/cap-feeds', {
    config: { access: may('manage', at.bodyCapSender('senderId')) },
    schema: { tags, summary: 'Look at a feed of CAP messages from now on', headers: CreateHeaders, body: CreateCapFeed, response: { 201: named(CapFeed), ...problems(400, 401, 403, 409, 413, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const nowMs = clock.wallMs()
    const { name, intervalMs = 60_000, enabled = true, ...rest } = request.body
    const feed: CapFeedRecord = { id: newId('f', nowMs), name: cleanText('name', name), intervalMs, enabled, ...rest, createdAtMs: nowMs }
    check(feed)
    store.capFeeds.insert(feed)
    return { status: 201, location: `/v1/cap-feeds/${feed.id}`, body: viewOf(feed), after: () => { feeds.changed(feed.id) } }
  }))

  app.get('/v1/cap-feeds', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List feeds of CAP messages', querystring: CapPageQuery, response: { 200: named(CapFeedPage), ...problems(400, 401) } },
  }, (request) => pageView('capfeeds', store.capFeeds.list(readPage('capfeeds', request.query), { within: identityOf(request).rights.roots('view') }), viewOf))

  app.get('/v1/cap-feeds/:id', {
    config: { access: may('view', at.capFeed) },
    schema: { tags, summary: 'Show a feed, and what the last look has come to', params: IdParams, response: { 200: named(CapFeed), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const feed = known(id)
    sendEtag(reply, feed)
    return viewOf(feed)
  })

  app.post('/v1/cap-feeds/:id/poll', {
    config: { access: may('manage', at.capFeed) },
    schema: { tags, summary: 'Look at a feed now', description: 'Answers when it was read and its messages are dealt with; failures are in the answer.', params: IdParams, response: { 200: named(CapFeed), ...problems(401, 403, 404, 507) } },
  }, async ({ params: { id } }) => {
    known(id)
    await feeds.poll(id)
    return viewOf(known(id))
  })

  app.patch('/v1/cap-feeds/:id', {
    config: { access: may('manage', at.capFeed, at.bodyCapSender('senderId')) },
    schema: { tags, summary: 'Change a feed', headers: ChangeHeaders, params: IdParams, body: ChangeCapFeed, response: { 200: named(CapFeed), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 507) } },
  }, (request, reply) => {
    const feed = store.transaction(() => {
      const before = known(request.params.id)
      checkMatch(request, before)
      const { name, url, ...rest } = request.body
      const [unmasked] = unmaskUrls([url ?? before.url], [before.url])
      const after: CapFeedRecord = { ...before, ...rest, url: unmasked!, ...(name === undefined ? {} : { name: cleanText('name', name) }) }
      check(after)
      // What was seen at another place is no news of this one.
      if (after.url !== before.url) store.capFeeds.noteState(before.id, { ...store.capFeeds.state(before.id), etag: null, lastModified: null })
      return store.capFeeds.replace(after)!
    })
    feeds.changed(feed.id)
    sendEtag(reply, feed)
    return viewOf(feed)
  })

  app.delete('/v1/cap-feeds/:id', {
    config: { access: may('manage', at.capFeed) },
    schema: { tags, summary: 'Look at a feed no more', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    store.transaction(() => {
      checkMatch(request, known(id))
      store.capFeeds.remove(id)
    })
    feeds.changed(id)
    void reply.status(204).send(null)
  })
}
