import t, { type Test } from 'tap'
import { NO_EQUIPMENT } from '../../../control/records.ts'
import type { RtpOutputRecord } from '../../../control/ports.ts'
import { RtpBoard } from '../../../server/director/rtp-board.ts'
import type { RtpOutputs, RtpOutputStatus, RtpStatus } from '../../../server/link/rtp-messages.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const record = (id: string, more: Partial<RtpOutputRecord> = {}): RtpOutputRecord => ({ id, name: id, clusterId: 'c1', mode: 'unicast', address: '192.0.2.7', port: 5004, codec: 'opus', ptimeMs: 20, ttl: 1, dscp: 46, interface: null, sap: false, createdAtMs: 0, ...more })

const status = (id: string, more: Partial<RtpOutputStatus> = {}): RtpOutputStatus => ({ id, state: 'sending', reason: '', ssrc: 1, packetsTotal: 50, bytesTotal: 4000, sendErrorsTotal: 0, emptiedFramesTotal: 0, reportsTotal: 1, unreadableTotal: 0, receivers: 1, worstLossPercent: 2, worstJitterMs: 1, worstRoundTripMs: null, provenUntilSamples: null, ...more })

class Peer {
  readonly hello: { readonly index: number }
  readonly told: RtpOutputs[] = []

  constructor(index: number) {
    this.hello = { index }
  }

  send(message: RtpOutputs): void {
    this.told.push(message)
  }

  get part(): string {
    const last = this.told.at(-1)
    return last === undefined ? 'untold' : last.active ? 'sends' : last.outputs.length > 0 ? 'stands by' : 'nothing'
  }
}

const IDLE: RtpStatus = { type: 'rtp-status', active: false, outputs: [] }

function bench(t: Test, fanOutProcesses: number): { clock: FakeClock; store: SqliteStore; board: RtpBoard; connect: (index: number, first?: RtpStatus) => Peer } {
  const clock = new FakeClock()
  const store = SqliteStore.inMemory()
  store.units.insert({ id: 'u1', code: 'u1', name: 'u', parentId: null, presentationDelayMs: null, createdAtMs: 0 })
  store.clusters.insert({ id: 'c1', unitId: 'u1', code: 'c1', name: 'c', tags: [], position: null, enabled: true, state: 'active', equipment: NO_EQUIPMENT, keyHash: 'h', keyChangedAtMs: 0, createdAtMs: 0 })
  store.rtpOutputs.insert(record('r-1'))
  const board = new RtpBoard({ store, clock, fanOutProcesses, wallMsAt: (samples) => samples / 48 })
  t.teardown(() => {
    board.close()
    store.close()
  })
  return {
    clock, store, board,
    connect: (index, first = IDLE) => {
      const peer = new Peer(index)
      board.greet(peer)
      board.hear(peer, first)
      return peer
    },
  }
}

t.test('one sends, the next stands by, the others have nothing to do with it', async (t) => {
  const { board, connect } = bench(t, 3)
  const [two, zero] = [connect(2), connect(0)]
  t.same([two.part, zero.part], ['untold', 'untold'], 'while one is missing, it may be the one that sends')
  const one = connect(1)
  t.same([zero.part, one.part, two.part], ['sends', 'stands by', 'nothing'])
  t.match(zero.told[0]?.outputs, [{ id: 'r-1', clusterId: 'c1' }])
  t.equal(board.status('r-1'), null)
  board.hear(zero, { ...IDLE, active: true, outputs: [status('r-1')] })
  t.match(board.status('r-1'), { state: 'sending', fanOut: 0, worstLossPercent: 2, provenUntilMs: null })
  t.match(board.metricsText(), /loa_rtp_worst_loss_ratio\{output="r-1"\} 0\.02\n/)
  t.notMatch(board.metricsText(), /round_trip/)
})

