import { SaxesParser, type SaxesTagNS } from 'saxes'
import { CapError } from './cap-error.ts'

export interface XmlAttribute {
  readonly name: string
  readonly local: string
  readonly uri: string
  readonly value: string
}

/** An element as it stands in the document: what is read of it and what was signed of it are this one tree. */
export interface XmlElement {
  /** With its prefix, as written. */
  readonly name: string
  readonly prefix: string
  readonly local: string
  /** Of its namespace; '' for none. */
  readonly uri: string
  /** Without declarations of namespaces. */
  readonly attributes: readonly XmlAttribute[]
  /** What is declared at this very element; '' is the default namespace. */
  readonly declares: ReadonlyMap<string, string>
  readonly children: readonly (XmlElement | string)[]
}

/** A CAP message with a polygon for each commune of a province has some 2 000 elements; the longest feeds have some 30 000. */
export interface XmlLimits {
  readonly bytes: number
  readonly elements: number
  readonly depth: number
  /** For feeds, of which nothing is signed and the messages in them are looked at closely: processing instructions are left out, attributes of `xml:` kept. */
  readonly isLenient?: boolean
}

const MOST_ATTRIBUTES = 32
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace'

const refused = (message: string, messageVi: string, cause?: unknown): CapError => new CapError('CAP_ERR_XML', 'alert', message, messageVi, { cause })

/**
 * Reads a document into a tree. Taken is only what a message needs: XML 1.0 in UTF-8. A DOCTYPE (and so every entity of its own, inside or
 * outside), processing instructions and attributes of the namespace `xml` are refused, comments are left out. Time and memory grow in proportion to the bytes.
 * @throws CapError CAP_ERR_SIZE, CAP_ERR_XML
 */
export function readXml(bytes: Uint8Array, limits: XmlLimits): XmlElement {
  if (bytes.length > limits.bytes) throw new CapError('CAP_ERR_SIZE', 'alert', `has ${String(bytes.length)} bytes; at most ${String(limits.bytes)} are taken`, `dài ${String(bytes.length)} byte; tối đa ${String(limits.bytes)}`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw refused('is not UTF-8', 'không phải UTF-8', error)
  }
  try {
    return treeOf(text, limits)
  } catch (error) {
    if (error instanceof CapError) throw error
    throw refused(`is not XML: ${error instanceof Error ? error.message : String(error)}`, 'không phải XML hợp lệ', error)
  }
}

interface Growing extends XmlElement {
  readonly children: (XmlElement | string)[]
}

function treeOf(text: string, limits: XmlLimits): XmlElement {
  const parser = new SaxesParser({ xmlns: true })
  const open: Growing[] = []
  let root: Growing | null = null
  let elements = 0

  parser.on('error', (error) => { throw refused(`is not XML: ${error.message}`, `không phải XML hợp lệ: ${error.message}`, error) })
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== undefined && version !== '1.0') throw refused('must be XML 1.0', 'phải là XML 1.0')
    if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding)) throw refused('must be UTF-8, also by what it says of itself', 'phải khai báo mã hóa UTF-8')
  })
  parser.on('doctype', () => { throw refused('must not have a DOCTYPE: no entities, no external parts', 'không được có DOCTYPE') })
  if (limits.isLenient !== true) parser.on('processinginstruction', () => { throw refused('must not have processing instructions', 'không được có chỉ thị xử lý') })
  parser.on('opentag', (tag) => {
    elements += 1
    if (elements > limits.elements) throw new CapError('CAP_ERR_SIZE', 'alert', `has more than ${String(limits.elements)} elements`, `có quá ${String(limits.elements)} phần tử`)
    if (open.length >= limits.depth) throw new CapError('CAP_ERR_SIZE', 'alert', `is nested deeper than ${String(limits.depth)}`, `lồng sâu quá ${String(limits.depth)} cấp`)
    const element = elementOf(tag, limits.isLenient === true)
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  parser.on('closetag', () => { open.pop() })
  const add = (part: string): void => { open.at(-1)?.children.push(part) }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.write(text).close()
  if (root === null) throw refused('is empty', 'rỗng')
  return root
}

function elementOf({ name, prefix, local, uri, attributes, ns }: SaxesTagNS, isLenient: boolean): Growing {
  const all = Object.values(attributes)
  if (all.length > MOST_ATTRIBUTES) throw new CapError('CAP_ERR_SIZE', name, `has more than ${String(MOST_ATTRIBUTES)} attributes`, `có quá ${String(MOST_ATTRIBUTES)} thuộc tính`)
  const own = all.filter((attribute) => attribute.name !== 'xmlns' && attribute.prefix !== 'xmlns')
  // What an element inherits of these would have to be signed with it; no message needs them.
  const inherited = own.find((attribute) => attribute.uri === XML_NAMESPACE)
  if (inherited !== undefined && !isLenient) throw refused(`must not have the attribute ${inherited.name}`, `không được có thuộc tính ${inherited.name}`)
  return { name, prefix, local, uri, attributes: own, declares: new Map(Object.entries(ns)), children: [] }
}

/** Its elements, in their order. */
export const elementsOf = (element: XmlElement): XmlElement[] => element.children.filter((child) => typeof child !== 'string')

/** The text right in it. */
export const textOf = (element: XmlElement): string => element.children.filter((child) => typeof child === 'string').join('')

/** Escaped for the text of an element. */
export const escapeText = (text: string): string => text.replace(/[&<>\r]/g, (character) => TEXT_ESCAPES[character]!)

/** Escaped for an attribute in double quotes. */
export const escapeAttribute = (text: string): string => text.replace(/[&<"\t\n\r]/g, (character) => ATTRIBUTE_ESCAPES[character]!)

const TEXT_ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }
const ATTRIBUTE_ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;', '\t': '&#x9;', '\n': '&#xA;', '\r': '&#xD;' }
