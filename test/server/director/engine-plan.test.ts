import t from 'tap'
import type { SourceRecord } from '../../../control/ports.ts'
import { inputsOf } from '../../../control/source-rules.ts'
import { crossfadeRoom, overlayRoom } from '../../../rooms/mix-room.ts'
import { clipRoom, sourceRoom, type RoomRef } from '../../../rooms/plan.ts'
import { EnginePlan } from '../../../server/director/engine-plan.ts'
import { soundOf } from '../../../server/director/order-sounds.ts'
import type { EngineState, SoundSpec } from '../../../server/link/messages.ts'
import { fc } from '../../support/seed.ts'

const IDS = ['an', 'binh', 'chau', 'dung', 'em', 'giang']
const sourceIdArb = fc.constantFrom(...IDS)
const common = { name: 'x', fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', unitId: null, createdAtMs: 0 } as const

/** Any of the sources, each with what stands in for it; circles too, which nobody can make but a damaged database may hold. */
const sourcesArb: fc.Arbitrary<readonly SourceRecord[]> = fc.subarray(IDS).chain((ids) => fc.tuple(...ids.map((id) => fc.oneof(
  fc.option(sourceIdArb).map((fallbackSourceId): SourceRecord => ({ ...common, kind: 'phone', id, fallbackSourceId })),
  fc.constant<SourceRecord>({ ...common, kind: 'relay', id, urls: ['http://example.org/'] }),
  fc.uniqueArray(sourceIdArb, { minLength: 1, maxLength: 3 }).map((inputSourceIds): SourceRecord => ({ ...common, kind: 'standby', id, inputSourceIds, return: 'manual', returnAfterMs: 0, pinned: null, chosenAtMs: null })),
))))

const { room: roomArb } = fc.letrec<{ room: RoomRef }>((tie) => ({
  room: fc.oneof({ depthSize: 'small' },
    sourceIdArb.map(sourceRoom),
    fc.nat(5).map((order) => clipRoom(`o${String(order)}`, 0)),
    fc.record({ from: tie('room'), to: tie('room') }).map(({ from, to }) => crossfadeRoom({ from, to, atSamples: 0, samples: 480 })),
    fc.record({ over: fc.option(tie('room')), under: tie('room') }).map(({ over, under }) => overlayRoom({ over, under, level: { fromDb: 0, toDb: -12, atSamples: 0, samples: 480 } })),
  ),
}))

type Part = Extract<SoundSpec, { readonly kind: 'source' }>
function partsOf(sound: SoundSpec): Part[] {
  switch (sound.kind) {
    case 'clips': return []
    case 'source': return [sound]
    case 'crossfade': return [...partsOf(sound.from), ...partsOf(sound.to)]
    case 'overlay': return [...(sound.over === null ? [] : partsOf(sound.over)), ...partsOf(sound.under)]
  }
}

const NO_FACTS = { airTimes: new Map(), emergencyTimes: new Map(), lastInputs: new Map() }
const clips = { clips: { get: (id: string) => ({ id, path: '/k.wav', durationSamples: 10 }) } } as unknown as Parameters<typeof soundOf>[1]
const states = (plan: EnginePlan, rooms: readonly RoomRef[]): EngineState[] => plan.states(rooms, (room) => soundOf(room, clips, () => ({ clipIds: ['k'] }) as never), NO_FACTS)

t.test('whatever is mixed, each engine has every source of its programmes, or knows which engine has it', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.tuple(sourcesArb, fc.array(roomArb, { maxLength: 6 })), { minLength: 1, maxLength: 6 }), (engines, steps) => {
    const plan = new EnginePlan(engines)
    // What begins, ends and changes: each state stands for itself.
    for (const [sources, rooms] of steps) {
      plan.setSources(sources)
      const told = states(plan, rooms)
      const has = (engine: number, id: string): boolean => told[engine]!.sources.some((source) => source.id === id)
      for (const source of sources) {
        const homes = told.flatMap((_, engine) => (has(engine, source.id) ? [engine] : []))
        if (homes.length !== 1 || homes[0] !== plan.engineOfSource(source.id)) throw new Error(`${source.id} runs in engines ${homes.join()}`)
        // What stands in for it is with it.
        for (const id of inputsOf(source)) if (sources.some((other) => other.id === id) && !has(homes[0], id)) throw new Error(`${id} is not where ${source.id} is`)
      }
      for (const [engine, { programmes }] of told.entries()) {
        for (const programme of programmes) {
          for (const { sourceId, engine: home = engine } of partsOf(programme)) {
            if (sources.some(({ id }) => id === sourceId) && !has(home, sourceId)) throw new Error(`${programme.room} in engine ${String(engine)} looks for ${sourceId} in ${String(home)}`)
          }
          if (partsOf(programme).some((part) => part.engine === engine)) throw new Error('nothing is read from itself')
        }
      }
      // An engine that died is told the same again; in which sequence others came changes nothing.
      const again = new EnginePlan(engines)
      again.setSources([...sources].reverse())
      for (const [engine, state] of states(again, [...rooms].reverse()).entries()) {
        t.strictSame(new Map(state.programmes.map((programme) => [programme.room, programme])), new Map(told[engine]!.programmes.map((programme) => [programme.room, programme])))
      }
    }
  }), { numRuns: 100 })
  t.end()
})
