import t from 'tap'
import { TokenBuckets } from '../../control/rate-limit.ts'
import { buildControl, seed, TOKENS } from '../support/build-control.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { fc } from '../support/seed.ts'

const SMALL = { config: { apiReadsPerSecond: 2, apiCommandsPerSecond: 1 } }

t.test('a token reads as often as its budget says, and is told how much is left', async (t) => {
  const h = await buildControl(SMALL)
  t.teardown(() => h.close())
  const read = () => h.call('GET', '/v1/units')
  t.match((await read()).headers, { 'ratelimit-policy': '"reads";q=20;w=10', 'ratelimit': '"reads";r=19;t=1' })
  for (let n = 0; n < 19; n++) t.equal((await read()).status, 200)
  const refused = await read()
  t.match(refused, { status: 429, headers: { 'retry-after': '1', 'ratelimit': '"reads";r=0;t=1' }, body: { code: 'LOA_ERR_RATE', detail: /more than 2 calls a second \(reads\)/ } })
  t.equal((await h.call('GET', '/v1/units', undefined, { as: 'operator' })).status, 200, 'another token has its own')
  t.equal((await h.call('POST', '/v1/units', { code: 'A', name: 'A' })).status, 201, 'changes are counted apart')
  h.clock.advance(500)
  t.equal((await read()).status, 200)
  t.equal((await read()).status, 429)
  h.clock.advance(3_600_000)
  for (let n = 0; n < 20; n++) t.equal((await read()).status, 200)
  t.equal((await read()).status, 429, 'never more than the burst')
})

t.test('who has used up his changes can still give and stop orders, and what he watches goes on', async (t) => {
  const h = await buildControl(SMALL)
  t.teardown(() => h.close())
  const { unitId, sourceId } = await seed(h)
  const stream = await h.app.inject({ url: '/v1/events', headers: { authorization: `Bearer ${TOKENS.admin}` }, payloadAsStream: true })
  let heard = ''
  stream.stream().on('data', (chunk: Buffer) => { heard += chunk.toString() })
  for (let n = 0; (await h.call('PATCH', `/v1/units/${unitId}`, { name: `x${String(n)}` })).status === 200; n++) t.ok(n < 10)
  for (let n = 0; (await h.call('GET', '/v1/me')).status === 200; n++) t.ok(n < 20)
  for (let n = 0; n < 30; n++) {
    const order = await h.call('POST', '/v1/orders', { class: 'emergency', title: 'Lũ', sourceId, targets: { units: [unitId] }, durationMs: 60_000 })
    t.match(order, { status: 201, headers: { 'ratelimit-policy': '"urgent";q=1000;w=10' } })
    t.equal((await h.call('POST', `/v1/orders/${order.body.id}/stop`)).status, 200)
  }
  const cap = await h.app.inject({ method: 'POST', url: '/v1/cap', headers: { authorization: `Bearer ${TOKENS.admin}`, 'content-type': 'application/cap+xml' }, payload: '<alert/>' })
  t.match(cap.headers, { 'ratelimit-policy': '"urgent";q=1000;w=10' }, 'a message may put an emergency on the air too')
  t.not(cap.statusCode, 429)
  t.match(heard, /"state":"stopped"/)
  stream.stream().destroy()
})

t.test('sessions of one user share a budget; 0 is no limit', async (t) => {
  const h = await buildControl({ config: { apiReadsPerSecond: 1, apiCommandsPerSecond: 0 } })
  t.teardown(() => h.close())
  const password = 'mưa rào trên mái tôn 7'
  await h.call('POST', '/v1/users', { login: 'lan.nguyen', name: 'Lan', password, roles: [{ role: 'viewer', unitId: null }] })
  const sessions: string[] = []
  for (let n = 0; n < 2; n++) sessions.push((await h.call('POST', '/v1/sessions', { login: 'lan.nguyen', password, as: 'token' }, { as: null })).body['token'] as string)
  const statuses: number[] = []
  for (let n = 0; n < 11; n++) statuses.push((await h.app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${sessions[n % 2]!}` } })).statusCode)
  t.same(statuses, [...Array.from({ length: 10 }, () => 200), 429])
  for (let n = 0; n < 60; n++) t.notMatch((await h.call('POST', '/v1/groups/preview', {})).headers, { ratelimit: /./ })
})

t.test('buckets give no more than rate and burst, whatever the clock does, and are bounded', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 100 }), fc.array(fc.integer({ min: -5000, max: 5000 }), { maxLength: 300 }), (perSecond, burst, steps) => {
    const clock = new FakeClock()
    const buckets = new TokenBuckets(clock, { perSecond, burst })
    let forwardMs = 0
    let given = 0
    for (const step of steps) {
      if (step < 0) clock.stepWall(step)
      else clock.advance(step % 100)
      forwardMs += step < 0 ? 0 : step % 100
      const { waitSeconds, left } = buckets.take('a')
      if (waitSeconds === 0) given++
      if (left > burst || (waitSeconds > 0 && left !== 0)) return false
    }
    return given <= burst + (forwardMs / 1000) * perSecond + 1e-6
  }))
  const buckets = new TokenBuckets(new FakeClock(), { perSecond: 1, burst: 1 })
  for (let n = 0; n < 10_500; n++) buckets.take(String(n))
  t.equal(buckets.size, 10_000)
  t.end()
})
