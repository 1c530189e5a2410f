import t from 'tap'
import { CapError } from '../../../control/cap/cap-error.ts'
import { capTime, capTimeMs, CATEGORIES, CERTAINTIES, MESSAGE_TYPES, RESPONSE_TYPES, SCOPES, SEVERITIES, STATUSES, URGENCIES, type CapMessage } from '../../../control/cap/cap-message.ts'
import { readCap } from '../../../control/cap/cap-reader.ts'
import { writeCap } from '../../../control/cap/cap-writer.ts'
import { readXml } from '../../../control/cap/xml.ts'
import { area, info, LIMITS, message, read, SAMPLES } from '../../support/cap-samples.ts'
import { fc } from '../../support/seed.ts'

const parse = (text: string): CapMessage => readCap(read(text))

/** Where and why a text is refused. */
function refusal(text: string | Uint8Array): string {
  try {
    readCap(readXml(typeof text === 'string' ? Buffer.from(text) : text, LIMITS))
    return 'taken'
  } catch (error) {
    if (!(error instanceof CapError)) throw error
    return `${error.code} ${error.path} ${error.message}`
  }
}

t.test('messages as offices write them are read whole', (t) => {
  const typhoon = parse(SAMPLES['typhoon']!)
  t.match(typhoon, { identifier: 'urn:oid:2.49.0.0.704.0.2026.6.18.3.0.1', msgType: 'Update', codes: ['layer:tc:1.0', 'VN'], incidents: 'bao-so-1', references: [{ identifier: 'urn:oid:2.49.0.0.704.0.2026.6.17.21.0.1' }, { sent: '2026-06-17T15:00:00-00:00' }] })
  t.match(typhoon.infos[0], { language: 'vi', categories: ['Met', 'Safety'], responseTypes: ['Shelter', 'Prepare'], description: 'Gió mạnh cấp 11 < 12, giật cấp 14 & mưa 200–300 mm.', web: 'https://khituong.example/bao/1?ban=7&t=1', resources: [{ sizeBytes: 48_213 }] })
  t.match(typhoon.infos[0]!.areas[0], { circles: [{ lat: 20.25, lon: 106.3, radiusKm: 40.5 }, { lat: -0.5, lon: -12, radiusKm: 0 }], geocodes: [{ valueName: 'VN-DVHC', value: '31' }], ceiling: 32.5 })
  t.equal(typhoon.infos[1]!.language, 'en-US', 'as the standard says')
  t.match(parse(SAMPLES['thunderstorm']!).infos[0], { description: 'AT 10:54 AM\r\nRADAR INDICATED A STORM > 18 MILES SOUTHEAST' })
  t.match(parse(SAMPLES['cancelled']!), { msgType: 'Cancel', infos: [] })
  t.end()
})

