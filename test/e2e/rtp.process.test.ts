import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:dgram'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parseRtcp, parseRtpPacket, parseSap, receiverReport } from '../../codec/rtp/index.ts'
import { parseProofDatagram, proofDatagram } from '../../server/rtp/proof-datagram.ts'
import { hearGroup } from '../support/group-ear.ts'
import { LinkModel, PROFILES } from '../support/link-emulator.ts'
import { monotonicMs } from '../support/link-emulator-relay.ts'
import { ADMIN_TOKEN, LoaServer } from '../support/loa-server.ts'
import { MachineWatch } from '../support/machine-watch.ts'
import { decodeMp3, HttpRadio, MP3_64_BYTES_PER_SECOND, MP3_64_FRAME_BYTES } from '../support/radio.ts'
import { endReceivers, ffmpegReceiver, freePortPair, gstreamerReceiver, hasProgram, localSocket, LOOPBACK, multicastFault, type Receiver, droppedByKernel } from '../support/rtp-receivers.ts'
import { TEST_SEED } from '../support/seed.ts'
import { rmsDb } from '../support/spectrum.ts'
import { shortToneRatioDb } from '../support/tone-ratio.ts'
import { longestGapMs, toneMap } from '../support/tone-map.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const MUSIC_HZ = 440
const ALARM_HZ = 2000
const SETTINGS = { LOA_ATTENTION_TONE_MS: '480', LOA_PRESENTATION_DELAY_MS: '500' }

interface OutputView {
  readonly id: string
  readonly status: { readonly state: string; readonly fanOut: number; readonly packetsTotal: number; readonly receivers: number; readonly worstLossPercent: number | null; readonly worstRoundTripMs: number | null; readonly sendErrorsTotal: number } | null
}

