import t from 'tap'
import type { PlayLogRecord } from '../../control/ports.ts'
import { buildControl, seed } from '../support/build-control.ts'

t.test('the play log of a cluster comes page by page, newest first', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { clusterId } = await seed(h)
  const atMs = h.clock.wallMs()
  const entry = (number: number, more: Partial<PlayLogRecord> = {}): PlayLogRecord => ({
    clusterId, deviceId: 'd1', logId: 'l1', number, orderId: `o${String(number % 2)}`, playing: 'live', audible: true, verified: true, heard: null, fromSamples: number * 480_000, untilSamples: number * 480_000 + 96_000, missingSamples: 960, heardAtMs: atMs + number * 10_000, end: 'over', receivedAtMs: atMs + 60_000, ...more,
  })
  t.equal(h.store.playLog.take([entry(1), entry(2), entry(3)]).length, 3)
  t.equal(h.store.playLog.take([entry(3, { orderId: 'forged later' }), entry(4, { heard: true, end: 'crash', orderId: null, playing: 'filler' })]).length, 1, 'what is there stays as it is')
  t.equal(h.store.playLog.take([entry(1, { logId: 'l2' }), entry(1, { clusterId: 'another' })]).length, 2, 'numbers count within a log')

  const url = `/v1/clusters/${clusterId}/play-log`
  const first = await h.call('GET', `${url}?limit=2`, undefined, { as: 'viewer' })
  t.match(first, { status: 200, body: { items: [{ logId: 'l2', number: 1 }, { logId: 'l1', number: 4, stage: 'heard', heard: true, end: 'crash', orderId: null, playing: 'filler' }] } })
  const second = await h.call('GET', `${url}?limit=3&cursor=${String(first.body['nextCursor'])}`)
  t.match(second.body, {
    items: [{ number: 3, orderId: 'o1' }, { number: 2 }, { number: 1, stage: 'played', from: new Date(atMs + 10_000).toISOString(), until: new Date(atMs + 12_000).toISOString(), playedMs: 1980, missingMs: 20, deviceId: 'd1' }],
    nextCursor: null,
  })
  t.same((await h.call('GET', `${url}?orderId=o0`)).body.items.map(({ number }) => number), [2])
  t.equal((await h.call('GET', '/v1/clusters/nobody/play-log')).status, 404)
  t.equal((await h.call('GET', url, undefined, { as: null })).status, 401)
})