t.test('what is written is read again', (t) => {
  for (const text of Object.values(SAMPLES)) t.same(parse(writeCap(parse(text))), parse(text))
  const name = fc.stringMatching(/^[^\s,<&]{1,40}$/u).filter((value) => !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(value))
  const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map((value) => value.trim()).filter((value) => value !== '' && !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(value))
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
  const time = fc.integer({ min: 0, max: 4_102_444_799 }).map((seconds) => capTime(seconds * 1000))
  const place = fc.record({ lat: fc.integer({ min: -90_000, max: 90_000 }).map((value) => value / 1000), lon: fc.integer({ min: -180_000, max: 180_000 }).map((value) => value / 1000) })
  const polygon = fc.array(place, { minLength: 3, maxLength: 8 }).map((places) => [...places, places[0]!])
  const named = fc.array(fc.record({ valueName: words, value: words }), { maxLength: 3 })
  const messages: fc.Arbitrary<CapMessage> = fc.record({
    identifier: name, sender: name, sent: time, status: fc.constantFrom(...STATUSES), msgType: fc.constantFrom(...MESSAGE_TYPES), source: maybe(words), scope: fc.constantFrom(...SCOPES), restriction: maybe(words), addresses: words,
    codes: fc.array(words, { maxLength: 2 }), note: maybe(words), references: fc.array(fc.record({ sender: name, identifier: name, sent: time }), { minLength: 1, maxLength: 3 }), incidents: maybe(words),
    infos: fc.array(fc.record({
      language: fc.constantFrom('vi', 'vi-VN', 'tyz', 'en-US'), categories: fc.array(fc.constantFrom(...CATEGORIES), { minLength: 1, maxLength: 3 }), event: words, responseTypes: fc.array(fc.constantFrom(...RESPONSE_TYPES), { maxLength: 2 }),
      urgency: fc.constantFrom(...URGENCIES), severity: fc.constantFrom(...SEVERITIES), certainty: fc.constantFrom(...CERTAINTIES), audience: maybe(words), eventCodes: named, effective: maybe(time), onset: maybe(time), expires: maybe(time),
      senderName: maybe(words), headline: maybe(words), description: maybe(words), instruction: maybe(words), web: maybe(fc.webUrl()), contact: maybe(words), parameters: named,
      resources: fc.array(fc.record({ resourceDesc: words, mimeType: fc.constant('audio/mpeg'), sizeBytes: maybe(fc.nat()), uri: maybe(fc.webUrl()), derefUri: maybe(fc.base64String({ minLength: 4 })), digest: fc.constant(null) }), { maxLength: 1 }),
      areas: fc.array(fc.record({ areaDesc: words, polygons: fc.array(polygon, { maxLength: 2 }), circles: fc.array(place.map((centre) => ({ ...centre, radiusKm: 1.5 })), { maxLength: 2 }), geocodes: named, altitude: fc.constant(12.5), ceiling: maybe(fc.nat(9000)) }), { maxLength: 2 }),
    }), { maxLength: 2 }),
  })
  fc.assert(fc.property(messages, (made) => { t.equal(JSON.stringify(parse(writeCap(made))), JSON.stringify(made)) }), { numRuns: 50 })
  t.end()
})

