import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { localDay } from '../../control/schedule/calendar.ts'
import { HOUSE_EPOCH_WALL_MS, houseMsAt } from '../../rooms/house-clock.ts'
import { enrolDevice, runsOf, startDevice, uploadClip } from '../support/enrolled-device.ts'
import { LoaServer } from '../support/loa-server.ts'
import { waitUntil } from '../support/wait-until.ts'
import { wandering } from '../speaker/alone/sounds.ts'

t.setTimeout(200_000)

const ZONE = 'Asia/Ho_Chi_Minh'
/** How far from its moment a start is heard. */
const START_BOUND_MS = 20
/** What a busy machine may take from the beginning and the end of a sound. */
const BUSY_MS = 300
const DELAY_MS = 800
const CLIP_MS = 2000

/** The whole second so far from now. */
const secondIn = (ms: number): number => Math.ceil((Date.now() + ms) / 1000) * 1000
/** As an item says a moment. */
const at = (ms: number) => ({ firstDay: localDay(ms, ZONE), time: new Date(ms + 7 * 3_600_000).toISOString().slice(11, 19) })

interface Play { readonly orderId: string | null; readonly state: string; readonly from: string }

t.test('planned, kept through a kill of the whole server, moved, begun on its moment, joined and left on the second; and begun by a device that is alone', async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'loa-device-'))
  t.teardown(() => { rmSync(stateDir, { recursive: true, force: true }) })
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const { id: clusterId } = await server.cluster(unit, 'C1')
  const clipIds = [await uploadClip(server, wandering(CLIP_MS / 1000, 1500))]
  const tone = await server.tone('Đài', 700)
  await enrolDevice(server, clusterId, stateDir)
  const plays = async (id: string): Promise<readonly Play[]> => ((await server.get(`/v1/schedule-items/${id}/plays?from=${encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString())}`)) as { plays: Play[] }).plays

  const common = { class: 'normal', targets: { units: [unit] } }
  const add = async (title: string, startMs: number, what: object): Promise<string> => (await server.post('/v1/schedule-items', { ...common, title, ...what, ...at(startMs) }))['id'] as string
  const laterMs = secondIn(3_600_000)
  const clips = await add('Bản tin', laterMs, { clipIds })
  const planned = await plays(clips)
  t.match(planned, [{ state: 'scheduled', from: new Date(laterMs).toISOString() }])
  await server.killAll()
  await server.run()
  t.same(await plays(clips), planned, 'the same order and no other')

  const device = await startDevice(t, server, stateDir)
  await waitUntil('the device is there', () => device.events.some(({ event }) => event === 'connected'), 30_000)
  const relayMs = secondIn(6000)
  const clipMs = relayMs + 2000
  const aloneMs = relayMs + 7000
  const relayed = await add('Tiếp sóng', relayMs, { sourceId: tone, durationMs: 1000 })
  const byItself = await add('Tin tối', aloneMs, { clipIds })
  t.match(await server.request('PATCH', `/v1/schedule-items/${clips}`, at(clipMs)), { status: 200, body: { version: 2 } })
  const [[relayPlay], clipPlays, [alonePlay]] = [await plays(relayed), await plays(clips), await plays(byItself)]
  t.equal(clipPlays.length, 1)
  t.not(clipPlays[0]?.orderId, planned[0]?.orderId, 'moved')

  /** The sound of an order: how far from its planned moment its place on the house clock is, and the moment at which it left the device, ms; and its length. */
  const heard = (play: Play | undefined, startMs: number) => {
    const run = runsOf(device.played).find(({ orderId }) => orderId === play?.orderId)
    const first = device.played.find(({ orderId }) => orderId === play?.orderId)
    return run === undefined || first === undefined ? null : { placeMs: houseMsAt(run.fromSamples) - startMs, heardMs: HOUSE_EPOCH_WALL_MS + first.heardAtHouseUs / 1000 - startMs - DELAY_MS, lengthMs: (run.untilSamples - run.fromSamples) / 48, playing: run.playing }
  }
  const played = (play: Play | undefined, startMs: number, lengthMs: number) => waitUntil(`${String(play?.orderId)} has been played`, () => {
    const sound = heard(play, startMs)
    return sound !== null && sound.lengthMs >= lengthMs - BUSY_MS ? sound : null
  }, 30_000)
  const [relay, clip] = [await played(relayPlay, relayMs, 1000), await played(clipPlays[0], clipMs, CLIP_MS)]
  await waitUntil('the device keeps what is to come, with its sound', () => device.alone.status().bundle.filesMissing === 0, 30_000)
  await server.killAll()
  const alone = await played(alonePlay, aloneMs, CLIP_MS)
  for (const [name, { orderId }, startMs] of [['relay', relayPlay!, relayMs], ['clip', clipPlays[0]!, clipMs]] as const) {
    const told = device.events.flatMap((event) => (event.event === 'on-air' && event.onAir.orderId === orderId && event.onAir.fromSamples !== undefined ? [event.onAir.fromSamples] : []))
    t.ok(told.every((samples) => Math.abs(houseMsAt(samples) - startMs) <= 1) && told.length > 0, `${name}: told to begin on its moment`)
  }
  const sounds = Object.entries({ relay, clip, alone })
  for (const [name, { placeMs, heardMs }] of sounds) t.ok([placeMs, heardMs].every((ms) => ms > -START_BOUND_MS && ms < BUSY_MS), `${name}: its place is ${placeMs.toFixed(1)} ms from its moment, and it is heard ${heardMs.toFixed(1)} ms from it`)
  t.ok(sounds.some(([, { heardMs }]) => heardMs <= START_BOUND_MS), `within ${String(START_BOUND_MS)} ms when the machine has time`)
  t.same(sounds.map(([, { playing }]) => playing), ['live', 'live', 'cached'])
  t.ok(relay.placeMs + relay.lengthMs <= 1000 + START_BOUND_MS, `the relay is left ${(relay.placeMs + relay.lengthMs).toFixed(1)} ms after its beginning`)
})
