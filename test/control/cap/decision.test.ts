import t from 'tap'
import { CERTAINTIES, MESSAGE_TYPES, SCOPES, SEVERITIES, STATUSES, URGENCIES, type CapMessage } from '../../../control/cap/cap-message.ts'
import { CAP_SIGNATURES } from '../../../control/cap/cap-port.ts'
import { CAP_REASONS, decide, FUTURE_SLACK_MS, type Decision, type DecisionInput, type KnownMessage } from '../../../control/cap/decision.ts'
import { info, message } from '../../support/cap-samples.ts'
import { fc } from '../../support/seed.ts'

const NOW_MS = Date.UTC(2026, 5, 18, 3, 5)
const A = { sender: 'kttv@hanam.example', identifier: 'A', sent: '2026-06-18T09:00:00+07:00' }
const U = { sender: 'kttv@hanam.example', identifier: 'U', sent: '2026-06-18T09:30:00+07:00' }

const known = (change: Partial<KnownMessage> = {}): KnownMessage => ({ id: 'm', ...A, msgType: 'Alert', status: 'Actual', signature: 'valid', references: [], outcome: 'on-air', alert: { id: 'al-1', state: 'on-air' }, ...change })

const input = (change: Partial<CapMessage> = {}, rest: Partial<DecisionInput> = {}): DecisionInput => ({ message: message(change), signature: 'valid', sender: { mostPerHour: 5, preAuthorised: true }, known: [], recent: { all: 0, aired: 0 }, nowMs: NOW_MS, ...rest })

const say = (decision: Decision): string => `${decision.action} ${decision.reason}`
const decided = (change: Partial<CapMessage> = {}, rest: Partial<DecisionInput> = {}): string => say(decide(input(change, rest)))

t.test('every status × type × scope, from a pre-authorised sender, about what is urgent; the message referred to is on the air', (t) => {
  const P = 'Public', R = 'Restricted', V = 'Private'
  /** By status, then type, then scope in this order. */
  const table: Readonly<Record<string, Readonly<Record<string, readonly [string, string, string]>>>> = {
    Actual: {
      Alert: ['air aired', 'ask restricted', 'keep private'],
      Update: ['air aired', 'ask restricted', 'keep private'],
      Cancel: ['cancel cancelled', 'cancel cancelled', 'cancel cancelled'],
      Ack: ['keep acknowledgement', 'keep acknowledgement', 'keep acknowledgement'],
      Error: ['keep error', 'keep error', 'keep error'],
    },
    Exercise: {
      Alert: ['ask exercise', 'ask exercise', 'keep private'],
      Update: ['ask exercise', 'ask exercise', 'keep private'],
      Cancel: ['cancel cancelled', 'cancel cancelled', 'cancel cancelled'],
      Ack: ['keep acknowledgement', 'keep acknowledgement', 'keep acknowledgement'],
      Error: ['keep error', 'keep error', 'keep error'],
    },
    System: Object.fromEntries(MESSAGE_TYPES.map((type) => [type, ['keep system', 'keep system', 'keep system']])),
    Test: Object.fromEntries(MESSAGE_TYPES.map((type) => [type, ['keep test', 'keep test', 'keep test']])),
    Draft: Object.fromEntries(MESSAGE_TYPES.map((type) => [type, ['keep draft', 'keep draft', 'keep draft']])),
  }
  let count = 0
  for (const status of STATUSES) {
    for (const msgType of MESSAGE_TYPES) {
      for (const [index, scope] of [P, R, V].entries()) {
        t.equal(decided({ status, msgType, scope: scope as CapMessage['scope'], references: msgType === 'Alert' ? [] : [A] }, { known: [known({ status })] }), table[status]![msgType]![index], `${status} ${msgType} ${scope}`)
        count++
      }
    }
  }
  t.equal(count, STATUSES.length * MESSAGE_TYPES.length * SCOPES.length)
  t.end()
})

