import t, { type Test } from 'tap'
import { nextPollMs } from '../../../control/cap/feed-poller.ts'
import { readFeed } from '../../../control/cap/feed-reader.ts'
import { NEVER_POLLED } from '../../../control/ports.ts'
import { readXml } from '../../../control/cap/xml.ts'
import { writeCap } from '../../../control/cap/cap-writer.ts'
import { buildControl, type Harness } from '../../support/build-control.ts'
import { INCLUSIVE, LIMITS, makeKeys, message, signAs, signedMessage } from '../../support/cap-samples.ts'

const keys = makeKeys()
const URL_OF_FEED = 'https://kttv.example/cap/atom.xml'

const atom = (...entries: readonly string[]): string => `<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="vi"><title>x</title>${entries.join('')}</feed>`
const entry = (id: string, inside: string): string => `<entry><id>${id}</id><updated>2026-06-18T03:00:00Z</updated>${inside}</entry>`
const link = (href: string, type = 'application/cap+xml'): string => `<link rel="alternate" type="${type}" href="${href}"/>`

async function world(t: Test): Promise<Harness & { readonly feedId: string; poll(): Promise<unknown>; outcomes(): Promise<readonly unknown[]> }> {
  const h = await buildControl()
  t.teardown(() => h.close())
  const unitId = (await h.call('POST', '/v1/units', { code: '347', name: 'Phủ Lý', parentId: null })).body.id
  await h.call('POST', '/v1/clusters', { unitId, code: 'C1', name: 'C1', position: { lat: 20.55, lon: 105.9 } })
  const senderId = (await h.call('POST', '/v1/cap-senders', { name: 'Đài', sender: 'kttv@hanam.example', keys: [keys.pem], unitId, preAuthorisedUnitIds: [unitId] })).body.id
  const feedId = (await h.call('POST', '/v1/cap-feeds', { name: 'Đài', senderId, url: URL_OF_FEED, intervalMs: 60_000, enabled: false })).body.id
  return {
    ...h, feedId,
    poll: async () => (await h.call('POST', `/v1/cap-feeds/${feedId}/poll`)).body,
    outcomes: async () => (await h.call('GET', '/v1/cap')).body.items.map(({ identifier, outcome }) => `${String(identifier)} ${String(outcome)}`),
  }
}

t.test('messages of Atom and RSS are found, in the entries and behind their links', (t) => {
  const items = (text: string) => readFeed(readXml(Buffer.from(text), { ...LIMITS, isLenient: true }), URL_OF_FEED)
  const alert = writeCap(message())
  t.match(items(alert), [{ key: '', root: { local: 'alert' } }])
  t.match(items(atom(entry('2', link('2.xml')), entry('1', `<content type="text/xml">${alert}</content>`))), [{ key: '1 2026-06-18T03:00:00Z', root: { local: 'alert' } }, { url: 'https://kttv.example/cap/2.xml' }], 'oldest first, links as they are meant')
  t.match(items(atom(entry('1', `${link('page.html', 'text/html')}${link('https://b.example/1')}`))), [{ url: 'https://b.example/1' }])
  t.same(items(atom(entry('1', link('page.html', 'text/html')), entry('2', ''))), [])
  t.match(items(`<rss version="2.0"><channel><title>x</title><item><guid>g</guid><pubDate>p</pubDate><link>https://b.example/2</link></item><item><link>https://b.example/1</link></item></channel></rss>`), [{ url: 'https://b.example/1' }, { key: 'g p https://b.example/2', url: 'https://b.example/2' }])
  t.throws(() => items('<html/>'), { code: 'CAP_ERR_RULE', message: /neither Atom/ })
  t.end()
})

