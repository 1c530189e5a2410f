import t from 'tap'
import { Loudness, meterLength } from '../../../control/client/speak/loudness.ts'
import { isOnAir, screenOf, type Situation } from '../../../server/talk/page/screen.ts'
import { fill, TEXTS } from '../../../server/talk/page/texts.ts'
import type { TalkStatus } from '../../../server/talk/talk-status.ts'

const STATUS: TalkStatus = { name: 'Điện thoại', state: 'live', reason: '', sinceMs: 1, untilMs: 2, nextMs: null, targeted: 3, playing: 2, hearing: 1, units: [], moreUnits: 0, nowMs: 1 }
const LIVE: Situation = { obstacle: null, hasKey: true, keyWrong: false, phase: 'live', line: { kind: 'connected' }, paused: false, microphoneLost: false, status: STATUS, seconds: 0, wasOnAir: false }

t.test('«on air» is said when a cluster plays it, and never else', (t) => {
  t.match(screenOf(LIVE), { headline: 'onAir', tone: 'air', buttons: ['hangUp', 'pause'] })
  const others: Partial<Situation>[] = [
    { phase: 'countdown' }, { phase: 'connecting' }, { phase: 'ended' }, { paused: true }, { microphoneLost: true }, { status: null }, { line: { kind: 'reconnecting' } },
    { status: { ...STATUS, playing: 0, hearing: 0 } }, { status: { ...STATUS, targeted: 0, playing: 0, hearing: 0 } },
  ]
  for (const more of others) {
    const situation = { ...LIVE, ...more }
    t.notOk(isOnAir(situation), JSON.stringify(more))
    t.notMatch(screenOf(situation).tone, 'air', JSON.stringify(more))
  }
  t.match(screenOf({ ...LIVE, status: { ...STATUS, hearing: 0 } }), { headline: 'nobody', tone: 'warn' })
  t.end()
})

t.test('every state has its words', (t) => {
  const headline = (more: Partial<Situation>): string => screenOf({ ...LIVE, ...more }).headline
  const refused = (code: string): string => headline({ line: { kind: 'refused', code, words: { vi: 'v', en: 'e' } } })
  t.same([headline({ obstacle: 'denied' }), headline({ obstacle: 'insecure' }), headline({ hasKey: false }), headline({ keyWrong: true })], ['denied', 'insecure', 'title', 'keyRefused'])
  t.same([headline({ status: { ...STATUS, targeted: 0, playing: 0 } }), headline({ status: { ...STATUS, playing: 0 } })], ['notScheduled', 'covered'])
  t.same([refused('STREAM_ERR_MOUNT_BUSY'), refused('STREAM_ERR_WEBRTC_OFF'), refused('taken-over'), refused('ANYTHING')], ['busy', 'off', 'takenOver', 'refused'])
  t.same(screenOf({ ...LIVE, line: { kind: 'refused', code: 'ANYTHING', words: { vi: 'ngoài giờ', en: 'closed' } } }).words, { vi: 'ngoài giờ', en: 'closed' }, 'a refusal that the page does not know is told in the words of the server')
  t.same(Object.keys(TEXTS.en), Object.keys(TEXTS.vi))
  t.equal(fill('en', 'hears', { hearing: 1, targeted: 3 }), '1 of 3 clusters hear you')
  t.end()
})

t.test('the level is judged over seconds', (t) => {
  const loudness = new Loudness()
  const speech = (amplitude: number): Float32Array => Float32Array.from({ length: 2048 }, (_, i) => amplitude * Math.sin(i / 10))
  t.equal(loudness.verdict(0), null)
  loudness.push(speech(0.001), 0)
  t.equal(loudness.verdict(1000), null, 'too early to say')
  t.equal(loudness.verdict(3500), 'quiet')
  loudness.push(speech(0.3), 4000)
  t.equal(loudness.verdict(4000), 'good')
  loudness.push(speech(0), 4100)
  t.equal(loudness.verdict(6900), 'good', 'a breath is not too quiet')
  t.equal(loudness.verdict(7100), 'quiet')
  loudness.push(speech(1), 8000)
  t.equal(loudness.verdict(9000), 'loud', 'for long enough to be read')
  loudness.reset()
  t.equal(loudness.verdict(9000), null)
  t.same([meterLength(-Infinity), meterLength(-30), meterLength(3)], [0, 0.5, 1])
  t.end()
})
