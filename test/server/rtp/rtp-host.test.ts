import t from 'tap'
import { parseRtcp, parseRtpPacket, parseSap, receiverReport, ntpMiddle, unixMsOfNtp } from '../../../codec/rtp/index.ts'
import { HOUSE_EPOCH_WALL_MS } from '../../../rooms/house-clock.ts'
import { LocalFrameBus } from '../../../rooms/local-frame-bus.ts'
import { FanOut } from '../../../rooms/fan-out.ts'
import { HouseClock, anchorFromWall } from '../../../rooms/house-clock.ts'
import { msToSamples } from '../../../rooms/grid.ts'
import { sourceRoom, toneRoom, type Plan } from '../../../rooms/plan.ts'
import type { RtpOutputSpec } from '../../../server/link/rtp-messages.ts'
import { RtpHost, type RtpNetwork } from '../../../server/rtp/rtp-host.ts'
import type { RtpTransport, TransportEvents } from '../../../server/rtp/transport.ts'
import { proofDatagram, parseProofDatagram } from '../../../server/rtp/proof-datagram.ts'
import { createNativeWire } from '../../../server/sinks/native-wire.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { DEFAULT_OPTIONS } from '../../support/fan-out-bench.ts'

const DELAY_MS = 800
const ROOM = sourceRoom('s')

const spec = (more: Partial<RtpOutputSpec> = {}): RtpOutputSpec => ({ id: 'r-1', name: 'Chợ', clusterId: 'c1', mode: 'multicast', address: '239.192.0.7', port: 5004, codec: 'opus', ptimeMs: 20, ttl: 1, dscp: 46, interface: null, sap: false, createdAtMs: 0, ...more })

/** What went out, and when. */
interface Wire {
  rtp: { atMs: number; packet: Buffer }[]
  rtcp: Buffer[]
  announced: { packet: Buffer; port: number; address: string }[]
  events: TransportEvents | null
  closed: boolean
}

class Bench {
  readonly clock: FakeClock
  readonly house: HouseClock
  readonly bus = new LocalFrameBus()
  readonly fanOut: FanOut
  readonly host: RtpHost
  readonly wires = new Map<string, Wire>()
  fault: string | null = null
  readonly prepared = new Set<string>()
  #sent = 0

  /** @param clock shared by two processes of one machine */
  constructor(clock = new FakeClock()) {
    this.clock = clock
    this.house = new HouseClock(clock, { ...anchorFromWall(new FakeClock()) })
    // One packet of a frame, labelled by nothing but its room.
    const silence = [Buffer.from([31 << 3, 0])]
    const sounds = { silence: () => silence, tone: () => Array.from({ length: 100 }, () => Buffer.from([31 << 3, 200])) }
    this.fanOut = new FanOut({ clock, house: this.house, bus: this.bus.subscribe(), sounds, batch: { send: () => undefined } }, DEFAULT_OPTIONS, () => undefined)
    const open = (output: RtpOutputSpec, events: TransportEvents): RtpTransport => this.#open(output, events)
    const network: RtpNetwork = { multicast: open, unicast: open, close: () => undefined }
    this.host = new RtpHost({ fanOut: this.fanOut, house: this.house, clock, presentationDelayMs: () => DELAY_MS, prepare: (format) => this.prepared.add(format.id) }, { opusFormat: 'opus-32', host: '127.0.0.1', rtpPort: 8020 }, network)
  }