const sdpOf = async (server: LoaServer, id: string): Promise<string> => (await fetch(`${server.api}/v1/rtp-outputs/${id}/sdp`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).text()
const show = async (server: LoaServer, id: string): Promise<OutputView> => (await server.get(`/v1/rtp-outputs/${id}`)) as unknown as OutputView

/** The tones in the order in which they were heard, the attention tone left out. */
const scenes = (pcm: Float32Array): number[] => toneMap(pcm, [MUSIC_HZ, 960, 1280, ALARM_HZ]).map(({ hz }) => hz).filter((hz) => hz === MUSIC_HZ || hz === ALARM_HZ).filter((hz, index, all) => hz !== all[index - 1])

/** Looks at the newest second alone: a whole file takes so long to look at that packets are lost meanwhile, here. */
const hears = (receiver: Receiver, hz: number): boolean => toneMap(receiver.lastSecond(), [MUSIC_HZ, 960, 1280, ALARM_HZ]).at(-1)?.hz === hz

/** Whoever is held up by so much, so long before a packet is due at most, may make its frame too late (`rooms/programme-runner.ts`). */
const HELD_UP_MS = 10
const HELD_UP_BEFORE_MS = 600
const LONGEST_PACKET_MS = 60
/** The kernel, control, the successor, the engine, and we: each may have to wait as long as the machine held us up at the worst. */
const HOPS = 5
/** A successor begins with what was due so long ago, protocol.md. */
const HISTORY_MS = 300

/** One stream as it came from the wire. */
interface Wire {
  readonly rtp: Buffer[]
  /** When each came, monotonic. */
  readonly atMs: number[]
  readonly rtcp: Buffer[]
  readonly ptimeMs: number
  id: string
}

/** Packets by their numbers, which are places on the house clock: each has its time. The first is 0. */
function timed({ rtp, atMs, ptimeMs }: Wire): { readonly numbers: readonly number[]; readonly dueMs: (number: number) => number } {
  const first = parseRtpPacket(rtp[0]!)!.sequence
  const numbers = rtp.map((packet) => (parseRtpPacket(packet)!.sequence - first + 65_536) % 65_536)
  // Packets may be late, never early: the promptest says when all others were due.
  const firstDueMs = Math.min(...numbers.map((number, index) => atMs[index]! - number * ptimeMs))
  return { numbers, dueMs: (number) => firstDueMs + number * ptimeMs }
}

/**
 * What became of a stream whose sender was killed.
 * @param killedAfter packets that came before
 * @returns ms from when the last packet of the dead sender was due until the first of its successor came; and how far back that one reaches
 */
function succession(wire: Wire, killedAfter: number): { readonly silentMs: number; readonly reachMs: number } {
  const { numbers, dueMs } = timed(wire)
  // It begins with what was sent already, or after what nobody has sent; where it happens to begin with the very next, after the longest pause.
  const jump = numbers.findIndex((number, index) => index >= killedAfter && number !== numbers[index - 1]! + 1)
  const pauseMs = (index: number): number => wire.atMs[index]! - wire.atMs[index - 1]!
  const successor = jump >= 0 ? jump : numbers.reduce((longest, _, index) => (index > longest && pauseMs(index) > pauseMs(longest) ? index : longest), killedAfter)
  const cameMs = wire.atMs[successor]!
  return { silentMs: cameMs - dueMs(numbers[successor - 1]!), reachMs: cameMs - dueMs(numbers[successor]!) }
}

/** When packets of L16 were due that hold silence between the first sound and the last: what the server itself had no sound for. */
function silences(wire: Wire): number[] {
  const { numbers, dueMs } = timed(wire)
  const isSilent = wire.rtp.map((packet) => {
    const { payload } = parseRtpPacket(packet)!
    const pcm = Float32Array.from({ length: payload.length >> 1 }, (_, at) => payload.readInt16BE(at * 2) / 32_768)
    return rmsDb(pcm, 0, pcm.length) < -50
  })
  const [from, to] = [isSilent.indexOf(false), isSilent.lastIndexOf(false)]
  return numbers.flatMap((number, index) => (isSilent[index]! && index > from && index < to ? [dueMs(number)] : []))
}

/** How far each number is from the one before; 1 everywhere is a whole stream. Numbers that came twice are left out. */
function steps(sequences: readonly number[]): number[] {
  const seen = [...new Set(sequences)]
  return seen.slice(1).map((sequence, index) => (sequence - seen[index]! + 65_536) % 65_536)
}

t.test('multicast to players of others: an emergency in and out, and the death of the process that sends', async (t) => {
  const fault = await multicastFault()
  if (fault !== undefined) {
    t.comment(`skipped: ${fault}`)
    return
  }
  const files = mkdtempSync(join(tmpdir(), 'loa-rtp-'))
  const machine = await MachineWatch.start(t)
  const droppedBefore = droppedByKernel()
  const server = await LoaServer.start(t, { ...SETTINGS, LOA_SAP_INTERFACE: 'lo' })
  const unit = await server.unit('X1')
  const cluster = await server.cluster(unit, 'C1')
  await server.order('normal', await server.tone('Nhạc', MUSIC_HZ), [unit])
  const alarm = await server.tone('Còi', ALARM_HZ)

  const base = await freePortPair()
  const ears: (() => Promise<number>)[] = []
  const receivers: Receiver[] = []
  t.teardown(async () => {
    await endReceivers(receivers)
    for (const leave of ears) await leave()
    rmSync(files, { recursive: true, force: true })
  })
  const announcements: Buffer[] = []
  ears.push(await hearGroup('239.255.255.255', 9875, (datagram) => { announcements.push(datagram) }))

  const wires = new Map<string, Wire>()
  for (const [index, [name, codec, ptimeMs]] of ([['opus 20 ms', 'opus', 20], ['opus 60 ms', 'opus', 60], ['l16', 'l16', 10], ['pcmu', 'pcmu', 20]] as const).entries()) {
    const address = `239.255.77.${String(index + 1)}`
    const port = base + 2 * index
    const wire: Wire = { rtp: [], atMs: [], rtcp: [], id: '', ptimeMs }
    ears.push(await hearGroup(address, port, (datagram, atMs) => {
      wire.rtp.push(datagram)
      wire.atMs.push(atMs)
    }), await hearGroup(address, port + 1, (datagram) => { wire.rtcp.push(datagram) }))
    const output = await server.post('/v1/rtp-outputs', { name, hears: { clusterId: cluster.id }, mode: 'multicast', address, port, codec, ptimeMs, ttl: 0, interface: 'lo', sap: index === 0 })
    wire.id = output['id'] as string
    wires.set(name, wire)
    await waitUntil(`${name} is sent`, async () => (await show(server, wire.id)).status?.state === 'sending')
    receivers.push(ffmpegReceiver(`ffmpeg, ${name}`, await sdpOf(server, wire.id), join(files, `ffmpeg-${String(index)}.raw`)))
    if (codec === 'opus' && hasProgram('gst-launch-1.0')) {
      receivers.push(gstreamerReceiver(`GStreamer, ${name}`, [`address=${address}`, `port=${String(port)}`, 'multicast-iface=lo', 'auto-multicast=true'], join(files, `gstreamer-${String(index)}.raw`)))
    }
  }
  if (!hasProgram('gst-launch-1.0')) t.comment('GStreamer is not installed: only ffmpeg listens')
  const listenMs = monotonicMs()
  await waitUntil('everybody hears the music', () => receivers.every(({ heardMs }) => heardMs() > 1000), 30_000)

  // Another Loa could be the one that listens: what is announced becomes a source, by its group.
  interface Heard { readonly items: readonly { readonly name: string; readonly sdp: string; readonly stream: object }[] }
  const announced = await waitUntil('its own announcement is listed', async () => (await server.get('/v1/rtp-announcements') as unknown as Heard).items.find(({ name }) => name === 'opus 20 ms'))
  t.match(announced.stream, { group: '239.255.77.1', port: base, codec: 'opus' })
  const relayed = await server.post('/v1/sources', { kind: 'rtp', name: 'Từ mạng', sdp: announced.sdp, senders: [LOOPBACK], interface: 'lo' }) as { id: string }
  const far = await server.unit('X2')
  const radio = await HttpRadio.open(server, await server.cluster(far, 'C2'))
  t.teardown(() => { radio.close() })
  await server.order('normal', relayed.id, [far])
  let ratioDb = -Infinity
  await waitUntil('the group is heard', async () => {
    await radio.hear(MP3_64_BYTES_PER_SECOND / 2)
    const lastBytes = radio.bodyBytes - (radio.bodyBytes % MP3_64_FRAME_BYTES) - 2 * MP3_64_BYTES_PER_SECOND
    ratioDb = shortToneRatioDb(decodeMp3(radio.body.subarray(Math.max(0, lastBytes - (lastBytes % MP3_64_FRAME_BYTES)))).subarray(-48_000), MUSIC_HZ)
    return ratioDb > 20
  }, 30_000).catch(async (error: unknown) => {
    t.comment(`${ratioDb.toFixed(1)} dB, ${JSON.stringify((await server.get(`/v1/sources/${relayed.id}`))['status'])}`)
    throw error
  })
  t.ok(ratioDb > 20, `from a multicast group: ${ratioDb.toFixed(1)} dB over everything else`)
  radio.close()

  const emergency = await server.order('emergency', alarm, [unit])
  await waitUntil('the alarm is heard', () => receivers.every((receiver) => receiver.heardMs() > 2000 && hears(receiver, ALARM_HZ)), 30_000)
  await server.stopOrder(emergency)
  await waitUntil('the music is back', () => receivers.every((receiver) => hears(receiver, MUSIC_HZ)), 30_000)

  const before = (await show(server, wires.get('opus 20 ms')!.id)).status!
  const pids = await server.pids()
  process.kill(pids['control-0']!, 'SIGKILL')
  await waitUntil('control is back, and the same process still sends', async () => {
    try {
      return (await show(server, wires.get('opus 20 ms')!.id)).status?.fanOut === before.fanOut
    } catch {
      return false
    }
  }, 60_000)
  await waitUntil('the process that stands by is back, too', async () => (await server.get('/v1/status'))['ready'] === true)
  process.kill(pids[`fan-out-${String(before.fanOut)}`]!, 'SIGKILL')
  const killedMs = monotonicMs()
  const killedAfter = new Map([...wires].map(([name, { rtp }]) => [name, rtp.length]))
  const sentBefore = killedAfter.get('opus 20 ms')!
  await waitUntil('another process goes on', () => wires.get('opus 20 ms')!.rtp.length > sentBefore + 60, 30_000)
  // Within what it has kept.
  const allowedMs = HISTORY_MS + HOPS * machine.worstMs(killedMs, monotonicMs())
  await waitUntil('and says so', async () => ((await show(server, wires.get('opus 20 ms')!.id)).status?.fanOut ?? before.fanOut) !== before.fanOut)
  const endedMs = monotonicMs()
  await server.stop()
  await endReceivers(receivers)
  const dropped = droppedByKernel() - droppedBefore
  if (dropped > 0) t.comment(`the kernel of this machine has dropped ${String(dropped)} datagrams`)

  let missingMs = 0
  for (const [name, wire] of wires) {
    const { rtp, rtcp, ptimeMs } = wire
    const sequences = rtp.map((packet) => parseRtpPacket(packet)!.sequence)
    const untilKill = steps(sequences.slice(0, killedAfter.get(name)))
    t.ok(untilKill.length > 40)
    t.ok(untilKill.reduce((sum, step) => sum + step - 1, 0) <= dropped, `${name}: no packet is missing at the cuts: ${String(untilKill.filter((step) => step !== 1))}`)
    const missing = steps(sequences).reduce((sum, step) => sum + step - 1, 0)
    missingMs = Math.max(missingMs, missing * ptimeMs)
    const { silentMs, reachMs } = succession(wire, killedAfter.get(name)!)
    t.ok(reachMs > HISTORY_MS - 2 * ptimeMs, `${name}: the successor begins with what was due ${reachMs.toFixed(0)} ms before; ${String(missing)} packets are missing`)
    t.ok(silentMs < allowedMs, `${name}: it begins ${silentMs.toFixed(0)} ms after the dead one's last packet; ${allowedMs.toFixed(0)} allowed`)
    t.ok((missing - dropped) * ptimeMs < Math.max(ptimeMs, silentMs - HISTORY_MS + 2 * ptimeMs), `${name}: nothing is missing that it could have sent`)
    const reports = rtcp.map((packet) => parseRtcp(packet)?.[0])
    t.ok(reports.filter((report) => report?.type === 'sender-report').length > 3, `${name}: sender reports`)
    t.match(parseRtcp(rtcp.at(-1)!)?.at(-1), { type: 'bye', reason: 'server shutdown' }, `${name}: a farewell`)
  }
  // An engine or a fan-out that was not let run in time has had silence sent in the place of a frame: all hear that, and nobody else's fault is excused by it.
  const held = silences(wires.get('l16')!)
  const unexcused = held.filter((dueMs) => machine.worstMs(dueMs - HELD_UP_BEFORE_MS, dueMs) < HELD_UP_MS)
  t.same(unexcused, [], 'sound all the time that the machine let it be made')
  // In Opus it cannot be told from sound on the wire.
  const worstMs = machine.worstMs(listenMs, endedMs)
  const heldMs = worstMs > HELD_UP_MS ? HOPS * worstMs : 0
  for (const { name, pcm, log } of receivers) {
    t.same(scenes(pcm()), [MUSIC_HZ, ALARM_HZ, MUSIC_HZ], `${name}: music, alarm, music`)
    const gap = longestGapMs(pcm())
    t.ok(gap <= 5 + missingMs + held.length * wires.get('l16')!.ptimeMs + dropped * LONGEST_PACKET_MS + heldMs, `${name}: longest gap ${String(gap)} ms, ${String(held.length)} silent packets; the machine held us up for ${worstMs.toFixed(0)} ms`)
    if (missingMs === 0 && dropped === 0) t.notMatch(log(), /missed \d+ packets/, `${name} misses nothing`)
  }
  t.match(parseSap(announcements[0] ?? Buffer.alloc(0)), { deletion: false, sdp: /s=opus 20 ms\r\nc=IN IP4 239\.255\.77\.1\/0\r\n/ })
  t.match(parseSap(announcements.at(-1) ?? Buffer.alloc(0)), { deletion: true })
})

t.test('unicast through a bad link: nothing before proof, loss is heard as little and reported', async (t) => {
  const files = mkdtempSync(join(tmpdir(), 'loa-rtp-'))
  const rtpPort = await freePortPair()
  const server = await LoaServer.start(t, { ...SETTINGS, LOA_RTP_PORT: String(rtpPort) })
  const unit = await server.unit('X1')
  const cluster = await server.cluster(unit, 'C1')
  await server.order('normal', await server.tone('Nhạc', MUSIC_HZ), [unit])
  const alarm = await server.tone('Còi', ALARM_HZ)

  // The receiver's side of the link: its address is what the server knows, the player stands behind it.
  const [port, playerPort] = [await freePortPair(), await freePortPair()]
  t.comment(`LOA_TEST_SEED=${String(TEST_SEED)}`)
  const { down, profile } = new LinkModel({ ...PROFILES.bad, cuts: null }, TEST_SEED)
  const received: Buffer[] = []
  const answers: Buffer[] = []
  const later = new Set<NodeJS.Timeout>()
  const pass = (socket: Socket, datagram: Buffer, to: number): void => {
    const nowMs = performance.now()
    const atMs = down.datagram(nowMs, datagram.length)
    if (atMs === undefined) return
    const timer = setTimeout(() => {
      later.delete(timer)
      socket.send(datagram, to, LOOPBACK)
    }, atMs - nowMs)
    later.add(timer)
  }
  const rtp = await localSocket(port, (datagram) => {
    if (parseProofDatagram(datagram) !== undefined) answers.push(datagram)
    else if (parseRtpPacket(datagram) !== undefined) {
      received.push(datagram)
      pass(rtp, datagram, playerPort)
    }
  })
  const rtcp = await localSocket(port + 1, (datagram, from) => {
    if (from === rtpPort + 1) pass(rtcp, datagram, playerPort + 1)
    else rtcp.send(datagram, rtpPort + 1, LOOPBACK)
  })
  const receivers: Receiver[] = []
  t.teardown(async () => {
    await endReceivers(receivers)
    for (const timer of later) clearTimeout(timer)
    rtp.close()
    rtcp.close()
    rmSync(files, { recursive: true, force: true })
  })

  const { id } = (await server.post('/v1/rtp-outputs', { name: 'Loa IP', hears: { clusterId: cluster.id }, mode: 'unicast', address: LOOPBACK, port })) as { id: string }
  await waitUntil('the output waits for its receiver', async () => (await show(server, id)).status?.state === 'waiting-for-proof')
  await waitUntil('a hundred frames have gone to waste', async () => ((await server.get('/v1/status'))['framesTotal'] as number) > 100)
  t.equal(received.length + answers.length, 0, 'not a byte before the receiver asks')

  for (const rubbish of ['', 'LOAP', 'x'.repeat(1400)]) rtp.send(Buffer.from(rubbish), rtpPort, LOOPBACK)
  rtp.send(proofDatagram('proof', Buffer.alloc(24, 1)), rtpPort, LOOPBACK)
  rtp.send(proofDatagram('request'), rtpPort, LOOPBACK)
  const challenge = await waitUntil('a challenge', () => answers[0])
  t.equal(challenge.length, 32)
  t.equal(received.length, 0, 'nothing but the challenge')
  rtp.send(proofDatagram('proof', parseProofDatagram(challenge)!.token), rtpPort, LOOPBACK)
  t.match(parseProofDatagram(await waitUntil('the answer', () => answers[1])), { type: 'accepted', validSeconds: 60 })
  await waitUntil('sound', () => received.length > 10)

  const sdp = (await sdpOf(server, id)).replace(`m=audio ${String(port)}`, `m=audio ${String(playerPort)}`)
  receivers.push(hasProgram('gst-launch-1.0')
    ? gstreamerReceiver('GStreamer', [`address=${LOOPBACK}`, `port=${String(playerPort)}`], join(files, 'player.raw'), { from: playerPort + 1, to: port + 1 })
    : ffmpegReceiver('ffmpeg', sdp, join(files, 'player.raw'), { output: ['-af', 'aresample=async=1'] }))
  const [player] = receivers
  await waitUntil('the player hears music', () => player!.heardMs() > 3000, 30_000)
  if (player!.name === 'ffmpeg') {
    // ffmpeg does not report to where the stream comes from, so somebody must in its place.
    rtcp.send(receiverReport(1, [{ ssrc: parseRtpPacket(received[0]!)!.ssrc, lostShare: 0.02, lostTotal: 1, highestSequence: 1, jitter: 48, lastSenderReport: 0, delaySinceSenderReport: 0 }], 'x'), rtpPort + 1, LOOPBACK)
  }
  const emergency = await server.order('emergency', alarm, [unit])
  await waitUntil('it hears the alarm', () => hears(player!, ALARM_HZ), 30_000)
  await server.stopOrder(emergency)
  await waitUntil('and the music again', () => hears(player!, MUSIC_HZ) && down.counts.lost > 5, 30_000)
  const status = await waitUntil('receiver reports are read', async () => {
    const now = (await show(server, id)).status
    return now !== null && now.receivers > 0 ? now : undefined
  }, 60_000)
  await endReceivers(receivers)

  const sequences = received.map((packet) => parseRtpPacket(packet)!.sequence)
  t.ok(steps(sequences).every((step) => step === 1), 'the server left nothing out')
  const lostShare = down.counts.lost / down.counts.packets
  t.comment(`${profile.name}: ${String(down.counts.lost)} of ${String(down.counts.packets)} packets lost`)
  const heard = player!.pcm()
  t.same(scenes(heard), [MUSIC_HZ, ALARM_HZ, MUSIC_HZ])
  const sound = toneMap(heard, [MUSIC_HZ, 960, 1280, ALARM_HZ]).filter(({ hz }) => hz !== 0).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
  t.ok(sound / (heard.length / 48) > 1 - lostShare - 0.1, `sound for ${(100 * sound / (heard.length / 48)).toFixed(1)} % of the time`)

  t.equal(status.receivers, 1)
  t.type(status.worstLossPercent, 'number')
  if (player!.name === 'GStreamer') t.ok(status.worstRoundTripMs !== null && status.worstRoundTripMs < 1000, `round trip ${String(status.worstRoundTripMs)} ms`)
  t.equal(status.sendErrorsTotal, 0)
})
