import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Mp3FrameParser } from '../../codec/index.ts'
import { LoaServer } from '../support/loa-server.ts'
import { STOP_LEAD_MS } from '../../server/director/order-input.ts'
import { ffmpegDecode } from '../support/sound.ts'
import { longestGapMs, toneMap, type Stretch } from '../support/tone-map.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const STUDIO_HZ = 440
const EMERGENCY_HZ = 2000
/** The built-in attention tone takes turns between these. */
const ATTENTION_HZ = [960, 1280]
const TONE_MS = 3000
const ALL_HZ = [STUDIO_HZ, ...ATTENTION_HZ, EMERGENCY_HZ]
const MP3_BYTES_PER_SECOND = 8000

/** What was heard, the attention tone as one stretch. */
function scenes(pcm: Float32Array): Stretch[] {
  const merged: Stretch[] = []
  for (const stretch of toneMap(pcm, ALL_HZ)) {
    const hz = ATTENTION_HZ.includes(stretch.hz) ? ATTENTION_HZ[0]! : stretch.hz
    const last = merged.at(-1)
    if (last?.hz === hz) merged[merged.length - 1] = { ...last, toMs: stretch.toMs }
    else merged.push({ ...stretch, hz })
  }
  return merged.filter(({ hz }) => hz !== 0)
}

const exited = (child: ChildProcess): Promise<void> => new Promise((resolve) => {
  if (child.exitCode !== null || child.signalCode !== null) resolve()
  else child.once('exit', () => { resolve() })
})

async function end(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(children.map(exited))
}

/** A studio: ffmpeg sends a tone in real time by Icecast's protocol. */
function studio(server: LoaServer, mount: string, key: string, codec: readonly string[]): ChildProcess {
  const url = `icecast://source:${key}@127.0.0.1:${String(server.streamPort)}${mount}`
  return spawn('ffmpeg', ['-nostdin', '-v', 'error', '-re', '-f', 'lavfi', '-i', `sine=frequency=${String(STUDIO_HZ)}:sample_rate=48000,volume=4`, ...codec, url], { stdio: ['ignore', 'ignore', 'inherit'] })
}

