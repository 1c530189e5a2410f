import t from 'tap'
import { acknowledge, advance, EMPTY_STATE, FLAP_CLEAR_MS, FLAP_RAISES, FLAP_WINDOW_MS, GROUP_LEAST, MOST_AT_ONCE, restore, type Condition, type EngineChange, type EngineInput, type EngineState } from '../../../control/alarms/alarm-engine.ts'
import type { RuleSettings } from '../../../control/alarms/alarm-port.ts'
import { alarmKey, RULES } from '../../../control/alarms/alarm-rules.ts'
import { fc } from '../../support/seed.ts'

const TICK_MS = 10_000
const START_MS = 1_780_000_000_000
const SETTINGS: RuleSettings = { ...RULES['cluster-lost'].defaults, holdMs: 60_000, clearMs: 30_000, escalateAfterMs: [120_000, 300_000] }

/** province ─┬─ a: clusters a0 … a4
 *            └─ b: clusters b0, b1 */
const PARENT: Readonly<Record<string, string>> = { a: 'province', b: 'province' }
const SIZE: Readonly<Record<string, number>> = { a: 5, b: 2, province: 7 }
const lineageOf = (unitId: string): string[] => (unitId === 'province' ? ['province'] : [unitId, PARENT[unitId]!])
const lost = (id: string, more: Partial<Condition> = {}): Condition => ({ rule: 'cluster-lost', subject: { kind: 'cluster', id }, unitId: id[0]!, detail: id, detailVi: id, ...more })
const single = (id: string, more: Partial<Condition> = {}): Condition => ({ rule: 'source-down', subject: { kind: 'source', id }, unitId: null, detail: id, detailVi: id, ...more })

class Run {
  state: EngineState = EMPTY_STATE
  nowMs = START_MS
  settings: RuleSettings = SETTINGS

  look(conditions: readonly Condition[], afterMs = TICK_MS): readonly EngineChange[] {
    this.nowMs += afterMs
    const input: EngineInput = { conditions, settingsOf: () => this.settings, lineageOf, clustersWithin: (id) => SIZE[id]!, nowMs: this.nowMs }
    const { state, changes } = advance(this.state, input)
    this.state = state
    return changes
  }

  open(): string[] {
    return [...this.state.entries].filter(([, { open }]) => open !== null).map(([key]) => key).sort()
  }
}

const told = (changes: readonly EngineChange[]): string[] => changes.map(({ kind, key }) => `${kind} ${key}`)

t.test('raised once after its time, cleared once after its time', (t) => {
  const run = new Run()
  const seen: string[] = []
  for (let tick = 0; tick < 20; tick++) seen.push(...told(run.look(tick < 12 ? [single('s')] : [])).map((text) => `${String(tick)} ${text}`))
  t.same(seen, ['6 raised source-down source s', '15 cleared source-down source s'])
  t.end()
})

t.test('what is interrupted before its time starts anew; what is known to have begun earlier does not', (t) => {
  const run = new Run()
  for (let tick = 0; tick < 30; tick++) t.same(run.look(tick % 5 === 4 ? [] : [single('s')]), [])
  t.match(run.look([single('s', { sinceMs: run.nowMs - 50_000 })]), [{ kind: 'raised', sinceMs: run.nowMs - 60_000 }])
  t.end()
})

t.test('escalated step by step until somebody acknowledges it, also when the steps were missed', (t) => {
  const run = new Run()
  run.look([single('s', { sinceMs: START_MS - 60_000 })])
  const levels = (n: number): unknown[] => Array.from({ length: n }, () => run.look([single('s')])).flat().map((change) => (change.kind === 'escalated' ? change.level : change))
  t.same(levels(11), [])
  t.same(levels(1), [1])
  t.same(levels(17), [])
  run.state = acknowledge(run.state, 'source-down source s')
  t.same(levels(10), [], 'acknowledged in time')
  const late = new Run()
  late.look([single('s', { sinceMs: START_MS - 60_000 })])
  t.match(late.look([single('s')], 3_600_000), [{ kind: 'escalated', level: 2 }], 'both at once')
  t.equal(acknowledge(late.state, 'source-down source other'), late.state)
  t.end()
})

