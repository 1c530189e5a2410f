import t from 'tap'
import { isMulticastAddress, isPrivateAddress, literalAddress } from '../../../server/sources/private-address.ts'

t.test('addresses that lead inside are private', (t) => {
  for (const ip of [
    '127.0.0.1', '127.255.255.254', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '100.127.255.255', '0.0.0.0', '224.0.0.1',
    '239.255.0.1', '255.255.255.255', '240.0.0.1', '198.18.0.1', '::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::FFFF:7f00:1', '0:0:0:0:0:ffff:a00:1', '64:ff9b::7f00:1',
    '64:ff9b::10.0.0.1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'ff02::1', '2002:7f00:1::', '2001:0:1::', '2001:db8::1', 'localhost', '', '1.2.3', '127.1',
  ]) t.equal(isPrivateAddress(ip), true, ip)
  t.end()
})

t.test('public addresses are not', (t) => {
  for (const ip of ['8.8.8.8', '1.1.1.1', '113.160.0.1', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0', '223.255.255.255', '2001:4860:4860::8888', '2402:800::1', '::ffff:8.8.8.8', '64:ff9b::808:808']) {
    t.equal(isPrivateAddress(ip), false, ip)
  }
  t.end()
})

t.test('host literals are found in every notation that the URL standard knows', (t) => {
  for (const [url, address] of [
    ['http://127.1/', '127.0.0.1'], ['http://0x7f000001/', '127.0.0.1'], ['http://2130706433/', '127.0.0.1'], ['http://0177.0.0.1/', '127.0.0.1'], ['http://[::1]/', '::1'], ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
  ] as const) {
    t.equal(literalAddress(new URL(url).hostname), address, url)
    t.equal(isPrivateAddress(address), true)
  }
  t.equal(literalAddress('radio.example.vn'), undefined)
  t.end()
})

t.test('multicast groups', (t) => {
  t.equal(isMulticastAddress('239.1.1.1'), true)
  t.equal(isMulticastAddress('223.1.1.1'), false)
  t.equal(isMulticastAddress('ff02::1'), true)
  t.equal(isMulticastAddress('fe80::1'), false)
  t.end()
})
