import t from 'tap'
import { afterStatus, CONDITIONS, NEVER_SEEN, STATE_BOUNDS as BOUNDS, stateTitles, WORKING_STATES, workingState, type ClusterFacts, type ClusterPast } from '../../../control/monitoring/cluster-state.ts'
import type { SpeakerInfo } from '../../../control/ports.ts'
import { anyFacts, anySpeaker, speakerInfo } from '../../support/cluster-facts.ts'
import { fc } from '../../support/seed.ts'

const NOW_MS = 100_000
const SEEN: ClusterPast = { ...NEVER_SEEN, wasSeen: true }
const ON_AIR = { class: 'normal', sinceMs: 60_000 } as const
const said = (fields: Partial<SpeakerInfo> = {}, atMs = NOW_MS - 1000): Pick<ClusterFacts, 'speaker' | 'past'> => {
  const speaker = speakerInfo('c', atMs, fields)
  return { speaker, past: afterStatus(SEEN, speaker, BOUNDS) }
}
const connected = (fields: Partial<ClusterFacts> = {}): ClusterFacts => ({ cluster: { enabled: true, state: 'active' }, connections: [{ protocol: 'native', sinceMs: 50_000 }], rtpReceivers: 0, onAir: null, ...said(), ...fields })
const stateOf = (facts: ClusterFacts, nowMs = NOW_MS): string => workingState(facts, BOUNDS, nowMs).state
const codesOf = (facts: ClusterFacts, nowMs = NOW_MS): string[] => workingState(facts, BOUNDS, nowMs).conditions.map(({ code }) => code)

t.test('what hangs about a bound is told of once', (t) => {
  let past = SEEN
  const after = (fields: Partial<SpeakerInfo>): string[] => {
    const speaker = speakerInfo('c', NOW_MS - 1000, fields)
    past = afterStatus(past, speaker, BOUNDS)
    return codesOf(connected({ speaker, past }))
  }
  t.same([74, 75, 73, 74, 72.5, 72, 74].map((temperatureC) => after({ temperatureC }).includes('hot')), [false, true, true, true, true, false, false])
  t.same([-104, -105, -103, -104, -102, -104].map((signalDbm) => after({ signalDbm }).includes('weak-signal')), [false, true, true, true, false, false])
  t.same(after({ temperatureC: null, signalDbm: null }), [])
  t.end()
})

t.test('each state', (t) => {
  const away = connected({ connections: [], speaker: null })
  t.equal(stateOf(connected()), 'idle')
  t.equal(stateOf(connected({ onAir: ON_AIR, ...said({ playing: 'live' }) })), 'playing')
  t.equal(stateOf(connected({ cluster: { enabled: true, state: 'repair' } })), 'out-of-use')
  t.equal(stateOf(connected({ cluster: { enabled: false, state: 'active' } })), 'out-of-use')
  t.equal(stateOf({ ...away, past: NEVER_SEEN }), 'never-seen')
  t.equal(stateOf({ ...away, past: SEEN }), 'lost')
  t.equal(stateOf({ ...away, past: { ...SEEN, excusedUntilMs: NOW_MS + 1 } }), 'unknown')
  t.equal(stateOf({ ...away, past: { ...SEEN, excusedUntilMs: NOW_MS } }), 'lost')
  t.equal(stateOf(connected({ ...said({ muted: true }) })), 'muted')
  t.equal(stateOf(connected({ ...said({ volumePercent: 0 }) })), 'muted')
  t.equal(stateOf(connected({ onAir: { ...ON_AIR, class: 'emergency' }, ...said({ muted: true, playing: 'live' }) })), 'playing', 'an emergency is heard in spite of it')
  t.equal(stateOf(connected({ connections: [{ protocol: 'http', sinceMs: 50_000 }], speaker: null, onAir: ON_AIR })), 'playing')
  t.equal(stateOf(connected({ connections: [], speaker: null, rtpReceivers: 2 })), 'idle')
  t.end()
})

t.test('silent: from the order, the connection or the first quiet word on, whichever was last, and after the presentation delay', (t) => {
  const quiet = connected({ onAir: ON_AIR, ...said({ playing: 'silence' }, 95_000) })
  t.equal(stateOf(quiet, 97_799), 'playing')
  t.equal(stateOf(quiet, 97_800), 'silent')
  t.equal(stateOf({ ...quiet, onAir: { ...ON_AIR, sinceMs: 99_000 } }, 101_799), 'playing')
  t.equal(stateOf({ ...quiet, onAir: { ...ON_AIR, sinceMs: 99_000 } }, 101_800), 'silent')
  t.equal(stateOf({ ...quiet, connections: [{ protocol: 'native', sinceMs: 99_000 }] }, 101_799), 'playing')
  t.equal(stateOf({ ...quiet, onAir: null }), 'idle')
  t.equal(stateOf(connected({ onAir: ON_AIR, ...said({ playing: 'live', amplifier: false }, 90_000) })), 'silent', 'without an amplifier nobody hears it')
  t.equal(stateOf(connected({ onAir: ON_AIR, ...said({ playing: null }, 90_000) })), 'playing', 'what is not said is not held against it')
  const goesOn = afterStatus(quiet.past, speakerInfo('c', 99_000), BOUNDS)
  t.equal(goesOn.quietSinceMs, 95_000, 'further quiet words do not begin it again')
  t.equal(afterStatus(goesOn, speakerInfo('c', 99_500, { playing: 'live' }), BOUNDS).quietSinceMs, null)
  t.end()
})

