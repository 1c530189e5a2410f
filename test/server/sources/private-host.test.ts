import t from 'tap'
import { isPrivateHost } from '../../../server/sources/private-host.ts'
import { fc } from '../../support/seed.ts'

t.test('private hosts in every notation', (t) => {
  for (const host of [
    'localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'printer.local', 'db.internal', 'nas.home.arpa', 'ip6-localhost',
    '127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '017700000001', '127.0.0.1.',
    '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1', '100.127.255.255', '0.0.0.0', '224.0.0.1', '255.255.255.255',
    '[::1]', '[::]', '[fe80::1]', '[fe80::1%25eth0]', '[fc00::1]', '[fd12:3456::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:a9fe:a9fe]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[ff02::1]',
    '%31%32%37.0.0.1', '１２７.0.0.1', '%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1', '127。0。0。1',
    '', '%', '[::1', '1.2.3.4.5', '256.1.1.1', 'a b',
  ]) t.equal(isPrivateHost(host), true, JSON.stringify(host))
  t.end()
})

t.test('public hosts', (t) => {
  for (const host of ['vov.vn', 'radio.example.vn', 'localhost.example.vn', 'mylocal', '8.8.8.8', '172.32.0.1', '100.128.0.1', '134744072', '0x08080808', '[2001:4860:4860::8888]', '[::ffff:8.8.8.8]', 'đài.vn']) {
    t.equal(isPrivateHost(host), false, JSON.stringify(host))
  }
  t.end()
})

t.test('no notation of a private address gets through', (t) => {
  const octet = fc.integer({ min: 0, max: 255 })
  const write = fc.constantFrom((n: number) => String(n), (n: number) => `0x${n.toString(16)}`, (n: number) => `0${n.toString(8)}`)
  fc.assert(fc.property(fc.constantFrom([127], [10], [192, 168], [169, 254]), octet, octet, octet, fc.tuple(write, write, write, write), fc.integer({ min: 1, max: 4 }), (start, b, c, d, writers, parts) => {
    const bytes = [...start, b, c, d].slice(0, 4) as [number, number, number, number]
    // A literal of fewer than four parts holds all remaining bytes in its last one.
    const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0)
    const host = [...bytes.slice(0, parts - 1), last].map((n, index) => writers[index]!(n)).join('.')
    return isPrivateHost(host)
  }))
  t.end()
})
