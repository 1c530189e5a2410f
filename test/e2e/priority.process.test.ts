import t, { type Test } from 'tap'
import { HOUSE_EPOCH_WALL_MS } from '../../rooms/house-clock.ts'
import { capTime } from '../../control/cap/cap-message.ts'
import { area, info, makeKeys, signedMessage } from '../support/cap-samples.ts'
import { EnginePlan } from '../../server/director/engine-plan.ts'
import { ADMIN_TOKEN, LoaServer } from '../support/loa-server.ts'
import { breaksOf, decodeMp3, HttpRadio, MP3_64_BYTES_PER_SECOND, NativeRadio, type NativeFrame } from '../support/radio.ts'
import { rmsDb } from '../support/spectrum.ts'
import { toneMap } from '../support/tone-map.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const NORMAL = 503
const PRIORITY = 1013
const COMMUNE = 2003
const PROVINCE = 3001
const ALL = [NORMAL, PRIORITY, COMMUNE, PROVINCE]
const OPUS_SAMPLES = 960
const FLAG_CUT = 1
const FLAG_EMERGENCY = 4
/** Missing, or the bridge of a source that starved. */
const FLAG_LOST = 8 | 16
/** A cut belongs to the first frame edge after its instant; the issue allows 40 ms. */
const MAX_OFF_SAMPLES = 40 * 48

/** Tones heard one after the other in an MP3 stream, silence left out. */
const tonesOf = (radio: HttpRadio): number[] => toneMap(decodeMp3(radio.body), ALL).flatMap(({ hz }) => (hz === 0 ? [] : [hz]))

const houseSamplesOf = (wallMs: number): number => (wallMs - HOUSE_EPOCH_WALL_MS) * 48
const iso = (wallMs: number): string => new Date(wallMs).toISOString()

interface OnAirText {
  readonly orderId: string | null
  readonly fromSamples: number
  readonly untilSamples: number
}

const announced = (radio: NativeRadio, orderId: string): Promise<OnAirText> =>
  waitUntil('the native client is told of the order', () => radio.texts.find((text) => text['type'] === 'on-air' && text['orderId'] === orderId) as unknown as OnAirText | undefined)

const cutsOf = (frames: readonly NativeFrame[]): NativeFrame[] => frames.filter(({ flags }) => (flags & FLAG_CUT) !== 0)

/** A province with two communes, two clusters in each, one tone for each kind of order. */
async function district(t: Test): Promise<{ server: LoaServer; province: string; communes: [string, string]; clusters: { id: string; key: string }[]; source: Record<number, string> }> {
  const server = await LoaServer.start(t, { LOA_ATTENTION_TONE_MS: '480', LOA_ENGINE_PROCESSES: '2' })
  const province = await server.unit('T1')
  const communes: [string, string] = [await server.unit('X1', province), await server.unit('X2', province)]
  const clusters = []
  for (let index = 0; index < 4; index += 1) clusters.push(await server.cluster(communes[index < 2 ? 0 : 1], `C${String(index)}`, { tags: index % 2 === 1 ? ['ven-song'] : [] }))
  const source: Record<number, string> = {}
  // What is mixed below comes from different engines.
  const plan = new EnginePlan(2)
  for (const hz of ALL) {
    for (;;) {
      source[hz] = await server.tone(`${String(hz)} Hz`, hz)
      if (hz !== COMMUNE || plan.engineOfSource(source[hz]) !== plan.engineOfSource(source[NORMAL]!)) break
    }
  }
  return { server, province, communes, clusters, source }
}