t.test('only what is urgent, grave and certain at once needs no person', (t) => {
  for (const urgency of URGENCIES) {
    for (const severity of SEVERITIES) {
      for (const certainty of CERTAINTIES) {
        const isGrave = ['Immediate', 'Expected'].includes(urgency) && ['Extreme', 'Severe'].includes(severity) && ['Observed', 'Likely'].includes(certainty)
        t.equal(decided({ infos: [info({ urgency, severity, certainty })] }), isGrave ? 'air aired' : 'ask not-urgent', `${urgency} ${severity} ${certainty}`)
      }
    }
  }
  const [grave, mild] = [info(), info({ language: 'tyz', severity: 'Minor' })]
  t.match(decide(input({ infos: [mild, grave] })), { action: 'air', infos: [grave] }, 'of several only those that are')
  t.end()
})

t.test('what is not to be believed is refused, and what is not signed goes nowhere by itself', (t) => {
  t.equal(decided({}, { sender: null }), 'refuse unknown-sender')
  t.equal(decided({}, { signature: 'broken' }), 'refuse bad-signature')
  t.equal(decided({ status: 'Test' }, { signature: 'broken' }), 'refuse bad-signature')
  t.equal(decided({}, { signature: 'absent' }), 'ask unsigned')
  t.equal(decided({}, { signature: 'unusable' }), 'ask unsigned')
  t.equal(decided({}, { sender: { mostPerHour: 5, preAuthorised: false } }), 'ask not-pre-authorised')
  t.equal(decided({ sent: '2026-06-18T10:07:00+07:00' }), 'air aired', 'clocks may differ a little')
  t.equal(decided({ sent: '2026-06-18T10:07:01+07:00' }), 'refuse future')
  t.equal(NOW_MS + FUTURE_SLACK_MS, Date.parse('2026-06-18T10:07:00+07:00'))
  t.end()
})

t.test('what is over says nothing', (t) => {
  const until = (expires: string | null): string => decided({ infos: [info({ expires })] })
  t.equal(until('2026-06-18T10:05:00+07:00'), 'keep expired', 'over in its last ms')
  t.equal(until('2026-06-18T10:05:01+07:00'), 'air aired')
  t.equal(until(null), 'air aired')
  t.equal(decided({ sent: '2026-06-17T10:05:00+07:00', infos: [info({ expires: null })] }), 'keep expired', 'without an end it lasts for a day')
  t.equal(decided({ infos: [] }), 'keep empty')
  t.match(decide(input({ infos: [info({ expires: '2026-06-18T10:00:00+07:00' }), info({ event: 'later' })] })), { infos: [{ event: 'later' }] })
  t.end()
})

t.test('the same message is dealt with once, and better when it comes with its signature', (t) => {
  const { identifier, sender, sent } = message()
  const same = { identifier, sender, sent }
  t.equal(decided({}, { known: [known(same)] }), 'keep duplicate')
  t.equal(decided({}, { signature: 'absent', known: [known(same)] }), 'keep duplicate')
  t.equal(decided({}, { known: [known({ ...same, sent: '2026-06-18T09:59:59+07:00' })] }), 'air aired', 'sent is a part of what it is')
  t.equal(decided({}, { known: [known({ ...same, outcome: 'refused', signature: 'broken', alert: null })] }), 'air aired', 'a forged one does not keep the true one out')
  t.match(decide(input({}, { known: [known({ ...same, signature: 'absent', outcome: 'waiting', alert: { id: 'al-0', state: 'waiting' } })] })), { action: 'air', withdraws: ['al-0'] })
  t.equal(decided({}, { known: [known({ ...same, signature: 'absent', outcome: 'waiting' })] }), 'keep duplicate', 'a person has put it on the air meanwhile')
  t.equal(decided({}, { signature: 'absent', known: [known({ ...same, signature: 'absent', outcome: 'waiting' })] }), 'keep duplicate')
  t.end()
})

