import { CapError } from './cap-error.ts'
import { CAP_NAMESPACE, CATEGORIES, CERTAINTIES, MESSAGE_TYPES, RESPONSE_TYPES, SCOPES, SEVERITIES, STATUSES, URGENCIES, capTimeMs, type CapArea, type CapCircle, type CapInfo, type CapMessage, type CapPlace, type CapReference, type CapResource, type NamedValue } from './cap-message.ts'
import { elementsOf, textOf, type XmlElement } from './xml.ts'

export const SIGNATURE_NAMESPACE = 'http://www.w3.org/2000/09/xmldsig#'
const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance'

/** Bounds of ours: CAP has none. */
export const CAP_LIMITS = { infos: 32, areas: 1000, corners: 10_000, polygons: 1000, resources: 32, references: 1000, textCharacters: 20_000 } as const

/**
 * Reads a message by the rules of the OASIS schema of CAP 1.2 and those that its text adds: order and number of elements, words allowed, forms of times,
 * places, references and identifiers.
 * @param root an `alert`, from readXml
 * @throws CapError CAP_ERR_RULE, CAP_ERR_SIZE
 */
export function readCap(root: XmlElement): CapMessage {
  if (root.uri !== CAP_NAMESPACE || root.local !== 'alert') throw wrong('alert', `must be an alert of the namespace ${CAP_NAMESPACE}`, `phải là alert thuộc không gian tên ${CAP_NAMESPACE}`)
  const fields = new Fields(root, 'alert', '')
  const message: CapMessage = {
    identifier: fields.required('identifier', name),
    sender: fields.required('sender', name),
    sent: fields.required('sent', time),
    status: fields.required('status', oneOf(STATUSES)),
    msgType: fields.required('msgType', oneOf(MESSAGE_TYPES)),
    source: fields.optional('source', text),
    scope: fields.required('scope', oneOf(SCOPES)),
    restriction: fields.optional('restriction', text),
    addresses: fields.optional('addresses', text),
    codes: fields.many('code', text),
    note: fields.optional('note', text),
    references: fields.optional('references', references) ?? [],
    incidents: fields.optional('incidents', text),
    infos: fields.many('info', readInfo, CAP_LIMITS.infos),
  }
  fields.end()
  checkWhole(message)
  return message
}

/** What the text of the standard asks for beyond its schema. */
function checkWhole({ msgType, scope, addresses, references: refers, infos }: CapMessage): void {
  if (msgType !== 'Alert' && refers.length === 0) throw wrong('references', `must name the message that this ${msgType} is about`, `phải nêu bản tin mà ${msgType} này nói đến`)
  if (scope === 'Private' && addresses === null) throw wrong('addresses', 'must be there when the scope is Private', 'phải có khi scope là Private')
  const corners = infos.flatMap(({ areas }) => areas.flatMap(({ polygons }) => polygons.map(({ length }) => length)))
  if (corners.length > CAP_LIMITS.polygons) throw tooMany('info', 'polygons', CAP_LIMITS.polygons)
  if (corners.reduce((sum, count) => sum + count, 0) > CAP_LIMITS.corners) throw tooMany('info', 'corners of polygons', CAP_LIMITS.corners)
}

function readInfo(element: XmlElement, path: string): CapInfo {
  const fields = new Fields(element, path)
  const info: CapInfo = {
    language: fields.optional('language', language) ?? 'en-US',
    categories: fields.some('category', oneOf(CATEGORIES)),
    event: fields.required('event', text),
    responseTypes: fields.many('responseType', oneOf(RESPONSE_TYPES)),
    urgency: fields.required('urgency', oneOf(URGENCIES)),
    severity: fields.required('severity', oneOf(SEVERITIES)),
    certainty: fields.required('certainty', oneOf(CERTAINTIES)),
    audience: fields.optional('audience', text),
    eventCodes: fields.many('eventCode', readNamedValue),
    effective: fields.optional('effective', time),
    onset: fields.optional('onset', time),
    expires: fields.optional('expires', time),
    senderName: fields.optional('senderName', text),
    headline: fields.optional('headline', text),
    description: fields.optional('description', text),
    instruction: fields.optional('instruction', text),
    web: fields.optional('web', uri),
    contact: fields.optional('contact', text),
    parameters: fields.many('parameter', readNamedValue),
    resources: fields.many('resource', readResource, CAP_LIMITS.resources),
    areas: fields.many('area', readArea, CAP_LIMITS.areas),
  }
  fields.end()
  return info
}

