import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVerify, generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { SignedXml } from 'xml-crypto'
import { readCapKey } from '../../../control/cap/cap-keys.ts'
import { readCap } from '../../../control/cap/cap-reader.ts'
import { writeCap } from '../../../control/cap/cap-writer.ts'
import { signCap, verifyCap, type SignatureVerdict } from '../../../control/cap/signature.ts'
import { CapKeyFile } from '../../../server/signing/cap-key.ts'
import { EXCLUSIVE, INCLUSIVE, makeKeys, message, read, SAMPLES, signAs, type Keys } from '../../support/cap-samples.ts'
import { fc } from '../../support/seed.ts'

const NOW_MS = Date.UTC(2026, 5, 18, 3)
const [ec, rsa, ed25519] = [makeKeys('ec'), makeKeys('rsa'), makeKeys('ed25519')]
const verdict = (text: string, ...keys: readonly Keys[]): SignatureVerdict => verifyCap(read(text), keys.map(({ pem }) => readCapKey(pem)), NOW_MS)
const plain = writeCap(message())
/** Headers that W3C publishes for them. */
const DSIG = 'http://www.w3.org/2000/09/xmldsig#'

t.test('signatures in the forms that senders use are verified with the registered key', (t) => {
  for (const keys of [ec, rsa, ed25519]) {
    for (const method of [EXCLUSIVE, INCLUSIVE, `${EXCLUSIVE}WithComments`, `${INCLUSIVE}#WithComments`]) {
      for (const [name, text] of Object.entries(SAMPLES)) t.match(verdict(signAs(text, keys, { method }), keys), { verdict: 'valid' }, `${keys.algorithm} ${method} ${name}`)
    }
  }
  t.match(verdict(signAs(plain, ec, { transforms: [`${DSIG}enveloped-signature`], method: INCLUSIVE }), ec), { verdict: 'valid' }, 'without a transform of its own: inclusive')
  t.match(verdict(signAs(plain, rsa, { algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', digestMethod: 'http://www.w3.org/2001/04/xmlenc#sha512', hash: 'sha512' }), rsa), { verdict: 'valid' })
  t.match(verdict(signAs(plain, ec), rsa, ed25519, ec), { verdict: 'valid', fingerprint: readCapKey(ec.pem).fingerprint }, 'one of several keys')
  t.same(verdict(plain, ec), { verdict: 'absent' })
  t.end()
})

t.test('what another implementation signs is verified, whatever the message looks like', (t) => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom('&', '<', '>', '"', '\'', '\r', '\n', '\t', ' ', 'ữ', '😀', '\u0085', '\u2028'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })), minLength: 1, maxLength: 30 }).filter((value) => !/[\p{Cs}\ufffe\uffff]|(?![\t\n\r])\p{Cc}/u.test(value) && value.trim() !== '')
  const prefix = fc.constantFrom('', 'cap:', 'x:')
  fc.assert(fc.property(text, prefix, fc.boolean(), fc.boolean(), fc.boolean(), (words, mark, exclusive, indented, declared) => {
    let xml = writeCap(message({ note: words, codes: [words] })).replaceAll('\r', '&#13;')
    if (indented) xml = xml.replaceAll('><', '>\n  <!-- lũ -->\r\n\t<')
    if (declared) xml = xml.replace('<info>', '<info xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:b="urn:b" xmlns:a="urn:a" xsi:type="a  b&#10;c" xsi:nil="false">')
    if (mark !== '') xml = xml.replaceAll(/<(\/?)(\w)/g, `<$1${mark}$2`).replace(' xmlns=', ` xmlns:${mark.slice(0, -1)}=`)
    const method = exclusive ? EXCLUSIVE : INCLUSIVE
    const signer = new SignedXml({ privateKey: rsa.privateKey, signatureAlgorithm: rsa.algorithm, canonicalizationAlgorithm: method })
    signer.addReference({ xpath: "/*", uri: '', isEmptyUri: true, digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256', transforms: [`${DSIG}enveloped-signature`, method] })
    signer.computeSignature(xml)
    t.match(verdict(signer.getSignedXml(), rsa), { verdict: 'valid' }, signer.getSignedXml())
  }), { numRuns: 60 })
  t.end()
})

t.test('a changed message, another key, or a form that is not known is not valid', (t) => {
  const signed = signAs(SAMPLES['typhoon']!, ec)
  t.match(verdict(signed.replace('Chằng chống', 'Không cần chằng chống'), ec), { verdict: 'broken', why: /digest/ })
  t.match(verdict(signed.replace('>20.25,106.3 40.5<', '>20.25,106.3 400.5<'), ec), { verdict: 'broken' })
  t.match(verdict(signed, makeKeys('ec')), { verdict: 'broken', why: /none of the keys/ })
  t.match(verdict(signed, rsa), { verdict: 'broken' }, 'a key of another kind')
  t.match(verdict(signed), { verdict: 'broken' }, 'no key at all')
  t.match(verdict(signed.replace(/<ds:SignatureValue>..../, '<ds:SignatureValue>AAAA'), ec), { verdict: 'broken' })
  t.match(verdict(signed.replace(/<ds:SignatureValue>.*</, '<ds:SignatureValue><'), ec), { verdict: 'unusable' })
  t.match(verdict(signed.replace('URI=""', 'URI="#a"'), ec), { verdict: 'unusable', why: /URI ""/ })
  t.match(verdict(signed.replace(' URI=""', ''), ec), { verdict: 'unusable' })
  for (const weak of ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1', 'none', '', 'toString', '__proto__']) t.match(verdict(signed.replace(ec.algorithm, weak), ec), { verdict: 'unusable', why: /algorithm/ }, weak)
  t.match(verdict(signed.replace('xmlenc#sha256', 'xmldsig#sha1'), ec), { verdict: 'unusable' })
  t.match(verdict(signed.replace(`<ds:Transform Algorithm="${EXCLUSIVE}"/>`, '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'), ec), { verdict: 'unusable' })
  t.match(verdict(signed.replace(`<ds:Transform Algorithm="${EXCLUSIVE}"/>`, '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>false()</ds:XPath></ds:Transform>'), ec), { verdict: 'unusable' })
  t.match(verdict(signed.replace(`<ds:Transform Algorithm="${DSIG}enveloped-signature"/>`, ''), ec), { verdict: 'unusable' })
  t.match(verdict(signed.replaceAll(DSIG, 'urn:other'), ec), { verdict: 'absent' })
  t.end()
})

t.test('nothing can be wrapped around what was signed', (t) => {
  const signed = signAs(plain, ec)
  const signature = /<ds:Signature.*<\/ds:Signature>/s.exec(signed)![0]
  const forged = writeCap(message({ identifier: 'FORGED' }))
  const attacks: readonly (readonly [string, string])[] = [
    ['the signed message inside the Signature of a forged one', forged.replace('</alert>', `${signature.replace('</ds:Signature>', `<ds:Object>${plain}</ds:Object></ds:Signature>`)}</alert>`)],
    ['the whole signed message below a forged one', forged.replace('</alert>', `${signed}</alert>`)],
    ['its signature on a forged one', forged.replace('</alert>', `${signature}</alert>`)],
    ['two signatures', signed.replace('</alert>', `${signature}</alert>`)],
    ['a second one deeper', signed.replace('<info>', `<info><note>${signature}</note>`)],
    ['the signature moved into an info', signed.replace(signature, '').replace('</info>', `${signature}</info>`)],
    ['an info after the signature', signed.replace('</alert>', '<info><category>Met</category><event>x</event><urgency>Immediate</urgency><severity>Extreme</severity><certainty>Observed</certainty></info></alert>')],
    ['a second SignedInfo', signed.replace('<ds:SignatureValue>', `${/<ds:SignedInfo>.*<\/ds:SignedInfo>/s.exec(signed)![0]}<ds:SignatureValue>`)],
    ['a second Reference', signed.replace('</ds:Reference>', `</ds:Reference>${/<ds:Reference.*<\/ds:Reference>/s.exec(signed)![0]}`)],
    ['a second DigestValue', signed.replace('<ds:DigestValue>', '<ds:DigestValue>AAAA</ds:DigestValue><ds:DigestValue>')],
    ['an element in the DigestValue', signed.replace('<ds:DigestValue>', '<ds:DigestValue><ds:x/>')],
    ['a root of another namespace', `<wrap>${signed}</wrap>`],
  ]
  for (const [what, text] of attacks) t.not(verdict(text, ec).verdict, 'valid', what)
  const commented = signed.replace('<ds:DigestValue>', '<ds:DigestValue><!-- AAAA -->').replace('Lũ khẩn cấp trên', 'Lũ <!-- x -->khẩn cấp trên')
  t.equal(verdict(commented, ec).verdict, 'valid', 'comments are no part of a message')
  t.equal(verdict(commented.replace('ven sông di chuyển', 'ven sông không di chuyển'), ec).verdict, 'broken', 'and hide no other digest')
  t.equal(readCap(read(signed.replace('khẩn cấp trên', 'khẩn <!-- x -->cấp trên'))).infos[0]!.headline, 'Lũ khẩn cấp trên sông Đáy', 'and split no text')
  t.end()
})

t.test('keys that are too weak, private or expired are refused', (t) => {
  const spki = (pair: { readonly publicKey: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer } }): string => pair.publicKey.export({ type: 'spki', format: 'pem' }) as string
  t.throws(() => readCapKey(spki(generateKeyPairSync('rsa', { modulusLength: 1024 }))), { code: 'CAP_ERR_KEY', message: /2048/ })
  t.throws(() => readCapKey(spki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))), { message: /P-256/ })
  t.throws(() => readCapKey(spki(generateKeyPairSync('x25519'))), { message: /must be RSA/ })
  t.throws(() => readCapKey(ec.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string), { message: /private key/ })
  t.throws(() => readCapKey('nothing'), { code: 'CAP_ERR_KEY' })

  const folder = mkdtempSync(join(tmpdir(), 'loa-cap-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const own = CapKeyFile.open(folder, NOW_MS)
  const signed = signCap(plain, read, own)
  const key = readCapKey(own.pem)
  t.match(verifyCap(read(signed), [key], NOW_MS), { verdict: 'valid' })
  t.match(verifyCap(read(signed), [key], key.notAfterMs!), { verdict: 'broken', why: /not valid now/ })
  t.match(verifyCap(read(signed), [key], key.notBeforeMs! - 1), { verdict: 'broken' })
  t.equal(CapKeyFile.open(folder, NOW_MS + 1).pem, own.pem, 'kept over a restart')
  t.end()
})

t.test('what we sign, others verify', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loa-cap-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const own = CapKeyFile.open(folder, NOW_MS)
  const signed = signCap(writeCap(readCap(read(SAMPLES['typhoon']!))), read, own)
  const reader = new SignedXml({ publicCert: own.pem })
  class EcdsaSha256 {
    getAlgorithmName = (): string => ec.algorithm
    getSignature = (): string => { throw new Error('not here') }
    verifySignature = (material: string, key: unknown, value: string): boolean => createVerify('sha256').update(material).verify({ key: key as string, dsaEncoding: 'ieee-p1363' }, value, 'base64')
  }
  reader.SignatureAlgorithms[ec.algorithm] = EcdsaSha256
  reader.loadSignature(/<Signature.*<\/Signature>/s.exec(signed)![0])
  t.ok(reader.checkSignature(signed))

  let hasXmlsec = true
  try {
    execFileSync('xmlsec1', ['--version'], { stdio: 'ignore' })
  } catch {
    hasXmlsec = false
  }
  t.test('xmlsec1', { skip: !hasXmlsec && 'xmlsec1 is not installed' }, (t) => {
    const file = join(folder, 'cap.xml')
    const certificate = join(folder, 'cert.pem')
    writeFileSync(certificate, own.pem)
    const verify = (text: string): void => {
      writeFileSync(file, text)
      execFileSync('xmlsec1', ['--verify', '--trusted-pem', certificate, '--verification-time', '2026-06-18 03:00:00', file], { stdio: 'pipe' })
    }
    t.doesNotThrow(() => { verify(signed) })
    t.throws(() => { verify(signed.replace('Chằng', 'Không chằng')) })
    for (const keys of [ec, rsa]) {
      const pem = join(folder, 'key.pem')
      writeFileSync(pem, keys.pem)
      for (const method of [EXCLUSIVE, INCLUSIVE]) {
        writeFileSync(file, signAs(SAMPLES['typhoon']!, keys, { method }))
        t.doesNotThrow(() => { execFileSync('xmlsec1', ['--verify', '--pubkey-pem', pem, file], { stdio: 'pipe' }) }, 'what the tests sign, too')
      }
    }
    t.end()
  })
  t.end()
})