t.test('an update stands in the place of what it refers to, through the whole chain', (t) => {
  const first = known({ alert: { id: 'al-1', state: 'over' } })
  const second = known({ ...U, msgType: 'Update', references: [A], alert: { id: 'al-2', state: 'on-air' } })
  t.match(decide(input({ msgType: 'Update', references: [U] }, { known: [first, second] })), { action: 'air', replaces: ['al-2'], withdraws: [] })
  t.match(decide(input({ msgType: 'Update', references: [U] }, { known: [known(), second] })), { replaces: ['al-2', 'al-1'] }, 'newest first')
  t.match(decide(input({ msgType: 'Update', references: [A] }, { known: [known({ alert: { id: 'al-1', state: 'waiting' } })] })), { action: 'air', replaces: [], withdraws: ['al-1'] })
  t.match(decide(input({ msgType: 'Update', references: [A] }, { signature: 'absent', known: [known({ alert: { id: 'al-1', state: 'waiting' } })] })), { action: 'ask', withdraws: [] }, 'unsigned, it moves nothing')
  t.match(decide(input({ msgType: 'Update', references: [A] }, { known: [known({ status: 'Exercise' })] })), { action: 'air', replaces: [] }, 'an exercise is another matter')
  t.equal(decided({ msgType: 'Update', references: [A] }), 'air aired', 'the first may never have come')
  t.end()
})

t.test('what is not signed leads nowhere: anybody could have given it its references', (t) => {
  const matter = known({ identifier: 'B', alert: { id: 'al-b', state: 'on-air' } })
  const forged = known({ ...U, msgType: 'Update', signature: 'absent', outcome: 'waiting', references: [{ ...A, identifier: 'B' }], alert: { id: 'al-f', state: 'waiting' } })
  t.same(decide(input({ msgType: 'Cancel', references: [U], infos: [] }, { known: [matter, forged] })), { action: 'cancel', reason: 'cancelled', stops: [], withdraws: ['al-f'], byHand: [] })
  const update = decide(input({ msgType: 'Update', references: [U] }, { known: [matter, forged] }))
  t.same(update.action === 'air' && update.replaces, [])
  t.match(decide(input({ msgType: 'Cancel', references: [U], infos: [] }, { signature: 'absent', known: [matter, forged] })), { byHand: ['al-b', 'al-f'] }, 'to a person it is shown')
  t.end()
})

t.test('messages may come in the wrong order', (t) => {
  const { identifier, sender, sent } = message()
  const own = { identifier, sender, sent }
  const cancel = known({ ...U, msgType: 'Cancel', references: [own], outcome: 'kept', alert: null })
  t.equal(decided({}, { known: [cancel] }), 'keep cancelled-before')
  t.equal(decided({}, { known: [{ ...cancel, signature: 'absent' }] }), 'air aired', 'an unsigned one stops nothing')
  t.equal(decided({}, { known: [{ ...cancel, outcome: 'refused' }] }), 'air aired')
  t.equal(decided({}, { known: [{ ...cancel, sender: 'other@example' }] }), 'air aired', 'nor does that of another sender')
  t.equal(decided({}, { known: [{ ...cancel, status: 'Test' }] }), 'air aired', 'nor a test')
  t.equal(decided({}, { known: [known({ ...U, msgType: 'Update', references: [own] })] }), 'keep superseded')
  const far = [known({ ...U, msgType: 'Update', references: [A], outcome: 'kept' }), known({ ...A, msgType: 'Update', references: [own], outcome: 'kept' })]
  t.equal(decided({}, { known: far }), 'keep superseded')
  t.equal(decided({ msgType: 'Cancel', references: [A] }), 'keep nothing-to-cancel')
  t.end()
})

