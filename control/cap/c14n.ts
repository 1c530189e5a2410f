import { escapeAttribute, escapeText, type XmlAttribute, type XmlElement } from './xml.ts'

export interface Canonical {
  /** Canonical XML 1.0 writes every namespace that is in scope; Exclusive XML Canonicalization 1.0 only what an element or an attribute of it uses. */
  readonly exclusive: boolean
  /** Prefixes that the exclusive form writes as the other does; '' is the default namespace. */
  readonly inclusivePrefixes?: readonly string[]
  /** Left out, with all below. */
  readonly without?: XmlElement
  /** Declared above `element`; left out: it is the root of a document. */
  readonly inherited?: ReadonlyMap<string, string>
}

const NOTHING: ReadonlyMap<string, string> = new Map()

/**
 * An element in canonical form, without comments (W3C REC-xml-c14n-20010315, REC-xml-exc-c14n-20020718): the bytes of it are what signatures are
 * made of. Trees of readXml have neither attributes of `xml:` nor processing instructions, so nothing else is inherited.
 */
export function canonicalXml(element: XmlElement, { exclusive, inclusivePrefixes = [], without, inherited = NOTHING }: Canonical): string {
  const parts: string[] = []
  const always = new Set(exclusive ? inclusivePrefixes : [])

  function write(item: XmlElement, above: ReadonlyMap<string, string>, written: ReadonlyMap<string, string>): void {
    const scope = item.declares.size === 0 ? above : new Map([...above, ...item.declares])
    const wanted = exclusive ? usedPrefixes(item, always, scope) : scope.keys()
    const fresh: [string, string][] = []
    for (const prefix of wanted) {
      const uri = scope.get(prefix) ?? ''
      if (prefix !== 'xml' && (written.get(prefix) ?? '') !== uri) fresh.push([prefix, uri])
    }
    fresh.sort(([a], [b]) => compareCodePoints(a, b))
    parts.push('<', item.name)
    for (const [prefix, uri] of fresh) parts.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, escapeAttribute(uri), '"')
    for (const { name, value } of item.attributes.toSorted(byName)) parts.push(' ', name, '="', escapeAttribute(value), '"')
    parts.push('>')
    const now = fresh.length === 0 ? written : new Map([...written, ...fresh])
    for (const child of item.children) {
      if (typeof child === 'string') parts.push(escapeText(child))
      else if (child !== without) write(child, scope, now)
    }
    parts.push('</', item.name, '>')
  }

  write(element, inherited, NOTHING)
  return parts.join('')
}

function usedPrefixes({ prefix, attributes }: XmlElement, always: ReadonlySet<string>, scope: ReadonlyMap<string, string>): Set<string> {
  const used = new Set([prefix])
  for (const { name } of attributes) if (name.includes(':')) used.add(name.slice(0, name.indexOf(':')))
  for (const one of always) if (scope.has(one)) used.add(one)
  return used
}

const byName = (a: XmlAttribute, b: XmlAttribute): number => compareCodePoints(a.uri, b.uri) || compareCodePoints(a.local, b.local)

/** By code points, as canonical XML sorts: UTF-8 has their order, UTF-16 has not. */
const compareCodePoints = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