t.test('what is not wanted any more is cleared at once', (t) => {
  const run = new Run()
  run.look([single('s', { sinceMs: 0 })])
  run.settings = { ...SETTINGS, enabled: false }
  t.same(told(run.look([single('s')])), ['cleared source-down source s'])
  t.same(run.look([single('s', { sinceMs: 0 })]), [])
  t.end()
})

t.test('what flaps is raised a few times and then stays open until it has been quiet for long', (t) => {
  const run = new Run()
  run.settings = { ...SETTINGS, holdMs: 0, clearMs: 0 }
  let raised = 0
  for (let tick = 0; tick < 100; tick++) raised += run.look(tick % 2 === 0 ? [single('s')] : []).filter(({ kind }) => kind === 'raised').length
  t.equal(raised, FLAP_RAISES)
  t.equal(run.look([], FLAP_CLEAR_MS - TICK_MS - 1).length, 0, 'it was over once more at the last look')
  t.same(told(run.look([], TICK_MS + 1)), ['cleared source-down source s'])
  t.end()
})

t.test('a unit that is lost as a whole is one alarm with the count; who is left when it comes back gets one of his own', (t) => {
  const run = new Run()
  const all = ['a0', 'a1', 'a2', 'a3', 'a4']
  // One after the other within a minute.
  const losing = (count: number): Condition[] => all.slice(0, count).map((id) => lost(id))
  for (let count = 1; count <= 5; count++) t.same(run.look(losing(count)), [])
  t.same(run.look(losing(5)), [])
  t.match(run.look(losing(5)), [{ kind: 'raised', key: 'cluster-lost unit a', members: 5 }])
  for (let tick = 0; tick < 5; tick++) t.same(run.look(losing(5)), [], 'and nothing more')
  t.same(run.look(losing(3)), [{ kind: 'updated', key: 'cluster-lost unit a', members: 3 }])
  t.same(run.look(losing(2)), [], 'half are back')
  t.same(run.look(losing(2)), [])
  t.same(run.look(losing(2)), [])
  t.same(told(run.look(losing(2))), ['cleared cluster-lost unit a', 'raised cluster-lost cluster a0', 'raised cluster-lost cluster a1'])
  t.end()
})

t.test('the highest unit that is lost takes all below it; one that was lost long before keeps its own alarm and holds up nothing', (t) => {
  const run = new Run()
  run.look([lost('a0', { sinceMs: START_MS - 3_600_000 })])
  t.same(run.open(), ['cluster-lost cluster a0'])
  const rest = ['a1', 'a2', 'a3', 'a4', 'b0', 'b1'].map((id) => lost(id))
  for (let tick = 0; tick < 6; tick++) run.look([lost('a0'), ...rest])
  t.match(run.look([lost('a0'), ...rest]), [{ kind: 'raised', key: 'cluster-lost unit province', members: 6 }])
  t.same(run.open(), ['cluster-lost cluster a0', 'cluster-lost unit province'])
  t.end()
})

t.test('clusters that are lost at different times are no storm', (t) => {
  const run = new Run()
  const since = (id: string, minutes: number): Condition => lost(id, { sinceMs: START_MS - minutes * 60_000 })
  const changes = run.look([since('a0', 20), since('a1', 15), since('a2', 10), since('a3', 5), since('a4', 2)])
  t.same(told(changes), ['a0', 'a1', 'a2', 'a3', 'a4'].map((id) => `raised cluster-lost cluster ${id}`))
  t.ok(GROUP_LEAST > SIZE['b']!)
  t.end()
})

t.test('what comes in thousands at different times comes in turns', (t) => {
  const run = new Run()
  const many = Array.from({ length: 2 * MOST_AT_ONCE + 1 }, (_, index) => single(String(index), { sinceMs: 0 }))
  t.same(Array.from({ length: 4 }, () => run.look(many).length), [MOST_AT_ONCE, MOST_AT_ONCE, 1, 0])
  t.end()
})

