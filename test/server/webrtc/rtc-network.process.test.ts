import t, { type Test } from 'tap'
import { freeUdpPort } from '../../../bench/lib/processes.ts'
import { OpusDecoder } from '../../../codec/index.ts'
import type { WhipSession } from '../../../server/webrtc/whip-session.ts'
import { LinkModel, PROFILES } from '../../support/link-emulator.ts'
import { LinkRelay } from '../../support/link-emulator-relay.ts'
import { RtcPeer, type PeerOptions } from '../../support/rtc-peer.ts'
import { opusFrames, RtcRig } from '../../support/rtc-rig.ts'
import { shortToneRatioDb } from '../../support/tone-ratio.ts'
import { waitUntil } from '../../support/wait-until.ts'

t.setTimeout(200_000)

const HZ = 800
const tone = (seconds: number): Float32Array => Float32Array.from({ length: seconds * 48_000 }, (_, at) => 0.3 * Math.sin((2 * Math.PI * HZ * at) / 48_000))
const FRAMES = opusFrames(tone(1))

/** Calls 50 times a second until the test is over. */
function every20Ms(t: Test, run: (index: number) => void): void {
  const startedMs = performance.now()
  let done = 0
  const timer = setInterval(() => { for (; done < (performance.now() - startedMs) / 20; done += 1) run(done) }, 10)
  t.teardown(() => { clearInterval(timer) })
}

/** Half a second of what a session gives to its programme must be the tone. */
async function soundsLikeTheTone(t: Test, session: WhipSession, what: string): Promise<void> {
  const pcm = new Float32Array(24_000)
  let at = 0
  const block = new Float32Array(960)
  let ratioDb = -Infinity
  every20Ms(t, () => {
    if (at + 960 > pcm.length) return
    const filled = session.read(block)
    if (filled < 960) at = 0
    else {
      pcm.set(block, at)
      at += 960
    }
  })
  await waitUntil(`${what}: half a second of sound`, () => {
    if (at + 960 <= pcm.length) return false
    ratioDb = shortToneRatioDb(pcm, HZ)
    at = ratioDb > 20 ? at : 0
    return ratioDb > 20
  }, 20_000)
  t.ok(ratioDb > 20, `${what}: ${ratioDb.toFixed(1)} dB over everything else`)
}

async function bothWays(t: Test, rig: RtcRig, options: PeerOptions): Promise<void> {
  const publisher = await RtcPeer.publish(rig.whip, options)
  t.teardown(() => publisher.close())
  const listener = await RtcPeer.play(rig.whep, options)
  t.teardown(() => listener.close())
  await waitUntil('both are connected', () => publisher.state === 'connected' && listener.state === 'connected', 30_000)
  every20Ms(t, (index) => {
    publisher.send(FRAMES[index % FRAMES.length]!)
    rig.feedFrame(1_000_000 + index, FRAMES[index % FRAMES.length]!)
  })
  await soundsLikeTheTone(t, rig.published[0]!, 'published')
  await waitUntil('half a second has come', () => listener.received.length >= 30)
  const decoder = new OpusDecoder()
  const heard = listener.received.slice(-25).map(({ payload }) => decoder.decode(payload))
  t.ok(shortToneRatioDb(Float32Array.from(heard.flatMap((pcm) => [...pcm])).subarray(4800), HZ) > 20, 'heard')
  const [before, after] = listener.received.slice(-2).map(({ header }) => header)
  t.same([after!.sequenceNumber - before!.sequenceNumber, (after!.timestamp - before!.timestamp) >>> 0], [1, 960])
}

/** As OBS writes it (libdatachannel): bundle-only, stereo Opus, retransmission streams, no trickling. */
const likeObs = (offer: string): string => offer
  .replace(/a=fmtp:96 .*\r\n/, '')
  .replace(/(a=rtpmap:96 opus\/48000\/2\r\n)/i, '$1a=fmtp:96 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n')
  .replace(/(m=audio \d+ UDP\/TLS\/RTP\/SAVPF) 96/, '$1 96 97')
  .concat('m=video 0 UDP/TLS/RTP/SAVPF 98\r\nc=IN IP4 0.0.0.0\r\na=bundle-only\r\na=mid:9\r\na=sendonly\r\na=rtpmap:98 H264/90000\r\n')

t.test('a client of another make publishes and listens', async (t) => {
  await bothWays(t, new RtcRig(t), {})
})

t.test('as OBS describes itself', async (t) => {
  const rig = new RtcRig(t)
  const publisher = await RtcPeer.publish(async (offer) => (await rig.whip(likeObs(offer))).replace(/m=video[\s\S]*$/, ''), {})
  t.teardown(() => publisher.close())
  await waitUntil('it is connected', () => publisher.state === 'connected')
  every20Ms(t, (index) => { publisher.send(FRAMES[index % FRAMES.length]!) })
  await soundsLikeTheTone(t, rig.published[0]!, 'published')
})

t.test('where UDP does not pass, all goes over TCP', async (t) => {
  await bothWays(t, new RtcRig(t), { candidates: / tcp /, config: { iceUseTcp: true } })
})

t.test('over IPv6', async (t) => {
  await bothWays(t, new RtcRig(t, { listenAddress: '::1' }), { candidates: / ::1 /, config: { iceUseIpv4: false, iceUseIpv6: true, iceAdditionalHostAddresses: ['::1'] } })
})

