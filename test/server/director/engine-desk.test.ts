import { pino } from 'pino'
import t from 'tap'
import { DEFAULT_INGEST_RULES, type BroadcastEvent } from '../../../control/ports.ts'
import { msToSamples } from '../../../rooms/grid.ts'
import { clipRoom, type Plan } from '../../../rooms/plan.ts'
import { EngineDesk, type EngineDeskPorts } from '../../../server/director/engine-desk.ts'
import { OnAirBoard } from '../../../server/director/on-air-board.ts'
import { ProcessBoard } from '../../../server/director/process-board.ts'
import type { EnginePeer } from '../../../server/link/control-server.ts'
import type { EngineState, EngineStats } from '../../../server/link/messages.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'

t.test('a room runs on for a while after its end, as its last frames are made then', (t) => {
  let now = 0
  const end = msToSamples(5000)
  const room = clipRoom('o1', 0)
  const plan: Plan = [{ room, fromSamples: 0, untilSamples: end, orderId: 'o1', class: 'normal', title: '' }]
  let plans: Plan[] = [plan]
  const onAir = new OnAirBoard()
  const states: string[][] = []
  const desk = new EngineDesk({
    store: { sources: { all: () => [] }, clips: { get: (id: string) => ({ id, path: '/clip.wav', durationSamples: end }) }, sourceSwitches: { lastInputs: () => new Map() } } as unknown as EngineDeskPorts['store'],
    processes: new ProcessBoard(),
    orders: { inputs: () => [], get: () => ({ clipIds: ['k1'] }) } as unknown as EngineDeskPorts['orders'],
    onAir,
    time: { nowSamples: () => now } as EngineDeskPorts['time'],
    emit: () => undefined,
    logger: pino({ enabled: false }),
  }, 1)
  const tell = (atMs: number): string[] | undefined => {
    now = msToSamples(atMs)
    onAir.look(plans.map((_, index) => String(index)), (id) => plans[Number(id)]!, now)
    desk.tell()
    return states.at(-1)
  }
  desk.greet({ hello: { type: 'hello', version: 1, role: 'engine', index: 0, pid: 1 }, send: (state: EngineState) => { states.push(state.programmes.map((programme) => programme.room)) } } as unknown as EnginePeer)
  t.same(tell(4000), [room])
  t.same(tell(5000), [room], 'at its end')
  t.same(tell(5900), [room])
  t.same(tell(6100), [])
  t.same(tell(7000), [])

  const urgent = clipRoom('o2', 0)
  desk.tell([[{ ...plan[0]!, room: urgent, orderId: 'o2', fromSamples: now, untilSamples: now + end }]])
  t.same(states.at(-1), [urgent], 'an emergency is told of before anybody has looked who is on the air')
  tell(7001)
  t.same(tell(8100), [])

  now = 0
  plans = [plan]
  t.same(tell(100), [room])
  plans = []
  t.same(tell(1000), [room], 'stopped: its last frames before that are still to be made')
  plans = [plan]
  t.same(tell(1500), [room], 'and back again')
  plans = []
  t.same(tell(2400), [room])
  t.same(tell(3500), [])
  t.end()
})

