import t, { type Test } from 'tap'
import { done } from '../../control/client/index.ts'
import { wavFile } from '../support/sound-files.ts'
import { BrowserStudio } from '../support/browser-studio.ts'
import { ADMIN_TOKEN, LoaServer } from '../support/loa-server.ts'
import { shortToneRatioDb } from '../support/tone-ratio.ts'
import { waitUntil } from '../support/wait-until.ts'
import { workersOf } from '../support/rtc-workers.ts'

t.setTimeout(200_000)

const SOURCE_HZ = 700
const EMERGENCY_HZ = 1300
const CLICK_EVERY_MS = 500
const CLICKS = 12

/** Clicks of 5 ms, so far apart that each is told from the next. */
function clicks(): Buffer {
  const pcm = new Float32Array(48 * CLICK_EVERY_MS * CLICKS)
  for (let click = 0; click < CLICKS; click += 1) for (let at = 0; at < 240; at += 1) pcm[click * 48 * CLICK_EVERY_MS + at] = 0.8 * Math.sin((2 * Math.PI * 2000 * at) / 48_000)
  return wavFile(pcm)
}

async function upload(server: LoaServer, file: Buffer): Promise<string> {
  const form = new FormData()
  form.set('file', new Blob([Uint8Array.from(file)]), 'clicks.wav')
  const response = await fetch(`${server.api}/v1/clips`, { method: 'POST', headers: { authorization: `Bearer ${ADMIN_TOKEN}` }, body: form })
  return (await response.json() as { id: string }).id
}

/** When each click was rendered, wall ms. */
function clickTimes(pcm: Float32Array, endMs: number): number[] {
  const loudest = pcm.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const times: number[] = []
  for (let at = 0; at < pcm.length; at += 1) {
    if (Math.abs(pcm[at]!) < loudest / 4) continue
    times.push(endMs - (pcm.length - at) / 48)
    at += 48 * 100
  }
  return times
}

async function hears(t: Test, browser: BrowserStudio, hz: number, what: string, timeoutMs = 15_000): Promise<void> {
  let ratioDb = -Infinity
  await waitUntil(`${what}: half a second of ${String(hz)} Hz`, async () => {
    const { pcm } = await browser.hear(500)
    ratioDb = pcm.length < 23_000 ? -Infinity : shortToneRatioDb(pcm, hz)
    return ratioDb > 20
  }, timeoutMs)
  t.ok(ratioDb > 20, `${what}: ${ratioDb.toFixed(1)} dB over everything else`)
}

