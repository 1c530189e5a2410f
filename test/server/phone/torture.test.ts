import t from 'tap'
import { offerText, openTestLine, requestText, tagOf, TextPhone } from '../../support/phone-line.ts'
import { waitUntil } from '../../support/wait-until.ts'

t.setTimeout(60_000)

/** Words of our own after the list of RFC 4475; `P` is the phone's port, `I` makes each its own call. What must come back: a status, or null for nothing. */
interface Torture {
  readonly name: string
  readonly text: string
  readonly status: RegExp | null
}

const SDP = offerText(9)
const head = (start: string, lines: readonly string[], body = ''): string => [start, ...lines, '', body].join('\r\n')
const usual = (method: string, ...more: readonly string[]): string[] =>
  ['Via: SIP/2.0/UDP 127.0.0.1:P;branch=z9hG4bKI', 'Max-Forwards: 70', 'To: <sip:100@127.0.0.1>', 'From: <sip:thon@127.0.0.1>;tag=fI', 'Call-ID: I', `CSeq: 1 ${method}`, 'Contact: <sip:thon@127.0.0.1:P>', ...more]
const without = (name: string, lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith(`${name}:`))
const sized = (body: string): string[] => ['Content-Type: application/sdp', `Content-Length: ${String(body.length)}`]

