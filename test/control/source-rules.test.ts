import t from 'tap'
import { checkRelayUrls, maskUrl, unmaskUrls } from '../../control/source-rules.ts'
import { isPrivateHost } from '../../server/sources/private-host.ts'
import { fc } from '../support/seed.ts'

t.test('credentials are masked wherever URLs carry them', (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['https://radio.example.vn/vov1.m3u8', 'https://radio.example.vn/vov1.m3u8'],
    ['https://user:pa%20ss@radio.example.vn/a', 'https://***@radio.example.vn/a'],
    ['rtsp://user:p@ss@cam.example/1', 'rtsp://***@cam.example/1'],
    ['http://token@radio.example.vn', 'http://***@radio.example.vn'],
    ['https://a.example/x?quality=high&token=abc&Signature=d/e', 'https://a.example/x?quality=high&token=***&Signature=***'],
    ['srt://a.example:9000?mode=caller&passphrase=geheim123&streamid=#!::u=me,s=x', 'srt://a.example:9000?mode=caller&passphrase=***&streamid=***'],
    ['https://a.example/x?a=1?key=2', 'https://a.example/x?a=1?key=2'],
  ]
  for (const [url, expected] of cases) t.equal(maskUrl(url), expected)
  t.end()
})

t.test('a password never survives masking', (t) => {
  const secret = fc.stringMatching(/^[A-Za-z0-9!$*,;:@.~-]{8,20}$/).map((text) => `Zq9${text}9qZ`)
  fc.assert(fc.property(secret, fc.constantFrom('http', 'https', 'rtsp', 'rtmp', 'srt'), fc.constantFrom('', '/live', '/live?x=1'), (password, scheme, rest) => !maskUrl(`${scheme}://user:${password}@radio.example.vn${rest}`).includes(password)))
  fc.assert(fc.property(secret, fc.constantFrom('key', 'access_token', 'passphrase', 'sig', 'X-Auth'), (password, name) => !maskUrl(`https://radio.example.vn/a?b=1&${name}=${password}&c=2`).includes(password)))
  t.end()
})

t.test('a masked URL that comes back keeps its credentials, and only that', (t) => {
  const kept = ['https://u:p@a.example/1', 'https://b.example/2']
  t.same(unmaskUrls(['https://***@a.example/1', 'https://c.example/3'], kept), ['https://u:p@a.example/1', 'https://c.example/3'])
  t.same(unmaskUrls(['https://***@a.example/other'], kept), ['https://***@a.example/other'])
  t.end()
})

const check = (url: string, allowPrivate = false): void => { checkRelayUrls([url], { isPrivateHost }, allowPrivate) }

t.test('only schemes the engine can fetch, with a host', (t) => {
  for (const url of ['http://a.example/', 'https://a.example/x.m3u8', 'rtsp://a.example/1', 'rtmp://a.example/live/1', 'srt://a.example:9000', 'rtp://8.8.8.8:5004', 'udp://8.8.8.8:5004']) t.doesNotThrow(() => { check(url) }, url)
  for (const url of ['', 'vov1', 'file:///etc/passwd', 'concat:a|b', 'ftp://a.example/', 'data:audio/mp3,x', 'http://', 'udp://:5000', 'https://a.example/\n-i', 'https://a.example/a b', 'pipe:0', 'HTTP+unix://x']) {
    t.throws(() => { check(url) }, { code: 'LOA_ERR_SOURCE_URL' }, JSON.stringify(url))
  }
  t.end()
})

t.test('private addresses only when allowed, and never shown with credentials', (t) => {
  for (const url of ['http://127.0.0.1/', 'http://0x7f.1/', 'rtsp://2130706433/', 'srt://[::ffff:10.0.0.1]:9000', 'udp://239.1.1.1:5004', 'http://user:geheim@localhost:8000/']) {
    t.throws(() => { check(url) }, { code: 'LOA_ERR_PRIVATE_ADDRESS', message: /^urls\[0\] / }, url)
    t.doesNotThrow(() => { check(url, true) }, url)
  }
  t.throws(() => { check('http://user:geheim@localhost:8000/') }, { message: /^((?!geheim).)*$/ })
  t.end()
})
