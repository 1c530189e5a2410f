import { pino } from 'pino'
import t from 'tap'
import { msToSamples } from '../../../rooms/grid.ts'
import { clipRoom, type Plan } from '../../../rooms/plan.ts'
import { EngineDesk, type EngineDeskPorts } from '../../../server/director/engine-desk.ts'
import { OnAirBoard } from '../../../server/director/on-air-board.ts'
import { ProcessBoard } from '../../../server/director/process-board.ts'
import type { EnginePeer } from '../../../server/link/control-server.ts'
import type { EngineState } from '../../../server/link/messages.ts'

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
