import { SqliteStore } from '../../../server/store/sqlite-store.ts'

/**
 * Writes orders without end, one number on its own line for each that the store has acknowledged, and stops every third. Killed by the test.
 */
const store = SqliteStore.open(process.argv[2]!)
for (let n = 1; ; n++) {
  const id = `o${String(n)}`
  store.orders.insert({ id, class: 'emergency', title: 'Lũ', sourceId: 's', clipIds: null, targets: { units: ['u'], clusters: [], tags: [] }, startsAtMs: 0, endsAtMs: 10, rank: 0, resume: 'continue', issuerUnitId: 'u', field: null, attentionTone: true, createdAtMs: 0, createdBy: 't' })
  if (n % 3 === 0) store.orders.stop(id, 5)
  // Written at once, past Node's buffers: what the test has read was acknowledged before the kill.
  await new Promise((resolve) => process.stdout.write(`${String(n)}\n`, resolve))
}
