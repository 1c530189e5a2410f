import type { CapMessage } from './cap-message.ts'
import { capTimeMs } from './cap-message.ts'
import { escapeAttribute, escapeText } from './xml.ts'

export interface AtomEntry {
  readonly message: CapMessage
  /** Absolute. */
  readonly url: string
}

/**
 * An Atom feed (RFC 4287) that names messages, each with a link to it.
 * @param selfUrl of the feed itself
 * @param entries newest first
 * @param updatedMs of the feed when it has no entries
 */
export function writeAtom(title: string, selfUrl: string, entries: readonly AtomEntry[], updatedMs: number): string {
  const newestMs = entries.reduce((latest, { message }) => Math.max(latest, capTimeMs(message.sent)!), updatedMs)
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="vi">
<id>${escapeText(selfUrl)}</id>
<title>${escapeText(title)}</title>
<updated>${atomTime(newestMs)}</updated>
<author><name>${escapeText(title)}</name></author>
<link rel="self" type="application/atom+xml" href="${escapeAttribute(selfUrl)}"/>
${entries.map(entry).join('')}</feed>
`
}

function entry({ message, url }: AtomEntry): string {
  const [info] = message.infos
  const words = `${message.msgType === 'Cancel' ? 'Hủy: ' : ''}${info?.headline ?? info?.event ?? message.note ?? message.identifier}`
  return `<entry>
<id>${escapeText(`urn:cap:${encodeURIComponent(message.sender)}:${encodeURIComponent(message.identifier)}`)}</id>
<title>${escapeText(message.status === 'Actual' ? words : `[${message.status}] ${words}`)}</title>
<updated>${atomTime(capTimeMs(message.sent)!)}</updated>
<summary>${escapeText(info?.areas.map(({ areaDesc }) => areaDesc).join('; ') ?? words)}</summary>
<link rel="alternate" type="application/cap+xml" href="${escapeAttribute(url)}"/>
</entry>
`
}

const atomTime = (ms: number): string => new Date(ms).toISOString()