const tortures: readonly Torture[] = [
  { name: 'wsinv: short names, folded lines, odd spaces, unknown headers', status: /200/, text: head('INVITE sip:100@127.0.0.1;unknownparam SIP/2.0', [
    'TO :\r\n sip:100@127.0.0.1 ;   x = 1', 'f: "J Rosenberg \\\\\\""       <sip:thon@127.0.0.1>\r\n  ;\r\n  tag = fI', 'MaX-fOrWaRdS: 0068', 'i: I', 'l: ' + String(SDP.length), 'cseq: 0009\r\n  INVITE',
    'Via  : SIP  /   2.0\r\n /UDP\r\n    127.0.0.1:P;branch=z9hG4bKI', 's :', 'NewFangledHeader:   newfangled value\r\n continued newfangled value', 'UnknownHeaderWithUnusualValue: ;;,,;;,;', 'c: application/sdp',
    'm:"Quoted string \\"\\"" <sip:thon@127.0.0.1:P> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33'], SDP) },
  { name: 'intmeth: every sign a method may have', status: /501/, text: head("!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@127.0.0.1 SIP/2.0", usual("!interesting-Method0123456789_*+`.%indeed'~", 'Content-Length: 0')) },
  { name: 'esc01: escaped signs', status: /200/, text: head('OPTIONS sip:sips%3Auser%40example.com@127.0.0.1 SIP/2.0', usual('OPTIONS', 'Content-Length: 0')) },
  { name: 'escnull: escaped zero', status: /405/, text: head('REGISTER sip:127.0.0.1 SIP/2.0', usual('REGISTER', 'Contact: <sip:%00@127.0.0.1>', 'Content-Length: 0')) },
  { name: 'esc02: a percent sign in a method that is none', status: /501/, text: head('RE%47IST%45R sip:127.0.0.1 SIP/2.0', usual('RE%47IST%45R', 'Content-Length: 0')) },
  { name: 'lwsdisp: no space before <', status: /200/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', [...without('From', usual('OPTIONS')), 'From: caller<sip:thon@127.0.0.1>;tag=fI', 'Content-Length: 0']) },
  { name: 'longreq: long values', status: /200/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', usual('OPTIONS', `X-Long: ${'long'.repeat(500)}`, ...Array.from({ length: 30 }, (_, index) => `Via: SIP/2.0/UDP h${String(index)}.example.com;branch=z9hG4bKl${String(index)}`), 'Content-Length: 0')) },
  { name: 'dblreq: a second message behind the first', status: /200/, text: `${head('OPTIONS sip:100@127.0.0.1 SIP/2.0', usual('OPTIONS', 'Content-Length: 0'))}INVITE sip:joe@example.com SIP/2.0\r\nt: sip:joe@example.com\r\n` },
  { name: 'semiuri: semicolons in the user', status: /200/, text: head('OPTIONS sip:user;par=u%40example.net@127.0.0.1 SIP/2.0', usual('OPTIONS', 'Content-Length: 0')) },
  { name: 'transports: unknown ones below ours', status: /200/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', usual('OPTIONS', 'Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKonearb', 'Via: SIP/2.0/UNKNOWN t5.example.com;branch=z9hG4bKv', 'Content-Length: 0')) },
  { name: 'mpart: a body of parts', status: /415/, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', usual('INVITE', 'Content-Type: multipart/mixed;boundary=7a', 'Content-Length: 4'), '--7a') },
  { name: 'noreason: a response to nobody', status: null, text: head('SIP/2.0 100 ', usual('INVITE', 'Content-Length: 0')) },
  { name: 'badinv01: commas and semicolons without values', status: /400/, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', [...without('From', without('Via', usual('INVITE'))), 'Via: SIP/2.0/UDP 127.0.0.1:P;;,;,,', 'From: "Joe" <sip:joe@example.org>;;;;', 'Content-Length: 0']) },
  { name: 'clerr: a length longer than the body', status: /400/, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', usual('INVITE', 'Content-Type: application/sdp', 'Content-Length: 9999'), SDP) },
  { name: 'ncl: a length below nothing', status: /400/, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', usual('INVITE', 'Content-Type: application/sdp', 'Content-Length: -999'), SDP) },
  { name: 'scalar02: numbers beyond all bounds', status: /400/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', [...without('CSeq', usual('OPTIONS')), 'CSeq: 36893488147419103232 OPTIONS', 'Content-Length: 0']) },
  { name: 'scalarlg: a status beyond all bounds', status: null, text: head('SIP/2.0 4294967301 better not break the receiver', usual('INVITE', 'Content-Length: 0')) },
  { name: 'quotbal: a quote without end', status: /400/, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', [...without('To', usual('INVITE')), 'To: "Mr. J. User <sip:j.user@example.com>', 'Content-Length: 0']) },
  { name: 'ltgtruri: the target in brackets', status: /400/, text: head('INVITE <sip:100@127.0.0.1> SIP/2.0', usual('INVITE', 'Content-Length: 0')) },
  { name: 'lwsruri: spaces in the target', status: /400/, text: head('INVITE sip:100@127.0.0.1; lr SIP/2.0', usual('INVITE', 'Content-Length: 0')) },
  { name: 'lwsstart: two spaces in the first line', status: /400/, text: head('INVITE  sip:100@127.0.0.1  SIP/2.0', usual('INVITE', 'Content-Length: 0')) },
  { name: 'trws: spaces behind the first line', status: null, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0  ', usual('OPTIONS', 'Content-Length: 0')) },
  { name: 'escruri: headers in the target', status: /200/, text: head('OPTIONS sip:100@127.0.0.1?Route=%3Csip:example.com%3E SIP/2.0', usual('OPTIONS', 'Content-Length: 0')) },
  { name: 'mismatch01: methods that differ', status: /400/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', usual('INVITE', 'Content-Length: 0')) },
  { name: 'mismatch02: the same, of an unknown method', status: /400/, text: head('NEWMETHOD sip:100@127.0.0.1 SIP/2.0', usual('INVITE', 'Content-Length: 0')) },
  { name: 'badvers: another version', status: /505/, text: head('OPTIONS sip:100@127.0.0.1 SIP/7.0', usual('OPTIONS', 'Content-Length: 0')) },
  { name: 'novelsc, unkscm: other schemes', status: /416/, text: head('OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0', usual('OPTIONS', 'Content-Length: 0')) },
  { name: 'bext01: extensions nobody knows', status: /420.*Unsupported: nothingsupportsthis, nothingsupportsthiseither/s, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', usual('OPTIONS', 'Require: nothingSupportsThis, nothingSupportsThisEither', 'Content-Length: 0')) },
  { name: 'invut: an unknown kind of body', status: /415/, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', usual('INVITE', 'Content-Type: application/unknownformat', 'Content-Length: 5'), '<aud>') },
  { name: 'insuf: without what is needed', status: null, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', ['CSeq: 193942 INVITE', 'Via: SIP/2.0/UDP 127.0.0.1:P;branch=z9hG4bKI', 'Content-Length: 0']) },
  { name: 'multi01: twice what may stand once', status: /400/, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', usual('INVITE', 'CSeq: 59 INVITE', 'Call-ID: 98asdh@192.0.2.2', 'To: <sip:other@example.com>', 'Max-Forwards: 5', 'Content-Length: 0')) },
  { name: 'mcl01: two lengths', status: /400/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', usual('OPTIONS', 'Content-Length: 13', 'Content-Length: 5'), 'There is no way') },
  { name: 'bcast: a response from nowhere', status: null, text: head('SIP/2.0 200 OK', usual('INVITE', 'Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23', 'Content-Length: 0')) },
  { name: 'zeromf: no hops left is none of the last one\'s business', status: /200/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', [...without('Max-Forwards', usual('OPTIONS')), 'Max-Forwards: 0', 'Content-Length: 0']) },
  { name: 'cparam: unknown parameters of Contact', status: /200/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', usual('OPTIONS', 'Contact: sip:+19725552222@gw1.example.net;unknownparam', 'Content-Length: 0')) },
  { name: 'inv2543: an old phone, without branch and tag', status: /400/, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', ['Via: SIP/2.0/UDP 127.0.0.1:P', 'From: <sip:a@b>', 'To: <sip:c@d>', 'Call-ID: I', 'CSeq: 56 INVITE', ...sized(SDP)], SDP) },
  { name: 'sdp01: descriptions of nothing we know', status: /488/, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', usual('INVITE', ...sized('v=0\r\nm=video 9 RTP/AVP 31\r\n')), 'v=0\r\nm=video 9 RTP/AVP 31\r\n') },
  { name: 'unreason: a response to nobody, with odd signs', status: null, text: head('SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое', usual('INVITE', 'Content-Length: 0')) },
  { name: 'baddate: a date that is none', status: /200/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', usual('OPTIONS', 'Date: Fri, 01 Jan 2010 16:00:00 EST', 'Content-Length: 0')) },
  { name: 'baddn: a name with a sign that needs quotes', status: /[24]00/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', [...without('From', usual('OPTIONS')), 'From: Bell, Alexander <sip:a.g.bell@example.com>;tag=fI', 'Content-Length: 0']) },
  { name: 'badaspec: spaces within an address', status: /[24]00/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', [...without('To', usual('OPTIONS')), 'To: "Watson, Thomas" < sip:t.watson@example.org >', 'Content-Length: 0']) },
  { name: 'badbranch: a branch of nothing but its beginning', status: /[24]00/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', [...without('Via', usual('OPTIONS')), 'Via: SIP/2.0/UDP 127.0.0.1:P;branch=z9hG4bK', 'Content-Length: 0']) },
  { name: 'unksm2: unknown schemes in To and Contact', status: /[245]\d\d/, text: head('REGISTER sip:127.0.0.1 SIP/2.0', [...without('To', without('Contact', usual('REGISTER'))), 'To: <isbn:2983792873>', 'Contact: <name:John_Smith>', 'Content-Length: 0']) },
  { name: 'regbadct, regescrt, cparam02: contacts with parameters outside brackets', status: /405/, text: head('REGISTER sip:127.0.0.1 SIP/2.0', [...without('Contact', usual('REGISTER')), 'Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E;expires=3600', 'Content-Length: 0']) },
  { name: 'regaut01: an unknown way to prove oneself', status: /405/, text: head('REGISTER sip:127.0.0.1 SIP/2.0', usual('REGISTER', 'Authorization: NoOneKnowsThisScheme opaque-data=here', 'Content-Length: 0')) },
  { name: 'a gzipped body', status: /415/, text: head('INVITE sip:100@127.0.0.1 SIP/2.0', usual('INVITE', 'Content-Encoding: gzip', ...sized(SDP)), SDP) },
  { name: 'BYE, CANCEL, INFO and PRACK of no call', status: /481/, text: head('BYE sip:100@127.0.0.1 SIP/2.0', usual('BYE', 'Content-Length: 0')) },
  { name: 'an IPv6 address in Via', status: /200.*Via: SIP\/2\.0\/UDP \[2001:db8::9:1\]:6050;branch=z9hG4bK/s, text: head('OPTIONS sip:100@[2001:db8::10] SIP/2.0', [...without('Via', usual('OPTIONS')), 'Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKI', 'Content-Length: 0']) },
  { name: 'zeros and lone line ends', status: null, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', usual('OPTIONS', 'X: a\0b\nVia: c', 'Content-Length: 0')) },
  { name: 'names of objects', status: /200/, text: head('OPTIONS sip:100@127.0.0.1 SIP/2.0', usual('OPTIONS', '__proto__: x', 'constructor: y', 'hasOwnProperty: z', 'Content-Length: 0')) },
]

t.test('messages after the list of RFC 4475', async (t) => {
  const test = await openTestLine(t)
  const phone = await TextPhone.open(t, test.line.port)
  for (const [index, { name, text, status }] of tortures.entries()) {
    const from = phone.received.length
    const callId = `torture${String(index)}`
    phone.send(text.replace(/(?<=:)P\b/g, String(phone.port)).replace(/(?<=z9hG4bK|tag=f|tag = f|: )I\b/g, callId))
    // What comes after it is answered after it.
    phone.send(requestText(phone, 'OPTIONS', { callId: `after${String(index)}` }))
    await phone.expect(new RegExp(`^SIP/2\\.0 200.*Call-ID: after${String(index)}`, 's'), from)
    // The one call is never confirmed, so its answer is told again and again.
    const isOfAnother = (answer: string): boolean => /Call-ID: torture\d+/.test(answer) && !new RegExp(`Call-ID: ${callId}\\b`).test(answer)
    const answers = phone.received.slice(from).filter((answer) => !isOfAnother(answer) && !answer.includes(`after${String(index)}`) && !answer.startsWith('SIP/2.0 100'))
    if (status === null) t.same(answers, [], name)
    else t.match(answers[0] ?? (await phone.expect(new RegExp(`^SIP/2\\.0 [2-6].*Call-ID: ${callId}\\b`, 's'), from)), new RegExp(`^SIP/2\\.0 ${status.source}`, 's'), name)
  }
  t.match(test.line.report(), { calls: 1 }, 'of all these one was a call')
})

t.test('the rules of a call in progress, and of what looks like one', async (t) => {
  const test = await openTestLine(t)
  const phone = await TextPhone.open(t, test.line.port)
  const invite = requestText(phone, 'INVITE', { callId: 'c', sdp: SDP })
  phone.send(invite)
  const tag = tagOf(await phone.expect(/^SIP\/2\.0 200/))
  phone.send(invite)
  phone.send(requestText(phone, 'INVITE', { callId: 'c', branch: 'z9hG4bKother', sdp: SDP }))
  await phone.expect(/^SIP\/2\.0 482/)
  t.equal(test.calls.length, 1, 'the same again is no second call')
  phone.send(requestText(phone, 'INVITE', { callId: 'c', seq: 2, toTag: tag, sdp: SDP }))
  await phone.expect(/^SIP\/2\.0 500/)
  phone.send(requestText(phone, 'ACK', { callId: 'c', toTag: tag, branch: 'z9hG4bKackc' }))
  await waitUntil('it is up', () => test.calls[0]?.answered === '')
  for (const [seq, method, headers, sdp, expected] of [
    [3, 'REFER', [], undefined, /^SIP\/2\.0 405.*Allow: INVITE/is], [4, 'UPDATE', ['Supported: timer', 'Session-Expires: 5'], undefined, /^SIP\/2\.0 422/], [5, 'INVITE', [], offerText(9, 'm=audio PORT RTP/AVP 18\r\n'), /^SIP\/2\.0 488/],
    [6, 'INVITE', ['Require: 100rel'], SDP, /^SIP\/2\.0 420/], [7, 'INFO', [], 'words', /^SIP\/2\.0 415/], [7, 'BYE', [], undefined, /^SIP\/2\.0 500/],
  ] as const) {
    const from = phone.received.length
    phone.send(requestText(phone, method, { callId: 'c', seq, toTag: tag, headers, ...(sdp === undefined ? {} : { sdp }) }))
    await phone.expect(expected, from)
    if (expected.source.includes('488') || expected.source.includes('420')) phone.send(requestText(phone, 'ACK', { callId: 'c', seq, toTag: tag, branch: `z9hG4bKcINVITE${String(seq)}` }))
  }
  t.equal(test.calls[0]!.ended, null, 'what is refused changes nothing')
  phone.send(requestText(phone, 'BYE', { callId: 'c', seq: 9, toTag: 'wrong', branch: 'z9hG4bKwrong' }))
  await phone.expect(/^SIP\/2\.0 481/)
  phone.send(requestText(phone, 'CANCEL', { callId: 'nobody' }))
  await phone.expect(/^SIP\/2\.0 481.*nobody/s)
  phone.send(requestText(phone, 'BYE', { callId: 'c', seq: 9, toTag: tag }))
  await phone.expect(/^SIP\/2\.0 200.*CSeq: 9 BYE/s)
  t.equal(test.line.report().calls, 0)
})

t.test('a flood leaves calls in progress alone', async (t) => {
  const test = await openTestLine(t)
  const phone = await TextPhone.open(t, test.line.port)
  phone.send(requestText(phone, 'INVITE', { callId: 'going', sdp: SDP }))
  const tag = tagOf(await phone.expect(/^SIP\/2\.0 200/))
  phone.send(requestText(phone, 'ACK', { callId: 'going', toTag: tag, branch: 'z9hG4bKackgoing' }))
  await waitUntil('it is up', () => test.calls[0]?.answered === '')
  const flood = await TextPhone.open(t, test.line.port)
  for (let index = 0; index < 3000; index += 1) {
    const text = requestText(flood, 'OPTIONS', { callId: `f${String(index)}` })
    flood.send(index % 2 === 0 ? text : text.slice(0, 40 + (index % 300)))
    if (index % 100 === 0) await new Promise((resolve) => { setImmediate(resolve) })
  }
  // From the very address of the flood.
  phone.send(requestText(phone, 'BYE', { callId: 'going', seq: 2, toTag: tag }))
  await phone.expect(/^SIP\/2\.0 200.*CSeq: 2 BYE/s)
  t.equal(test.calls[0]!.ended, 'the caller hung up')
  const { droppedTotal, malformedTotal } = test.line.figures()
  t.ok(droppedTotal > 1000, `${String(droppedTotal)} dropped unread, ${String(malformedTotal)} malformed`)
})