function readResource(element: XmlElement, path: string): CapResource {
  const fields = new Fields(element, path)
  const resource: CapResource = {
    resourceDesc: fields.required('resourceDesc', text),
    mimeType: fields.required('mimeType', mimeType),
    sizeBytes: fields.optional('size', size),
    uri: fields.optional('uri', uri),
    derefUri: fields.optional('derefUri', base64),
    digest: fields.optional('digest', digest),
  }
  fields.end()
  return resource
}

function readArea(element: XmlElement, path: string): CapArea {
  const fields = new Fields(element, path)
  const area: CapArea = {
    areaDesc: fields.required('areaDesc', text),
    polygons: fields.many('polygon', polygon, CAP_LIMITS.polygons),
    circles: fields.many('circle', circle),
    geocodes: fields.many('geocode', readNamedValue),
    altitude: fields.optional('altitude', decimal),
    ceiling: fields.optional('ceiling', decimal),
  }
  fields.end()
  if (area.ceiling !== null && area.altitude === null) throw wrong(`${path}.ceiling`, 'must not be there without an altitude', 'không được có khi thiếu altitude')
  return area
}

function readNamedValue(element: XmlElement, path: string): NamedValue {
  const fields = new Fields(element, path)
  const pair = { valueName: fields.required('valueName', text), value: fields.required('value', emptyText) }
  fields.end()
  return pair
}

type Read<T> = (element: XmlElement, path: string) => T

/** The elements of one element, taken in the order in which the schema has them. */
class Fields {
  readonly #elements: readonly XmlElement[]
  readonly #path: string
  readonly #prefix: string
  #at = 0

  constructor(element: XmlElement, path: string, prefix = `${path}.`) {
    checkAttributes(element, path)
    if (textOf(element).trim() !== '') throw wrong(path, 'must hold elements and no text of its own', 'chỉ được chứa phần tử, không chứa chữ')
    this.#elements = elementsOf(element)
    this.#path = path
    this.#prefix = prefix
  }

  optional<T>(local: string, read: Read<T>): T | null {
    return this.#take(local) ? read(this.#elements[this.#at - 1]!, this.#prefix + local) : null
  }

