import t from 'tap'
import { hashSecret } from '../../control/ids.ts'
import { openPass } from '../../control/monitor-pass.ts'
import { buildControl, seed, START_MS, TOKENS } from '../support/build-control.ts'
import { PASS_KEY } from '../support/fake-broadcast.ts'

t.test('a pass is for one thing that its holder sees, and for three minutes', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { sourceId, clusterId } = await seed(h)
  const made = await h.call('POST', '/v1/monitor-passes', { sourceId }, { as: 'viewer' })
  t.match(made, { status: 201, body: { whepPath: `/whep/source/${sourceId}`, mp3Path: `/monitor/${sourceId}.mp3`, expiresAt: '2026-06-18T03:03:00.000Z' } })
  t.same(openPass(PASS_KEY, String(made.body['pass'])), { hears: { sourceId }, tokenHash: hashSecret(TOKENS.viewer), expiresAtMs: START_MS + 180_000 })
  t.notMatch(made.text, TOKENS.viewer)
  t.match(await h.call('POST', '/v1/monitor-passes', { clusterId }), { status: 201, body: { whepPath: `/whep/cluster/${clusterId}`, mp3Path: `/monitor/cluster/${clusterId}.mp3` } })
  t.match(await h.call('POST', '/v1/monitor-passes', { sourceId: 'nothing' }), { status: 404 })
  t.match(await h.call('POST', '/v1/monitor-passes', { clusterId: 'nothing' }), { status: 404 })
  t.match(await h.call('POST', '/v1/monitor-passes', { sourceId, clusterId }), { status: 422 })
})