t.test('who is on air, as listeners hear it', async (t) => {
  const { server, province, communes, clusters, source } = await district(t)
  await server.order('normal', source[NORMAL]!, [province])
  const http = await Promise.all(clusters.map((cluster) => HttpRadio.open(server, cluster)))
  const ofFirst = await NativeRadio.open(server, clusters[0]!).catch(() => null)
  t.ok(ofFirst !== null && (await waitUntil('one device, one connection', () => http[0]!.ended)), 'the native client takes the place of the HTTP one')
  const native = ofFirst!
  const others = http.slice(1)
  await others[0]!.hear(2 * MP3_64_BYTES_PER_SECOND)

  await t.test('priority goes before a tone or relay at once, without a tone, and back when stopped', async (t) => {
    const order = await server.order('priority', source[PRIORITY]!, [communes[0]])
    const { fromSamples } = await announced(native, order)
    await native.hear(60)
    const cut = cutsOf(native.frames).at(-1)!
    t.equal(cut.houseSamples, Math.ceil(fromSamples / OPUS_SAMPLES) * OPUS_SAMPLES, 'the cut stands at the first frame edge after the planned instant')
    t.equal(cut.flags & FLAG_EMERGENCY, 0)
    await server.stopOrder(order)
    await others[0]!.hear(2 * MP3_64_BYTES_PER_SECOND)
    t.same(tonesOf(others[0]!), [NORMAL, PRIORITY, NORMAL], 'the other cluster of the commune')
    t.same(tonesOf(others[1]!), [NORMAL], 'the other commune hears nothing of it')
  })

  await t.test('of two emergencies the province\'s wins; then the commune\'s comes back, then what was on before', async (t) => {
    const from = others[0]!.bodyBytes
    const commune = await server.order('emergency', source[COMMUNE]!, [communes[0]], { tone: false, issuer: communes[0] })
    await others[0]!.hear(MP3_64_BYTES_PER_SECOND)
    const whole = await server.order('emergency', source[PROVINCE]!, [province], { tone: false, issuer: province, durationMs: 2000 })
    // A later one of the commune must not push the province's away.
    const later = await server.order('emergency', source[PRIORITY]!, [communes[0]], { tone: false, issuer: communes[0], durationMs: 1000 })
    await others[0]!.hear(5 * MP3_64_BYTES_PER_SECOND)
    await server.stopOrder(commune)
    await others[0]!.hear(2 * MP3_64_BYTES_PER_SECOND)
    const heard = toneMap(decodeMp3(others[0]!.body.subarray(from - (from % 192))), ALL).flatMap(({ hz }) => (hz === 0 ? [] : [hz]))
    t.same(heard, [NORMAL, COMMUNE, PROVINCE, COMMUNE, NORMAL])
    t.same(tonesOf(others[1]!), [NORMAL, PROVINCE, NORMAL], 'the other commune heard the province only')
    t.equal((await server.get(`/v1/orders/${whole}`))['state'], 'ended', 'its end passed with nobody doing anything')
    t.equal((await server.get(`/v1/orders/${later}`))['state'], 'ended')
    t.same(breaksOf(native.frames.map(({ sequence }) => sequence)), [])
    for (const radio of others) t.equal(radio.ended, false)
  })

  await t.test('targets: a tag, a cluster, a unit with all below it', async (t) => {
    const before = others.map(({ bodyBytes }) => bodyBytes - (bodyBytes % 192))
    const heardSince = (index: number): number[] => toneMap(decodeMp3(others[index]!.body.subarray(before[index])), ALL).flatMap(({ hz }) => (hz === 0 ? [] : [hz]))
    const targeted = async (targets: object, hz: number): Promise<unknown> => {
      const order = await server.post('/v1/orders', { class: 'emergency', title: 'x', sourceId: source[hz], targets, durationMs: 1000, tone: false })
      return (order['clusters'] as { targeted: number }).targeted
    }
    t.equal(await targeted({ tags: ['ven-song'] }, COMMUNE), 2)
    await others[0]!.hear(2 * MP3_64_BYTES_PER_SECOND)
    t.equal(await targeted({ clusters: [clusters[2]!.id] }, PRIORITY), 1)
    await others[0]!.hear(2 * MP3_64_BYTES_PER_SECOND)
    t.equal(await targeted({ units: [province] }, PROVINCE), 4)
    await others[0]!.hear(3 * MP3_64_BYTES_PER_SECOND)
    t.same(heardSince(0), [NORMAL, COMMUNE, NORMAL, PROVINCE, NORMAL], 'by tag and by unit')
    t.same(heardSince(1), [NORMAL, PRIORITY, NORMAL, PROVINCE, NORMAL], 'by name and by unit')
    t.same(heardSince(2), [NORMAL, COMMUNE, NORMAL, PROVINCE, NORMAL], 'by tag in the other commune')
  })

  await t.test('a start in the future is kept to the frame', async (t) => {
    const startMs = Date.now() + 1500
    const order = await server.order('emergency', source[COMMUNE]!, [province], { tone: false, startsAt: iso(startMs), endsAt: iso(startMs + 1000) })
    t.equal((await server.get(`/v1/orders/${order}`))['state'], 'scheduled')
    const { fromSamples, untilSamples } = await announced(native, order)
    t.ok(Math.abs(fromSamples - houseSamplesOf(startMs)) <= 48, `planned ${((fromSamples - houseSamplesOf(startMs)) / 48).toFixed(2)} ms beside the time of the order`)
    await native.hear(120)
    const emergency = native.frames.filter(({ flags, houseSamples }) => (flags & FLAG_EMERGENCY) !== 0 && houseSamples >= fromSamples)
    const [first, last] = [emergency[0]!, emergency.at(-1)!]
    t.equal(first.houseSamples, Math.ceil(fromSamples / OPUS_SAMPLES) * OPUS_SAMPLES, 'the first frame stands at the first edge after the start')
    t.equal(first.flags & FLAG_CUT, FLAG_CUT)
    t.ok(first.houseSamples - houseSamplesOf(startMs) < MAX_OFF_SAMPLES)
    t.equal(last.houseSamples + OPUS_SAMPLES, Math.ceil(untilSamples / OPUS_SAMPLES) * OPUS_SAMPLES, 'so does the first after the end')
    t.equal(emergency.length, (last.houseSamples - first.houseSamples) / OPUS_SAMPLES + 1, 'no frame between is of anything else')
    const heard = toneMap(native.decodeOpus(native.frames.indexOf(first) - 25), ALL)
    const sounded = heard.find(({ hz }) => hz === COMMUNE)!
    // The decoded sound is the frames' own, less the decoder's delay.
    t.ok(Math.abs(sounded.fromMs - 25 * 20) <= 40, `the sound itself begins ${String(sounded.fromMs - 25 * 20)} ms beside the frame`)
    const presentationMs = first.presentationUs / 1000 - first.houseSamples / 48
    t.equal(Math.round(presentationMs), 800)
  })
  await t.test('an announcement over what is on air, a hand-over from one source to the other, and an emergency in the middle of it', async (t) => {
    /** Level of a tone in the 200 ms from a house sample on, dB of full scale. */
    const levelAt = (hz: number, atSamples: number): number => {
      const first = native.frames.findIndex(({ houseSamples }) => houseSamples >= atSamples - 2400)
      const pcm = native.decodeOpus(first, first + 16).subarray(2400, 2400 + 9600)
      let [re, im] = [0, 0]
      for (const [i, sample] of pcm.entries()) {
        re += sample * Math.cos((2 * Math.PI * hz * i) / 48_000)
        im += sample * Math.sin((2 * Math.PI * hz * i) / 48_000)
      }
      return 20 * Math.log10((2 * Math.hypot(re, im)) / pcm.length)
    }
    const s = (seconds: number): number => seconds * 48_000
    const reached = (samples: number): Promise<boolean> => waitUntil('the time is over', () => native.frames.at(-1)!.houseSamples >= samples, 30_000)

    const talk = await server.order('normal', source[COMMUNE]!, [province], { durationMs: 1600, mixing: { over: { duckDb: 14, attackMs: 100, releaseMs: 300 } } })
    const { fromSamples, untilSamples } = await announced(native, talk)
    await reached(fromSamples + s(0.5))
    t.match(await server.get(`/v1/clusters/${clusters[0]!.id}/on-air`), { onAir: { orderId: talk, sourceId: source[COMMUNE], under: { sourceId: source[NORMAL], class: 'normal' } } }, 'both are said to be on air')
    await reached(untilSamples + s(0.8))
    const alone = levelAt(NORMAL, untilSamples + s(0.5))
    const near = (actual: number, expected: number, what: string): void => { t.ok(Math.abs(actual - expected) < 1.5, `${what}: ${actual.toFixed(1)} dB, not ${expected.toFixed(1)}`) }
    near(levelAt(NORMAL, fromSamples + s(0.6)), alone - 14, 'beneath')
    near(levelAt(COMMUNE, fromSamples + s(0.6)), alone, 'over it')
    t.ok(levelAt(COMMUNE, untilSamples + s(0.5)) < alone - 40, 'then no more')
    const lost = native.frames.filter(({ flags, houseSamples }) => (flags & FLAG_LOST) !== 0 && houseSamples >= untilSamples - s(0.5) && houseSamples < untilSamples + s(0.8))
    t.same(lost.map(({ houseSamples }) => houseSamples), [], 'what was beneath comes back without a gap')

    const live = await server.order('priority', source[PRIORITY]!, [province], { issuer: province })
    await reached((await announced(native, live)).fromSamples + s(0.5))
    const handed = await server.request('POST', `/v1/orders/${live}/hand-over`, { sourceId: source[COMMUNE], crossfadeMs: 2600 }, { 'idempotency-key': 'hand-over' })
    t.match(handed, { status: 200, body: { handOvers: [{ sourceId: source[COMMUNE] }] } })
    const handedSamples = native.frames.at(-1)!.houseSamples
    await reached(handedSamples + s(1))
    const flood = await server.order('emergency', source[PROVINCE]!, [province], { tone: false, durationMs: 800 })
    const cut = await announced(native, flood)
    await reached(Math.max(cut.untilSamples + s(0.5), handedSamples + s(3.7)))
    const before = cut.fromSamples - s(0.25)
    for (const hz of [PRIORITY, COMMUNE]) t.ok(levelAt(hz, before) > alone - 12, `both sound in the crossfade: ${String(hz)} Hz at ${levelAt(hz, before).toFixed(1)} dB`)
    t.equal(native.frames.find(({ flags, houseSamples }) => houseSamples >= cut.fromSamples && (flags & FLAG_EMERGENCY) !== 0)!.houseSamples, Math.ceil(cut.fromSamples / OPUS_SAMPLES) * OPUS_SAMPLES, 'the emergency cuts at the first edge')
    const emergency = cut.fromSamples + s(0.5)
    near(levelAt(PROVINCE, emergency), alone, 'the emergency')
    for (const hz of [PRIORITY, COMMUNE]) t.ok(levelAt(hz, emergency) < alone - 40, 'alone')
    const after = Math.max(cut.untilSamples + s(0.2), handedSamples + s(3.3))
    near(levelAt(COMMUNE, after), alone, 'after it the new speaker')
    t.ok(levelAt(PRIORITY, after) < alone - 40)
    await server.stopOrder(live)
    // The emergency and what is on air again take its place.
    const runs = await waitUntil('the air log has all of it', async () => {
      const { items } = (await server.get(`/v1/air-log?orderId=${live}`)) as { items: { sourceId: string; end: string }[] }
      return items.length < 3 * communes.length ? undefined : items.map(({ sourceId, end }) => `${sourceId} ${end}`)
    })
    t.same([...new Set(runs)], [`${source[PRIORITY]!} handed-over`, `${source[COMMUNE]!} replaced`])
  })

  await t.test('an alert made of words and confirmed by two persons is heard and ends by itself; so is what cancels it', async (t) => {
    const officer = async (login: string): Promise<{ readonly authorization: string }> => {
      const password = 'mưa rào trên mái tôn 7'
      await server.post('/v1/users', { login, name: login, password, roles: [{ role: 'emergency-officer', unitId: province }] })
      const { token } = (await server.post('/v1/sessions', { login, password, as: 'token' })) as { token: string }
      return { authorization: `Bearer ${token}` }
    }
    const [an, binh] = [await officer('an.nguyen'), await officer('binh.tran')]
    t.equal((await server.request('PATCH', `/v1/alert-rules/${province}`, { twoPersons: [{ kinds: ['real'], level: 1, clusters: 1 }] })).status, 200)
    interface AlertBody { readonly id: string; readonly state: string; readonly playMs: number; readonly orderIds: readonly string[]; readonly replacedBy: string | null; readonly expiresAt: string }
    const alert = async (id: string): Promise<AlertBody> => (await server.get(`/v1/alerts/${id}`)) as unknown as AlertBody
    const onAir = async (text: string): Promise<AlertBody> => {
      const { id } = (await server.post('/v1/alerts', { kind: 'real', hazard: 'flood', level: 3, title: 'Lũ', parts: [{ language: 'vi', text }], targets: { units: [province] }, repeat: { times: 1, everyHours: null }, durationMs: 8000 })) as unknown as AlertBody
      t.match(await server.request('POST', `/v1/alerts/${id}/confirm`, {}, an), { status: 200, body: { state: 'awaiting-second' } })
      t.equal((await server.request('POST', `/v1/alerts/${id}/approve`, undefined, an)).status, 409, 'not the same person')
      const second = await server.request('POST', `/v1/alerts/${id}/approve`, undefined, binh)
      t.match(second, { status: 200, body: { state: 'on-air', persons: 2 } })
      return second.body as unknown as AlertBody
    }
    /** Frames of the emergency in [fromSamples, untilSamples), and how much of them, after the tone, is as loud as speech, ms. */
    const heardOf = async (fromSamples: number, untilSamples: number): Promise<{ frames: readonly NativeFrame[]; spokenMs: number }> => {
      await waitUntil('its time is over', () => native.frames.at(-1)!.houseSamples >= untilSamples, 30_000)
      const isOf = ({ flags, houseSamples }: NativeFrame): boolean => (flags & FLAG_EMERGENCY) !== 0 && houseSamples >= fromSamples && houseSamples < untilSamples
      const frames = native.frames.filter(isOf)
      const from = native.frames.indexOf(frames[0]!)
      const pcm = native.decodeOpus(from).subarray(600 * 48, frames.length * OPUS_SAMPLES)
      let spokenMs = 0
      for (let at = 0; at + 480 <= pcm.length; at += 480) if (rmsDb(pcm, at, at + 480) > -35) spokenMs += 10
      return { frames, spokenMs }
    }

    const first = await onAir('Nước lên nhanh. Mau lên đồi.')
    const { fromSamples } = await announced(native, first.orderIds[0]!)
    const { frames, spokenMs } = await heardOf(fromSamples, fromSamples + (first.playMs + 1000) * 48)
    t.ok(spokenMs > 800, `${String(spokenMs)} ms of speech`)
    t.ok(Math.abs(frames.length * 20 - first.playMs) <= 120, `${String(frames.length * 20)} ms on the air of ${String(first.playMs)}`)
    t.ok(frames.at(-1)!.houseSamples + OPUS_SAMPLES <= houseSamplesOf(Date.parse(first.expiresAt)) + OPUS_SAMPLES)
    await waitUntil('it has ended by itself', async () => (await alert(first.id)).state === 'ended', 30_000)
    t.match((await server.get(`/v1/clusters/${clusters[0]!.id}/on-air`))['onAir'], { class: 'normal', alert: null }, 'what was on before is back')

    const wrong = await onAir('Đập sắp vỡ. Đập sắp vỡ. Đập sắp vỡ.')
    await announced(native, wrong.orderIds[0]!)
    const cancelled = await server.request('POST', `/v1/alerts/${wrong.id}/cancel`, { reason: 'Báo nhầm' }, binh)
    t.match(cancelled, { status: 200, body: { state: 'cancelled' } })
    const follow = await alert((cancelled.body as unknown as AlertBody).replacedBy!)
    const { fromSamples: saidFrom } = await announced(native, follow.orderIds[0]!)
    t.match((await server.get(`/v1/clusters/${clusters[0]!.id}/on-air`))['onAir'], { orderId: follow.orderIds[0], alert: { id: follow.id, kind: 'real', level: 3 } })
    t.ok((await heardOf(saidFrom, saidFrom + 3 * 48_000)).spokenMs > 800)
    await server.stopOrder(follow.orderIds[0]!)
  })
  await t.test('a CAP message that needs no hand is told to devices and spoken', async (t) => {
    const keys = makeKeys()
    await server.post('/v1/cap-senders', { name: 'Đài', sender: 'kttv@hanam.example', keys: [keys.pem], unitId: province, preAuthorisedUnitIds: [province] })
    const areas = [area({ polygons: [], geocodes: [{ valueName: 'VN-DVHC', value: 'T1' }] })]
    const xml = signedMessage({ sent: capTime(Date.now()), infos: [info({ expires: capTime(Date.now() + 3_600_000), areas })] }, keys)
    const response = await fetch(`${server.api}/v1/cap`, { method: 'POST', headers: { 'authorization': `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/cap+xml' }, body: xml })
    const { outcome, alertId } = (await response.json()) as { readonly outcome: string; readonly alertId: string }
    t.same([response.status, outcome], [201, 'on-air'])
    const { orderIds: [orderId] } = (await server.get(`/v1/alerts/${alertId}`)) as unknown as { readonly orderIds: readonly string[] }
    const { fromSamples } = await announced(native, orderId!)
    await waitUntil('it is spoken', () => {
      const from = native.frames.findIndex(({ houseSamples }) => houseSamples >= fromSamples + 48_000)
      if (from === -1 || native.frames.length < from + 50) return false
      const pcm = native.decodeOpus(from).subarray(0, 50 * OPUS_SAMPLES)
      return rmsDb(pcm, 0, pcm.length) > -35
    }, 30_000)
    await server.stopOrder(orderId!)
  })
  for (const radio of [...others, native]) radio.close()
})
