import t from 'tap'
import { BrowserStudio } from '../support/browser-studio.ts'
import { LoaServer } from '../support/loa-server.ts'
import { decodeMp3, HttpRadio, MP3_64_BYTES_PER_SECOND } from '../support/radio.ts'
import { wavFile } from '../support/sound-files.ts'
import { shortToneRatioDb } from '../support/tone-ratio.ts'
import { workersOf } from '../support/rtc-workers.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const MICROPHONE_HZ = 700

/** Ten seconds: whole turns of the tone, so that it goes on without a click when the file begins again. */
const microphone = (): Buffer => wavFile(Float32Array.from({ length: 480_000 }, (_, index) => 0.25 * Math.sin((2 * Math.PI * MICROPHONE_HZ * index) / 48_000)))

t.test('a browser is the microphone, by WHIP; its line survives the death of the worker that reads the network', async (t) => {
  const server = await LoaServer.start(t, { LOA_FAN_OUT_PROCESSES: '1', LOA_RTC_PORT: '0', LOA_ICE_SERVERS: 'stun:stun.example.net:3478' })
  const unit = await server.unit('X1')
  const cluster = await server.cluster(unit, 'C1')
  const source = await server.post('/v1/sources', { kind: 'whip', name: 'Điện thoại' }) as { id: string; key: string; path: string }
  const status = async (): Promise<{ state: string; reason: string }> => (await server.get(`/v1/sources/${source.id}`))['status'] as { state: string; reason: string }
  const endpoint = server.stream + source.path
  await server.order('normal', source.id, [unit])

  const browser = await BrowserStudio.open(t, microphone())
  const refused = await browser.publish(endpoint, 'wrong')
  t.match(refused, { status: 401, body: /STREAM_ERR_KEY_WRONG/ }, 'a page of another origin sees why it is refused')

  const first = await browser.publish(endpoint, source.key, { comesBack: true })
  t.match(first, { status: 201, location: new RegExp(`^${source.path}/[\\w-]+$`) })
  await waitUntil('the browser is live', async () => (await status()).state === 'live', 30_000)

  const radio = await HttpRadio.open(server, cluster)
  t.teardown(() => { radio.close() })
  const hears = async (what: string): Promise<void> => {
    let ratioDb = -Infinity
    // A buffer of 40 ms finds its depth on a machine with much else to do; then a second must be clean.
    await waitUntil(`${what}: a second of the tone`, async () => {
      await radio.hear(MP3_64_BYTES_PER_SECOND / 2)
      ratioDb = shortToneRatioDb(decodeMp3(radio.body).subarray(-48_000), MICROPHONE_HZ)
      return ratioDb > 20
    }, 15_000)
    t.ok(ratioDb > 20, `${what}: ${ratioDb.toFixed(1)} dB over everything else`)
  }
  await hears('the browser')

  await t.test('what WHIP asks of an endpoint', async (t) => {
    const call = (method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Response> =>
      fetch(server.stream + path, { method, headers: { authorization: `Bearer ${source.key}`, ...headers }, ...(body === undefined ? {} : { body }) })
    const sdp = { 'content-type': 'application/sdp' }
    t.equal((await call('POST', source.path, { 'content-type': 'text/plain' }, 'v=0')).status, 415)
    t.match(await (await call('POST', source.path, sdp, 'no SDP')).json(), { code: 'STREAM_ERR_OFFER', status: 400 })
    t.equal((await call('PUT', source.path, sdp, 'v=0')).headers.get('allow'), 'POST')
    t.equal((await call('OPTIONS', source.path)).headers.get('access-control-allow-origin'), '*')
    const stale = await call('PATCH', first.location!, { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '"old"' }, '')
    t.match([stale.status, await stale.json()], [412, { status: 412 }])
    const restarted = await call('PATCH', first.location!, { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*' }, 'a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n')
    const etag = restarted.headers.get('etag')!
    t.equal((await call('PATCH', first.location!, { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': etag }, 'a=end-of-candidates\r\n')).status, 204, 'the session there is now')
    t.match([restarted.status, await restarted.text()], [200, /^a=ice-lite\r\na=ice-ufrag:\S+\r\na=ice-pwd:\S+\r\n$/])
  })

  process.kill(workersOf((await server.pids())['engine-0']!)[0]!, 'SIGKILL')
  const killedMs = performance.now()
  await waitUntil('the session is over', async () => (await fetch(server.stream + first.location!, { method: 'PATCH', headers: { 'authorization': `Bearer ${source.key}`, 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '"old"' } })).status === 404)
  await waitUntil('the browser is live again', async () => (await status()).state === 'live', 30_000)
  t.comment(`live again ${(performance.now() - killedMs).toFixed(0)} ms after the kill of the worker`)
  await hears('the browser after the kill')
  t.notOk(radio.ended, 'in one connection')

  t.match(await browser.publish(endpoint, source.key), { status: 409, body: /STREAM_ERR_MOUNT_BUSY/ }, 'one at a time')
  t.equal((await browser.hangUp(source.key)).status, 200)
  await waitUntil('the line is free', async () => (await status()).reason === 'the client has hung up')
  t.equal((await browser.hangUp(source.key)).status, 404)
})
