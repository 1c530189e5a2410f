import t from 'tap'
import { LoginGuard } from '../../control/login-guard.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { fc } from '../support/seed.ts'

const HOUR_MS = 3_600_000

t.test('waits grow, end, and are forgotten', (t) => {
  const clock = new FakeClock()
  const guard = new LoginGuard(clock)
  const waits = Array.from({ length: 18 }, () => {
    const waitMs = guard.waitMs('lan', '192.0.2.1')
    clock.advance(waitMs)
    guard.tried('lan', '192.0.2.1')
    return waitMs / 1000
  })
  t.same(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
  t.equal(guard.waitMs('lan', '192.0.2.2'), 0, 'from elsewhere he gets in')
  t.equal(guard.waitMs('hoa', '192.0.2.1'), 0, 'his neighbour gets in')
  guard.succeeded('lan', '192.0.2.1')
  t.equal(guard.waitMs('lan', '192.0.2.1'), 0)
  for (let n = 0; n < 6; n++) guard.tried('lan', '192.0.2.1')
  t.equal(guard.waitMs('lan', '192.0.2.1'), 2000)
  clock.advance(HOUR_MS)
  guard.tried('lan', '192.0.2.1')
  t.equal(guard.waitMs('lan', '192.0.2.1'), 0, 'an hour later it begins anew')
  t.end()
})

t.test('an address that tries many accounts waits, but not who was let in from there before', (t) => {
  const clock = new FakeClock()
  const guard = new LoginGuard(clock)
  guard.succeeded('lan', '192.0.2.1')
  for (let n = 0; n < 25; n++) guard.tried(`u${String(n)}`, '192.0.2.1')
  t.equal(guard.waitMs('hoa', '192.0.2.1'), 32_000)
  t.equal(guard.waitMs('lan', '192.0.2.1'), 0)
  clock.advance(31 * 24 * HOUR_MS)
  for (let n = 0; n < 25; n++) guard.tried(`u${String(n)}`, '192.0.2.1')
  t.equal(guard.waitMs('lan', '192.0.2.1'), 32_000, 'but that was too long ago')
  t.end()
})

t.test('an account that is guessed at from everywhere leaves strangers one try each', (t) => {
  const guard = new LoginGuard(new FakeClock())
  guard.succeeded('lan', '198.51.100.1')
  for (let n = 0; n < 60; n++) guard.tried('lan', `192.0.2.${String(n)}`)
  t.equal(guard.waitMs('lan', '203.0.113.1'), 0, 'the first is free: the officer in the night gets in')
  guard.tried('lan', '203.0.113.1')
  t.equal(guard.waitMs('lan', '203.0.113.1'), 1000)
  guard.tried('lan', '198.51.100.1')
  t.equal(guard.waitMs('lan', '198.51.100.1'), 0, 'and where he is known he may err as ever')
  t.end()
})

t.test('whatever others try, a first right password is never made to wait', (t) => {
  const addresses = fc.integer({ min: 0, max: 30 }).map((n) => `192.0.2.${String(n)}`)
  fc.assert(fc.property(fc.array(fc.record({ account: fc.constantFrom('officer', 'a', 'b'), address: addresses, pauseMs: fc.nat(5000) }), { maxLength: 200 }), (tries) => {
    const clock = new FakeClock()
    const guard = new LoginGuard(clock)
    for (const { account, address, pauseMs } of tries) {
      guard.tried(account, address)
      clock.advance(pauseMs)
      if (guard.waitMs('officer', '203.0.113.9') !== 0) return false
    }
    return true
  }))
  t.end()
})

t.test('who has an IPv6 address has the 64 bits after it', (t) => {
  const guard = new LoginGuard(new FakeClock())
  for (const address of ['2001:db8:0:1::1', '2001:DB8::1:0:0:0:2', '2001:0db8:0000:0001:ffff::', '2001:db8:0:1:1:2:3:4', '2001:db8:0:1::']) guard.tried('lan', address)
  t.equal(guard.waitMs('lan', '2001:db8:0:1:9::9'), 1000)
  t.equal(guard.waitMs('lan', '2001:db8:0:2::1'), 0)
  for (let n = 0; n < 5; n++) guard.tried('lan', '::ffff:192.0.2.7')
  t.equal(guard.waitMs('lan', '::ffff:192.0.2.8'), 0, 'IPv4 in IPv6 clothes is itself')
  t.end()
})

t.test('a missing code is neither wrong nor right, and a flood fills no memory', (t) => {
  const guard = new LoginGuard(new FakeClock())
  for (let n = 0; n < 30; n++) {
    guard.tried('lan', '192.0.2.1')
    guard.undecided('lan', '192.0.2.1')
  }
  t.equal(guard.waitMs('lan', '192.0.2.1'), 0)
  for (let n = 0; n < 21_000; n++) guard.tried(`u${String(n)}`, `a${String(n)}`)
  t.equal(guard.size, 20_000)
  t.end()
})

t.test('who guesses behind the same address holds up somebody who is known there for half a minute at most', (t) => {
  const clock = new FakeClock({ wallMs: 1_780_000_000_000 })
  const guard = new LoginGuard(clock)
  guard.tried('lan', '203.0.113.9')
  guard.succeeded('lan', '203.0.113.9')
  for (let n = 0; n < 30; n++) guard.tried('lan', '203.0.113.9')
  t.equal(guard.waitMs('lan', '203.0.113.9'), 30_000)
  clock.advance(30_000)
  t.equal(guard.waitMs('lan', '203.0.113.9'), 0)
  t.end()
})
