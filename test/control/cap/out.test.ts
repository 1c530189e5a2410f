import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readCapDocument } from '../../../control/cap/cap-desk.ts'
import { readCapKey } from '../../../control/cap/cap-keys.ts'
import { readFeed } from '../../../control/cap/feed-reader.ts'
import { verifyCap } from '../../../control/cap/signature.ts'
import { readXml } from '../../../control/cap/xml.ts'
import { buildControl, START_MS } from '../../support/build-control.ts'
import { LIMITS } from '../../support/cap-samples.ts'

const hasXmlsec = (() => {
  try {
    execFileSync('xmlsec1', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

t.test('our alerts are signed messages that others take, from the first to the cancel', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const unitId = (await h.call('POST', '/v1/units', { code: '347', name: 'Thành phố Phủ Lý', parentId: null })).body.id
  await h.call('POST', '/v1/clusters', { unitId, code: 'C1', name: 'C1', position: { lat: 20.55, lon: 105.9 } })
  const square = { type: 'Polygon', coordinates: [[[105.8, 20.5], [106, 20.5], [106, 20.6], [105.8, 20.6], [105.8, 20.5]]] }
  const prepare = async (body: object = {}) => (await h.call('POST', '/v1/alerts', { kind: 'real', hazard: 'flood', level: 3, title: 'Lũ <lớn> & nhanh', parts: [{ language: 'vi', text: 'Nước lên nhanh.' }], targets: { units: [unitId], selection: { area: square, circles: [{ lat: 20.55, lon: 105.9, radiusM: 1500 }] } }, ...body })).body.id
  const certificate = await h.call('GET', '/v1/cap/certificate.pem', undefined, { as: null })
  const key = readCapKey(certificate.text)
  const folder = mkdtempSync(join(tmpdir(), 'loa-cap-out-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  writeFileSync(join(folder, 'cert.pem'), certificate.text)
  const message = async (id: string, query = '') => {
    const answer = await h.call('GET', `/v1/alerts/${id}/cap${query}`, undefined, { as: null })
    t.match(answer, { status: 200, headers: { 'content-type': 'application/cap+xml; charset=utf-8' } })
    const { root, message: read } = readCapDocument(Buffer.from(answer.text))
    t.match(verifyCap(root, [key], h.clock.wallMs()), { verdict: 'valid', fingerprint: key.fingerprint })
    if (hasXmlsec) {
      const file = join(folder, 'cap.xml')
      writeFileSync(file, answer.text)
      t.doesNotThrow(() => { execFileSync('xmlsec1', ['--verify', '--trusted-pem', join(folder, 'cert.pem'), '--verification-time', '2026-06-18 03:00:00', file], { stdio: 'pipe' }) }, 'xmlsec1 verifies it')
    }
    return read
  }

  const id = await prepare()
  t.equal((await h.call('GET', `/v1/alerts/${id}/cap`, undefined, { as: null })).status, 404, 'what was only prepared is nobody\'s business')
  await h.call('POST', `/v1/alerts/${id}/confirm`, {})
  const alert = await message(id)
  t.match(alert, {
    identifier: id, sender: 'loa@xa.example', sent: '2026-06-18T03:00:00-00:00', status: 'Actual', msgType: 'Alert', scope: 'Public', references: [],
    infos: [{ language: 'vi', categories: ['Met'], event: 'Lũ, lụt', urgency: 'Immediate', severity: 'Severe', certainty: 'Likely', effective: '2026-06-18T03:00:00-00:00', expires: '2026-06-18T09:00:00-00:00', senderName: 'Thành phố Phủ Lý', headline: 'Lũ <lớn> & nhanh', description: 'Nước lên nhanh.', parameters: [{ valueName: 'cap-do-rui-ro', value: '3' }],
      areas: [{ areaDesc: 'Thành phố Phủ Lý', polygons: [[{ lat: 20.5, lon: 105.8 }, {}, {}, {}, { lat: 20.5, lon: 105.8 }]], circles: [{ lat: 20.55, lon: 105.9, radiusKm: 1.5 }], geocodes: [{ valueName: 'loa:unit', value: '347' }] }] }],
  })

  h.clock.advance(60_000)
  const corrected = (await h.call('POST', `/v1/alerts/${id}/correct`, { parts: [{ language: 'vi', text: 'Nước rút.' }] })).body.id
  t.match(await message(corrected), { msgType: 'Update', references: [{ identifier: id, sender: 'loa@xa.example', sent: alert.sent }], infos: [{ description: 'Nước rút.' }] })
  h.clock.advance(60_000)
  const { body: { replacedBy } } = await h.call('POST', `/v1/alerts/${corrected}/cancel`, { reason: 'Báo nhầm' })
  t.match(await message(String(replacedBy)), { msgType: 'Cancel', references: [{ identifier: id }, { identifier: corrected }], infos: [{ urgency: 'Past', responseTypes: ['AllClear'] }] })

  const exercise = await prepare({ kind: 'exercise', title: 'Thử' })
  await h.call('POST', `/v1/alerts/${exercise}/confirm`, {})
  t.match(await message(exercise), { status: 'Exercise', note: 'Diễn tập' })
  const planned = await prepare({ title: 'Hẹn giờ', startsAt: new Date(START_MS + 3_600_000).toISOString() })
  await h.call('POST', `/v1/alerts/${planned}/confirm`, {})
  const unheard = async (what: string): Promise<void> => { t.equal((await h.call('GET', `/v1/alerts/${planned}/cap`, undefined, { as: null })).status, 404, what) }
  await unheard('what is planned is told when it is heard')
  await h.call('POST', `/v1/alerts/${planned}/cancel`, { reason: 'Thôi' })
  await unheard('and not when it was taken back before')
  // With no voice nothing is said of its end.
  h.speech.failure = 'SPEECH_ERR_MISSING'
  const [part] = (await h.call('GET', `/v1/alerts/${exercise}`)).body['parts'] as { clipId: string }[]
  const silent = await prepare({ title: 'Im lặng', parts: [{ language: 'vi', clipId: part!.clipId }] })
  await h.call('POST', `/v1/alerts/${silent}/confirm`, {})
  h.clock.advance(1000)
  await h.call('POST', `/v1/alerts/${silent}/cancel`, { reason: 'Thôi' })
  t.match(await message(silent), { identifier: `${silent}.cancel`, msgType: 'Cancel', note: 'Thôi', references: [{ identifier: silent }], infos: [] })
  t.match(await message(silent, '?latest=false'), { identifier: silent, msgType: 'Alert' })

  const feed = await h.call('GET', '/v1/cap/feed.atom', undefined, { as: null, headers: { host: 'loa.example:8080' } })
  t.match(feed.headers['content-type'], /application\/atom\+xml/)
  const items = readFeed(readXml(Buffer.from(feed.text), { ...LIMITS, isLenient: true }), 'http://loa.example:8080/')
  t.same(items.map(({ url }) => url), [id, corrected, String(replacedBy), exercise, `${silent}`, silent].map((one, index) => `http://loa.example:8080/v1/alerts/${one}/cap${index === 4 ? '?latest=false' : ''}`), 'oldest first')
  t.match(feed.text, /<title>\[Exercise\] Thử<\/title>/)
  t.match(feed.text, /<title>Lũ &lt;lớn&gt; &amp; nhanh<\/title>/)
  t.equal((await h.call('GET', '/v1/cap/feed.atom', undefined, { as: null, headers: { 'host': 'loa.example:8080', 'if-none-match': String(feed.headers['etag']) } })).status, 304)
})

t.test('what one server says, another takes as it is', async (t) => {
  const [ours, theirs] = [await buildControl(), await buildControl()]
  t.teardown(async () => { await Promise.all([ours.close(), theirs.close()]) })
  const place = async (h: typeof ours) => {
    const unitId = (await h.call('POST', '/v1/units', { code: '347', name: 'Phủ Lý', parentId: null })).body.id
    await h.call('POST', '/v1/clusters', { unitId, code: 'C1', name: 'C1' })
    return unitId
  }
  const unitId = await place(ours)
  const theirUnit = await place(theirs)
  const { id } = (await ours.call('POST', '/v1/alerts', { kind: 'real', hazard: 'dam-release', level: 4, title: 'Xả lũ', parts: [{ language: 'vi', text: 'Hồ xả lũ lúc mười giờ.' }], targets: { units: [unitId] } })).body
  await ours.call('POST', `/v1/alerts/${id}/confirm`, {})
  const keys = [(await ours.call('GET', '/v1/cap/certificate.pem')).text]
  const sender = (await theirs.call('POST', '/v1/cap-senders', { name: 'Loa', sender: 'loa@xa.example', keys, unitId: theirUnit, preAuthorisedUnitIds: [theirUnit], geocodeNames: ['loa:unit'] })).body.id
  const base = 'https://loa.example'
  theirs.fetcher.documents.set(`${base}/v1/cap/feed.atom`, { body: (await ours.call('GET', '/v1/cap/feed.atom', undefined, { headers: { host: 'loa.example' } })).text.replaceAll('http:', 'https:').replace('https://www.w3.org', 'http://www.w3.org'), etag: '"1"' })
  theirs.fetcher.documents.set(`${base}/v1/alerts/${id}/cap`, { body: (await ours.call('GET', `/v1/alerts/${id}/cap`)).text })
  const feed = (await theirs.call('POST', '/v1/cap-feeds', { name: 'Loa', senderId: sender, url: `${base}/v1/cap/feed.atom` })).body.id
  t.match((await theirs.call('POST', `/v1/cap-feeds/${feed}/poll`)).body, { failures: 0, problem: null })
  const [message] = (await theirs.call('GET', '/v1/cap')).body.items
  t.match(message, { outcome: 'on-air', via: { kind: 'feed', id: feed } })
  t.match((await theirs.call('GET', `/v1/alerts/${String(message!['alertId'])}`)).body, { state: 'on-air', hazard: 'dam-release', level: 4, title: 'Xả lũ', clusters: { targeted: 1 } })
})