  #open(output: RtpOutputSpec, events: TransportEvents): RtpTransport {
    const wire = this.wires.get(output.id) ?? { rtp: [], rtcp: [], announced: [], events, closed: false }
    wire.events = events
    this.wires.set(output.id, wire)
    const { clock } = this
    const faultOf = (): string | null => this.fault
    return {
      get fault() { return faultOf() },
      sendErrors: 0,
      sendRtp(packet) { wire.rtp.push({ atMs: clock.monotonicMs(), packet }) },
      sendRtcp(packet) { wire.rtcp.push(packet) },
      sendTo(packet, port, address) { wire.announced.push({ packet, port, address }) },
      close() { wire.closed = true },
    }
  }

  apply(outputs: readonly RtpOutputSpec[], active = true, provenUntilSamples: Record<string, number> = {}): void {
    this.host.apply({ type: 'rtp-outputs', active, outputs, provenUntilSamples })
  }

  plan(plan: Plan, urgent = false): void {
    this.fanOut.assign([{ clusters: ['c1'], plan }], Math.floor(this.house.nowSamples()), urgent)
  }

  /** Time passes; the engine sends each frame 10 ms after its last sample, its index in its bytes. */
  run(ms: number): void {
    for (let done = 0; done < ms; done += 4) {
      this.clock.advance(4)
      this.engine()
    }
  }

  engine(): void {
    const ready = Math.floor((this.house.nowSamples() - msToSamples(10)) / 960)
    const from = Math.max(this.#sent + 1, ready - 20)
    for (let index = from; index < ready; index += 1) {
      for (const [format, bytes] of [['opus-32', 40], ['l16-48k', 1920], ['pcmu-8k', 160]] as const) {
        const data = Buffer.alloc(bytes, index & 0x7f)
        if (format === 'opus-32') data[0] = 31 << 3
        this.bus.publish([{ room: ROOM, format, frameIndex: index, flags: 0, data }])
      }
    }
    this.#sent = Math.max(this.#sent, ready - 1)
  }

  wire(id = 'r-1'): Wire {
    return this.wires.get(id)!
  }

  sequences(id = 'r-1'): number[] {
    return this.wire(id).rtp.map(({ packet }) => parseRtpPacket(packet)!.sequence)
  }
}

const always = (bench: Bench, room = ROOM): Plan => [{ room, fromSamples: 0, untilSamples: Math.floor(bench.house.nowSamples()) + msToSamples(3_600_000), orderId: 'o', class: 'normal', title: '' }]
const steps = (numbers: readonly number[]): number[] => numbers.slice(1).map((number, index) => (number - numbers[index]! + 65_536) % 65_536)

t.test('a packet at each edge, numbers without a hole through a cut and back', async (t) => {
  const bench = new Bench()
  t.teardown(() => { bench.host.close(); bench.fanOut.close() })
  bench.plan(always(bench))
  bench.apply([spec()])
  bench.run(1000)
  const now = Math.floor(bench.house.nowSamples())
  bench.plan([{ room: toneRoom('attention', now), fromSamples: now, untilSamples: now + msToSamples(400), orderId: 'e', class: 'emergency', title: '' }, { ...always(bench)[0]!, fromSamples: now + msToSamples(400) }], true)
  bench.run(1000)
  const { rtp } = bench.wire()
  t.ok(rtp.length > 95)
  t.ok(steps(bench.sequences()).every((step) => step === 1), 'every number once')
  const timestamps = rtp.map(({ packet }) => parseRtpPacket(packet)!.timestamp)
  t.ok(timestamps.slice(1).every((timestamp, index) => ((timestamp - timestamps[index]!) >>> 0) === 960))
  t.equal(new Set(rtp.map(({ packet }) => parseRtpPacket(packet)!.ssrc)).size, 1)
  t.ok(rtp.some(({ packet }) => packet[13] === 200), 'the tone was heard')
  const gaps = rtp.slice(11).map(({ atMs }, index) => atMs - rtp[index + 10]!.atMs)
  t.ok(Math.max(...gaps) <= 24 && Math.min(...gaps) >= 16, `no bursts, also at the cut: ${String(Math.min(...gaps))} to ${String(Math.max(...gaps))} ms apart`)
})

t.test('longer packets hold several frames; short ones of uncoded sound are spread over the frame', async (t) => {
  const bench = new Bench()
  t.teardown(() => { bench.host.close(); bench.fanOut.close() })
  bench.plan(always(bench))
  bench.apply([spec({ ptimeMs: 60 }), spec({ id: 'r-2', codec: 'l16', ptimeMs: 10, address: '239.192.0.8' })])
  bench.run(2000)
  const long = bench.wire().rtp
  t.ok(steps(bench.sequences()).every((step) => step === 1))
  t.ok(long.slice(5).every(({ packet }) => packet[12] === ((31 << 3) | 3) && packet[13] === 3), 'code 3, three frames of one size')
  t.ok(long.slice(6).every(({ atMs }, index) => Math.abs(atMs - long[index + 5]!.atMs - 60) <= 4))
  t.same([...bench.prepared], ['opus-32', 'l16-48k'], 'tones are encoded before they are needed')
  const short = bench.wire('r-2').rtp
  t.ok(steps(bench.sequences('r-2')).every((step) => step === 1))
  t.ok(short.slice(20).every(({ packet }) => packet.length === 12 + 960))
  t.ok(short.slice(21).every(({ atMs }, index) => Math.abs(atMs - short[index + 20]!.atMs - 10) <= 4), '10 ms apart, not two at once')
})