t.test('a feed is read once for what has changed, and each message is fetched once', async (t) => {
  const w = await world(t)
  const documents = w.fetcher.documents
  documents.set(URL_OF_FEED, { body: atom(entry('2', link('2.xml')), entry('1', link('1.xml'))), etag: '"a"' })
  documents.set('https://kttv.example/cap/1.xml', { body: signedMessage({ identifier: 'A' }, keys) })
  t.match(await w.poll(), { failures: 0, problem: /2\.xml answers 404/ })
  t.same(await w.outcomes(), ['A on-air'])
  documents.set('https://kttv.example/cap/2.xml', { body: signedMessage({ identifier: 'B', status: 'Test' }, keys) })
  w.fetcher.asked.length = 0
  t.match(await w.poll(), { problem: null })
  t.same(w.fetcher.asked.map(({ url, etag }) => [url, etag ?? null]), [[URL_OF_FEED, null], ['https://kttv.example/cap/2.xml', null]], 'what could not be had is asked for again, and nothing else')
  w.fetcher.asked.length = 0
  await w.poll()
  t.same(w.fetcher.asked.map(({ url, etag }) => [url, etag]), [[URL_OF_FEED, '"a"']])
  t.same(await w.outcomes(), ['B kept', 'A on-air'])
})

t.test('of a long feed the newest comes first', async (t) => {
  const w = await world(t)
  w.fetcher.documents.set(URL_OF_FEED, { body: atom(...Array.from({ length: 120 }, (_, index) => entry(String(index), link(`${String(index)}.xml`)))) })
  w.fetcher.documents.set('https://kttv.example/cap/0.xml', { body: signedMessage({ identifier: 'NEWEST' }, keys) })
  await w.poll()
  t.same(await w.outcomes(), ['NEWEST on-air'])
})

t.test('a look that seems to lie ahead, because a clock was wrong, puts off no other', async (t) => {
  const w = await world(t)
  await w.call('PATCH', `/v1/cap-feeds/${w.feedId}`, { enabled: true })
  const { store, clock } = w
  store.capFeeds.noteState(w.feedId, { ...NEVER_POLLED, polledAtMs: clock.wallMs() + 400 * 24 * 3_600_000 })
  await w.call('PATCH', `/v1/cap-feeds/${w.feedId}`, { name: 'Đài khác' })
  w.fetcher.asked.length = 0
  clock.advance(61_000)
  t.ok(w.fetcher.asked.length > 0)
})

t.test('a signed message inside a feed is verified as it stands there', async (t) => {
  const w = await world(t)
  const inline = (identifier: string, method?: string): string => signAs(writeCap(message({ identifier, status: 'Test' })), keys, method === undefined ? {} : { method })
  const outer = entry('1', `<content type="text/xml">${inline('EXC')}</content>`) + entry('2', `<content type="text/xml">${inline('INC', INCLUSIVE)}</content>`)
  w.fetcher.documents.set(URL_OF_FEED, { body: atom(outer) })
  t.match(await w.poll(), { problem: null })
  t.same((await w.call('GET', '/v1/cap')).body.items.map(({ identifier, signature }) => [identifier, signature]), [['EXC', 'valid'], ['INC', 'valid']])
})

t.test('a feed brings messages of its own sender only, and what is wrong with one keeps out no other', async (t) => {
  const w = await world(t)
  w.fetcher.documents.set(URL_OF_FEED, { body: atom(entry('3', `<content>${signedMessage({ identifier: 'C' }, keys)}</content>`), entry('2', `<content>${writeCap(message()).replace('Actual', 'Real')}</content>`), entry('1', `<content>${signedMessage({ sender: 'other@example' }, keys)}</content>`)) })
  t.match(await w.poll(), { problem: /other@example is not of the sender/ })
  t.same(await w.outcomes(), ['C on-air'])
  w.fetcher.documents.set(URL_OF_FEED, { body: '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>' })
  t.match(await w.poll(), { failures: 1, problem: /DOCTYPE/ })
  w.fetcher.documents.set(URL_OF_FEED, { body: 'x'.repeat(9 * 1024 * 1024) })
  t.match(await w.poll(), { failures: 2, problem: /large/ })
})