t.test('what ends in thousands, and what nobody looks after, comes in turns too', (t) => {
  const run = new Run()
  const many = Array.from({ length: MOST_AT_ONCE + 1 }, (_, index) => single(String(index), { sinceMs: 0 }))
  run.look(many)
  run.look(many)
  t.same([run.look(many, 3_600_000), run.look(many), run.look(many)].map((changes) => changes.length), [MOST_AT_ONCE, 1, 0], 'escalated')
  run.look([])
  t.same([run.look([], 60_000), run.look([]), run.look([])].map((changes) => told(changes).filter((text) => text.startsWith('cleared')).length), [MOST_AT_ONCE, 1, 0])
  t.same(run.open(), [])
  t.end()
})

t.test('many units that fail at once are counted once, not once each, and none of their clusters is alarmed for before all units are', (t) => {
  const units = 2 * MOST_AT_ONCE
  const conditions = Array.from({ length: units * 5 }, (_, index): Condition => lost(`x${String(index)}`, { unitId: `u${String(index % units)}`, sinceMs: START_MS }))
  let asked = 0
  const lineage = (unitId: string): string[] => {
    asked += 1
    return unitId === 'province' ? [unitId] : [unitId, 'province']
  }
  const input = { conditions, settingsOf: () => SETTINGS, lineageOf: lineage, clustersWithin: (id: string) => (id === 'province' ? 10 * conditions.length : 5) }
  const first = advance(EMPTY_STATE, { ...input, nowMs: START_MS + 60_000 })
  t.ok(first.isBehind)
  t.ok(asked < 10 * conditions.length, `asked ${String(asked)} times`)
  const second = advance(first.state, { ...input, nowMs: START_MS + 61_000 })
  t.notOk(second.isBehind)
  const raised = [...first.changes, ...second.changes]
  t.equal(raised.length, units)
  t.ok(raised.every((change) => change.kind === 'raised' && change.members === 5 && change.condition.subject.kind === 'unit'))
  t.same(advance(second.state, { ...input, nowMs: START_MS + 62_000 }).changes, [])
  t.end()
})

t.test('what cannot be told now neither raises nor clears', (t) => {
  const run = new Run()
  run.settings = { ...SETTINGS, clearMs: 0 }
  run.look([lost('b0', { sinceMs: 0 })])
  for (let tick = 0; tick < 10; tick++) t.same(run.look([lost('b0', { isUnsure: true }), lost('b1', { isUnsure: true, sinceMs: 0 })]), [])
  t.same(told(run.look([])), ['cleared cluster-lost cluster b0'])
  const storm = new Run()
  storm.settings = { ...SETTINGS, clearMs: 0 }
  const all = ['a0', 'a1', 'a2', 'a3', 'a4']
  storm.look(all.map((id) => lost(id, { sinceMs: START_MS - 60_000 })))
  t.same(storm.open(), ['cluster-lost unit a'])
  t.same(storm.look(all.map((id) => lost(id, { isUnsure: true }))), [])
  t.end()
})

/** The rule in the words of the task, looked up over the whole history at every moment: slow, and with nothing in common with the engine. */
function model(history: readonly boolean[], { holdMs, clearMs }: RuleSettings): boolean[] {
  const opens: boolean[] = []
  const raises: number[] = []
  for (let now = 0; now < history.length; now++) {
    const wasOpen = now > 0 && opens[now - 1]!
    const run = history.slice(0, now + 1).toReversed().findIndex((held) => held !== history[now])
    const lastedMs = ((run === -1 ? now + 1 : run) - 1) * TICK_MS
    const flaps = raises.filter((tick) => (now - tick) * TICK_MS < FLAP_WINDOW_MS).length >= FLAP_RAISES
    const isOpen = wasOpen ? history[now]! || lastedMs < (flaps ? Math.max(clearMs, FLAP_CLEAR_MS) : clearMs) : history[now]! && lastedMs >= holdMs
    if (isOpen && !wasOpen) raises.push(now)
    opens.push(isOpen)
  }
  return opens
}

const runsOf = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 12 }).map((runs) => runs.flatMap(([held, ticks]) => Array.from({ length: ticks }, () => held)))
const settingsOf = fc.record({ holdMs: fc.integer({ min: 0, max: 12 }), clearMs: fc.integer({ min: 0, max: 12 }) }).map(({ holdMs, clearMs }) => ({ ...SETTINGS, holdMs: holdMs * TICK_MS, clearMs: clearMs * TICK_MS }))