  required<T>(local: string, read: Read<T>): T {
    if (!this.#take(local)) throw wrong(this.#prefix + local, this.#foundInstead('is missing'), 'bị thiếu hoặc sai thứ tự')
    return read(this.#elements[this.#at - 1]!, this.#prefix + local)
  }

  many<T>(local: string, read: Read<T>, most = 1000): T[] {
    const values: T[] = []
    while (this.#take(local)) {
      if (values.length >= most) throw tooMany(this.#prefix + local, `elements of the name ${local}`, most)
      values.push(read(this.#elements[this.#at - 1]!, `${this.#prefix}${local}[${String(values.length + 1)}]`))
    }
    return values
  }

  some<T>(local: string, read: Read<T>): T[] {
    const values = this.many(local, read)
    if (values.length === 0) throw wrong(this.#prefix + local, this.#foundInstead('is missing'), 'bị thiếu hoặc sai thứ tự')
    return values
  }

  /** Nothing may be left, but signatures at the end of an alert. */
  end(): void {
    const left = this.#elements.slice(this.#at)
    const stray = left.find(({ uri: namespace }) => this.#prefix !== '' || namespace !== SIGNATURE_NAMESPACE)
    if (stray !== undefined) throw wrong(`${this.#prefix}${stray.name}`, 'is not allowed at this place', 'không được phép ở vị trí này')
  }

  #take(local: string): boolean {
    const element = this.#elements[this.#at]
    if (element?.uri !== CAP_NAMESPACE || element.local !== local) return false
    this.#at += 1
    return true
  }

  #foundInstead(what: string): string {
    const found = this.#elements[this.#at]
    return found === undefined ? `${what} in ${this.#path}` : `${what}: ${found.name} stands in its place`
  }
}

/** The schema knows no attributes; those of XML Schema itself are allowed on everything. */
function checkAttributes({ attributes }: XmlElement, path: string): void {
  const stray = attributes.find(({ uri: namespace }) => namespace !== SCHEMA_INSTANCE)
  if (stray !== undefined) throw wrong(path, `must not have the attribute ${stray.name}`, `không được có thuộc tính ${stray.name}`)
}

const wrong = (path: string, message: string, messageVi: string): CapError => new CapError('CAP_ERR_RULE', path, message, messageVi)
const tooMany = (path: string, what: string, most: number): CapError => new CapError('CAP_ERR_SIZE', path, `has more than ${String(most)} ${what}`, `có quá ${String(most)} mục`)

const simple = (element: XmlElement, path: string): string => {
  checkAttributes(element, path)
  const [inner] = elementsOf(element)
  if (inner !== undefined) throw wrong(path, `must hold text and not the element ${inner.name}`, 'chỉ được chứa chữ')
  return textOf(element)
}

const short = (element: XmlElement, path: string): string => {
  const value = simple(element, path)
  if (value.length > CAP_LIMITS.textCharacters) throw new CapError('CAP_ERR_SIZE', path, `is longer than ${String(CAP_LIMITS.textCharacters)} characters`, `dài quá ${String(CAP_LIMITS.textCharacters)} ký tự`)
  return value
}

const emptyText: Read<string> = (element, path) => short(element, path).trim()

const text: Read<string> = (element, path) => {
  const value = emptyText(element, path)
  if (value === '') throw wrong(path, 'must not be empty', 'không được để trống')
  return value
}

/** `identifier` and `sender`: «MUST NOT include spaces, commas or restricted characters (< and &)». They are compared letter by letter. */
const name: Read<string> = (element, path) => {
  const value = short(element, path)
  if (!/^[^\s,<&]{1,500}$/u.test(value)) throw wrong(path, 'must have 1 to 500 characters, without spaces, commas, < and &', 'phải có 1 đến 500 ký tự, không có dấu cách, dấu phẩy, < và &')
  return value
}

const oneOf = <T extends string>(words: readonly T[]): Read<T> => (element, path) => {
  const value = simple(element, path)
  const word = words.find((one) => one === value)
  if (word === undefined) throw wrong(path, `must be one of ${words.join(', ')}`, `phải là một trong: ${words.join(', ')}`)
  return word
}

const time: Read<string> = (element, path) => {
  const value = short(element, path).trim()
  if (capTimeMs(value) === undefined) throw wrong(path, 'must be a time like 2026-06-18T05:00:00+07:00; UTC is written -00:00, never Z', 'phải có dạng 2026-06-18T05:00:00+07:00; giờ UTC ghi -00:00, không ghi Z')
  return value
}

const language: Read<string> = (element, path) => {
  const value = short(element, path).trim()
  if (!/^[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8}){0,8}$/.test(value)) throw wrong(path, 'must be a language such as vi-VN', 'phải là mã ngôn ngữ như vi-VN')
  return value
}

const matching = (pattern: RegExp, message: string, messageVi: string): Read<string> => (element, path) => {
  const value = short(element, path).trim()
  if (!pattern.test(value)) throw wrong(path, message, messageVi)
  return value
}

const uri = matching(/^[^\s<>"{}|\\^`]+$/u, 'must be a URI', 'phải là một URI')
const mimeType = matching(/^[\w.+-]+\/[\w.+-]+(?:\s*;.*)?$/, 'must be a MIME type such as audio/mpeg', 'phải là kiểu MIME như audio/mpeg')
const digest = matching(/^[0-9a-fA-F]{40}$/, 'must be a SHA-1 in 40 hexadecimal digits', 'phải là mã SHA-1 gồm 40 chữ số thập lục phân')

const size: Read<number> = (element, path) => {
  const value = short(element, path).trim()
  if (!/^\+?\d{1,15}$/.test(value)) throw wrong(path, 'must be a number of bytes', 'phải là số byte')
  return Number(value)
}

const decimal: Read<number> = (element, path) => {
  const value = short(element, path).trim()
  if (!/^[+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})$/.test(value)) throw wrong(path, 'must be a number', 'phải là một số')
  return Number(value)
}

/** Its length is bounded by the whole document's. */
const base64: Read<string> = (element, path) => {
  const value = simple(element, path).replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value) || value.length % 4 !== 0) throw wrong(path, 'must be base64', 'phải là base64')
  return value
}

const references: Read<CapReference[]> = (element, path) => {
  const found = simple(element, path).split(/\s+/).filter((part) => part !== '')
  if (found.length === 0) throw wrong(path, 'must not be empty', 'không được để trống')
  if (found.length > CAP_LIMITS.references) throw tooMany(path, 'references', CAP_LIMITS.references)
  return found.map((part) => {
    const [sender = '', identifier = '', sent = '', ...more] = part.split(',')
    if (sender === '' || identifier === '' || more.length > 0 || capTimeMs(sent) === undefined) throw wrong(path, `must be «sender,identifier,sent», separated by spaces; «${part.slice(0, 100)}» is not`, 'phải gồm các bộ «sender,identifier,sent», cách nhau bằng dấu cách')
    return { sender, identifier, sent }
  })
}

const NUMBER = /^[+-]?(?:\d{1,3}(?:\.\d{0,15})?|\.\d{1,15})$/

/** WGS 84, latitude first. */
function place(pair: string): CapPlace | undefined {
  const [lat = '', lon = '', ...more] = pair.split(',')
  if (more.length > 0 || !NUMBER.test(lat) || !NUMBER.test(lon)) return undefined
  return Math.abs(Number(lat)) <= 90 && Math.abs(Number(lon)) <= 180 ? { lat: Number(lat), lon: Number(lon) } : undefined
}

const polygon: Read<CapPlace[]> = (element, path) => {
  const pairs = simple(element, path).trim().split(/\s+/)
  if (pairs.length > CAP_LIMITS.corners) throw tooMany(path, 'places', CAP_LIMITS.corners)
  const places = pairs.map((pair) => {
    const found = place(pair)
    if (found === undefined) throw wrong(path, `must be places as «latitude,longitude»; «${pair.slice(0, 50)}» is not`, 'phải gồm các điểm «vĩ độ,kinh độ»')
    return found
  })
  const [first, last] = [places[0]!, places.at(-1)!]
  if (places.length < 4 || first.lat !== last.lat || first.lon !== last.lon) throw wrong(path, 'must have four places or more, the last being the first again', 'phải có ít nhất bốn điểm, điểm cuối trùng điểm đầu')
  return places
}

const circle: Read<CapCircle> = (element, path) => {
  const [centre = '', radius = '', ...more] = short(element, path).trim().split(/\s+/)
  const found = place(centre)
  if (found === undefined || more.length > 0 || !/^\+?(?:\d{1,5}(?:\.\d{0,15})?|\.\d{1,15})$/.test(radius)) throw wrong(path, 'must be «latitude,longitude radius», the radius in km', 'phải có dạng «vĩ độ,kinh độ bán kính», bán kính tính bằng km')
  return { ...found, radiusKm: Number(radius) }
}
