import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { ADMIN_TOKEN, LoaServer } from '../support/loa-server.ts'
import { ffmpegDecode } from '../support/sound.ts'
import { toneMap, type Stretch } from '../support/tone-map.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)
// They mostly wait for time to pass.
t.jobs = 2

const folder = mkdtempSync(join(tmpdir(), 'loa-clips-'))
t.teardown(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A clip of one tone, as an operator would upload it. */
function clipFile(hz: number, seconds: number): Blob {
  const path = join(folder, `${String(hz)}.mp3`)
  execFileSync('ffmpeg', ['-y', '-v', 'error', '-f', 'lavfi', '-i', `sine=frequency=${String(hz)}:sample_rate=44100:duration=${String(seconds)},volume=4`, '-c:a', 'libmp3lame', '-b:a', '128k', path])
  return new Blob([readFileSync(path)], { type: 'audio/mpeg' })
}

async function upload(server: LoaServer, hz: number, seconds: number): Promise<{ id: string; durationMs: number }> {
  const form = new FormData()
  form.set('file', clipFile(hz, seconds), `${String(hz)}.mp3`)
  const response = await fetch(`${server.api}/v1/clips`, { method: 'POST', headers: { authorization: `Bearer ${ADMIN_TOKEN}` }, body: form })
  if (response.status >= 300) throw new Error(await response.text())
  return (await response.json()) as { id: string; durationMs: number }
}

/** Collects a stream in the background. */
class Recording {
  readonly #chunks: Buffer[] = []
  readonly #abort = new AbortController()
  status = 0
  bytes = 0
  ended = false

  constructor(url: string, headers: Record<string, string> = {}) {
    void (async () => {
      const response = await fetch(url, { headers, signal: this.#abort.signal })
      this.status = response.status
      for await (const chunk of response.body!) {
        this.#chunks.push(Buffer.from(chunk as Uint8Array))
        this.bytes += (chunk as Uint8Array).length
      }
    })().catch(() => undefined).finally(() => { this.ended = true }) // it is ended by stop(), or by the server
  }

  stop(): Buffer {
    this.#abort.abort()
    return Buffer.concat(this.#chunks)
  }
}

const heardIn = (mp3: Buffer, tones: readonly number[]): Stretch[] => toneMap(ffmpegDecode(mp3, 'mp3', 48_000, true), tones).filter(({ hz }) => hz !== 0)
const SECOND_BYTES = 8000

t.test('a playlist plays without a gap, is cut by an emergency and goes on where it was cut, whatever becomes of control', { buffered: true }, async (t) => {
  const server = await LoaServer.start(t, { LOA_ATTENTION_TONE_MS: '480' })
  const unit = await server.unit('X1')
  const cluster = await server.cluster(unit, 'C1')
  const alarm = await server.tone('Còi', 2500)
  const first = await upload(server, 500, 4)
  const second = await upload(server, 800, 4)
  t.ok(Math.abs(first.durationMs - 4000) < 60, `converted to ${String(first.durationMs)} ms`)
  t.equal((await upload(server, 500, 4)).id, first.id, 'the same sound is the same clip')

  const listener = new Recording(`${server.stream}/listen/${cluster.id}.mp3?key=${cluster.key}`)
  await waitUntil('the listener is in', () => listener.bytes > 0)
  const order = await server.post('/v1/orders', { class: 'normal', title: 'Bản tin', clipIds: [first.id, second.id], targets: { units: [unit], clusters: [], tags: [] } })
  const monitor = new Recording(`${server.stream}/monitor/${order['id'] as string}.mp3`, { authorization: `Bearer ${ADMIN_TOKEN}` })
  const started = listener.bytes
  await waitUntil('two seconds of the first clip', () => listener.bytes > started + 2.3 * SECOND_BYTES)
  const emergency = await server.order('emergency', alarm, [unit])
  const cut = listener.bytes
  await waitUntil('two seconds of emergency', () => listener.bytes > cut + 2.5 * SECOND_BYTES)
  await server.stopOrder(emergency)
  const returned = listener.bytes
  await waitUntil('the clip is back', () => listener.bytes > returned + 0.7 * SECOND_BYTES)
  process.kill((await server.pids())['control-0']!, 'SIGKILL')
  await waitUntil('the rest of both clips', () => listener.bytes > cut + 10.5 * SECOND_BYTES, 30_000)

  const heard = heardIn(listener.stop(), [500, 800, 2500, 960, 1280])
  const main = heard.filter(({ hz }) => [500, 800, 2500].includes(hz))
  t.same(main.map(({ hz }) => hz), [500, 2500, 500, 800])
  const [before, voice, after, last] = main
  const played = before!.toMs - before!.fromMs + (after!.toMs - after!.fromMs)
  t.ok(Math.abs(played - first.durationMs) < 120, `the first clip was heard for ${String(played)} ms of ${String(first.durationMs)}, nothing lost by the cut`)
  t.ok(voice!.toMs - voice!.fromMs > 1000)
  t.ok(Math.abs(last!.fromMs - after!.toMs) <= 20, 'the second clip follows without a gap')
  t.ok(Math.abs(last!.toMs - last!.fromMs - second.durationMs) < 80, 'and is heard whole')
  t.equal(monitor.status, 200, 'users may listen in on an order')
  t.ok(heardIn(monitor.stop(), [500, 800]).length > 0)
})

t.test('users monitor a source that nobody broadcasts, with their token only', { buffered: true }, async (t) => {
  const server = await LoaServer.start(t)
  const source = await server.tone('Thử', 700)
  const url = `${server.stream}/monitor/${source}.mp3`
  t.equal((await fetch(url)).status, 401)
  t.equal((await fetch(`${url}?key=wrong`)).status, 401)
  t.equal((await fetch(`${server.stream}/monitor/nothing.mp3?key=${ADMIN_TOKEN}`)).status, 404)
  const monitor = new Recording(`${url}?key=${ADMIN_TOKEN}`)
  await waitUntil('four seconds', () => monitor.bytes > 4 * SECOND_BYTES)
  const mp3 = monitor.stop()
  t.equal(heardIn(mp3, [700]).at(-1)?.hz, 700)

  // Given to a unit, it is there no more for who holds a role beside it.
  const [own, sister] = [await server.unit('X1'), await server.unit('X2')]
  const tokenAt = async (unitId: string): Promise<string> => (await server.post('/v1/tokens', { name: 'x', roles: [{ role: 'viewer', unitId }] }))['token'] as string
  const [near, beside] = [await tokenAt(own), await tokenAt(sister)]
  const status = async (token: string): Promise<number> => {
    const answer = await fetch(`${url}?key=${token}`, { method: 'HEAD' })
    return answer.status
  }
  await waitUntil('both may listen', async () => await status(beside) === 200 && await status(near) === 200)
  const listening = new Recording(`${url}?key=${beside}`)
  await waitUntil('it is heard', () => listening.bytes > SECOND_BYTES)
  t.equal((await server.request('PATCH', `/v1/sources/${source}`, { unitId: own })).status, 200)
  await waitUntil('it is gone for the sister, and what she heard is cut', async () => await status(beside) === 404 && listening.ended)
  t.equal(await status(near), 200)
  t.equal(await status(ADMIN_TOKEN), 200)
})