t.test('for any sequence of conditions an alarm is open exactly while it should be, also when the server restarts at any moment', (t) => {
  fc.assert(fc.property(fc.array(runsOf, { minLength: 1, maxLength: 3 }), settingsOf, fc.integer({ min: 0, max: 200 }), (histories, settings, restartAt) => {
    const run = new Run()
    run.settings = settings
    const expected = histories.map((history) => model(history, settings))
    const open = new Map<string, { raisedAtMs: number; sinceMs: number; level: number }>()
    const raised: { key: string; atMs: number }[] = []
    for (let tick = 0; tick < Math.max(...histories.map(({ length }) => length)); tick++) {
      const conditions = histories.flatMap((history, index) => {
        if (history[tick] !== true) return []
        // When it began is known by who measures it, so a restart forgets nothing of it.
        const began = history.slice(0, tick).lastIndexOf(false) + 1
        return [single(String(index), { sinceMs: START_MS + (began + 1) * TICK_MS })]
      })
      for (const change of run.look(conditions)) {
        if (change.kind === 'raised') {
          if (open.has(change.key)) throw new Error(`${change.key} is open already`)
          open.set(change.key, { raisedAtMs: run.nowMs, sinceMs: change.sinceMs, level: 0 })
          raised.push({ key: change.key, atMs: run.nowMs })
        } else if (change.kind === 'cleared') {
          if (!open.delete(change.key)) throw new Error(`${change.key} was not open`)
        } else if (change.kind === 'escalated') {
          const before = open.get(change.key)!
          if (change.level <= before.level) throw new Error('escalated to where it was')
          open.set(change.key, { ...before, level: change.level })
        }
      }
      for (const [index, opens] of expected.entries()) {
        if (tick >= opens.length) continue
        const isOpen = open.has(alarmKey('source-down', { kind: 'source', id: String(index) }))
        if (isOpen !== opens[tick]) throw new Error(`at ${String(tick)} alarm ${String(index)} should ${opens[tick]! ? '' : 'not '}be open`)
      }
      // Only while nothing is being cleared: how long that has been is not kept, so a restart there may make it longer, by less than its time.
      if (tick === restartAt && expected.every((opens, index) => opens[tick] !== true || histories[index]![tick] === true)) {
        run.state = restore([...open].map(([key, alarm]) => ({ ...alarm, condition: single(key.split(' ')[2]!), isAcknowledged: false, members: null })), raised.filter(({ atMs }) => atMs > run.nowMs - FLAP_WINDOW_MS))
      }
    }
  }))
  t.end()
})

t.test('whatever clusters do, each that is lost for its time has exactly one alarm that speaks for it or one of a unit above', (t) => {
  const clusters = ['a0', 'a1', 'a2', 'a3', 'a4', 'b0', 'b1']
  fc.assert(fc.property(fc.array(fc.tuple(fc.subarray(clusters), fc.integer({ min: 1, max: 12 })), { maxLength: 15 }), (phases) => {
    const run = new Run()
    const heldSince = new Map<string, number>()
    for (const [lostNow, ticks] of phases) {
      for (let tick = 0; tick < ticks; tick++) {
        const changes = run.look(lostNow.map((id) => lost(id)))
        for (const id of clusters) {
          if (!lostNow.includes(id)) heldSince.delete(id)
          else if (!heldSince.has(id)) heldSince.set(id, run.nowMs)
        }
        const open = run.open()
        for (const [id, sinceMs] of heldSince) {
          if (run.nowMs - sinceMs < SETTINGS.holdMs) continue
          if (!open.includes(`cluster-lost cluster ${id}`) && !lineageOf(id[0]!).some((unit) => open.includes(`cluster-lost unit ${unit}`))) throw new Error(`nothing speaks for ${id}`)
        }
        for (const change of changes) {
          if (change.kind !== 'raised' || change.members !== null) continue
          const { subject, unitId } = change.condition
          if (lineageOf(unitId!).some((unit) => open.includes(`cluster-lost unit ${unit}`))) throw new Error(`${subject.id} is told of twice`)
        }
      }
    }
    // And all of it comes to an end.
    run.look([])
    run.look([], Math.max(SETTINGS.clearMs, FLAP_CLEAR_MS))
    if (run.open().length > 0) throw new Error('something stays open')
  }))
  t.end()
})
