import { BlockList, isIP } from 'node:net'

/**
 * Addresses a relay may not fetch from unless `allowPrivateSources` is set: everything that is not plainly a public
 * unicast address (IANA special-purpose registries, RFC 6890 and its updates; multicast, RFC 5771 and RFC 4291 2.7).
 */
const special = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8], // this host
  ['10.0.0.0', 8], // private, RFC 1918
  ['100.64.0.0', 10], // carrier-grade NAT, RFC 6598
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, and the metadata services of clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarking
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
] as const) special.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 96], // unspecified, loopback, IPv4-compatible
  ['64:ff9b:1::', 48], // local-use translation, RFC 8215
  ['100::', 64], // discard
  ['2001::', 23], // protocol assignments, Teredo among them
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4, can carry any IPv4 address
  ['3fff::', 20], // documentation
  ['5f00::', 16], // segment routing
  ['fc00::', 7], // unique local
  ['fe80::', 10], // link-local
  ['fec0::', 10], // site-local, deprecated
  ['ff00::', 8], // multicast
] as const) special.addSubnet(network, prefix, 'ipv6')

/**
 * Whether a source on this address may only be used with `allowPrivateSources`. IPv4 addresses inside IPv6 ones
 * (`::ffff:127.0.0.1`, `64:ff9b::7f00:1`) are judged as the IPv4 address. What is not an address at all is private too.
 * @param ip an address without brackets; a zone (`%eth0`) is ignored
 */
export function isPrivateAddress(ip: string): boolean {
  const address = ip.replace(/%.*$/, '')
  const version = isIP(address)
  if (version === 0) return true
  if (version === 4) return special.check(address, 'ipv4')
  const embedded = embeddedIpv4(address)
  if (embedded !== undefined) return special.check(embedded, 'ipv4')
  return special.check(address, 'ipv6')
}

/** Whether an address is a multicast group, IPv4 or IPv6. */
export function isMulticastAddress(ip: string): boolean {
  const version = isIP(ip)
  return version === 4 ? Number(ip.split('.', 1)[0]) >>> 4 === 14 : version === 6 && ip.toLowerCase().startsWith('ff')
}

/**
 * The address a URL's host part stands for when it is a literal, in any form that URL parsers accept (`127.1`,
 * `0x7f000001`, `[::1]`): the URL standard has already made it canonical.
 * @param hostname `URL.hostname` of an http or https URL
 * @returns undefined when it is a name
 */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname
  return isIP(bare) === 0 ? undefined : bare
}

/** RFC 4291 2.5.5.2 (`::ffff:0:0/96`) and RFC 6052 (`64:ff9b::/96`). */
function embeddedIpv4(address: string): string | undefined {
  // The URL parser writes every IPv6 address in one canonical form, which ends the zoo of notations.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const match = /^(?:::ffff:|64:ff9b::)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/.exec(canonical)
  if (match === null) return undefined
  const high = parseInt(match[1] ?? '0', 16)
  const low = parseInt(match[2]!, 16)
  return `${String(high >>> 8)}.${String(high & 255)}.${String(low >>> 8)}.${String(low & 255)}`
}
