import { isPrivateAddress, literalAddress } from './private-address.ts'

/** Names that never stand for a public host: RFC 6761 (localhost), RFC 6762 (.local), and the reserved .internal and .home.arpa. */
const PRIVATE_NAME = /^(?:localhost|localhost\.localdomain|ip6-localhost|ip6-loopback|broadcasthost)$|\.(?:localhost|local|internal|home\.arpa)$/

/**
 * Whether the host of a URL is plainly private before any name is resolved. Literals are understood in every form that some
 * program accepts (`2130706433`, `0x7f.1`, `0177.0.0.1`, `[::ffff:7f00:1]`, `%31%32%37.1`, full-width digits), for every scheme: URL parsers
 * make them canonical only for http and https. What cannot be read is private, so that nothing slips by unread.
 * @param host `URL.hostname` of a URL of any scheme
 */
export function isPrivateHost(host: string): boolean {
  let canonical: string
  try {
    // The URL standard's parser for http is the one place that knows all notations; the zone of a link-local address is not for it.
    canonical = new URL(`http://${host.replace(/%.*(?=\]$)/, '')}/`).hostname.replace(/\.$/, '')
  } catch {
    return true
  }
  const address = literalAddress(canonical)
  return address === undefined ? canonical === '' || PRIVATE_NAME.test(canonical) : isPrivateAddress(address)
}
