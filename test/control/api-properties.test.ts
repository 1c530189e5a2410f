import t from 'tap'
import { Draw } from '../support/api/draw.ts'
import { Prober, type Violation } from '../support/api/prober.ts'
import { buildControl } from '../support/build-control.ts'
import { fc, TEST_SEED } from '../support/seed.ts'

/**
 * Every operation of the OpenAPI document with generated input, valid and spoilt: see Prober for what must hold. Nothing here knows a route. Among the
 * other tests each operation has ROUNDS requests, the same on every machine however slow it is. For longer, each world of a few thousand requests with the
 * next seed:
 *
 *   LOA_API_SECONDS=600 LOA_TEST_SEED=random node test/control/api-properties.test.ts
 */
const SECONDS = Number(process.env['LOA_API_SECONDS'] ?? 0)
const ROUNDS = 2
const REQUESTS_OF_A_LONG_WORLD = 3000
const PASSWORD = 'mưa rào trên mái tôn 7'

async function probeWorld(seed: number, untilMs: number): Promise<readonly Violation[]> {
  const harness = await buildControl()
  const prober = new Prober(harness)
  try {
    const user = await harness.call('POST', '/v1/users', { login: 'nguoi.truc', name: 'Người Trực', password: PASSWORD, roles: [{ role: 'administrator', unitId: null }, { role: 'emergency-officer', unitId: null }] })
    if (user.status !== 201) throw new Error(user.text)
    const session = await harness.call('POST', '/v1/sessions', { login: 'nguoi.truc', password: PASSWORD, as: 'token' }, { as: null })
    prober.addCaller(session.body['token'] as string, [user.body.id, session.body.id])
    const { operations } = prober
    let done = 0
    await fc.assert(fc.asyncProperty(fc.gen(), async (generate) => {
      if (SECONDS > 0 && performance.now() > untilMs) return
      const draw = new Draw(generate)
      if (done === 0) await prober.prepare(draw)
      const operation = operations[done++ % operations.length]!
      // Else nothing would live long enough to be changed.
      if (operation.method !== 'DELETE' || draw.chance(0.4)) await prober.probe(draw, operation)
    }), { seed, numRuns: SECONDS > 0 ? REQUESTS_OF_A_LONG_WORLD : ROUNDS * operations.length, endOnFailure: true })
    if (SECONDS > 0) for (const [name, statuses] of prober.statuses) t.comment(`${name}: ${[...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${String(status)}×${String(count)}`).join(' ')}`)
  } finally {
    prober.close()
    await harness.close()
  }
  return prober.violations
}

t.test('every operation keeps its promises, whatever is sent', async (t) => {
  t.setTimeout((SECONDS + 100) * 1000)
  const untilMs = performance.now() + SECONDS * 1000
  const found = new Map<string, Violation>()
  for (let seed = TEST_SEED; seed === TEST_SEED || performance.now() < untilMs; seed++) {
    for (const violation of await probeWorld(seed, untilMs)) {
      const key = `${violation.rule} · ${violation.operation}`
      if (!found.has(key)) t.fail(`${key} (LOA_TEST_SEED=${String(seed)}): ${violation.detail}\n${violation.request}`)
      found.set(key, violation)
    }
  }
  t.equal(found.size, 0, `LOA_TEST_SEED=${String(TEST_SEED)}`)
})
