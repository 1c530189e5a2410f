import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { INSTANT_MS } from '../../bench/fleet/agent-worker.ts'
import { measureFleet } from '../../bench/fleet/measure.ts'

// The figures are worth nothing here, beside other tests; what is tested is that they are about what they say.

t.setTimeout(200_000)
const folder = mkdtempSync(join(tmpdir(), 'loa-fleet-test-'))
t.teardown(() => {
  rmSync(folder, { recursive: true, force: true })
})

t.test('a small fleet over emulated links: every agent joins, is measured, hears an emergency, and comes back after a cut', async (t) => {
  const clusters = 5
  const measureMs = 2000
  const run = await measureFleet({ folder, profile: '4g', clusters, ppm: 50, seed: 3, ownProcesses: 1, warmUpMs: 1000, measureMs, emergencies: 1, cutMs: 1500, say: () => undefined })
  t.equal(run.joinMs.length, clusters)
  // Sound is heard 800 ms after its place, or later: nobody can have joined before the connection was made.
  t.ok(run.joinMs.every((ms) => ms > 80 && ms < 20_000), `joined after ${run.joinMs.map(Math.round).join(', ')} ms`)
  // Counted are the instants of two seconds, however late the machine is.
  const mostPairs = (measureMs / INSTANT_MS) * clusters * (clusters - 1) / 2
  t.ok(run.figures.pairs > mostPairs / 2 && run.figures.pairs <= mostPairs && run.missingShare < 0.3, `${String(run.figures.pairs)} pairs at instants, of ${String(mostPairs)}`)
  t.ok(run.figures.p50 > 0.001 && run.figures.p50 < 30, `median skew ${run.figures.p50.toFixed(3)} ms`)
  t.ok(run.houseError.p50 < 30, `against the house ${run.houseError.p50.toFixed(3)} ms, known to ${run.houseError.knownToMs.toFixed(3)}`)
  t.equal(run.cutInMs.length, clusters)
  t.ok(run.cutInMs.every((ms) => ms > 300 && ms < 3000), `heard the emergency after ${run.cutInMs.map(Math.round).join(', ')} ms`)
  t.equal(run.relockMs.length, 2)
  t.ok(run.relockMs.every((ms) => ms >= 0 && ms < 12_000), `back ${run.relockMs.join(', ')} ms after the cut`)
  t.ok(run.relay.delivered > 500 && run.relay.stalls > 0, `${String(run.relay.delivered)} deliveries, ${String(run.relay.stalls)} stalls`)
})
