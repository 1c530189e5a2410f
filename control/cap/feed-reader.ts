import { CapError } from './cap-error.ts'
import { CAP_NAMESPACE } from './cap-message.ts'
import { elementsOf, textOf, type XmlElement } from './xml.ts'

const ATOM = 'http://www.w3.org/2005/Atom'

/** A message that a feed has, or names. */
export interface FeedItem {
  /** The same as long as the feed says that it is the same. */
  readonly key: string
  /** In the feed itself. */
  readonly root?: XmlElement
  readonly url?: string
}

/**
 * The messages of a feed: Atom (RFC 4287) or RSS 2.0, whose entries hold an alert or link to it, or a document that is an alert itself.
 * @param baseUrl where it was fetched, for links that are relative
 * @returns the last of the feed first, which as a rule is the oldest, so that what refers to another comes after it
 * @throws CapError CAP_ERR_RULE
 */
export function readFeed(root: XmlElement, baseUrl: string): readonly FeedItem[] {
  if (isAlert(root)) return [{ key: '', root }]
  if (root.uri === ATOM && root.local === 'feed') return children(root, 'entry', ATOM).flatMap((entry) => atomItem(entry, baseUrl)).reverse()
  const channel = root.uri === '' && root.local === 'rss' ? children(root, 'channel', '')[0] : undefined
  if (channel !== undefined) return children(channel, 'item', '').flatMap((item) => rssItem(item, baseUrl)).reverse()
  throw new CapError('CAP_ERR_RULE', root.name, 'is neither Atom, RSS 2.0 nor a CAP alert', 'không phải Atom, RSS 2.0 hay bản tin CAP')
}

function atomItem(entry: XmlElement, baseUrl: string): FeedItem[] {
  const key = `${text(entry, 'id', ATOM)} ${text(entry, 'updated', ATOM)}`
  const inline = alertIn(entry)
  if (inline !== undefined) return [{ key, root: inline }]
  const links = children(entry, 'link', ATOM).filter((link) => ['alternate', 'enclosure', ''].includes(attribute(link, 'rel')))
  const typed = links.find((link) => /^application\/(?:cap\+xml|common-alerting-protocol\+xml)/i.test(attribute(link, 'type')))
  return linked(key, attribute(typed ?? links.find((link) => !/html/i.test(attribute(link, 'type'))) ?? entry, 'href'), baseUrl)
}

function rssItem(item: XmlElement, baseUrl: string): FeedItem[] {
  const link = text(item, 'link', '')
  const key = `${text(item, 'guid', '') || link} ${text(item, 'pubDate', '')}`
  const inline = alertIn(item)
  return inline === undefined ? linked(key, link, baseUrl) : [{ key, root: inline }]
}

function linked(key: string, href: string, baseUrl: string): FeedItem[] {
  const url = URL.parse(href, baseUrl)
  return href === '' || url === null ? [] : [{ key: `${key} ${url.href}`.slice(0, 1000), url: url.href }]
}

const isAlert = ({ uri, local }: XmlElement): boolean => uri === CAP_NAMESPACE && local === 'alert'

/** Right in it, or in its content. */
const alertIn = (element: XmlElement): XmlElement | undefined => elementsOf(element).flatMap((child) => [child, ...elementsOf(child)]).find(isAlert)

const children = (element: XmlElement, local: string, uri: string): XmlElement[] => elementsOf(element).filter((child) => child.local === local && child.uri === uri)

function text(element: XmlElement, local: string, uri: string): string {
  const [child] = children(element, local, uri)
  return child === undefined ? '' : textOf(child).trim()
}

const attribute = (element: XmlElement, name: string): string => element.attributes.find((one) => one.uri === '' && one.local === name)?.value.trim() ?? ''
