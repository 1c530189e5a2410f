import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { PHONE_PCM } from '../../../server/sources/ingest-protocol.ts'
import type { SourceContext } from '../../../server/sources/open-source.ts'
import { pauseBytes, readPhonePcm, voiceBytes } from '../../../server/sources/phone-pcm.ts'
import { PhoneSource } from '../../../server/sources/phone-source.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fc } from '../../support/seed.ts'

const BLOCK = 960
const HELLO = { sourceId: 's', contentType: PHONE_PCM, userAgent: 'call', remoteAddress: '192.0.2.1', keyClass: 'normal', keyTag: '' } as const

t.test('a pause is silence that was meant: whoever stands in is not asked, as he is when the line is dead', async (t) => {
  const clock = new FakeClock()
  const context = { clock, config: { studioSilenceMs: 5000, noiseFloorMs: 90_000, brokenSoundMs: 5000, stuckSoundMs: 30_000 }, logger: { info: () => undefined }, changed: () => undefined } as unknown as SourceContext
  const source = new PhoneSource({ kind: 'phone', id: 's', name: 's', fallbackSourceId: 'music', silenceTimeoutMs: null, levelling: 'speech', watch: 'all' }, context)
  t.teardown(() => source.close())
  const socket = new PassThrough()
  t.same(source.accept(HELLO, socket as unknown as Socket), { accepted: true, tookOver: false })
  source.setNeeded(true)
  let at = 0
  const block = new Float32Array(BLOCK)
  /** @returns of the last block */
  const play = async (ms: number, bytes: () => Buffer): Promise<number> => {
    let filled = 0
    for (let played = 0; played < ms; played += 20) {
      socket.write(bytes())
      await new Promise((resolve) => setImmediate(resolve))
      filled = source.read(block, at)
      at += BLOCK
      clock.advance(20)
    }
    return filled
  }
  const voice = (): Buffer => voiceBytes(Float32Array.from({ length: BLOCK }, (_, i) => Math.sin(i / 9 + at) * Math.sin((at + i) / 3000) * 0.4))
  t.equal(await play(1000, voice), BLOCK)
  t.equal(await play(20_000, () => pauseBytes(BLOCK)), BLOCK, 'it goes on')
  t.same([block.every((sample) => sample === 0), source.report().state, source.report().fault], [true, 'live', null])
  t.equal(await play(1000, voice), BLOCK)
  t.equal(await play(6000, () => voiceBytes(new Float32Array(BLOCK))), 0)
  t.match(source.report(), { state: 'silent', fault: 'silence' })
})

t.test('no voice is taken for a pause, however loud', (t) => {
  fc.assert(fc.property(fc.array(fc.float({ min: -2, max: 2, noNaN: true })), (samples) => {
    const { pcm, voice } = readPhonePcm(voiceBytes(Float32Array.from(samples)))
    return voice.length === samples.length && pcm.every((sample, i) => Math.abs(sample - Math.max(-1, Math.min(1, samples[i]!))) < 1e-4)
  }))
  const { pcm, voice } = readPhonePcm(Buffer.concat([voiceBytes(Float32Array.of(0.5, -1)), pauseBytes(2)]))
  t.same([[...pcm].map((sample) => Math.round(sample * 10)), voice.length], [[5, -10, 0, 0], 2])
  t.end()
})