t.test('out of step: only when it holds, and only on the air', (t) => {
  const late = connected({ onAir: ON_AIR, ...said({ playing: 'live', syncErrorUs: -31_000 }, 90_000) })
  t.equal(stateOf(late, 99_999), 'playing')
  t.same(codesOf(late, 99_999), ['out-of-step'], 'seen at once')
  t.equal(stateOf(late, 100_000), 'out-of-step')
  t.equal(stateOf({ ...late, onAir: null }, 100_000), 'idle')
  t.end()
})

t.test('conditions, with what was measured', (t) => {
  t.same(codesOf(connected()), [])
  const all = { amplifier: false, storageFault: 'SPEAKER_ERR_DISK', power: 'battery', temperatureC: 75, wallErrorMs: -2001, signalDbm: -105, unverifiedFrames: 7, syncErrorUs: 30_001 }
  t.same(workingState(connected(said(all)), BOUNDS, NOW_MS).conditions, [
    { code: 'amplifier-off', value: null }, { code: 'storage-fault', value: 'SPEAKER_ERR_DISK' }, { code: 'off-mains', value: 'battery' }, { code: 'hot', value: 75 }, { code: 'wrong-clock', value: -2001 },
    { code: 'weak-signal', value: -105 }, { code: 'unverified', value: 7 }, { code: 'out-of-step', value: 30.001 },
  ])
  t.same(workingState(connected(said({ clockErrorUs: 200_001, wallErrorMs: null })), BOUNDS, NOW_MS).conditions, [{ code: 'wrong-clock', value: 200.001 }])
  t.same(codesOf(connected(said({ power: 'Mains', temperatureC: 74, wallErrorMs: 2000, signalDbm: -104, syncErrorUs: 30_000, clockErrorUs: 200_000 }))), [], 'at the bound')
  t.same(codesOf(connected({ connections: [{ protocol: 'http', sinceMs: 0 }], speaker: null })), ['not-synchronised'])
  t.same(codesOf(connected(said({ syncErrorUs: null, clockErrorUs: null }))), ['not-synchronised'])
  t.same(codesOf(connected({ connections: [] })), [], 'of what is away nothing is known')
  t.end()
})

t.test('what was said too long ago says nothing', (t) => {
  const stale = connected({ onAir: ON_AIR, ...said({ playing: 'silence', amplifier: false, muted: true }, 70_000) })
  t.equal(stateOf(stale, 99_999), 'muted')
  t.equal(stateOf(stale, 100_000), 'playing')
  t.same(codesOf(stale, 100_000), ['no-status'])
  t.same(codesOf({ ...stale, connections: [{ protocol: 'native', sinceMs: 80_000 }] }, 100_000), [], 'who has just come has time to speak')
  t.end()
})

t.test('total: always one state and known conditions, the gravest first, each once', (t) => {
  fc.assert(fc.property(anyFacts, fc.integer({ min: 0, max: 120_000 }), (facts, nowMs) => {
    const { state, conditions, online, untilMs } = workingState(facts, BOUNDS, nowMs)
    const places = conditions.map(({ code }) => CONDITIONS.indexOf(code))
    return WORKING_STATES.includes(state) && untilMs > nowMs && places.every((place, index) => place >= 0 && (index === 0 || place > places[index - 1]!))
      && (online || conditions.length === 0) && online === (facts.connections.length > 0 || facts.rtpReceivers > 0)
      && (online ? !['lost', 'unknown', 'never-seen'].includes(state) : ['lost', 'unknown', 'never-seen', 'out-of-use'].includes(state))
  }), { numRuns: 2000 })
  t.end()
})

t.test('nothing changes by time alone before it is said to', (t) => {
  fc.assert(fc.property(anyFacts, fc.integer({ min: 0, max: 120_000 }), fc.nat(100), (facts, nowMs, percent) => {
    const { untilMs, ...now } = workingState(facts, BOUNDS, nowMs)
    const laterMs = nowMs + Math.floor(((Math.min(untilMs, 200_000) - 1 - nowMs) * percent) / 100)
    const { untilMs: laterUntilMs, ...later } = workingState(facts, BOUNDS, laterMs)
    return JSON.stringify(now) === JSON.stringify(later) && laterUntilMs === untilMs
  }), { numRuns: 2000 })
  t.end()
})

t.test('who says less is never in a graver state for it', (t) => {
  const nothing = speakerInfo('c', NOW_MS, Object.fromEntries(Object.keys(speakerInfo('c', 0)).filter((key) => key !== 'clusterId' && key !== 'atMs').map((key) => [key, null])))
  fc.assert(fc.property(anySpeaker('c', fc.constant(NOW_MS)), fc.boolean(), (speaker, isOnAir) => {
    const onAir = isOnAir ? ON_AIR : null
    const of = (one: SpeakerInfo): number => WORKING_STATES.indexOf(workingState(connected({ onAir, speaker: one, past: afterStatus(SEEN, one, BOUNDS) }), BOUNDS, NOW_MS + 15_000).state)
    return of(nothing) >= of(speaker)
  }), { numRuns: 500 })
  t.end()
})

t.test('everything has words in both languages', (t) => {
  for (const code of [...WORKING_STATES, ...CONDITIONS]) t.ok(stateTitles(code).title.length > 0 && stateTitles(code).titleVi.length > 0, code)
  t.end()
})
