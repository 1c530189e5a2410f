import t from 'tap'
import { iceServersOf } from '../../console/src/parts/listen/ice-servers.ts'
import { ballistic, FLOOR_DBFS, levelOf, shareOf } from '../../console/src/parts/listen/level.ts'
import { fc } from '../support/seed.ts'

t.test('a level is the loudness of the samples', async (t) => {
  const sine = Float32Array.from({ length: 4800 }, (_, at) => 0.5 * Math.sin((2 * Math.PI * at) / 48))
  t.ok(Math.abs(levelOf(sine) - -9.03) < 0.01, 'half of full scale, as a sine')
  t.equal(levelOf(new Float32Array(100)), FLOOR_DBFS)
  t.equal(levelOf(Float32Array.of(1, -1)), 0)
  t.equal(shareOf(0), 1)
  t.equal(shareOf(FLOOR_DBFS), 0)
  t.equal(shareOf(-Infinity), 0)
})

t.test('a meter never shows less than there is, and falls steadily', async () => {
  fc.assert(fc.property(fc.double({ min: -60, max: 0, noNaN: true }), fc.double({ min: -90, max: 0, noNaN: true }), fc.integer({ min: 0, max: 5000 }), (shown, now, elapsedMs) => {
    const next = ballistic(shown, now, elapsedMs)
    return next >= now && next >= FLOOR_DBFS && next <= Math.max(shown, now) && (next === now || next === FLOOR_DBFS || Math.abs(shown - next - elapsedMs * 0.024) < 1e-9)
  }))
})

t.test('servers for ICE are read out of Link headers', async (t) => {
  t.same(iceServersOf(null), [])
  t.same(iceServersOf('<stun:stun.example.net:3478>; rel="ice-server", <turn:turn.example.net?transport=udp>; rel="ice-server"; username="a,b;c"; credential="d=="; credential-type="password", </x>; rel=next'), [
    { urls: 'stun:stun.example.net:3478' },
    { urls: 'turn:turn.example.net?transport=udp', username: 'a,b;c', credential: 'd==' },
  ])
})