t.test('sender reports: the line through them gives each sample the time at which it is to be heard', async (t) => {
  const bench = new Bench()
  t.teardown(() => { bench.host.close(); bench.fanOut.close() })
  bench.plan(always(bench))
  bench.apply([spec(), spec({ id: 'r-2', codec: 'pcmu', address: '239.192.0.8' })])
  bench.run(5000)
  for (const [id, clockHz] of [['r-1', 48_000], ['r-2', 8000]] as const) {
    const reports = bench.wire(id).rtcp.map((packet) => parseRtcp(packet)![0]!)
    t.ok(reports.length >= 4 && reports.length <= 6, `${String(reports.length)} reports in 5 s`)
    const last = reports.at(-1)!
    if (last.type !== 'sender-report') throw new Error('no sender report')
    const { packet } = bench.wire(id).rtp.at(-1)!
    const { timestamp, sequence } = parseRtpPacket(packet)!
    t.type(sequence, 'number')
    // Where the packet stands on the house clock: its frame was the last one due.
    const ticks = (timestamp - last.sender.rtpTimestamp) | 0
    const heardMs = unixMsOfNtp(last.sender.ntp) + (ticks * 1000) / clockHz
    const frameIndex = Math.floor((bench.house.nowSamples() - msToSamples(40)) / 960) - 1
    // The same frame in the native protocol: two bytes of WebSocket, then the header.
    const native = createNativeWire(960, DELAY_MS, DELAY_MS).encode([{ frameIndex, data: Buffer.alloc(3), flags: 0, isMissing: false, cut: false, orderClass: 'normal' }])
    const expectedMs = HOUSE_EPOCH_WALL_MS + Number(native.readBigUInt64BE(2 + 16)) / 1000
    t.ok(Math.abs(heardMs - expectedMs) < 0.2, `${id}: ${String(heardMs - expectedMs)} ms off what native devices are told`)
    t.match(parseRtcp(bench.wire(id).rtcp[0]!)![1], { type: 'description', chunks: [{ items: new Map([[1, `${id}@loa`], [2, 'Chợ']]) }] })
  }
})

t.test('a standby goes on with the very next packet when the sender dies', async (t) => {
  const clock = new FakeClock()
  const [first, second] = [new Bench(clock), new Bench(clock)]
  t.teardown(() => { second.host.close(); second.fanOut.close() })
  for (const bench of [first, second]) bench.plan(always(bench))
  first.apply([spec()], true)
  second.apply([spec()], false)
  for (let ms = 0; ms < 1000; ms += 4) { clock.advance(4); first.engine(); second.engine() }
  t.equal(second.wires.size, 0, 'a standby opens nothing and sends nothing')
  t.match(second.host.status(), { active: false, outputs: [{ id: 'r-1', state: 'standby' }] })
  const before = first.sequences()
  const packets = new Map(first.wire().rtp.map(({ packet }) => [parseRtpPacket(packet)!.sequence, packet.toString('hex')]))
  // It is gone without a word; 60 ms later control has noticed.
  const sent = first.wire().rtp.length
  for (let ms = 0; ms < 60; ms += 4) { clock.advance(4); second.engine() }
  first.fanOut.close()
  t.ok(first.wire().rtp.length >= sent)
  second.apply([spec()], true)
  for (let ms = 0; ms < 500; ms += 4) { clock.advance(4); second.engine() }
  const all = [...new Set([...before, ...second.sequences()])]
  t.ok(steps(all).every((step) => step === 1), 'no packet is missing')
  const again = second.wire().rtp.filter(({ packet }) => packets.has(parseRtpPacket(packet)!.sequence))
  t.ok(again.length > 0 && again.length <= 16, `${String(again.length)} packets were sent twice`)
  t.ok(again.every(({ packet }) => packets.get(parseRtpPacket(packet)!.sequence) === packet.toString('hex')), 'byte for byte the same')
})

