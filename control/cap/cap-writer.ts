import { CAP_NAMESPACE, referenceKey, type CapArea, type CapInfo, type CapMessage, type CapResource, type NamedValue } from './cap-message.ts'
import { escapeText } from './xml.ts'

/** What XML 1.0 cannot hold, not even escaped. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

type Child = string | null | readonly string[]

const leaf = (name: string, value: string | number | null): string | null =>
  value === null ? null : `<${name}>${escapeText(String(value).replace(FORBIDDEN, '\ufffd'))}</${name}>`

const leaves = (name: string, values: readonly string[]): string[] => values.map((value) => leaf(name, value)!)

const nest = (name: string, ...children: readonly Child[]): string => `<${name}>${children.flat().filter((child) => child !== null).join('')}</${name}>`

const named = (name: string, pairs: readonly NamedValue[]): string[] => pairs.map(({ valueName, value }) => nest(name, leaf('valueName', valueName), leaf('value', value)))

const resource = ({ resourceDesc, mimeType, sizeBytes, uri, derefUri, digest }: CapResource): string =>
  nest('resource', leaf('resourceDesc', resourceDesc), leaf('mimeType', mimeType), leaf('size', sizeBytes), leaf('uri', uri), leaf('derefUri', derefUri), leaf('digest', digest))

const area = ({ areaDesc, polygons, circles, geocodes, altitude, ceiling }: CapArea): string =>
  nest('area',
    leaf('areaDesc', areaDesc),
    leaves('polygon', polygons.map((places) => places.map(({ lat, lon }) => `${decimal(lat)},${decimal(lon)}`).join(' '))),
    leaves('circle', circles.map(({ lat, lon, radiusKm }) => `${decimal(lat)},${decimal(lon)} ${decimal(radiusKm)}`)),
    named('geocode', geocodes),
    leaf('altitude', altitude === null ? null : decimal(altitude)),
    leaf('ceiling', ceiling === null ? null : decimal(ceiling)))

const info = (one: CapInfo): string =>
  nest('info',
    leaf('language', one.language),
    leaves('category', one.categories),
    leaf('event', one.event),
    leaves('responseType', one.responseTypes),
    leaf('urgency', one.urgency),
    leaf('severity', one.severity),
    leaf('certainty', one.certainty),
    leaf('audience', one.audience),
    named('eventCode', one.eventCodes),
    leaf('effective', one.effective),
    leaf('onset', one.onset),
    leaf('expires', one.expires),
    leaf('senderName', one.senderName),
    leaf('headline', one.headline),
    leaf('description', one.description),
    leaf('instruction', one.instruction),
    leaf('web', one.web),
    leaf('contact', one.contact),
    named('parameter', one.parameters),
    one.resources.map(resource),
    one.areas.map(area))

/** A message as one `alert` without whitespace of its own, so that it reads the same wherever it is copied to; `readCap` gives it back. */
export function writeCap(message: CapMessage): string {
  const body = nest('alert',
    leaf('identifier', message.identifier),
    leaf('sender', message.sender),
    leaf('sent', message.sent),
    leaf('status', message.status),
    leaf('msgType', message.msgType),
    leaf('source', message.source),
    leaf('scope', message.scope),
    leaf('restriction', message.restriction),
    leaf('addresses', message.addresses),
    leaves('code', message.codes),
    leaf('note', message.note),
    leaf('references', message.references.length === 0 ? null : message.references.map(referenceKey).join(' ')),
    leaf('incidents', message.incidents),
    message.infos.map(info))
  return body.replace('<alert>', `<alert xmlns="${CAP_NAMESPACE}">`)
}

/** Without an exponent, which XML Schema's decimal does not have; 9 places are a tenth of a mm. */
const decimal = (value: number): string => value.toFixed(9).replace(/\.?0+$/, '')