t.test('every rule names the element that breaks it', (t) => {
  const good = writeCap(message())
  t.equal(refusal(good), 'taken')
  const cases: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    ['another namespace', (text) => text.replace('cap:1.2', 'cap:1.1'), /RULE alert must be an alert/],
    ['another root', (text) => text.replaceAll(/<(\/?)alert/g, '<$1warning'), /RULE alert/],
    ['no identifier', (text) => text.replace(/<identifier>.*<\/identifier>/, ''), /RULE identifier is missing: sender stands in its place/],
    ['a space in the identifier', (text) => text.replace('VN-HNM', 'VN HNM'), /RULE identifier must have/],
    ['a comma in the sender', (text) => text.replace('kttv@', 'kttv,@'), /RULE sender/],
    ['an & in the identifier', (text) => text.replace('VN-HNM', 'VN&amp;HNM'), /RULE identifier/],
    ['elements in another order', (text) => text.replace(/(<status>.*?<\/status>)(<msgType>.*?<\/msgType>)/, '$2$1'), /RULE status is missing: msgType stands in its place/],
    ['a word that is none', (text) => text.replace('Actual', 'Real'), /RULE status must be one of Actual, Exercise/],
    ['the case of a word', (text) => text.replace('Actual', 'actual'), /RULE status/],
    ['Very Likely, of CAP 1.0', (text) => text.replace('Observed', 'Very Likely'), /RULE info\[1\]\.certainty/],
    ['no scope', (text) => text.replace(/<scope>.*<\/scope>/, ''), /RULE scope is missing/],
    ['Private without addresses', (text) => text.replace('Public', 'Private'), /RULE addresses must be there/],
    ['Update without references', (text) => text.replace('>Alert<', '>Update<'), /RULE references must name/],
    ['a reference of two', (text) => text.replace('<info>', '<references>a,b</references><info>'), /RULE references must be «sender,identifier,sent»/],
    ['a reference with a bad time', (text) => text.replace('<info>', '<references>a,b,2026-06-18T10:00:00Z</references><info>'), /RULE references/],
    ['Z as the zone', (text) => text.replace('10:00:00+07:00', '03:00:00Z'), /RULE sent must be a time/],
    ['fractions of seconds', (text) => text.replace('10:00:00+07:00', '10:00:00.5+07:00'), /RULE sent/],
    ['30 February', (text) => text.replace('2026-06-18T10', '2026-02-30T10'), /RULE sent/],
    ['no category', (text) => text.replace(/<category>.*?<\/category>/, ''), /RULE info\[1\]\.category is missing/],
    ['an empty event', (text) => text.replace(/<event>.*?<\/event>/, '<event> </event>'), /RULE info\[1\]\.event must not be empty/],
    ['two headlines', (text) => text.replace(/(<headline>.*?<\/headline>)/, '$1$1'), /RULE info\[1\]\.headline is not allowed at this place/],
    ['an element unknown', (text) => text.replace('<headline>', '<subject>x</subject><headline>'), /RULE info\[1\]\.subject/],
    ['text beside elements', (text) => text.replace('<info>', '<info>lũ'), /RULE info\[1\] must hold elements/],
    ['an element in a text', (text) => text.replace('<event>', '<event><b/>'), /RULE info\[1\]\.event must hold text/],
    ['an attribute', (text) => text.replace('<event>', '<event kind="x">'), /RULE info\[1\]\.event must not have the attribute kind/],
    ['a language that is none', (text) => text.replace('vi-VN', 'tiếng Việt'), /RULE info\[1\]\.language/],
    ['an open polygon', (text) => text.replace(' 20.5,105.8</polygon>', '</polygon>'), /RULE info\[1\]\.area\[1\]\.polygon\[1\] must have four/],
    ['a polygon of three', (text) => text.replace(/<polygon>.*?<\/polygon>/, '<polygon>0,0 1,1 0,0</polygon>'), /RULE info\[1\]\.area\[1\]\.polygon\[1\] must have four/],
    ['a latitude beyond the pole', (text) => text.replace('20.6,106', '90.6,106'), /RULE .*polygon\[1\] must be places/],
    ['a circle without a radius', (text) => text.replace('</polygon>', '</polygon><circle>20,105</circle>'), /RULE info\[1\]\.area\[1\]\.circle\[1\]/],
    ['a circle of negative radius', (text) => text.replace('</polygon>', '</polygon><circle>20,105 -1</circle>'), /RULE .*circle\[1\]/],
    ['a ceiling without an altitude', (text) => text.replace('</polygon>', '</polygon><ceiling>1</ceiling>'), /RULE .*ceiling/],
    ['a resource without a type', (text) => text.replace('<area>', '<resource><resourceDesc>x</resourceDesc></resource><area>'), /RULE info\[1\]\.resource\[1\]\.mimeType is missing/],
    ['something after the infos', (text) => text.replace('</alert>', '<info2/></alert>'), /RULE info2/],
    ['too many infos', (text) => text.replace(/<info>.*<\/info>/, (one) => one.repeat(33)), /SIZE info has more than 32/],
    ['a text without end', (text) => text.replace('Mực nước', 'x'.repeat(20_001)), /SIZE info\[1\]\.description/],
  ]
  for (const [what, change, expected] of cases) t.match(refusal(change(good)), expected, what)
  t.end()
})

t.test('times are read as CAP writes them', (t) => {
  t.equal(capTimeMs('2026-06-18T10:00:00+07:00'), Date.UTC(2026, 5, 18, 3))
  t.equal(capTimeMs('2026-06-18T03:00:00-00:00'), Date.UTC(2026, 5, 18, 3))
  t.equal(capTimeMs('2024-02-29T23:59:59-03:30'), Date.UTC(2024, 2, 1, 3, 29, 59))
  t.equal(capTimeMs('2026-06-18T24:00:00-00:00'), Date.UTC(2026, 5, 19))
  for (const bad of ['', '2026-06-18', '2026-06-18T10:00:00', '2026-6-18T10:00:00+07:00', '2026-06-18T25:00:00+07:00', '2026-06-18T24:00:01-00:00', '2026-06-18T10:00:00+15:00', '2026-06-18T10:00:00+07:60', '2026-06-18T10:00:00,07:00', '2023-02-29T10:00:00+07:00']) t.equal(capTimeMs(bad), undefined, bad)
  t.equal(capTime(Date.UTC(2026, 5, 18, 3, 0, 0, 999)), '2026-06-18T03:00:00-00:00')
  t.end()
})

