import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { freeUdpPort } from '../../bench/lib/processes.ts'
import { LoaServer } from '../support/loa-server.ts'
import { decodeMp3, HttpRadio, MP3_64_BYTES_PER_SECOND } from '../support/radio.ts'
import { SipCaller } from '../support/sip-caller.ts'
import { shortToneRatioDb } from '../support/tone-ratio.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const VOICE_HZ = 1000
const PIN = '604815'

t.test('from a telephone to the loudspeakers: PIN, key, confirmation; the line survives the death of its process', async (t) => {
  const sipPort = await freeUdpPort()
  const server = await LoaServer.start(t, { LOA_FAN_OUT_PROCESSES: '1', LOA_RTC_PORT: '0', LOA_SIP_LISTEN: `127.0.0.1:${String(sipPort)}`, LOA_SIP_ALLOWED_PEERS: '127.0.0.1', LOA_SIP_RTP_PORTS: '40000-40099' })
  const unit = await server.unit('X1')
  const cluster = await server.cluster(unit, 'C1')
  const source = await server.post('/v1/sources', { kind: 'phone', name: 'Điện thoại' }) as { id: string }
  const user = await server.post('/v1/users', { login: 'lan', name: 'Lan', password: 'bốn con mèo ngủ trưa', roles: [{ role: 'operator', unitId: unit }] }) as { id: string }
  const { number } = (await server.request('PUT', `/v1/users/${user.id}/phone-pin`, { pin: PIN, unitId: unit })).body as { number: string }
  await server.post('/v1/phone/keys', { unitId: unit, key: '1', name: 'Toàn xã', targets: { units: [unit] }, class: 'normal', content: { kind: 'live', sourceId: source.id } })
  const calls = async (): Promise<{ id: string; state: string; result: string; orderId: string; recording: { sizeBytes: number } | null }[]> => (await server.get('/v1/phone/calls'))['items'] as never
  const orderState = async (id: string): Promise<unknown> => (await server.get(`/v1/orders/${id}`))['state']
  await waitUntil('the line is there', async () => (await server.get('/v1/phone/lines'))['running'] === true, 30_000)

  const radio = await HttpRadio.open(server, cluster)
  t.teardown(() => { radio.close() })
  const hears = (what: string): Promise<unknown> => waitUntil(what, async () => {
    await radio.hear(MP3_64_BYTES_PER_SECOND / 4)
    return shortToneRatioDb(decodeMp3(radio.body).subarray(-24_000), VOICE_HZ) > 15
  }, 20_000)

  const caller = await SipCaller.call(t, sipPort, { voiceHz: VOICE_HZ })
  await caller.press(`${number}${PIN}#11`)
  await waitUntil('on the air', async () => (await calls())[0]?.state === 'on-air', 30_000)
  t.comment(`on the air ${((performance.now() - caller.answeredAtMs) / 1000).toFixed(1)} s after the answer`)
  await hears('the voice at a loudspeaker')
  t.ok(caller.heard.some((sample) => Math.abs(sample) > 0.05), 'the caller is spoken to')

  await caller.press('#')
  await waitUntil('silence', async () => {
    await radio.hear(MP3_64_BYTES_PER_SECOND / 4)
    return decodeMp3(radio.body).subarray(-6000).every((sample) => Math.abs(sample) < 0.02)
  }, 15_000)
  await caller.press('#')
  await waitUntil('the order is stopped', async () => await orderState((await calls())[0]!.orderId) === 'stopped')
  await waitUntil('the server hangs up', () => caller.ended, 30_000)
  await waitUntil('the recording is there', async () => (await calls())[0]?.recording !== null)
  const [first] = await calls()
  t.match(first, { state: 'ended', result: 'ended by the caller' })
  const probed = execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', join(server.dataDir, 'phone', 'calls', `${first!.id}.opus`)], { encoding: 'utf8' })
  t.equal(probed.trim(), 'opus')

  const second = await SipCaller.call(t, sipPort, { voiceHz: VOICE_HZ })
  await second.press(`${number}${PIN}#11`)
  await waitUntil('on the air again', async () => (await calls())[0]?.state === 'on-air', 30_000)
  const { orderId } = (await calls())[0]!
  const pids = await server.pids()
  process.kill(pids['phone-0']!, 'SIGKILL')
  const killedAtMs = performance.now()
  await waitUntil('its order has ended', async () => await orderState(orderId) === 'stopped')
  t.comment(`its order ended ${((performance.now() - killedAtMs) / 1000).toFixed(2)} s after the kill`)
  second.silence()
  await waitUntil('another process takes calls', async () => (await server.get('/v1/phone/lines'))['running'] === true && (await server.pids())['phone-0'] !== pids['phone-0'], 30_000)
  t.notOk(radio.ended, 'nobody else has noticed')

  const third = await SipCaller.call(t, sipPort, { voiceHz: VOICE_HZ })
  await third.press('1')
  third.hangUp()
  await waitUntil('the end of the call', async () => (await calls())[0]?.state === 'ended')
})
