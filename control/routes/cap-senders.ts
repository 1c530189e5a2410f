import { Type } from 'typebox'
import { may, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import { CapError } from '../cap/cap-error.ts'
import { readCapKey } from '../cap/cap-keys.ts'
import type { CapSenderRecord } from '../cap/cap-port.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { ChangeHeaders, checkMatch, sendEtag } from '../etag.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import { ApiError, notFound, unknownIds } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { CapPageQuery, CapSender, CapSenderPage, ChangeCapSender, CreateCapSender, type CapSenderView, type ChangeCapSenderBody } from '../schemas/cap.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { cleanText } from '../text.ts'
import { formatTime } from '../time.ts'
import { checkStanding } from '../unit-change-rules.ts'
import { invalid } from '../validation.ts'

const tags = ['cap']

/** Whose CAP messages are taken, by which keys, and how far they reach. */
export function capSenderRoutes(app: ControlApp, { store, clock, creations, cap: { feeds } }: Context): void {
  const known = (id: string): CapSenderRecord => {
    const sender = store.capSenders.get(id)
    if (sender === undefined) throw notFound('CAP sender', id)
    return sender
  }

  app.post('/v1/cap-senders', {
    config: { access: may('manage', at.bodyUnit('unitId')) },
    schema: { tags, summary: 'Register a sender of CAP messages', description: 'Compare the `fingerprint` in the answer with its owner by another way than the one on which the key came.', headers: CreateHeaders, body: CreateCapSender, response: { 201: named(CapSender), ...problems(400, 401, 403, 409, 413, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const nowMs = clock.wallMs()
    const { name, sender, keys, unitId } = request.body
    const blank = { preAuthorisedUnitIds: [], geocodeNames: [], mostPerHour: 10, enabled: true }
    const made = cleaned({ ...blank, id: newId('n', nowMs), name, sender, keys, unitId, createdAtMs: nowMs }, request.body)
    check(made, identityOf(request).rights, store)
    const kept = store.capSenders.insert(made)
    return { status: 201, location: `/v1/cap-senders/${kept.id}`, body: viewOf(kept) }
  }))

  app.get('/v1/cap-senders', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List registered senders of CAP messages', querystring: CapPageQuery, response: { 200: named(CapSenderPage), ...problems(400, 401) } },
  }, (request) => pageView('capsenders', store.capSenders.list(readPage('capsenders', request.query), { within: identityOf(request).rights.roots('view') }), viewOf))

  app.get('/v1/cap-senders/:id', {
    config: { access: may('view', at.capSender) },
    schema: { tags, summary: 'Show a registered sender', params: IdParams, response: { 200: named(CapSender), ...problems(401, 404) } },
  }, ({ params: { id } }, reply) => {
    const sender = known(id)
    sendEtag(reply, sender)
    return viewOf(sender)
  })

  app.patch('/v1/cap-senders/:id', {
    config: { access: may('manage', at.capSender, at.changedUnit('unitId')) },
    schema: { tags, summary: 'Change a registered sender', description: 'One that is pre-authorised, before or after, needs the right `emergency` too, unless it is only switched off.', headers: ChangeHeaders, params: IdParams, body: ChangeCapSender, response: { 200: named(CapSender), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 507) } },
  }, (request, reply) => {
    const sender = store.transaction(() => {
      const before = known(request.params.id)
      checkMatch(request, before)
      const after = cleaned(before, request.body)
      // Whoever sees that something is wrong must be able to stop it.
      const isOnlyLess = JSON.stringify({ ...before, enabled: false, preAuthorisedUnitIds: [] }) === JSON.stringify({ ...after, enabled: false, preAuthorisedUnitIds: [] }) && (!after.enabled || before.enabled) && after.preAuthorisedUnitIds.every((id) => before.preAuthorisedUnitIds.includes(id))
      if (!isOnlyLess) check(after, identityOf(request).rights, store)
      return store.capSenders.replace(after)!
    })
    for (const feed of store.capFeeds.all()) if (feed.senderId === sender.id) feeds.changed(feed.id)
    sendEtag(reply, sender)
    return viewOf(sender)
  })

  app.delete('/v1/cap-senders/:id', {
    config: { access: may('manage', at.capSender) },
    schema: { tags, summary: 'Remove a registered sender', description: 'With its feeds. Its messages and alerts stay.', headers: ChangeHeaders, params: IdParams, response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 507) } },
  }, (request, reply) => {
    const { id } = request.params
    const own = store.transaction(() => {
      checkMatch(request, known(id))
      const feedsOfIt = store.capFeeds.all().filter(({ senderId }) => senderId === id)
      store.capSenders.remove(id)
      return feedsOfIt
    })
    for (const feed of own) feeds.changed(feed.id)
    void reply.status(204).send(null)
  })
}

const cleaned = (before: CapSenderRecord, { name, keys, ...rest }: ChangeCapSenderBody): CapSenderRecord => ({
  ...before,
  ...rest,
  ...(name === undefined ? {} : { name: cleanText('name', name) }),
  ...(keys === undefined ? {} : { keys: keys.map((pem, index) => readKey(pem, index).pem) }),
})

/** @throws ApiError LOA_ERR_INVALID */
function readKey(pem: string, index: number): ReturnType<typeof readCapKey> {
  try {
    return readCapKey(pem)
  } catch (error) {
    if (!(error instanceof CapError)) throw error
    throw invalid([{ path: `keys[${String(index)}]`, message: error.message, messageVi: error.messageVi }])
  }
}

/**
 * Units that are there, one below the other; and who lets others speak without a hand must be one who may speak there himself.
 * @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_UNIT_ENDED, LOA_ERR_INVALID or LOA_ERR_FORBIDDEN
 */
function check({ unitId, preAuthorisedUnitIds }: CapSenderRecord, rights: Rights, store: Context['store']): void {
  const named = [{ path: 'unitId', id: unitId }, ...preAuthorisedUnitIds.map((id, index) => ({ path: `preAuthorisedUnitIds[${String(index)}]`, id }))]
  const missing = named.filter(({ id }) => store.units.get(id) === undefined)
  if (missing.length > 0) throw unknownIds(missing.map(({ path, id }) => ({ path, noun: 'unit' as const, id })))
  checkStanding(store, 'unitId', [unitId])
  checkStanding(store, 'preAuthorisedUnitIds', preAuthorisedUnitIds)
  for (const { path, id } of named.slice(1)) {
    if (!store.units.ancestors(id).includes(unitId)) throw invalid([{ path, message: 'must be the unit of the sender or lie below it', messageVi: 'phải là đơn vị của nơi gửi hoặc trực thuộc' }])
    if (!rights.holds('emergency', id)) {
      const [message, messageVi] = [`needs the right 'emergency' at the unit '${id}'`, `cần quyền 'emergency' tại đơn vị '${id}'`]
      throw new ApiError('LOA_ERR_FORBIDDEN', `this ${message}`, messageVi, { errors: [{ path, message, messageVi }] })
    }
  }
}

const viewOf = ({ keys, createdAtMs, preAuthorisedUnitIds, geocodeNames, ...sender }: CapSenderRecord): CapSenderView => ({
  ...sender,
  keys: keys.map(readCapKey).map(({ pem, fingerprint, kind, notBeforeMs, notAfterMs }) => ({ pem, fingerprint, kind, notBefore: notBeforeMs === null ? null : formatTime(notBeforeMs), notAfter: notAfterMs === null ? null : formatTime(notAfterMs) })),
  preAuthorisedUnitIds: [...preAuthorisedUnitIds],
  geocodeNames: [...geocodeNames],
  createdAt: formatTime(createdAtMs),
})