t.test('a feed is looked at in its time, later after failures, and no more when it is switched off', async (t) => {
  const w = await world(t)
  const looks = async (): Promise<number> => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => { setImmediate(resolve) })
    return w.fetcher.asked.length
  }
  await w.call('PATCH', `/v1/cap-feeds/${w.feedId}`, { enabled: true })
  w.clock.advance(0)
  t.equal(await looks(), 1, 'at once')
  w.clock.advance(60_000)
  t.equal(await looks(), 1, 'it failed: not before twice the time')
  w.clock.advance(60_000)
  t.equal(await looks(), 2)
  w.fetcher.documents.set(URL_OF_FEED, { body: atom() })
  w.clock.advance(240_000)
  t.equal(await looks(), 3)
  t.match((await w.call('GET', `/v1/cap-feeds/${w.feedId}`)).body, { failures: 0, problem: null })
  w.clock.advance(60_000)
  t.equal(await looks(), 4)
  await w.call('PATCH', `/v1/cap-feeds/${w.feedId}`, { enabled: false })
  w.clock.advance(3_600_000)
  t.equal(await looks(), 4)
  const feed = w.store.capFeeds.get(w.feedId)!
  t.equal(nextPollMs(feed, { ...NEVER_POLLED, polledAtMs: 0, failures: 99 }), 30 * 60_000, 'half an hour at most')
  t.equal(nextPollMs({ ...feed, intervalMs: 7_200_000 }, { ...NEVER_POLLED, polledAtMs: 0, failures: 3 }), 7_200_000)
})

t.test('feeds and senders are checked when they are made', async (t) => {
  const w = await world(t)
  const senderId = w.store.capFeeds.get(w.feedId)!.senderId
  const feed = async (change: object) => w.call('POST', '/v1/cap-feeds', { name: 'x', senderId, url: URL_OF_FEED, ...change })
  for (const url of ['http://127.0.0.1/a', 'http://[::1]/', 'https://169.254.169.254/latest/meta-data', 'http://0x7f.1/', 'http://localhost/']) t.match(await feed({ url }), { status: 422, body: { code: 'LOA_ERR_PRIVATE_ADDRESS' } }, url)
  for (const url of ['ftp://a.example/', 'file:///etc/passwd', 'x']) t.match(await feed({ url }), { status: 422, body: { code: 'LOA_ERR_SOURCE_URL' } }, url)
  t.match(await feed({ senderId: 'nobody' }), { status: 422, body: { code: 'LOA_ERR_UNKNOWN_ID' } })
  const secret = await feed({ url: 'https://u:p@a.example/?key=s' })
  t.match(secret.body, { url: 'https://***@a.example/?key=***', enabled: true })
  await w.call('PATCH', `/v1/cap-feeds/${secret.body.id}`, { url: 'https://***@a.example/?key=***', name: 'y' })
  t.equal(w.store.capFeeds.get(secret.body.id)!.url, 'https://u:p@a.example/?key=s')

  const sender = async (change: object, as: 'admin' | 'operator' = 'admin') => w.call('POST', '/v1/cap-senders', { name: 'x', sender: 'x@example', keys: [keys.pem], unitId: w.store.units.firstRoot()!.id, ...change }, { as })
  t.match(await sender({ sender: 'kttv@hanam.example' }), { status: 409, body: { code: 'LOA_ERR_SENDER_TAKEN' } })
  t.match(await sender({ keys: ['-----BEGIN PUBLIC KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PUBLIC KEY-----'] }), { status: 422, body: { code: 'LOA_ERR_INVALID', errors: [{ path: 'keys[0]' }] } })
  t.match(await sender({ sender: 'a b' }), { status: 422 })
  const beside = (await w.call('POST', '/v1/units', { code: 'B', name: 'B', parentId: null })).body.id
  t.match(await sender({ preAuthorisedUnitIds: [beside] }), { status: 422, body: { errors: [{ path: 'preAuthorisedUnitIds[0]' }] } }, 'never beyond its unit')
  const made = await sender({})
  t.match(made, { status: 201, body: { keys: [{ kind: 'ec', fingerprint: /^[0-9a-f]{64}$/, notAfter: null }] } })
  const url = `/v1/cap-senders/${made.body.id}`
  const { headers: { etag } } = await w.call('GET', url)
  t.match(await w.call('PATCH', url, { name: 'y' }, { headers: { 'if-match': String(etag) } }), { status: 200, body: { name: 'y' } })
  t.match(await w.call('PATCH', url, { name: 'z' }, { headers: { 'if-match': String(etag) } }), { status: 412 })
  t.equal((await w.call('DELETE', url)).status, 204)
})