t.test('a cancel goes as far as its sender is trusted', (t) => {
  const [heard, waiting] = [known(), known({ ...U, alert: { id: 'al-2', state: 'waiting' } })]
  const cancel = (rest: Partial<DecisionInput>): Decision => decide(input({ msgType: 'Cancel', references: [A, U], infos: [] }, { known: [heard, waiting], ...rest }))
  t.same(cancel({}), { action: 'cancel', reason: 'cancelled', stops: ['al-1'], withdraws: ['al-2'], byHand: [] })
  t.same(cancel({ sender: { mostPerHour: 5, preAuthorised: false } }), { action: 'cancel', reason: 'cancel-by-hand', stops: [], withdraws: ['al-2'], byHand: ['al-1'] })
  t.same(cancel({ signature: 'absent' }), { action: 'cancel', reason: 'cancel-by-hand', stops: [], withdraws: [], byHand: ['al-1', 'al-2'] })
  t.match(cancel({ known: [known({ sender: 'other@example' })] }), { action: 'keep', reason: 'nothing-to-cancel' }, 'nobody cancels what another has sent')
  t.match(cancel({ known: [known({ alert: { id: 'al-1', state: 'over' } })] }), { reason: 'nothing-to-cancel' })
  t.match(cancel({ known: [known({ outcome: 'working', alert: null })] }), { action: 'cancel', reason: 'cancelled' }, 'what is being made is stopped on its way')
  t.match(cancel({ recent: { all: 1000, aired: 1000 } }), { stops: ['al-1'] }, 'it is never too much')
  t.end()
})

t.test('a sender that goes wild is slowed down, then not listened to', (t) => {
  t.equal(decided({}, { recent: { all: 4, aired: 4 } }), 'air aired')
  t.equal(decided({}, { recent: { all: 5, aired: 5 } }), 'ask too-many')
  t.equal(decided({}, { recent: { all: 49, aired: 0 } }), 'air aired')
  t.equal(decided({}, { recent: { all: 50, aired: 0 } }), 'refuse flood')
  t.end()
})

t.test('whatever is known, nothing goes on the air by itself but what is signed, actual, public, live and from who may', (t) => {
  const message_ = fc.record({
    status: fc.constantFrom(...STATUSES), msgType: fc.constantFrom(...MESSAGE_TYPES), scope: fc.constantFrom(...SCOPES), references: fc.subarray([A, U]),
    infos: fc.array(fc.record({ urgency: fc.constantFrom(...URGENCIES), severity: fc.constantFrom(...SEVERITIES), certainty: fc.constantFrom(...CERTAINTIES), expires: fc.constantFrom(null, '2026-06-18T10:00:00+07:00', '2026-06-18T12:00:00+07:00') }).map(info), { maxLength: 3 }),
  })
  const one = fc.record({ msgType: fc.constantFrom(...MESSAGE_TYPES), status: fc.constantFrom(...STATUSES), signature: fc.constantFrom(...CAP_SIGNATURES), references: fc.subarray([A, U]), alert: fc.constantFrom(null, { id: 'x', state: 'waiting' as const }, { id: 'y', state: 'on-air' as const }) })
  fc.assert(fc.property(message_, fc.constantFrom(...CAP_SIGNATURES), fc.option(fc.record({ mostPerHour: fc.nat(3), preAuthorised: fc.boolean() }), { nil: null }), fc.array(one.map(known), { maxLength: 4 }), (made, signature, sender, others) => {
    const decision = decide(input(made, { signature, sender, known: others, recent: { all: 2, aired: 2 } }))
    t.ok(decision.reason in CAP_REASONS)
    if (decision.action === 'air') {
      t.ok(signature === 'valid' && sender?.preAuthorised === true && made.status === 'Actual' && made.scope === 'Public' && ['Alert', 'Update'].includes(made.msgType))
      t.ok(decision.infos.length > 0 && decision.infos.every(({ expires }) => expires !== '2026-06-18T10:00:00+07:00'))
    }
    if (signature !== 'valid') t.same([...('withdraws' in decision ? decision.withdraws : []), ...('stops' in decision ? decision.stops : [])], [])
  }), { numRuns: 500 })
  t.end()
})
