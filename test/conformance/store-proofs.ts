import type { Test } from 'tap'
import type { Store } from '../../control/ports.ts'

/** What every store must do with proofs, reports and the logs of devices they are made of. */
export function proofConformance(test: (name: string, work: (t: Test, store: Store) => void) => void, nowMs: number): void {
  test('open proofs are replaced until their order gets its report, and reports are a chain with documents', (t, store) => {
    const proof = (orderId: string, clusterId: string, text: string) => ({ orderId, clusterId, proof: text })
    store.proofs.put([proof('o1', 'c1', 'a'), proof('o1', 'c2', 'b'), proof('o2', 'c1', 'c')])
    store.proofs.put([proof('o1', 'c1', 'd')])
    const report = (kind: 'report' | 'appendix', orderId: string, byte: number) => ({ atMs: nowMs + byte, kind, orderId, sha256: `s${String(byte)}`, packedSha256: `p${String(byte)}`, bytes: 7, packed: new Uint8Array([byte, 0, 255]) })
    t.same([...store.proofs.open()].sort((a, b) => (a.proof < b.proof ? -1 : 1)), [proof('o1', 'c2', 'b'), proof('o2', 'c1', 'c'), proof('o1', 'c1', 'd')])
    store.proofs.append([report('report', 'o1', 1), report('appendix', 'o1', 2)])
    t.same(store.proofs.open(), [proof('o2', 'c1', 'c')])
    store.proofs.append([report('report', 'o2', 3), report('appendix', 'o1', 4)])
    t.match(store.proofs.ofOrder('o1'), [{ atMs: nowMs + 1, kind: 'report', orderId: 'o1', sha256: 's1', packedSha256: 'p1', bytes: 7, seq: 1 }, { kind: 'appendix', seq: 2 }, { kind: 'appendix', seq: 4 }])
    t.same(store.proofs.ofOrder('o9'), [])
    t.same(store.proofs.packed(3), new Uint8Array([3, 0, 255]))
    t.equal(store.proofs.packed(9), undefined)
    const page = store.proofs.list({ after: null, limit: 3 })
    t.same(page.items.map(({ seq }) => seq), [1, 2, 3])
    t.same(store.proofs.list({ after: page.next, limit: 3 }), { items: store.proofs.ofOrder('o1').slice(2), next: null })
    const head = store.checkpoints.heads().find(({ log }) => log === 'report')
    t.match(head, { firstSeq: 1, seq: 4, hash: store.proofs.ofOrder('o1').at(-1)?.hash ?? '' })
    t.equal(store.checkpoints.trim('report', 2), 2)
    const left = (): void => {
      t.same([store.proofs.packed(2), store.proofs.ofOrder('o1').map(({ seq }) => seq), store.proofs.list({ after: null, limit: 9 }).items.map(({ seq }) => seq)], [undefined, [4], [3, 4]], 'the document goes with its entry')
    }
    left()
    t.same([store.checkpoints.sweep('report', 1), store.checkpoints.sweep('report', 9), store.checkpoints.sweep('report', 9)], [1, 1, 0])
    left()
    t.equal(store.proofs.seenAtMs(), null)
    store.proofs.noteSeen(5)
    store.proofs.noteSeen(6)
    t.equal(store.proofs.seenAtMs(), 6)
  })

  test('what devices have played of an order is read in the sequence in which it came', (t, store) => {
    const run = (clusterId: string, number: number, orderId: string | null) => ({ clusterId, deviceId: null, logId: 'l', number, orderId, playing: 'live' as const, audible: true, verified: true, heard: null, fromSamples: 0, untilSamples: 1, missingSamples: 0, heardAtMs: nowMs, end: 'over' as const, receivedAtMs: nowMs })
    const all = [run('c2', 1, 'o1'), run('c1', 1, 'o1'), run('c1', 2, null), run('c1', 3, 'o2')]
    t.same(store.playLog.take(all), all)
    t.same(store.playLog.take([all[0]!, run('c2', 2, 'o1')]), [run('c2', 2, 'o1')], 'only what is new')
    const page = store.playLog.ofOrder('o1', { after: null, limit: 2 })
    t.same(page.items, [all[0], all[1]])
    t.same(store.playLog.ofOrder('o1', { after: page.next, limit: 2 }), { items: [run('c2', 2, 'o1')], next: null })
  })
}