t.test('attacks by XML are refused before anything is made of them', (t) => {
  const good = writeCap(message())
  const within = (text: string): string => good.replace('Lũ khẩn cấp trên', text)
  t.match(refusal(`<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>${within('&x;')}`), /XML alert must not have a DOCTYPE/)
  t.match(refusal(`<!DOCTYPE alert SYSTEM "http://127.0.0.1/x.dtd">${good}`), /DOCTYPE/)
  const laughs = Array.from({ length: 9 }, (_, index) => `<!ENTITY l${String(index + 1)} "${`&l${String(index)};`.repeat(10)}">`).join('')
  t.match(refusal(`<!DOCTYPE alert [<!ENTITY l0 "ha">${laughs}]>${within('&l9;')}`), /DOCTYPE/)
  t.match(refusal(within('&x;')), /XML alert is not XML: .*entity/)
  t.match(refusal(`<?xml-stylesheet href="http://127.0.0.1/x.xsl"?>${good}`), /XML alert must not have processing instructions/)
  t.match(refusal(good.replace('<info>', '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/><info>')), /RULE xi:include/)
  t.match(refusal('<a>'.repeat(100_000)), /SIZE alert is nested deeper/)
  t.match(refusal(good.replace('<info>', `${'<code>x</code>'.repeat(30_000)}<info>`)), /SIZE alert has more than 20000 elements/)
  t.match(refusal(good.replace('<alert', `<alert ${Array.from({ length: 40 }, (_, index) => `a${String(index)}="1"`).join(' ')}`)), /SIZE alert has more than 32 attributes/)
  t.match(refusal(good.replace('<alert', '<alert xml:base="http://127.0.0.1/"')), /XML .*xml:base/)
  t.match(refusal(good.replace('<alert', '<?xml version="1.1"?><alert')), /XML 1\.0/)
  t.match(refusal(`<?xml version="1.0" encoding="UTF-7"?>${good}`), /must be UTF-8/)
  t.match(refusal(Buffer.from(`\ufeff${good}`, 'utf16le')), /is not UTF-8/)
  t.match(refusal(Buffer.alloc(20 * 1024 * 1024, 65)), /SIZE alert has 20971520 bytes/)
  t.match(refusal(''), /XML/)
  t.match(refusal(good.slice(0, -3)), /XML alert is not XML/)
  t.match(refusal(good + good), /XML alert is not XML/)
  t.match(refusal(within('\u0001')), /XML alert is not XML/)
  t.match(refusal(within('&#0;')), /XML alert is not XML/)
  t.equal(refusal(`\ufeff${good}`), 'taken', 'a byte order mark is none')
  t.end()
})

t.test('no document makes it throw anything else, or take long', (t) => {
  const base = Object.values(SAMPLES)
  const pieces = ['<', '>', '&', '"', "'", '/', '<!--', '-->', '<![CDATA[', ']]>', '<?xml', '&#x', 'xmlns', ':', '<alert>', '</info>', '\ufffe', ',', ' ', '-00:00', '<!DOCTYPE a>', '\u0000']
  const edits = fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(30), put: fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 6 })) }), { minLength: 1, maxLength: 4 })
  let slowestMs = 0
  fc.assert(fc.property(fc.constantFrom(...base), edits, (text, changes) => {
    let changed = text
    for (const { at, cut, put } of changes) {
      const from = Math.floor(at * changed.length)
      changed = changed.slice(0, from) + put + changed.slice(from + cut)
    }
    const startedMs = performance.now()
    refusal(changed)
    slowestMs = Math.max(slowestMs, performance.now() - startedMs)
  }), { numRuns: 1500 })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => { refusal(bytes) }), { numRuns: 300 })
  t.ok(slowestMs < 2000, `the slowest took ${slowestMs.toFixed(1)} ms`)
  t.end()
})

t.test('a message of the greatest size is read in time', (t) => {
  const ring = Array.from({ length: 9_900 }, (_, index) => ({ lat: 20 + index / 1e6, lon: 105 }))
  const big = writeCap(message({ infos: [info({ description: 'x'.repeat(20_000), areas: [area({ polygons: [[...ring, ring[0]!]] })], resources: [{ resourceDesc: 'x', mimeType: 'audio/mpeg', sizeBytes: null, uri: null, digest: null, derefUri: 'A'.repeat(3 * 1024 * 1024) }] })] }))
  const startedMs = performance.now()
  t.equal(refusal(big), 'taken')
  const elapsedMs = performance.now() - startedMs
  t.ok(elapsedMs < 5000, `${String(big.length)} bytes in ${elapsedMs.toFixed(0)} ms`)
  t.end()
})
