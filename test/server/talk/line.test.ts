import t from 'tap'
import { Line, TAKEN_OVER, type LineState, type Offered, type Probed } from '../../../control/client/speak/line.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fc } from '../../support/seed.ts'

const WORDS = { vi: 'có người', en: 'somebody' }
const BUSY: Offered<number> = { kind: 'refused', code: 'STREAM_ERR_MOUNT_BUSY', words: WORDS }

/** A line against a server that answers as the test says; sessions are numbers. */
function bench() {
  const clock = new FakeClock()
  const said = { offers: 0, restarts: [] as number[], hungUp: [] as number[], states: [] as LineState['kind'][] }
  const server = { offer: (): Offered<number> => ({ kind: 'taken', session: said.offers }), probe: (): Probed => 'alive' }
  const line: Line<number> = new Line<number>({
    offer: () => {
      said.offers += 1
      return Promise.resolve(server.offer())
    },
    probe: () => Promise.resolve(server.probe()),
    restartIce: (session) => Promise.resolve(void said.restarts.push(session)),
    hangUp: (session) => Promise.resolve(void said.hungUp.push(session)),
    after: (delayMs, call) => {
      const timer = clock.setTimer(delayMs, call)
      return () => { timer.cancel() }
    },
    random: () => 1,
    changed: ({ kind }) => { said.states.push(kind) },
  })
  const settle = async (): Promise<void> => { for (let i = 0; i < 10; i += 1) await Promise.resolve() }
  /** In small steps, so that what one timer begins can set the next. */
  const pass = async (ms: number): Promise<void> => {
    for (let done = 0; done < ms; done += 100) {
      clock.advance(100)
      await settle()
    }
  }
  return { clock, line, said, server, settle, pass, up: async () => {
    line.start()
    await settle()
    line.connected(said.offers)
  } }
}

t.test('a line that comes up, and is hung up', async (t) => {
  const { line, said, settle, up } = bench()
  await up()
  t.same(said.states, ['connecting', 'connected'])
  await line.stop()
  t.same([line.state.kind, said.hungUp], ['idle', [1]])
  line.connected(1)
  line.lost(1, true)
  await settle()
  t.equal(line.state.kind, 'idle', 'what an old session says counts no more')
})

t.test('a short loss mends itself; a longer one is an ICE restart, then another offer', async (t) => {
  const { line, said, pass, up } = bench()
  await up()
  line.lost(1, false)
  await pass(1000)
  line.connected(1)
  await pass(20_000)
  t.same([said.offers, said.restarts], [1, []])
  line.lost(1, false)
  await pass(1600)
  t.same([said.restarts, line.state.kind], [[1], 'reconnecting'])
  line.connected(1)
  t.equal(line.state.kind, 'connected')
  line.lost(1, false)
  await pass(1600 + 8000 + 600)
  t.same([said.offers, said.hungUp], [2, [1]], 'nothing came of the restart')
})

t.test('the server has lost the session: offered anew at once, also when media seemed to flow', async (t) => {
  const { line, said, server, settle, up } = bench()
  await up()
  server.probe = () => 'unreachable'
  line.doubt()
  await settle()
  t.equal(line.state.kind, 'connected', 'a doubt that cannot be answered changes nothing')
  server.probe = () => 'gone'
  line.doubt()
  await settle()
  t.same([said.offers, line.state.kind], [2, 'reconnecting'])
  line.connected(2)
  t.equal(line.state.kind, 'connected')
})

t.test('a server that is away is tried again, ever less often, and at once when the network is back', async (t) => {
  const { line, said, server, pass, up, settle } = bench()
  await up()
  server.probe = () => 'gone'
  server.offer = () => ({ kind: 'unreachable' })
  line.lost(1, true)
  await pass(60_000)
  t.ok(said.offers >= 8 && said.offers <= 13, `${String(said.offers)} offers in a minute`)
  t.equal(line.state.kind, 'reconnecting')
  server.offer = () => ({ kind: 'taken', session: 99 })
  const before = said.offers
  line.hurry()
  await settle()
  t.equal(said.offers, before + 1)
  line.connected(99)
  t.equal(line.state.kind, 'connected')
})

t.test('who was taken over does not take back; who is refused is told why', async (t) => {
  const { line, said, server, pass, up } = bench()
  await up()
  server.probe = () => 'taken-over'
  line.lost(1, true)
  await pass(60_000)
  t.same([line.state, said.offers], [{ kind: 'refused', code: TAKEN_OVER, words: { vi: '', en: '' } }, 1])

  const second = bench()
  second.server.offer = () => BUSY
  second.line.start()
  await second.pass(30_000)
  t.same([second.line.state, second.said.offers], [{ kind: 'refused', code: 'STREAM_ERR_MOUNT_BUSY', words: WORDS }, 1])
})

t.test('a line that is busy with our own old session is waited for, a stranger is not for long', async (t) => {
  const { line, said, server, pass } = bench()
  server.offer = () => BUSY
  line.start(true)
  await pass(5000)
  t.equal(line.state.kind, 'connecting')
  server.offer = () => ({ kind: 'taken', session: 7 })
  await pass(8000)
  line.connected(7)
  t.equal(line.state.kind, 'connected')
  await line.stop()
  server.offer = () => BUSY
  line.start(true)
  await pass(40_000)
  t.equal(line.state.kind, 'refused')
  t.ok(said.offers < 20)
})

t.test('whatever happens, no session is left behind, and after the end nothing is offered', async (t) => {
  const event = fc.oneof(fc.constantFrom('connected', 'lost', 'dead', 'doubt', 'hurry', 'unreachable', 'busy', 'well', 'gone', 'alive', 'away', 'start'), fc.nat(9000))
  await fc.assert(fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
    const { line, said, server, settle, pass } = bench()
    const taken: number[] = []
    const accept = (): Offered<number> => {
      taken.push(said.offers)
      return { kind: 'taken', session: said.offers }
    }
    server.offer = accept
    line.start()
    for (const what of events) {
      await settle()
      const session = line.session ?? -1
      if (typeof what === 'number') await pass(what)
      else if (what === 'connected') line.connected(session)
      else if (what === 'lost' || what === 'dead') line.lost(session, what === 'dead')
      else if (what === 'doubt') line.doubt()
      else if (what === 'hurry') line.hurry()
      else if (what === 'unreachable') server.offer = () => ({ kind: 'unreachable' })
      else if (what === 'busy') server.offer = () => BUSY
      else if (what === 'well') server.offer = accept
      else if (what === 'start') {
        await line.stop()
        line.start()
      } else server.probe = () => (what === 'away' ? 'unreachable' : what === 'gone' ? 'gone' : 'alive')
    }
    await line.stop()
    const { offers } = said
    await pass(30_000)
    if (said.offers !== offers) throw new Error('offered after the end')
    const left = taken.filter((session) => !said.hungUp.includes(session))
    if (left.length > 0) throw new Error(`left behind: ${String(left)}`)
  }), { numRuns: Number(process.env['FC_RUNS'] ?? 100) })
  t.pass()
})