for (const [name, codec] of [
  ['MP3', ['-c:a', 'libmp3lame', '-b:a', '96k', '-content_type', 'audio/mpeg', '-f', 'mp3']],
  ['Ogg Opus, by the older SOURCE method', ['-c:a', 'libopus', '-b:a', '64k', '-content_type', 'audio/ogg', '-legacy_icecast', '1', '-f', 'ogg']],
] as const) {
  t.test(`studio in ${name} → server → listeners, an emergency in and out`, async (t) => {
    const files = mkdtempSync(join(tmpdir(), 'loa-on-air-'))
    t.teardown(() => {
      rmSync(files, { recursive: true, force: true })
    })
    const path = (file: string): string => join(files, file)
    const size = (file: string): number => statSync(path(file), { throwIfNoEntry: false })?.size ?? 0

    const server = await LoaServer.start(t)
    const unit = await server.unit('X1')
    const clusters = await Promise.all(['curl-mp3', 'curl-opus', 'ffmpeg-mp3', 'ffmpeg-opus'].map((code) => server.cluster(unit, code)))
    const source = await server.post('/v1/sources', { kind: 'icecast', name: 'Phòng thu', mount: '/studio' })
    const alarm = await server.tone('Còi', EMERGENCY_HZ)
    await server.order('normal', source['id'] as string, [unit], { title: 'Buổi sáng' })

    const encoder = studio(server, '/studio', source['key'] as string, codec)
    t.teardown(() => end([encoder]))
    await waitUntil('the studio is live', async () => ((await server.get(`/v1/sources/${source['id'] as string}`)) as { status?: { state?: string } }).status?.state === 'live')

    const url = (index: number, extension: string): string => `${server.stream}/listen/${clusters[index]!.id}.${extension}?key=${clusters[index]!.key}`
    const listeners = [
      spawn('curl', ['-sS', '-N', '-o', path('curl.mp3'), url(0, 'mp3')]),
      spawn('curl', ['-sS', '-N', '-o', path('curl.opus'), url(1, 'opus')]),
      spawn('ffmpeg', ['-y', '-nostdin', '-v', 'error', '-i', url(2, 'mp3'), '-f', 's16le', '-ac', '1', '-ar', '48000', path('ffmpeg-mp3.raw')]),
      spawn('ffmpeg', ['-y', '-nostdin', '-v', 'error', '-i', url(3, 'opus'), '-f', 's16le', '-ac', '1', '-ar', '48000', path('ffmpeg-opus.raw')]),
    ]
    t.teardown(() => end(listeners))
    await waitUntil('everybody hears the studio for three seconds', () => size('curl.mp3') > 3 * MP3_BYTES_PER_SECOND && size('ffmpeg-opus.raw') > 2 * 96_000, 30_000)

    const emergency = await server.post('/v1/orders', { class: 'emergency', title: 'Lũ', sourceId: alarm, targets: { units: [unit], clusters: [], tags: [] }, durationMs: 60_000 })
    t.same(emergency['clusters'], { targeted: 4, online: 4 })
    const heardUntil = size('curl.mp3') + (TONE_MS / 1000 + 2.5) * MP3_BYTES_PER_SECOND
    await waitUntil('the attention tone and two seconds of the emergency', () => size('curl.mp3') > heardUntil, 30_000)
    const stopped = await server.post(`/v1/orders/${emergency['id'] as string}/stop`)
    const back = size('curl.mp3') + 3 * MP3_BYTES_PER_SECOND
    await waitUntil('three seconds of the studio again', () => size('curl.mp3') > back, 30_000)
    const status = (await server.get('/v1/status')) as { connections: { total: number }; replacedTotal: number; refusedTotal: number }
    t.equal(status.connections.total, 4, 'all four are still there')
    t.equal(status.replacedTotal + status.refusedTotal, 0, 'nobody has connected twice')
    await server.stop()
    await Promise.all(listeners.map(exited))

    const orderedMs = Date.parse(stopped['stoppedAt'] as string) - Date.parse(emergency['createdAt'] as string) + STOP_LEAD_MS
    const mp3 = readFileSync(path('curl.mp3'))
    const mainDataBegins: number[] = []
    new Mp3FrameParser((frame) => mainDataBegins.push(frame.mainDataBegin)).push(mp3)
    t.equal(mainDataBegins.length * 192, mp3.length, 'the MP3 is whole frames from the first to the last byte')
    t.ok(mainDataBegins.every((begin) => begin === 0))
    const decoded = ffmpegDecode(mp3, 'mp3', 48_000)
    t.equal(decoded.length, mainDataBegins.length * 1152, 'its duration is exact to a sample')

    const raw = (file: string): Float32Array => {
      const bytes = readFileSync(path(file))
      return Float32Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readInt16LE(index * 2) / 32768)
    }
    for (const [listener, pcm] of [
      ['curl mp3', decoded],
      ['curl opus', ffmpegDecode(readFileSync(path('curl.opus')), 'ogg', 48_000, true)],
      ['ffmpeg mp3', raw('ffmpeg-mp3.raw')],
      ['ffmpeg opus', raw('ffmpeg-opus.raw')],
    ] as const) {
      const heard = scenes(pcm)
      t.same(heard.map(({ hz }) => hz), [STUDIO_HZ, ATTENTION_HZ[0], EMERGENCY_HZ, STUDIO_HZ], `${listener}: studio, attention tone, emergency, studio`)
      const [, attention, voice, after] = heard
      if (attention === undefined || voice === undefined || after === undefined) continue
      t.ok(Math.abs(voice.fromMs - attention.fromMs - TONE_MS) <= 40, `${listener}: the attention tone lasts ${String(voice.fromMs - attention.fromMs)} ms`)
      t.ok(Math.abs(after.fromMs - attention.fromMs - orderedMs) <= 60, `${listener}: cut in and out ${String(after.fromMs - attention.fromMs)} ms apart, ordered ${String(orderedMs)}`)
      const gap = longestGapMs(pcm)
      t.ok(gap <= 30, `${listener}: longest gap ${String(gap)} ms`)
    }
  })
}
