import t from 'tap'
import type { PlayLogRecord } from '../../../control/ports.ts'
import { countsOf, isRed, outcomeOf, soundedMsOf, withLog, withStage, type ClusterProof, type ToldStage } from '../../../control/proof/proof.ts'
import { appendixOf, clusterReport } from '../../../control/proof/report.ts'
import { mergedClusters } from '../../../control/proof/report-reader.ts'

const fresh = (more: Partial<ClusterProof> = {}): ClusterProof => ({ clusterId: 'c', code: 'C', name: 'Cụm', unitId: 'u', sim: null, late: false, protocol: 'native', connectedMs: 0, awaySinceMs: null, isOnline: true, onAirMs: 1000, receivedMs: null, verifiedMs: null, playedMs: null, heardMs: null, blocked: null, verifies: false, soundedMs: null, ...more })
const says = (stage: ToldStage['stage'], more: Partial<ToldStage> = {}): ToldStage => ({ stage, muted: false, amplifier: null, identity: 'device', ...more })
const run = (more: Partial<PlayLogRecord> = {}): PlayLogRecord => ({ clusterId: 'c', deviceId: 'd', logId: 'l', number: 1, orderId: 'o', playing: 'live', audible: true, verified: true, heard: null, fromSamples: 0, untilSamples: 48_000 * 10, missingSamples: 48_000, heardAtMs: 1200, end: 'over', receivedAtMs: 20_000, ...more })

t.test('each stage keeps the first time at which it was told', (t) => {
  let proof = withStage(fresh(), says('received'), 'normal', 1100)
  proof = withStage(proof, says('verified'), 'normal', 1200)
  proof = withStage(proof, says('played'), 'normal', 1300)
  proof = withStage(proof, says('heard'), 'normal', 1400)
  t.match(proof, { receivedMs: 1100, verifiedMs: 1200, playedMs: 1300, heardMs: 1400 })
  t.equal(withStage(proof, says('played'), 'normal', 9999), proof, 'nothing new is the same object')
  t.equal(withStage(proof, says('idle'), 'normal', 9999), proof)
  t.equal(outcomeOf(proof), 'heard')
  t.end()
})

t.test('a later stage says the earlier ones too, but verified only of who verifies', (t) => {
  t.match(withStage(fresh(), says('played'), 'normal', 5), { receivedMs: 5, verifiedMs: 5, playedMs: 5, heardMs: null })
  t.match(withStage(fresh(), says('played', { identity: 'key' }), 'normal', 5), { receivedMs: 5, verifiedMs: null, playedMs: 5 })
  t.end()
})

t.test('who is muted or without amplifier has not sounded, unless it is an emergency or it sounds later', (t) => {
  const muted = withStage(fresh(), says('played', { muted: true }), 'normal', 5)
  t.equal(outcomeOf(muted), 'muted')
  t.equal(muted.playedMs, null)
  t.equal(outcomeOf(withStage(fresh(), says('played', { muted: true }), 'emergency', 5)), 'played', 'an emergency is never muted')
  t.equal(outcomeOf(withStage(fresh(), says('played', { amplifier: false }), 'emergency', 5)), 'amplifier-off')
  const unmuted = withStage(muted, says('played'), 'normal', 9)
  t.match([outcomeOf(unmuted), unmuted.playedMs], ['played', 9])
  t.equal(outcomeOf(withStage(unmuted, says('played', { muted: true }), 'normal', 10)), 'played', 'what has sounded has sounded')
  t.end()
})

t.test('why not: the first reason that is certain', (t) => {
  t.equal(outcomeOf(fresh({ onAirMs: null })), 'not-on-air')
  t.equal(outcomeOf(fresh({ connectedMs: null, isOnline: false, protocol: null })), 'offline')
  t.equal(outcomeOf(fresh({ protocol: 'http' })), 'not-proved')
  t.equal(outcomeOf(fresh({ isOnline: false, awaySinceMs: 3 })), 'lost')
  t.equal(outcomeOf(fresh({ verifies: true, receivedMs: 5 })), 'not-verified')
  t.equal(outcomeOf(fresh()), 'silent')
  t.same((['heard', 'played', 'not-proved', 'silent', 'lost'] as const).map(isRed), [false, false, false, true, true])
  t.same(countsOf([fresh({ heardMs: 1, playedMs: 1, receivedMs: 1, verifiedMs: 1 }), fresh({ protocol: 'http' }), fresh({ isOnline: false })]), { targeted: 3, connected: 2, received: 1, verified: 1, played: 1, heard: 1, notProved: 1, red: 1 })
  t.end()
})

t.test("a device's own log proves what was told late or not at all", (t) => {
  t.match(withLog(fresh({ playedMs: 5000, receivedMs: 5000 }), run()), { receivedMs: 1200, verifiedMs: 1200, playedMs: 1200, heardMs: null, soundedMs: 9000 })
  t.equal(withLog(withLog(fresh(), run()), run({ number: 2 })).soundedMs, 18_000)
  t.match(withLog(fresh(), run({ heard: true })), { heardMs: 1200 })
  t.equal(outcomeOf(withLog(fresh({ playedMs: 5, connectedMs: 0 }), run({ heard: false }))), 'sensor-silent', 'it said it played, and its sensor has heard nothing')
  t.equal(outcomeOf(withLog(fresh(), run({ audible: false }))), 'muted')
  t.equal(outcomeOf(withLog(withLog(fresh(), run()), run({ audible: false, number: 2 }))), 'played', 'muted after it had sounded')
  const filler = fresh()
  t.equal(withLog(filler, run({ playing: 'filler' })), filler)
  t.same([run(), run({ audible: false }), run({ heard: false }), run({ orderId: null }), run({ playing: 'silence' }), run({ missingSamples: 48_000 * 99 })].map(soundedMsOf), [9000, 0, 0, 0, 0, 0])
  t.same(appendixOf('o', [run(), run({ playing: 'filler' })], 30_000)?.clusters.map(({ soundedMs, from, until }) => [soundedMs, from, until]), [[9000, '1970-01-01T00:00:01.200Z', '1970-01-01T00:00:11.200Z']])
  t.equal(appendixOf('o', [run({ playing: 'silence' })], 30_000), null)
  t.end()
})

t.test('the time to the cut counts from when the order could sound there', (t) => {
  const order = { createdAtMs: 900, startsAtMs: 500 }
  t.equal(clusterReport(fresh({ playedMs: 1400 }), order, () => 'Xã').cutInMs, 400, 'on air at 1000')
  t.equal(clusterReport(fresh({ playedMs: 1400, connectedMs: 1250 }), order, () => '').cutInMs, 150)
  t.equal(clusterReport(fresh({ playedMs: 1400, connectedMs: null }), order, () => '').cutInMs, null, 'from its own card: it was not connected')
  t.end()
})

t.test('a cluster of two orders of one alert has the best of both', (t) => {
  const order = { createdAtMs: 0, startsAtMs: 0 }
  const silent = clusterReport(fresh({ receivedMs: 1500, isOnline: false, awaySinceMs: 1600 }), order, () => '')
  const played = clusterReport(fresh({ receivedMs: 3000, playedMs: 3100, soundedMs: 7 }), order, () => '')
  for (const merged of [mergedClusters(silent, played)]) t.match(merged, { outcome: 'played', receivedAt: '1970-01-01T00:00:01.500Z', playedAt: '1970-01-01T00:00:03.100Z', soundedMs: 7, online: true, cutInMs: 2100 })
  t.equal(mergedClusters(played, silent).cutInMs, 2100)
  t.equal(mergedClusters(played, played).soundedMs, 14)
  t.end()
})