t.test('when it dies, the standby sends, with what is known of proofs; the dead one stands by when it is back', async (t) => {
  const { board, connect } = bench(t, 3)
  const [zero, one, two] = [connect(0), connect(1), connect(2)]
  board.hear(zero, { ...IDLE, active: true, outputs: [status('r-1', { provenUntilSamples: 4800 })] })
  t.equal(board.status('r-1')?.provenUntilMs, 100)
  board.gone(zero)
  t.same([one.part, two.part], ['sends', 'stands by'])
  t.same(one.told.at(-1)?.provenUntilSamples, { 'r-1': 4800 })
  t.equal(board.status('r-1'), null, 'nothing is known of the new one yet')
  const back = connect(0)
  t.same([back.part, one.part, two.part], ['stands by', 'sends', 'nothing'], 'nothing moves back')
  board.gone(zero)
  t.equal(back.part, 'stands by', 'the end of the old connection comes late')
})

t.test('with one process, what was proved to it before it died holds when it is back', async (t) => {
  const { board, connect } = bench(t, 1)
  const zero = connect(0)
  board.hear(zero, { ...IDLE, active: true, outputs: [status('r-1', { provenUntilSamples: 4800 })] })
  board.gone(zero)
  const back = connect(0)
  t.match(back.told.at(-1), { active: true, provenUntilSamples: { 'r-1': 4800 } })
})

t.test('a control that has just started leaves it where it is', async (t) => {
  const { clock, connect } = bench(t, 4)
  const three = connect(3, { ...IDLE, active: true, outputs: [status('r-1')] })
  t.equal(three.part, 'sends', 'it says so itself')
  const zero = connect(0)
  t.same([three.part, zero.part], ['sends', 'stands by'])
  clock.advance(5000)
  t.same([three.part, zero.part], ['sends', 'stands by'])
})

t.test('who does not come within two seconds is not waited for', async (t) => {
  const { clock, connect } = bench(t, 4)
  const one = connect(1)
  clock.advance(1999)
  t.equal(one.part, 'untold')
  clock.advance(1)
  t.equal(one.part, 'sends')
  t.equal(connect(0).part, 'stands by')
})

t.test('changes are told to those who have to do with it, once', async (t) => {
  const { board, store, connect } = bench(t, 3)
  const [zero, one, two] = [connect(0), connect(1), connect(2)]
  store.rtpOutputs.insert(record('r-2', { port: 5006 }))
  board.outputsChanged()
  board.outputsChanged()
  t.same(zero.told.map(({ outputs }) => outputs.length), [1, 2])
  t.same(one.told.map(({ outputs }) => outputs.length), [1, 2])
  t.same(two.told.map(({ outputs }) => outputs.length), [0])
  store.clusters.remove('c1')
  board.outputsChanged()
  t.same(zero.told.at(-1)?.outputs, [], 'outputs go with their cluster')
  t.match(board.sdp(record('r-1')), /^v=0\r\n[^]*c=IN IP4 192\.0\.2\.7\r\n[^]*m=audio 5004 RTP\/AVP 96\r\n/)
})

t.test('the sender that a new control has just found dies: the next goes on at once, and the dead one is not waited for', async (t) => {
  const { board, connect } = bench(t, 3)
  const zero = connect(0, { ...IDLE, active: true, outputs: [status('r-1')] })
  const one = connect(1)
  t.equal(zero.part, 'sends', 'as it did under the control before')
  board.gone(zero)
  t.equal(one.part, 'sends', 'though not all are here, and the first two seconds are not over')
  t.equal(connect(0).part, 'stands by')
})

t.test('what is announced is known by changes; all that is told at once replaces it', (t) => {
  const { board } = bench(t, 1)
  const session = (id: string, sdp = '') => ({ session: id, name: id, sdp })
  t.equal(board.announcements(), null)
  board.announced({ isAll: true, heard: [session('a'), session('b')], gone: [] })
  board.announced({ isAll: false, heard: [session('b', 'new'), session('c')], gone: ['a'] })
  t.same(board.announcements(), [session('b', 'new'), session('c')])
  board.announced({ isAll: true, heard: [session('d')], gone: [] })
  t.same(board.announcements(), [session('d')])
  t.end()
})