t.test('what plays is heard in a browser by WHEP, through every change of plan', async (t) => {
  const server = await LoaServer.start(t, { LOA_RTC_PORT: '0', LOA_ICE_SERVERS: 'stun:stun.example.net:3478,turn:turn.example.net', LOA_TURN_SECRET: 'a secret', LOA_MONITORS_PER_PERSON: '2', LOA_ATTENTION_TONE_MS: '480' })
  const unit = await server.unit('X1')
  const other = await server.unit('X2')
  const { id: clusterId, key } = await server.cluster(unit, 'C1')
  const source = await server.tone('Nguồn', SOURCE_HZ)
  const emergency = await server.tone('Khẩn', EMERGENCY_HZ)
  const clipId = await upload(server, clicks())
  const viewer = await server.post('/v1/tokens', { name: 'Xem', roles: [{ role: 'viewer', unitId: other }] }) as { id: string; token: string }
  const browser = await BrowserStudio.open(t, wavFile(new Float32Array(48_000)))
  const ofSource = `${server.stream}/whep/source/${source}`
  const ofCluster = `${server.stream}/whep/cluster/${clusterId}`

  await t.test('only who may see it hears it, and the key of a cluster is no token', async (t) => {
    t.match(await browser.listen(ofCluster, 'wrong'), { status: 401, body: /STREAM_ERR_KEY_WRONG/ }, 'a page of another origin sees why')
    t.match(await browser.listen(ofCluster, key), { status: 401 })
    t.match(await browser.listen(`${ofCluster}?key=${ADMIN_TOKEN}`, ''), { status: 401 }, 'never in an address')
    t.match(await browser.listen(ofCluster, viewer.token), { status: 404, body: /STREAM_ERR_NOT_FOUND/ }, 'in another unit there is no such cluster')
    t.match(await browser.listen(`${server.stream}/whep/cluster/nothing`, ADMIN_TOKEN), { status: 404 })
    const sent = async (body: string, type = 'application/sdp', method = 'POST'): Promise<Response> => fetch(ofCluster, { method, headers: { 'authorization': `Bearer ${ADMIN_TOKEN}`, 'content-type': type }, body })
    t.match(await (await sent('no SDP')).json(), { status: 400, code: 'STREAM_ERR_OFFER' })
    t.equal((await sent('v=0', 'text/plain')).status, 415)
    t.equal((await sent('v=0', 'application/sdp', 'PUT')).headers.get('allow'), 'POST')
  })

  const monitors = async (): Promise<readonly { id: string; sourceId: string | null; clusterId: string | null }[]> => done(await server.loa.GET('/v1/monitors')).items
  await t.test('a source that nobody else hears is woken, and nothing is on the air by it', async (t) => {
    const answer = await browser.listen(ofSource, ADMIN_TOKEN, { candidates: ' tcp ' })
    t.match(answer, { status: 201, location: new RegExp(`^/whep/source/${source}/\\d-`) })
    await hears(t, browser, SOURCE_HZ, 'the source, over TCP alone')
    const pairs = (await browser.stats()).filter(({ type, nominated }) => type === 'candidate-pair' && nominated === true)
    const remote = (await browser.stats()).find(({ id }) => id === pairs[0]?.['remoteCandidateId'])
    t.equal(remote?.['protocol'], 'tcp')
    t.match(await monitors(), [{ sourceId: source, clusterId: null, personName: 'LOA_ADMIN_TOKEN' }])
    const status = done(await server.loa.GET('/v1/status'))
    t.match(status, { clusters: { online: 0 }, connections: { total: 0 } }, 'no cluster sounds')
    t.equal((await server.get(`/v1/clusters/${clusterId}/on-air`))['onAir'], null)
    t.match(await (await fetch(`${server.api}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).text(), /^loa_monitors 1$/m)
    const links = (await fetch(server.stream + answer.location!, { method: 'PATCH', headers: { 'authorization': `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*' }, body: 'a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n' }))
    t.match([links.status, await links.text()], [200, /^a=ice-lite\r\na=ice-ufrag:\S+\r\na=ice-pwd:\S+\r\n$/], 'whichever fan-out is asked')
    t.equal((await browser.hangUp(ADMIN_TOKEN, server.stream + answer.location!)).status, 200)
    await waitUntil('it is listed no more', async () => (await monitors()).length === 0)
    t.equal((await browser.hangUp(ADMIN_TOKEN, server.stream + answer.location!)).status, 404)
  })

  await t.test('a cluster: its order, the emergency that cuts it, and back', async (t) => {
    await server.order('normal', source, [unit])
    t.equal((await browser.listen(ofCluster, ADMIN_TOKEN)).status, 201)
    await hears(t, browser, SOURCE_HZ, 'its order')
    const cut = await server.order('emergency', emergency, [unit])
    await hears(t, browser, EMERGENCY_HZ, 'the emergency')
    await server.stopOrder(cut)
    await hears(t, browser, SOURCE_HZ, 'what was cut')
  })

  await t.test('a worker that is killed is replaced, and the monitor is back within two seconds', async (t) => {
    t.equal((await browser.listen(ofCluster, ADMIN_TOKEN, { comesBack: true })).status, 201)
    await hears(t, browser, SOURCE_HZ, 'before')
    for (const [role, pid] of Object.entries(await server.pids())) if (role.startsWith('fan-out')) for (const worker of workersOf(pid)) process.kill(worker, 'SIGKILL')
    const killedMs = Date.now()
    const { endMs } = await browser.hear(500)
    let firstMs = 0
    await waitUntil('sound of a new connection', async () => {
      const { pcm, endMs: newest } = await browser.hear(200)
      if (newest > endMs && pcm.length >= 9000 && shortToneRatioDb(pcm, SOURCE_HZ) > 20) firstMs = newest
      return firstMs > 0
    }, 15_000)
    t.comment(`heard again ${String(firstMs - killedMs)} ms after the kill`)
    await hears(t, browser, SOURCE_HZ, 'after')
  })

  await t.test('each click comes in its time', async (t) => {
    const startsAt = Date.now() + 1500
    await server.post('/v1/orders', { class: 'priority', title: 'Clicks', clipIds: [clipId], targets: { units: [unit], clusters: [], tags: [] }, startsAt: new Date(startsAt).toISOString() })
    const delays: number[] = []
    await waitUntil('six clicks', async () => {
      if (Date.now() < startsAt + 6 * CLICK_EVERY_MS) return false
      const { pcm, endMs } = await browser.hear(2800)
      delays.push(...clickTimes(pcm, endMs).map((atMs) => (atMs - startsAt) % CLICK_EVERY_MS))
      return true
    }, 20_000)
    delays.sort((a, b) => a - b)
    t.comment(`from the place on the house clock to the rendered sample: median ${delays[delays.length >> 1]!.toFixed(0)} ms, most ${delays.at(-1)!.toFixed(0)} ms, of ${String(delays.length)}`)
    t.ok(delays.length >= 5)
    // What is promised is 300 ms, on a machine that is not also running tests: figures in server/README.md.
    t.ok(delays[delays.length >> 1]! < 450)
  })
})
