import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { s16leToFloat } from '../../codec/index.ts'
import { uploadClip } from '../support/enrolled-device.ts'
import { LoaServer } from '../support/loa-server.ts'
import { lagOf, SpeakerProcess, tapAt } from '../support/speaker-process.ts'
import { wavyNoise } from '../support/virtual-station.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const CLIP_SECONDS = 9
const PLAYED_SAMPLES = 5.5 * 48_000
const PRESENTATION_DELAY_SAMPLES = 0.8 * 48_000
const WINDOW = 4800

const folder = mkdtempSync(join(tmpdir(), 'loa-in-step-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })

t.test('three processes with crystals that are off play the programme in step, each sample at its time', async (t) => {
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const clip = wavyNoise(CLIP_SECONDS, 9)
  const clipId = await uploadClip(server, clip)
  const devices = [['0', '0'], ['50', '-30'], ['-50', '30']] as const
  const speakers: SpeakerProcess[] = []
  t.teardown(async () => { await Promise.all(speakers.map((speaker) => speaker.stop())) })
  for (const [index, [ppm, clockPpm]] of devices.entries()) {
    const { id, key } = await server.cluster(unit, `C${String(index)}`)
    speakers.push(new SpeakerProcess(folder, `s${String(index)}`, ['--server', server.stream.replace('http', 'ws'), '--cluster', id, '--key', key, '--format', 'opus-64', '--queue-ms', '150', '--ppm', ppm, '--clock-ppm', clockPpm]))
  }
  for (const speaker of speakers) await waitUntil('it is connected', () => /"connected"/.test(speaker.log), 30_000)
  await server.post('/v1/orders', { class: 'normal', title: 'Bản tin', clipIds: [clipId], targets: { units: [unit], clusters: [], tags: [] } })
  const fromOf = (speaker: SpeakerProcess): number | undefined =>
    speaker.events.map(({ event, onAir }) => (event === 'on-air' ? (onAir as { fromSamples?: number }).fromSamples : undefined)).find((from) => from !== undefined)
  const anchors: number[] = []
  for (const speaker of speakers) {
    const from = await waitUntil('the order is on air', () => fromOf(speaker))
    anchors.push(from)
    await waitUntil('some seconds of it have left', () => (speaker.taps.at(-1)?.place ?? 0) > from + PRESENTATION_DELAY_SAMPLES + PLAYED_SAMPLES, 30_000)
  }
  const statuses = speakers.map((speaker) => speaker.log)
  await Promise.all(speakers.map((speaker) => speaker.stop()))
  t.ok(statuses.every((log) => /"event":"played"/.test(log)), 'what has left was told')

  const taps = speakers.map((speaker) => speaker.taps)
  const sounds = speakers.map(({ wav }) => s16leToFloat(readFileSync(wav).subarray(44)))
  const untilMs = Math.min(...taps.map((lines) => lines.at(-1)!.trueMs))
  let worstPlaceMs = 0
  let worstSoundMs = 0
  const againstClipMs: number[] = []
  let shift: number | undefined
  let lowestCorrelation = 1
  for (let trueMs = untilMs - 5000; trueMs < untilMs - 200; trueMs += 300) {
    const places = taps.map((lines) => tapAt(lines, trueMs, 'place'))
    const samples = taps.map((lines) => Math.round(tapAt(lines, trueMs, 'sample')))
    worstPlaceMs = Math.max(worstPlaceMs, (Math.max(...places) - Math.min(...places)) / 48)
    const lags = sounds.map((sound, i) => lagOf(sound, samples[i]!, sounds[0]!, samples[0]!, WINDOW, 480).lag)
    worstSoundMs = Math.max(worstSoundMs, (Math.max(...lags) - Math.min(...lags)) / 48)
    // And against the programme itself: what is heard at a place is the clip's sample of that place.
    const clipSample = Math.round(places[0]! - PRESENTATION_DELAY_SAMPLES - anchors[0]!)
    if (clipSample < 4800) continue
    // Where the order's first sample stands is told to some tens of ms only, so the first look is a wide one.
    shift ??= Math.round(lagOf(sounds[0]!, samples[0]!, clip, clipSample, 2400, 24_000).lag)
    const { lag, correlation } = lagOf(sounds[0]!, samples[0]! + shift, clip, clipSample, WINDOW, 480)
    againstClipMs.push(lag / 48)
    lowestCorrelation = Math.min(lowestCorrelation, correlation)
  }
  t.comment(`skew by places ${worstPlaceMs.toFixed(3)} ms, by sound ${worstSoundMs.toFixed(3)} ms; against the programme ${Math.min(...againstClipMs).toFixed(3)} to ${Math.max(...againstClipMs).toFixed(3)} ms, correlation ${lowestCorrelation.toFixed(3)}`)
  t.ok(worstPlaceMs <= 5, 'places')
  t.ok(worstSoundMs <= 5, 'sound')
  t.ok(againstClipMs.length > 5)
  t.ok(Math.max(...againstClipMs) - Math.min(...againstClipMs) <= 0.5, 'each sample of the programme at its time')
  t.ok(lowestCorrelation > 0.9, 'it is the programme')
})
