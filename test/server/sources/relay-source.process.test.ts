import { readFileSync } from 'node:fs'
import t from 'tap'
import { sourceRoom } from '../../../rooms/plan.ts'
import type { SourceSpec } from '../../../server/link/messages.ts'
import { quickPcm } from '../../support/live-sound.ts'
import { assertNoHole, isBridged, relay, relayEngine, RELAY_ROOM, Station, waitForTone } from '../../support/station.ts'
import { shortToneRatioDb } from '../../support/tone-ratio.ts'
import { waitUntil } from '../../support/wait-until.ts'

// Each test waits for real time to pass far more than it computes.
// Real decoders and real time: on a machine with much else to do they take their time.
t.setTimeout(200_000)
t.jobs = 3

t.test('a station that dies, stalls or refuses is left for the next URL, and taken again, without a gap, when it is back', { buffered: true }, async (t) => {
  for (const fault of ['refuse', 'stall'] as const) {
    await t.test(fault, async (t) => {
      const first = await Station.start(t, 700)
      const second = await Station.start(t, 1900)
      const engine = await relayEngine(t, [relay([first.url(), second.url()])])
      await waitForTone(engine, 700)
      t.equal(engine.status('radio')?.urlIndex, 0)
      first.mode = fault
      const tookMs = await waitForTone(engine, 1900)
      t.ok(tookMs < 5000, `the second URL is heard ${tookMs.toFixed(0)} ms after the fault`)
      t.equal(engine.status('radio')?.state, 'fallback')
      t.equal(engine.status('radio')?.urlIndex, 1)
      t.match(engine.status('radio')?.reason, /^URL 1: /)

      first.mode = 'sound'
      const before = engine.frames.length
      await waitForTone(engine, 700)
      t.notOk(engine.frames.slice(before).some(isBridged), 'the return has no gap')
      await waitUntil('only one connection is left', () => first.connections === 1 && second.connections === 0)
      assertNoHole(t, engine)
    })
  }
})

t.test('digital silence for the set time counts as dead, and its return needs sound', { buffered: true }, async (t) => {
  const first = await Station.start(t, 700)
  const second = await Station.start(t, 1900)
  const engine = await relayEngine(t, [relay([first.url(), second.url()], { silenceTimeoutMs: 2000 })])
  await waitForTone(engine, 700)
  first.toneHz = 0
  await waitForTone(engine, 1900)
  t.equal(engine.status('radio')?.state, 'fallback')
  t.match(engine.status('radio')?.reason, /silence/)
  const asked = first.connectionsTotal
  await waitUntil('the silent one has been tried twice', () => first.connectionsTotal >= asked + 2)
  t.equal(engine.status('radio')?.urlIndex, 1, 'silence did not take over')
  first.toneHz = 700
  await waitForTone(engine, 700)
  assertNoHole(t, engine)
})

t.test('noise is left for the next URL, and must sound well for as long as noise takes to be told before it is played again', { buffered: true }, async (t) => {
  const first = await Station.start(t, 700)
  const second = await Station.start(t, 1900)
  const engine = await relayEngine(t, [relay([first.url(), second.url()])], { LOA_BROKEN_SOUND_MS: '2000', LOA_NOISE_FLOOR_MS: '3000', LOA_RELAY_RETRY_MS: '1000' })
  await waitForTone(engine, 700)
  first.toneHz = 'noise'
  await waitForTone(engine, 1900)
  t.match(engine.status('radio'), { state: 'fallback', urlIndex: 1, fault: null, reason: 'URL 1: nothing but noise' })
  const asked = first.connectionsTotal
  const before = engine.frames.length
  await waitUntil('the noisy one has been tried twice', () => first.connectionsTotal >= asked + 2)
  t.equal(engine.status('radio')?.urlIndex, 1, 'noise did not take over')
  t.ok(shortToneRatioDb(quickPcm(engine.frames.slice(before)).subarray(4800), 1900) > 10, 'nor was any of it heard')
  first.toneHz = 700
  await waitForTone(engine, 700, 30_000)
  assertNoHole(t, engine)
})

t.test('a decoder that is killed is back within a second on the same URL; programmes share one connection', { buffered: true }, async (t) => {
  const station = await Station.start(t, 700)
  const engine = await relayEngine(t, [
    relay([station.url()]),
    { kind: 'relay', id: 'other', name: '', urls: ['http://127.0.0.1:9/'], fallbackSourceId: 'radio', silenceTimeoutMs: null, levelling: 'programme', watch: 'all' },
  ])
  engine.setState({
    sources: [relay([station.url()]), { kind: 'relay', id: 'other', name: '', urls: ['http://127.0.0.1:9/'], fallbackSourceId: 'radio', silenceTimeoutMs: null, levelling: 'programme', watch: 'all' }],
    programmes: [{ room: RELAY_ROOM, kind: 'source', sourceId: 'radio' }, { room: sourceRoom('other'), kind: 'source', sourceId: 'other' }],
  })
  await waitForTone(engine, 700)
  t.equal(station.connections, 1)
  const pid = engine.process.pid!
  const child = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim().split(' ').map(Number).find((id) => readFileSync(`/proc/${String(id)}/cmdline`, 'utf8').startsWith('ffmpeg'))
  const from = engine.frames.length
  const before = station.connectionsTotal
  process.kill(child!, 'SIGKILL')
  await waitUntil('the relay has connected again', () => station.connectionsTotal === before + 1)
  await waitForTone(engine, 700)
  const silentMs = engine.frames.slice(from).filter(isBridged).length * 20
  t.ok(silentMs <= 1000, `silent for ${String(silentMs)} ms`)
  assertNoHole(t, engine)
})

t.test('when every URL fails the fallback source is heard, and attempts come at growing distances', { buffered: true }, async (t) => {
  const station = await Station.start(t, 700)
  station.mode = 'refuse'
  const tone: SourceSpec = { kind: 'tone', id: 'beep', name: '', frequencyHz: 1200, levelDbfs: -12 }
  const engine = await relayEngine(t, [relay([station.url()], { fallbackSourceId: 'beep' }), tone])
  await waitForTone(engine, 1200)
  await waitUntil('the relay is down', () => engine.status('radio')?.state === 'down')
  t.match(engine.status('radio')?.reason, /404/)
  await waitUntil('five attempts', () => station.requests.length >= 5, 30_000)
  station.mode = 'sound'
  await waitForTone(engine, 700, 20_000)
  assertNoHole(t, engine)
})
