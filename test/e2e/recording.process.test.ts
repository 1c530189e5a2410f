import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { encodeSilence, isMissing, parseFormat } from '../../codec/index.ts'
import { ADMIN_TOKEN, LoaServer } from '../support/loa-server.ts'
import { Capture, packetsByFrame } from '../support/opus-capture.ts'
import { ffmpegDecode } from '../support/sound.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const FRAME_SAMPLES = 960

const folder = mkdtempSync(join(tmpdir(), 'loa-recording-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })

interface Place { readonly recordingId: string; readonly fromSamples: number; readonly untilSamples: number; readonly offsetSamples: number; readonly offsetMs: number; readonly lengthMs: number }
interface OrderRecording { readonly unitId: string; readonly pieces: readonly Place[]; readonly missingMs: number }
interface Listed { readonly id: string; readonly kind: string; readonly mode: string; readonly open: boolean; readonly title: string; readonly bytes: number; readonly sha256: string | null; readonly fromSamples: number; readonly untilSamples: number; readonly missingMs: number }

const authorization = `Bearer ${ADMIN_TOKEN}`

async function sound(server: LoaServer, path: string, headers: Record<string, string> = {}): Promise<{ status: number; headers: Headers; body: Buffer }> {
  const response = await fetch(server.api + path, { headers: { authorization, ...headers } })
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) }
}

const recordings = async (server: LoaServer, query = ''): Promise<readonly Listed[]> => (await server.get(`/v1/recordings${query}`))['items'] as Listed[]
const places = async (server: LoaServer, order: string): Promise<OrderRecording> => (await server.get(`/v1/orders/${order}/recording`)) as unknown as OrderRecording

/** Frames that both have and that differ, and how many both have. */
function compare(a: ReadonlyMap<number, Buffer>, b: ReadonlyMap<number, Buffer>): { same: number; different: number[] } {
  const different: number[] = []
  let same = 0
  for (const [frame, packet] of a) {
    const other = b.get(frame)
    if (other === undefined) continue
    if (packet.equals(other)) same += 1
    else different.push(frame)
  }
  return { same, different }
}

