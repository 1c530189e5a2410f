import t from 'tap'
import { ElasticBuffer } from '../../../rooms/elastic-buffer.ts'
import { SoundMonitor } from '../../../server/sources/sound-monitor.ts'
import { StudioLine, type StudioSession } from '../../../server/sources/studio-line.ts'
import { watchTimes } from '../../../server/sources/watch-times.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { drums, noise } from '../../support/programme-sounds.ts'

const SERVER = { noiseFloorMs: 90_000, brokenSoundMs: 3000, stuckSoundMs: 20_000 }

class Session implements StudioSession {
  readonly buffer = new ElasticBuffer({ targetMs: 40, maxTargetMs: 1000, windowMs: 1000, trimAboveMs: 400, capacityMs: 3000 })
  readonly monitor: SoundMonitor
  readonly hasSound = true
  readonly receivedBytes = null
  readonly endReason = undefined
  readonly fault = false

  constructor(monitor: SoundMonitor) {
    this.monitor = monitor
  }

  read(block: Float32Array): number {
    return this.buffer.read(block)
  }

  setNeeded(): void { /* it lives */ }
  check(): void { /* it lives */ }
  end(): void { /* it lives */ }
  close(): Promise<void> {
    return Promise.resolve()
  }
}

t.test('what is not worth hearing is no sound to the chain; what is overdriven is told of and played', async (t) => {
  const clock = new FakeClock()
  const line = new StudioLine<Session>(clock, () => undefined)
  t.teardown(() => line.close())
  const session = new Session(new SoundMonitor(watchTimes({ watch: 'all', silenceTimeoutMs: null }, 2000, SERVER)))
  line.take(session)
  const block = new Float32Array(960)
  let at = 0
  /** @returns how many blocks were played */
  const play = (pcm: Float32Array): number => {
    let played = 0
    for (let from = 0; from + 960 <= pcm.length; from += 960, at += 960) {
      const piece = pcm.subarray(from, from + 960)
      session.monitor.push(piece)
      session.buffer.write(piece)
      if (line.read(block, at) === 960) played += 1
    }
    return played
  }
  t.ok(play(drums(2)) > 90)
  t.match(line.report(), { state: 'live', fault: null, reason: '' })

  const ofNoise = play(noise(8)) / 50
  t.ok(ofNoise > 2.5 && ofNoise < 4.5, `${String(ofNoise)} s of the noise were played`)
  t.match(line.report(), { state: 'silent', fault: 'noise', reason: 'nothing but noise' })
  line.forced = true
  t.equal(play(noise(1)), 50, 'but who forces it hears it')
  line.forced = false
  t.equal(play(noise(1)), 0)
  play(drums(4))
  t.match(line.report(), { state: 'live', fault: null, reason: '' }, 'it is back')

  const ofSilence = play(new Float32Array(48_000 * 6)) / 50
  t.ok(Math.abs(ofSilence - 2) < 0.2, `${String(ofSilence)} s of the silence were played`)
  t.match(line.report(), { state: 'silent', fault: 'silence', reason: 'digital silence' })
  t.ok(play(drums(2)) > 92, 'a voice loses no word')

  t.ok(play(drums(12).map((x) => Math.max(-1, Math.min(1, x * 5000)))) > 590)
  t.match(line.report(), { state: 'live', fault: 'clipping', reason: /its samples are cut off: / })
})

t.test('a source says what is looked for', (t) => {
  t.same(watchTimes({ watch: 'all', silenceTimeoutMs: null }, 5000, SERVER), { silenceMs: 5000, noiseFloorMs: 90_000, brokenMs: 3000, stuckMs: 20_000 })
  t.same(watchTimes({ watch: 'silence', silenceTimeoutMs: 7000 }, 5000, SERVER), { silenceMs: 7000, noiseFloorMs: 0, brokenMs: 0, stuckMs: 0 })
  t.same(watchTimes({ watch: 'off', silenceTimeoutMs: 7000 }, 5000, SERVER), { silenceMs: 0, noiseFloorMs: 0, brokenMs: 0, stuckMs: 0 })
  t.end()
})