t.test('behind NAT: clients know the announced address only, and we see the translator\'s', async (t) => {
  const port = await freeUdpPort()
  const relay = new LinkRelay()
  t.teardown(() => relay.close())
  const outside = await relay.udp({ host: '127.0.0.1', port }, new LinkModel(PROFILES.none, 7), { host: '127.0.0.2', port })
  const rig = new RtcRig(t, { ports: [port], announcedAddresses: ['127.0.0.2'] })
  await bothWays(t, rig, { candidates: / udp .* 127\.0\.0\.2 / })
  t.ok(outside.open() >= 2, 'both came through it')
})

/** Sweeps up through the band of speech, twice a second: no two moments of half a second are alike. */
const sweep = (seconds: number): Float32Array => Float32Array.from({ length: seconds * 48_000 }, (_, at) => {
  const inSweep = (at % 24_000) / 48_000
  return 0.3 * Math.sin(2 * Math.PI * (300 * inSweep + 2000 * inSweep * inSweep))
})

/** Every eighth sample, the mean of eight: enough for the sweep. */
const thinned = (pcm: Float32Array): Float32Array => Float32Array.from({ length: pcm.length >> 3 }, (_, index) => pcm.subarray(index * 8, index * 8 + 8).reduce((sum, value) => sum + value, 0) / 8)

/** Correlation of `pcm` from `at` with the clean sound from `lag` on, which repeats itself; −1 to 1. */
function correlation(pcm: Float32Array, at: number, length: number, clean: Float32Array, lag: number): number {
  let xy = 0
  let xx = 1e-9
  let yy = 1e-9
  for (let i = 0; i < length; i += 1) {
    const x = pcm[at + i]!
    const y = clean[(lag + i) % 3000]!
    xy += x * y
    xx += x * x
    yy += y * y
  }
  return xy / Math.sqrt(xx * yy)
}

/** Share of the blocks of 20 ms that correlate by 0.8 with the clean sound, each half second at the lag where it does most. */
function likeness(heard: Float32Array, clean: Float32Array): number {
  const pcm = thinned(heard)
  const reference = thinned(clean.subarray(0, 24_000))
  let alike = 0
  let blocks = 0
  for (let from = 0; from + 3000 <= pcm.length; from += 3000) {
    const lags = Array.from({ length: 3000 }, (_, lag) => lag)
    const coarse = lags.reduce((best, lag) => { const found = correlation(pcm, from, 3000, reference, lag); return found > best.found ? { lag, found } : best }, { lag: 0, found: -1 })
    for (let at = 0; at < 3000; at += 120) {
      blocks += 1
      if ([-2, -1, 0, 1, 2].some((more) => correlation(pcm, from + at, 120, reference, coarse.lag + at + more + 3000) > 0.8)) alike += 1
    }
  }
  return alike / blocks
}

t.test('5 % loss and 60 ms of jitter: retransmission and concealment keep it intelligible', async (t) => {
  const port = await freeUdpPort()
  const relay = new LinkRelay()
  t.teardown(() => relay.close())
  const link = new LinkModel(PROFILES.none, 11) as { -readonly [Key in keyof LinkModel]: LinkModel[Key] }
  await relay.udp({ host: '127.0.0.1', port }, link, { host: '127.0.0.2', port })
  const rig = new RtcRig(t, { ports: [port], announcedAddresses: ['127.0.0.2'] })
  const publisher = await RtcPeer.publish(rig.whip, { candidates: / udp / })
  t.teardown(() => publisher.close())
  await waitUntil('it is connected', () => publisher.state === 'connected')

  const clean = sweep(2)
  const frames = opusFrames(clean)
  every20Ms(t, (index) => { publisher.send(frames[25 + (index % 50)]!) })
  const session = rig.published[0]!
  const block = new Float32Array(960)
  let heard: Float32Array[] = []
  let starved = 0
  every20Ms(t, () => {
    const filled = session.read(block)
    if (filled < 960) starved += 1
    heard.push(block.slice().fill(0, filled))
  })
  const hearSeconds = async (seconds: number): Promise<number> => {
    heard = []
    starved = 0
    await waitUntil('sound', () => heard.length >= seconds * 50, 30_000)
    return likeness(Float32Array.from(heard.slice(-seconds * 50).flatMap((pcm) => [...pcm])), clean)
  }
  await waitUntil('the buffer is full', () => session.buffer.ready && session.hasSound)
  const cleanShare = await hearSeconds(1.5)

  const rough = { delayMs: [10, 10], jitterScaleMs: 20, jitterMaxMs: 60, lossShare: 0.05, lossBurstPackets: 1.5, rateBps: 0, queueMs: 500 } as const
  const model = new LinkModel({ name: 'rough', up: rough, down: rough, cuts: null, symmetric: true }, 11)
  link.up = model.up
  link.down = model.down
  // The buffer finds its depth.
  const firstShare = await hearSeconds(2)
  const share = await hearSeconds(4)
  t.comment(`blocks that sound as they should: clean ${(cleanShare * 100).toFixed(1)} %, rough at first ${(firstShare * 100).toFixed(1)} %, then ${(share * 100).toFixed(1)} %; of ${String(session.packetsTotal)} packets ${String(session.lostTotal)} lost for good; buffer ${session.buffer.targetMs.toFixed(0)} ms, ${String(starved)} blocks starved`)
  // A machine with much else to do plays its own part in both runs.
  t.ok(cleanShare > 0.75, 'the measure is worth something')
  t.ok(share > 0.6 * cleanShare, 'three blocks of five at least sound as in the clean run')
  t.ok(session.lostTotal < session.packetsTotal * 0.025, 'half of what is lost at least comes again')
})