t.test('a receiver gets nothing before it has proved its address, and nothing any more a minute after its last word', async (t) => {
  const bench = new Bench()
  t.teardown(() => { bench.host.close(); bench.fanOut.close() })
  bench.plan(always(bench))
  bench.apply([spec({ mode: 'unicast', address: '192.0.2.7' })])
  bench.run(3000)
  t.equal(bench.wire().rtp.length + bench.wire().rtcp.length, 0)
  t.match(bench.host.status().outputs[0], { state: 'waiting-for-proof', provenUntilSamples: null })
  const { events } = bench.wire()
  const challenge = events!.onDatagram(proofDatagram('request'))!
  t.equal(bench.wire().rtp.length, 0)
  events!.onDatagram(proofDatagram('proof', parseProofDatagram(challenge)!.token))
  bench.run(2000)
  t.ok(bench.wire().rtp.length > 95)
  const until = bench.host.status().outputs[0]!.provenUntilSamples!
  t.ok(Math.abs(until - bench.house.nowSamples() - msToSamples(58_000)) < 480)
  // A report that names one of ours keeps it going.
  bench.run(40_000)
  const report = parseRtcp(bench.wire().rtcp.at(-1)!)![0]!
  if (report.type !== 'sender-report') throw new Error('no sender report')
  events!.onRtcp(receiverReport(5, [{ ssrc: report.sender.ssrc, lostShare: 0, lostTotal: 0, highestSequence: 0, jitter: 0, lastSenderReport: ntpMiddle(report.sender.ntp), delaySinceSenderReport: 0 }], 'x'))
  bench.run(50_000)
  t.match(bench.host.status().outputs[0], { state: 'sending', receivers: 1 })
  bench.run(11_000)
  const sent = bench.wire().rtp.length
  bench.run(1000)
  t.equal(bench.wire().rtp.length, sent)
  t.match(bench.host.status().outputs[0], { state: 'waiting-for-proof' })
})

t.test('announcements, and farewells to those who will hear nothing more', async (t) => {
  const bench = new Bench()
  t.teardown(() => { bench.fanOut.close() })
  bench.plan(always(bench))
  bench.apply([spec({ sap: true }), spec({ id: 'r-2', address: '239.192.0.8' })])
  bench.run(100_000)
  const { announced } = bench.wire()
  t.ok(announced.length >= 3 && announced.length <= 6, `${String(announced.length)} announcements in 100 s`)
  t.match(announced[0], { port: 9875, address: '239.195.255.255' })
  t.match(parseSap(announced[0]!.packet), { deletion: false, sdp: /a=rtpmap:96 opus\/48000\/2/ })
  t.equal(bench.wire('r-2').announced.length, 0)
  bench.apply([spec({ id: 'r-2', address: '239.192.0.8' })])
  t.match(parseSap(bench.wire().announced.at(-1)!.packet), { deletion: true })
  t.match(parseRtcp(bench.wire().rtcp.at(-1)!)!.at(-1), { type: 'bye', reason: 'the output was removed' })
  t.equal(bench.wire().closed, true)
  bench.apply([spec({ id: 'r-2', address: '239.192.0.8' })], false)
  t.not(parseRtcp(bench.wire('r-2').rtcp.at(-1)!)!.at(-1)?.type, 'bye', 'a stream that somebody else goes on with does not end')
  bench.apply([spec({ id: 'r-2', address: '239.192.0.8' })], true)
  bench.run(100)
  bench.host.close()
  t.match(parseRtcp(bench.wire('r-2').rtcp.at(-1)!)!.at(-1), { type: 'bye', reason: 'server shutdown' })
  t.equal(bench.fanOut.size, 0)
})

t.test('sockets that take a moment to open cost a successor nothing', async (t) => {
  const bench = new Bench()
  t.teardown(() => { bench.host.close(); bench.fanOut.close() })
  bench.plan(always(bench))
  bench.apply([spec()], false)
  bench.run(1000)
  bench.fault = 'not open yet'
  const atMs = bench.clock.monotonicMs()
  bench.apply([spec()], true)
  bench.run(100)
  t.equal(bench.wire().rtp.length, 0)
  bench.fault = null
  bench.run(40)
  const due = bench.wire().rtp.filter(({ packet }) => parseRtpPacket(packet) !== undefined).length
  // The last 300 ms before they were open, and what came since.
  t.ok(due >= 14 && due <= 18, `${String(due)} packets`)
  t.ok(bench.clock.monotonicMs() - atMs >= 140)
  t.ok(steps(bench.sequences()).every((step) => step === 1))
})

t.test('an output that cannot be opened says why and costs the others nothing', async (t) => {
  const bench = new Bench()
  t.teardown(() => { bench.host.close(); bench.fanOut.close() })
  bench.plan(always(bench))
  bench.fault = 'no interface \'eth9\''
  bench.apply([spec()])
  bench.run(500)
  t.match(bench.host.status().outputs[0], { state: 'failed', reason: 'no interface \'eth9\'', packetsTotal: 0 })
  bench.fault = null
  bench.run(500)
  t.match(bench.host.status().outputs[0], { state: 'sending' })
})
