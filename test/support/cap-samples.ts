import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { canonicalXml } from '../../control/cap/c14n.ts'
import type { CapArea, CapInfo, CapMessage } from '../../control/cap/cap-message.ts'
import { writeCap } from '../../control/cap/cap-writer.ts'
import { readXml, type XmlElement } from '../../control/cap/xml.ts'

export const LIMITS = { bytes: 4 * 1024 * 1024, elements: 20_000, depth: 16 }

export const read = (text: string): XmlElement => readXml(Buffer.from(text), LIMITS)

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
export const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'

export interface Keys {
  readonly pem: string
  readonly privateKey: KeyObject
  readonly algorithm: string
}

/** Made once for all tests of a file: RSA keys take their time. */
export function makeKeys(kind: 'rsa' | 'ec' | 'ed25519' = 'ec'): Keys {
  const pair = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  const algorithm = { rsa: `${MORE}rsa-sha256`, ec: `${MORE}ecdsa-sha256`, ed25519: 'http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519' }[kind]
  return { pem: pair.publicKey.export({ type: 'spki', format: 'pem' }) as string, privateKey: pair.privateKey, algorithm }
}

export interface SignOptions {
  readonly method?: string
  readonly uri?: string
  readonly digestMethod?: string
  readonly algorithm?: string
  readonly transforms?: readonly string[]
  /** What is digested in the place of the message. */
  readonly digested?: string
  readonly hash?: string
}