t.test('engines know when a studio may come, also when its order is over and forgotten; switches are kept and told once', (t) => {
  const store = SqliteStore.inMemory()
  t.teardown(() => { store.close() })
  const common = { name: 'x', unitId: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', createdAtMs: 0 } as const
  store.sources.insert({ ...common, id: 'studio', kind: 'icecast', mount: '/a', takeover: 'refuse', keyHash: 'h', ingest: { ...DEFAULT_INGEST_RULES, acceptsFrom: 'window', leadTimeMs: 1000, tailMs: 60_000 } })
  store.sources.insert({ ...common, id: 'both', kind: 'standby', inputSourceIds: ['studio', 'gone'], return: 'automatic', returnAfterMs: 0, pinned: null, chosenAtMs: null })
  const [from, until] = [msToSamples(10_000), msToSamples(20_000)]
  const order = { id: 'o1', content: { kind: 'open', sourceId: 'both' }, startSamples: from, endSamples: until, stoppedSamples: null }
  let inputs: object[] = [order]
  let now = 0
  const states: EngineState[] = []
  const events: BroadcastEvent[] = []
  const desk = new EngineDesk({
    store,
    processes: new ProcessBoard(),
    orders: { inputs: () => inputs, get: () => undefined } as unknown as EngineDeskPorts['orders'],
    onAir: new OnAirBoard(),
    time: { nowSamples: () => now, wallMs: () => now / 48, wallMsAt: (samples: number) => samples / 48, samplesAtWall: (ms: number) => ms * 48 } as EngineDeskPorts['time'],
    emit: (event) => { events.push(event) },
    logger: pino({ enabled: false }),
  }, 1)
  const peer = { hello: { type: 'hello', version: 1, role: 'engine', index: 0, pid: 1 }, send: (state: EngineState) => { states.push(state) } } as unknown as EnginePeer
  const admission = (atMs: number): object | undefined => {
    now = msToSamples(atMs)
    desk.tell()
    const spec = states.at(-1)?.sources.find(({ id }) => id === 'studio')
    return spec?.kind === 'icecast' ? spec.admission : undefined
  }
  desk.readSources()
  desk.greet(peer)
  t.same(admission(0), { airTimes: [[from, until]], emergencyTimes: [], window: { leadSamples: 48_000, tailSamples: msToSamples(60_000) }, revokedKeyTags: [] }, 'as an input of what the order plays')
  inputs = []
  t.match(admission(79_000), { airTimes: [[from, until]] }, 'until its tail is over')
  t.match(admission(81_000), { airTimes: [] })
  inputs = [{ ...order, id: 'urgent', class: 'emergency', startSamples: msToSamples(90_000), endSamples: msToSamples(91_000) }]
  t.match(admission(85_000), { emergencyTimes: [[msToSamples(90_000), msToSamples(91_000)]] })

  inputs = [{ ...order, id: 'o2', content: { kind: 'open', sourceId: 'tone', handOvers: [{ sourceId: 'studio', atSamples: msToSamples(12_000), crossfadeSamples: 4800 }, { sourceId: 'tone', atSamples: msToSamples(15_000), crossfadeSamples: 4800 }] } }]
  t.match(admission(13_000), { airTimes: [[msToSamples(12_000), msToSamples(15_100)]] }, 'whom an order was handed to, until it has faded away')

  const told = { type: 'source-switch', id: 'w1', sourceId: 'both', fromInputId: null, toInputId: 'studio', cause: 'start', detail: '', atSamples: 48_000, gapMs: 0 } as const
  desk.hear(peer, told)
  desk.hear(peer, told)
  desk.hear(peer, { ...told, id: 'w2', sourceId: 'no more' })
  t.match(events, [{ type: 'switch', record: { id: 'w1', atMs: 1000, toInputId: 'studio' } }])
  t.equal(store.sourceSwitches.list('both', { after: null, limit: 10 }).items.length, 1)
  desk.tell()
  t.match(states.at(-1)?.sources.find(({ id }) => id === 'both'), { lastInputSourceId: 'studio' }, 'for the next engine')
  t.end()
})

t.test('of several engines the one in which a source is placed says how it is', (t) => {
  const events: BroadcastEvent[] = []
  const desk = new EngineDesk({
    store: { sources: { all: () => [] }, sourceSwitches: { lastInputs: () => new Map() } } as unknown as EngineDeskPorts['store'],
    processes: new ProcessBoard(),
    orders: { inputs: () => [], get: () => undefined } as unknown as EngineDeskPorts['orders'],
    onAir: new OnAirBoard(),
    time: { nowSamples: () => 0 } as EngineDeskPorts['time'],
    emit: (event) => { events.push(event) },
    logger: pino({ enabled: false }),
  }, 2)
  const place = desk.engineOfSource('studio')
  const say = (index: number, state: 'live' | 'idle'): void => {
    desk.hear({ hello: { index } } as EnginePeer, { type: 'source-status', sourceId: 'studio', state, urlIndex: null, peakDbfs: 0, rmsDbfs: 0, clippedPercent: 0, fault: null, reason: '', title: '' })
  }
  say(place, 'live')
  say(1 - place, 'idle')
  say(place, 'live')
  t.same([desk.sources.get('studio')?.state, events.map(({ type }) => type)], ['live', ['source']], 'nothing comes in elsewhere')

  const stats = (missingSources: readonly string[]): void => { desk.hear({ hello: { index: 1 - place } } as EnginePeer, { type: 'engine-stats', missingSources } as EngineStats) }
  stats(['studio'])
  t.match(desk.sources.get('studio'), { state: 'down', reason: `its sound does not get to where it is mixed: from engine ${String(place)} to engine ${String(1 - place)}` })
  say(place, 'live')
  t.equal(desk.sources.get('studio')?.state, 'down', 'whatever its own engine says')
  t.match(events.slice(1), [{ type: 'source' }, { type: 'fault', code: 'LOA_FAULT_SOURCE_DOWN', sourceId: 'studio' }])
  stats([])
  say(place, 'live')
  t.equal(desk.sources.get('studio')?.state, 'live', 'it gets through again')
  t.end()
})