import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { createServer, connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { rtpPacket } from '../../codec/rtp/index.ts'
import { LoaServer } from '../support/loa-server.ts'
import { decodeMp3, HttpRadio, MP3_64_BYTES_PER_SECOND } from '../support/radio.ts'
import { freePortPair } from '../support/rtp-receivers.ts'
import { longestGapMs, toneMap } from '../support/tone-map.ts'
import { shortToneRatioDb } from '../support/tone-ratio.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

/** A stream that nobody here wrote: ffmpeg plays a tone at the speed of sound until it is killed. */
function ffmpeg(t: { teardown(end: () => void): void }, hz: number, ...output: readonly string[]): { readonly process: ChildProcess; said: string } {
  const child = spawn('ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', `sine=frequency=${String(hz)}:sample_rate=48000`, ...output], { stdio: ['ignore', 'pipe', 'pipe'] })
  const sender = { process: child, said: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { sender.said += chunk.toString('utf8') })
  t.teardown(() => { child.kill('SIGKILL') })
  return sender
}

async function freeTcpPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

interface Line {
  readonly id: string
  readonly key: string
  readonly hz: number
  readonly radio: HttpRadio
}

t.test('studio lines that others send: RTP, SRT and RTMP', async (t) => {
  const rtmpPort = await freeTcpPort()
  const server = await LoaServer.start(t, { LOA_FAN_OUT_PROCESSES: '1', LOA_RTMP_PORT: String(rtmpPort) })
  const unit = await server.unit('X1')
  const [l16Port, opusPort, srtPort] = [await freePortPair(), await freePortPair(), await freePortPair()]
  const status = async (id: string): Promise<{ state: string; reason: string }> => (await server.get(`/v1/sources/${id}`))['status'] as { state: string; reason: string }

  // What an AES67 device says of its stream, its sender in the source filter.
  const aes67 = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=Mixer', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio ${String(l16Port)} RTP/AVP 98`, 'a=rtpmap:98 L16/44100/2', 'a=source-filter: incl IN IP4 * 127.0.0.1', 'a=ptime:1', ''].join('\r\n')
  const stream = { group: null, port: opusPort, codec: 'opus', payloadType: 97, sampleRateHz: 48_000, channels: 2 }
  const kinds = [
    ['RTP L16', 500, { kind: 'rtp', sdp: aes67 }],
    ['RTP Opus', 700, { kind: 'rtp', stream, senders: ['127.0.0.1'] }],
    ['SRT', 900, { kind: 'srt', port: srtPort }],
    ['RTMP', 1100, { kind: 'rtmp' }],
  ] as const
  const lines = new Map<string, Line>()
  for (const [name, hz, body] of kinds) {
    const source = await server.post('/v1/sources', { name, ...body }) as { id: string; key: string }
    const cluster = await server.cluster(unit, name.replace(' ', '-'))
    await server.order('normal', source.id, [], { targets: { units: [], clusters: [cluster.id], tags: [] } })
    const radio = await HttpRadio.open(server, cluster)
    t.teardown(() => { radio.close() })
    lines.set(name, { id: source.id, key: source.key, hz, radio })
  }
  const line = (name: string): Line => lines.get(name)!
  const srtUrl = (passphrase: string): string => `srt://127.0.0.1:${String(srtPort)}?mode=caller&passphrase=${passphrase}&pbkeylen=16`
  const rtmpUrl = (key: string): string => `rtmp://127.0.0.1:${String(rtmpPort)}/live/${key}`
  const AAC = ['-c:a', 'aac', '-b:a', '96k'] as const

  const sendRtp = (): ChildProcess => ffmpeg(t, 500, '-ac', '2', '-ar', '44100', '-c:a', 'pcm_s16be', '-payload_type', '98', '-f', 'rtp', `rtp://127.0.0.1:${String(l16Port)}?pkt_size=1200`).process
  sendRtp()
  ffmpeg(t, 700, '-c:a', 'libopus', '-b:a', '64k', '-payload_type', '97', '-f', 'rtp', `rtp://127.0.0.1:${String(opusPort)}`)
  const wrongSrt = ffmpeg(t, 2000, ...AAC, '-f', 'mpegts', srtUrl('not-the-passphrase-0123456789'))
  const wrongRtmp = ffmpeg(t, 2000, ...AAC, '-f', 'flv', rtmpUrl(`${line('RTMP').id}.wrong`))
  await waitUntil('a wrong passphrase and a wrong key are refused', () => wrongSrt.process.exitCode !== null && wrongRtmp.process.exitCode !== null, 30_000)
  t.not(wrongSrt.process.exitCode, 0)
  t.not(wrongRtmp.process.exitCode, 0)
  t.not((await status(line('RTMP').id)).state, 'live')

  // The listener comes back within seconds of a caller that knew nothing.
  const srt = async (): Promise<ChildProcess> => waitUntil('SRT is taken', async () => {
    const sender = ffmpeg(t, 900, ...AAC, '-f', 'mpegts', srtUrl(line('SRT').key))
    return await waitUntil('SRT is live or refused', async () => (await status(line('SRT').id)).state === 'live' ? sender.process : sender.process.exitCode !== null ? 'refused' as const : undefined, 15_000).then((end) => end === 'refused' ? undefined : end)
  }, 30_000)
  let caller = await srt()
  let pusher = ffmpeg(t, 1100, ...AAC, '-f', 'flv', rtmpUrl(line('RTMP').key)).process
  const hears = async (name: string, what: string): Promise<void> => {
    const { id, hz, radio } = line(name)
    let ratioDb = -Infinity
    await waitUntil(`${name}: ${what}`, async () => {
      await radio.hear(MP3_64_BYTES_PER_SECOND / 2)
      ratioDb = shortToneRatioDb(decodeMp3(radio.body).subarray(-48_000), hz)
      return ratioDb > 20
    }, 20_000).catch(async (error: unknown) => { t.comment(`${name}: ${String(ratioDb)} dB, ${JSON.stringify(await status(id))}`); throw error })
    t.ok(ratioDb > 20, `${name}, ${what}: ${ratioDb.toFixed(1)} dB over everything else`)
    t.notOk(radio.ended)
  }
  for (const name of lines.keys()) await hears(name, 'a second of its tone')

  await t.test('a stranger is not heard', async (t) => {
    const stranger = createSocket('udp4')
    await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.2', resolve))
    t.teardown(() => { stranger.close() })
    for (let sequence = 0; sequence < 200; sequence += 1) stranger.send(rtpPacket({ payloadType: 98, marker: false, sequence, timestamp: sequence * 441, ssrc: 7 }, Buffer.alloc(1764, 0x55)), l16Port, '127.0.0.1')
    stranger.send(Buffer.from('no RTP'), l16Port, '127.0.0.1')
    const late = ffmpeg(t, 2000, ...AAC, '-f', 'flv', rtmpUrl(line('RTMP').key))
    await waitUntil('a second encoder is refused', () => late.process.exitCode !== null, 30_000)
    await hears('RTP L16', 'with a stranger at its port')
    await hears('RTMP', 'with a second encoder at its door')
  })

  await t.test('garbage at the port of RTMP', async () => {
    const ends = [Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(100)), Buffer.alloc(4000, 3), Buffer.concat([Buffer.of(3), Buffer.alloc(3072), Buffer.alloc(64, 0xff)])].map(async (bytes) => new Promise<void>((resolve) => {
      const socket = connect(rtmpPort, '127.0.0.1', () => { socket.write(bytes) })
      socket.on('error', () => undefined)
      socket.on('close', () => { resolve() })
      socket.resume()
    }))
    await Promise.all(ends)
    await hears('RTMP', 'with garbage at its door')
  })

  await t.test('each comes back by itself', async () => {
    caller.kill('SIGKILL')
    pusher.kill('SIGKILL')
    await waitUntil('RTMP is gone', async () => (await status(line('RTMP').id)).state === 'down' || (await status(line('RTMP').id)).state === 'idle')
    pusher = ffmpeg(t, 1100, ...AAC, '-f', 'flv', rtmpUrl(line('RTMP').key)).process
    await waitUntil('SRT is gone', async () => (await status(line('SRT').id)).state !== 'live', 30_000)
    caller = await srt()
    for (const name of ['SRT', 'RTMP']) await hears(name, 'after its encoder was killed')
  })

  await t.test('hot standby: the next input follows without a gap, and nobody takes over what is on the air', async (t) => {
    const MP3 = ['-c:a', 'libmp3lame', '-b:a', '96k', '-content_type', 'audio/mpeg', '-f', 'mp3'] as const
    const [FIRST_HZ, SECOND_HZ, STRANGER_HZ] = [1300, 1700, 2500]
    const studios = await Promise.all(['/first', '/second'].map(async (mount) => await server.post('/v1/sources', { kind: 'icecast', name: mount, mount, takeover: 'replace' }) as { id: string; key: string; mount: string }))
    const [first, second] = [studios[0]!, studios[1]!]
    const send = (studio: { readonly mount: string }, key: string, hz: number): ChildProcess => ffmpeg(t, hz, ...MP3, `icecast://source:${key}@127.0.0.1:${String(server.streamPort)}${studio.mount}`).process
    const both = await server.post('/v1/sources', { kind: 'standby', name: 'Buổi sáng', inputSourceIds: [first.id, second.id] }) as { id: string }
    const cluster = await server.cluster(unit, 'standby')
    await server.order('normal', both.id, [], { targets: { units: [], clusters: [cluster.id], tags: [] } })
    const encoder = send(first, first.key, FIRST_HZ)
    const reserve = send(second, second.key, SECOND_HZ)
    interface StandbyStatus { readonly standby: { readonly inputSourceId: string; readonly inputs: readonly { readonly goodForMs: number }[] } }
    await waitUntil('both inputs are good and the first is taken', async () => {
      const { standby } = (await status(both.id) as unknown as StandbyStatus | null) ?? {}
      return standby?.inputSourceId === first.id && standby.inputs.every(({ goodForMs }) => goodForMs > 500)
    }, 40_000)
    const radio = await HttpRadio.open(server, cluster)
    t.teardown(() => { radio.close() })
    await radio.hear(MP3_64_BYTES_PER_SECOND)
    // Another order of the same source is handed over while its input fails, and cut by an emergency while both happen.
    const EMERGENCY_HZ = 3100
    const busy = await server.cluster(unit, 'busy')
    const busyOrder = await server.order('normal', both.id, [], { targets: { units: [], clusters: [busy.id], tags: [] } })
    const siren = await server.tone('Còi', EMERGENCY_HZ)
    const busyRadio = await HttpRadio.open(server, busy)
    t.teardown(() => { busyRadio.close() })
    await busyRadio.hear(MP3_64_BYTES_PER_SECOND)

    const strangers = [send(first, first.key, STRANGER_HZ), send(first, 'wrong', STRANGER_HZ)]
    await waitUntil('a second studio with the key, and one without, are refused', () => strangers.every(({ exitCode }) => exitCode !== null), 30_000)
    interface Listed<T> { readonly items: readonly T[] }
    const attempts = await waitUntil('all attempts are kept', async () => {
      const { items } = await server.get(`/v1/sources/${first.id}/attempts`) as unknown as Listed<{ readonly reason: string }>
      return items.length >= 3 ? items.map(({ reason }) => reason).sort() : undefined
    })
    t.same(attempts, ['free', 'key-wrong', 'on-air'])

    t.equal((await server.request('POST', `/v1/orders/${busyOrder}/hand-over`, { sourceId: line('RTMP').id, crossfadeMs: 4000 }, { 'idempotency-key': 'busy' })).status, 200)
    await busyRadio.hear(MP3_64_BYTES_PER_SECOND / 2)
    encoder.kill('SIGKILL')
    await server.order('emergency', siren, [], { targets: { units: [], clusters: [busy.id], tags: [] }, tone: false, durationMs: 1500 })
    const switches = await waitUntil('the switch is kept', async () => {
      const { items } = await server.get(`/v1/sources/${both.id}/switches`) as unknown as Listed<{ readonly fromInputId: string; readonly toInputId: string; readonly gapMs: number }>
      return items.some(({ toInputId, fromInputId }) => fromInputId === first.id && toInputId === second.id) ? items : undefined
    })
    t.match(switches[0], { cause: 'no-sound', gapMs: 0 })
    await radio.hear(2 * MP3_64_BYTES_PER_SECOND)
    const pcm = decodeMp3(radio.body)
    const tones = toneMap(pcm, [FIRST_HZ, SECOND_HZ, STRANGER_HZ]).map(({ hz }) => hz).filter((hz) => hz !== 0)
    t.same([tones[0], tones.at(-1), tones.includes(STRANGER_HZ)], [FIRST_HZ, SECOND_HZ, false])
    t.ok(longestGapMs(pcm) <= 60, `longest gap ${String(longestGapMs(pcm))} ms`)

    await busyRadio.hear(6 * MP3_64_BYTES_PER_SECOND)
    const busyPcm = decodeMp3(busyRadio.body)
    const busyTones = toneMap(busyPcm, [FIRST_HZ, SECOND_HZ, line('RTMP').hz, EMERGENCY_HZ])
    const cut = busyTones.find(({ hz }) => hz === EMERGENCY_HZ)!
    t.ok(cut.toMs - cut.fromMs > 1300, `the emergency sounds ${String(cut.toMs - cut.fromMs)} ms, ${JSON.stringify(busyTones)}`)
    t.ok(shortToneRatioDb(busyPcm.subarray((cut.fromMs + 200) * 48, (cut.toMs - 200) * 48), EMERGENCY_HZ) > 20, 'alone')
    t.equal(busyTones.at(-1)!.hz, line('RTMP').hz, 'after it the one who has taken over')
    t.ok(shortToneRatioDb(busyPcm.subarray(-48_000), line('RTMP').hz) > 20, 'alone too')

    await server.post(`/v1/sources/${second.id}/rotate-key`, {})
    t.equal((await status(second.id)).state, 'live', 'another key cuts nobody')
    const priority = await server.post(`/v1/sources/${second.id}/keys`, { label: 'Trực ban', class: 'priority' }) as { id: string; key: string }
    const officer = send(second, priority.key, FIRST_HZ)
    await waitUntil('a right of higher class takes over what is on the air', () => reserve.exitCode !== null, 30_000)
    await waitUntil('and is live', async () => (await status(second.id)).state === 'live')
    t.equal((await server.request('DELETE', `/v1/sources/${second.id}/keys/${priority.id}?endSessions=true`)).status, 204)
    await waitUntil('one whose key has leaked is cut at once', () => officer.exitCode !== null, 30_000)
  })
})