/** Signs as senders do, in every form that the tests need; the signature stands under the prefix `ds`, indented. */
export function signAs(xml: string, keys: Keys, { method = EXCLUSIVE, uri = '', digestMethod = 'http://www.w3.org/2001/04/xmlenc#sha256', algorithm = keys.algorithm, transforms = [`${DSIG}enveloped-signature`, method], digested, hash = 'sha256' }: SignOptions = {}): string {
  const exclusive = method.startsWith(EXCLUSIVE)
  const make = (digest: string, value: string): string => `<ds:Signature xmlns:ds="${DSIG}">
  <ds:SignedInfo>
    <ds:CanonicalizationMethod Algorithm="${method}"/>
    <ds:SignatureMethod Algorithm="${algorithm}"/>
    <ds:Reference URI="${uri}">
      <ds:Transforms>${transforms.map((one) => `<ds:Transform Algorithm="${one}"/>`).join('')}</ds:Transforms>
      <ds:DigestMethod Algorithm="${digestMethod}"/>
      <ds:DigestValue>${digest}</ds:DigestValue>
    </ds:Reference>
  </ds:SignedInfo>
  <ds:SignatureValue>${value}</ds:SignatureValue>
</ds:Signature>
`
  const put = (signature: string): string => xml.replace(/<\/((?:\w+:)?alert)>\s*$/, (end) => signature + end)
  const signatureOf = (root: XmlElement): XmlElement => root.children.find((child): child is XmlElement => typeof child !== 'string' && child.local === 'Signature')!
  const before = read(put(make('', '')))
  const digest = createHash(hash).update(digested ?? canonicalXml(before, { exclusive, without: signatureOf(before) })).digest('base64')
  const root = read(put(make(digest, '')))
  const signature = signatureOf(root)
  const signedInfo = signature.children.find((child): child is XmlElement => typeof child !== 'string' && child.local === 'SignedInfo')!
  const bytes = Buffer.from(canonicalXml(signedInfo, { exclusive, inherited: new Map([...root.declares, ...signature.declares]) }))
  const value = sign(algorithm.includes('ed25519') ? null : hash, bytes, { key: keys.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64')
  return put(make(digest, value))
}

/** Around Phủ Lý, Hà Nam, where the test's clusters stand. */
export const area = (change: Partial<CapArea> = {}): CapArea => ({
  areaDesc: 'Các xã ven sông Đáy',
  polygons: [[{ lat: 20.5, lon: 105.8 }, { lat: 20.5, lon: 106 }, { lat: 20.6, lon: 106 }, { lat: 20.6, lon: 105.8 }, { lat: 20.5, lon: 105.8 }]],
  circles: [],
  geocodes: [],
  altitude: null,
  ceiling: null,
  ...change,
})

export const info = (change: Partial<CapInfo> = {}): CapInfo => ({
  language: 'vi-VN',
  categories: ['Met'],
  event: 'Lũ khẩn cấp',
  responseTypes: ['Evacuate'],
  urgency: 'Immediate',
  severity: 'Extreme',
  certainty: 'Observed',
  audience: null,
  eventCodes: [],
  effective: null,
  onset: null,
  expires: '2026-06-18T16:00:00+07:00',
  senderName: 'Đài khí tượng thủy văn tỉnh',
  headline: 'Lũ khẩn cấp trên sông Đáy',
  description: 'Mực nước tại Phủ Lý đã vượt báo động 3.',
  instruction: 'Bà con ven sông di chuyển ngay lên nơi cao.',
  web: null,
  contact: null,
  parameters: [],
  resources: [],
  areas: [area()],
  ...change,
})

/** Sent at 10:00 in Viet Nam, which is when the clock of these tests begins. */
export const message = (change: Partial<CapMessage> = {}): CapMessage => ({
  identifier: 'VN-HNM-2026-0618-01',
  sender: 'kttv@hanam.example',
  sent: '2026-06-18T10:00:00+07:00',
  status: 'Actual',
  msgType: 'Alert',
  source: null,
  scope: 'Public',
  restriction: null,
  addresses: null,
  codes: [],
  note: null,
  references: [],
  incidents: null,
  infos: [info()],
  ...change,
})

export const signedMessage = (change: Partial<CapMessage>, keys: Keys): string => signAs(writeCap(message(change)), keys)

/** As offices write them: prefixes, comments, CDATA, several languages, every element that there is. Made up, after the style of well-known ones. */
export const SAMPLES: Readonly<Record<string, string>> = {
  typhoon: `<?xml version="1.0" encoding="UTF-8"?>
<!-- a typhoon in two languages -->
<cap:alert xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:oasis:names:tc:emergency:cap:1.2 CAP-v1.2.xsd">
  <cap:identifier>urn:oid:2.49.0.0.704.0.2026.6.18.3.0.1</cap:identifier>
  <cap:sender>https://khituong.example/</cap:sender>
  <cap:sent>2026-06-18T03:00:00-00:00</cap:sent>
  <cap:status>Actual</cap:status><cap:msgType>Update</cap:msgType>
  <cap:source>Trung tâm dự báo</cap:source>
  <cap:scope>Public</cap:scope>
  <cap:code>layer:tc:1.0</cap:code><cap:code>VN</cap:code>
  <cap:note>Bản tin số 7</cap:note>
  <cap:references>https://khituong.example/,urn:oid:2.49.0.0.704.0.2026.6.17.21.0.1,2026-06-17T21:00:00-00:00
    https://khituong.example/,urn:oid:2.49.0.0.704.0.2026.6.17.15.0.1,2026-06-17T15:00:00-00:00</cap:references>
  <cap:incidents>bao-so-1</cap:incidents>
  <cap:info>
    <cap:language>vi</cap:language>
    <cap:category>Met</cap:category><cap:category>Safety</cap:category>
    <cap:event>Bão</cap:event>
    <cap:responseType>Shelter</cap:responseType><cap:responseType>Prepare</cap:responseType>
    <cap:urgency>Expected</cap:urgency><cap:severity>Severe</cap:severity><cap:certainty>Likely</cap:certainty>
    <cap:audience>Dân cư ven biển</cap:audience>
    <cap:eventCode><cap:valueName>SAME</cap:valueName><cap:value>TRW</cap:value></cap:eventCode>
    <cap:effective>2026-06-18T03:00:00-00:00</cap:effective><cap:onset>2026-06-18T15:00:00-00:00</cap:onset><cap:expires>2026-06-19T03:00:00-00:00</cap:expires>
    <cap:senderName>Trung tâm Dự báo khí tượng thủy văn</cap:senderName>
    <cap:headline>Bão số 1 đổ bộ đêm nay</cap:headline>
    <cap:description><![CDATA[Gió mạnh cấp 11 < 12, giật cấp 14 & mưa 200–300 mm.]]></cap:description>
    <cap:instruction>Chằng chống nhà cửa, không ra khơi.</cap:instruction>
    <cap:web>https://khituong.example/bao/1?ban=7&amp;t=1</cap:web>
    <cap:contact>024 0000 0000</cap:contact>
    <cap:parameter><cap:valueName>cap-do-rui-ro</cap:valueName><cap:value>4</cap:value></cap:parameter>
    <cap:resource><cap:resourceDesc>Bản đồ</cap:resourceDesc><cap:mimeType>image/png</cap:mimeType><cap:size>48213</cap:size><cap:uri>https://khituong.example/bao/1/7.png</cap:uri><cap:digest>0a4d55a8d778e5022fab701977c5d840bbc486d0</cap:digest></cap:resource>
    <cap:area><cap:areaDesc>Ven biển Hải Phòng – Thanh Hóa</cap:areaDesc>
      <cap:polygon>20.9,106.5 20.6,106.9 19.7,106.1 19.8,105.6 20.9,106.5</cap:polygon>
      <cap:circle>20.25,106.3 40.5</cap:circle><cap:circle>-0.5,-12 0</cap:circle>
      <cap:geocode><cap:valueName>VN-DVHC</cap:valueName><cap:value>31</cap:value></cap:geocode>
      <cap:altitude>0</cap:altitude><cap:ceiling>32.5</cap:ceiling></cap:area>
  </cap:info>
  <cap:info>
    <cap:category>Met</cap:category><cap:event>Typhoon</cap:event>
    <cap:urgency>Expected</cap:urgency><cap:severity>Severe</cap:severity><cap:certainty>Likely</cap:certainty>
    <cap:headline>Typhoon No. 1 makes landfall tonight</cap:headline>
    <cap:area><cap:areaDesc>Coast</cap:areaDesc></cap:area>
  </cap:info>
</cap:alert>
`,
  thunderstorm: `<alert xmlns = "urn:oasis:names:tc:emergency:cap:1.2">
<identifier>TS-43b080713727</identifier><sender>w-nws.webmaster@weather.example</sender><sent>2026-06-18T10:57:00-07:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
<info><category>Met</category><event>SEVERE THUNDERSTORM</event><responseType>Shelter</responseType><urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty>
<eventCode><valueName>SAME</valueName><value>SVR</value></eventCode><expires>2026-06-18T11:30:00-07:00</expires>
<headline>SEVERE THUNDERSTORM WARNING</headline><description>AT 10:54 AM&#13;
RADAR INDICATED A STORM &gt; 18 MILES SOUTHEAST</description><instruction>TAKE COVER</instruction><contact>BARUFFALDI/JUSKIE</contact>
<area><areaDesc>EXTREME NORTH CENTRAL COUNTY</areaDesc><polygon>38.47,-120.14 38.34,-119.95 38.52,-119.74 38.62,-119.89 38.47,-120.14</polygon><geocode><valueName>SAME</valueName><value>006109</value></geocode></area></info></alert>`,
  cancelled: `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>EQ-2</identifier><sender>dongdat@vatlydiacau.example</sender><sent>2026-06-18T10:05:00+07:00</sent><status>Actual</status><msgType>Cancel</msgType><scope>Public</scope><note>Báo nhầm</note><references>dongdat@vatlydiacau.example,EQ-1,2026-06-18T10:00:00+07:00</references></alert>`,
}
