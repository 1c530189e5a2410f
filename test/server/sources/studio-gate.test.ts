import t from 'tap'
import { KEY_CLASSES, type KeyClass } from '../../../control/ingest-port.ts'
import { ComingTurns, StudioGate, type GateRules } from '../../../server/sources/studio-gate.ts'
import { fc } from '../../support/seed.ts'

const ALWAYS = { airTimes: [], emergencyTimes: [], window: null, revokedKeyTags: [] } as const
const RULES: GateRules = { takeover: 'refuse', admission: ALWAYS }
const ON_AIR: GateRules = { takeover: 'replace', admission: { ...ALWAYS, airTimes: [[100, 200]] } }
const normal = { keyClass: 'normal', keyTag: 'k1' } as const

function gate(rules: GateRules, there: KeyClass | null = null): StudioGate {
  const made = new StudioGate(rules)
  if (there !== null) made.took({ keyClass: there, keyTag: 'there' })
  return made
}

t.test('a second studio: refused or let in off the air as the source says, on the air only with a right of higher class', (t) => {
  const judge = (rules: GateRules, there: KeyClass, newcomer: KeyClass, at: number, isAlive = true): string => gate(rules, there).judge({ keyClass: newcomer, keyTag: 'k' }, { isAlive }, at).reason
  t.equal(gate(RULES).judge(normal, undefined, 0).reason, 'free')
  t.equal(judge(RULES, 'normal', 'normal', 0), 'busy')
  t.equal(judge({ ...RULES, takeover: 'replace' }, 'normal', 'normal', 0), 'took-over')
  t.equal(judge(ON_AIR, 'normal', 'normal', 99), 'took-over')
  t.equal(judge(ON_AIR, 'normal', 'normal', 100), 'on-air', 'whatever the setting')
  t.equal(judge(ON_AIR, 'normal', 'normal', 150, false), 'took-over', 'a line that has gone dead is not on the air: the same studio comes again')
  t.equal(judge(ON_AIR, 'normal', 'normal', 200), 'took-over')
  t.equal(judge(ON_AIR, 'normal', 'priority', 150), 'took-over')
  t.equal(judge({ ...ON_AIR, takeover: 'refuse' }, 'priority', 'emergency', 150), 'took-over')
  t.equal(judge(ON_AIR, 'priority', 'normal', 0), 'busy', 'a lower class never')
  t.equal(judge(ON_AIR, 'emergency', 'priority', 150), 'busy')
  t.equal(judge(ON_AIR, 'emergency', 'emergency', 150), 'on-air')
  t.equal(judge({ ...ON_AIR, takeover: 'refuse' }, 'normal', 'normal', 150), 'busy')
  t.end()
})

t.test('who speaks in an emergency gives way to a right of emergencies alone', (t) => {
  const rules: GateRules = { takeover: 'replace', admission: { ...ALWAYS, airTimes: [[100, 300]], emergencyTimes: [[200, 300]] } }
  const judge = (newcomer: KeyClass, at: number, isAlive = true): string => gate(rules, 'normal').judge({ keyClass: newcomer, keyTag: 'k' }, { isAlive }, at).reason
  t.same([199, 200, 299, 300].map((at) => judge('priority', at)), ['took-over', 'on-air', 'on-air', 'took-over'])
  t.equal(judge('emergency', 250), 'took-over')
  t.equal(judge('priority', 250, false), 'took-over', 'of a dead line nothing is heard')
  t.equal(gate(rules).judge({ keyClass: 'priority', keyTag: 'k' }, undefined, 250).reason, 'free')
  t.end()
})

t.test('a window opens before an order and closes after it; emergencies are not bound to it', (t) => {
  const rules: GateRules = { ...RULES, admission: { airTimes: [[1000, 2000], [5000, 6000]], emergencyTimes: [], window: { leadSamples: 100, tailSamples: 50 }, revokedKeyTags: [] } }
  const at = (now: number, keyClass: KeyClass = 'normal') => gate(rules).judge({ keyClass, keyTag: 'k' }, undefined, now)
  t.match([899, 900, 2049, 2050].map((now) => at(now).accepted), [false, true, true, false])
  t.same(at(0), { accepted: false, reason: 'outside-window', opensAtSamples: 900 })
  t.same(at(3000), { accepted: false, reason: 'outside-window', opensAtSamples: 4900 })
  t.same(at(9000), { accepted: false, reason: 'outside-window', opensAtSamples: null })
  t.equal(at(3000, 'emergency').accepted, true)
  t.same([1500, 2049, 2050].map((now) => gate(rules, 'normal').endReason(now)), [null, null, 'the time of this source is over'])
  t.equal(gate(rules, 'emergency').endReason(3000), null)
  const stopped = gate(rules, 'normal')
  stopped.setRules({ ...rules, admission: { ...rules.admission, airTimes: [[1000, 1200]] } })
  t.equal(stopped.endReason(1260), 'the time of this source is over', 'an order that was stopped')
  t.end()
})

t.test('who came with a key that is taken back is cut and not let in again; others stay', (t) => {
  const made = gate(RULES, 'normal')
  t.equal(made.endReason(0), null)
  made.setRules({ ...RULES, admission: { ...ALWAYS, revokedKeyTags: ['there'] } })
  t.equal(made.endReason(0), 'its key was taken back')
  t.equal(made.judge({ keyClass: 'emergency', keyTag: 'there' }, undefined, 0).reason, 'key-revoked')
  t.equal(made.judge(normal, undefined, 0).reason, 'free')
  t.end()
})

t.test('whoever tries: what sounds on the air changes hands only to a higher class', (t) => {
  const keyClass = fc.constantFrom(...KEY_CLASSES)
  const rank = (one: KeyClass): number => KEY_CLASSES.indexOf(one)
  fc.assert(fc.property(keyClass, fc.constantFrom('refuse' as const, 'replace' as const), fc.array(fc.tuple(keyClass, fc.nat(300))), (first, takeover, tries) => {
    const made = new StudioGate({ takeover, admission: { ...ALWAYS, airTimes: [[100, 200]] } })
    let there = first
    made.took({ keyClass: there, keyTag: 't' })
    return tries.toSorted(([, a], [, b]) => a - b).every(([newcomer, now]) => {
      const verdict = made.judge({ keyClass: newcomer, keyTag: 't' }, { isAlive: true }, now)
      if (!verdict.accepted) return rank(newcomer) >= rank(there)
      const isRight = rank(newcomer) < rank(there) || (rank(newcomer) === rank(there) && takeover === 'replace' && !made.isOnAir(now))
      there = newcomer
      made.took({ keyClass: there, keyTag: 't' })
      return isRight
    })
  }))
  t.end()
})

t.test('of those who come at once the last wins, and whoever is of a lower class keeps nobody out', (t) => {
  const turns = new ComingTurns()
  const emergency = { keyClass: 'emergency', keyTag: 'k2' } as const
  const [first, second, urgent] = [turns.begin(normal), turns.begin(normal), turns.begin(emergency)]
  for (let flood = 0; flood < 10; flood += 1) turns.begin(normal)
  t.equal(turns.isOvertaken(urgent, emergency), false)
  t.same([turns.isOvertaken(first, normal), turns.isOvertaken(second, normal), turns.isOvertaken(turns.begin(normal), normal)], [true, true, false])
  const other = turns.begin(emergency)
  t.same([turns.isOvertaken(urgent, emergency), turns.isOvertaken(other, emergency)], [true, false])
  t.end()
})