t.test('what went out is recorded as it went out, whatever dies meanwhile', async (t) => {
  const server = await LoaServer.start(t, { LOA_RECORDING: 'true', LOA_ATTENTION_TONE_MS: '480', LOA_RECORDING_MIN_FREE_BYTES: '0' })
  const unit = await server.unit('X1')
  const cluster = await server.cluster(unit, 'C1')
  // No period of them fits a frame, so that each packet is another.
  const [music, siren] = [await server.tone('Nhạc', 997), await server.tone('Còi', 2503)]
  await waitUntil('the recorder runs', async () => (await server.pids())['recorder-0'] !== undefined)

  const listener = new Capture(`${server.stream}/listen/${cluster.id}.opus?key=${cluster.key}`)
  await waitUntil('the listener is in', () => listener.bytes > 0)
  const normal = await server.order('normal', music, [unit], { title: 'Bản tin chiều' })
  await waitUntil('it is on air', () => packetsByFrame(listener.body()).size > 75)
  const emergency = await server.order('emergency', siren, [unit])
  const heard = packetsByFrame(listener.body()).size
  await waitUntil('the emergency is heard', () => packetsByFrame(listener.body()).size > heard + 75)
  await server.stopOrder(emergency)
  const tone = (await waitUntil('the emergency is in the index', async () => {
    const found = await recordings(server, `?orderId=${emergency}`)
    return found.length === 2 && found.every(({ open }) => !open) ? found : undefined
  })).find(({ kind }) => kind === 'tone')!

  const found = await places(server, emergency)
  t.equal(found.unitId, unit)
  t.equal(found.pieces.length, 2, 'its tone, and its programme')
  t.equal(found.pieces[0]!.recordingId, tone.id)
  t.equal(found.pieces[0]!.untilSamples, found.pieces[1]!.fromSamples, 'the one follows on the other')
  t.ok(found.pieces[0]!.untilSamples - found.pieces[0]!.fromSamples <= 480 * 48, 'no longer than the tone; on a machine that is late, its rest')
  const whole = await sound(server, `/v1/orders/${emergency}/recording/audio?download=true`)
  t.equal(whole.status, 200)
  t.match(whole.headers.get('content-disposition'), /^attachment; filename="emergency \d{4}-\d\d-\d\d \d\d\.\d\d\.opus"/)
  const wholePackets = packetsByFrame(whole.body)
  t.same([Math.min(...wholePackets.keys()), Math.max(...wholePackets.keys()) + 1], [found.pieces[0]!.fromSamples / FRAME_SAMPLES, found.pieces[1]!.untilSamples / FRAME_SAMPLES])
  await waitUntil('the listener has all of it', () => packetsByFrame(listener.body()).has(Math.max(...wholePackets.keys())))
  const compared = compare(wholePackets, packetsByFrame(listener.body()))
  t.same(compared.different, [], 'each packet is the one that a listener got')
  t.equal(compared.same, wholePackets.size)
  t.ok(compared.same > 60, `${String(compared.same)} packets`)

  const [entry] = (await server.get(`/v1/air-log?orderId=${emergency}`))['items'] as { unitId: string; from: string; until: string }[]
  const fromLog = (await server.get(`/v1/orders/${emergency}/recording?unitId=${entry!.unitId}&from=${entry!.from}&to=${entry!.until}`)) as unknown as OrderRecording
  t.ok(Math.abs(fromLog.pieces[0]!.fromSamples - found.pieces[0]!.fromSamples) <= FRAME_SAMPLES, 'an entry of the air log leads to its frame; the log has whole ms')
  t.equal(fromLog.pieces.at(-1)!.recordingId, found.pieces[1]!.recordingId)
  t.equal((await recordings(server, `?orderId=${normal}`)).at(-1)!.untilSamples, found.pieces[0]!.fromSamples, 'what was cut is recorded up to the frame of the cut, and not what nobody heard after it')

  await t.test('by range and in part', async (t) => {
    const [first] = await recordings(server, `?orderId=${normal}`)
    const { body: full } = await sound(server, `/v1/recordings/${tone.id}/audio`)
    t.equal(full.length, tone.bytes)
    const file = join(folder, 'range.opus')
    execFileSync('curl', ['-sf', '-H', `Authorization: ${authorization}`, '-r', '100-299', '-o', file, `${server.api}/v1/recordings/${tone.id}/audio`])
    execFileSync('curl', ['-sf', '-H', `Authorization: ${authorization}`, '-r', '300-', '-o', `${file}.rest`, `${server.api}/v1/recordings/${tone.id}/audio`])
    t.ok(Buffer.concat([full.subarray(0, 100), execFileSync('cat', [file, `${file}.rest`])]).equals(full), 'ranges put together are the file')
    const beyond = await sound(server, `/v1/recordings/${tone.id}/audio`, { range: 'bytes=999999999-' })
    t.same([beyond.status, beyond.headers.get('content-range')], [416, `bytes */${String(full.length)}`])
    const from = first!.fromSamples / FRAME_SAMPLES
    const part = await sound(server, `/v1/recordings/${first!.id}/audio?fromMs=400&toMs=1000`)
    const packets = packetsByFrame(part.body)
    t.same([...packets.keys()], Array.from({ length: 30 }, (_, index) => from + 20 + index), 'a part has its own frames at their places')
    t.same(compare(packets, packetsByFrame(listener.body())), { same: 30, different: [] })
    for (const body of [full, part.body, whole.body]) {
      writeFileSync(file, body)
      const probed = JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-show_streams', '-count_packets', '-of', 'json', file], { encoding: 'utf8' })) as { streams: { codec_name: string; nb_read_packets: string }[] }
      t.same([probed.streams[0]!.codec_name, Number(probed.streams[0]!.nb_read_packets)], ['opus', packetsByFrame(body).size])
      t.equal(ffmpegDecode(body, 'ogg', 48_000, true).length, packetsByFrame(body).size * FRAME_SAMPLES - 312, 'ffmpeg decodes every frame')
    }
    const { items } = (await server.get('/v1/audit-log?limit=1000')) as unknown as { items: { route: string; targetIds: string[] }[] }
    t.ok(items.some(({ route, targetIds }) => route === '/v1/recordings/:id/audio' && targetIds.includes(tone.id)), 'who listened is known')
    t.ok(items.some(({ route, targetIds }) => route === '/v1/orders/:id/recording/audio' && targetIds.includes(emergency) && targetIds.includes(tone.id)))
  })

  const beforeKill = (await recordings(server, `?orderId=${normal}`))[0]!
  t.ok(beforeKill.open)
  process.kill((await server.pids())['recorder-0']!, 'SIGKILL')
  const repaired = await waitUntil('the file it left is whole again, and another one is written', async () => {
    const found = await recordings(server, `?orderId=${normal}`)
    return found.length > 2 && found.some(({ open }) => open) ? found.find(({ id }) => id === beforeKill.id && found.every(({ open, id }) => open === (id !== beforeKill.id) || id !== beforeKill.id)) : undefined
  }, 30_000)
  t.notOk(repaired.open)
  const { body: saved } = await sound(server, `/v1/recordings/${repaired.id}/audio`)
  t.equal(saved.length, repaired.bytes)
  const savedPackets = packetsByFrame(saved)
  t.same(compare(savedPackets, packetsByFrame(listener.body())).different, [], 'what was saved is what went out')

  process.kill((await server.pids())['engine-0']!, 'SIGKILL')
  const after = Math.max(...packetsByFrame(listener.body()).keys())
  await waitUntil('it sounds on after the engine has come back', () => Math.max(...packetsByFrame(listener.body()).keys()) > after + 75, 30_000)
  await server.stopOrder(normal)
  const last = await waitUntil('it is closed', async () => {
    const [newest] = await recordings(server, `?orderId=${normal}`)
    return newest !== undefined && !newest.open ? newest : undefined
  })
  const lastPackets = packetsByFrame((await sound(server, `/v1/recordings/${last.id}/audio`)).body)
  t.ok(last.missingMs > 0, `${String(last.missingMs)} ms without the engine are told`)
  t.equal([...lastPackets.values()].filter((packet) => isMissing(packet)).length * 20, last.missingMs)
  t.same([...lastPackets.keys()], Array.from({ length: (last.untilSamples - last.fromSamples) / FRAME_SAMPLES }, (_, index) => last.fromSamples / FRAME_SAMPLES + index), 'no place is left out')
  const sounding = new Map([...lastPackets].filter(([, packet]) => !isMissing(packet)))
  const got = packetsByFrame(listener.stop())
  const silence = encodeSilence(parseFormat('opus-32'), { opusComplexity: 5 })
  const late = compare(sounding, got).different
  t.ok(late.every((frame) => got.get(frame)!.equals(silence)), 'a frame is another one only where a listener had to be given silence, because it came too late')
  t.ok(late.length < 50, `${String(late.length)} such frames`)
  t.equal((await server.request('GET', '/v1/recordings/usage')).status, 200)
})
