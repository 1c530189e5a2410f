import t from 'tap'
import type { VoiceCodecName } from '../../../server/phone/media/voice-codec.ts'
import { Baresip } from '../../support/baresip.ts'
import { openTestLine } from '../../support/phone-line.ts'
import { shortToneRatioDb, toneRatioDb } from '../../support/tone-ratio.ts'
import { waitUntil } from '../../support/wait-until.ts'

t.setTimeout(200_000)

const SAYS_HZ = 700
const HEARS_HZ = 1100

const tone = (hz: number, seconds: number): Float32Array => Float32Array.from({ length: seconds * 48_000 }, (_, index) => 0.3 * Math.sin((2 * Math.PI * hz * index) / 48_000))

/** The best half second: where a machine with much else to do lost nothing. */
function bestRatioDb(pcm: Float32Array, hz: number, rateHz: number): number {
  let best = -Infinity
  for (let at = 0; at + rateHz / 2 <= pcm.length; at += rateHz / 10) {
    const ratioDb = toneRatioDb(pcm.subarray(at, at + rateHz / 2), hz, { rateHz })
    // Of nothing at all no ratio can be told.
    if (ratioDb > best) best = ratioDb
  }
  return best
}

const phones: readonly { readonly codec: VoiceCodecName; readonly account: string; readonly secret: RegExp | null }[] = [
  { codec: 'pcma', account: 'audio_codecs=pcma', secret: null },
  { codec: 'opus', account: 'audio_codecs=opus;mediaenc=srtp-mand', secret: /SRTP is Enabled \(cryptosuite=AES_CM_128_HMAC_SHA1_80\)/ },
  { codec: 'pcmu', account: 'audio_codecs=pcmu;mediaenc=srtp', secret: /SRTP is Enabled/ },
]

t.test('a real phone is heard and hears', { jobs: phones.length }, async (t) => {
  for (const { codec, account, secret } of phones) {
    t.test(`${codec}${secret === null ? '' : ', encrypted'}`, async (t) => {
      const { line, call } = await openTestLine(t)
      const phone = Baresip.start(t, { says: tone(SAYS_HZ, 8), account, channels: codec === 'opus' ? 2 : 1, seconds: 20, commands: [`/dial sip:100@127.0.0.1:${String(line.port)}`] })
      const heard = await call(0)
      await waitUntil(`the call is answered: ${phone.output.slice(-300)}`, () => heard.answered !== null)
      t.equal(heard.answered, '')
      await waitUntil(`a second of sound: ${phone.output.slice(-300)}`, () => heard.blocks.length > 50)
      t.equal(await heard.call.play(tone(HEARS_HZ, 1)), true, 'played to its end')
      await waitUntil('half a second of clean sound', () => shortToneRatioDb(heard.sound.subarray(-24_000), SAYS_HZ) > 25)
      phone.end()
      await phone.ended()
      await waitUntil('the call has ended', () => heard.ended)
      t.equal(heard.ended, 'the caller hung up')
      t.equal(heard.endedTimes, 1)
      const { pcm, rateHz } = phone.heard()
      t.ok(bestRatioDb(pcm, HEARS_HZ, rateHz) > 25, `the phone heard our tone ${bestRatioDb(pcm, HEARS_HZ, rateHz).toFixed(1)} dB over all else`)
      if (secret !== null) t.match(phone.output, secret)
    })
  }
})
